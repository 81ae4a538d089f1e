//! Where a server is to be found: its own words, signed by the key that gives its receipts.
//!
//! A server that goes to another address says so before it goes, and phones that sync follow. A phone that missed it is
//! told by hand, and asks at the new address for these words: who has not the key cannot say them, and nothing of the
//! phone's goes there before they are read.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Signed;
use crate::{
    env::Timestamp,
    id::Id,
    limits,
    signature::{Base64, Purpose, SigningKey},
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub format: u32,
    pub server: Id,
    /// As [`Address::url`] gives it.
    pub url: String,
    /// Of two, the later one counts.
    pub at: Timestamp,
}

/// Body of the answer to `GET /v1/server`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerAnswer {
    pub server: Id,
    /// Where this server says that it is; `None` where it never moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Signed>,
}

/// Why words about an address are not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotFollowed {
    /// No such words, of a newer format, or what stands in them is no address.
    Malformed,
    OtherServer,
    BadSignature,
    /// The phone has heard later ones.
    Older,
}

impl Address {
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Signed {
        Signed::new(self, Purpose::Address, key)
    }

    /// An address as typed, without what makes no difference. `None` where it is none.
    #[must_use]
    pub fn url(typed: &str) -> Option<String> {
        let url = typed.trim().trim_end_matches('/');
        let whole = ["https://", "http://"].iter().any(|way| url.len() > way.len() && url.starts_with(way));
        let plain = |letter: char| letter.is_ascii_graphic() && !matches!(letter, '#' | '?' | '"' | '\\');
        (whole && url.len() <= limits::LINE && url.chars().all(plain)).then(|| url.to_owned())
    }

    /// The words of `server`, by one of the keys that may speak for it, not older than what was heard at `last`.
    ///
    /// # Errors
    /// Why they are not followed.
    pub fn of(
        signed: &Signed,
        server: Id,
        keys: &BTreeSet<Base64>,
        last: Option<Timestamp>,
    ) -> Result<Self, NotFollowed> {
        let of: Self = signed.read(limits::PAPER).ok_or(NotFollowed::Malformed)?;
        if Self::url(&of.url).as_ref() != Some(&of.url) {
            return Err(NotFollowed::Malformed);
        }
        if of.server != server {
            return Err(NotFollowed::OtherServer);
        }
        if !keys.iter().any(|key| signed.verifies(key, Purpose::Address)) {
            return Err(NotFollowed::BadSignature);
        }
        if last.is_some_and(|last| of.at < last) { Err(NotFollowed::Older) } else { Ok(of) }
    }
}
