//! Every developer command: `cargo xtask` lists them.
//!
//! It has no dependencies, so that it compiles in a second or two and needs nothing itself; what a command needs
//! beyond Rust it looks for first, and names.

mod advisories;
mod bindings;
mod cargo;
mod commands;
mod demo;
mod deny;
mod fuzz;
mod phones;
mod prerequisites;
mod programs;
mod test;

use std::process::ExitCode;

use commands::Command;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match Command::parse(&words).and_then(run) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, String> {
    match command {
        Command::List => {
            print!("{}", commands::list());
            Ok(ExitCode::SUCCESS)
        }
        Command::Demo(words) => demo::play(&words),
        Command::Test(parts) => test::run(&parts),
        Command::Sim(words) => programs::sim(&words),
        Command::Bench(words) => programs::bench(&words),
        Command::Faults(words) => programs::faults(&words),
        Command::Sample(words) => programs::sample(&words),
        Command::Bindings(words) => bindings::run(&words),
        Command::Android(words) => phones::android(&words),
        Command::Ios(words) => phones::ios(&words),
        Command::Size => phones::size(),
        Command::Fuzz(words) => fuzz::run(&words),
        Command::Deny(words) => deny::run(&words),
        Command::Sbom(words) => programs::sbom(&words),
        Command::Authz(words) => programs::authz(&words),
        Command::Fmt => cargo::hand_over(cargo::cargo(["fmt", "--all"])),
    }
}
