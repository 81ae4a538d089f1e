//! The memory that the connections of one machine share beside a database in WAL mode.

use std::{cell::UnsafeCell, ffi::c_void, sync::Arc};

/// What SQLite asks for at a time.
pub(super) const REGION: usize = 32 * 1024;

/// Read and written by SQLite alone, through pointers; it orders that by its own locks and barriers.
pub(super) struct Region(UnsafeCell<[u64; REGION / 8]>);

// SAFETY: nothing in Rust ever looks at the bytes. SQLite reads and writes them from several threads, as it does
// with a file mapped into memory, and its WAL protocol (locked slots, checksums, barriers) is made for that.
#[expect(unsafe_code, reason = "memory that SQLite's connections share")]
unsafe impl Sync for Region {}

impl std::fmt::Debug for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Region(…)")
    }
}

impl Region {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(UnsafeCell::new([0; REGION / 8])))
    }

    pub(super) fn pointer(&self) -> *mut c_void {
        self.0.get().cast()
    }
}
