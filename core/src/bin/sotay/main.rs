//! `sotay`: the handbook in a terminal, for people without a phone at hand, for scripts and for the demo.
//!
//! It is a shell like the phones' are: words, order and rules come from the core, and only typing, printing and
//! the key's file are its own.

mod args;
mod attendance;
mod attention;
mod console;
mod devices;
mod directives;
mod drafts;
mod feedback;
mod files;
mod home;
mod keys;
mod meetings;
mod my_data;
mod older;
mod overview;
mod paper;
mod pick;
mod qr;
mod reader;
mod screen;
mod server;
mod sync;
mod table;
mod typed;
mod usage;
mod watch;
mod width;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use sotay_core::{
    handbook::{Handbook, HandbookError},
    words::{Lang, Words},
};
use sotay_protocol::env::{Env, SystemEnv};

use args::{Args, Deed};
use screen::Screen;

/// Why a command did not do what was asked.
#[derive(Debug)]
enum Failure {
    Handbook(HandbookError),
    /// A sentence that says what happened and what to do.
    Said(String),
}

impl From<HandbookError> for Failure {
    fn from(error: HandbookError) -> Self {
        Self::Handbook(error)
    }
}

type Outcome = Result<(), Failure>;

fn main() -> ExitCode {
    let args = match Args::typed() {
        Ok(args) => args,
        Err(error) => return usage::explain(&error),
    };
    let screen = Screen::new(&args);
    // One thread is enough: the store and the network have their own.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(run(args, &screen)),
        Err(_) => Err(Failure::Handbook(HandbookError::Internal)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            screen.fail(&failure);
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args, screen: &Screen) -> Outcome {
    if let Deed::Forget { yes } = args.deed {
        devices::sure(screen.words(), yes)?;
        home::forget(&args, screen.words()).await?;
        let said = "Đã xóa sổ tay trên máy này: khóa và tệp đều không còn.";
        let said = screen.words().say(said, "The handbook on this device is gone: key and files.");
        let said = format!("{said} {}", home::enrol_again(screen.words()));
        screen.done(&serde_json::json!({ "forgotten": true }), said);
        return Ok(());
    }
    if let Deed::SetAside = args.deed {
        let folder = home::set_aside(&args, screen.words()).await?;
        let said = match screen.words().lang {
            Lang::Vi => format!("Sổ tay cũ được cất trong {}, không xóa gì.", folder.display()),
            Lang::En => {
                format!("The old handbook is set aside in {}, nothing was deleted.", folder.display())
            }
        };
        let said = format!("{said} {}", home::enrol_again(screen.words()));
        screen.done(&serde_json::json!({ "set_aside": true }), said);
        return Ok(());
    }
    let (handbook, folder) = home::open(&args, screen.words()).await?;
    let pin_file = args.pin_file.clone();
    let desk = Desk { handbook, folder, screen };
    done(&desk, args.deed, pin_file.as_deref()).await.map_err(|failure| match failure {
        // It was wiped meanwhile.
        Failure::Handbook(HandbookError::Shut) => {
            home::ending(&desk.folder, desk.words()).map_or(failure, Failure::Said)
        }
        other => other,
    })
}

async fn done(desk: &Desk<'_>, deed: Deed, pin_file: Option<&Path>) -> Outcome {
    match deed {
        Deed::Enrol(of) => sync::enrol(desk, of).await,
        Deed::Sync { metered } => sync::sync(desk, metered).await,
        Deed::Directives(of) => directives::list(desk, of).await,
        Deed::Read { directive } => directives::read(desk, &directive).await,
        Deed::Search { words, limit } => directives::search(desk, &words.join(" "), limit).await,
        Deed::Scan { paper } => paper::scan(desk, paper).await,
        Deed::Drafts { deed } => drafts::run(desk, deed.unwrap_or(args::DraftDeed::List)).await,
        Deed::Sign { draft } => drafts::sign(desk, &draft).await,
        Deed::Keys { deed } => keys::run(desk, deed.unwrap_or(args::KeyDeed::Show)).await,
        Deed::Server { url } => server::run(desk, url).await,
        Deed::Devices { deed } => devices::run(desk, deed.unwrap_or(args::DeviceDeed::List)).await,
        Deed::Pin { deed } => devices::pin(desk, deed, pin_file).await,
        Deed::Forget { .. } | Deed::SetAside => Ok(()),
        Deed::Meetings { deed } => meetings::run(desk, deed.unwrap_or(args::MeetingDeed::List)).await,
        Deed::Checkin(of) => attendance::check_in(desk, of).await,
        Deed::Pass { meeting } => attendance::pass(desk, meeting.as_deref()).await,
        Deed::Code { meeting, watch } => attendance::code(desk, meeting.as_deref(), watch).await,
        Deed::Roll { meeting, trail } => attendance::roll(desk, meeting.as_deref(), trail).await,
        Deed::Mark(of) => attendance::mark(desk, of).await,
        Deed::Feedback { deed } => feedback::run(desk, deed.unwrap_or(args::FeedbackDeed::List)).await,
        Deed::Desk { deed } => {
            feedback::run_desk(desk, deed.unwrap_or(args::DeskDeed::List { limit: None })).await
        }
        Deed::Report { month, cell } => meetings::report(desk, month, cell.as_deref()).await,
        Deed::Files { deed } => files::run(desk, deed.unwrap_or(args::FilesDeed::List)).await,
        Deed::Console { deed } => console::run(desk, deed).await,
        Deed::Status => overview::status(desk).await,
        Deed::Watch => watch::watch(desk).await,
        Deed::Attention { deed } => attention::run(desk, deed.unwrap_or(args::AttentionDeed::List)).await,
        Deed::Me => overview::me(desk).await,
        Deed::MyData { deed } => my_data::run(desk, deed).await,
        Deed::Cell => overview::cell(desk).await,
    }
}

/// What every command works with.
struct Desk<'a> {
    handbook: Handbook,
    folder: PathBuf,
    screen: &'a Screen,
}

impl Desk<'_> {
    fn words(&self) -> Words {
        self.screen.words()
    }
}

fn now_in(lang: Lang) -> Words {
    Words::new(lang, SystemEnv.now())
}
