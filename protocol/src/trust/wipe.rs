//! The only words on which a device forgets all.
//!
//! What is forgotten never comes back, so an order is judged more strictly than a directive: its own date proves nothing, and
//! there is no receipt. It counts while who signed it is believed in all that they are, and of whom nothing was ever revoked.
//! Who has ceased to be has another sign it anew.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Certificate, Distrust, Duty, Holder, Keyring, Signed, spoken};
use crate::{
    env::Timestamp,
    id::Id,
    limits,
    members::Office,
    planted::{self, Bug},
    signature::{Base64, Purpose, SigningKey, sha256_hex},
};

/// It names the device's id and its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wipe {
    pub format: u32,
    pub device: Id,
    /// Ed25519, by which the device signs.
    pub key: Base64,
    pub at: Timestamp,
    /// For people: "Mất điện thoại ngày 03/12/2025".
    pub reason: String,
    /// The certificate, of duty `revoke`, of the key that says so: of its text, in lower-case hex.
    pub by: String,
    /// The key that signs this.
    pub issuer: Base64,
}

/// A wipe on its way to its device, which follows nothing any more and so is sent no certificates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WipeOrder {
    pub wipe: Signed,
    /// What its chain is made of, and what was revoked of it, in any order. None of it is believed for having come along.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub papers: Vec<Signed>,
}

/// Which device is to be wiped, as the server tells who keeps the keys. Nobody signs it: both sides read the [`digits`](Self::digits)
/// to each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WipeTarget {
    pub device: Id,
    pub key: Base64,
    pub device_name: String,
    pub member_name: String,
}

/// Whose word an order is that is to be obeyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordered {
    pub organisation: String,
    /// The officer who signed it; `None` where the organisation's own key did.
    pub officer: Option<(String, Office)>,
    pub at: Timestamp,
    pub reason: String,
}

/// Why an order is not obeyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum NotObeyed {
    /// It names another device, or another key than this one's.
    #[error("other_device")]
    OtherDevice,
    /// The root that this device believes is known from its server alone, which could have made up all the rest.
    #[error("root_not_compared")]
    RootNotCompared,
    #[error(transparent)]
    #[serde(untagged)]
    Distrusted(#[from] Distrust),
}

impl WipeTarget {
    #[must_use]
    pub fn digits(&self) -> String {
        let named = [self.device.to_string().as_bytes(), b"\n", self.key.0.as_slice()].concat();
        spoken(&sha256_hex(&named))
    }
}

impl Wipe {
    /// Signed by the key that it names as its issuer, whose certificate `by` names; the caller has put both there.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Signed {
        Signed::new(self, Purpose::Wipe, key)
    }

    /// `None` where it is none, or not signed by the key that it names. Whether that key may is for [`Wipe::judge`].
    #[must_use]
    pub fn of(signed: &Signed) -> Option<Self> {
        let wipe: Self = signed.read(limits::PAPER)?;
        signed.verifies(&wipe.issuer, Purpose::Wipe).then_some(wipe)
    }

    /// Whether it is to be obeyed on a device of somebody who stands below `above`: signed by a key with the duty `revoke`,
    /// of one of these organisations or of its officer, whose chain held when it was signed and holds `now`, and of which
    /// nothing was ever revoked, from whatever day. It is not earlier than it was signed, whatever the clock says.
    ///
    /// # Errors
    /// The first reason not to obey.
    pub fn judge(&self, keys: &Keyring, above: &BTreeSet<Id>, now: Timestamp) -> Result<Ordered, Distrust> {
        let by = keys.certificate(&self.by).ok_or(Distrust::Missing)?;
        if by.key != self.issuer {
            return Err(Distrust::BadSignature);
        }
        // A clock that stands before the order was signed is wrong: setting it back keeps no phone from being wiped.
        for at in [self.at, now.max(self.at)] {
            if planted::is(Bug::WipeWithoutChain) {
                break;
            }
            if bad_since(by, &self.by, keys, at)?.is_some() {
                return Err(Distrust::Revoked);
            }
        }
        if !above.contains(&by.organisation) {
            return Err(Distrust::WrongOrganisation);
        }
        let officer = match &by.holder {
            Holder::Officer { name, office, .. } => Some((name.clone(), *office)),
            _ => None,
        };
        let (organisation, reason) = (by.organisation_name.clone(), self.reason.clone());
        Ok(Ordered { organisation, officer, at: self.at, reason })
    }
}

/// From when on its chain, which held at `at` and allows a wipe, is believed no longer.
fn bad_since(
    by: &Certificate,
    sha256: &str,
    keys: &Keyring,
    at: Timestamp,
) -> Result<Option<Timestamp>, Distrust> {
    match by.holder {
        Holder::Server { .. } => Err(Distrust::WrongHolder),
        Holder::Officer { .. } => Ok(keys.chain(sha256, Duty::Revoke, at)?.bad_since),
        Holder::Organisation if !by.duties.contains(&Duty::Revoke) => Err(Distrust::WrongDuty),
        Holder::Organisation => keys.organisation_chain(sha256, at),
    }
}

impl WipeOrder {
    /// Whether this device, of that key, whose person stands below `above` and which believes `keys`, has to obey.
    ///
    /// # Errors
    /// The first reason not to.
    pub fn judge(
        &self,
        (device, key): (Id, &Base64),
        mut keys: Keyring,
        above: &BTreeSet<Id>,
        now: Timestamp,
    ) -> Result<Ordered, NotObeyed> {
        let wipe = Wipe::of(&self.wipe).ok_or(Distrust::Malformed)?;
        if wipe.device != device || wipe.key != *key {
            return Err(NotObeyed::OtherDevice);
        }
        for paper in &self.papers {
            let _ = keys.add_certificate(paper) || keys.add_revocations(paper) || keys.add_succession(paper);
        }
        Ok(wipe.judge(&keys, above, now)?)
    }
}
