//! Opening the file: key, page size, journal, migrations. Every connection goes through here.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};

use super::{StoreError, key::StoreKey, lock::Lock};

const MIGRATIONS: &[M<'_>] = &[
    M::up(include_str!("migrations/01-first.sql")),
    M::up(include_str!("migrations/02-enrolling.sql")),
    M::up(include_str!("migrations/03-live.sql")),
    M::up(include_str!("migrations/05-life.sql")),
    M::up(include_str!("migrations/04-reading.sql")),
    M::up(include_str!("migrations/06-restore.sql")),
    M::up(include_str!("migrations/07-attachments.sql")),
    M::up(include_str!("migrations/08-looked-up.sql")),
    M::up(include_str!("migrations/09-cases.sql")),
    M::up(include_str!("migrations/10-server-clock.sql")),
    M::up(include_str!("migrations/11-trust.sql")),
    M::up(include_str!("migrations/12-audit.sql")),
    M::up(include_str!("migrations/13-sealed.sql")),
    M::up(include_str!("migrations/14-devices.sql")),
    M::up(include_str!("migrations/15-compared.sql")),
    M::up(include_str!("migrations/16-address.sql")),
    M::up(include_str!("migrations/17-passes.sql")),
    M::up(include_str!("migrations/18-wipe.sql")),
];

/// Statements kept prepared on each connection: an exchange has about so many, and preparing one costs more than most take.
const STATEMENTS: usize = 160;

#[derive(Debug)]
pub(super) struct Opener {
    path: PathBuf,
    seal: Seal,
    /// SQLite's way to a disk that is none of the system's.
    vfs: Option<String>,
    /// Held for as long as the store is open.
    _lock: Option<Lock>,
}

/// What keeps others from reading the file.
#[derive(Debug)]
enum Seal {
    Key(StoreKey),
    #[cfg(feature = "simulation")]
    Open,
}

impl Opener {
    pub(super) fn prepare(folder: &Path, key: &StoreKey) -> Result<Self, StoreError> {
        fs::create_dir_all(folder).map_err(StoreError::of_folder)?;
        let lock = Lock::take(folder)?;
        key.check(folder)?;
        Ok(Self { path: folder.join("handbook.db"), seal: Seal::Key(key.clone()), vfs: None, _lock: lock })
    }

    /// A file on the simulated disks behind `vfs`, which have neither folders nor other processes.
    #[cfg(feature = "simulation")]
    pub(super) fn simulated(vfs: &str, path: &Path, key: Option<&StoreKey>) -> Self {
        let seal = key.map_or(Seal::Open, |key| Seal::Key(key.clone()));
        Self { path: path.to_owned(), seal, vfs: Some(vfs.to_owned()), _lock: None }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn writer(&self) -> Result<Connection, StoreError> {
        let mut connection =
            self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if version > i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX) {
            return Err(StoreError::Newer);
        }
        if version == 0 {
            // Before the first table, or never: what evicted files leave is to be given back to the phone.
            connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL;")?;
        }
        // FULL: with NORMAL, what was acknowledged is lost when the battery dies.
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
        )?;
        make_safe(&connection)?;
        Migrations::from_slice(MIGRATIONS).to_latest(&mut connection).map_err(|error| match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
            _ => StoreError::Newer,
        })?;
        Ok(connection)
    }

    pub(super) fn reader(&self) -> Result<Connection, StoreError> {
        let connection = self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.execute_batch("PRAGMA query_only = ON;")?;
        Ok(connection)
    }

    fn connect(&self, flags: OpenFlags) -> Result<Connection, StoreError> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match &self.vfs {
            None => Connection::open_with_flags(&self.path, flags),
            Some(vfs) => Connection::open_with_flags_and_vfs(&self.path, flags, vfs.as_str()),
        }?;
        match &self.seal {
            Seal::Key(key) => unseal(&connection, key)?,
            #[cfg(feature = "simulation")]
            Seal::Open => connection.execute_batch("PRAGMA page_size = 16384;")?,
        }
        connection.execute_batch("PRAGMA temp_store = MEMORY;")?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // The key is known to be right, so a first page that cannot be decrypted is a damaged one. SQLCipher
        // reports it as a plain error, or as lack of memory.
        let first = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
        first.map_err(|error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::Unknown | rusqlite::ErrorCode::OutOfMemory) => StoreError::Corrupt,
            _ => error.into(),
        })?;
        Ok(connection)
    }
}

fn unseal(connection: &Connection, key: &StoreKey) -> Result<(), rusqlite::Error> {
    // Its own words to stderr say less than the error does.
    connection.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    connection.pragma_update(None, "key", key.pragma().as_str())?;
    // The header stays readable, or iOS would not know the file for SQLite and kill the app over its
    // locks. 16 KiB pages: a document of 2 KB wastes half of a 4 KiB page, and each page costs an HMAC.
    connection.execute_batch("PRAGMA cipher_plaintext_header_size = 32; PRAGMA cipher_page_size = 16384;")
}

/// A process that was killed between its last write and the sync after it leaves a commit that is there to be read, and
/// would be gone with the power. What is read here is told to others, so it is synced first, by the way of a checkpoint;
/// that comes before the pages are put into the file, for which there may be no room.
fn make_safe(connection: &Connection) -> Result<(), rusqlite::Error> {
    match connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) => Ok(()),
        done => done,
    }
}
