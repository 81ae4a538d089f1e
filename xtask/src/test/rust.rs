//! All tests of the workspace, their cases counted from what each test program says at its end.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdout, Stdio};

use super::report::Verdict;
use crate::cargo;

#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
}

pub(super) fn run() -> Verdict {
    let mut tests = cargo::cargo(["test", "--workspace", "--features", "sotay-core/cli", "--no-fail-fast"]);
    let mut child = match tests.stdout(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => return Verdict::broken(&cargo::cannot_start(&tests, &error)),
    };
    let tally = child.stdout.take().map(watch).transpose();
    match (tally, child.wait()) {
        (Ok(tally), Ok(status)) => {
            let Tally { passed, failed, ignored } = tally.unwrap_or_default();
            // A test program that does not compile or dies on the way counts nothing, yet it failed.
            let failed = if status.success() { failed } else { failed.max(1) };
            Verdict::Ran { passed, failed, ignored }
        }
        (Err(error), _) | (_, Err(error)) => Verdict::broken(&format!("lost sight of cargo test: {error}")),
    }
}

/// Hands each line on as it comes and adds up the results.
fn watch(output: ChildStdout) -> std::io::Result<Tally> {
    let mut lines = BufReader::new(output);
    let mut shown = std::io::stdout();
    let mut tally = Tally::default();
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        shown.write_all(&line)?;
        tally.add(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(tally)
}

impl Tally {
    /// Adds a line like `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; …`; other lines add nothing.
    fn add(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for count in counts.split("; ") {
            let Some((number, what)) = count.trim().split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_test_programs_add_up() {
        let mut tally = Tally::default();
        for line in [
            "running 13 tests\n",
            "test story::lan_checks_in_on_the_mountain ... ok\n",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.03s\n",
            "the secretary says: test result: ok. 99 passed; 0 failed\n",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s\n",
        ] {
            tally.add(line);
        }
        assert_eq!(tally, Tally { passed: 15, failed: 2, ignored: 1 });
    }
}
