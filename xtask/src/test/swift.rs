//! `ios/HandbookKit`: its code looked over, its story told, its tests run, by Debian's Swift in a small system of its own
//! below the cache.
//!
//! Swift is packaged for few distributions; a chroot of the one that has it serves every Linux with mmdebstrap.
//! What is mounted for it is mounted in a namespace of its own, and is gone with the last process in it; where we
//! ourselves run in a chroot, whose root is no mount that could be made private, it is unmounted by hand.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::report::{Check, Verdict};
use super::{
    Part, check,
    counted::{self, Tally},
    guide, single,
    stage::{self, Told},
};
use crate::{
    bindings, cargo,
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
/// Where the stage's folder stands inside, and the package.
const STORY: &str = "/story";
const PACKAGE: &str = "/package";
/// `$1` is the system's root, `$2` the stage's folder, `$3` the package; the rest is what runs inside, with its environment.
const ENTER: &str = r#"set -e
root=$1 story=$2 package=$3
shift 3
mkdir -p "$root/story" "$root/package"
mount --make-rprivate / 2>/dev/null || true
trap 'umount --lazy "$root/package" "$root/story" "$root/dev" "$root/proc" 2>/dev/null || true' EXIT
mount --bind /proc "$root/proc"
mount --bind /dev "$root/dev"
mount --bind "$story" "$root/story"
mount --bind "$package" "$root/package"
chroot "$root" env -i PATH=/usr/libexec/swift/bin:/usr/bin:/bin HOME=/root LANG=C.UTF-8 "$@""#;

/// The library lies beside what is built. Debian's Observation names a function that its Swift does not export, and that
/// nobody calls.
const BUILD: [&str; 14] = [
    "swift",
    "build",
    "--package-path",
    PACKAGE,
    "--scratch-path",
    "/story/build",
    "--disable-sandbox",
    "--build-tests",
    "-Xlinker",
    "-L/story/library",
    "-Xlinker",
    "-rpath=/story/library",
    "-Xlinker",
    "--allow-shlib-undefined",
];

pub(super) fn run() -> Vec<Check> {
    let root = match system() {
        Ok(root) => root,
        Err(verdict) => return vec![check(Part::Swift, "toolchain", || verdict)],
    };
    let package = match Package::of(&root) {
        Ok(package) => package,
        Err(message) => return vec![check(Part::Swift, "package", || Verdict::broken(&message))],
    };
    let mut checks = vec![
        check(Part::Swift, "swift format", || package.lint()),
        check(Part::Swift, "compile", || match package.compile() {
            Ok(()) => Verdict::Ran { passed: 1, failed: 0, ignored: 0 },
            Err(message) => Verdict::broken(&message),
        }),
    ];
    if checks.last().is_none_or(|check| check.verdict != Verdict::Ran { passed: 1, failed: 0, ignored: 0 }) {
        return checks;
    }
    checks.extend(stage::play(
        Part::Swift,
        Some(Path::new(STORY)),
        |told| package.inside(told, &["/story/build/debug/Story"]),
        Some(|told: &Told| package.test(told).unwrap_or_else(|message| Verdict::broken(&message))),
    ));
    checks
}

/// The caller of `bench ffi`, with `before` its own words; it finds its store at `phone`, below the stage's folder.
pub(super) fn caller(library: &Path, before: &[&Path], phone: &Path) -> Result<Command, Verdict> {
    let root = system()?;
    let calls = Package::of(&root).and_then(|package| package.calls(library, before, phone));
    calls.map_err(|message| Verdict::broken(&message))
}

/// Where the package lies.
pub(super) fn folder() -> PathBuf {
    cargo::root().join("ios/HandbookKit")
}

struct Package<'a> {
    root: &'a Path,
    /// Of the stage: what is built stands in it too.
    story: PathBuf,
}

impl<'a> Package<'a> {
    fn of(root: &'a Path) -> Result<Self, String> {
        let story = stage::folder("swift")?;
        std::fs::create_dir_all(&story).map_err(|error| format!("{}: {error}", story.display()))?;
        Ok(Self { root, story })
    }

