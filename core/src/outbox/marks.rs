//! The mark that a row bears on its screen: what became of the last thing done to it.

use std::collections::BTreeMap;

use rusqlite::Connection;
use sotay_protocol::row::RowRef;

use super::RowState;
use crate::{store::StoreError, sync::commands, words::Words};

/// Marks of all rows that this person touched lately.
#[derive(Debug, Default)]
pub struct Marks(BTreeMap<RowRef, RowState>);

impl Marks {
    /// # Errors
    /// The store's own fault.
    pub fn load(store: &Connection, words: &Words) -> Result<Self, StoreError> {
        let mut marks = BTreeMap::new();
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
    if state.needs_attention() { 2 } else { u8::from(!state.is_applied()) }
}
