//! The bytes of files in the store: kept part by part, verified as a whole, read in pieces, and let go.

use ring::digest;
use rusqlite::{Connection, OptionalExtension};
use sotay_protocol::{env::Timestamp, limits, scope::Scope};

use crate::store::{StoreError, table::parsed};

/// A file of a scope, as far as it is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Blob {
    pub key: i64,
    pub scope: Scope,
    pub hash: String,
    pub size: u64,
    pub have: u64,
    pub whole: bool,
    pub opened: bool,
    pub wanted: bool,
    pub tries: u32,
    pub problem: Option<Problem>,
}

/// Why a file does not come by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// The server has no such file for this row: asked again once the row changes.
    Gone,
    /// It came three times, and never was what its hash says.
    Damaged,
    /// There is no room for it in the quota.
    NoRoom,
    /// It made room for others; it comes again when somebody asks for it.
    Dropped,
}

impl Problem {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Gone, "gone"),
        (Self::Damaged, "damaged"),
        (Self::NoRoom, "no_room"),
        (Self::Dropped, "dropped"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(problem, _)| *problem == self).map_or("", |(_, name)| name)
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(problem, _)| problem)
    }
}

pub(super) const COLUMNS: &str =
    "key, scope, hash, size, have, whole, opened_at IS NOT NULL, wanted_at IS NOT NULL, tries, problem";

impl Blob {
    pub(super) fn from_sql(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            key: row.get(0)?,
            scope: parsed(row, 1)?,
            hash: row.get(2)?,
            size: row.get(3)?,
            have: row.get(4)?,
            whole: row.get(5)?,
            opened: row.get(6)?,
            wanted: row.get(7)?,
            tries: row.get(8)?,
            problem: row.get::<_, Option<String>>(9)?.and_then(|name| Problem::named(&name)),
        })
    }
}

pub(super) fn find(store: &Connection, scope: Scope, hash: &str) -> Result<Option<Blob>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM blob WHERE scope = ?1 AND hash = ?2");
    let mut statement = store.prepare_cached(&sql)?;
    Ok(statement.query_row((scope.to_string(), hash), Blob::from_sql).optional()?)
}

/// The file's place in the store, made if there is none.
pub(super) fn place(store: &Connection, scope: Scope, hash: &str, size: u64) -> Result<Blob, StoreError> {
    let sql = "INSERT INTO blob (scope, hash, size) VALUES (?1, ?2, ?3) ON CONFLICT (scope, hash) DO NOTHING";
    store.prepare_cached(sql)?.execute((scope.to_string(), hash, size))?;
    find(store, scope, hash)?.ok_or(StoreError::Row("a file's place"))
}

/// Keeps a file that is all there and known to be what its hash says, as when it was made here.
pub(super) fn keep(
    store: &Connection,
    scope: Scope,
    hash: &str,
    bytes: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    let blob = place(store, scope, hash, bytes.len() as u64)?;
    if blob.whole {
        return Ok(());
    }
    forget(store, blob.key, None)?;
    let mut at = 0;
    for part in bytes.chunks(limits::PART) {
        append(store, blob.key, at, part)?;
        at += part.len() as u64;
    }
    became_whole(store, blob.key, now)
}

/// Adds bytes at the end of what is here; says whether this was its end.
pub(super) fn append(store: &Connection, key: i64, at: u64, bytes: &[u8]) -> Result<bool, StoreError> {
    let sql = "UPDATE blob SET have = have + ?3 WHERE key = ?1 AND have = ?2";
    if store.prepare_cached(sql)?.execute((key, at, bytes.len() as u64))? == 0 {
        return Ok(false);
    }
    let sql = "INSERT INTO blob_part (blob, at, bytes) VALUES (?1, ?2, ?3)";
    store.prepare_cached(sql)?.execute((key, at, bytes))?;
    Ok(true)
}

/// Whether all the bytes are here and are what the hash says; one part of them in memory at a time.
pub(super) fn is_right(store: &Connection, blob: &Blob) -> Result<bool, StoreError> {
    let mut whole = digest::Context::new(&digest::SHA256);
    let mut statement = store.prepare_cached("SELECT bytes FROM blob_part WHERE blob = ?1 ORDER BY at")?;
    let mut parts = statement.query([blob.key])?;
    let mut size = 0;
    while let Some(part) = parts.next()? {
        let bytes = part.get_ref(0)?.as_blob().map_err(|_| StoreError::Row("a part of a file"))?;
        size += bytes.len() as u64;
        whole.update(bytes);
    }
    let hash: String = whole.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(size == blob.size && hash == blob.hash)
}

pub(super) fn became_whole(store: &Connection, key: i64, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE blob SET whole = 1, opened_at = NULL, problem = NULL, tries = 0, used_at = ?2
               WHERE key = ?1 AND have = size";
    store.prepare_cached(sql)?.execute((key, now.millis()))?;
    Ok(())
}

/// Lets the bytes go and keeps the place, with why.
pub(super) fn forget(store: &Connection, key: i64, why: Option<Problem>) -> Result<(), StoreError> {
    store.prepare_cached("DELETE FROM blob_part WHERE blob = ?1")?.execute([key])?;
    let sql = "UPDATE blob SET have = 0, whole = 0, problem = ?2 WHERE key = ?1";
    store.prepare_cached(sql)?.execute((key, why.map(Problem::name)))?;
    Ok(())
}

pub(super) fn is_in_trouble(store: &Connection, key: i64, why: Problem) -> Result<(), StoreError> {
    store.prepare_cached("UPDATE blob SET problem = ?2 WHERE key = ?1")?.execute((key, why.name()))?;
    Ok(())
}

/// Bytes from `at` on, of one part at most; none at the end.
pub(super) fn piece(store: &Connection, key: i64, at: u64) -> Result<Vec<u8>, StoreError> {
    let sql = "SELECT substr(bytes, ?2 - at + 1) FROM blob_part WHERE blob = ?1 AND at <= ?2 ORDER BY at DESC LIMIT 1";
    Ok(store.prepare_cached(sql)?.query_row((key, at), |row| row.get(0)).optional()?.unwrap_or_default())
}