    /// Runs inside, with nothing of our own environment.
    fn inside(&self, told: &Told, words: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "unchanged", "sh", "-c", ENTER, "sh"]);
        command.arg(self.root).arg(&self.story).arg(folder());
        command.args(told.iter().map(|(name, value)| format!("{name}={value}"))).args(words);
        command
    }

    /// What is written by hand; what is generated is ignored by git, and is not looked at.
    fn lint(&self) -> Verdict {
        let mut files = Vec::new();
        for part in ["Package.swift", "Sources", "Tests"] {
            if let Err(message) = written(&folder().join(part), &mut files) {
                return Verdict::broken(&message);
            }
        }
        let mut words: Vec<_> = ["swift-format", "lint", "--strict"].map(PathBuf::from).into();
        words.extend(["--configuration", "/package/.swift-format"].map(PathBuf::from));
        let inside =
            |file: &PathBuf| file.strip_prefix(folder()).ok().map(|file| Path::new(PACKAGE).join(file));
        words.extend(files.iter().filter_map(inside));
        single(&mut self.inside(&Told::new(), &words))
    }

    fn compile(&self) -> Result<(), String> {
        self.over(&bindings::build()?)?;
        let guide = folder().join("Tests/HandbookKitTests/Generated/Guide.swift");
        guide::write(&folder().join("README.md"), "swift", &guide)?;
        println!("Compiling the package, its story and its tests: a minute");
        if cargo::succeeds(&mut self.inside(&Told::new(), &BUILD))? {
            Ok(())
        } else {
            Err("the package does not compile, see above".into())
        }
    }

    /// The package's generated part, and the library that it is linked with.
    fn over(&self, library: &Path) -> Result<(), String> {
        bindings::packages::swift(library)?;
        cargo::empty(&self.story.join("library"))?;
        stage::copy(library, &self.story.join("library"))
    }

    /// The caller of `bench ffi`, released as the library is.
    fn calls(&self, library: &Path, before: &[&Path], phone: &Path) -> Result<Command, String> {
        self.over(library)?;
        let mut words = BUILD.to_vec();
        words.retain(|word| *word != "--build-tests");
        words.extend(["--configuration", "release", "--product", "Calls"]);
        println!("Compiling the Swift package: a minute or two");
        if !cargo::succeeds(&mut self.inside(&Told::new(), &words))? {
            return Err("the package does not compile, see above".into());
        }
        let phone = Path::new(STORY).join(phone);
        let program = [Path::new("/story/build/release/Calls"), &phone];
        Ok(self.inside(&Told::new(), &[before, &program].concat()))
    }

    fn test(&self, told: &Told) -> Result<Verdict, String> {
        let mut words = BUILD.map(str::to_owned).to_vec();
        words.retain(|word| word != "--build-tests");
        "test".clone_into(words.get_mut(1).ok_or("no command")?);
        words.push("--skip-build".into());
        Ok(counted::run(&mut self.inside(told, &words), said))
    }
}

/// "✔ Test run with 12 tests passed after …", or "✘ Test run with 12 tests failed after … with 1 issue."
fn said(line: &str) -> Option<Tally> {
    let (_, rest) = line.split_once("Test run with ")?;
    let run = rest.split(' ').next()?.parse().ok()?;
    let held = rest.contains(" passed ");
    Some(if held {
        Tally { passed: run, ..Tally::default() }
    } else {
        Tally { failed: run, ..Tally::default() }
    })
}

/// All Swift below, but what was generated.
fn written(path: &Path, into: &mut Vec<PathBuf>) -> Result<(), String> {
    if path.ends_with("Generated") || path.ends_with("SotayFFI") {
        return Ok(());
    }
    if path.is_dir() {
        let listed = std::fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        for entry in listed.map_err(|error| format!("{}: {error}", path.display()))? {
            written(&entry.path(), into)?;
        }
    } else if path.extension().is_some_and(|kind| kind == "swift") {
        into.push(path.to_owned());
    }
    Ok(())
}

/// Set up once. It stands under its own name only when it is whole.
fn system() -> Result<PathBuf, Verdict> {
    if !cfg!(target_os = "linux") || !prerequisites::is_root() {
        let why = "Swift runs in a chroot, which needs Linux and root".into();
        return Err(Verdict::NotProvided { why, install: "as root: cargo xtask test swift".into() });
    }
    if let Err(why) = prerequisites::provide("The Swift package", &NEEDED) {
        eprint!("{why}");
        let why = "mmdebstrap is not here".into();
        return Err(Verdict::NotProvided { why, install: prerequisites::install_command(&NEEDED) });
    }
    set_up()
        .map_err(|why| Verdict::NotProvided { why, install: "cargo xtask test swift, with a network".into() })
}

fn set_up() -> Result<PathBuf, String> {
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
