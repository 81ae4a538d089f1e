//! What a build or a story needs beside Rust, looked for before minutes are spent on it.
//!
//! SQLCipher brings its own OpenSSL, whose build wants make and a full perl: Debian's perl-base starts as `perl`
//! but lacks modules, and the build then fails in its middle with a message about something else.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::cargo;

pub(crate) struct Prerequisite {
    pub(crate) name: &'static str,
    pub(crate) why: &'static str,
    /// Each has to end well.
    pub(crate) probes: &'static [&'static [&'static str]],
    pub(crate) debian: &'static str,
    /// The command, where we know one.
    pub(crate) mac: Option<&'static str>,
}

const XCODE: Option<&str> = Some("xcode-select --install");

const PREREQUISITES: [Prerequisite; 3] = [
    Prerequisite {
        name: "a C compiler (cc)",
        why: "compiles SQLCipher, OpenSSL and zstd",
        probes: &[&["cc", "--version"]],
        debian: "build-essential",
        mac: XCODE,
    },
    Prerequisite {
        name: "make",
        why: "builds the OpenSSL inside SQLCipher",
        probes: &[&["make", "--version"]],
        debian: "make",
        mac: XCODE,
    },
    Prerequisite {
        name: "perl with its standard modules",
        why: "configures the OpenSSL inside SQLCipher",
        probes: &[
            &["perl", "-MIPC::Cmd", "-e1"],
            &["perl", "-MFindBin", "-e1"],
            &["perl", "-MTime::Piece", "-e1"],
        ],
        debian: "perl",
        mac: XCODE,
    },
];

/// Ends well if all is there, after installing it where we may.
pub(crate) fn check() -> Result<(), String> {
    provide("The build", &PREREQUISITES).map_err(|message| format!("{message}nothing was built"))
}

/// The same for what only `whose` needs.
pub(crate) fn provide(whose: &str, needed: &'static [Prerequisite]) -> Result<(), String> {
    let missing = missing(needed);
    if missing.is_empty() {
        return Ok(());
    }
    let text = message(whose, &missing);
    if !is_root() || !Path::new("/usr/bin/apt-get").exists() {
        return Err(text);
    }
    eprintln!("{text}We are root and apt-get is here: installing them now.");
    for step in [&["update"][..], &["install", "-y", "--no-install-recommends"][..]] {
        let mut apt = Command::new("apt-get");
        apt.args(step).env("DEBIAN_FRONTEND", "noninteractive");
        if step.first() == Some(&"install") {
            apt.args(missing.iter().map(|prerequisite| prerequisite.debian));
        }
        if !cargo::succeeds(&mut apt)? {
            return Err("apt-get failed, see above".into());
        }
    }
    let still = self::missing(needed);
    if still.is_empty() { Ok(()) } else { Err(message(whose, &still)) }
}

/// What a person types to have them all.
pub(crate) fn install_command(needed: &[Prerequisite]) -> String {
    let packages: Vec<_> = needed.iter().map(|prerequisite| prerequisite.debian).collect();
    format!("sudo apt-get install -y {}", packages.join(" "))
}

fn missing(needed: &'static [Prerequisite]) -> Vec<&'static Prerequisite> {
    needed.iter().filter(|prerequisite| !prerequisite.probes.iter().all(|probe| answers(probe))).collect()
}

/// True if the command exists and ends well.
fn answers(words: &[&str]) -> bool {
    let Some((program, arguments)) = words.split_first() else { return false };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

pub(crate) fn is_root() -> bool {
    let user = Command::new("id").arg("-u").output();
    user.is_ok_and(|answer| answer.stdout.trim_ascii() == b"0")
}

/// Names each and the one command that installs them all.
fn message(whose: &str, missing: &[&Prerequisite]) -> String {
    let mut text = format!("{whose} needs what is not here:\n");
    for Prerequisite { name, why, .. } in missing {
        text.push_str(&format!("  - {name}: {why}\n"));
    }
    let packages: Vec<_> = missing.iter().map(|prerequisite| prerequisite.debian).collect();
    text.push_str(&format!("Debian, Ubuntu:  sudo apt-get install -y {}\n", packages.join(" ")));
    for command in missing.iter().filter_map(|prerequisite| prerequisite.mac).collect::<BTreeSet<_>>() {
        text.push_str(&format!("macOS:           {command}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_missing_one_is_named_with_one_command_for_all() {
        let [cc, _, perl] = &PREREQUISITES;
        let text = message("The build", &[cc, perl]);
        assert!(text.contains("a C compiler") && text.contains("perl with its standard modules"));
        assert!(text.contains("sudo apt-get install -y build-essential perl\n"));
        assert!(!text.contains("- make"));
    }

    #[test]
    fn a_probe_fails_for_a_program_that_is_absent_or_ends_badly() {
        assert!(answers(&["true"]));
        assert!(!answers(&["false"]));
        assert!(!answers(&["no-such-program-anywhere"]));
        assert!(!answers(&[]));
    }
}
