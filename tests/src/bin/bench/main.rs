//! `cargo xtask bench NAME [--json FILE]`: figures, each beside the floor of the same run.
//!
//! What is measured is the product as it ships: a real server over HTTP on loopback, and for each run a phone in
//! a process of its own, which we start from our own program, so that its peak memory is the phone's alone. The
//! floor is a process of the same shape that does only what nobody could save: the same bytes over HTTP, the
//! same rows into plain SQLite. It runs before and after each phone; where its two figures lie too far apart
//! the machine was busy with something else, and the run does not count for that figure.
//!
//! There are no thresholds here, and nothing passes or fails: a figure is to be read.
#![expect(clippy::disallowed_methods, reason = "a bench measures by the machine's own clock")]

mod child;
mod desk;
mod ffi;
mod figures;
mod floor;
mod import;
mod machine;
mod office;
mod phone;
mod reads;
mod sync;
mod trust;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use sotay_server::files;
use sotay_tests::corpus;

type Done<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
#[command(name = "cargo xtask bench", about = "Figures beside the floor of the same run")]
struct Arguments {
    #[command(subcommand)]
    name: Name,
}

#[derive(Subcommand)]
enum Name {
    /// First sync, nothing new, one changed, feedback made offline, memory, size, bytes on the wire.
    Sync(sync::Options),
    /// A list of 10,000 members, and a book of 300 pages as Word and PDF: time, pages per second, memory.
    Import(import::Options),
    /// A desk of 1,000,000 cases: the daily work that clears it, and the first sync of a new officer.
    Desk(desk::Options),
    /// Reading while a first sync goes on, and the memory that the sync takes.
    Reads(reads::Options),
    /// Calls from Rust, Kotlin and Swift: time, how long the caller's thread is held, how long the library takes to load.
    Ffi(ffi::Options),
    /// Signing and judging per second, and what verifying adds to a first sync of 10,000 signed directives.
    Trust(trust::Options),
    #[command(hide = true)]
    TrustPhone { job: String },
    /// A phone in a process of its own; the bench starts it.
    #[command(hide = true)]
    ReadsPhone { job: String },
    #[command(hide = true)]
    DeskPhone { job: String },
    #[command(hide = true)]
    Phone { job: String },
    /// The floor in a process of its own; the bench starts it.
    #[command(hide = true)]
    Floor { job: String },
    /// Each of these is a process of its own too.
    #[command(hide = true)]
    ImportOurs { job: String },
    #[command(hide = true)]
    ImportFloor { job: String },
    #[command(hide = true)]
    Unpack { format: String },
}

/// Where the figures go beside the screen.
#[derive(Debug, Clone, clap::Args)]
struct Output {
    /// Writes the figures there too, as a list of {name, unit, ours, floor, ratio, spread}
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn main() -> ExitCode {
    // As the server's program does, for its children that read files.
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some((files::CHILD, limits)) = words.split_first().map(|(word, rest)| (word.as_str(), rest)) {
        return files::run(limits);
    }
    let done = match Arguments::parse().name {
        Name::Sync(options) => sync::run(&options),
        Name::Import(options) => import::run(&options),
        Name::ImportOurs { job } => child::answer(&job, import::ours),
        Name::ImportFloor { job } => child::answer(&job, import::floor),
        Name::Unpack { format } => import::unpack(&format),
        Name::Reads(options) => reads::run(&options),
        Name::ReadsPhone { job } => child::answer(&job, reads::phone),
        Name::Ffi(options) => ffi::run(&options),
        Name::Trust(options) => trust::run(&options),
        Name::TrustPhone { job } => child::answer(&job, trust::first_sync),
        Name::Desk(options) => desk::run(&options),
        Name::DeskPhone { job } => child::answer(&job, desk::officer),
        Name::Phone { job } => child::answer(&job, phone::run),
        Name::Floor { job } => child::answer(&job, floor::run),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}
