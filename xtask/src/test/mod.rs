//! `cargo xtask test`: everything that must hold, in parts, each with its own set-up.
//!
//! No check is passed over in silence: one that could not be provided stands in the last lines with the reason and
//! the command that would provide it, and with `CI=true` it fails.

mod callers;
mod counted;
mod guide;
mod kotlin;
mod lint;
mod network;
mod report;
mod rust;
mod stage;
mod swift;

use std::collections::BTreeSet;
use std::process::{Command, ExitCode};
use std::time::Duration;

use crate::{cargo, demo, prerequisites, programs};
pub(crate) use callers::callers;
use report::{Check, Verdict};

/// What can be named after `cargo xtask test`, in the order it runs: what answers soonest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Lint,
    Rust,
    Sim,
    Demo,
    Faults,
    Kotlin,
    Swift,
}

impl Part {
    pub(crate) const ALL: [Self; 7] =
        [Self::Lint, Self::Rust, Self::Sim, Self::Demo, Self::Faults, Self::Kotlin, Self::Swift];

    pub(crate) fn named(word: &str) -> Result<Self, String> {
        let known = Self::ALL.map(Self::name);
        let part = Self::ALL.into_iter().find(|part| part.name() == word);
        part.ok_or_else(|| format!("no part is called \"{word}\"; the parts are {}", known.join(", ")))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Lint => "lint",
            Self::Rust => "rust",
            Self::Sim => "sim",
            Self::Demo => "demo",
            Self::Faults => "faults",
            Self::Kotlin => "kotlin",
            Self::Swift => "swift",
        }
    }

    fn run(self) -> Vec<Check> {
        match self {
            Self::Lint => lint::run(),
            Self::Rust => rust::run(),
            Self::Sim => vec![
                check(self, "1,000 seeds", || single(&mut programs::simulation(&["--seeds", "1000"]))),
                check(self, "50 seeds with SQLCipher", || {
                    single(&mut programs::simulation(&["--sqlcipher", "--seeds", "50"]))
                }),
                check(self, "planted bugs", || {
                    single(&mut programs::simulation(&["--planted", "--runs", "1", "--seeds", "400"]))
                }),
            ],
            Self::Demo => vec![check(self, "demo --once", play_demo)],
            Self::Faults => vec![
                check(self, "30 kills", || faults(&["kill", "--count", "30"])),
                check(self, "bad network", || faults(&["badnet", "--seconds", "20"])),
                check(self, "full disk", || faults(&["diskfull", "--times", "2"])),
                check(self, "resume", || faults(&["resume", "--directives", "2000"])),
                check(self, "turns", || faults(&["link", "--rounds", "2"])),
            ],
            Self::Kotlin => {
                let mut checks = vec![check(self, "surface", surface)];
                checks.extend(kotlin::run());
                checks
            }
            Self::Swift => swift::run(),
        }
    }
}

pub(crate) fn run(parts: &BTreeSet<Part>) -> Result<ExitCode, String> {
    prerequisites::check()?;
    std::env::set_current_dir(cargo::root()).map_err(|error| format!("the repository has moved: {error}"))?;
    let mut checks = Vec::new();
    for part in parts {
        println!("\n━━ {} ━━", part.name());
        let (done, took) = timed(|| part.run());
        println!("━━ {} took {} ━━", part.name(), report::seconds(took));
        checks.extend(done);
    }
    let strict = std::env::var_os("CI").is_some_and(|value| value == "true");
    print!("{}", report::render(&checks, strict));
    Ok(if report::holds(&checks, strict) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn play_demo() -> Verdict {
    match single(&mut demo::build()) {
        Verdict::Ran { failed: 0, .. } => {}
        otherwise => return otherwise,
    }
    match demo::story(&["--once"]) {
        Ok(mut story) => single(&mut story),
        Err(message) => Verdict::broken(&message),
    }
}

/// Where the library is built anyhow.
fn surface() -> Verdict {
    ended(crate::bindings::build().and_then(|library| crate::bindings::check_surface(&library)))
}

fn ended(of: Result<ExitCode, String>) -> Verdict {
    match of {
        Ok(ended) if ended == ExitCode::SUCCESS => Verdict::Ran { passed: 1, failed: 0, ignored: 0 },
        Ok(_) => Verdict::Ran { passed: 0, failed: 1, ignored: 0 },
        Err(message) => Verdict::broken(&message),
    }
}

/// Builds the server, where the demo has not yet, and meets it with one of the faults.
fn faults(words: &[&str]) -> Verdict {
    match single(&mut demo::build()) {
        Verdict::Ran { failed: 0, .. } => {}
        otherwise => return otherwise,
    }
    match demo::with_programs("faults", words) {
        Ok(mut faults) => single(&mut faults),
        Err(message) => Verdict::broken(&message),
    }
}

/// A command that is one test case: it ends well or it does not.
fn single(command: &mut Command) -> Verdict {
    match cargo::succeeds(command) {
        Ok(true) => Verdict::Ran { passed: 1, failed: 0, ignored: 0 },
        Ok(false) => Verdict::Ran { passed: 0, failed: 1, ignored: 0 },
        Err(message) => Verdict::broken(&message),
    }
}

fn check(part: Part, name: &'static str, body: impl FnOnce() -> Verdict) -> Check {
    println!("\n─ {}: {name}", part.name());
    let (verdict, took) = timed(body);
    Check { part: part.name(), name, verdict, took }
}

#[expect(clippy::disallowed_methods, reason = "how long a check took is only printed")]
fn timed<T>(body: impl FnOnce() -> T) -> (T, Duration) {
    let start = std::time::Instant::now();
    let value = body();
    (value, start.elapsed())
}
