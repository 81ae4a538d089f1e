//! Building the index: in batches, after the rows have landed. Folding is done before the writer is taken.

use rusqlite::Connection;
use sotay_protocol::directives::{Directive, Number};

use super::{fold::fold_into, text::searched};
use crate::store::{Store, StoreError, execute};

/// Directives that are not in the index yet.
///
/// # Errors
/// The store's own fault.
pub fn waiting(store: &Connection) -> Result<u64, StoreError> {
    Ok(store.prepare_cached("SELECT count(*) FROM to_index")?.query_row([], |row| row.get(0))?)
}

/// Indexes at most `most` directives, the newest first, in one transaction; says how many. Call it until it
/// says 0.
///
/// # Errors
/// The store's own fault.
pub fn index_pending(store: &Store, most: usize) -> Result<usize, StoreError> {
    index(store, most, "1")
}

/// Likewise, of those that are newer than all that wait to be judged: what is kept apart never comes into the index. It may run
/// beside the judging.
///
/// # Errors
/// The store's own fault.
pub fn index_judged(store: &Store, most: usize) -> Result<usize, StoreError> {
    // They are judged from the newest on, so all above the newest that waits have been.
    index(store, most, "to_index.directive > ifnull((SELECT max(directive) FROM to_judge), -1)")
}

fn index(store: &Store, most: usize, which: &str) -> Result<usize, StoreError> {
    let pages = store.read(|store| pages(store, most, which))?;
    if pages.is_empty() {
        return Ok(0);
    }
    store.write(|store| {
        for page in &pages {
            put(store, page)?;
        }
        Ok(pages.len())
    })
}

/// Words of rows that went still stand in what the index was built of, marked as gone, until that is put together anew. When a
/// scope is left they have to go with it.
///
/// # Errors
/// The store's own fault.
pub(crate) fn drop_what_went(store: &Connection) -> Result<(), StoreError> {
    for index in ["search", "search_letter"] {
        execute(store, &format!("INSERT INTO {index} ({index}) VALUES ('optimize')"), [])?;
    }
    Ok(())
}

/// One directive, folded, with where it stood when it was read.
struct Page {
    key: i64,
    epoch: i64,
    seq: i64,
    apart: bool,
    /// `None` where this version cannot read it, or it is kept apart: nothing to search for.
    folded: Option<(String, String)>,
}

fn pages(store: &Connection, most: usize, which: &str) -> Result<Vec<Page>, StoreError> {
    let mut statement = store.prepare_cached(&format!(
        "SELECT d.key, d.epoch, d.seq, d.body, EXISTS (SELECT 1 FROM quarantine WHERE quarantine.directive = d.key)
         FROM to_index JOIN directive AS d ON d.key = to_index.directive
         WHERE {which} ORDER BY to_index.directive DESC LIMIT ?1",
    ))?;
    let rows = statement.query_map([i64::try_from(most).unwrap_or(i64::MAX)], |row| {
        let apart: bool = row.get(4)?;
        let folded = if apart { None } else { folded(row.get_ref(3)?.as_str()?) };
        Ok(Page { key: row.get(0)?, epoch: row.get(1)?, seq: row.get(2)?, apart, folded })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Head and words of a directive's body as the index holds them.
fn folded(body: &str) -> Option<(String, String)> {
    let directive: Directive = serde_json::from_str(body).ok()?;
    let statement = directive.read().ok()?;
    // The number stands first: that is how a query for it is told from one for what speaks of it.
    let mut head = String::new();
    for spelling in spellings(&statement.number) {
        fold_into(&spelling, &mut head);
    }
    fold_into(statement.directive_type.name(), &mut head);
    fold_into(&statement.abstract_, &mut head);
    fold_into(&statement.issuer_name, &mut head);
    let mut words = String::new();
    fold_into(&searched(statement.document), &mut words);
    Some((head, words))
}

/// A number in the spellings of the press: 05 and 5; and TW, which is also written TƯ.
fn spellings(number: &Number) -> Vec<String> {
    let mut spellings = vec![number.to_string()];
    if number.ordinal < 10 {
        spellings.push(number.ordinal.to_string());
    }
    if number.issuer == "TW" {
        spellings.push("TƯ".to_owned());
    }
    spellings
}

fn put(store: &Connection, page: &Page) -> Result<(), StoreError> {
    let still = "SELECT count(*) FROM directive WHERE key = ?1 AND epoch = ?2 AND seq = ?3
                   AND ?4 = EXISTS (SELECT 1 FROM quarantine WHERE quarantine.directive = ?1)";
    let at = (page.key, page.epoch, page.seq, page.apart);
    let still: i64 = store.prepare_cached(still)?.query_row(at, |row| row.get(0))?;
    if still == 0 {
        // Changed or gone meanwhile: what came stands in `to_index` again.
        return Ok(());
    }
    if let Some((head, words)) = &page.folded {
        store
            .prepare_cached("INSERT INTO search (rowid, head, words) VALUES (?1, ?2, ?3)")?
            .execute((page.key, head, words))?;
    }
    store.prepare_cached("DELETE FROM to_index WHERE directive = ?1")?.execute([page.key])?;
    Ok(())
}
