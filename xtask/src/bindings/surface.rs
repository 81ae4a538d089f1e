//! What the library gives to Kotlin and Swift, beside what `bindings/surface.txt` says that it gives: who changes it
//! changes the file too, and a review sees it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::cargo;

/// Compares, and looks whether every item says what it is.
pub(crate) fn check(library: &Path) -> Result<ExitCode, String> {
    let (file, now) = (file(), told(library, &[])?);
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let changes = changes(&kept, &now);
    let silent = told(library, &["--undocumented"])?;
    if !changes.is_empty() {
        eprintln!(
            "The surface is not what {} says:\n{}\nIs it meant? Then: cargo xtask bindings --update",
            file.display(),
            changes.join("\n")
        );
    }
    if !silent.is_empty() {
        eprintln!("Without a word of what it is, in Kotlin's and Swift's documentation too:\n{silent}");
    }
    if changes.is_empty() && silent.is_empty() {
        println!(
            "The surface is what {} says, {} lines, each documented.",
            file.display(),
            now.lines().count()
        );
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

/// Writes down what it gives now.
pub(crate) fn update(library: &Path) -> Result<ExitCode, String> {
    let file = file();
    std::fs::write(&file, told(library, &[])?).map_err(|error| format!("{}: {error}", file.display()))?;
    println!("{}", file.display());
    check(library)
}

fn file() -> PathBuf {
    cargo::root().join("bindings/surface.txt")
}

fn told(library: &Path, words: &[&str]) -> Result<String, String> {
    let mut command = Command::new(cargo::bin_dir()?.join("sotay-surface"));
    let answer = command.args(words).arg(library).output();
    let answer = answer.map_err(|error| cargo::cannot_start(&command, &error))?;
    if !answer.status.success() {
        return Err(String::from_utf8_lossy(&answer.stderr).into_owned());
    }
    String::from_utf8(answer.stdout).map_err(|error| error.to_string())
}

/// Lines that are gone and lines that are new, each under its heading; where only their order is another, that.
fn changes(kept: &str, now: &str) -> Vec<String> {
    let (old, new) = (lines(kept), lines(now));
    let (old_set, new_set): (BTreeSet<_>, BTreeSet<_>) = (old.iter().collect(), new.iter().collect());
    let told = |sign: char, (heading, line): &(&str, &str)| format!("  {sign} {heading}  {line}");
    let gone = old.iter().filter(|line| !new_set.contains(line)).map(|line| told('-', line));
    let come = new.iter().filter(|line| !old_set.contains(line)).map(|line| told('+', line));
    let mut all: Vec<String> = gone.chain(come).collect();
    if all.is_empty() && old != new {
        let moved = old.iter().zip(&new).find(|(old, new)| old != new);
        all.extend(moved.map(|(_, (heading, line))| format!("  another order: {heading}  {line}")));
    }
    all
}

/// A heading stands at the beginning of its line; what is under it is set in.
fn lines(text: &str) -> Vec<(&str, &str)> {
    let mut heading = "";
    let mut lines = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if line.starts_with(' ') {
            lines.push((heading, line.trim()));
        } else {
            heading = line;
            lines.push((heading, ""));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: &str =
        "object Meetings\n  list() async -> [Meeting]\n\nrecord Meeting\n  id: Id\n  place: String\n";

    #[test]
    fn what_is_gone_and_what_is_new_is_named_with_its_type() {
        assert!(changes(KEPT, KEPT).is_empty());
        let renamed = KEPT.replace("place: String", "place: String?");
        assert_eq!(
            changes(KEPT, &renamed),
            ["  - record Meeting  place: String", "  + record Meeting  place: String?"]
        );
        let gone = changes(KEPT, "record Meeting\n  id: Id\n  place: String\n");
        assert_eq!(gone, ["  - object Meetings  ", "  - object Meetings  list() async -> [Meeting]"]);
        assert_eq!(changes("", KEPT).len(), 5);
    }

    #[test]
    fn fields_that_change_places_are_a_change_too() {
        let turned = KEPT.replace("  id: Id\n  place: String\n", "  place: String\n  id: Id\n");
        assert_eq!(changes(KEPT, &turned), ["  another order: record Meeting  place: String"]);
    }
}
