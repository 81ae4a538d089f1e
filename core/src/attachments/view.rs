//! Files as a screen shows them: where each one is, and opening it.

use std::{io::Write, path::Path};

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use sotay_protocol::{
    directives::DIRECTIVE,
    env::Env,
    id::Id,
    limits,
    row::RowRef,
    sealed::{CHUNK, SealedFile, open_chunk},
};

use super::{
    kept::{self, Blob, Problem},
    room::{self, Reading, Readings},
};
use crate::{
    feedback,
    shown::Page,
    store::{
        Store, StoreError,
        table::{id, parsed},
    },
};

/// Where a file of a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FileState {
    /// On this phone, whole and verified.
    Here,
    /// The same, and still to be sent; so many bytes have reached the server.
    ToSend { sent: u64 },
    /// Asked for, or begun; so many bytes are here.
    OnTheWay { have: u64 },
    /// Comes by itself over an unmetered network.
    WaitsForUnmetered { have: u64 },
    /// Comes when it is opened or asked for.
    NotHere,
    /// It takes more than what is left of the quota.
    NoRoom,
    /// It came three times and was damaged on the way each time.
    Damaged,
    /// The server does not have it.
    Gone,
}

/// A file of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileView {
    pub row: RowRef,
    pub name: String,
    /// Media type.
    pub media: String,
    pub size: u64,
    /// SHA-256 in lower-case hex; with the row it names the file.
    pub hash: String,
    #[serde(flatten)]
    pub state: FileState,
    /// The person marked it to have it.
    pub wanted: bool,
    /// Of the directive that it was read into: `17-KH/ĐU`.
    pub number: Option<String>,
}

impl FileState {
    /// Whether it can be read now.
    #[must_use]
    pub fn is_here(self) -> bool {
        matches!(self, Self::Here | Self::ToSend { .. })
    }
}

/// A file that is being read. It is not let go to make room as long as this lasts.
#[derive(Debug)]
pub struct Opened {
    pub size: u64,
    /// Of a letter: what is here are its ciphertext's bytes.
    sealed: Option<SealedFile>,
    reading: Reading,
}

/// The files that a shown row names, in the order in which it named them.
///
/// # Errors
/// The store's own fault.
pub fn of_row(store: &Connection, row: &RowRef) -> Result<Vec<FileView>, StoreError> {
    let mut statement = store.prepare_cached(
        "SELECT hash, name, media, size FROM named WHERE scope = ?1 AND kind = ?2 AND id = ?3 ORDER BY key",
    )?;
    let values = (row.scope.to_string(), &row.kind, row.id.to_string());
    let rows = statement.query_map(values, Named::from_sql)?;
    rows.map(|named| view(store, row, named?)).collect()
}

/// A file as a row names it.
struct Named {
    hash: String,
    name: String,
    media: String,
    size: u64,
}

impl Named {
    fn from_sql(sql: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { hash: sql.get(0)?, name: sql.get(1)?, media: sql.get(2)?, size: sql.get(3)? })
    }
}

fn view(store: &Connection, row: &RowRef, of: Named) -> Result<FileView, StoreError> {
    let blob = kept::find(store, row.scope, &of.hash)?;
    let state = state(store, row, &of.hash, of.size, blob.as_ref())?;
    let wanted = blob.is_some_and(|blob| blob.wanted);
    let number = number(store, row)?;
    let Named { hash, mut name, mut media, mut size } = of;
    if let Some(letter) = feedback::sealed::file_of(store, row.scope, &hash)? {
        // As its letter calls it; the row says nothing of what it is.
        (name, media, size) = (letter.name.clone(), letter.media.clone(), letter.size);
    }
    Ok(FileView { row: row.clone(), name, media, size, hash, state, wanted, number })
}

fn number(store: &Connection, row: &RowRef) -> Result<Option<String>, StoreError> {
    if row.kind != DIRECTIVE {
        return Ok(None);
    }
    let mut statement = store.prepare_cached("SELECT number FROM directive WHERE scope = ?1 AND id = ?2")?;
    Ok(statement.query_row((row.scope.to_string(), row.id.to_string()), |sql| sql.get(0)).optional()?)
}

/// Whether the row is a directive that is not to be believed: nothing of it is opened.
///
/// # Errors
/// The store's own fault.
pub fn is_kept_apart(store: &Connection, row: &RowRef) -> Result<bool, StoreError> {
    if row.kind != DIRECTIVE {
        return Ok(false);
    }
    let mut statement = store.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM quarantine JOIN directive ON directive.key = quarantine.directive
         WHERE directive.scope = ?1 AND directive.id = ?2)",
    )?;
    Ok(statement.query_row((row.scope.to_string(), row.id.to_string()), |sql| sql.get(0))?)
}

