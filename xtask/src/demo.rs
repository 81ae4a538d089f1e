//! The story played by real processes: server and clients as they ship, started by the `demo` program.

use std::process::{Command, ExitCode};

use crate::{cargo, prerequisites, programs};

/// Tells the demo, or whatever else starts them, where the programs lie.
const BIN_DIR: &str = "SOTAY_BIN_DIR";

pub(crate) fn play(words: &[String]) -> Result<ExitCode, String> {
    prerequisites::check()?;
    if !cargo::succeeds(&mut build())? {
        return Err("the server or the client does not build, see above".into());
    }
    cargo::hand_over(story(words)?)
}

/// Builds by package, not by workspace, so that the demo meets the features that ship.
pub(crate) fn build() -> Command {
    cargo::cargo(["build", "-p", "sotay-server", "-p", "sotay-core", "--features", "sotay-core/cli"])
}

pub(crate) fn story(words: &[impl AsRef<std::ffi::OsStr>]) -> Result<Command, String> {
    with_programs("demo", words)
}

/// A program of `sotay-tests` that starts the server or the client as they were built.
pub(crate) fn with_programs(name: &str, words: &[impl AsRef<std::ffi::OsStr>]) -> Result<Command, String> {
    let mut command = programs::program(name, words);
    command.env(BIN_DIR, cargo::bin_dir()?);
    Ok(command)
}
