//! `cargo xtask fuzz`: every importer fed with broken files for some time, by libFuzzer; and every reader of what is no
//! file: signed papers, frames, commands, activation codes, QR codes.
//!
//! Coverage is put in by flags of the stable compiler, so neither a nightly one nor a tool beside cargo is needed;
//! libFuzzer itself comes with a crate. Everything is built and kept outside the repository, and what was found
//! interesting is the next run's beginning.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use crate::prerequisites::{self, Prerequisite};
use crate::{cargo, programs};

/// With the endings of the files that each begins from.
const IMPORTERS: [(&str, &[&str]); 9] = [
    ("sheets", &["xlsx", "xls", "csv"]),
    ("word", &["docx"]),
    ("markdown", &["md"]),
    ("pdf", &["pdf"]),
    ("papers", &["papers"]),
    ("frames", &["frames"]),
    ("commands", &["commands"]),
    ("codes", &["codes"]),
    ("scans", &["scans"]),
];

/// What the product's child process may use: 1 GiB, and 30 s of its processor.
const LIMITS: [&str; 2] = ["-rss_limit_mb=1024", "-timeout=30"];
/// Larger beginnings are slow to bend and reach nothing that a small one does not.
const MAX_SEED: u64 = 256 * 1024;
const MAX_INPUT: &str = "-max_len=524288";

const COVERAGE: [&str; 8] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cdebug-assertions",
    "-Coverflow-checks",
];

const NEEDED: [Prerequisite; 1] = [Prerequisite {
    name: "a C++ compiler (c++)",
    why: "compiles libFuzzer",
    probes: &[&["c++", "--version"]],
    debian: "g++",
    mac: Some("xcode-select --install"),
}];

