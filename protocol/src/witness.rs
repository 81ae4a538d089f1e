//! On which threads SQL, parsing and cryptography ran: so that a test can say that none of it ran on the thread that draws.
//!
//! Noted with the feature `witness` alone, which tests switch on; in a release this is nothing.

/// What must not hold up a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    Sql,
    Parsing,
    Cryptography,
}

#[cfg(feature = "witness")]
mod kept {
    use std::{
        sync::{Mutex, PoisonError},
        thread::{ThreadId, current},
    };

    use super::Work;

    /// A kind of work, the thread that did it, and that thread's name.
    pub type Seen = (Work, ThreadId, String);

    static SEEN: Mutex<Vec<Seen>> = Mutex::new(Vec::new());

    pub(super) fn note(work: Work) {
        let thread = current();
        let seen = (work, thread.id(), thread.name().unwrap_or_default().to_owned());
        let mut all = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains(&seen) {
            all.push(seen);
        }
    }

    /// Each once, since the process began.
    #[must_use]
    pub fn seen() -> Vec<Seen> {
        SEEN.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(feature = "witness")]
pub use kept::{Seen, seen};

/// This thread does such work now.
#[inline]
pub fn here(work: Work) {
    #[cfg(feature = "witness")]
    kept::note(work);
    #[cfg(not(feature = "witness"))]
    let _ = work;
}
