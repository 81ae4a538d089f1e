//! What a device says of its own keys.

use serde::{Deserialize, Serialize};

use super::Signed;
use crate::{
    env::Timestamp,
    id::Id,
    limits,
    signature::{Base64, Purpose, SigningKey},
};

/// The key to which others seal, in the words of the key by which the device signs. So who has that key by a way they
/// trust need not take the other from the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceKeys {
    pub format: u32,
    pub member: Id,
    pub device: Id,
    /// Ed25519: that which signs this.
    pub key: Base64,
    /// X25519.
    pub seal: Base64,
    /// What it runs on, as the compiler calls it: `android`, `ios`, `linux`.
    pub platform: String,
    pub at: Timestamp,
}

impl DeviceKeys {
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Signed {
        Signed::new(self, Purpose::DeviceKeys, key)
    }

    /// `None` where it says nothing of the kind, or is not signed by the key that it names.
    #[must_use]
    pub fn of(signed: &Signed) -> Option<Self> {
        let keys: Self = signed.read(limits::PAPER)?;
        signed.verifies(&keys.key, Purpose::DeviceKeys).then_some(keys)
    }
}
