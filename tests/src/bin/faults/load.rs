//! The phones of a run: each a process that writes and syncs, and what each has said aloud.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use sotay_core::store::{Store, StoreKey};

use crate::{
    Done,
    client::{COME_TO_AN_END, FULL, KEPT, PARKED, QUIET},
    office::Newcomer,
};

/// What phones have said so far.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// Words that a phone's store has confirmed, and how often.
    pub(crate) kept: BTreeMap<String, u64>,
    /// Syncs by how they ended.
    pub(crate) syncs: BTreeMap<String, u64>,
    /// Commands that were parked, and taken up again at the end.
    pub(crate) parked: u64,
    /// How often a phone said that its disk is full.
    pub(crate) full: u64,
    /// By phone, at its end: commands that are not applied.
    pub(crate) open_at_end: BTreeMap<String, u64>,
}

impl Said {
    fn hear(&mut self, who: &str, line: &str) {
        if let Some(words) = line.strip_prefix(KEPT) {
            *self.kept.entry(words.to_owned()).or_default() += 1;
        } else if let Some(end) = line.strip_prefix(QUIET) {
            let open = end.split(' ').next().and_then(|open| open.parse().ok()).unwrap_or(u64::MAX);
            self.open_at_end.insert(who.to_owned(), open);
        } else if line == PARKED {
            self.parked += 1;
        } else if line == FULL {
            self.full += 1;
        } else if let Some(stop) = line.strip_prefix("synced ") {
            let stop = stop.split(' ').next().unwrap_or_default();
            *self.syncs.entry(stop.to_owned()).or_default() += 1;
        }
    }
}

#[derive(Debug)]
pub(crate) struct Phone {
    pub(crate) name: String,
    folder: PathBuf,
    words: Vec<String>,
    running: Option<(Child, ChildStdin)>,
    listening: Option<thread::JoinHandle<()>>,
    said: Arc<Mutex<Said>>,
}

/// All phones of a run; those that still run end with this value.
#[derive(Debug)]
pub(crate) struct Load {
    pub(crate) phones: Vec<Phone>,
    said: Arc<Mutex<Said>>,
}

impl Load {
    /// Begins to write and sync with the server at `url`.
    pub(crate) fn begin(folder: &Path, url: &str, people: &[Newcomer], photos: bool) -> Done<Self> {
        let said = Arc::new(Mutex::new(Said::default()));
        let mut phones = Vec::new();
        for (nth, person) in people.iter().enumerate() {
            let name = format!("phone-{nth}");
            let place = folder.join(&name);
            let birth = person.birth.to_string();
            let words =
                ["client", "--folder", &place.to_string_lossy(), "--url", url, "--code", &person.code]
                    .into_iter()
                    .chain(["--birth", &birth, "--name", &name])
                    .chain(photos.then_some("--photos"))
                    .map(str::to_owned)
                    .collect();
            let said = Arc::clone(&said);
            phones.push(Phone { name, folder: place, words, running: None, listening: None, said });
        }
        let mut load = Self { phones, said };
        for phone in &mut load.phones {
            phone.start()?;
        }
        Ok(load)
    }

    pub(crate) fn said<T>(&self, look: impl FnOnce(&Said) -> T) -> T {
        look(&self.said.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Phones that ended by themselves while they should work: a fault of ours. They are started again.
    pub(crate) fn look_after(&mut self) -> Done<u64> {
        let mut ended = 0;
        for phone in &mut self.phones {
            let dead = phone.running.as_mut().is_none_or(|(child, _)| !matches!(child.try_wait(), Ok(None)));
            if dead {
                ended += 1;
                phone.stop()?;
                phone.start()?;
            }
        }
        Ok(ended)
    }

    /// Waits until each phone has sent everything and has ended; those that do not in time are killed, and counted.
    pub(crate) fn come_to_an_end(&mut self, within: Duration) -> Done<u64> {
        for phone in &mut self.phones {
            if let Some((_, orders)) = &mut phone.running {
                let _ = writeln!(orders, "{COME_TO_AN_END}");
            }
        }
        let until = Instant::now() + within;
        let mut late = 0;
        for phone in &mut self.phones {
            while let Some((child, _)) = &mut phone.running
                && child.try_wait()?.is_none()
                && Instant::now() < until
            {
                thread::sleep(Duration::from_millis(5));
            }
            late += u64::from(phone.stop()?);
        }
        Ok(late)
    }

    /// Stores that SQLite finds damaged.
    pub(crate) fn damaged(&self) -> Done<Vec<String>> {
        let mut damaged = Vec::new();
        for phone in &self.phones {
            let store = Store::open(&phone.folder, &StoreKey::new([7; 32]))?;
            let well = store.read(|store| -> Result<bool, sotay_core::store::StoreError> {
                let said: String = store.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
                Ok(said == "ok")
            })?;
            if !well {
                damaged.push(phone.name.clone());
            }
        }
        Ok(damaged)
    }
}

impl Phone {
    fn start(&mut self) -> Done<()> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(&self.words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()?;
        let (Some(orders), Some(out)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("a phone without pipes".into());
        };
        let (name, said) = (self.name.clone(), Arc::clone(&self.said));
        let listening = thread::Builder::new().name(name.clone()).spawn(move || {
            let mut out = BufReader::new(out);
            let mut line = String::new();
            // A line without its end was cut by the kill: nobody was told.
            while out.read_line(&mut line).is_ok_and(|read| read > 0) && line.ends_with('\n') {
                said.lock().unwrap_or_else(PoisonError::into_inner).hear(&name, line.trim_end());
                line.clear();
            }
        })?;
        (self.running, self.listening) = (Some((child, orders)), Some(listening));
        Ok(())
    }

    /// `kill -9`, unless it has ended already; what it said before is heard. Says whether it had to be killed.
    fn stop(&mut self) -> Done<bool> {
        let mut killed = false;
        if let Some((mut child, _orders)) = self.running.take() {
            if child.try_wait()?.is_none() {
                child.kill()?;
                killed = true;
            }
            child.wait()?;
        }
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
        Ok(killed)
    }

    /// `kill -9`, and the same phone again on the same files.
    pub(crate) fn kill(&mut self) -> Done<()> {
        self.stop()?;
        self.start()
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        for phone in &mut self.phones {
            let _ = phone.stop();
        }
    }
}
