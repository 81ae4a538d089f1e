//! Cần xem lại: what the server has not taken, each with how it stands.

use serde::Serialize;

use crate::{outbox::Item, words::Words};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttentionRow {
    #[serde(flatten)]
    pub item: Item,
    /// How it stands, in words.
    pub sentence: String,
}

#[must_use]
pub fn rows(items: Vec<Item>, words: &Words) -> Vec<AttentionRow> {
    let row = |item: Item| AttentionRow { sentence: words.row_state(&item.state), item };
    items.into_iter().map(row).collect()
}
