//! Full-text search of directives, as Vietnamese is typed: with marks or without, composed or not, in either
//! style of tone marks.
//!
//! Text is folded here and handed to FTS5 as plain words of `a`–`z` and digits: rusqlite has no safe way to a
//! tokenizer of one's own, and FTS5's `remove_diacritics` leaves `đ` alone. The index is built in bulk after
//! rows have landed, and not by row triggers, which costs a quarter of the time.

mod exact;
pub mod fold;
mod index;
mod query;
mod snippet;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use self::index::drop_what_went;
pub use self::{
    index::{index_judged, index_pending, waiting},
    query::{Found, Hit, find},
    snippet::Part,
};

/// Directives in one transaction of the index.
pub const BATCH: usize = 500;
