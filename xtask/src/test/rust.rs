//! All tests of the workspace, and the one story as Rust tells it.

use super::report::{Check, Verdict};
use super::{
    Part, check,
    counted::{self, Tally},
    stage,
};
use crate::cargo;

pub(super) fn run() -> Vec<Check> {
    let mut checks = vec![check(Part::Rust, "cargo test", tests)];
    let program = cargo::bin_dir().map(|folder| folder.join("examples/story"));
    let built = cargo::succeeds(&mut cargo::cargo(["build", "-p", "sotay-ffi", "--example", "story"]));
    checks.extend(match (program, built) {
        (Ok(program), Ok(true)) => stage::play(
            Part::Rust,
            None,
            |told| {
                let mut story = std::process::Command::new(&program);
                story.envs(told.iter().map(|(name, value)| (name, value)));
                story
            },
            None::<fn(&stage::Told) -> Verdict>,
        ),
        _ => vec![check(Part::Rust, "story", || Verdict::broken("the story does not build, see above"))],
    });
    checks
}

fn tests() -> Verdict {
    let mut tests = cargo::cargo(["test", "--workspace", "--features", "sotay-core/cli", "--no-fail-fast"]);
    counted::run(&mut tests, said)
}

/// A line like `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; …`; other lines say nothing.
fn said(line: &str) -> Option<Tally> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut tally = Tally::default();
    for count in counts.split("; ") {
        let Some((number, what)) = count.trim().split_once(' ') else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        match what {
            "passed" => tally.passed += number,
            "failed" => tally.failed += number,
            "ignored" => tally.ignored += number,
            _ => {}
        }
    }
    Some(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_test_programs_add_up() {
        let mut tally = Tally::default();
        for line in [
            "running 13 tests",
            "test story::lan_checks_in_on_the_mountain ... ok",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.03s",
            "the secretary says: test result: ok. 99 passed; 0 failed",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s",
        ] {
            tally.add(said(line).unwrap_or_default());
        }
        assert_eq!(tally, Tally { passed: 15, failed: 2, ignored: 1 });
    }
}
