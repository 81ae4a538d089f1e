//! The child process that reads one file: limits first, then the bytes, then an answer.

use std::{
    io::{Read, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
};

use serde::Serialize;

use super::{Format, Limits, MAX_FILE};
use crate::{
    directives::{docx, markdown, pdf},
    spreadsheet,
};

/// The first argument of a child.
pub const CHILD: &str = "__read-file";

/// Reads standard input as `arguments` say (format, memory, seconds) and answers on standard output.
#[must_use]
pub fn run(arguments: &[String]) -> ExitCode {
    let [format, memory, seconds] = arguments else { return ExitCode::FAILURE };
    let (Some(format), Ok(memory), Ok(seconds)) = (Format::of_word(format), memory.parse(), seconds.parse())
    else {
        return ExitCode::FAILURE;
    };
    if confine(Limits { memory, seconds }).is_err() {
        return ExitCode::FAILURE;
    }
    // What a reader says of its own failure is for nobody here.
    std::panic::set_hook(Box::new(|_| {}));
    let mut bytes = Vec::new();
    if std::io::stdin().take(MAX_FILE as u64 + 1).read_to_end(&mut bytes).is_err() {
        return ExitCode::FAILURE;
    }
    let answer = answer(format, &bytes);
    match std::io::stdout().write_all(&answer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// From here on this process can only compute: no more memory and time than `limits`, no file, no process.
#[cfg(unix)]
fn confine(limits: Limits) -> rustix::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    // Soft and hard alike, but for the time: the soft limit is the signal that says which limit it was.
    let both = |limit| Rlimit { current: Some(limit), maximum: Some(limit) };
    setrlimit(Resource::As, both(limits.memory))?;
    setrlimit(Resource::Cpu, Rlimit { current: Some(limits.seconds), maximum: Some(limits.seconds + 1) })?;
    setrlimit(Resource::Core, both(0))?;
    setrlimit(Resource::Fsize, both(0))?;
    setrlimit(Resource::Nproc, both(0))?;
    // Standard input, output and errors are open; nothing else opens.
    setrlimit(Resource::Nofile, both(3))
}

#[cfg(not(unix))]
fn confine(_: Limits) -> std::io::Result<()> {
    Ok(())
}

/// `{"Ok": …}` with what was read, or `{"Err": "…"}` with a sentence. What a reader breaks on is a damaged file.
#[must_use]
pub fn answer(format: Format, bytes: &[u8]) -> Vec<u8> {
    let read = catch_unwind(AssertUnwindSafe(|| match format {
        Format::Sheets => spell(spreadsheet::sheets(bytes).map_err(|errors| spreadsheet::report(&errors))),
        Format::Word => spell(docx::read(bytes)),
        Format::Markdown => spell(match std::str::from_utf8(bytes) {
            Ok(text) => markdown::read(text),
            Err(_) => Err(markdown::DocumentError::NotUtf8),
        }),
        Format::Pdf => spell(pdf::read(bytes)),
    }));
    read.unwrap_or_else(|_| spell::<()>(Err(super::FileError::Broken)))
}

fn spell<T: Serialize>(read: Result<T, impl ToString>) -> Vec<u8> {
    serde_json::to_vec(&read.map_err(|error| error.to_string())).unwrap_or_default()
}
