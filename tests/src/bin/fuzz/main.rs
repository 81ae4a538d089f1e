//! What somebody sent, bent and broken by chance, read by one importer, or one reader of what is no file, again and again:
//! `cargo xtask fuzz`.
//!
//! libFuzzer keeps what reaches new code. A panic in our own code ends the run and is a bug; one in a library is
//! what the product's child process catches and calls a damaged file, so it is caught here too and noted. What goes
//! over the child's limits of memory and time, libFuzzer stops and counts.
//!
//! DOCX and XLSX are bent inside the zip: a byte changed in a packed stream only breaks its checksum.

#![no_main]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what breaks here ends the run, which tells it"
)]

mod packed;

use std::{fs::OpenOptions, io::Write, panic, process, sync::OnceLock};

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use sotay_protocol::document::Document;
use sotay_server::{
    directives::{guess, print},
    files::{Format, answer},
    meetings::import as meetings,
    members::{import as members, roles},
    organisations::import as organisations,
    spreadsheet::Sheet,
};
use sotay_tests::hostile::Reader;

/// Which importer or reader, in its environment: a word of [`Format`] or of [`Reader`].
const IMPORTER: &str = "SOTAY_FUZZ";
/// Where the panics of libraries are noted, a line each.
const PANICS: &str = "SOTAY_FUZZ_PANICS";

#[derive(Clone, Copy)]
enum Target {
    Importer(Format),
    Reader(Reader),
}

fn target() -> Target {
    static CHOSEN: OnceLock<Target> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let word = std::env::var(IMPORTER).unwrap_or_default();
        let importer = Format::of_word(&word).map(Target::Importer);
        importer.or_else(|| Reader::of_word(&word).map(Target::Reader)).unwrap_or_else(|| {
            eprintln!(
                "{IMPORTER} names none: sheets, word, markdown, pdf, papers, frames, commands, codes or scans"
            );
            process::exit(1)
        })
    })
}

/// In place of libFuzzer's own hook, which ends the run at any panic.
fn tell_panics() {
    let notes = std::env::var_os(PANICS);
    panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map_or("?", |location| location.file());
        let ours = ["sync-server/", "protocol/", "tests/"].iter().any(|crate_| place.starts_with(crate_));
        if ours {
            eprintln!("{panic}");
            process::abort();
        }
        let file = notes.as_ref().map(|path| OpenOptions::new().append(true).create(true).open(path));
        if let Some(Ok(mut file)) = file {
            let line = panic.location().map_or(0, panic::Location::line);
            let _ = writeln!(file, "{place}:{line}");
        }
    }));
}

fuzz_target!(init: tell_panics(), |data: &[u8]| {
    let format = match target() {
        Target::Importer(format) => format,
        Target::Reader(reader) => {
            let _ = reader.read(data);
            return;
        }
    };
    let answer = answer(format, data);
    if format == Format::Sheets {
        let sheets: Result<Vec<Sheet>, String> = serde_json::from_slice(&answer).unwrap();
        if let Ok(sheets) = sheets {
            let _ = (organisations::read(&sheets), members::read(&sheets));
            let _ = (roles::read(&sheets), meetings::read(&sheets));
        }
    } else {
        let document: Result<Document, String> = serde_json::from_slice(&answer).unwrap();
        if let Ok(document) = document {
            let _ = (guess(&document), print(&document));
        }
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if data.starts_with(b"PK")
        && let Some(packed) = packed::bent(&data[..size], seed, max_size, |part, length, most| {
            fuzzer_mutate(part, length, most)
        })
    {
        data[..packed.len()].copy_from_slice(&packed);
        return packed.len();
    }
    fuzzer_mutate(data, size, max_size)
});
