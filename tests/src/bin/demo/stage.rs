//! What the demo started and made, and how it ends: no process and no folder outlives it.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread::sleep,
    time::Duration,
};

use tempfile::TempDir;

use crate::{
    telling,
    trouble::{Trouble, trouble},
};

/// How often a started program is asked whether it has ended.
const LOOK: Duration = Duration::from_millis(3);
/// A program that was asked to stop finishes what it has begun; then it is ended by force.
const GRACE: Duration = Duration::from_secs(10);
/// Of the log, when something went wrong.
const LOG_LINES: usize = 20;

#[derive(Debug)]
pub(crate) struct Stage {
    path: PathBuf,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// `None` once the curtain has fallen.
    folder: Option<TempDir>,
    running: BTreeMap<u32, Child>,
    over: bool,
}

/// What a program said until it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) out: String,
    /// Empty where a program was to speak as on a terminal, with both in one.
    pub(crate) err: String,
    pub(crate) well: bool,
}

impl Stage {
    pub(crate) fn set() -> Result<Self, Trouble> {
        let folder = tempfile::Builder::new().prefix("sotay-demo-").tempdir();
        let folder = folder.map_err(|error| trouble(format!("không tạo được thư mục tạm: {error}")))?;
        let path = folder.path().to_owned();
        let inner = Inner { folder: Some(folder), running: BTreeMap::new(), over: false };
        Ok(Self { path, inner: Mutex::new(inner) })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.path
    }

    /// Where the words go of what was started to go on.
    pub(crate) fn log(&self) -> PathBuf {
        self.path.join("may-chu.log")
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The story is told; what still runs does so for the person at the terminal.
    pub(crate) fn story_is_over(&self) {
        self.lock().over = true;
    }

    pub(crate) fn is_story_over(&self) -> bool {
        self.lock().over
    }

    /// Starts a program that goes on; its words go to the log.
    pub(crate) fn start(&self, mut command: Command) -> Result<u32, Trouble> {
        let log = || File::options().create(true).append(true).open(self.log());
        let (out, err) = (log()?, log()?);
        self.spawn(command.stdout(out).stderr(err))
    }

    fn spawn(&self, command: &mut Command) -> Result<u32, Trouble> {
        // A group of its own: Ctrl-C reaches the demo alone, which then ends the others in order.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut inner = self.lock();
        if inner.folder.is_none() {
            return Err(Trouble::Ended);
        }
        let child = command.stdin(Stdio::null()).spawn().map_err(|error| {
            trouble(format!("không chạy được {}: {error}", command.get_program().display()))
        })?;
        let id = child.id();
        inner.running.insert(id, child);
        Ok(id)
    }

    /// Runs a program to its end, its answer and its asides apart.
    pub(crate) fn run(&self, command: Command) -> Result<Said, Trouble> {
        let (out, err) = (self.path.join("out.txt"), self.path.join("err.txt"));
        let (kept, aside) = (File::create(&out)?, File::create(&err)?);
        let well = self.to_its_end(command, kept, aside)?;
        Ok(Said { out: read(&out)?, err: read(&err)?, well })
    }

    /// Runs a program to its end, its words in the order in which a terminal would show them.
    pub(crate) fn run_as_seen(&self, command: Command) -> Result<Said, Trouble> {
        let out = self.path.join("out.txt");
        let kept = File::create(&out)?;
        let aside = kept.try_clone()?;
        let well = self.to_its_end(command, kept, aside)?;
        Ok(Said { out: read(&out)?, err: String::new(), well })
    }

    fn to_its_end(&self, mut command: Command, out: File, err: File) -> Result<bool, Trouble> {
        let id = self.spawn(command.stdout(out).stderr(err))?;
        loop {
            match self.ended(id)? {
                Some(status) => return Ok(status.success()),
                None => sleep(LOOK),
            }
        }
    }

    /// How a program ended; `None` while it runs.
    pub(crate) fn ended(&self, id: u32) -> Result<Option<ExitStatus>, Trouble> {
        let mut inner = self.lock();
        let child = inner.running.get_mut(&id).ok_or(Trouble::Ended)?;
        let status = child.try_wait()?;
        if status.is_some() {
            inner.running.remove(&id);
        }
        Ok(status)
    }

    /// Asks a program to stop, as an operator would, and waits for it.
    pub(crate) fn stop(&self, id: u32) -> Result<ExitStatus, Trouble> {
        ask_to_stop(id)?;
        for _ in 0..looks() {
            if let Some(status) = self.ended(id)? {
                return Ok(status);
            }
            sleep(LOOK);
        }
        Err(trouble(format!("máy chủ không dừng trong {} giây", GRACE.as_secs())))
    }

    /// Ends what still runs and removes the folder. Nothing can be started afterwards.
    pub(crate) fn clear(&self) {
        let mut inner = self.lock();
        for (id, child) in &mut inner.running {
            end(*id, child);
        }
        inner.running.clear();
        if let Some(Err(error)) = inner.folder.take().map(TempDir::close) {
            telling::aside(&format!("Không xóa được {}: {error}", self.path.display()));
        }
    }

    /// The end of the server's log.
    pub(crate) fn show_log(&self) {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        if lines.is_empty() {
            return;
        }
        telling::aside("\nNhật ký của máy chủ, những dòng cuối:");
        for line in lines.iter().skip(lines.len().saturating_sub(LOG_LINES)) {
            telling::aside(&format!("  {line}"));
        }
    }
}

fn read(path: &Path) -> Result<String, Trouble> {
    Ok(String::from_utf8_lossy(&fs::read(path)?).into_owned())
}

fn looks() -> u128 {
    GRACE.as_millis() / LOOK.as_millis()
}

/// Asks first. A fault here means that it has ended already.
fn end(id: u32, child: &mut Child) {
    if ask_to_stop(id).is_ok() {
        for _ in 0..looks() {
            if !matches!(child.try_wait(), Ok(None)) {
                return;
            }
            sleep(LOOK);
        }
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Sending signals oneself is unsafe code, so the shell's own `kill` does it.
#[cfg(unix)]
fn ask_to_stop(id: u32) -> Result<(), Trouble> {
    let sent = Command::new("sh").args(["-c", &format!("kill -TERM {id}")]).stderr(Stdio::null()).status()?;
    if sent.success() {
        Ok(())
    } else {
        Err(trouble("không gửi được tín hiệu dừng cho máy chủ"))
    }
}

#[cfg(not(unix))]
fn ask_to_stop(_: u32) -> Result<(), Trouble> {
    Err(trouble("buổi trình diễn cần Linux hoặc macOS để dừng máy chủ đúng cách"))
}