struct Asked {
    seconds: u64,
    importers: Vec<(&'static str, &'static [&'static str])>,
}

fn parse(words: &[String]) -> Result<Asked, String> {
    let mut asked = Asked { seconds: 600, importers: Vec::new() };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let unit = match word.as_str() {
            "--seconds" => Some(1),
            "--minutes" => Some(60),
            _ => None,
        };
        if let Some(unit) = unit {
            let number = words.next().and_then(|word| word.parse().ok()).filter(|number| *number > 0);
            asked.seconds = number
                .map(|number: u32| u64::from(number) * unit)
                .ok_or(format!("{word} wants a number from 1"))?;
            continue;
        }
        let known = IMPORTERS.into_iter().find(|(name, _)| name == word);
        asked.importers.push(known.ok_or_else(|| {
            let all: Vec<_> = IMPORTERS.iter().map(|(name, _)| *name).collect();
            format!("no importer or reader is called \"{word}\": {}", all.join(", "))
        })?);
    }
    if asked.importers.is_empty() {
        asked.importers = IMPORTERS.to_vec();
    }
    Ok(asked)
}

/// All importers side by side, each on one core.
pub(crate) fn run(words: &[String]) -> Result<ExitCode, String> {
    let asked = parse(words)?;
    prerequisites::check()?;
    prerequisites::provide("Fuzzing", &NEEDED)?;
    let folder = cargo::cache("fuzz")?;
    let program = build(&folder.join("target"))?;
    let sample = folder.join("sample");
    cargo::empty(&sample)?;
    if !cargo::succeeds(&mut programs::program("sample", &[&sample]))? {
        return Err("the sample commune could not be written, see above".into());
    }
    let sources = [sample, cargo::root().join("tests/files")];
    let mut runs = Vec::new();
    for (importer, endings) in &asked.importers {
        let own = folder.join(importer);
        gather(&own.join("seeds"), &sources, endings)?;
        println!("{importer}: {} seconds; log {}", asked.seconds, own.join("log").display());
        runs.push((*importer, own.clone(), start(&program, importer, &own, asked.seconds)?));
    }
    let mut well = true;
    for (importer, own, mut child) in runs {
        let status = child.wait().map_err(|error| format!("{importer}: {error}"))?;
        well &= report(importer, &own, status.success());
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn build(target: &Path) -> Result<PathBuf, String> {
    println!("Building the importers with coverage; the first time takes some minutes.");
    let host = host()?;
    let mut command = cargo::cargo(["build", "--release", "-p", "sotay-tests", "--bin", "fuzz"]);
    command.args(["--features", "fuzz", "--target", &host]);
    command.env("RUSTFLAGS", COVERAGE.join(" ")).env("CARGO_TARGET_DIR", target);
    command.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "2");
    if !cargo::succeeds(&mut command)? {
        return Err("the build failed, see above".into());
    }
    Ok(target.join(host).join("release/fuzz"))
}

/// Named outright, so that build scripts are built without coverage.
fn host() -> Result<String, String> {
    let answer = Command::new("rustc").arg("-vV").output().map_err(|error| format!("rustc: {error}"))?;
    let text = String::from_utf8_lossy(&answer.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc does not tell its host".into())
}

fn gather(seeds: &Path, sources: &[PathBuf], endings: &[&str]) -> Result<(), String> {
    cargo::empty(seeds)?;
    let mut folders = sources.to_vec();
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            let small = path.metadata().is_ok_and(|file| file.len() <= MAX_SEED);
            if small && endings.contains(&ending) {
                let name = seeds.join(format!("{count:03}.{ending}"));
                std::fs::copy(&path, name).map_err(|error| format!("{}: {error}", path.display()))?;
                count += 1;
            }
        }
    }
    Ok(())
}

fn start(program: &Path, importer: &str, own: &Path, seconds: u64) -> Result<Child, String> {
    let told = |error: std::io::Error| format!("{}: {error}", own.display());
    let (corpus, found) = (own.join("corpus"), own.join("found"));
    std::fs::create_dir_all(&corpus).map_err(told)?;
    cargo::empty(&found)?;
    let panics = own.join("panics");
    let _ = std::fs::remove_file(&panics);
    let log = File::create(own.join("log")).map_err(told)?;
    let mut command = Command::new(program);
    command.env("SOTAY_FUZZ", importer).env("SOTAY_FUZZ_PANICS", &panics).current_dir(own);
    command.arg(&corpus).arg(own.join("seeds")).args(LIMITS).arg(MAX_INPUT);
    command.arg(format!("-max_total_time={seconds}"));
    // A fork goes on after a file that went over a limit; one that crashed ends the run.
    command.args(["-fork=1", "-ignore_ooms=1", "-ignore_timeouts=1", "-ignore_crashes=0"]);
    command.arg(format!("-artifact_prefix={}/", found.display()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    command.spawn().map_err(|error| cargo::cannot_start(&command, &error))
}

/// The last line that libFuzzer wrote of the run, and what was found; true where nothing was.
fn report(importer: &str, own: &Path, ended_well: bool) -> bool {
    let log = std::fs::read_to_string(own.join("log")).unwrap_or_default();
    let last = log.lines().rev().find(|line| line.contains("oom/timeout/crash")).unwrap_or("nothing was run");
    println!("{importer}: {last}");
    let panics = std::fs::read_to_string(own.join("panics")).unwrap_or_default();
    let mut places: Vec<_> = panics.lines().collect();
    let all = places.len();
    places.sort_unstable();
    places.dedup();
    if all > 0 {
        println!("  panics of libraries, which the child process catches: {all}, at {} places", places.len());
    }
    let found = std::fs::read_dir(own.join("found")).map_or(0, |found| found.flatten().count());
    if found > 0 {
        println!("  {found} files in {}", own.join("found").display());
    }
    ended_well && found == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(String::from).collect()
    }

    #[test]
    fn all_importers_for_ten_minutes_unless_said_otherwise() {
        let asked = parse(&[]).unwrap();
        assert_eq!((asked.seconds, asked.importers.len()), (600, IMPORTERS.len()));
        for line in ["--minutes 2 pdf word", "pdf word --seconds 120"] {
            let asked = parse(&words(line)).unwrap();
            let names: Vec<_> = asked.importers.iter().map(|(name, _)| *name).collect();
            assert_eq!((asked.seconds, names), (120, vec!["pdf", "word"]));
        }
        for bad in ["--minutes", "--minutes 0", "--seconds 1.5", "excel"] {
            assert!(parse(&words(bad)).is_err(), "{bad}");
        }
    }
}
