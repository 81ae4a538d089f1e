//! The programs of `sotay-tests` that are run by name: simulation, benches, sample data.

use std::process::{Command, ExitCode};

use crate::{cargo, demo, prerequisites, test};

pub(crate) fn sim(words: &[String]) -> Result<ExitCode, String> {
    prerequisites::check()?;
    cargo::hand_over(simulation(words))
}

/// Benches are the one thing built for release: figures of another build mean nothing.
pub(crate) fn bench(words: &[String]) -> Result<ExitCode, String> {
    prerequisites::check()?;
    let mut command = cargo::cargo(["run", "--release", "-p", "sotay-tests", "--bin", "bench", "--"]);
    command.args(words);
    // What it calls is compiled by us, unless somebody only asks how it is used.
    if words.first().is_some_and(|name| name == "ffi") && !words.iter().any(|word| word.contains("-h")) {
        command.args(test::callers()?);
    }
    cargo::hand_over(command)
}

/// Real processes: the server as it ships is built first, as the demo does.
pub(crate) fn faults(words: &[String]) -> Result<ExitCode, String> {
    prerequisites::check()?;
    if !cargo::succeeds(&mut demo::build())? {
        return Err("the server does not build, see above".into());
    }
    cargo::hand_over(demo::with_programs("faults", words)?)
}

pub(crate) fn sample(words: &[String]) -> Result<ExitCode, String> {
    prerequisites::check()?;
    cargo::hand_over(program("sample", words))
}

/// What is linked into the programs that we give out.
pub(crate) fn sbom(words: &[String]) -> Result<ExitCode, String> {
    prerequisites::check()?;
    cargo::hand_over(program("sbom", words))
}

pub(crate) fn authz(words: &[String]) -> Result<ExitCode, String> {
    prerequisites::check()?;
    cargo::hand_over(program("authz", words))
}

/// Simulated histories. The bugs that they have to find are compiled in only where they are asked for. Our own crates are
/// optimised for it, with the checks of a debug build left in: a thousand histories take half the time, and what they stand
/// on is built already.
pub(crate) fn simulation(words: &[impl AsRef<str>]) -> Command {
    let planted = words.iter().any(|word| word.as_ref() == "--planted");
    let features: &[&str] = if planted { &["--features", "planted"] } else { &[] };
    let mut command = cargo::cargo(["run", "-p", "sotay-tests", "--bin", "sim"]);
    command
        .args(["--config", "profile.dev.opt-level=1"])
        .args(features)
        .arg("--")
        .args(words.iter().map(AsRef::as_ref));
    command
}

/// Builds and runs one program of `sotay-tests`.
pub(crate) fn program(name: &str, words: &[impl AsRef<std::ffi::OsStr>]) -> Command {
    let mut command = cargo::cargo(["run", "-p", "sotay-tests", "--bin", name, "--"]);
    command.args(words);
    command
}
