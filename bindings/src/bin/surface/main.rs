//! What a built library gives to Kotlin and Swift, as text to be read in a review: `cargo xtask bindings --check`.
//!
//! It is read out of the library itself, so it tells what the apps will find and not what the source seems to say. With
//! `--undocumented`, what nobody has said a word about instead.

mod text;
mod undocumented;

use std::{error::Error, process::ExitCode};

use uniffi_bindgen::macro_metadata::extract_from_bytes;
use uniffi_meta::Metadata;

fn main() -> ExitCode {
    match run() {
        Ok(said) => {
            print!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, Box<dyn Error + Send + Sync>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (library, undocumented) = match words.as_slice() {
        [library] => (library, false),
        [flag, library] if flag == "--undocumented" => (library, true),
        _ => return Err("sotay-surface [--undocumented] LIBRARY".into()),
    };
    let told = std::fs::read(library).map_err(|error| format!("{library}: {error}"))?;
    let items: Vec<Metadata> = extract_from_bytes(&told)?;
    if items.is_empty() {
        return Err(format!("{library} says nothing of a surface").into());
    }
    Ok(if undocumented { undocumented::list(&items) } else { text::of(&items) })
}
