//! What a schedule knows of the store.

use std::time::Duration;

use sotay_protocol::env::Timestamp;

use super::FilesDown;

/// How the store stands, as far as it matters for when to sync.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    pub enrolled: bool,
    pub last_sync: Option<Timestamp>,
    /// How long the server listens to this phone's token, by this phone's clock.
    pub token_until: Option<Timestamp>,
    /// Commands that would go up; held ones and those that need the person are not among them.
    pub pending: u64,
    pub files: FilesLeft,
}

/// Files that are still to travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FilesLeft {
    pub up: bool,
    /// The most urgent of those to come down.
    pub down: Option<FilesDown>,
}

impl Facts {
    /// Whether the news are older than `span`. A sync in the future was made under another clock.
    pub(super) fn is_older(&self, now: Timestamp, span: Duration) -> bool {
        self.last_sync.is_none_or(|at| at > now || at + span <= now)
    }
}
