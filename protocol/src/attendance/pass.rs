//! A member's own pass, as a QR on their phone for the secretary's to scan: member, device, meeting, clock, signed by the
//! member's device. It needs no network on either side.
//!
//! The secretary's phone knows the keys of the cell's devices from the cell's desk ([`PASS_KEY`]), as the server told it.
//! One that it does not know is shown by hand: it may be a new phone, and proves nothing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    env::Timestamp,
    id::Id,
    qr::{self, Mark, NotRead},
    signature::{Base64, Purpose, SigningKey, verifies},
};

/// Kind of the rows in the `desk` scope of a cell that hold the keys of its members' devices; the id is the device's.
pub const PASS_KEY: &str = "pass_key";

/// How long a pass may be scanned: a photograph of it is soon worth nothing.
pub const PASS_VALID: Duration = Duration::from_secs(120);
/// How far two clocks, each as its device last compared it with the server's, may differ.
pub const CLOCKS_DIFFER: Duration = Duration::from_secs(60);

const SIGNATURE: usize = 64;
const WORDS: usize = 3 * 16 + 4;

/// Body of a `pass_key` row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassKey {
    pub member: Id,
    /// Ed25519.
    pub key: Base64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    pub member: Id,
    pub device: Id,
    pub meeting: Id,
    /// Seconds since 1970, by the device's clock as it last compared it with the server's.
    pub second: u32,
    pub signature: Base64,
}

/// What a pass that is in order is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassFound {
    /// Signed by a device of the member's.
    Verified,
    /// By a device that is not known here.
    UnknownDevice,
}

/// Why a pass is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPass {
    #[error("of another meeting")]
    OtherMeeting,
    /// Made too long ago, or shown again.
    #[error("expired")]
    Expired,
    /// From a clock that goes before this one.
    #[error("not yet valid")]
    Ahead,
    /// A known device, but another member's, or not its signature.
    #[error("forged")]
    Forged,
}

impl Pass {
    /// `None` by a clock from before 1970.
    #[must_use]
    pub fn sign(member: Id, device: Id, meeting: Id, at: Timestamp, key: &SigningKey) -> Option<Self> {
        let second = u32::try_from(at.millis().div_euclid(1000)).ok()?;
        let mut pass = Self { member, device, meeting, second, signature: Base64(Vec::new()) };
        pass.signature = key.sign(Purpose::Pass, &pass.words());
        Some(pass)
    }

    fn words(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(WORDS + SIGNATURE);
        for id in [self.member, self.device, self.meeting] {
            bytes.extend(id.as_bytes());
        }
        bytes.extend(self.second.to_be_bytes());
        bytes
    }

    /// What the QR carries.
    #[must_use]
    pub fn text(&self) -> String {
        qr::written(Mark::Pass, &[self.words(), self.signature.0.clone()].concat())
    }

    /// What a scanned text says, whoever signed it.
    ///
    /// # Errors
    /// Where it is no pass.
    pub fn read(text: &str) -> Result<Self, NotRead> {
        Self::parse(&qr::read(text, Mark::Pass)?).ok_or(NotRead::Damaged)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (member, rest) = bytes.split_first_chunk::<16>()?;
        let (device, rest) = rest.split_first_chunk::<16>()?;
        let (meeting, rest) = rest.split_first_chunk::<16>()?;
        let (second, signature) = rest.split_first_chunk::<4>()?;
        (signature.len() == SIGNATURE).then(|| Self {
            member: Id::of_bytes(*member),
            device: Id::of_bytes(*device),
            meeting: Id::of_bytes(*meeting),
            second: u32::from_be_bytes(*second),
            signature: Base64(signature.to_vec()),
        })
    }

    #[must_use]
    pub fn at(&self) -> Timestamp {
        Timestamp::from_millis(i64::from(self.second) * 1000)
    }

    #[must_use]
    pub fn verifies(&self, key: &Base64) -> bool {
        verifies(key, Purpose::Pass, &self.words(), &self.signature)
    }

    /// Whether it is for `meeting`, by a device of the member's, and was made just now; `known` is what is known of the
    /// device, `now` the clock of who scans it.
    ///
    /// # Errors
    /// Why it is not.
    pub fn check(&self, meeting: Id, known: Option<&PassKey>, now: Timestamp) -> Result<PassFound, NoPass> {
        if self.meeting != meeting {
            return Err(NoPass::OtherMeeting);
        }
        let found = self.found(known)?;
        if now > self.at() + PASS_VALID + CLOCKS_DIFFER {
            return Err(NoPass::Expired);
        }
        if self.at() > now + CLOCKS_DIFFER {
            return Err(NoPass::Ahead);
        }
        Ok(found)
    }

    /// Whose it is, whenever it was made.
    ///
    /// # Errors
    /// [`NoPass::Forged`].
    pub fn found(&self, known: Option<&PassKey>) -> Result<PassFound, NoPass> {
        match known {
            None => Ok(PassFound::UnknownDevice),
            Some(known) if known.member == self.member && self.verifies(&known.key) => {
                Ok(PassFound::Verified)
            }
            Some(_) => Err(NoPass::Forged),
        }
    }
}
