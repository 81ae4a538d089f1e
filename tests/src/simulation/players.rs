//! Histories played side by side, by a process each.
//!
//! In one process they can wait for each other: SQLite is built so that all its connections share one page cache, behind one
//! lock that each look at a page takes. And a history that takes its process along is named by its seed, like any other that
//! went wrong.

use std::{
    io::{self, BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use super::{History, play};
use crate::world::Seal;

/// A process that plays one history after the other, each when it is asked to.
#[derive(Debug)]
pub struct Player {
    words: Vec<String>,
    process: Option<Process>,
}

#[derive(Debug)]
struct Process {
    child: Child,
    seeds: ChildStdin,
    histories: BufReader<ChildStdout>,
}

impl Player {
    /// Begun by this program with these words, by which it has to come to [`answer`].
    #[must_use]
    pub fn new(words: Vec<String>) -> Self {
        Self { words, process: None }
    }

    /// The history of `seed`; where the process does not survive it, that is what went wrong.
    pub fn play(&mut self, seed: u64) -> History {
        self.ask(seed).unwrap_or_else(|error| {
            self.process = None;
            let violations = vec![format!("the process that played it is gone: {error}")];
            History { seed, violations, ..History::default() }
        })
    }

    fn ask(&mut self, seed: u64) -> io::Result<History> {
        let process = match &mut self.process {
            Some(process) => process,
            none => none.insert(Process::begin(&self.words)?),
        };
        writeln!(process.seeds, "{seed}")?;
        let mut line = String::new();
        process.histories.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }
}

impl Process {
    fn begin(words: &[String]) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut child = command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let ends = child.stdin.take().zip(child.stdout.take());
        let (seeds, histories) = ends.ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self { child, seeds, histories: BufReader::new(histories) })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has nothing that would have to be put in order.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In such a process: plays what is asked for, until nobody asks any more.
///
/// # Errors
/// Where nobody listens.
pub fn answer(seal: Seal) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let seed = line?.parse().map_err(io::Error::other)?;
        serde_json::to_writer(&mut out, &play(seed, seal, false))?;
        writeln!(out)?;
    }
    Ok(())
}