/// The same by the row's kind and id, wherever it lives.
///
/// # Errors
/// The store's own fault.
pub fn of_id(store: &Connection, kind: &str, of: Id) -> Result<Vec<FileView>, StoreError> {
    let mut statement =
        store.prepare_cached("SELECT scope FROM named WHERE scope IN (SELECT scope FROM scope) AND kind = ?1 AND id = ?2 ORDER BY scope LIMIT 1")?;
    let scope = statement.query_row((kind, of.to_string()), |sql| parsed(sql, 0)).optional()?;
    scope.map_or(Ok(Vec::new()), |scope| of_row(store, &RowRef::new(scope, kind, of)))
}

fn state(
    store: &Connection,
    row: &RowRef,
    hash: &str,
    size: u64,
    blob: Option<&Blob>,
) -> Result<FileState, StoreError> {
    let have = blob.map_or(0, |blob| blob.have);
    if blob.is_some_and(|blob| blob.whole) {
        let sent = to_send(store, row, hash)?;
        return Ok(sent.map_or(FileState::Here, |sent| FileState::ToSend { sent }));
    }
    if let Some(blob) = blob {
        match blob.problem {
            Some(Problem::Gone) => return Ok(FileState::Gone),
            Some(Problem::Damaged) => return Ok(FileState::Damaged),
            Some(Problem::NoRoom) => return Ok(FileState::NoRoom),
            _ if blob.opened || blob.wanted => return Ok(FileState::OnTheWay { have }),
            Some(Problem::Dropped) => return Ok(FileState::NotHere),
            None => {}
        }
    }
    let settings = room::settings(store)?;
    let fits = room::taken(store)?.saturating_sub(have).saturating_add(size) <= settings.quota;
    Ok(match (fits, settings.unmetered_only) {
        (false, _) => FileState::NotHere,
        (true, true) => FileState::WaitsForUnmetered { have },
        (true, false) => FileState::OnTheWay { have },
    })
}

/// How much of a file has reached the server, if a command that brings it still waits.
fn to_send(store: &Connection, row: &RowRef, hash: &str) -> Result<Option<u64>, StoreError> {
    let mut statement = store.prepare_cached(
        "SELECT coalesce(u.have, 0) FROM brought b JOIN command c ON c.entry = b.entry
           LEFT JOIN upload u ON u.hash = b.hash AND u.device = c.device
         WHERE b.scope = ?1 AND b.hash = ?2 AND c.state IN ('waiting', 'sent', 'held') LIMIT 1",
    )?;
    Ok(statement.query_row((row.scope.to_string(), hash), |sql| sql.get(0)).optional()?)
}

/// Opens a file to read it in pieces. `None` where it is not here: it is then fetched before all else by the next
/// transfer. A row that does not name it gives nothing either.
///
/// # Errors
/// The store's own fault.
pub fn open(
    store: &Connection,
    env: &dyn Env,
    readings: &Readings,
    row: &RowRef,
    hash: &str,
) -> Result<Option<Opened>, StoreError> {
    let Some(size) = named(store, row, hash)? else { return Ok(None) };
    let blob = kept::place(store, row.scope, hash, size)?;
    let now = env.now().millis();
    if blob.whole {
        store.execute("UPDATE blob SET used_at = ?2 WHERE key = ?1", (blob.key, now))?;
        let sealed = feedback::sealed::file_of(store, row.scope, hash)?;
        let size = sealed.as_ref().map_or(blob.size, |of| of.size);
        return Ok(Some(Opened { size, sealed, reading: readings.begin(blob.key) }));
    }
    // The person asks: what failed before is tried again.
    let sql = "UPDATE blob SET opened_at = ?2, problem = NULL, tries = 0 WHERE key = ?1";
    store.execute(sql, (blob.key, now))?;
    Ok(None)
}

fn named(store: &Connection, row: &RowRef, hash: &str) -> Result<Option<u64>, StoreError> {
    let mut statement = store
        .prepare_cached("SELECT size FROM named WHERE scope = ?1 AND kind = ?2 AND id = ?3 AND hash = ?4")?;
    let values = (row.scope.to_string(), &row.kind, row.id.to_string(), hash);
    Ok(statement.query_row(values, |sql| sql.get(0)).optional()?)
}

