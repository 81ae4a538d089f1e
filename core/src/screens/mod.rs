//! What each screen shows, worked out once for terminal and phones: in which order, under which heading, in which words,
//! what can be done and why not. A view draws it and decides nothing.
//!
//! All of it is made of what the features read and of [`Words`](crate::words::Words), which say the language and what time
//! it is: the same in, the same out.

pub mod attention;
pub mod directives;
pub mod feedback;
pub mod home;
pub mod meetings;
pub mod signing;

#[cfg(test)]
mod tests;

use crate::{outbox::RowState, words::Words};

/// What became of what the person last did to a row, where that is still news.
fn news(sync: Option<&RowState>, words: &Words) -> Option<String> {
    sync.filter(|sync| !sync.is_applied()).map(|sync| words.row_state(sync))
}
