//! What no backup takes back: revocations, what was purged, the rules by which it was, and the epochs that were begun.
//! Of people it holds ids and nothing else: it is never purged itself.
//!
//! Beside the database lies a file that only grows. A revocation is in it, synced, before anyone hears that it was
//! done; a restore brings the database of yesterday back and reads today's revocations from here. The server
//! itself knows only the trait: a simulation, or a store that is no file, hands in its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use sotay_protocol::{
    audit::AuditHead, env::Timestamp, id::Id, retention::Rule, row::RowRef, signature::Base64,
};

use super::Hold;
use crate::store::{Activation, Device};

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub enum Note {
    Revoked(Revocation),
    /// In the ledger before it is done: whoever is brought back has lost it.
    Purged(Purge),
    Rule(Rule),
    Epoch {
        epoch: u64,
        at: Timestamp,
    },
    /// The head of an organisation's audit chain, as it was told to the organisation above.
    Head(AuditHead),
    /// Of a newer version.
    #[serde(other)]
    Other,
}

/// What went, by ids; see [`crate::retention`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purge {
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub rows: BTreeSet<RowRef>,
    /// With all that is theirs.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub members: BTreeSet<Id>,
    /// Their names.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub devices: BTreeSet<Id>,
    /// The words of commands taken before then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commands_before: Option<Timestamp>,
    /// Activation codes that ended before then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes_before: Option<Timestamp>,
}

impl Purge {
    pub(crate) fn at(at: Timestamp) -> Self {
        let (rows, members, devices) = Default::default();
        Self { at, rows, members, devices, commands_before: None, codes_before: None }
    }

    fn add(&mut self, other: Self) {
        self.at = self.at.max(other.at);
        self.rows.extend(other.rows);
        self.members.extend(other.members);
        self.devices.extend(other.devices);
        self.commands_before = self.commands_before.max(other.commands_before);
        self.codes_before = self.codes_before.max(other.codes_before);
    }
}

/// A device without rights, with all that makes it known again to a store that has never heard of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    pub device: Id,
    pub member: Id,
    pub key: Base64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<Id>,
    pub made_at: Timestamp,
    pub at: Timestamp,
    /// Hashes of the activation codes that it used: a restored store must not take them for new.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<Base64>,
}

impl Revocation {
    pub(crate) fn of(device: &Device, codes: &[Activation], at: Timestamp) -> Self {
        Self {
            device: device.id,
            member: device.member,
            key: Base64(device.key.clone()),
            forked_from: device.forked_from,
            made_at: device.made_at,
            at,
            codes: codes.iter().map(|code| Base64(code.hash.clone())).collect(),
        }
    }

    /// The device as a store keeps it that did not know it.
    pub(crate) fn device(&self) -> Device {
        Device {
            id: self.device,
            member: self.member,
            key: self.key.0.clone(),
            name: String::new(),
            count: 0,
            last_number: 0,
            forked_from: self.forked_from,
            made_at: self.made_at,
            last_exchange_at: None,
            revoked_at: Some(self.at),
        }
    }
}

/// All that a ledger says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notes {
    pub revoked: BTreeMap<Id, Revocation>,
    pub purged: Purge,
    pub rules: Vec<Rule>,
    /// The highest that was ever begun.
    pub epoch: u64,
    /// Of each organisation's audit chain, in the order in which they were told.
    pub heads: BTreeMap<Id, Vec<AuditHead>>,
    /// Lines that nobody can read: torn by a power cut before they were confirmed, or damaged since.
    pub unreadable: usize,
}

impl Default for Notes {
    fn default() -> Self {
        let (revoked, rules, heads) = Default::default();
        Self { revoked, purged: Purge::at(Timestamp::MIN), rules, epoch: 0, heads, unreadable: 0 }
    }
}

