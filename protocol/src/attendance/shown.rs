//! The QR that the secretary's device shows beside the six digits: cell, meeting, device, step and digits, signed by the
//! device's key.
//!
//! A phone can verify it without a network and without a secret. Its step is its clock, to half a minute. It bears the six
//! digits of that step too: they stand on the same screen, a server of before reads them, and who has no keys yet has them.
//! Nothing in it says who photographed it: what is sent on cannot be told from what was seen.

use super::{Opening, STEP_SECONDS, step};
use crate::{
    env::Timestamp,
    id::Id,
    qr::{self, Mark, NotRead},
    signature::{Base64, Purpose, SigningKey, verifies},
    trust::{Distrust, Duty, Holder, Keyring},
};

const SIGNATURE: usize = 64;
const WORDS: usize = 3 * 16 + 4 + 3;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub cell: Id,
    pub meeting: Id,
    /// The one that shows it.
    pub device: Id,
    /// Steps since 1970, by that device's clock.
    pub step: u32,
    /// The six digits of the step.
    pub code: u32,
    pub signature: Base64,
}

/// What a phone can say of it, with the keys that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownBy {
    /// By a device that is certified to open check-in of this cell; whose.
    Certified { name: String },
    /// Neither the cell nor what stands above it has keys for that: no better than six digits.
    NoKeys,
}

impl Shown {
    /// What the device shows at `at`; `None` by a clock from before 1970.
    #[must_use]
    pub fn sign(cell: Id, device: Id, opening: &Opening, at: Timestamp, key: &SigningKey) -> Option<Self> {
        let (step, code) = (u32::try_from(step(at)).ok()?, opening.code_at(at).parse().ok()?);
        let mut shown =
            Self { cell, meeting: opening.meeting, device, step, code, signature: Base64(Vec::new()) };
        shown.signature = key.sign(Purpose::CheckIn, &shown.words());
        Some(shown)
    }

    fn words(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(WORDS + SIGNATURE);
        for id in [self.cell, self.meeting, self.device] {
            bytes.extend(id.as_bytes());
        }
        bytes.extend(self.step.to_be_bytes());
        bytes.extend(self.code.to_be_bytes().get(1..).unwrap_or_default());
        bytes
    }

    /// What the QR carries.
    #[must_use]
    pub fn text(&self) -> String {
        qr::written(Mark::CheckIn, &[self.words(), self.signature.0.clone()].concat())
    }

    /// What a scanned text says, whoever signed it.
    ///
    /// # Errors
    /// Where it is no such QR.
    pub fn read(text: &str) -> Result<Self, NotRead> {
        Self::parse(&qr::read(text, Mark::CheckIn)?).ok_or(NotRead::Damaged)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (cell, rest) = bytes.split_first_chunk::<16>()?;
        let (meeting, rest) = rest.split_first_chunk::<16>()?;
        let (device, rest) = rest.split_first_chunk::<16>()?;
        let (step, rest) = rest.split_first_chunk::<4>()?;
        let ([high, middle, low], signature) = rest.split_first_chunk::<3>()?;
        let code = u32::from_be_bytes([0, *high, *middle, *low]);
        (signature.len() == SIGNATURE && code < 1_000_000).then(|| Self {
            cell: Id::of_bytes(*cell),
            meeting: Id::of_bytes(*meeting),
            device: Id::of_bytes(*device),
            step: u32::from_be_bytes(*step),
            code,
            signature: Base64(signature.to_vec()),
        })
    }

    #[must_use]
    pub fn verifies(&self, key: &Base64) -> bool {
        verifies(key, Purpose::CheckIn, &self.words(), &self.signature)
    }

    #[must_use]
    pub fn digits(&self) -> String {
        format!("{:06}", self.code)
    }

    /// When its step began, by the clock of the device that showed it.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        Timestamp::from_millis(i64::from(self.step) * STEP_SECONDS * 1000)
    }

    /// Whether `keys` bear it out. `upward` is the cell and what stands above it; from when one of these has a key for it,
    /// by `now`, only a certified device is believed.
    ///
    /// # Errors
    /// Why it is not.
    pub fn judge(&self, upward: &[Id], keys: &Keyring, now: Timestamp) -> Result<ShownBy, Distrust> {
        let mut why = Distrust::Missing;
        for (sha256, of) in keys.certificates() {
            let Holder::Officer { device, name, .. } = &of.holder else { continue };
            if *device != self.device || of.organisation != self.cell || !of.duties.contains(&Duty::Secretary)
            {
                continue;
            }
            match keys.secretary(sha256, upward, self.at()) {
                Ok(_) if self.verifies(&of.key) => return Ok(ShownBy::Certified { name: name.clone() }),
                Ok(_) => why = Distrust::BadSignature,
                Err(not) => why = not,
            }
        }
        let has_keys = upward.iter().any(|of| keys.began(*of, Duty::Secretary, now));
        if has_keys { Err(why) } else { Ok(ShownBy::NoKeys) }
    }
}
