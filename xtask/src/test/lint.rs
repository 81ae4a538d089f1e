//! Formatting, clippy, and what the dependency tree may hold.

use std::process::{Command, Stdio};

use super::report::{Check, Verdict};
use super::{Part, check, single};
use crate::{cargo, deny, programs};

/// All that is ours; the bindings' generator, a library's own program, takes minutes to build and is left out.
const FEATURES: &str = "sotay-core/cli,sotay-tests/planted";
const CLIPPY: [&str; 8] =
    ["clippy", "--workspace", "--all-targets", "--features", FEATURES, "--", "-D", "warnings"];

pub(super) fn run() -> Vec<Check> {
    vec![
        check(Part::Lint, "cargo fmt", || component("rustfmt", &["fmt", "--all", "--check"])),
        check(Part::Lint, "cargo clippy", || component("clippy", &CLIPPY)),
        check(Part::Lint, "table of rights", || single(&mut programs::program("authz", &["--check"]))),
        check(Part::Lint, "cargo deny", dependencies),
    ]
}

/// Runs a cargo command that lies in a component of the toolchain, fetching the component if it is not there.
fn component(name: &str, words: &[&str]) -> Verdict {
    let Some(command) = words.first() else { return Verdict::broken("no command") };
    let there = || {
        let mut probe = cargo::cargo([command, "--version"]);
        probe.stdout(Stdio::null()).stderr(Stdio::null());
        cargo::succeeds(&mut probe).unwrap_or(false)
    };
    if !there() {
        println!("{name} is not here: adding it to the toolchain");
        let added = cargo::succeeds(Command::new("rustup").args(["component", "add", name]));
        if !there() {
            let why = added.err().unwrap_or_else(|| format!("rustup could not add {name}, see above"));
            return Verdict::NotProvided { why, install: format!("rustup component add {name}") };
        }
    }
    single(&mut cargo::cargo(words))
}

fn dependencies() -> Verdict {
    match deny::provide() {
        Ok(program) => match deny::check(&program) {
            Ok(mut command) => single(&mut command),
            Err(message) => Verdict::broken(&message),
        },
        Err(why) => Verdict::NotProvided { why, install: deny::install_command() },
    }
}
