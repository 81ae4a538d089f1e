//! The encrypted store on the phone: one writer, a few readers, and a word to those who watch a table.
//!
//! SQLite takes one writer at a time whatever one does. So there is one write connection behind a lock, and
//! write transactions begin `Immediate`: a deferred one that upgrades fails at once with
//! `SQLITE_BUSY_SNAPSHOT`, whatever its timeout. Readers are `query_only` and never wait for the writer (WAL).

mod beside;
mod ending;
mod key;
mod keys;
mod life;
mod lock;
mod log;
pub(crate) mod named;
mod observers;
mod open;
mod pin;
pub(crate) mod redraw;
pub mod table;
mod tries;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use sotay_protocol::witness::{self, Work};

pub(crate) use self::ending::{begin as begin_ending, erase_key};
pub use self::{
    ending::{Ending, Why, end, ending, finish, forget_ending, set_aside},
    key::{KeyProvider, KeyUnavailable, StoreKey},
    keys::{Keys, PinError},
    life::{Pass, Turn},
    observers::{Changes, Observation},
    pin::{LONGEST_PIN, SHORTEST_PIN, is_there as wants_pin},
};
use self::{
    life::{Doors, Left},
    observers::Observers,
    open::Opener,
};

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
    /// Another process has it open, or this one has already.
    #[error("the store is in use")]
    InUse,
    /// Until [`Store::resume`]; what was asked for was not done.
    #[error("the store is paused")]
    Paused,
    #[error("the store was shut for good")]
    Shut,
    #[error("the store's folder cannot be used: {0}")]
    Folder(#[source] std::io::Error),
    #[error("the store failed: {0}")]
    Sqlite(#[source] rusqlite::Error),
    #[error("a row of the store is not as it was written: {0}")]
    Row(&'static str),
}

impl StoreError {
    pub(crate) fn of_folder(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull { Self::Full } else { Self::Folder(error) }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let extended = error.sqlite_error().map(|error| error.extended_code);
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            // Only a pause interrupts.
            Some(rusqlite::ErrorCode::OperationInterrupted) => Self::Paused,
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

/// How the file is found, and opened with a key.
type Prepare = Box<dyn Fn(&StoreKey) -> Result<Opener, StoreError> + Send + Sync>;

struct Inner {
    prepare: Prepare,
    path: PathBuf,
    doors: Doors,
    /// These three are empty while the store is paused. The opener goes last: it holds the lock.
    writer: Mutex<Option<Connection>>,
    log: log::Log,
    readers: Mutex<Vec<Connection>>,
    opener: Mutex<Option<Arc<Opener>>>,
    touched: Arc<Mutex<BTreeSet<String>>>,
    observers: Observers,
    left_as: Mutex<Option<Left>>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("doors", &self.doors).finish_non_exhaustive()
    }
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
    /// [`StoreError::InUse`] where it is open already, here or in another process.
    pub fn open(folder: &Path, key: &StoreKey) -> Result<Self, StoreError> {
        Self::prepared(Opener::in_folder(folder), key)
    }

    /// Opens the store at `path` of the disks that SQLite knows as `vfs`, or makes it there. Without a key it is readable
    /// by whoever has the file, and otherwise as every store; so it exists in simulations alone.
    ///
    /// # Errors
    /// As [`Store::open`].
    #[cfg(feature = "simulation")]
    pub fn open_simulated(vfs: &str, path: &Path, key: Option<&StoreKey>) -> Result<Self, StoreError> {
        let (vfs, path, sealed) = (vfs.to_owned(), path.to_owned(), key.is_some());
        let prepare = move |key: &StoreKey| Ok(Opener::simulated(&vfs, &path, sealed.then_some(key)));
        Self::prepared(Box::new(prepare), key.unwrap_or(&StoreKey::new([0; 32])))
    }

    fn prepared(prepare: Prepare, key: &StoreKey) -> Result<Self, StoreError> {
        witness::here(Work::Sql);
        let opener = prepare(key)?;
        let touched = Arc::new(Mutex::new(BTreeSet::new()));
        let writer = writer(&opener, &touched)?;
        let inner = Inner {
            prepare,
            path: opener.path().to_owned(),
            doors: Doors::open(),
            writer: Mutex::new(Some(writer)),
            log: log::Log::default(),
            readers: Mutex::new(Vec::new()),
            opener: Mutex::new(Some(Arc::new(opener))),
            touched,
            observers: Observers::default(),
            left_as: Mutex::new(None),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.inner.path.clone()
    }

    /// Reads, from one moment's picture of the store.
    ///
    /// # Errors
    /// What `read` says, or the store's own fault.
    pub fn read<T, E: From<StoreError>>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.enter()?.read(read)
    }

    /// Writes, all or nothing, and tells observers which tables changed once it is on disk.
    ///
    /// # Errors
    /// What `write` says, in which case nothing was written, or the store's own fault.
    pub fn write<T, E: From<StoreError>>(
        &self,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.enter()?.write(write)
    }

    /// Calls `tell` with the tables that changed, once per transaction, in order and with no lock held,
    /// until the observation is dropped or cancelled.
    #[must_use]
    pub fn observe(&self, tell: impl Fn(&Changes) + Send + Sync + 'static) -> Observation {
        self.inner.observers.add(Arc::new(tell))
    }

    /// Drops the readers kept, writes the log back into the file. For a bench.
    ///
    /// # Errors
    /// The store's own fault.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        let pass = self.enter()?;
        lock(&pass.0.readers).clear();
        if let Some(writer) = lock(&pass.0.writer).as_ref() {
            writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        Ok(())
    }
}

impl Pass {
    /// As [`Store::read`].
    ///
    /// # Errors
    /// What `read` says, or the store's own fault.
    pub fn read<T, E: From<StoreError>>(
        self,
        read: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        witness::here(Work::Sql);
        let inner = &self.0;
        let kept = lock(&inner.readers).pop();
        let connection = match kept {
            Some(connection) => connection,
            None => lock(&inner.opener).clone().ok_or(StoreError::Paused)?.reader()?,
        };
        let result = {
            let _at_work = inner.doors.at_work(connection.get_interrupt_handle());
            let moment = connection.unchecked_transaction().map_err(StoreError::from)?;
            read(&moment)
        };
        let mut readers = lock(&inner.readers);
        if readers.len() < READERS_KEPT && inner.doors.is_open() {
            readers.push(connection);
        }
        result
    }

    /// As [`Store::write`].
    ///
    /// # Errors
    /// What `write` says, in which case nothing was written, or the store's own fault.
    pub fn write<T, E: From<StoreError>>(
        self,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        witness::here(Work::Sql);
        let inner = Arc::clone(&self.0);
        let result = {
            let mut writer = lock(&inner.writer);
            let connection = writer.as_mut().ok_or(StoreError::Paused)?;
            let at_work = inner.doors.at_work(connection.get_interrupt_handle());
            lock(&inner.touched).clear();
            let before = connection.total_changes();
            let result = write_on(connection, write);
            if result.is_err() && connection.total_changes() != before {
                log::make_room(connection);
            }
            let result = result?;
            inner.log.keep_short(connection, &inner.doors, &at_work);
            let touched = std::mem::take(&mut *lock(&inner.touched));
            inner.observers.queue(touched);
            result
        };
        // An observer may take its time, and a pause does not wait for it.
        drop(self);
        inner.observers.deliver();
        Ok(result)
    }
}

fn write_on<T, E: From<StoreError>>(
    connection: &mut Connection,
    write: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
    let result = write(&transaction)?;
    transaction.commit().map_err(StoreError::from)?;
    Ok(result)
}

/// As [`Connection::execute`], by a statement that stays prepared: for what each exchange does.
pub(crate) fn execute(
    store: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<usize, rusqlite::Error> {
    store.prepare_cached(sql)?.execute(values)
}

fn writer(opener: &Opener, touched: &Arc<Mutex<BTreeSet<String>>>) -> Result<Connection, StoreError> {
    let writer = opener.writer()?;
    log::watch(&writer)?;
    let seen = Arc::clone(touched);
    writer.update_hook(Some(move |_, _: &str, table: &str, _| {
        let mut seen = lock(&seen);
        if !seen.contains(table) {
            seen.insert(table.to_owned());
        }
    }))?;
    Ok(writer)
}
