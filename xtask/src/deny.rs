//! `cargo xtask deny`: what the dependency tree may hold, by cargo-deny, which is found or installed once beside the build cache.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::{advisories, cargo};

/// Pinned, so that a release of the tool cannot turn a build red.
const VERSION: &str = "0.20.2";

/// Checks, or brings the snapshot of advisories up to date.
pub(crate) fn run(words: &[String]) -> Result<ExitCode, String> {
    match &words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => cargo::hand_over(check(&provide()?)?),
        ["--update"] => advisories::update(None).map(|()| ExitCode::SUCCESS),
        ["--update", "--from", folder] => {
            advisories::update(Some(Path::new(folder))).map(|()| ExitCode::SUCCESS)
        }
        _ => Err("cargo xtask deny [--update [--from FOLDER]]".into()),
    }
}

/// Licences, bans and sources; and advisories, as far as the repository has them.
pub(crate) fn check(program: &Path) -> Result<Command, String> {
    let snapshot = advisories::provide()?;
    let mut command = Command::new(program);
    command.arg("--locked").current_dir(cargo::root());
    if let Some(config) = &snapshot {
        command.arg("--offline").arg("--config").arg(config);
    }
    command.args(["check", "bans", "licenses", "sources"]).args(snapshot.map(|_| "advisories"));
    Ok(command)
}

/// The program, or why it could not be had. The first time takes a minute or two.
pub(crate) fn provide() -> Result<PathBuf, String> {
    let on_path = PathBuf::from("cargo-deny");
    if is_pinned(&on_path) {
        return Ok(on_path);
    }
    let tools = cargo::cache("tools")?;
    let own = tools.join("bin/cargo-deny");
    if is_pinned(&own) {
        return Ok(own);
    }
    println!(
        "cargo-deny {VERSION} is not here: installing it once in {}; this takes a minute or two",
        tools.display()
    );
    install(&tools)?;
    if is_pinned(&own) { Ok(own) } else { Err("it was installed but does not start".into()) }
}

/// What a person types to have it.
pub(crate) fn install_command() -> String {
    format!("cargo install cargo-deny --locked --version {VERSION} --no-default-features")
}

/// Unoptimised: that takes a third of the time to build, and costs a second at each check.
fn install(tools: &Path) -> Result<(), String> {
    let build = tools.join("build");
    let mut command = cargo::cargo(install_command().split_whitespace().skip(1));
    command.args(["--debug", "--config", "profile.dev.debug=false"]);
    command.arg("--root").arg(tools).env("CARGO_TARGET_DIR", &build);
    if !cargo::succeeds(&mut command)? {
        return Err("cargo install failed, see above".into());
    }
    // What is left of the build is only in the way; that it stays is no reason to fail.
    let _ = std::fs::remove_dir_all(build);
    Ok(())
}

fn is_pinned(program: &Path) -> bool {
    let answer = Command::new(program).arg("--version").output();
    answer.is_ok_and(|answer| answer.stdout.trim_ascii() == format!("cargo-deny {VERSION}").as_bytes())
}
