//! On what the figures were taken.

use std::{fs, path::Path, process::Command};

/// A few lines for people.
pub(crate) fn describe(folder: &Path) -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let profile =
        if cfg!(debug_assertions) { "dev, not optimised: the figures mean nothing" } else { "release" };
    format!(
        "{cores} cores ({}), {} of memory, {}\n{}, profile {profile}; stores lie on {}\n",
        first("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".into()),
        memory().unwrap_or_else(|| "unknown size".into()),
        kernel(),
        rustc(),
        file_system(folder).unwrap_or_else(|| "an unknown file system".into()),
    )
}

/// What stands after the colon of the first line that begins so.
fn first(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}

fn memory() -> Option<String> {
    let kib: f64 = first("/proc/meminfo", "MemTotal")?.strip_suffix("kB")?.trim().parse().ok()?;
    Some(format!("{:.1} GB", kib * 1024.0 / 1e9))
}

fn kernel() -> String {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{} {}", std::env::consts::OS, release.trim()).trim().to_owned()
}

fn rustc() -> String {
    let answer = Command::new("rustc").arg("--version").output();
    let version = answer.ok().filter(|answer| answer.status.success());
    version.map_or_else(
        || "unknown rustc".into(),
        |answer| String::from_utf8_lossy(&answer.stdout).trim().to_owned(),
    )
}

/// On a file system in memory, a durable commit costs nothing and says nothing.
fn file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (_, at, kind) = (words.next()?, words.next()?, words.next()?);
        folder.starts_with(at).then(|| (at.len(), kind.to_owned()))
    });
    mounts.max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}
