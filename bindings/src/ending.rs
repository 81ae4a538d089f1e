//! The end of the process, which shuts the handbooks that are open and waits for stores that are being closed.
//!
//! Kotlin and Swift let go of a handbook and end; its store is then closed on a thread of ours. SQLCipher, for its
//! part, frees at the end of the process what it keeps its keys in. A store that was closed after that brought the
//! process down now and then, with all its data safe and an ugly report.

use std::{
    ffi::c_int,
    sync::{Arc, Condvar, Mutex, Once, PoisonError, Weak},
    time::Duration,
};

use sotay_core::handbook::Handbook;

use crate::handbook::Held;

/// Closing takes a few milliseconds, and what goes on is broken off. What takes longer still is not waited for.
const LONGEST: Duration = Duration::from_secs(2);

const LOOK: Duration = Duration::from_millis(2);

/// Those that nobody has let go of: a virtual machine ends without collecting what it holds.
static OPEN: Mutex<Vec<Weak<Held>>> = Mutex::new(Vec::new());
static BUSY: Mutex<usize> = Mutex::new(0);
static IDLE: Condvar = Condvar::new();

/// Handbooks that were let go of and are not closed yet.
static CLOSING: Mutex<usize> = Mutex::new(0);
static CLOSED: Condvar = Condvar::new();

/// Held while one is being closed.
#[derive(Debug)]
pub(crate) struct Closing(());

impl Closing {
    pub(crate) fn begin() -> Self {
        *CLOSING.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Self(())
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        let mut closing = CLOSING.lock().unwrap_or_else(PoisonError::into_inner);
        *closing = closing.saturating_sub(1);
        CLOSED.notify_all();
    }
}

/// A screen that lets go of a handbook and opens it again must not find it in use by itself.
pub(crate) fn wait_for_closing() {
    let closing = CLOSING.lock().unwrap_or_else(PoisonError::into_inner);
    drop(CLOSED.wait_timeout_while(closing, LONGEST, |closing| *closing > 0));
}

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
    let open = std::mem::take(&mut *OPEN.lock().unwrap_or_else(PoisonError::into_inner));
    let open: Vec<_> = open.iter().filter_map(Weak::upgrade).filter_map(|held| held.core().ok()).collect();
    open.iter().for_each(Handbook::shut_now);
    // What a sync that was broken off still has under way is no work of ours that could be counted.
    for _ in 0..LONGEST.as_millis() / LOOK.as_millis() {
        if open.iter().all(Handbook::has_left) {
            break;
        }
        std::thread::sleep(LOOK);
    }
    let busy = BUSY.lock().unwrap_or_else(PoisonError::into_inner);
    drop(IDLE.wait_timeout_while(busy, LONGEST, |busy| *busy > 0));
}

/// To be called when a store was opened, and not before: the last to ask is called first, and SQLCipher asks when it
/// is first used. A store that could not be opened is closed by the time one hears of it.
pub(crate) fn shut_at_exit(held: &Arc<Held>) {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    open.retain(|held| held.strong_count() > 0);
    open.push(Arc::downgrade(held));
    static ASKED: Once = Once::new();
    ASKED.call_once(|| {
        if atexit(settle) != 0 {
            tracing::warn!("the end of the process will not wait for a store to be closed");
        }
    });
}
