//! What counts no longer: certificates of an organisation.

use serde::{Deserialize, Serialize};

use super::Signed;
use crate::{
    env::Timestamp,
    limits,
    signature::{Base64, Purpose, SigningKey},
};

/// All certificates of one issuer that count no longer. A new list holds all of the last one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocations {
    pub format: u32,
    /// Whose certificates: those of this issuer's key.
    pub issuer: Base64,
    /// Goes up by each list; a phone takes none below the last it saw.
    pub number: u64,
    pub at: Timestamp,
    pub revoked: Vec<Revoked>,
}

/// One of them. What its key signed and a server received before `bad_since` stays genuine, with a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// Of the certificate's text, in lower-case hex.
    pub certificate: String,
    pub bad_since: Timestamp,
    /// For people: "Mất điện thoại ngày 03/12/2025".
    pub reason: String,
}

impl Revocations {
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Signed {
        Signed::new(self, Purpose::Revocations, key)
    }

    /// `None` where it is no list, or not signed by the issuer whose certificates it names.
    #[must_use]
    pub fn of(signed: &Signed) -> Option<Self> {
        let list: Self = signed.read(limits::REVOCATIONS)?;
        signed.verifies(&list.issuer, Purpose::Revocations).then_some(list)
    }
}
