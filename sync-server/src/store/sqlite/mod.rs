//! The store in one SQLite file: one writer behind a mutex, a few readers beside it.
//!
//! One writer, because SQLite has one; a mutex instead of its busy handler, because waiters then come in
//! turn and a deferred transaction that wants to write never fails with `SQLITE_BUSY_SNAPSHOT`. Writes are
//! immediate; `synchronous=FULL`, since WAL with NORMAL loses acknowledged commits when the power goes.
//! Other processes (the command line) may write beside a running server: the busy timeout covers them.
//! The scopes that a transaction names need no locks here; naming them is still checked.

mod archive;
mod audit;
mod backup;
mod blobs;
mod console;
mod devices;
mod log;
mod members;
mod open;
mod personal;
#[cfg(test)]
mod tests;
mod uploads;
mod values;
mod work;

use std::{
    collections::BTreeSet,
    fmt,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, TransactionBehavior};
use sotay_protocol::scope::Scope;

pub use self::backup::{Progress, Told};
pub(crate) use self::backup::{copy_file, last_words, of_file, remove, seal, sync};
use self::open::Place;
use super::{Reading, Result, Store, StoreError, Transaction, Work};

/// Readers kept open between uses; more are opened while more are needed.
const READERS_KEPT: usize = 4;

/// The store of a commune's server.
pub struct SqliteStore {
    writer: Mutex<Connection>,
    /// `None` in memory, where the one connection does everything.
    place: Option<Place>,
    readers: Mutex<Vec<Connection>>,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("place", &self.place).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the file, makes it where it is missing, and brings it up to date.
    ///
    /// # Errors
    /// A sentence that says what to do; a database of a newer version is left untouched.
    pub fn open(path: &Path) -> Result<Self> {
        Self::at(Place::file(path)?)
    }

    /// As [`SqliteStore::open`], at `path` of the disks that SQLite knows as `vfs`.
    ///
    /// # Errors
    /// As there.
    #[cfg(feature = "simulation")]
    pub fn open_simulated(vfs: &str, path: &Path) -> Result<Self> {
        Self::at(Place::simulated(vfs, path))
    }

    fn at(place: Place) -> Result<Self> {
        let writer = place.writer()?;
        Ok(Self { writer: Mutex::new(writer), place: Some(place), readers: Mutex::default() })
    }

    /// A store that ends with this value.
    ///
    /// # Errors
    /// Only where there is no memory.
    pub fn in_memory() -> Result<Self> {
        Ok(Self { writer: Mutex::new(open::in_memory()?), place: None, readers: Mutex::default() })
    }

    pub(crate) fn file(&self) -> Option<&Path> {
        self.place.as_ref().map(Place::path)
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        // A panic inside a transaction rolled it back on its way; the connection itself is sound.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn borrow_reader(&self, place: &Place) -> Result<Connection> {
        let kept = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.map_or_else(|| place.reader(), Ok)
    }

    fn give_back(&self, reader: Connection) {
        let mut kept = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < READERS_KEPT {
            kept.push(reader);
        }
    }
}

impl Store for SqliteStore {
    fn transact(&self, scopes: &[Scope], work: &mut Work<'_>) -> Result<()> {
        let writer = self.writer();
        let done = write_on(&writer, scopes, work);
        if matches!(done, Err(StoreError::Full)) {
            make_room(&writer);
        }
        done
    }

    fn read(&self, work: &mut Reading<'_>) -> Result<()> {
        let Some(place) = &self.place else { return read_on(&self.writer(), work) };
        let reader = self.borrow_reader(place)?;
        let done = read_on(&reader, work);
        self.give_back(reader);
        done
    }

    /// `VACUUM` writes what stands into new pages, in order; then the log is written back and cut to nothing. Rejected:
    /// `secure_delete`, which leaves what pages held before they were split and merged.
    fn scrub(&self) -> Result<bool> {
        let writer = self.writer();
        if self.place.is_none() {
            return writer.execute_batch("VACUUM").map(|()| true).map_err(failed);
        }
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        // The copy in between may be larger than the memory.
        writer.execute_batch("PRAGMA temp_store=FILE; VACUUM; PRAGMA temp_store=MEMORY;").map_err(failed)?;
        // While somebody reads, the log stays; it is tried again another day.
        let busy = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        busy.map(|busy| !busy).map_err(failed)
    }
}

fn write_on(connection: &Connection, scopes: &[Scope], work: &mut Work<'_>) -> Result<()> {
    let transaction =
        rusqlite::Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(failed)?;
    let mut link =
        Link { connection: &transaction, writable: scopes.iter().copied().collect(), savepoints: 0 };
    work(&mut link)?;
    transaction.commit().map_err(failed)
}

/// What fills a disk may be our own log: written back into the file, it is begun anew and takes no more room. Without
/// this no write would ever succeed again, for only a write that does brings SQLite to do it.
fn make_room(connection: &Connection) {
    // Where this fails too, the disk is full of something else.
    let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
}

fn read_on(connection: &Connection, work: &mut Reading<'_>) -> Result<()> {
    let transaction =
        rusqlite::Transaction::new_unchecked(connection, TransactionBehavior::Deferred).map_err(failed)?;
    work(&Link { connection: &transaction, writable: BTreeSet::new(), savepoints: 0 })
}

/// A connection inside a transaction.
struct Link<'c> {
    connection: &'c Connection,
    writable: BTreeSet<Scope>,
    savepoints: u32,
}

impl Link<'_> {
    fn check_locked(&self, scope: Scope) -> Result<()> {
        if self.writable.contains(&scope) { Ok(()) } else { Err(StoreError::NotLocked(scope)) }
    }
}

impl Transaction for Link<'_> {
    fn savepoint(&mut self, work: &mut Work<'_>) -> Result<()> {
        self.savepoints += 1;
        let name = format!("s{}", self.savepoints);
        self.connection.execute_batch(&format!("SAVEPOINT {name}")).map_err(failed)?;
        let done = work(self);
        let end = if done.is_ok() {
            format!("RELEASE {name}")
        } else {
            format!("ROLLBACK TO {name}; RELEASE {name}")
        };
        self.connection.execute_batch(&end).map_err(failed)?;
        done
    }
}

/// The one place where SQLite's errors become the store's.
fn failed(error: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked, DiskFull};
    match error.sqlite_error_code() {
        Some(DiskFull) => StoreError::Full,
        Some(DatabaseBusy | DatabaseLocked) => StoreError::Busy,
        // The text of an SQLite error can quote values; only its code may reach a log.
        Some(code) => StoreError::Backend(format!("SQLite: {code:?}").into()),
        None => StoreError::Backend(Box::new(error)),
    }
}
