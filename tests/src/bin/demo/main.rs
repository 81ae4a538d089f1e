//! The whole story played by real processes: one server, four people with stores of their own, files on disk.

mod facts;
mod guard;
mod office;
mod person;
mod programs;
mod stage;
mod story;
mod telling;
mod trouble;

use std::{process::ExitCode, sync::Arc, thread::sleep, time::Duration};

use clap::Parser;

use crate::{stage::Stage, trouble::Trouble};

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask demo",
    about = "Plays the whole story; then keeps the server running until Ctrl-C"
)]
struct Wanted {
    /// End after the story: server stopped, folder removed.
    #[arg(long)]
    once: bool,
}

fn main() -> ExitCode {
    let wanted = Wanted::parse();
    match played(&wanted) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever ended it also ends this process.
        Err(Trouble::Ended) => loop {
            sleep(Duration::from_secs(1));
        },
        Err(trouble) => {
            telling::aside(&format!("\nBuổi trình diễn dừng ở đây: {trouble}."));
            ExitCode::FAILURE
        }
    }
}

fn played(wanted: &Wanted) -> Result<(), Trouble> {
    let stage = Arc::new(Stage::set()?);
    let _curtain = Curtain(Arc::clone(&stage));
    guard::watch(&stage, wanted.once)?;
    let played = story::play(&stage, wanted.once);
    if let Err(Trouble::Because(_)) = &played {
        stage.show_log();
    }
    played
}

/// Falls however the story ends.
struct Curtain(Arc<Stage>);

impl Drop for Curtain {
    fn drop(&mut self) {
        self.0.clear();
    }
}
