//! The end of a handbook on this phone; see [`crate::store::end`].

use std::{path::Path, sync::Arc};

use super::{Handbook, HandbookError, Inner, Setup, on_workers};
use crate::store::{self, Ending, Keys, StoreError, Why};

impl Handbook {
    /// Forgets all: what is being written ends, then the key is erased, then the store and its files. What waited to be sent
    /// is gone too. Asked twice, or cut off and started anew, it comes to the same end.
    ///
    /// # Errors
    /// [`HandbookError::KeyLocked`] where the keystore did not erase the key: the files are gone, and the next start asks it
    /// again. The folder's own faults.
    pub async fn forget(&self) -> Result<(), HandbookError> {
        let inner = &self.inner;
        let (keys, now) = (Arc::clone(&inner.keys), inner.env.now());
        let begin = move || store::begin_ending(keys.folder(), Why::Forgotten, now);
        on_workers(inner.workers.as_ref(), begin).await??;
        inner.alive.shut();
        inner.finish_ending().await
    }

    /// The same where it cannot be opened: the PIN is forgotten, or the key is lost.
    ///
    /// # Errors
    /// As [`Handbook::forget`]; [`HandbookError::InUse`] where it is open.
    pub async fn forget_unopened(setup: &Setup) -> Result<(), HandbookError> {
        let (keys, now) = (Keys::new(Arc::clone(&setup.key), &setup.folder), setup.env.now());
        let end = move || store::end(&keys, Why::Forgotten, now);
        Ok(on_workers(setup.workers.as_ref(), end).await??)
    }

    /// Why there is nothing here any more, where that was ordered; until somebody begins anew.
    #[must_use]
    pub fn ending(folder: &Path) -> Option<Ending> {
        store::ending(folder)
    }

    /// Sets a handbook aside whose key is lost, so that its person may begin anew in the same folder. Nothing is deleted.
    ///
    /// # Errors
    /// The folder's own faults.
    pub async fn set_aside(setup: &Setup) -> Result<bool, HandbookError> {
        let (folder, now) = (setup.folder.clone(), setup.env.now());
        Ok(on_workers(setup.workers.as_ref(), move || store::set_aside(&folder, now)).await??)
    }
}

impl Inner {
    /// A sync heard an order that is to be obeyed. The order comes again with the next exchange where this was not begun, and
    /// the next start goes on where it was; the key goes at once.
    pub(super) async fn obey(&self, why: Why) -> Result<(), HandbookError> {
        let (keys, store, now) = (Arc::clone(&self.keys), self.store.clone(), self.env.now());
        let begin = move || {
            store::begin_ending(keys.folder(), why, now)?;
            store.begin_shut();
            store.interrupt();
            if let Err(error) = store::erase_key(&keys) {
                tracing::warn!(%error, "the key of a wiped handbook is not erased yet");
            }
            store.close_if_empty();
            Ok::<_, StoreError>(())
        };
        Ok(on_workers(self.workers.as_ref(), begin).await??)
    }

    /// What goes on ends, the files are closed, and all goes.
    pub(super) async fn finish_ending(&self) -> Result<(), HandbookError> {
        self.life.stop_all();
        if let Err(error) = self.close(true).await {
            // The key goes all the same, and what still writes writes what nobody can read.
            tracing::warn!(%error, "something did not end before the key was erased");
        }
        let keys = Arc::clone(&self.keys);
        on_workers(self.workers.as_ref(), move || store::finish(&keys)).await??;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
