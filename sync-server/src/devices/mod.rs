//! The rows that tell a member of their devices, kept to what the register of devices says; and what a member does to them.

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::{
    devices::{DEVICE, DeviceEntry, REVOKE},
    env::Timestamp,
    id::Id,
    refusal::Refusal,
    row::{Row, RowRef, body},
    scope::Scope,
    signature::Base64,
    trust::{DeviceKeys, Signed},
};

use crate::{
    commands::{Deed, Stop},
    error::ServerError,
    restore::{self, Revoker},
    rows::put_if_changed,
    server::Server,
    store::{Device, Reader, Result as Stored, Transaction},
    vietnam,
};

/// Devices looked at together, and written in one transaction where their rows have to be.
const TOGETHER: usize = 200;

pub(crate) fn row_of(device: &Device) -> RowRef {
    RowRef::new(Scope::member(device.member), DEVICE, device.id)
}

/// The device's row as it has to be: name, key and end as the register has them, the rest as it is.
fn due(reader: &(impl Reader + ?Sized), server: Id, device: &Device) -> Stored<Row> {
    let standing = reader.entry(&row_of(device))?.and_then(|entry| entry.row().ok().flatten());
    let before = standing.as_ref().and_then(|row| row.view::<DeviceEntry>().ok());
    let day = |at| vietnam::clock(at).date();
    let entry = DeviceEntry {
        name: device.name.clone(),
        enrolled_at: device.made_at,
        last_contact: before.as_ref().map_or(Some(day(device.made_at)), |before| before.last_contact),
        key: Base64(device.key.clone()),
        keys: before.as_ref().and_then(|before| before.keys.clone()),
        revoked_at: before.as_ref().and_then(|before| before.revoked_at).or(device.revoked_at),
        wipe: before.and_then(|before| before.wipe),
    };
    let mut row = standing.unwrap_or(Row { version: 1, author: server, body: body(&entry) });
    row.body.extend(body(&entry));
    Ok(row)
}

/// Brings the device's row to what the register says. Its member's scope is locked.
pub(crate) fn stand(tx: &mut dyn Transaction, server: Id, device: &Device, now: Timestamp) -> Stored<bool> {
    let row = due(&*tx, server, device)?;
    put_if_changed(tx, &row_of(device), &row, now)
}

/// Keeps what the device says of its own keys, where it does say it. Its member's scope is locked.
pub(crate) fn told_keys(
    tx: &mut dyn Transaction,
    server: Id,
    device: &Device,
    keys: &Signed,
    now: Timestamp,
) -> Stored<bool> {
    let of = DeviceKeys::of(keys);
    let own =
        |of: &DeviceKeys| of.device == device.id && of.member == device.member && of.key.0 == device.key;
    if !of.is_some_and(|of| own(&of)) {
        return Ok(false);
    }
    let mut row = due(&*tx, server, device)?;
    row.body.insert("keys".into(), serde_json::Value::Object(body(keys)));
    put_if_changed(tx, &row_of(device), &row, now)
}

/// The order that it forget all, where there is one.
pub(crate) fn wipe(reader: &(impl Reader + ?Sized), device: &Device) -> Stored<Option<Signed>> {
    let row = reader.entry(&row_of(device))?.and_then(|entry| entry.row().ok().flatten());
    Ok(row.and_then(|row| row.view::<DeviceEntry>().ok()).and_then(|entry| entry.wipe))
}

/// Keeps that order. Its member's scope is locked.
pub(crate) fn order_wipe(
    tx: &mut dyn Transaction,
    server: Id,
    device: &Device,
    wipe: &Signed,
    now: Timestamp,
) -> Stored<bool> {
    let mut row = due(&*tx, server, device)?;
    row.body.insert("wipe".into(), serde_json::Value::Object(body(wipe)));
    put_if_changed(tx, &row_of(device), &row, now)
}

/// A member names a device, or takes one of their others off the handbook.
pub(crate) fn change(tx: &mut dyn Transaction, deed: &mut Deed<'_>) -> Result<u64, Stop> {
    let command = deed.command;
    let device = tx.device(command.row.id)?.filter(|device| device.member == deed.maker);
    let device = device.ok_or(Refusal::NoSuchRow)?;
    let written = deed.write(tx)?;
    if command.kind == REVOKE {
        let by = Revoker { ledger: deed.ledger, server: deed.server, actor: deed.maker };
        for one in restore::revoke(&by, tx, device.id, deed.now)?.unwrap_or_default() {
            stand(tx, deed.server, &one, deed.now)?;
        }
    } else if let Some(entry) = deed.entry(tx)?.and_then(|entry| entry.row().ok().flatten()) {
        let name = entry.view::<DeviceEntry>()?.name;
        if let Some(device) = tx.lock_device(device.id)? {
            tx.put_device(&Device { name, ..device })?;
        }
    }
    Ok(written.seq)
}

impl Server {
    /// Brings the rows of all devices to the day of their last exchange; how many had to be written. Once a day: who
    /// reads the rows learns no more than the day.
    ///
    /// # Errors
    /// The store's; what was done stays done.
    pub fn note_contacts(&self, between: &mut dyn FnMut()) -> Result<u64, ServerError> {
        let (mut after, mut written) = (None, 0);
        loop {
            let devices = self.store.read_with(|reader| reader.devices(after, TOGETHER))?;
            let Some(last) = devices.last() else { return Ok(written) };
            after = Some((last.member, last.id));
            written += self.note_these(&devices)?;
            between();
        }
    }

    fn note_these(&self, devices: &[Device]) -> Result<u64, ServerError> {
        let now = self.env.now();
        let stale = self.store.read_with(|reader| {
            let mut stale = BTreeMap::new();
            for device in devices {
                let row = self.with_contact(reader, device)?;
                let standing = reader.entry(&row_of(device))?.and_then(|entry| entry.row().ok().flatten());
                if standing.as_ref() != Some(&row) {
                    stale.insert(device.id, Scope::member(device.member));
                }
            }
            Ok(stale)
        })?;
        if stale.is_empty() {
            return Ok(0);
        }
        let scopes: BTreeSet<Scope> = stale.values().copied().collect();
        let scopes: Vec<Scope> = scopes.into_iter().collect();
        let written = self.store.write_with(&scopes, |tx| {
            let mut written = 0;
            for id in stale.keys() {
                let Some(device) = tx.device(*id)? else { continue };
                let row = self.with_contact(&*tx, &device)?;
                written += u64::from(put_if_changed(tx, &row_of(&device), &row, now)?);
            }
            Ok(written)
        })?;
        Ok(written)
    }

    fn with_contact(&self, reader: &(impl Reader + ?Sized), device: &Device) -> Stored<Row> {
        let mut row = due(reader, self.id(), device)?;
        let last = device.last_exchange_at.unwrap_or(device.made_at).max(device.made_at);
        let day = vietnam::clock(last).date();
        // One without rights has none of its tries told.
        if device.revoked_at.is_none() {
            row.body.insert("last_contact".into(), day.to_string().into());
        }
        Ok(row)
    }
}
