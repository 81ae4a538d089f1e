//! Which file comes next: parts up of what waits to be sent, then what the person opened, then what they marked to
//! have, then the rest, where the network costs nothing and the quota has room.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension};
use sotay_protocol::{id::Id, row::RowRef, scope::Scope};

use super::{
    kept::{self, Blob, COLUMNS, Problem},
    room::{self, Readings},
};
use crate::{
    store::{
        StoreError,
        table::{id, parsed},
    },
    sync::{device::Device, schedule::FilesDown},
};

/// What one run may do.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    pub up: bool,
    /// Which files may come, each with those before it; `None` where it only sends. [`FilesDown::Rest`] is for a
    /// network that costs nothing, unless the person has set it otherwise.
    pub down: Option<FilesDown>,
    /// What is being read is not let go.
    pub readings: Readings,
}

/// A file that waits to be sent, as far as the server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Up {
    pub key: i64,
    pub hash: String,
    pub size: u64,
    pub have: u64,
    /// The server has been told of this file before: ask how far it has come.
    pub begun: bool,
}

/// A file to fetch, and the row through which it may be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Down {
    pub blob: Blob,
    pub row: RowRef,
    pub rank: FilesDown,
}

/// Files that this run leaves alone after something went wrong with them, by hash.
pub(super) type LeftAlone = BTreeSet<String>;

/// What the outbox brings and the server does not have whole. What was applied is not in it: its files were taken.
const TO_SEND: &str = "
    SELECT DISTINCT b.hash, b.size, min(b.entry), coalesce(u.have, 0), u.hash IS NOT NULL, blob.key
    FROM brought b JOIN command c ON c.entry = b.entry
      JOIN blob ON blob.scope = b.scope AND blob.hash = b.hash AND blob.whole = 1
      LEFT JOIN upload u ON u.hash = b.hash AND u.device = ?1
    WHERE c.state IN ('waiting', 'sent', 'held') AND (u.hash IS NULL OR u.sure = 0 OR u.have < b.size)
    GROUP BY b.hash ORDER BY min(b.entry), b.hash";

