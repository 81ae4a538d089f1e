//! `cargo xtask faults NAME`: real processes on real files, and what machines and networks do to them.
//!
//! The simulation plays what can happen step by step; this shows that the real thing does as the simulated one:
//! the server's program as it ships, phones in processes of their own, `kill -9`, a bad network, a full disk.
//! Everything stays on this machine (loopback), is bounded, and ends by itself.
#![expect(
    clippy::disallowed_methods,
    reason = "a driver of real processes, which lives by the machine's clock"
)]

mod client;
mod diskfull;
mod kill;
mod link;
mod load;
mod office;
mod proxy;
mod resume;
mod tally;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

type Done<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask faults", about = "Real processes, and what machines and networks do to them")]
struct Arguments {
    #[command(subcommand)]
    name: Name,
}

#[derive(Debug, Subcommand)]
enum Name {
    /// Server and phones are killed amid their work, again and again: nothing confirmed is lost or doubled
    Kill(kill::Options),
    /// The same work over 150 ms, 8 Mbit/s, 5 % loss, every connection cut each second
    Badnet(link::BadOptions),
    /// The same work until the disk is full, and after there is room again
    Diskfull(diskfull::Options),
    /// What is sent again after a cut at 10, 50 and 90 % of a first sync and of a large file
    Resume(resume::Options),
    /// Turns and time on a link of 150 ms and 8 Mbit/s
    Link(link::Options),
    /// A phone in a process of its own; the others start it
    #[command(hide = true)]
    Client(client::Options),
    /// The part of `diskfull` that runs where the small disk is mounted
    #[command(hide = true)]
    OnSmallDisk(diskfull::Inside),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().name {
        Name::Kill(options) => kill::run(&options),
        Name::Badnet(options) => link::bad(&options),
        Name::Diskfull(options) => diskfull::run(&options),
        Name::Resume(options) => resume::run(&options),
        Name::Link(options) => link::run(&options),
        Name::Client(options) => client::run(&options),
        Name::OnSmallDisk(options) => diskfull::inside(&options),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("faults: {error}");
            ExitCode::FAILURE
        }
    }
}
