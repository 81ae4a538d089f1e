//! The keys of this device, and who the desk's readers are by what this phone believes.

use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::{
    env::{Env, Timestamp},
    id::Id,
    members::Office,
    sealed::{DeskDevice, OwnKeys, SealKey, WriterDevice, desk_devices},
    signature::{Base64, SigningKey},
    trust::Keyring,
};

use crate::{devices, store::StoreError, sync::device};

/// What this device signs letters with and opens them by.
pub(super) struct Own {
    /// The newest first; what was sealed to an earlier one still opens.
    seals: Vec<SealKey>,
    /// The device's own, that certificates are for.
    pub signing: SigningKey,
    /// Other devices of the member, of which the person knows that they are.
    others: Vec<WriterDevice>,
}

/// `None` before enrolment.
pub(super) fn load(store: &Connection) -> Result<Option<Own>, StoreError> {
    let Some(of) = device::load(store)? else { return Ok(None) };
    let seals = device::seal_secret(store)?.map(SealKey::from_secret).into_iter().collect();
    let others = devices::seal_keys(store)?.into_iter().filter(|to| !to.this && to.compared);
    let others = others.map(|to| WriterDevice { key: to.signing, seal: to.seal }).collect();
    Ok(Some(Own { seals, signing: of.key, others }))
}

/// The same with a key to seal to, made now if there was none.
pub(super) fn ensured(store: &Connection, env: &dyn Env) -> Result<Option<Own>, StoreError> {
    if device::seal_secret(store)?.is_none() {
        device::keep_seal_secret(store, SealKey::generate(env).secret())?;
    }
    load(store)
}

/// The key to which others are to seal, for a request for a certificate.
///
/// # Errors
/// The store's own fault.
pub fn ask_with(store: &Connection, env: &dyn Env) -> Result<Option<Base64>, StoreError> {
    Ok(ensured(store, env)?.and_then(|own| own.seals.first().map(SealKey::public)))
}

impl Own {
    pub(super) fn keys(&self) -> OwnKeys {
        OwnKeys::new(self.seals.iter().map(|key| SealKey::from_secret(*key.secret())))
    }

    /// What a letter of this member names: where answers go, and by which keys further letters are known.
    pub(super) fn devices(&self) -> Vec<WriterDevice> {
        let this =
            self.seals.first().map(|seal| WriterDevice { key: self.signing.public(), seal: seal.public() });
        let letter = self.seals.first().map(WriterDevice::of);
        letter.into_iter().chain(this).chain(self.others.iter().cloned()).collect()
    }

    /// X25519, of this device and of the member's others.
    pub(super) fn seals(&self) -> Vec<Base64> {
        let mut seals: Vec<Base64> = self.devices().into_iter().map(|device| device.seal).collect();
        seals.sort_unstable();
        seals.dedup();
        seals
    }

    /// With which a thread is begun.
    pub(super) fn first_key(&self) -> Option<SigningKey> {
        self.seals.first().map(SealKey::letter_key)
    }

    /// Of the keys of this device one that `known` has, so that a thread knows its writer again.
    pub(super) fn letter_key(&self, known: &std::collections::BTreeSet<Base64>) -> Option<SigningKey> {
        let mut letter_keys = self.seals.iter().map(SealKey::letter_key);
        let again = letter_keys.find(|key| known.contains(&key.public()));
        let own = || SigningKey::from_seed(*self.signing.seed());
        again.or_else(|| known.contains(&self.signing.public()).then(own))
    }
}

/// By the phone's clock and by the server's: a clock that is wrong leaves no desk without readers.
pub(in crate::feedback) fn times(store: &Connection, now: Timestamp) -> Result<[Timestamp; 2], StoreError> {
    let off: Option<i64> =
        store.prepare_cached("SELECT clock_off FROM device")?.query_row([], |row| row.get(0))?;
    Ok([now, Timestamp::from_millis(now.millis().saturating_add(off.unwrap_or(0)))])
}

/// Who can read what is sealed to a desk, by verified certificates alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Readers {
    /// As the organisation is certified; empty where nobody there is.
    pub certified_as: String,
    /// Each person once, whatever number of devices they have.
    pub officers: Vec<(String, Office)>,
}

pub(in crate::feedback) fn readers(keys: &Keyring, desk: Id, times: &[Timestamp]) -> Readers {
    let (certified_as, devices) = desk_devices(keys, desk, times);
    let person = |of: DeskDevice| (of.member, (of.name, of.office));
    let people: std::collections::BTreeMap<_, _> = devices.into_iter().map(person).collect();
    Readers { certified_as: certified_as.unwrap_or_default(), officers: people.into_values().collect() }
}