fn to_send(store: &Connection, device: Id) -> Result<Vec<Up>, StoreError> {
    let mut statement = store.prepare_cached(TO_SEND)?;
    let rows = statement.query_map([device.to_string()], |row| {
        Ok(Up {
            hash: row.get(0)?,
            size: row.get(1)?,
            have: row.get(3)?,
            begun: row.get(4)?,
            key: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn next_up(
    store: &Connection,
    terms: &Terms,
    of: &Device,
    left_alone: &LeftAlone,
) -> Result<Option<Up>, StoreError> {
    if !terms.up {
        return Ok(None);
    }
    Ok(to_send(store, of.device)?.into_iter().find(|up| !left_alone.contains(&up.hash)))
}

/// Files that wait to be sent, and the bytes of them that the server does not have. "Is everything uploaded?" is
/// answered by this and by the commands that wait.
///
/// # Errors
/// The store's own fault.
pub fn waiting(store: &Connection) -> Result<(u64, u64), StoreError> {
    let device = store.query_row("SELECT device FROM device", [], |row| id(row, 0)).optional()?;
    let Some(device) = device else { return Ok((0, 0)) };
    let all = to_send(store, device)?;
    let left = all.iter().map(|up| up.size.saturating_sub(up.have)).sum();
    Ok((all.len() as u64, left))
}

/// The next file to fetch, with room made for it.
pub(super) fn next_down(
    store: &Connection,
    terms: &Terms,
    left_alone: &LeftAlone,
) -> Result<Option<Down>, StoreError> {
    let Some(most) = terms.down else { return Ok(None) };
    for rank in [FilesDown::Opened, FilesDown::Wanted].into_iter().filter(|rank| *rank <= most) {
        let asked_for = blobs(store, asked_for(rank))?;
        for blob in asked_for.into_iter().filter(|blob| !left_alone.contains(&blob.hash)) {
            let need = blob.size.saturating_sub(blob.have);
            if room::make(store, need, rank == FilesDown::Opened, &terms.readings, blob.key)? {
                return through(store, blob, rank);
            }
            kept::is_in_trouble(store, blob.key, Problem::NoRoom)?;
        }
    }
    if most < rest_from(store)? {
        return Ok(None);
    }
    match rest(store, left_alone)? {
        Some((scope, hash, size)) => through(store, kept::place(store, scope, &hash, size)?, FilesDown::Rest),
        None => Ok(None),
    }
}

/// The most urgent of the files that are still to come: what a schedule asks for.
///
/// # Errors
/// The store's own fault.
pub fn to_fetch(store: &Connection) -> Result<Option<FilesDown>, StoreError> {
    for rank in [FilesDown::Opened, FilesDown::Wanted] {
        if !blobs(store, asked_for(rank))?.is_empty() {
            return Ok(Some(rank));
        }
    }
    Ok(rest(store, &LeftAlone::new())?.map(|_| FilesDown::Rest))
}

/// Whether a file is still to come that a sync over any network would bring: one that somebody asked for, or any at all
/// where the person has set so.
///
/// # Errors
/// The store's own fault.
pub fn comes_over_any_network(store: &Connection) -> Result<bool, StoreError> {
    let most = if rest_from(store)? == FilesDown::Rest { FilesDown::Wanted } else { FilesDown::Rest };
    Ok(to_fetch(store)?.is_some_and(|rank| rank <= most))
}

fn asked_for(rank: FilesDown) -> &'static str {
    match rank {
        FilesDown::Opened => {
            "opened_at IS NOT NULL AND (problem IS NULL OR problem = 'dropped') ORDER BY opened_at DESC, key"
        }
        _ => "wanted_at IS NOT NULL AND (problem IS NULL OR problem = 'dropped') ORDER BY wanted_at, key",
    }
}

/// What a network must be worth for the rest to come, too: the person may have set that any will do.
fn rest_from(store: &Connection) -> Result<FilesDown, StoreError> {
    Ok(if room::settings(store)?.unmetered_only { FilesDown::Rest } else { FilesDown::Wanted })
}

fn blobs(store: &Connection, which: &str) -> Result<Vec<Blob>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM blob WHERE whole = 0 AND {which}");
    let mut statement = store.prepare_cached(&sql)?;
    Ok(statement.query_map([], Blob::from_sql)?.collect::<Result<_, _>>()?)
}

/// What nobody asked for and there is room for: what was begun, then the newest.
fn rest(store: &Connection, left_alone: &LeftAlone) -> Result<Option<(Scope, String, u64)>, StoreError> {
    let free = room::settings(store)?.quota.saturating_sub(room::taken(store)?);
    let begun = "have > 0 AND opened_at IS NULL AND wanted_at IS NULL AND problem IS NULL ORDER BY key";
    let fits = |blob: &Blob| blob.size.saturating_sub(blob.have) <= free && !left_alone.contains(&blob.hash);
    if let Some(blob) = blobs(store, begun)?.into_iter().find(fits) {
        return Ok(Some((blob.scope, blob.hash, blob.size)));
    }
    let mut statement = store.prepare_cached(
        "SELECT n.scope, n.hash, n.size FROM named n
         LEFT JOIN blob b ON b.scope = n.scope AND b.hash = n.hash
         WHERE n.size <= ?1 AND (b.key IS NULL OR (b.whole = 0 AND b.problem IS NULL)) ORDER BY n.key DESC",
    )?;
    let mut rows = statement.query([i64::try_from(free).unwrap_or(i64::MAX)])?;
    while let Some(row) = rows.next()? {
        let hash: String = row.get(1)?;
        if !left_alone.contains(&hash) {
            return Ok(Some((parsed(row, 0)?, hash, row.get(2)?)));
        }
    }
    Ok(None)
}

/// A row of the scope that names the file: it is asked for through it.
fn through(store: &Connection, blob: Blob, rank: FilesDown) -> Result<Option<Down>, StoreError> {
    let mut statement = store
        .prepare_cached("SELECT kind, id FROM named WHERE scope = ?1 AND hash = ?2 ORDER BY key LIMIT 1")?;
    let row = statement
        .query_row((blob.scope.to_string(), &blob.hash), |row| {
            Ok(RowRef { scope: blob.scope, kind: row.get(0)?, id: id(row, 1)? })
        })
        .optional()?;
    Ok(row.map(|row| Down { blob, row, rank }))
}

/// Whether something should go before a file of this rank.
pub(super) fn outranked(
    store: &Connection,
    terms: &Terms,
    of: &Device,
    down: &Down,
    left_alone: &LeftAlone,
) -> Result<bool, StoreError> {
    if next_up(store, terms, of, left_alone)?.is_some() {
        return Ok(true);
    }
    let mut statement = store.prepare_cached(
        "SELECT hash FROM blob WHERE whole = 0 AND key <> ?1 AND (problem IS NULL OR problem = 'dropped')
           AND (opened_at IS NOT NULL OR (?2 AND wanted_at IS NOT NULL))",
    )?;
    let mut hashes =
        statement.query_map((down.blob.key, down.rank == FilesDown::Rest), |row| row.get::<_, String>(0))?;
    let before = |hash: &rusqlite::Result<String>| hash.as_ref().is_ok_and(|hash| !left_alone.contains(hash));
    Ok(down.rank > FilesDown::Opened && hashes.any(|hash| before(&hash)))
}

/// What the server said of a file on its way up.
pub(super) fn came_up(store: &Connection, device: Id, hash: &str, have: u64) -> Result<(), StoreError> {
    let sql = "INSERT INTO upload (hash, device, have, sure) VALUES (?1, ?2, ?3, 1)
               ON CONFLICT (hash) DO UPDATE SET device = excluded.device, have = excluded.have, sure = 1";
    store.prepare_cached(sql)?.execute((hash, device.to_string(), have))?;
    Ok(())
}
