//! The store's key: 32 bytes from the platform's keystore, through a callback, wiped after use.
//!
//! SQLCipher says "file is not a database" for a wrong key and for a damaged first page alike. So beside the
//! store lies `key.check`, an HMAC of the store's id under the key, written first: it tells the two apart.

use std::{fs, io, path::Path};

use ring::hmac;
use sotay_protocol::env::Env;
use zeroize::Zeroizing;

use super::StoreError;

/// 32 random bytes. The salt that SQLCipher's plaintext header leaves no room for is derived from them.
#[derive(Clone)]
pub struct StoreKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoreKey(…)")
    }
}

/// Where the key lies: a phone's keystore, or for the terminal client a file. Called once per opening.
pub trait KeyProvider: Send + Sync {
    /// # Errors
    /// [`KeyUnavailable`]: whether it may come back.
    fn key(&self) -> Result<StoreKey, KeyUnavailable>;

    /// From now on another key is given out, and the one before is gone for good. Both at once, or neither.
    ///
    /// # Errors
    /// [`KeyUnavailable`], also where this keystore can keep no other: then no PIN can be set.
    fn replace(&self, _: &StoreKey) -> Result<(), KeyUnavailable> {
        Err(KeyUnavailable::Temporary)
    }

    /// The key is gone for good; the next one that is asked for is new, or lost.
    ///
    /// # Errors
    /// [`KeyUnavailable`]: it will be tried again.
    fn erase(&self) -> Result<(), KeyUnavailable> {
        Err(KeyUnavailable::Temporary)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyUnavailable {
    /// The phone was not unlocked since it was started, or the keystore is busy.
    #[error("the key cannot be had now")]
    Temporary,
    /// A PIN is set, and was not typed since the app was started.
    #[error("the PIN is wanted")]
    PinWanted,
    /// The key is gone, or this is not the store's key. The person may begin anew; nothing is deleted.
    #[error("the key of this store is lost")]
    Lost,
}

impl StoreKey {
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// What SQLCipher takes: 32 bytes of key and 16 of salt, as a blob literal.
    pub(super) fn pragma(&self) -> Zeroizing<String> {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let salt = self.tag(b"sotay/salt/1\n");
        let salt = salt.as_ref().get(..16).unwrap_or_default();
        Zeroizing::new(format!("x'{}{}'", hex(&self.0[..]), hex(salt)))
    }

    pub(super) fn generate(env: &dyn Env) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        env.fill(&mut bytes[..]);
        Self(bytes)
    }

    /// For the platform's keystore alone.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether it is the key of the store in `folder`; where there is none, it is not.
    pub(super) fn is_of(&self, folder: &Path) -> Result<bool, StoreError> {
        match fs::read(folder.join("key.check")) {
            Ok(found) => Ok(found == self.tag(b"sotay/key.check/1\n").as_ref()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(StoreError::Folder(error)),
        }
    }

    pub(super) fn tag(&self, bytes: &[u8]) -> hmac::Tag {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0[..]), bytes)
    }

    /// Compares with `key.check` in `folder`, or writes it there for a new store.
    pub(super) fn check(&self, folder: &Path) -> Result<(), StoreError> {
        let path = folder.join("key.check");
        let expected = self.tag(b"sotay/key.check/1\n");
        match fs::read(&path) {
            Ok(found) if found == expected.as_ref() => Ok(()),
            Ok(_) => Err(KeyUnavailable::Lost.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Under its own name only once it is whole: a cut in between must not look like a lost key.
                let half = folder.join("key.check.new");
                let write = |half: &Path| {
                    fs::write(half, expected.as_ref())?;
                    fs::File::open(half)?.sync_all()?;
                    fs::rename(half, &path)
                };
                write(&half).map_err(StoreError::of_folder)
            }
            Err(error) => Err(StoreError::Folder(error)),
        }
    }
}
