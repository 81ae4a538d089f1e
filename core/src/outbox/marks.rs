//! The mark that a row bears on its screen: what became of the last thing done to it.

use std::collections::BTreeMap;

use rusqlite::Connection;
use sotay_protocol::row::RowRef;

use super::RowState;
use crate::{
    store::{StoreError, table},
    sync::commands,
    tables,
    words::Words,
};

/// Marks of all rows that this person touched lately, or that only a newer app can show as they are now.
#[derive(Debug, Default)]
pub struct Marks(BTreeMap<RowRef, RowState>);

impl Marks {
    /// # Errors
    /// The store's own fault.
    pub fn load(store: &Connection, words: &Words) -> Result<Self, StoreError> {
        let mut marks: BTreeMap<RowRef, RowState> = outdated(store)?;
        for entry in commands::list(store)? {
            let state = RowState::of(store, &entry, words)?;
            let row = entry.command.row;
            // What needs the person stands over what waits, and what waits over what is done.
            if marks.get(&row).is_none_or(|old| rank(&state) >= rank(old)) {
                marks.insert(row, state);
            }
        }
        Ok(Self(marks))
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
    let mut statement = store.prepare_cached("SELECT scope, kind, id FROM unread")?;
    let rows = statement.query_map([], |row| {
        Ok(RowRef { scope: table::parsed(row, 0)?, kind: row.get(1)?, id: table::id(row, 2)? })
    })?;
    let known = rows.filter(|row| row.as_ref().map_or(true, |row| tables::of_kind(&row.kind).is_some()));
    Ok(known.map(|row| Ok((row?, RowState::Outdated))).collect::<Result<_, rusqlite::Error>>()?)
}
