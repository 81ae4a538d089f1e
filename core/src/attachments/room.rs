//! Room for files: how much they may take, and which go first when there is not enough.
//!
//! What can be fetched again is let go, what was not looked at for longest first; never what waits to be sent, or may
//! have to be sent again, and never what is being read.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;
use serde::Serialize;

use super::kept::{self, Problem};
use crate::store::{Store, StoreError};

/// Pages given back to the phone at a time: 4 MiB.
const PAGES: u32 = 256;

/// Files that somebody is reading; cheap to clone, all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Readings(Arc<Mutex<BTreeMap<i64, u32>>>);

/// As long as this lasts the file is not let go to make room.
#[derive(Debug)]
pub struct Reading {
    of: Readings,
    key: i64,
}

impl Readings {
    pub(super) fn begin(&self, key: i64) -> Reading {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default() += 1;
        Reading { of: self.clone(), key }
    }

    fn contains(&self, key: i64) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&key)
    }
}

impl Reading {
    pub(super) fn key(&self) -> i64 {
        self.key
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let mut readings = self.of.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = readings.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                readings.remove(&self.key);
            }
        }
    }
}

/// The least and the most that a person can set, in bytes: less takes not one photo, more no phone has.
pub const QUOTA: std::ops::RangeInclusive<u64> = 10_000_000..=100_000_000_000;

/// What the person has set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// Bytes that files may take on this phone.
    pub quota: u64,
    /// What nobody asked for comes over an unmetered network alone.
    pub unmetered_only: bool,
}

/// What files take on this phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Usage {
    #[serde(flatten)]
    pub settings: Settings,
    pub files: u64,
    pub bytes: u64,
    /// Of these, what waits to be sent or may have to be sent again: it stays.
    pub own_bytes: u64,
}

/// # Errors
/// The store's own fault.
pub fn settings(store: &Connection) -> Result<Settings, StoreError> {
    let mut statement = store.prepare_cached("SELECT quota, unmetered_only FROM file_setting")?;
    let read = |row: &rusqlite::Row<'_>| Ok(Settings { quota: row.get(0)?, unmetered_only: row.get(1)? });
    Ok(statement.query_row([], read)?)
}

/// Sets them; a smaller quota lets go at once what is over it, where that can be fetched again.
///
/// # Errors
/// The store's own fault.
pub fn set(store: &Connection, to: Settings, readings: &Readings) -> Result<(), StoreError> {
    let quota = i64::try_from(to.quota).unwrap_or(i64::MAX);
    store.execute("UPDATE file_setting SET quota = ?1, unmetered_only = ?2", (quota, to.unmetered_only))?;
    store.execute("UPDATE blob SET problem = NULL WHERE problem = 'no_room'", [])?;
    let over = taken(store)?.saturating_sub(to.quota);
    evict(store, over, true, readings).map(drop)
}

/// # Errors
/// The store's own fault.
pub fn usage(store: &Connection) -> Result<Usage, StoreError> {
    let mut statement = store.prepare_cached(
        "SELECT count(*), coalesce(sum(have), 0), coalesce(sum(have) FILTER (WHERE EXISTS
           (SELECT 1 FROM brought WHERE brought.scope = blob.scope AND brought.hash = blob.hash)), 0)
         FROM blob WHERE have > 0",
    )?;
    let settings = settings(store)?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Usage { settings, files: row.get(0)?, bytes: row.get(1)?, own_bytes: row.get(2)? })
    };
    Ok(statement.query_row([], read)?)
}

/// Lets go all that can be fetched again and nobody is reading; gives the bytes.
///
/// # Errors
/// The store's own fault.
pub fn clear(store: &Connection, readings: &Readings) -> Result<u64, StoreError> {
    store.execute("UPDATE blob SET wanted_at = NULL, opened_at = NULL", [])?;
    evict(store, u64::MAX, true, readings)
}

pub(super) fn taken(store: &Connection) -> Result<u64, StoreError> {
    let mut statement = store.prepare_cached("SELECT coalesce(sum(have), 0) FROM blob")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Makes room for `need` more bytes, if that can be done; what the person marked to have goes only where `even_wanted`.
pub(super) fn make(
    store: &Connection,
    need: u64,
    even_wanted: bool,
    readings: &Readings,
    but: i64,
) -> Result<bool, StoreError> {
    let _kept = readings.begin(but);
    let quota = settings(store)?.quota;
    let short = taken(store)?.saturating_add(need).saturating_sub(quota);
    if short == 0 {
        return Ok(true);
    }
    if evictable(store, even_wanted, readings)?.iter().map(|(_, have)| have).sum::<u64>() < short {
        return Ok(false);
    }
    evict(store, short, even_wanted, readings)?;
    Ok(true)
}

fn evict(store: &Connection, bytes: u64, even_wanted: bool, readings: &Readings) -> Result<u64, StoreError> {
    let mut gone = 0;
    for (key, have) in evictable(store, even_wanted, readings)? {
        if gone >= bytes {
            break;
        }
        kept::forget(store, key, Some(Problem::Dropped))?;
        gone += have;
    }
    Ok(gone)
}

/// What nobody marked goes before what somebody did.
fn evictable(
    store: &Connection,
    even_wanted: bool,
    readings: &Readings,
) -> Result<Vec<(i64, u64)>, StoreError> {
    let mut statement = store.prepare_cached(
        "SELECT key, have FROM blob
         WHERE have > 0 AND opened_at IS NULL AND (?1 OR wanted_at IS NULL) AND NOT EXISTS
           (SELECT 1 FROM brought WHERE brought.scope = blob.scope AND brought.hash = blob.hash)
         ORDER BY wanted_at IS NOT NULL, used_at, key",
    )?;
    let rows = statement.query_map([even_wanted], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut all: Vec<(i64, u64)> = rows.collect::<Result<_, _>>()?;
    all.retain(|(key, _)| !readings.contains(*key));
    Ok(all)
}

/// Gives pages that files left back to the phone, some at a time so that nobody waits long for the store. A store made
/// before files were keeps them for its own growth.
///
/// # Errors
/// The store's own fault.
pub fn give_back(store: &Store) -> Result<(), StoreError> {
    let mut before = u64::MAX;
    loop {
        let left = store.write(|store| -> Result<u64, StoreError> {
            let incremental =
                store.query_row("PRAGMA auto_vacuum", [], |row| Ok(row.get::<_, u32>(0)? == 2))?;
            if !incremental {
                return Ok(0);
            }
            store.execute_batch(&format!("PRAGMA incremental_vacuum({PAGES});"))?;
            Ok(store.query_row("PRAGMA freelist_count", [], |row| row.get(0))?)
        })?;
        if left == 0 || left >= before {
            return Ok(());
        }
        before = left;
    }
}
