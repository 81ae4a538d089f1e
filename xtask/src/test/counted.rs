//! Programs that say at their end how many tests held.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdout, Command, Stdio};

use super::report::Verdict;
use crate::cargo;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) ignored: u64,
}

impl Tally {
    pub(super) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

/// Runs to the end; `read` finds the counts in a line that has some.
pub(super) fn run(tests: &mut Command, read: impl Fn(&str) -> Option<Tally>) -> Verdict {
    let mut child = match tests.stdout(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => return Verdict::broken(&cargo::cannot_start(tests, &error)),
    };
    let tally = child.stdout.take().map(|output| watch(output, read)).transpose();
    match (tally, child.wait()) {
        (Ok(tally), Ok(status)) => {
            let Tally { passed, failed, ignored } = tally.unwrap_or_default();
            // A test program that does not compile, or dies on the way, counts nothing, yet it failed.
            let failed = if status.success() { failed } else { failed.max(1) };
            Verdict::Ran { passed, failed, ignored }
        }
        (Err(error), _) | (_, Err(error)) => Verdict::broken(&format!("lost sight of the tests: {error}")),
    }
}

/// Hands each line on as it comes and adds up the results.
fn watch(output: ChildStdout, read: impl Fn(&str) -> Option<Tally>) -> std::io::Result<Tally> {
    let mut lines = BufReader::new(output);
    let mut shown = std::io::stdout();
    let mut tally = Tally::default();
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        shown.write_all(&line)?;
        tally.add(read(String::from_utf8_lossy(&line).trim_end()).unwrap_or_default());
        line.clear();
    }
    Ok(tally)
}
