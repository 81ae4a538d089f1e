//! The devices of a desk: those that a believed chain certifies to open what is sealed to it, and no others.

use super::recipient;
use crate::{
    env::Timestamp,
    id::Id,
    members::Office,
    signature::Base64,
    trust::{Duty, Holder, Keyring},
};

/// An officer's device that may open what is sealed to a desk, as its certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskDevice {
    pub member: Id,
    pub name: String,
    pub office: Office,
    /// The certificate, by the SHA-256 of its text.
    pub certificate: String,
    /// Ed25519.
    pub key: Base64,
    /// X25519.
    pub seal: Base64,
}

/// Who can open what is sealed to `desk`, each device once, and under which name the organisation is certified. The chain
/// has to hold at one of `times` (a clock that is wrong leaves no desk without readers), and a certificate that is known
/// to be revoked, from whenever on, gets nothing more.
#[must_use]
pub fn desk_devices(keys: &Keyring, desk: Id, times: &[Timestamp]) -> (Option<String>, Vec<DeskDevice>) {
    let (mut name, mut devices) = (None, std::collections::BTreeMap::new());
    for (sha256, of) in keys.certificates() {
        let Holder::Officer { member, name: officer, office, .. } = &of.holder else { continue };
        let Some(seal) = of.seal.clone().filter(|seal| seal.0.len() == 32) else { continue };
        let stands =
            |at: &Timestamp| keys.chain(sha256, Duty::Desk, *at).is_ok_and(|chain| chain.bad_since.is_none());
        if of.organisation != desk || !times.iter().any(stands) {
            continue;
        }
        name = Some(of.organisation_name.clone());
        devices.insert(
            recipient(&seal),
            DeskDevice {
                member: *member,
                name: officer.clone(),
                office: *office,
                certificate: sha256.to_owned(),
                key: of.key.clone(),
                seal,
            },
        );
    }
    (name, devices.into_values().collect())
}
