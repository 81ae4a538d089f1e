//! One process at a time: a lock file beside the store, which the system lets go of when its holder dies.
//!
//! SQLite would let two processes write in turn. But each would hold keys, numbers and a sync of its own, and tell
//! its screens nothing of what the other wrote; so the second is told to come later.

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
};

use super::StoreError;

#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    /// `None` on a file system that has no locks: SQLite's own are all there is then.
    pub(super) fn take(folder: &Path) -> Result<Option<Self>, StoreError> {
        let open =
            File::options().create(true).truncate(false).write(true).open(folder.join("handbook.lock"));
        let file = open.map_err(StoreError::of_folder)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                tracing::warn!("the store's folder knows no locks");
                Ok(None)
            }
            Err(TryLockError::Error(error)) => Err(StoreError::of_folder(error)),
        }
    }
}

impl Drop for Lock {
    /// Said aloud, for a child process that is just being started may hold a copy of the file for a moment.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}
