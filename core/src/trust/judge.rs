//! Judging directives: in batches, after the rows have landed, on more than one core. A signature is verified while neither a reader
//! nor the writer is held.

use rusqlite::Connection;
use sotay_protocol::{
    directives::Directive,
    id::Id,
    scope::Scope,
    trust::{Distrust, Keyring, Verdict, Verdicts},
};

use super::keys::{self, Ring};
use crate::store::{
    Store, StoreError,
    table::{id, parsed},
};

/// Directives in one transaction: a worker is back within a twentieth of a second, for whoever opens a screen meanwhile.
pub const BATCH: usize = 200;

/// Directives that are still to be judged, or judged anew.
///
/// # Errors
/// The store's own fault.
pub fn waiting(store: &Connection) -> Result<u64, StoreError> {
    Ok(store.prepare_cached("SELECT count(*) FROM to_judge")?.query_row([], |row| row.get(0))?)
}

/// Directives that are kept apart.
///
/// # Errors
/// The store's own fault.
pub fn count_quarantined(store: &Connection) -> Result<u64, StoreError> {
    Ok(store.prepare_cached("SELECT count(*) FROM quarantine")?.query_row([], |row| row.get(0))?)
}

/// Judges at most `most` directives, the newest first, by the keys that are here now; says how many. Call it until it says 0.
///
/// # Errors
/// The store's own fault.
pub fn judge_pending(store: &Store, most: usize) -> Result<usize, StoreError> {
    Judging::default().next(store, most)
}

/// Judges one that somebody opens, where it still waits for that.
///
/// # Errors
/// The store's own fault.
pub fn judge_one(store: &Store, id: Id) -> Result<(), StoreError> {
    let which = "d.scope IN (SELECT scope FROM scope) AND d.id = ?1";
    Judging::default().judge(store, which, [id.to_string()]).map(drop)
}

/// A share of what is to be judged. Verifying takes a core for itself, so two of these work side by side; each keeps the keyring
/// that it has built, as long as no keys come.
#[derive(Default)]
pub struct Judging {
    ring: Option<Ring>,
    share: u32,
    /// The shares after the first.
    others: u32,
}

impl std::fmt::Debug for Judging {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judging").field("share", &self.share).finish_non_exhaustive()
    }
}

impl Judging {
    /// So many shares of all that waits.
    #[must_use]
    pub fn side_by_side(shares: u32) -> Vec<Self> {
        (0..shares).map(|share| Self { ring: None, share, others: shares.saturating_sub(1) }).collect()
    }

    /// Judges at most `most` of this share, the newest first; says how many.
    ///
    /// # Errors
    /// The store's own fault.
    pub fn next(&mut self, store: &Store, most: usize) -> Result<usize, StoreError> {
        let which = "to_judge.directive % ?2 = ?3 ORDER BY to_judge.directive DESC LIMIT ?1";
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.judge(store, which, (most, self.others + 1, self.share))
    }

    fn judge(
        &mut self,
        store: &Store,
        which: &str,
        values: impl rusqlite::Params,
    ) -> Result<usize, StoreError> {
        if store.read(keys::have_changed)? {
            store.write(|store| keys::catch_up(store))?;
        }
        let found = store.read(|store| self.found(store, which, values))?;
        let Some(ring) = self.ring.as_ref().filter(|_| !found.is_empty()) else { return Ok(0) };
        // Neither a reader nor the writer is held while signatures are verified.
        let pages: Vec<Page> = found.iter().map(|of| of.judged(&ring.keys)).collect();
        let as_of = ring.as_of;
        store.write(|store| {
            // Keys that came meanwhile: the next call judges by them.
            let still = is_as_of(store, as_of)?;
            for page in pages.iter().filter(|_| still) {
                put(store, page)?;
            }
            Ok(pages.len())
        })
    }

    fn found(
        &mut self,
        store: &Connection,
        which: &str,
        values: impl rusqlite::Params,
    ) -> Result<Vec<Found>, StoreError> {
        let sql = format!(
            "SELECT d.key, d.epoch, d.seq, d.scope, d.body, d.id
             FROM to_judge JOIN directive AS d ON d.key = to_judge.directive WHERE {which}"
        );
        let mut statement = store.prepare_cached(&sql)?;
        let rows = statement.query_map(values, |row| {
            Ok(Found {
                key: row.get(0)?,
                epoch: row.get(1)?,
                seq: row.get(2)?,
                scope: parsed(row, 3)?,
                body: row.get(4)?,
                id: id(row, 5)?,
            })
        })?;
        let found: Vec<Found> = rows.collect::<Result<_, _>>()?;
        let known = self.ring.as_ref().map(|ring| is_as_of(store, ring.as_of)).transpose()?;
        if !found.is_empty() && known != Some(true) {
            self.ring = Some(keys::ring(store)?);
        }
        Ok(found)
    }
}

/// Whether the keys are still those of then.
fn is_as_of(store: &Connection, as_of: i64) -> Result<bool, StoreError> {
    Ok(store.prepare_cached("SELECT keys = ?1 FROM trust")?.query_row([as_of], |row| row.get(0))?)
}

/// One that waits, as it stood when it was read.
struct Found {
    key: i64,
    epoch: i64,
    seq: i64,
    scope: Scope,
    id: Id,
    body: String,
}

impl Found {
    fn judged(&self, keys: &Keyring) -> Page {
        let verdicts = verdicts(&self.body, self.id, self.scope, keys);
        Page { key: self.key, epoch: self.epoch, seq: self.seq, verdicts }
    }
}

/// What was found of one directive, with where it stood when it was read.
struct Page {
    key: i64,
    epoch: i64,
    seq: i64,
    verdicts: Verdicts,
}

fn verdicts(body: &str, id: Id, scope: Scope, keys: &Keyring) -> Verdicts {
    match serde_json::from_str::<Directive>(body) {
        Ok(directive) => Verdicts::of(&directive, id, scope, keys),
        Err(_) => Verdicts { statement: Verdict::Quarantined { why: Distrust::Malformed }, ruling: None },
    }
}

fn put(store: &Connection, page: &Page) -> Result<(), StoreError> {
    let still = "SELECT count(*) FROM directive WHERE key = ?1 AND epoch = ?2 AND seq = ?3";
    let still: i64 =
        store.prepare_cached(still)?.query_row((page.key, page.epoch, page.seq), |row| row.get(0))?;
    if still == 0 {
        // Changed or gone meanwhile: what came stands in `to_judge` again.
        return Ok(());
    }
    let json = |verdict: &Verdict| serde_json::to_string(verdict).unwrap_or_default();
    let (statement, ruling) = (json(&page.verdicts.statement), page.verdicts.ruling.as_ref().map(json));
    // Found again as before: nobody who watches need hear of it.
    store
        .prepare_cached(
            "INSERT INTO verdict (directive, statement, ruling) VALUES (?1, ?2, ?3)
             ON CONFLICT (directive) DO UPDATE SET statement = excluded.statement, ruling = excluded.ruling
               WHERE statement <> excluded.statement OR ruling IS NOT excluded.ruling",
        )?
        .execute((page.key, statement, ruling))?;
    let apart = if matches!(page.verdicts.statement, Verdict::Quarantined { .. }) {
        "INSERT INTO quarantine (directive) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM quarantine WHERE directive = ?1)"
    } else {
        "DELETE FROM quarantine WHERE directive = ?1"
    };
    store.prepare_cached(apart)?.execute([page.key])?;
    store.prepare_cached("DELETE FROM to_judge WHERE directive = ?1")?.execute([page.key])?;
    Ok(())
}