impl Notes {
    fn add(&mut self, note: Note) {
        match note {
            Note::Revoked(revocation) => drop(self.revoked.insert(revocation.device, revocation)),
            Note::Purged(purge) => self.purged.add(purge),
            Note::Rule(rule) => self.rules.push(rule),
            Note::Epoch { epoch, .. } => self.epoch = self.epoch.max(epoch),
            Note::Head(head) => self.heads.entry(head.organisation).or_default().push(head),
            Note::Other => {}
        }
    }
}

pub trait Ledger: Send + Sync + Debug {
    /// Durable when this returns.
    ///
    /// # Errors
    /// Nothing may be taken for noted then.
    fn note(&self, note: &Note) -> io::Result<()>;

    /// # Errors
    /// Where there is something that cannot be read; a ledger that was never begun is empty.
    fn read(&self) -> io::Result<Notes>;
}

/// In memory: what a simulated server's disk keeps beside its store.
#[derive(Debug, Default)]
pub struct MemoryLedger(Mutex<Vec<Note>>);

impl Ledger for MemoryLedger {
    fn note(&self, note: &Note) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(note.clone());
        Ok(())
    }

    fn read(&self) -> io::Result<Notes> {
        let mut notes = Notes::default();
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .for_each(|note| notes.add(note));
        Ok(notes)
    }
}

/// The file beside a database, of the same name and `.ledger`: a line of JSON for each note.
#[derive(Debug)]
pub struct FileLedger {
    path: PathBuf,
    /// One writer at a time in this process; between processes, a line is one write at the end of the file.
    writing: Mutex<()>,
    _hold: Hold,
}

impl FileLedger {
    /// Whoever holds the ledger holds the data: see [`Hold`].
    #[must_use]
    pub fn beside(db: &Path, hold: Hold) -> Self {
        Self { path: Self::path_beside(db), writing: Mutex::default(), _hold: hold }
    }

    #[must_use]
    pub fn path_beside(db: &Path) -> PathBuf {
        super::beside(db, ".ledger")
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Ledger for FileLedger {
    fn note(&self, note: &Note) -> io::Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let new = !self.path.exists();
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        let mut line = serde_json::to_vec(note)?;
        line.push(b'\n');
        if ends_torn(&mut file)? {
            line.insert(0, b'\n');
        }
        file.write_all(&line)?;
        file.sync_all()?;
        if new {
            super::sync_folder(&self.path)?;
        }
        Ok(())
    }

    fn read(&self) -> io::Result<Notes> {
        let text = match std::fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Notes::default()),
            Err(error) => return Err(error),
        };
        let mut notes = Notes::default();
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice(line) {
                Ok(note) => notes.add(note),
                Err(_) => notes.unreadable += 1,
            }
        }
        Ok(notes)
    }
}

/// Whether the power went in the midst of the last line: the next one must not become a part of it.
fn ends_torn(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revocation(name: &str) -> Note {
        Note::Revoked(Revocation {
            device: Id::derived(name, &[]),
            member: Id::derived("Lan", &[]),
            key: Base64(vec![7; 32]),
            forked_from: None,
            made_at: Timestamp::MIN,
            at: Timestamp::MIN,
            codes: vec![],
        })
    }

    #[test]
    fn a_line_torn_by_a_power_cut_takes_no_other_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let db = folder.path().join("xa.db");
        let ledger = FileLedger::beside(&db, Hold::shared(&db).unwrap());
        assert_eq!(ledger.read().unwrap(), Notes::default());
        ledger.note(&revocation("một")).unwrap();
        let mut file = OpenOptions::new().append(true).open(ledger.path()).unwrap();
        file.write_all(br#"{"note":"revoked","device":"018f"#).unwrap();
        ledger.note(&revocation("hai")).unwrap();
        ledger.note(&Note::Epoch { epoch: 9, at: Timestamp::MIN }).unwrap();
        file.write_all(b"{\"note\":\"of_the_future\"}\n").unwrap();
        let notes = ledger.read().unwrap();
        assert_eq!((notes.revoked.len(), notes.epoch, notes.unreadable), (2, 9, 1));
    }
}
