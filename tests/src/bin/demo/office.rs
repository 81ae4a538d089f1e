//! The committee's side: its files go in by the operator's commands, its server runs and is stopped.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::Duration,
};

use sotay_tests::sample::{Publication, Sample};

use crate::{
    programs::{self, Programs, program, typed},
    stage::Stage,
    telling::{self, Progress},
    trouble::{Trouble, trouble},
};

const WHO: &str = "Văn phòng";
/// Followed by the address, in the line with which the server says that it runs.
const LISTENING: &str = "listening on ";
const STARTS: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(5);

#[derive(Debug)]
pub(crate) struct Office<'a> {
    stage: &'a Stage,
    server: PathBuf,
    /// Where the committee keeps its files; commands are typed here.
    files: PathBuf,
    /// Once it has run: phones keep this address, so it stays the same.
    address: Option<SocketAddr>,
    running: Option<u32>,
}

impl<'a> Office<'a> {
    pub(crate) fn new(stage: &'a Stage, programs: &Programs, files: PathBuf) -> Self {
        Self { stage, server: programs.server.clone(), files, address: None, running: None }
    }

    fn database(&self) -> PathBuf {
        self.stage.folder().join("xa.db")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = program(&self.server);
        command.current_dir(&self.files).env("SOTAY_DB", self.database()).args(words);
        command
    }

    /// The server's program on this database, as a shell takes it.
    pub(crate) fn in_a_shell(&self) -> String {
        format!("{} --db {}", self.server.display(), self.database().display())
    }

    pub(crate) fn types(&self, words: &[&str]) -> Result<String, Trouble> {
        programs::shown(self.stage, WHO, self.command(words), &typed("sotay-server", words))
    }

    pub(crate) fn publishes(&self, publication: &Publication) -> Result<(), Trouble> {
        let words = publish(publication);
        self.types(&words.iter().map(String::as_str).collect::<Vec<_>>()).map(drop)
    }

    /// Looks at what would be published, and publishes nothing.
    pub(crate) fn looks_over(&self, publication: &Publication) -> Result<String, Trouble> {
        self.types(&["publish", &file_of(publication), "--dry-run"])
    }

    /// Whether the server gives back the very file that was published.
    pub(crate) fn has_original(&self, of: &Publication) -> Result<bool, Trouble> {
        let copy = format!("ban-sao-{}", name_of(&of.file));
        self.types(&["original", &of.number, "--out", &copy])?;
        Ok(fs::read(self.files.join(copy))? == fs::read(&of.file)?)
    }

    /// One command for each, too many to be shown.
    pub(crate) fn publishes_all(&self, publications: &[&Publication]) -> Result<(), Trouble> {
        let mut progress = Progress::new("Đã ban hành", publications.len());
        for publication in publications {
            let words = publish(publication);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            programs::quiet(self.stage, WHO, self.command(&words), &typed("sotay-server", &words))?;
            progress.step();
        }
        Ok(())
    }

    /// Starts the server, at a free port the first time, and gives its address.
    pub(crate) fn opens(&mut self) -> Result<SocketAddr, Trouble> {
        let listen = self.address.map_or_else(|| "127.0.0.1:0".into(), |address| address.to_string());
        let words = ["serve", "--listen", &listen];
        let before = self.log().len();
        let id = self.stage.start(self.command(&words))?;
        self.running = Some(id);
        for _ in 0..STARTS.as_millis() / LOOK.as_millis() {
            if let Some(said) = self.log().get(before..)
                && let Some(address) = address_in(said)
            {
                self.address = Some(address);
                telling::said(WHO, &typed("sotay-server", &words), said.lines().next().unwrap_or_default());
                return Ok(address);
            }
            if self.stage.ended(id)?.is_some() {
                return Err(trouble("máy chủ không khởi động được"));
            }
            sleep(LOOK);
        }
        Err(trouble(format!("máy chủ không khởi động trong {} giây", STARTS.as_secs())))
    }

    fn log(&self) -> String {
        fs::read_to_string(self.stage.log()).unwrap_or_default()
    }

    /// Stops the server as an operator does; what it has begun it finishes.
    pub(crate) fn closes(&mut self) -> Result<(), Trouble> {
        let Some(id) = self.running.take() else { return Ok(()) };
        let ended = self.stage.stop(id)?;
        if !ended.success() {
            return Err(trouble(format!("máy chủ không dừng êm ({ended})")));
        }
        let log = self.log();
        telling::said(WHO, &format!("kill -TERM {id}"), log.lines().next_back().unwrap_or_default());
        Ok(())
    }

    /// Whether the server still runs.
    pub(crate) fn is_open(&self) -> Result<bool, Trouble> {
        match self.running {
            Some(id) => Ok(self.stage.ended(id)?.is_none()),
            None => Ok(false),
        }
    }
}

fn address_in(said: &str) -> Option<SocketAddr> {
    said.split_once(LISTENING)?.1.split_once(')')?.0.parse().ok()
}

/// What is typed in the committee's folder to publish this: its file says the rest, unless it is a picture.
fn publish(of: &Publication) -> Vec<String> {
    let file = file_of(of);
    let date = of.date.format("%d/%m/%Y").to_string();
    let words = if of.scanned {
        vec![
            "publish",
            &file,
            "--number",
            &of.number,
            "--type",
            &of.kind,
            "--date",
            &date,
            "--abstract",
            &of.abstract_,
        ]
    } else {
        vec!["publish", &file, "--yes"]
    };
    words.into_iter().map(str::to_owned).collect()
}

fn file_of(of: &Publication) -> String {
    format!("van-ban/{}", name_of(&of.file))
}

/// Imports in the order in which one list names what stands in the others.
pub(crate) fn lists(sample: &Sample) -> [(&'static str, String); 4] {
    [
        ("organisations", name_of(&sample.organisations)),
        ("members", name_of(&sample.members)),
        ("roles", name_of(&sample.roles)),
        ("meetings", name_of(&sample.calendar)),
    ]
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
