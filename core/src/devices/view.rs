//! The list of the member's devices.

use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use sotay_protocol::{devices::DeviceEntry, env::Timestamp, id::Id, trust::spoken};

use super::DEVICES;
use crate::{
    shown::{self, Shown},
    store::StoreError,
    sync::device,
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceView {
    pub id: Id,
    pub name: String,
    /// What it runs on, in its own words; `None` where it has not said so yet.
    pub platform: Option<String>,
    pub enrolled_at: Timestamp,
    pub last_contact: Option<NaiveDate>,
    pub revoked_at: Option<Timestamp>,
    /// The one in this hand.
    pub this: bool,
    /// Something done to it waits to be sent.
    pub pending: bool,
    /// What both devices show of its keys, to be compared by eye; `None` where it has not told them yet.
    pub digits: Option<String>,
    /// The person compared them, or it is this device.
    pub compared: bool,
}

pub(super) fn rows(store: &Connection) -> Result<Vec<Shown<DeviceEntry>>, StoreError> {
    shown::all(store, &DEVICES, "ORDER BY enrolled_at, id", [])
}

/// Those with rights by when they were enrolled, this one first; then those that were taken off.
///
/// # Errors
/// The store's own fault.
pub fn list(store: &Connection) -> Result<Vec<DeviceView>, StoreError> {
    let Some(of) = device::load(store)? else { return Ok(Vec::new()) };
    let mut list = Vec::new();
    for row in rows(store)? {
        let keys = row.of.keys(of.member, row.id);
        let this = row.id == of.device;
        list.push(DeviceView {
            id: row.id,
            platform: keys.as_ref().map(|keys| keys.platform.clone()),
            enrolled_at: row.of.enrolled_at,
            last_contact: row.of.last_contact,
            revoked_at: row.of.revoked_at,
            this,
            pending: row.pending > 0,
            digits: keys.and_then(|_| digits(&row.of)),
            compared: this || is_compared(store, row.id, &row.of)?,
            name: row.of.name,
        });
    }
    list.sort_by_key(|device| (device.revoked_at.is_some(), !device.this));
    Ok(list)
}

/// The person saw on device `id` the same digits as here: what is sealed may be sealed to it. `false` where it has told no
/// keys, or is gone.
///
/// # Errors
/// The store's own fault.
pub fn compare(store: &Connection, id: Id) -> Result<bool, StoreError> {
    let Some(of) = device::load(store)? else { return Ok(false) };
    let Some(row) = rows(store)?.into_iter().find(|row| row.id == id) else { return Ok(false) };
    let Some(keys) = row.of.keys.as_ref().filter(|_| row.of.keys(of.member, id).is_some()) else {
        return Ok(false);
    };
    store.execute(
        "INSERT INTO compared_device (id, keys) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET keys = excluded.keys",
        (id.to_string(), keys.sha256()),
    )?;
    Ok(true)
}

pub(super) fn is_compared(store: &Connection, id: Id, of: &DeviceEntry) -> Result<bool, StoreError> {
    let mut statement = store.prepare_cached("SELECT keys FROM compared_device WHERE id = ?1")?;
    let keys: Option<String> = statement.query_row([id.to_string()], |row| row.get(0)).optional()?;
    Ok(keys.is_some() && keys == of.keys.as_ref().map(sotay_protocol::trust::Signed::sha256))
}

fn digits(of: &DeviceEntry) -> Option<String> {
    Some(spoken(&of.keys.as_ref()?.sha256()))
}
