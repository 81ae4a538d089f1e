//! Known flaws of crates, checked where no network is: against a snapshot in the repository of what the RustSec database
//! (<https://rustsec.org>) says of the crates in `Cargo.lock`.
//!
//! `cargo xtask deny --update` brings it up to date where the network is open. cargo-deny takes its database from a git
//! checkout alone, so the snapshot becomes one in the cache, as old as it is. It never turns a build red by its age, only by
//! what it says; how old it is, and which crates it has never looked up, is told each time.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::cargo;

const DATABASE: &str = "https://github.com/rustsec/advisory-db";
/// The folder in which the pinned cargo-deny looks for the database of that address.
const CHECKOUT: &str = "advisory-db-3157b0e258782691";
/// In the snapshot's folder: where it comes from, and every crate that was looked up.
const ABOUT: &str = "SNAPSHOT";
/// Of the standard library, cargo and the rest of the toolchain.
const TOOLCHAIN: &str = "rust/";

fn folder() -> PathBuf {
    cargo::root().join("xtask/advisories")
}

/// What a snapshot says of itself.
#[derive(Debug, PartialEq, Eq)]
struct About {
    commit: String,
    /// In seconds since 1970, of that commit.
    at: u64,
    crates: BTreeSet<String>,
}

impl About {
    fn read(text: &str) -> Option<Self> {
        let of = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
        let crates = text.lines().filter_map(|line| line.strip_prefix("crate ")).map(str::to_owned).collect();
        Some(Self { commit: of("commit")?.into(), at: of("at")?.parse().ok()?, crates })
    }

    fn write(&self) -> String {
        let mut text = format!("source {DATABASE}\ncommit {}\nat {}\n", self.commit, self.at);
        for name in &self.crates {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "crate {name}");
        }
        text
    }
}

/// A database that cargo-deny reads, with the configuration that names it; `None` where the repository holds no snapshot.
pub(crate) fn provide() -> Result<Option<PathBuf>, String> {
    let Ok(text) = fs::read_to_string(folder().join(ABOUT)) else {
        println!(
            "advisories: the repository holds no snapshot of them; `cargo xtask deny --update` brings one"
        );
        return Ok(None);
    };
    let about =
        About::read(&text).ok_or("xtask/advisories/SNAPSHOT is not one: run cargo xtask deny --update")?;
    let days = now().saturating_sub(about.at) / 86_400;
    println!("advisories: as of {days} days ago ({})", about.commit);
    let unknown: Vec<String> = locked()?.into_iter().filter(|name| !about.crates.contains(name)).collect();
    if !unknown.is_empty() {
        println!("advisories: never looked up, run `cargo xtask deny --update`: {}", unknown.join(", "));
    }
    let cache = cargo::cache("advisories")?;
    let checkout = cache.join(CHECKOUT);
    cargo::empty(&checkout)?;
    copy(&folder(), &checkout)?;
    check_out(&checkout, about.at)?;
    configure(&cache).map(Some)
}

/// Our configuration with the database's place in it.
fn configure(cache: &Path) -> Result<PathBuf, String> {
    let ours = cargo::root().join("deny.toml");
    let text = fs::read_to_string(&ours).map_err(|error| format!("{}: {error}", ours.display()))?;
    let place =
        format!("[advisories]\ndb-path = {:?}\ndb-urls = [\"{DATABASE}\"]\n", cache.display().to_string());
    let config = cache.join("deny.toml");
    let text = text.replacen("[advisories]\n", &place, 1);
    fs::write(&config, text).map_err(|error| format!("{}: {error}", config.display()))?;
    Ok(config)
}

fn check_out(checkout: &Path, at: u64) -> Result<(), String> {
    let date = format!("{at} +0000");
    for words in
        [&["init", "--quiet"][..], &["add", "--all"], &["commit", "--quiet", "--message", "snapshot"]]
    {
        let mut git = Command::new("git");
        git.arg("-C").arg(checkout).args(["-c", "user.name=snapshot", "-c", "user.email=snapshot@localhost"]);
        git.args(["-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null"]).args(words);
        git.env("GIT_COMMITTER_DATE", &date).env("GIT_AUTHOR_DATE", &date);
        if !cargo::succeeds(&mut git)? {
            return Err("the snapshot of advisories could not be checked out, see above".into());
        }
    }
    Ok(())
}

