//! `sotay-server`: runs the sync server, and brings into it what committees have.

#[macro_use]
mod say;

mod args;
mod audit;
mod backup;
mod config;
mod directives;
mod drafts;
mod export;
mod files;
mod import;
mod kept;
mod lang;
mod moved;
mod original;
mod people;
mod print;
mod publish;
mod serve;
mod trust;
mod usage;
mod withdraw;

use std::process::ExitCode;

use sotay_server::files as reading;

use self::{
    args::{Args, Command},
    lang::{Lang, told},
};

/// A sentence for the person at the keyboard.
type Said = Result<(), String>;

fn main() -> ExitCode {
    // Before the command line is looked at: a child that reads a file is nobody's command.
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == reading::CHILD) {
        return reading::run(&words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>());
    }
    let args = match Args::typed() {
        Ok(args) => args,
        Err(error) => return usage::explain(&error),
    };
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{}: {}", Lang::typed().say("Lỗi", "Error"), why.trim_end());
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> Said {
    let config = config::read(&args)?;
    match args.command {
        Command::Serve(serve) => serve::serve(&config, &serve),
        Command::Import(import) => import::import(&config, &import),
        Command::Export(export) => export::export(&config, &export),
        Command::Publish(publication) => publish::publish(&config, &publication),
        Command::Withdraw(wanted) => withdraw::withdraw(&config, &wanted),
        Command::Directives(wanted) => directives::directives(&config, &wanted),
        Command::Drafts => drafts::drafts(&config),
        Command::Original(wanted) => original::original(&config, &wanted),
        Command::Print(wanted) => print::print(&config, &wanted),
        Command::Code(who) => people::code(&config, &who),
        Command::Codes { cell } => people::codes(&config, &cell),
        Command::Member(deed) => people::member(&config, &deed),
        Command::Device(deed) => people::device(&config, &deed),
        Command::MyData(args) => kept::my_data(&config, &args),
        Command::Retention(deed) => kept::retention(&config, &deed),
        Command::Purge(args) => kept::purge(&config, &args),
        Command::Trust(deed) => trust::trust(&config, &deed),
        Command::Backup(args) => backup::backup(&config, &args),
        Command::Restore(args) => backup::restore(&config, &args),
        Command::Audit(deed) => audit::audit(&config, &deed),
        Command::ConsoleLink { who, address } => people::console_link(&config, &who, &address),
        Command::Move(args) => moved::moved(&config, &args),
        Command::Openapi => {
            tell!("{}", sotay_server::http::OPENAPI);
            Ok(())
        }
    }
}
