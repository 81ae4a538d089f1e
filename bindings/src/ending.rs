//! The end of the process, which waits for stores that are being closed.
//!
//! Kotlin and Swift let go of a handbook and end; its store is then closed on a thread of ours. SQLCipher, for its
//! part, frees at the end of the process what it keeps its keys in. A store that was closed after that brought the
//! process down now and then, with all its data safe and an ugly report.

use std::{
    ffi::c_int,
    sync::{Condvar, Mutex, Once, PoisonError},
    time::Duration,
};

/// Closing takes a few milliseconds. What still goes on after this, a sync perhaps, is not waited for.
const LONGEST: Duration = Duration::from_secs(2);

static BUSY: Mutex<usize> = Mutex::new(0);
static IDLE: Condvar = Condvar::new();

/// Held by each work that has a store in its hands, for as long as it has.
#[derive(Debug)]
pub(crate) struct Busy(());

impl Busy {
    pub(crate) fn begin() -> Self {
        *BUSY.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Self(())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut busy = BUSY.lock().unwrap_or_else(PoisonError::into_inner);
        *busy = busy.saturating_sub(1);
        if *busy == 0 {
            IDLE.notify_all();
        }
    }
}

// SAFETY: as in the C standard: it keeps the pointer and calls it once, while this code is still loaded; what is
// called unwinds into nobody, since nothing in it panics.
#[expect(unsafe_code, reason = "the standard library knows no end of the process")]
unsafe extern "C" {
    pub(crate) safe fn atexit(call: extern "C" fn()) -> c_int;
}

extern "C" fn settle() {
    let busy = BUSY.lock().unwrap_or_else(PoisonError::into_inner);
    drop(IDLE.wait_timeout_while(busy, LONGEST, |busy| *busy > 0));
}

/// To be called when a store was opened, and not before: the last to ask is called first, and SQLCipher asks when it
/// is first used. A store that could not be opened is closed by the time one hears of it.
pub(crate) fn wait_at_exit() {
    static ASKED: Once = Once::new();
    ASKED.call_once(|| {
        if atexit(settle) != 0 {
            tracing::warn!("the end of the process will not wait for a store to be closed");
        }
    });
}
