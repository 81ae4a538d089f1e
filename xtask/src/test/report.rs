//! What a run of the tests says in its last lines.

use std::fmt::Write as _;
use std::time::Duration;

/// One line of the summary.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) part: &'static str,
    pub(super) name: &'static str,
    pub(super) verdict: Verdict,
    pub(super) took: Duration,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Test cases, counted.
    Ran { passed: u64, failed: u64, ignored: u64 },
    /// The check could not be made at all, and how a person makes it possible.
    NotProvided { why: String, install: String },
}

impl Verdict {
    /// The check itself could not be started: a failure like any other, with its reason printed on the way.
    pub(super) fn broken(message: &str) -> Self {
        eprintln!("{message}");
        Self::Ran { passed: 0, failed: 1, ignored: 0 }
    }

    fn failed(&self, strict: bool) -> u64 {
        match self {
            Self::Ran { failed, .. } => *failed,
            Self::NotProvided { .. } => u64::from(strict),
        }
    }

    fn passed(&self) -> u64 {
        match self {
            Self::Ran { passed, .. } => *passed,
            Self::NotProvided { .. } => 0,
        }
    }
}

/// True if nothing failed; strict counts what could not be provided as failed.
pub(super) fn holds(checks: &[Check], strict: bool) -> bool {
    checks.iter().all(|check| check.verdict.failed(strict) == 0)
}

/// The table of all checks; its last line is "N passed, N failed" and nothing else.
pub(super) fn render(checks: &[Check], strict: bool) -> String {
    let mut text = String::from("\nSummary\n");
    for check in checks {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", line(check, strict));
    }
    let passed: u64 = checks.iter().map(|check| check.verdict.passed()).sum();
    let failed: u64 = checks.iter().map(|check| check.verdict.failed(strict)).sum();
    let _ = writeln!(text, "{passed} passed, {failed} failed");
    text
}

fn line(Check { part, name, verdict, took }: &Check, strict: bool) -> String {
    let word = match verdict {
        _ if verdict.failed(strict) > 0 => "FAILED",
        Verdict::Ran { .. } => "passed",
        Verdict::NotProvided { .. } => "NOT RUN",
    };
    let note = match verdict {
        Verdict::Ran { passed, failed, ignored } => {
            let cases = [(*passed, "passed"), (*failed, "failed"), (*ignored, "ignored")];
            let several = passed + failed + ignored > 1;
            let said = cases.iter().filter(|(count, _)| several && *count > 0);
            said.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
        }
        Verdict::NotProvided { why, install } => {
            format!("could not be provided: {why}. To have it: {install}")
        }
    };
    let line = format!("  {part:6} {name:13} {word:8} {:>8}  {note}", seconds(*took));
    line.trim_end().to_owned()
}

pub(super) fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(part: &'static str, name: &'static str, passed: u64, failed: u64, ignored: u64) -> Check {
        let verdict = Verdict::Ran { passed, failed, ignored };
        Check { part, name, verdict, took: Duration::from_millis(1234) }
    }

    fn without_deny() -> Check {
        let verdict =
            Verdict::NotProvided { why: "no network".into(), install: "cargo install cargo-deny".into() };
        Check { part: "lint", name: "cargo deny", verdict, took: Duration::ZERO }
    }

    #[test]
    fn the_summary_ends_with_the_sum_of_all_cases() {
        let checks = [ran("lint", "cargo fmt", 1, 0, 0), ran("rust", "cargo test", 214, 2, 1)];
        assert_eq!(
            render(&checks, false),
            "\nSummary\n  \
             lint   cargo fmt     passed      1.2 s\n  \
             rust   cargo test    FAILED      1.2 s  214 passed, 2 failed, 1 ignored\n\
             215 passed, 2 failed\n"
        );
        assert!(!holds(&checks, false));
    }

    #[test]
    fn what_could_not_be_provided_is_named_with_its_remedy_and_fails_in_ci_only() {
        let checks = [ran("lint", "cargo fmt", 1, 0, 0), without_deny()];
        let at_home = render(&checks, false);
        assert!(at_home.contains("NOT RUN") && at_home.contains("no network"));
        assert!(at_home.contains("To have it: cargo install cargo-deny\n"));
        assert!(at_home.ends_with("\n1 passed, 0 failed\n") && holds(&checks, false));

        let in_ci = render(&checks, true);
        assert!(in_ci.contains("FAILED") && in_ci.contains("no network"));
        assert!(in_ci.ends_with("\n1 passed, 1 failed\n") && !holds(&checks, true));
    }
}
