//! A copy of the store as it is at one moment, while others go on writing.
//!
//! By SQLite's backup interface, under one read transaction: WAL keeps its picture still, so no writer waits and the
//! copy never begins anew, as it would each time another process writes. Rejected: `VACUUM INTO`, which sorts every
//! table anew for a smaller file, cannot say how far it is, and writes no page as it stood.

use std::{fs::OpenOptions, path::Path, sync::PoisonError};

use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension,
    backup::{Backup, StepResult},
};
use sotay_protocol::{env::Timestamp, id::Id, signature::Base64};

use super::{
    SqliteStore, failed, open,
    values::{number, parsed, parsed_if_there, time},
};
use crate::{
    restore::Revocation,
    store::{Result, StoreError},
};

/// Pages copied at a time: 4 MiB.
const PAGES: i32 = 256;

/// How far a copy is, in pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub of: u64,
}

/// Told now and then how far a copy is.
pub type Told<'t> = dyn FnMut(Progress) + 't;

impl SqliteStore {
    /// Copies everything that stands at this moment over whatever `target` holds. A copy of a marked copy is marked
    /// too.
    ///
    /// # Errors
    /// The databases'; `target` is of no use then.
    pub fn copy_to(&self, target: &Self, told: &mut Told<'_>) -> Result<()> {
        target.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.copied_into(&mut target.writer(), told)
    }

    /// [`Self::copy_to`], and the copy is marked as one of the moment `at`: a server that finds it begins a new epoch.
    ///
    /// # Errors
    /// As there.
    pub fn back_up_to(&self, target: &Self, at: Timestamp) -> Result<()> {
        self.copy_to(target, &mut |_| {})?;
        (target as &dyn crate::store::Store).write_with(&[], |tx| tx.mark_backup(Some(at)))
    }

    fn copied_into(&self, target: &mut Connection, told: &mut Told<'_>) -> Result<()> {
        let Some(place) = &self.place else { return copy(&self.writer(), target, told) };
        let reader = self.borrow_reader(place)?;
        let done = copy(&reader, target, told);
        self.give_back(reader);
        done
    }

    /// A marked copy of this store in a new file: one file without a journal, whole, synced and looked through.
    /// Where anything fails there is no file.
    pub(crate) fn back_up_into(&self, file: &Path, at: Timestamp, told: &mut Told<'_>) -> Result<()> {
        let made = make(file).and_then(|()| {
            let mut target = Connection::open(file).map_err(failed)?;
            self.copied_into(&mut target, told)?;
            target
                .execute("INSERT OR REPLACE INTO backup (one, made_at) VALUES (1, ?1)", [at.millis()])
                .map_err(failed)?;
            look_through(&target, file)?;
            alone(&target)
        });
        made.and_then(|()| sync(file)).inspect_err(|_| remove(file))
    }
}

/// A copy of the database in `from`, of whatever version, in a new file; looked through before and after.
pub(crate) fn copy_file(from: &Path, to: &Path, told: &mut Told<'_>) -> Result<()> {
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(|error| open::not_opened(error, from))?;
    look_through(&source, from)?;
    open::check_version(&source)
        .map_err(|error| error.unwrap_or_else(|error| open::not_opened(error, from)))?;
    let is_ours = source.query_row("SELECT id FROM server", [], |row| parsed::<Id>(row, 0)).is_ok();
    if !is_ours {
        return Err(StoreError::NotADatabase(from.display().to_string()));
    }
    let made = make(to).and_then(|()| {
        let mut target = Connection::open(to).map_err(failed)?;
        copy(&source, &mut target, told)?;
        look_through(&target, to)
    });
    made.inspect_err(|_| remove(to))
}

/// What a database that is to be set aside still knows: revocations that no ledger has, and its epoch. Everything
/// that lies in its journal goes into its file.
pub(crate) fn last_words(file: &Path) -> Result<(Vec<Revocation>, u64)> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    let read = || -> rusqlite::Result<_> {
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        let epoch = connection.query_row("SELECT epoch FROM server", [], |row| number(row, 0)).optional()?;
        let mut select = connection.prepare(
            "SELECT id, member, key, forked_from, made_at, revoked_at FROM device WHERE revoked_at IS NOT NULL",
        )?;
        let revoked = select.query_map([], |row| {
            Ok(Revocation {
                device: parsed(row, 0)?,
                member: parsed(row, 1)?,
                key: Base64(row.get(2)?),
                forked_from: parsed_if_there(row, 3)?,
                made_at: time(row, 4)?,
                at: time(row, 5)?,
                codes: Vec::new(),
            })
        })?;
        Ok((revoked.collect::<rusqlite::Result<_>>()?, epoch.unwrap_or(0)))
    };
    read().map_err(failed)
}

fn copy(source: &Connection, target: &mut Connection, told: &mut Told<'_>) -> Result<()> {
    let still = source.unchecked_transaction().map_err(failed)?;
    // A transaction sees nothing until it reads.
    still.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)).map_err(failed)?;
    {
        let backup = Backup::new(&still, target).map_err(failed)?;
        loop {
            let step = backup.step(PAGES).map_err(failed)?;
            let (of, left) = (backup.progress().pagecount, backup.progress().remaining);
            told(Progress {
                done: u64::try_from(of - left).unwrap_or(0),
                of: u64::try_from(of).unwrap_or(0),
            });
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                _ => return Err(StoreError::Busy),
            }
        }
    }
    still.finish().map_err(failed)
}

fn look_through(connection: &Connection, file: &Path) -> Result<()> {
    let damaged = || StoreError::Damaged(file.display().to_string());
    let said = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
    match said {
        Ok(said) if said == "ok" => Ok(()),
        Ok(_) => Err(damaged()),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => Err(damaged()),
        Err(error) => Err(open::not_opened(error, file)),
    }
}

/// No journal beside the file, so that one file is all of it.
fn alone(connection: &Connection) -> Result<()> {
    let mode: String =
        connection.query_row("PRAGMA journal_mode=DELETE", [], |row| row.get(0)).map_err(failed)?;
    if mode == "delete" { Ok(()) } else { Err(StoreError::Busy) }
}

/// An empty file that its owner alone may read: it will hold people's cards, birthdays and keys.
fn make(file: &Path) -> Result<()> {
    remove(file);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop).map_err(|error| of_file(&error, file))
}

/// Everything in the one file, and the file on the disk: it can be given another name.
pub(crate) fn seal(file: &Path) -> Result<()> {
    {
        let connection =
            Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
        alone(&connection)?;
    }
    sync(file)
}

pub(crate) fn sync(file: &Path) -> Result<()> {
    let opened = OpenOptions::new().read(true).write(true).open(file);
    opened.and_then(|file| file.sync_all()).map_err(|error| of_file(&error, file))
}

pub(crate) fn of_file(error: &std::io::Error, file: &Path) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::Full,
        std::io::ErrorKind::NotFound => {
            let folder = file.parent().unwrap_or(file);
            StoreError::NoFolder(folder.display().to_string())
        }
        _ => StoreError::NoAccess(file.display().to_string()),
    }
}

/// The file and what SQLite leaves beside one.
pub(crate) fn remove(file: &Path) {
    for ending in ["", "-wal", "-shm", "-journal"] {
        let mut name = file.as_os_str().to_owned();
        name.push(ending);
        let _ = std::fs::remove_file(name);
    }
}
