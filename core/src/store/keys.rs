//! The way to the store's key: the platform's, and the PIN where there is one.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use sotay_protocol::env::Env;

use super::{
    KeyProvider, KeyUnavailable, StoreError, StoreKey, lock,
    pin::{self, Found, LONGEST_PIN, PinFile, SHORTEST_PIN, Stretched},
    tries::Tries,
};

/// Of one handbook. The stretched PIN is held while the app runs, also while the store is paused: it is no key without the
/// platform's, which is asked for at each opening.
pub struct Keys {
    platform: Arc<dyn KeyProvider>,
    folder: PathBuf,
    stretched: Mutex<Option<Stretched>>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// How long the next try has to wait.
    #[error("a wrong PIN")]
    Wrong { wait: Duration },
    #[error("a PIN has 6 to 64 letters or digits")]
    Length,
    #[error("no PIN is set")]
    NotSet,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<KeyUnavailable> for PinError {
    fn from(error: KeyUnavailable) -> Self {
        Self::Store(error.into())
    }
}

impl Keys {
    #[must_use]
    pub fn new(platform: Arc<dyn KeyProvider>, folder: &Path) -> Self {
        Self { platform, folder: folder.to_owned(), stretched: Mutex::new(None) }
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The store's key, for one opening.
    ///
    /// # Errors
    /// [`KeyUnavailable`]; or the folder's own fault.
    pub fn key(&self) -> Result<StoreKey, StoreError> {
        let platform = self.platform.key()?;
        match pin::find(&self.folder, &platform)? {
            Found::NoPin => Ok(platform),
            Found::Lost => Err(KeyUnavailable::Lost.into()),
            Found::Pin(file) => {
                let opened =
                    lock(&self.stretched).as_ref().and_then(|stretched| file.open(&platform, stretched));
                Ok(opened.ok_or(KeyUnavailable::PinWanted)?)
            }
        }
    }

    /// Whether a PIN is asked for.
    #[must_use]
    pub fn wants_pin(&self) -> bool {
        pin::is_there(&self.folder)
    }

    /// What has to be waited for before the next try, by a clock that nobody sets.
    #[must_use]
    pub fn owed(&self) -> Duration {
        Tries::read(&self.folder).owed()
    }

    /// That much was waited.
    ///
    /// # Errors
    /// The folder's own fault.
    pub fn waited(&self) -> Result<(), StoreError> {
        Tries::read(&self.folder).waited(&self.folder).map(drop)
    }

    /// Tries a PIN; the right one is held from then on. The caller has waited what was owed.
    ///
    /// # Errors
    /// [`PinError::Wrong`], [`PinError::NotSet`]; the platform's and the folder's own faults.
    pub fn unlock(&self, typed: &str) -> Result<(), PinError> {
        let platform = self.platform.key()?;
        let file = match pin::find(&self.folder, &platform)? {
            Found::Pin(file) => file,
            Found::NoPin => return Err(PinError::NotSet),
            Found::Lost => return Err(KeyUnavailable::Lost.into()),
        };
        let tries = Tries::read(&self.folder).one_more(&self.folder)?;
        let stretched = file.stretch(typed).filter(|stretched| file.open(&platform, stretched).is_some());
        let Some(stretched) = stretched else { return Err(PinError::Wrong { wait: tries.owed() }) };
        Tries::forget(&self.folder)?;
        *lock(&self.stretched) = Some(stretched);
        Ok(())
    }

    /// Forgets the PIN that was typed: the next opening asks for it.
    pub fn lock(&self) {
        *lock(&self.stretched) = None;
    }

    /// From now on the store opens by the platform's key and this PIN together. The caller has seen to it that who asks may:
    /// the store is open, and where a PIN was set, it was typed again.
    ///
    /// # Errors
    /// [`PinError::Length`]; the platform's and the folder's own faults, after which the PIN is the old or the new one.
    pub fn set_pin(&self, new: &str, env: &dyn Env) -> Result<(), PinError> {
        if !(SHORTEST_PIN..=LONGEST_PIN).contains(&new.chars().count()) {
            return Err(PinError::Length);
        }
        let store_key = self.key()?;
        let platform = StoreKey::generate(env);
        let sealed = PinFile::seal(&store_key, &platform, new, env);
        let (file, stretched) = sealed.ok_or(StoreError::Row("a PIN cannot be stretched"))?;
        file.announce(&self.folder)?;
        self.platform.replace(&platform)?;
        *lock(&self.stretched) = Some(stretched);
        pin::find(&self.folder, &platform)?;
        Tries::forget(&self.folder)?;
        Ok(())
    }

    /// From now on the platform's key alone opens the store.
    ///
    /// # Errors
    /// [`PinError::NotSet`]; the platform's and the folder's own faults, after which the PIN is set or it is not.
    pub fn remove_pin(&self) -> Result<(), PinError> {
        if !self.wants_pin() {
            return Err(PinError::NotSet);
        }
        let store_key = self.key()?;
        self.platform.replace(&store_key)?;
        pin::remove(&self.folder)?;
        Tries::forget(&self.folder)?;
        self.lock();
        Ok(())
    }

    /// The platform forgets its key.
    pub(super) fn erase(&self) -> Result<(), KeyUnavailable> {
        self.lock();
        self.platform.erase()
    }
}

#[cfg(test)]
mod tests;