/// Writes the snapshot anew: from the network, or from a checkout that somebody brought.
pub(crate) fn update(from: Option<&Path>) -> Result<(), String> {
    let database = match from {
        Some(brought) => brought.to_owned(),
        None => fetch()?,
    };
    let names = locked()?;
    let listed = git(&database, &["ls-tree", "-r", "--name-only", "HEAD", "crates", "rust"])?;
    let concerns = |path: &str| match path.strip_prefix("crates/").and_then(|path| path.split_once('/')) {
        Some((name, _)) => names.contains(name),
        None => path.starts_with(TOOLCHAIN),
    };
    let folder = folder();
    cargo::empty(&folder)?;
    let mut count = 0;
    for path in listed.lines().filter(|path| concerns(path)) {
        let text = git(&database, &["show", &format!("HEAD:{path}")])?;
        let target = folder.join(path);
        let told = |error: std::io::Error| format!("{}: {error}", target.display());
        fs::create_dir_all(target.parent().unwrap_or(&folder)).map_err(told)?;
        fs::write(&target, text).map_err(told)?;
        count += 1;
    }
    let head = git(&database, &["show", "-s", "--format=%H %ct", "HEAD"])?;
    let (commit, at) = head.trim().split_once(' ').ok_or("the database has no commit")?;
    let at = at.parse().map_err(|_| "the database's commit has no time")?;
    let about = About { commit: commit.into(), at, crates: names };
    fs::write(folder.join(ABOUT), about.write()).map_err(|error| format!("{}: {error}", folder.display()))?;
    println!("{count} advisories on {} crates, as of commit {commit}", about.crates.len());
    Ok(())
}

fn fetch() -> Result<PathBuf, String> {
    let checkout = cargo::cache("advisory-db")?;
    let _ = fs::remove_dir_all(&checkout);
    let mut clone = Command::new("git");
    clone.args(["clone", "--quiet", "--depth", "1", DATABASE]).arg(&checkout);
    if cargo::succeeds(&mut clone)? {
        return Ok(checkout);
    }
    Err(format!("{DATABASE} is out of reach; one that somebody brought is read by --from FOLDER"))
}

fn git(database: &Path, words: &[&str]) -> Result<String, String> {
    let mut git = Command::new("git");
    git.arg("-C").arg(database).args(words);
    let output = git.output().map_err(|error| cargo::cannot_start(&git, &error))?;
    if !output.status.success() {
        return Err(format!("git {}: {}", words.join(" "), String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Names of all crates from a registry.
fn locked() -> Result<BTreeSet<String>, String> {
    let lock = cargo::root().join("Cargo.lock");
    let text = fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    Ok(registered(&text))
}

fn registered(lock: &str) -> BTreeSet<String> {
    let packages = lock.split("[[package]]").filter(|package| package.contains("\nsource = "));
    let name =
        |package: &str| package.lines().find_map(|line| Some(line.strip_prefix("name = ")?.to_owned()));
    packages.filter_map(name).map(|name| name.trim_matches('"').to_owned()).collect()
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{}: {error}", from.display());
    fs::create_dir_all(to).map_err(told)?;
    for entry in fs::read_dir(from).map_err(told)? {
        let path = entry.map_err(told)?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target).map_err(told)?;
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a developer is told how old the snapshot is today")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_says_where_it_comes_from_and_whom_it_concerns() {
        let lock = "version = 4\n\n[[package]]\nname = \"ring\"\nversion = \"0.17.14\"\nsource = \"registry+x\"\n\n\
                    [[package]]\nname = \"xtask\"\nversion = \"0.2.0\"\n";
        let about = About { commit: "bf5c0d2".into(), at: 1_787_000_000, crates: registered(lock) };
        assert_eq!(about.crates, ["ring".to_owned()].into(), "our own crates have no advisories");
        assert_eq!(About::read(&about.write()), Some(about));
        assert_eq!(About::read("commit bf5c0d2\n"), None);
    }

    /// The words that are replaced there.
    #[test]
    fn our_configuration_has_a_place_for_the_database() {
        let text = fs::read_to_string(cargo::root().join("deny.toml")).unwrap();
        assert_eq!(text.matches("[advisories]\n").count(), 1);
    }
}
