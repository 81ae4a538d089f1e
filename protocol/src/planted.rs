//! Bugs that the simulation has to find, to show that it can. Compiled only with the feature `planted`, which
//! no release has, and asleep until a simulation plants one.

use std::sync::atomic::{AtomicU8, Ordering};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Bug {
    /// The phone moves its cursor in a transaction before the one that takes in the rows.
    CursorBeforeCommit = 1,
    /// The server carries a command out and does not keep its outcome.
    OutcomeNotStored = 2,
    /// The phone stops folding a command at its outcome, before its row has come.
    FoldEndsAtOutcome = 3,
}

impl Bug {
    pub const ALL: [Self; 3] = [Self::CursorBeforeCommit, Self::OutcomeNotStored, Self::FoldEndsAtOutcome];
}

static PLANTED: AtomicU8 = AtomicU8::new(0);

/// In the whole process.
pub fn plant(bug: Option<Bug>) {
    PLANTED.store(bug.map_or(0, |bug| bug as u8), Ordering::SeqCst);
}

#[must_use]
pub fn is(bug: Bug) -> bool {
    PLANTED.load(Ordering::SeqCst) == bug as u8
}
