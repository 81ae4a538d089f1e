//! The story of `bindings/swift`: Debian's Swift, in a small system of its own below the cache.
//!
//! Swift is packaged for few distributions; a chroot of the one that has it serves every Linux with mmdebstrap.
//! What is mounted for it is mounted in a namespace of its own, and is gone with the last process in it; where we
//! ourselves run in a chroot, whose root is no mount that could be made private, it is unmounted by hand.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{
    report::Verdict,
    stage::{self, MINH},
};
use crate::{
    cargo,
    prerequisites::{self, Prerequisite},
};

const NEEDED: [Prerequisite; 2] = [
    Prerequisite {
        name: "mmdebstrap",
        why: "sets up the small Debian that has Swift",
        probes: &[&["mmdebstrap", "--version"]],
        debian: "mmdebstrap",
        mac: None,
    },
    Prerequisite {
        name: "Debian's keys",
        why: "tell a Debian package from a forged one",
        probes: &[&["test", "-e", "/usr/share/keyrings/debian-archive-keyring.gpg"]],
        debian: "debian-archive-keyring",
        mac: None,
    },
];

/// The release of Debian whose Swift is 6.0, and the packages.
const RELEASE: &str = "trixie";
/// Named, since mmdebstrap finds it by itself only where there is a gpg.
const KEYRING: &str = "--keyring=/usr/share/keyrings/debian-archive-keyring.gpg";
const PACKAGES: &str = "--include=swiftlang,libc6-dev,libstdc++-14-dev,gcc,ca-certificates";
/// Where the story's folder stands inside.
const STORY: &str = "/story";
/// `$1` is the system's root, `$2` the story's folder; the rest is what runs inside, with its environment.
const ENTER: &str = r#"set -e
root=$1 story=$2
shift 2
mkdir -p "$root/story"
mount --make-rprivate / 2>/dev/null || true
trap 'umount --lazy "$root/story" "$root/dev" "$root/proc" 2>/dev/null || true' EXIT
mount --bind /proc "$root/proc"
mount --bind /dev "$root/dev"
mount --bind "$story" "$root/story"
chroot "$root" env -i PATH=/usr/bin:/bin HOME=/root LANG=C.UTF-8 "$@""#;

pub(super) fn run() -> Verdict {
    if !cfg!(target_os = "linux") || !prerequisites::is_root() {
        let why = "Swift runs in a chroot, which needs Linux and root".into();
        return Verdict::NotProvided { why, install: "as root: cargo xtask test swift".into() };
    }
    if let Err(why) = prerequisites::provide("The Swift story", &NEEDED) {
        eprint!("{why}");
        let why = "mmdebstrap is not here".into();
        return Verdict::NotProvided { why, install: prerequisites::install_command(&NEEDED) };
    }
    match system() {
        Ok(root) => play(&root).unwrap_or_else(|message| Verdict::broken(&message)),
        Err(why) => Verdict::NotProvided { why, install: "cargo xtask test swift, with a network".into() },
    }
}

fn play(root: &Path) -> Result<Verdict, String> {
    let (folder, library) = stage::prepare("swift")?;
    let generated = folder.join("generated");
    stage::copy(&library, &generated)?;
    stage::copy(&cargo::root().join("bindings/swift/Story.swift"), &generated)?;
    println!("Compiling the story and the generated Swift");
    let compiler = [
        "swiftc",
        "-swift-version",
        "6",
        "-parse-as-library",
        "-module-name",
        "Story",
        "-I/story/generated",
        "-Xcc",
        "-fmodule-map-file=/story/generated/SotayFFI.modulemap",
        "/story/generated/Sotay.swift",
        "/story/generated/Story.swift",
        "-L/story/generated",
        "-lsotay_ffi",
        "-Xlinker",
        "-rpath=/story/generated",
        "-o",
        "/story/generated/story",
    ];
    if !cargo::succeeds(&mut inside(root, &folder, compiler))? {
        return Err("the story does not compile, see above".into());
    }
    stage::play("swift", &MINH, |act, told| {
        let mut words: Vec<String> = told.iter().map(|(name, value)| format!("{name}={value}")).collect();
        words.push(format!("STORY_FOLDER={STORY}/store"));
        words.extend([format!("{STORY}/generated/story"), act.to_owned()]);
        inside(root, &folder, words)
    })
}

/// Runs inside, with nothing of our own environment.
fn inside(root: &Path, story: &Path, words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "unchanged", "sh", "-c", ENTER, "sh"]);
    command.arg(root).arg(story).args(words);
    command
}

/// Set up once. It stands under its own name only when it is whole.
fn system() -> Result<PathBuf, String> {
    let cache = cargo::cache("swift")?;
    let root = cache.join(RELEASE);
    if root.exists() {
        return Ok(root);
    }
    println!("Swift is not here: setting it up in {}, 2.6 GB once, a minute or more", root.display());
    let half = cache.join(format!("{RELEASE}.new"));
    std::fs::create_dir_all(&cache).map_err(|error| format!("{}: {error}", cache.display()))?;
    // Never into another file system, should one be mounted there.
    let mut remove = Command::new("rm");
    remove.args(["-rf", "--one-file-system"]).arg(&half);
    let mut build = Command::new("mmdebstrap");
    build.args(["--variant=minbase", KEYRING, PACKAGES, RELEASE]).arg(&half);
    if !cargo::succeeds(&mut remove)? || !cargo::succeeds(&mut build)? {
        return Err("mmdebstrap could not set up Swift, see above".into());
    }
    std::fs::rename(&half, &root).map_err(|error| format!("{}: {error}", root.display()))?;
    Ok(root)
}