/// Bytes from `at` on, at most [`sotay_protocol::limits::PART`] of them; none at the end, and where its row has lost
/// the file since it was opened.
///
/// # Errors
/// The store's own fault.
pub fn piece(store: &Connection, of: &Opened, at: u64) -> Result<Vec<u8>, StoreError> {
    let Some(sealed) = &of.sealed else { return kept::piece(store, of.reading.key(), at) };
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    let number = at / CHUNK;
    let chunk = chunk(store, of.reading.key(), number)?;
    if chunk.is_empty() {
        return Ok(chunk);
    }
    let plain = open_chunk(sealed, number, &chunk).ok_or(StoreError::Row("a chunk of a sealed file"))?;
    Ok(plain.get(at - number * CHUNK..).map(<[u8]>::to_vec).unwrap_or_default())
}

/// A whole chunk of a ciphertext, in however many parts it came.
fn chunk(store: &Connection, key: i64, number: usize) -> Result<Vec<u8>, StoreError> {
    let (mut chunk, begins) = (Vec::new(), number.saturating_mul(limits::PART));
    while chunk.len() < limits::PART {
        let piece = kept::piece(store, key, (begins + chunk.len()) as u64)?;
        if piece.is_empty() {
            break;
        }
        chunk.extend(piece);
    }
    chunk.truncate(limits::PART);
    Ok(chunk)
}

/// A new file that only its owner may read.
fn private() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Writes a file that is here to a path of this device, from one moment's picture of the store. It stands there under
/// its name only once it is whole.
///
/// # Errors
/// [`StoreError::Folder`], [`StoreError::Full`] where it cannot be written; or the store's own fault.
pub fn save(store: &Store, of: &Opened, path: &Path) -> Result<(), StoreError> {
    let half = path.with_extension("sotay-part");
    let write = |connection: &Connection| -> Result<(), StoreError> {
        let mut file = private().open(&half).map_err(StoreError::of_folder)?;
        let mut at = 0;
        while at < of.size {
            let bytes = piece(connection, of, at)?;
            if bytes.is_empty() {
                return Err(StoreError::Row("a file that is gone"));
            }
            file.write_all(&bytes).map_err(StoreError::of_folder)?;
            at += bytes.len() as u64;
        }
        file.sync_all().map_err(StoreError::of_folder)
    };
    let written =
        store.read(write).and_then(|()| std::fs::rename(&half, path).map_err(StoreError::of_folder));
    if written.is_err() {
        // What is there of it is of no use; that it may stay is no further fault.
        let _ = std::fs::remove_file(&half);
    }
    written
}

/// Marks a file to be had. `false` where the row does not name it.
///
/// # Errors
/// The store's own fault.
pub fn want(store: &Connection, env: &dyn Env, row: &RowRef, hash: &str) -> Result<bool, StoreError> {
    let Some(size) = named(store, row, hash)? else { return Ok(false) };
    let blob = kept::place(store, row.scope, hash, size)?;
    let sql = "UPDATE blob SET wanted_at = ?2, problem = NULL, tries = 0 WHERE key = ?1";
    store.execute(sql, (blob.key, env.now().millis()))?;
    Ok(true)
}

/// Takes the mark away, and the wish of one who opened it. What is here stays until its room is needed.
///
/// # Errors
/// The store's own fault.
pub fn unwant(store: &Connection, row: &RowRef, hash: &str) -> Result<(), StoreError> {
    let sql = "UPDATE blob SET wanted_at = NULL, opened_at = NULL,
                 problem = CASE WHEN whole = 0 THEN 'dropped' ELSE problem END
               WHERE scope = ?1 AND hash = ?2";
    store.execute(sql, (row.scope.to_string(), hash))?;
    Ok(())
}

/// Files that shown rows name, the newest first; each once, however many rows of its scope name it. None of a directive that is
/// kept apart.
///
/// # Errors
/// The store's own fault.
pub fn list(store: &Connection, page: Page) -> Result<Vec<FileView>, StoreError> {
    let mut statement = store.prepare_cached(
        "SELECT hash, name, media, size, scope, kind, id FROM named WHERE NOT EXISTS
           (SELECT 1 FROM named AS newer
            WHERE newer.scope = named.scope AND newer.hash = named.hash AND newer.key > named.key)
           AND NOT (kind = 'directive' AND EXISTS
             (SELECT 1 FROM quarantine JOIN directive ON directive.key = quarantine.directive
              WHERE directive.scope = named.scope AND directive.id = named.id))
         ORDER BY key DESC LIMIT ?2 OFFSET ?1",
    )?;
    let rows = statement.query_map((page.skip, page.take), |sql| {
        let row = RowRef { scope: parsed(sql, 4)?, kind: sql.get(5)?, id: id(sql, 6)? };
        Ok((row, Named::from_sql(sql)?))
    })?;
    rows.map(|found| {
        let (row, named) = found?;
        view(store, &row, named)
    })
    .collect()
}
