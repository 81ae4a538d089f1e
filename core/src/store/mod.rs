//! The encrypted store on the phone: one writer, a few readers, and a word to those who watch a table.
//!
//! SQLite takes one writer at a time whatever one does. So there is one write connection behind a lock, and
//! write transactions begin `Immediate`: a deferred one that upgrades fails at once with
//! `SQLITE_BUSY_SNAPSHOT`, whatever its timeout. Readers are `query_only` and never wait for the writer (WAL).

mod key;
mod observers;
mod open;
pub mod table;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use self::{
    key::{KeyProvider, KeyUnavailable, StoreKey},
    observers::{Changes, Observation},
};
use self::{observers::Observers, open::Opener};

/// Read connections kept open; one more is opened, and closed after use, when all are busy.
const READERS_KEPT: usize = 4;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The key cannot be had now, or is not this store's.
    #[error(transparent)]
    Key(#[from] KeyUnavailable),
    /// The key is right and the file cannot be read.
    #[error("the store is damaged")]
    Corrupt,
    /// Written by a newer app; untouched.
    #[error("the store was written by a newer version of the app")]
    Newer,
    #[error("the device has no room left")]
    Full,
    #[error("the store's folder cannot be used: {0}")]
    Folder(#[source] std::io::Error),
    #[error("the store failed: {0}")]
    Sqlite(#[source] rusqlite::Error),
    #[error("a row of the store is not as it was written: {0}")]
    Row(&'static str),
}

impl StoreError {
    fn of_folder(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull { Self::Full } else { Self::Folder(error) }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let extended = error.sqlite_error().map(|error| error.extended_code);
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            // Half a file, as a copy that was broken off leaves it.
            _ if extended == Some(rusqlite::ffi::SQLITE_IOERR_SHORT_READ) => Self::Corrupt,
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => Self::Corrupt,
            _ => Self::Sqlite(error),
        }
    }
}

/// Cheap to clone; all clones are one store.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    opener: Opener,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    touched: Arc<Mutex<BTreeSet<String>>>,
    observers: Observers,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic inside a transaction rolls it back, so the connection behind a poisoned lock is sound.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    /// Opens the store in `folder`, or makes it there.
    ///
    /// # Errors
    /// [`StoreError::Key`] where the key is not this store's, [`StoreError::Corrupt`], [`StoreError::Newer`],
    /// [`StoreError::Folder`] where the folder cannot be made or written.
    pub fn open(folder: &Path, key: &StoreKey) -> Result<Self, StoreError> {
        let opener = Opener::prepare(folder, key)?;
        let writer = opener.writer()?;
        let touched = Arc::new(Mutex::new(BTreeSet::new()));
        let seen = Arc::clone(&touched);
        writer.update_hook(Some(move |_, _: &str, table: &str, _| {
            let mut seen = lock(&seen);
            if !seen.contains(table) {
                seen.insert(table.to_owned());
            }
        }))?;
        let inner = Inner {
            opener,
            writer: Mutex::new(writer),
            readers: Mutex::new(Vec::new()),
            touched,
            observers: Observers::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.inner.opener.path().to_owned()
    }

    /// Reads, from one moment's picture of the store.
    ///
    /// # Errors
    /// What `read` says, or the store's own fault.
    pub fn read<T, E: From<StoreError>>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let kept = lock(&self.inner.readers).pop();
        let connection = match kept {
            Some(connection) => connection,
            None => self.inner.opener.reader()?,
        };
        let result = {
            let moment = connection.unchecked_transaction().map_err(StoreError::from)?;
            read(&moment)
        };
        let mut readers = lock(&self.inner.readers);
        if readers.len() < READERS_KEPT {
            readers.push(connection);
        }
        result
    }

    /// Writes, all or nothing, and tells observers which tables changed once it is on disk.
    ///
    /// # Errors
    /// What `write` says, in which case nothing was written, or the store's own fault.
    pub fn write<T, E: From<StoreError>>(
        &self,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let result = {
            let mut connection = lock(&self.inner.writer);
            lock(&self.inner.touched).clear();
            let transaction = connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(StoreError::from)?;
            let result = write(&transaction)?;
            transaction.commit().map_err(StoreError::from)?;
            let touched = std::mem::take(&mut *lock(&self.inner.touched));
            self.inner.observers.queue(touched);
            result
        };
        self.inner.observers.deliver();
        Ok(result)
    }

    /// Calls `tell` with the tables that changed, once per transaction, in order and with no lock held,
    /// until the observation is dropped or cancelled.
    #[must_use]
    pub fn observe(&self, tell: impl Fn(&Changes) + Send + Sync + 'static) -> Observation {
        self.inner.observers.add(Arc::new(tell))
    }

    /// Drops the readers kept, writes the log back into the file. For a bench or a shell going to sleep.
    ///
    /// # Errors
    /// The store's own fault.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        lock(&self.inner.readers).clear();
        lock(&self.inner.writer).query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }
}
