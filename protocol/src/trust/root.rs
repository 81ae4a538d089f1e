//! Roots: the keys that phones are told of at enrolment, and what a root says of other roots.

use serde::{Deserialize, Serialize};

use super::{FORMAT, Signed};
use crate::{
    env::Timestamp,
    limits,
    signature::{Base64, Purpose, SigningKey, sha256_hex},
};

/// A root in its own words, signed by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    pub format: u32,
    /// Whose it is, for people: "Đảng bộ tỉnh Phú Thọ".
    pub name: String,
    pub key: Base64,
    pub made_at: Timestamp,
}

/// What a root says of another: that it follows it, or that it stands above it. Phones that believe the first then
/// believe the second too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Succession {
    pub format: u32,
    /// Who says so.
    pub root: Base64,
    /// The other root, in its own signed words.
    pub other: Signed,
    /// From when on nothing new counts under the old root: where it is replaced. Where it is only joined to a root
    /// above it, both go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Timestamp>,
    pub at: Timestamp,
}

impl Root {
    #[must_use]
    pub fn sign(name: &str, key: &SigningKey, made_at: Timestamp) -> Signed {
        let root = Self { format: FORMAT, name: name.to_owned(), key: key.public(), made_at };
        Signed::new(&root, Purpose::Root, key)
    }

    /// `None` where it is no root, or not in the words of the key that it names.
    #[must_use]
    pub fn of(signed: &Signed) -> Option<Self> {
        let root: Self = signed.read(limits::PAPER)?;
        signed.verifies(&root.key, Purpose::Root).then_some(root)
    }

    /// What an activation code's QR carries, and what people compare by voice: SHA-256 of the key, in lower-case hex.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.key)
    }
}

/// SHA-256 of a root's key, in lower-case hex.
pub(super) fn fingerprint(key: &Base64) -> String {
    sha256_hex(&key.0)
}

impl Succession {
    #[must_use]
    pub fn sign(other: Signed, ends: Option<Timestamp>, key: &SigningKey, at: Timestamp) -> Signed {
        Signed::new(&Self { format: FORMAT, root: key.public(), other, ends, at }, Purpose::Succession, key)
    }

    /// `None` where it is none, or not in the words of the root that it names.
    #[must_use]
    pub fn of(signed: &Signed) -> Option<Self> {
        let succession: Self = signed.read(limits::SUCCESSION)?;
        signed.verifies(&succession.root, Purpose::Succession).then_some(succession)
    }
}
