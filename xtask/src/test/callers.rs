//! Who calls the library for `cargo xtask bench ffi`: the same program in Rust, Kotlin and Swift, over the library as it is
//! released. The two packages are compiled with the toolchains that their tests have.

use std::path::Path;
use std::process::Command;

use super::report::Verdict;
use super::{kotlin, stage, swift};
use crate::bindings;

/// When a caller's process began, for the caller to tell how long its start took.
const STARTED: [&str; 4] = ["sh", "-c", "STARTED=$(date +%s%N); export STARTED; exec \"$@\"", "sh"];
/// Where all find the store, below the stage of Swift, which sees nothing else.
const PHONE: &str = "ffi/phone";

/// What is handed to the bench: where the store has to lie, and the callers' commands. What cannot be provided is said.
pub(crate) fn callers() -> Result<Vec<String>, String> {
    let phone = stage::folder("swift")?.join(PHONE);
    let library = bindings::released(&["--lib", "--bin", "sotay-calls"])?;
    bindings::generator()?;
    let mut words = vec!["--folder".to_owned(), phone.display().to_string(), "--".to_owned()];
    let mut say = |language: &str, command: &Command| {
        let command = std::iter::once(command.get_program()).chain(command.get_args());
        words.push(language.to_owned());
        words.extend(command.map(|word| word.to_string_lossy().into_owned()));
        words.push(";".to_owned());
    };
    let rust = library.with_file_name(format!("sotay-calls{}", std::env::consts::EXE_SUFFIX));
    say("rust", started(&Command::new(rust)).arg(&phone));
    match kotlin::caller(&library) {
        Ok(java) => say("kotlin", started(&java).arg(&phone)),
        Err(verdict) => left_out("Kotlin", &verdict),
    }
    let inside: Vec<_> = STARTED.map(Path::new).into();
    match swift::caller(&library, &inside, Path::new(PHONE)) {
        Ok(inside) => say("swift", &inside),
        Err(verdict) => left_out("Swift", &verdict),
    }
    Ok(words)
}

fn started(of: &Command) -> Command {
    let mut command = Command::new(STARTED[0]);
    command.args(&STARTED[1..]).arg(of.get_program()).args(of.get_args());
    command
}

fn left_out(language: &str, verdict: &Verdict) {
    match verdict {
        Verdict::NotProvided { why, install } => {
            eprintln!("{language} is left out, it could not be provided: {why}. To have it: {install}");
        }
        Verdict::Ran { .. } => eprintln!("{language} is left out, see above"),
    }
}
