//! The PIN of a handbook: typed to open it, set, changed, taken away.

use std::{path::Path, sync::Arc, time::Duration};

use zeroize::Zeroizing;

use super::{Handbook, HandbookError, Setup, Workers, on_workers};
use crate::{
    store::{Keys, PinError},
    timer::Timer,
};

impl Handbook {
    /// As [`Handbook::open`], with the PIN that it asked for. What is owed for wrong ones is waited for first, by a clock
    /// that nobody sets.
    ///
    /// # Errors
    /// [`HandbookError::PinWrong`], [`HandbookError::NoPin`], and those of [`Handbook::open`].
    pub async fn open_with_pin(setup: Setup, pin: Zeroizing<String>) -> Result<Self, HandbookError> {
        let keys = Arc::new(Keys::new(Arc::clone(&setup.key), &setup.folder));
        unlock(&keys, pin, setup.workers.as_ref(), setup.timer.as_ref()).await?;
        Self::open_by(setup, keys).await
    }

    /// How long the next try of a PIN will have to wait, for a screen that counts.
    #[must_use]
    pub fn pin_wait(setup: &Setup) -> Duration {
        Keys::new(Arc::clone(&setup.key), &setup.folder).owed()
    }

    /// Whether a handbook in this folder asks for a PIN.
    #[must_use]
    pub fn wants_pin(folder: &Path) -> bool {
        crate::store::wants_pin(folder)
    }

    /// Types the PIN to a handbook that was locked, before [`Handbook::resume`].
    ///
    /// # Errors
    /// [`HandbookError::PinWrong`], [`HandbookError::NoPin`].
    pub async fn unlock(&self, pin: Zeroizing<String>) -> Result<(), HandbookError> {
        unlock(&self.inner.keys, pin, self.inner.workers.as_ref(), self.inner.timer.as_ref()).await
    }

    /// Forgets the PIN that was typed: once paused, it is asked for again.
    pub fn lock(&self) {
        self.inner.keys.lock();
    }

    #[must_use]
    pub fn has_pin(&self) -> bool {
        self.inner.keys.wants_pin()
    }

    /// Sets a PIN, or another one, for which the old one is typed too.
    ///
    /// # Errors
    /// [`HandbookError::PinLength`], [`HandbookError::PinWanted`] where the old one is missing,
    /// [`HandbookError::PinWrong`]; [`HandbookError::KeyLocked`] where the keystore does not take part.
    pub async fn set_pin(
        &self,
        old: Option<Zeroizing<String>>,
        new: Zeroizing<String>,
    ) -> Result<(), HandbookError> {
        self.typed_again(old).await?;
        let (keys, env) = (Arc::clone(&self.inner.keys), Arc::clone(&self.inner.env));
        // Only who has it open sets one.
        let pass = self.inner.enter().await?;
        let set = move || {
            let _pass = pass;
            keys.set_pin(&new, env.as_ref())
        };
        Ok(on_workers(self.inner.workers.as_ref(), set).await??)
    }

    /// The handbook opens without a PIN again.
    ///
    /// # Errors
    /// As [`Handbook::set_pin`]; [`HandbookError::NoPin`].
    pub async fn remove_pin(&self, old: Zeroizing<String>) -> Result<(), HandbookError> {
        self.typed_again(Some(old)).await?;
        let keys = Arc::clone(&self.inner.keys);
        Ok(on_workers(self.inner.workers.as_ref(), move || keys.remove_pin()).await??)
    }

    /// Who holds the phone unlocked is not yet who set the PIN.
    async fn typed_again(&self, old: Option<Zeroizing<String>>) -> Result<(), HandbookError> {
        match old {
            Some(old) => self.unlock(old).await,
            None if self.has_pin() => Err(HandbookError::PinWanted),
            None => Ok(()),
        }
    }
}

async fn unlock(
    keys: &Arc<Keys>,
    pin: Zeroizing<String>,
    workers: &dyn Workers,
    timer: &dyn Timer,
) -> Result<(), HandbookError> {
    let owed = keys.owed();
    if !owed.is_zero() {
        timer.sleep(owed).await;
    }
    let keys = Arc::clone(keys);
    let unlock = move || -> Result<(), PinError> {
        keys.waited()?;
        keys.unlock(&pin)
    };
    Ok(on_workers(workers, unlock).await??)
}
