//! How often a wrong PIN was typed, and what waiting is owed for it. Outside the encrypted store, since it is asked before
//! that opens.
//!
//! Waiting is counted by a clock that nobody sets, while the app runs: setting the phone's clock on spares nothing, and
//! starting the app anew begins the wait anew. A wrong PIN never deletes anything: a grandchild must not be able to empty
//! the phone.

use std::{fs, path::Path, time::Duration};

use serde::{Deserialize, Serialize};

use super::{StoreError, beside};

const FILE: &str = "key.tries";
const SECOND: u64 = 1_000;

/// Four tries are free; after each further one it takes longer.
fn wait_after(wrong: u32) -> Duration {
    Duration::from_millis(match wrong {
        0..4 => 0,
        4 => 30 * SECOND,
        5 => 60 * SECOND,
        6 => 5 * 60 * SECOND,
        _ => 15 * 60 * SECOND,
    })
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tries {
    wrong: u32,
    owed_ms: u64,
}

impl Tries {
    /// A file that is not to be read is none: whoever could spoil it could delete it too.
    pub(super) fn read(folder: &Path) -> Self {
        let text = fs::read(folder.join(FILE)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    pub(super) fn owed(self) -> Duration {
        Duration::from_millis(self.owed_ms)
    }

    /// Counted before it is known whether it was right: who pulls the plug in between has tried all the same.
    pub(super) fn one_more(self, folder: &Path) -> Result<Self, StoreError> {
        let wrong = self.wrong.saturating_add(1);
        let owed_ms = u64::try_from(wait_after(wrong).as_millis()).unwrap_or(u64::MAX);
        Self { wrong, owed_ms }.write(folder)
    }

    pub(super) fn waited(self, folder: &Path) -> Result<Self, StoreError> {
        if self.owed_ms == 0 { Ok(self) } else { Self { owed_ms: 0, ..self }.write(folder) }
    }

    pub(super) fn forget(folder: &Path) -> Result<(), StoreError> {
        beside::remove(&folder.join(FILE))
    }

    fn write(self, folder: &Path) -> Result<Self, StoreError> {
        let text = serde_json::to_vec(&self).map_err(|_| StoreError::Row("a count cannot be written"))?;
        beside::write(&folder.join(FILE), &text).map(|()| self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_tries_are_free_and_then_it_takes_longer_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let mut waits = Vec::new();
        for _ in 0..9 {
            // The app is started anew each time.
            Tries::read(folder.path()).one_more(folder.path()).unwrap();
            let tries = Tries::read(folder.path());
            waits.push(tries.owed().as_secs());
            tries.waited(folder.path()).unwrap();
        }
        assert_eq!(waits, [0, 0, 0, 30, 60, 300, 900, 900, 900]);
        Tries::forget(folder.path()).unwrap();
        assert_eq!(Tries::read(folder.path()), Tries::default());
    }
}
