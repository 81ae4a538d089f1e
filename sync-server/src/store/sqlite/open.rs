//! Opening a database: what is refused before anything is written, settings, migrations.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use rusqlite_migration::{M, Migrations};
use sotay_protocol::planted::{self, Bug};

use super::failed;
use crate::store::{Result, StoreError};

/// One transaction each; never edited after a release.
const STEPS: &[M<'static>] = &[
    M::up(include_str!("migrations/0001_first.sql")),
    M::up(include_str!("migrations/0002_blobs.sql")),
    M::up(include_str!("migrations/0003_holders.sql")),
    M::up(include_str!("migrations/0004_parts.sql")),
    M::up(include_str!("migrations/0006_restore.sql")),
    M::up(include_str!("migrations/0005_windows.sql")),
    M::up(include_str!("migrations/0007_dates.sql")),
    M::up(include_str!("migrations/0008_clearing.sql")),
    M::up(include_str!("migrations/0009_kept.sql")),
    M::up(include_str!("migrations/0010_audit.sql")),
    M::up(include_str!("migrations/0011_console.sql")),
    M::up(include_str!("migrations/0012_passes.sql")),
    M::up(include_str!("migrations/0013_retention.sql")),
];
const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);

/// Another process (the command line beside the server) gets this long to finish a write.
const BUSY: Duration = Duration::from_secs(10);
/// Statements kept prepared on each connection.
const STATEMENTS: usize = 128;

/// Where the database lies.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    /// SQLite's way to a disk that is none of the system's.
    vfs: Option<String>,
}

impl Place {
    /// A file in a folder that is there.
    pub(super) fn file(path: &Path) -> Result<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            return Err(StoreError::NoFolder(folder.display().to_string()));
        }
        Ok(Self { path: path.to_owned(), vfs: None })
    }

    #[cfg(feature = "simulation")]
    pub(super) fn simulated(vfs: &str, path: &Path) -> Self {
        Self { path: path.to_owned(), vfs: Some(vfs.to_owned()) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn writer(&self) -> Result<Connection> {
        self.make_private();
        let mut connection = self.connect(OpenFlags::default())?;
        check_version(&connection)
            .map_err(|error| error.unwrap_or_else(|error| not_opened(error, &self.path)))?;
        // The page size counts only before the first page and before WAL.
        connection
            .execute_batch("PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
            .map_err(|error| not_opened(error, &self.path))?;
        if planted::is(Bug::CommitNotSynced) {
            connection.execute_batch("PRAGMA synchronous=NORMAL;").map_err(failed)?;
        }
        make_safe(&connection).map_err(|error| not_opened(error, &self.path))?;
        prepare(&mut connection)?;
        Ok(connection)
    }

    /// A database holds names, cards and words: a new one is its owner's alone, and SQLite gives its companions the same
    /// rights. Where this cannot be done, opening it says why.
    fn make_private(&self) {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        if self.vfs.is_none() {
            let _ = options.open(&self.path);
        }
    }

    pub(super) fn reader(&self) -> Result<Connection> {
        // Not opened read-only: a reader of a WAL database has to be able to write its index file.
        let connection = self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.execute_batch("PRAGMA query_only=ON; PRAGMA temp_store=MEMORY;").map_err(failed)?;
        Ok(connection)
    }

    fn connect(&self, flags: OpenFlags) -> Result<Connection> {
        let connection = match &self.vfs {
            None => Connection::open_with_flags(&self.path, flags),
            Some(vfs) => Connection::open_with_flags_and_vfs(&self.path, flags, vfs.as_str()),
        };
        let connection = connection.map_err(|error| not_opened(error, &self.path))?;
        connection.busy_timeout(BUSY).map_err(failed)?;
        Ok(connection)
    }
}

pub(super) fn in_memory() -> Result<Connection> {
    let mut connection = Connection::open_in_memory().map_err(failed)?;
    prepare(&mut connection)?;
    Ok(connection)
}

/// A process that was killed between its last write and the sync after it leaves a commit that is there to be read, and
/// would be gone with the power. What is read here is told to phones, so it is synced first, by the way of a checkpoint;
/// that comes before the pages are put into the file, for which there may be no room.
fn make_safe(connection: &Connection) -> std::result::Result<(), rusqlite::Error> {
    match connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => Ok(()),
        done => done,
    }
}

pub(super) fn check_version(
    connection: &Connection,
) -> std::result::Result<(), std::result::Result<StoreError, rusqlite::Error>> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(Err)?;
    let newest = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if version > newest { Err(Ok(StoreError::Newer)) } else { Ok(()) }
}

fn prepare(connection: &mut Connection) -> Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch("PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;").map_err(failed)?;
    MIGRATIONS.to_latest(connection).map_err(|error| match error {
        rusqlite_migration::Error::MigrationDefinition(_) => StoreError::Newer,
        rusqlite_migration::Error::RusqliteError { err, .. } => failed(err),
        other => StoreError::Backend(Box::new(other)),
    })
}

pub(super) fn not_opened(error: rusqlite::Error, path: &Path) -> StoreError {
    let path = path.display().to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            StoreError::NoAccess(path)
        }
        Some(ErrorCode::NotADatabase) => StoreError::NotADatabase(path),
        _ => failed(error),
    }
}
