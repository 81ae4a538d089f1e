//! `sotay-keys`: makes keys, certifies with them, and says what counts no longer. It opens no socket and reads nothing but the
//! files it is told of, so that a computer that was never on a network can run it.

mod args;
mod certify;
mod days;
mod failure;
mod files;
mod home;
mod make;
mod passphrase;
mod renew;
mod revoke;
mod sealed;
mod show;
mod succeed;
mod usage;
mod wipe;
mod words;

use std::{io::Write, process::ExitCode};

use sotay_protocol::env::SystemEnv;

use self::{
    args::{Args, Command, Officer, Organisation, Root, Server},
    failure::Failure,
};

/// What is told to the person at the keyboard.
type Said = Result<String, Failure>;

fn main() -> ExitCode {
    let args = match Args::typed() {
        Ok(args) => args,
        Err(error) => return usage::explain(&error),
    };
    match run(&args) {
        Ok(words) => {
            // Whoever reads only the beginning (`| head`) has what was asked for.
            let _ = writeln!(std::io::stdout(), "{}", words.trim_end());
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("Lỗi: {why}.");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Said {
    let (env, passphrase) = (&SystemEnv, args.passphrase_file.as_deref());
    match &args.command {
        Command::Root(Root::New(new)) => make::root(new, passphrase, env),
        Command::Organisation(Organisation::New(new)) => make::organisation(new, passphrase, env),
        Command::Organisation(Organisation::Certify(wanted)) => {
            certify::organisation(wanted, passphrase, env)
        }
        Command::Organisation(Organisation::Renew(wanted)) => renew::renew(wanted, passphrase, env),
        Command::Officer(Officer::Certify(wanted)) => certify::officer(wanted, passphrase, env),
        Command::Server(Server::Certify(wanted)) => certify::server(wanted, passphrase, env),
        Command::Revoke(wanted) => revoke::revoke(wanted, passphrase, env),
        Command::Wipe(wanted) => wipe::wipe(wanted, passphrase, env),
        Command::Succeed(wanted) => succeed::succeed(wanted, passphrase, env),
        Command::Show(wanted) => show::show(wanted, passphrase, env),
    }
}
