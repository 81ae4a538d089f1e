//! Judging directives: in batches, after the rows have landed. A signature is verified before the writer is taken.

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

/// Directives in one transaction.
pub const BATCH: usize = 500;

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
    let all = "SELECT d.key, d.epoch, d.seq, d.scope, d.body, d.id FROM to_judge JOIN directive AS d ON d.key = to_judge.directive
               ORDER BY to_judge.directive DESC LIMIT ?1";
    judge(store, all, i64::try_from(most).unwrap_or(i64::MAX))
}

/// Judges one that somebody opens, where it still waits for that.
///
/// # Errors
/// The store's own fault.
pub fn judge_one(store: &Store, id: Id) -> Result<(), StoreError> {
    let one = "SELECT d.key, d.epoch, d.seq, d.scope, d.body, d.id FROM directive AS d JOIN to_judge ON d.key = to_judge.directive
               WHERE d.scope IN (SELECT scope FROM scope) AND d.id = ?1";
    judge(store, one, id.to_string()).map(drop)
}

fn judge(store: &Store, sql: &str, which: impl rusqlite::ToSql) -> Result<usize, StoreError> {
    if store.read(keys::have_changed)? {
        store.write(|store| keys::catch_up(store))?;
    }
    let found = store.read(|store| found(store, sql, which))?;
    let Some((as_of, pages)) = found else { return Ok(0) };
    store.write(|store| {
        let now: i64 = store.prepare_cached("SELECT keys FROM trust")?.query_row([], |row| row.get(0))?;
        // Keys that came meanwhile: the next call judges by them.
        for page in pages.iter().filter(|_| now == as_of) {
            put(store, page)?;
        }
        Ok(pages.len())
    })
}

/// What was found of one directive, with where it stood when it was read.
struct Page {
    key: i64,
    epoch: i64,
    seq: i64,
    verdicts: Verdicts,
}

fn found(
    store: &Connection,
    sql: &str,
    which: impl rusqlite::ToSql,
) -> Result<Option<(i64, Vec<Page>)>, StoreError> {
    if waiting(store)? == 0 {
        return Ok(None);
    }
    let Ring { keys, as_of, .. } = keys::ring(store)?;
    let mut statement = store.prepare_cached(sql)?;
    let rows = statement.query_map([which], |row| {
        let verdicts = verdicts(row.get_ref(4)?.as_str()?, id(row, 5)?, parsed(row, 3)?, &keys);
        Ok(Page { key: row.get(0)?, epoch: row.get(1)?, seq: row.get(2)?, verdicts })
    })?;
    let pages: Vec<Page> = rows.collect::<Result<_, _>>()?;
    Ok((!pages.is_empty()).then_some((as_of, pages)))
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
