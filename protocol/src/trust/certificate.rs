//! Certificates: whose a key is, what it is for, and when.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Signed;
use crate::{
    env::Timestamp,
    id::Id,
    limits,
    members::Office,
    signature::{Base64, Purpose, SigningKey},
};

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Signs the organisation's directives, and what becomes of them.
    Publish,
    /// Opens what is sealed to the organisation's desk.
    Desk,
    /// Opens and closes the check-in of the cell's meetings.
    Secretary,
    /// Says which certificates count no longer, and which devices are to forget all.
    Revoke,
    /// Says when it published what others signed.
    Server,
}

/// Whose a certified key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "holder", rename_all = "snake_case")]
pub enum Holder {
    /// The organisation itself: a sealed file that certifies its officers. Only a root certifies one.
    Organisation,
    /// An officer's device; only an organisation certifies one, and for itself alone.
    Officer { member: Id, device: Id, name: String, office: Office },
    /// A server; only an organisation certifies one.
    Server { server: Id },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    pub format: u32,
    pub organisation: Id,
    pub organisation_name: String,
    #[serde(flatten)]
    pub holder: Holder,
    pub duties: BTreeSet<Duty>,
    /// Ed25519.
    pub key: Base64,
    /// X25519, of a device that opens what is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<Base64>,
    pub from: Timestamp,
    pub until: Timestamp,
    /// The key that signs this: a root's or an organisation's.
    pub issuer: Base64,
}

impl Certificate {
    /// Signed by the key that it names as its issuer; the caller has put that key's public half there.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Signed {
        Signed::new(self, Purpose::Certificate, key)
    }

    /// `None` where it is none, or not signed by the key that it names. Whether that key may is for the keyring to say.
    #[must_use]
    pub fn of(signed: &Signed) -> Option<Self> {
        let certificate: Self = signed.read(limits::PAPER)?;
        signed.verifies(&certificate.issuer, Purpose::Certificate).then_some(certificate)
    }

    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}
