//! The library as it goes into an app: `cargo xtask android` and `cargo xtask ios`, and how large it is.
//!
//! Both need what few machines have, an NDK or Xcode. So each looks for all of it first, and names what is missing with the
//! command that installs it; nothing is built before all is there.

mod aar;
mod android;
mod elf;
mod ios;
mod size;

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use crate::cargo;

pub(crate) use self::{android::run as android, ios::run as ios, size::check as size};

/// Something that has to be there, and how it comes there.
struct Missing {
    what: String,
    install: String,
}

/// True where the command starts and ends well.
fn answers(words: &[&str]) -> bool {
    let Some((program, rest)) = words.split_first() else { return false };
    let mut command = Command::new(program);
    command.args(rest).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Rust's standard library for each processor, as far as it is not installed.
fn missing_targets(targets: &[&str]) -> Vec<Missing> {
    let rustc = Command::new("rustc").args(["--print", "sysroot"]).current_dir(cargo::root()).output();
    let sysroot = rustc.map(|answer| String::from_utf8_lossy(&answer.stdout).trim().to_owned());
    let there = |target: &str| {
        sysroot
            .as_ref()
            .is_ok_and(|root| PathBuf::from(root).join("lib/rustlib").join(target).join("lib").is_dir())
    };
    let missing = |target: &&str| Missing {
        what: format!("Rust's standard library for {target}"),
        install: format!("rustup target add {target}"),
    };
    targets.iter().filter(|target| !there(target)).map(missing).collect()
}

/// Says what is missing, and fails.
fn refuse(what_for: &str, missing: &[Missing]) -> Result<ExitCode, String> {
    let mut text = format!("{what_for} needs what is not here:\n");
    for Missing { what, install } in missing {
        text.push_str(&format!("  - {what}\n      {install}\n"));
    }
    text.push_str("nothing was built");
    Err(text)
}

/// Where the packages come to lie: the word that was given, or in the target's folder.
fn into(words: &[String], name: &str) -> Result<(PathBuf, bool), String> {
    let mut folder = cargo::bin_dir()?.join(name);
    let mut only_check = false;
    for word in words {
        match word.as_str() {
            "--check" => only_check = true,
            flag if flag.starts_with('-') => return Err(format!("cargo xtask {name} knows no {flag}")),
            given => folder = std::path::absolute(given).map_err(|error| format!("{given}: {error}"))?,
        }
    }
    Ok((folder, only_check))
}

/// Generates one language from a library that was built for this machine, under `folder`.
fn generate(language: &str, folder: &std::path::Path) -> Result<PathBuf, String> {
    let library = crate::bindings::build()?;
    let generated = folder.join(language);
    crate::bindings::generate(&library, language, &generated)?;
    Ok(generated)
}

fn told(path: &std::path::Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
