//! The end of a handbook on this phone: its person forgets it, or a signed wipe was obeyed. The key goes first, so that
//! from then on nothing opens, whatever becomes of the files; then the store, the files and all that lies beside it.
//!
//! What is to be done is noted before, and so a power cut in the middle is finished at the next start. After a wipe the
//! note stays, without a word of what was in the handbook, to say who ordered it: until somebody begins anew.

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize};
use sotay_protocol::{env::Timestamp, members::Office};

use super::{Keys, StoreError, beside, lock::Lock};

const NOTE: &str = "handbook.ending";
/// Of a store that was set aside, since its key was lost.
const ASIDE: &str = "aside-";
/// All that the store and its keys make in their folder, but the lock, which may be held and says nothing.
const FILES: [&str; 14] = [
    "key.check",
    "key.check.new",
    "key.pin",
    "key.pin.half",
    "key.pin.new",
    "key.pin.new.half",
    "key.tries",
    "key.tries.half",
    "handbook.db",
    "handbook.db-wal",
    "handbook.db-shm",
    "handbook.db-journal",
    "handbook.ending.half",
    "sync.lock",
];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    pub why: Why,
    pub at: Timestamp,
    /// Nothing is left.
    pub done: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Why {
    /// By its own person.
    Forgotten,
    /// By a signed wipe, in the words of its certificate.
    Wiped {
        organisation: String,
        /// The officer who signed it, and in what office; `None` where the organisation's own key did.
        officer: Option<(String, Office)>,
        signed_at: Timestamp,
        reason: String,
    },
}

/// The end that is under way in this folder, or that a wipe made of what was there.
#[must_use]
pub fn ending(folder: &Path) -> Option<Ending> {
    serde_json::from_slice(&fs::read(folder.join(NOTE)).ok()?).ok()
}

/// Ends it: no store may be open in the folder.
///
/// # Errors
/// The platform's and the folder's own faults; the next [`finish`] goes on from there.
pub fn end(keys: &Keys, why: Why, at: Timestamp) -> Result<(), StoreError> {
    drop(Lock::take(keys.folder())?);
    begin(keys.folder(), why, at)?;
    finish(keys).map(drop)
}

/// From now on it will come to its end, whatever happens to this process.
pub(crate) fn begin(folder: &Path, why: Why, at: Timestamp) -> Result<(), StoreError> {
    note(folder, &Ending { why, at, done: false })
}

/// The key goes, while the store may still be open: from now on nothing opens it any more. The files are for [`finish`].
pub(crate) fn erase_key(keys: &Keys) -> Result<(), StoreError> {
    Ok(keys.erase()?)
}

/// Goes on with an end that was begun. Whether there was one.
///
/// # Errors
/// As [`end`].
pub fn finish(keys: &Keys) -> Result<bool, StoreError> {
    let folder = keys.folder();
    let Some(ending) = ending(folder).filter(|ending| !ending.done) else { return Ok(false) };
    let erased = keys.erase();
    for name in FILES {
        beside::remove(&folder.join(name))?;
    }
    for entry in fs::read_dir(folder).map_err(StoreError::of_folder)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(ASIDE) {
            fs::remove_dir_all(entry.path()).map_err(StoreError::of_folder)?;
        }
    }
    beside::sync(folder);
    erased?;
    match ending.why {
        Why::Forgotten => beside::remove(&folder.join(NOTE))?,
        Why::Wiped { .. } => note(folder, &Ending { done: true, ..ending })?,
    }
    beside::sync(folder);
    Ok(true)
}

/// Somebody began anew: what became of the handbook before is of no use any more.
///
/// # Errors
/// The folder's own fault.
pub fn forget_ending(folder: &Path) -> Result<(), StoreError> {
    match ending(folder) {
        Some(ending) if ending.done => beside::remove(&folder.join(NOTE)),
        _ => Ok(()),
    }
}

/// A store whose key is lost is set aside, so that its person may begin anew; nothing is deleted. Where there was one.
///
/// # Errors
/// The folder's own fault.
pub fn set_aside(folder: &Path, now: Timestamp) -> Result<bool, StoreError> {
    let aside = folder.join(format!("{ASIDE}{}", now.millis()));
    let mut moved = false;
    // The check goes last: while it is there, the store still counts as one whose key is lost.
    for name in FILES.iter().rev() {
        let from = folder.join(name);
        if !from.exists() {
            continue;
        }
        fs::create_dir_all(&aside).map_err(StoreError::of_folder)?;
        match fs::rename(&from, aside.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(StoreError::Folder(error)),
            _ => moved = true,
        }
    }
    beside::sync(folder);
    Ok(moved)
}

fn note(folder: &Path, ending: &Ending) -> Result<(), StoreError> {
    let text = serde_json::to_vec(ending).map_err(|_| StoreError::Row("a note cannot be written"))?;
    beside::write(&folder.join(NOTE), &text)
}
