//! The mark that a row bears on its screen: what became of the last thing done to it.

use std::collections::BTreeMap;

use rusqlite::Connection;
use sotay_protocol::row::RowRef;

use super::RowState;
use crate::{
    release,
    store::{StoreError, table},
    sync::commands::{self, Entry},
    tables::TABLES,
    words::Words,
};

/// Marks of all rows that this person touched lately, or that only a newer app can show as they are now.
#[derive(Debug, Default)]
pub struct Marks(BTreeMap<RowRef, RowState>);

impl Marks {
    /// # Errors
    /// The store's own fault.
    pub fn load(store: &Connection, words: &Words) -> Result<Self, StoreError> {
        Self(outdated(store)?).with(store, commands::list(store)?, words)
    }

    /// The mark of one row.
    ///
    /// # Errors
    /// The store's own fault.
    pub fn of_row(store: &Connection, row: &RowRef, words: &Words) -> Result<Self, StoreError> {
        let outdated = is_outdated(store, row)?.then(|| (row.clone(), RowState::Outdated));
        Self(outdated.into_iter().collect()).with(store, commands::of_row(store, row)?, words)
    }

    fn with(mut self, store: &Connection, entries: Vec<Entry>, words: &Words) -> Result<Self, StoreError> {
        for entry in entries {
            let state = RowState::of(store, &entry, words)?;
            let row = entry.command.row;
            // What needs the person stands over what waits, and what waits over what is done.
            if self.0.get(&row).is_none_or(|old| rank(&state) >= rank(old)) {
                self.0.insert(row, state);
            }
        }
        Ok(self)
    }

    #[must_use]
    pub fn of(&self, row: &RowRef) -> Option<RowState> {
        self.0.get(row).cloned()
    }
}

fn rank(state: &RowState) -> u8 {
    match state {
        RowState::Applied { .. } => 0,
        RowState::Outdated => 1,
        state if state.needs_attention() => 3,
        _ => 2,
    }
}

/// Rows of kinds that this app shows, whose newest form it cannot read.
fn outdated(store: &Connection) -> Result<BTreeMap<RowRef, RowState>, StoreError> {
    let mut statement = store.prepare_cached("SELECT scope, id FROM unread WHERE kind = ?1")?;
    let mut outdated = BTreeMap::new();
    for table in TABLES.iter().filter(|table| release::knows(table.kind)) {
        let rows = statement.query_map([table.kind], |row| {
            Ok(RowRef::new(table::parsed(row, 0)?, table.kind, table::id(row, 1)?))
        })?;
        for row in rows {
            outdated.insert(row?, RowState::Outdated);
        }
    }
    Ok(outdated)
}

/// Whether a newer form of the row has come, which this app cannot read.
pub(crate) fn is_outdated(store: &Connection, row: &RowRef) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM unread WHERE scope = ?1 AND kind = ?2 AND id = ?3)";
    let at = (row.scope.to_string(), &row.kind, row.id.to_string());
    Ok(store.prepare_cached(sql)?.query_row(at, |row| row.get(0))?)
}
