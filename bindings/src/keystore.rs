//! The platform's keystore, which alone holds the store's key.

use std::sync::Arc;

use sotay_core::store::{KeyProvider, KeyUnavailable as Unavailable, StoreKey};
use zeroize::Zeroizing;

use crate::callbacks::Callbacks;

/// Answers once per opening, from the callbacks' thread.
#[uniffi::export(foreign)]
pub trait KeyStore: Send + Sync {
    /// The 32 random bytes that were made for this handbook, the same each time.
    fn key(&self) -> Result<Vec<u8>, KeyUnavailable>;
    /// From now on these 32 bytes are given out, and the ones before are gone: both at once, or neither. Asked when a PIN is
    /// set, changed or taken away.
    fn replace(&self, key: Vec<u8>) -> Result<(), KeyUnavailable>;
    /// The key is gone for good, and for the next opening another is made. Asked when the handbook is forgotten.
    fn erase(&self) -> Result<(), KeyUnavailable>;
}

/// Why a keystore does not give the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum KeyUnavailable {
    /// The phone was not unlocked since it was started, or the keystore is busy.
    #[error("the key cannot be had now")]
    Temporary,
    /// It is gone for good.
    #[error("the key is lost")]
    Lost,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for KeyUnavailable {
    /// A keystore that fails in a way it does not name may work the next time; nobody begins anew for that.
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        tracing::warn!(reason = %error.reason, "the keystore threw");
        Self::Temporary
    }
}

pub(crate) struct Keys {
    pub(crate) store: Arc<dyn KeyStore>,
    pub(crate) callbacks: Callbacks,
}

impl KeyProvider for Keys {
    fn key(&self) -> Result<StoreKey, Unavailable> {
        let store = Arc::clone(&self.store);
        let answer = self.callbacks.ask(move || store.key().map(Zeroizing::new));
        match answer {
            Some(Ok(bytes)) => bytes.as_slice().try_into().map(StoreKey::new).map_err(|_| Unavailable::Lost),
            Some(Err(KeyUnavailable::Lost)) => Err(Unavailable::Lost),
            Some(Err(KeyUnavailable::Temporary)) | None => Err(Unavailable::Temporary),
        }
    }

    fn replace(&self, key: &StoreKey) -> Result<(), Unavailable> {
        let (store, bytes) = (Arc::clone(&self.store), key.bytes().to_vec());
        done(self.callbacks.ask(move || store.replace(bytes)))
    }

    fn erase(&self) -> Result<(), Unavailable> {
        let store = Arc::clone(&self.store);
        done(self.callbacks.ask(move || store.erase()))
    }
}

fn done(answer: Option<Result<(), KeyUnavailable>>) -> Result<(), Unavailable> {
    match answer {
        Some(Ok(())) => Ok(()),
        Some(Err(KeyUnavailable::Lost)) => Err(Unavailable::Lost),
        Some(Err(KeyUnavailable::Temporary)) | None => Err(Unavailable::Temporary),
    }
}
