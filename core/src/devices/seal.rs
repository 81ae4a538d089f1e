//! What this device tells of its seal key, and the keys of the member's other devices.

use rusqlite::{Connection, OptionalExtension};
use sotay_protocol::{
    devices::DeviceEntry,
    env::Env,
    id::Id,
    scope::Scope,
    signature::Base64,
    trust::{DeviceKeys, FORMAT, Signed},
};

use super::{DEVICES, view};
use crate::{
    feedback, release,
    store::{StoreError, table::drawn},
    sync::device::{self, Device},
};

/// One of the member's devices to which something can be sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealTo {
    pub device: Id,
    pub name: String,
    /// Ed25519, as it was enrolled.
    pub signing: Base64,
    /// X25519.
    pub seal: Base64,
    pub this: bool,
    /// This very device, or one whose digits the person compared. The server alone says that the others are the member's:
    /// what it must not read is not sealed to them.
    pub compared: bool,
}

/// The devices of this member that have rights and a seal key in their own signed words, this one first.
///
/// # Errors
/// The store's own fault.
pub fn seal_keys(store: &Connection) -> Result<Vec<SealTo>, StoreError> {
    let Some(of) = device::load(store)? else { return Ok(Vec::new()) };
    let own = current(store, &of)?.and_then(|signed| DeviceKeys::of(&signed));
    let own = own.map(|keys| SealTo {
        device: of.device,
        name: String::new(),
        signing: keys.key,
        seal: keys.seal,
        this: true,
        compared: true,
    });
    let mut all: Vec<SealTo> = own.into_iter().collect();
    for row in view::rows(store)? {
        let keys = row.of.keys(of.member, row.id);
        let Some(keys) = keys.filter(|_| row.of.revoked_at.is_none()) else { continue };
        if row.id == of.device {
            if let Some(own) = all.first_mut() {
                own.name.clone_from(&row.of.name);
            }
            continue;
        }
        let compared = view::is_compared(store, row.id, &row.of)?;
        all.push(SealTo {
            device: row.id,
            name: row.of.name,
            signing: keys.key,
            seal: keys.seal,
            this: false,
            compared,
        });
    }
    Ok(all)
}

/// What this device has to say of its keys, until its row says so: made here once for each signing key, so that a new
/// phone, one from before there were such keys, and a copy that got a key of its own all come to it by the one way.
pub(crate) fn to_tell(store: &Connection, env: &dyn Env, of: &Device) -> Result<Option<Signed>, StoreError> {
    if !release::knows(DEVICES.kind) {
        return Ok(None);
    }
    let signed = match current(store, of)? {
        Some(signed) => signed,
        None => make(store, env, of)?,
    };
    let row = DEVICES.get(store, Scope::member(of.member), of.device)?;
    let told = row.and_then(|(kept, _)| drawn::<DeviceEntry>(&kept.body).ok()).and_then(|of| of.keys);
    Ok((told.as_ref() != Some(&signed)).then_some(signed))
}

fn current(store: &Connection, of: &Device) -> Result<Option<Signed>, StoreError> {
    let mut statement =
        store.prepare_cached("SELECT text, signature FROM told_keys WHERE device = ?1 AND signing = ?2")?;
    let found = statement.query_row((of.device.to_string(), of.key.public().0), |row| {
        Ok(Signed { text: row.get(0)?, signature: Base64(row.get(1)?) })
    });
    Ok(found.optional()?)
}

fn make(store: &Connection, env: &dyn Env, of: &Device) -> Result<Signed, StoreError> {
    let seal = feedback::sealed::ask_with(store, env)?;
    let keys = DeviceKeys {
        format: FORMAT,
        member: of.member,
        device: of.device,
        key: of.key.public(),
        seal: seal.ok_or(StoreError::Row("a device has no key to be sealed to"))?,
        platform: std::env::consts::OS.to_owned(),
        at: env.now(),
    };
    let signed = keys.sign(&of.key);
    store.execute(
        "INSERT INTO told_keys (device, signing, text, signature) VALUES (?1, ?2, ?3, ?4)",
        (of.device.to_string(), &keys.key.0, &signed.text, &signed.signature.0),
    )?;
    Ok(signed)
}
