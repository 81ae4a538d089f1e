//! Thiết bị: the member's devices, which of them this is, and what is sealed to them.

mod seal;
#[cfg(test)]
mod tests;
mod view;

use rusqlite::{Connection, types::Value};
use sotay_protocol::{
    devices::{DEVICE, DeviceEntry, EDIT, REVOKE},
    edit::Edit,
    env::Env,
    id::Id,
    row::{Body, body},
};

pub(crate) use self::seal::to_tell;
pub use self::{
    seal::{SealTo, seal_keys},
    view::{DeviceView, compare, list},
};
use crate::{
    deed::{give, stands},
    shown::{self, Shown},
    store::table::{Table, drawn},
    sync::commands::{Draft, SubmitError},
};

pub static DEVICES: Table = Table {
    kind: DEVICE,
    name: "own_device",
    version: 1,
    drawing: 1,
    columns: &["enrolled_at"],
    draw: |body| Ok(vec![Value::Integer(drawn::<DeviceEntry>(body)?.enrolled_at.millis())]),
};

/// Gives a device another name; one that it has already is nothing to do.
///
/// # Errors
/// [`SubmitError::Refused`]: `empty`, `too_large`, `no_such_row`.
pub fn rename(store: &Connection, env: &dyn Env, id: Id, name: &str) -> Result<(), SubmitError> {
    let row: Shown<DeviceEntry> = stands(shown::one(store, &DEVICES, id)?)?;
    let named = |name: &str| Body::from_iter([("name".to_owned(), name.into())]);
    let edit = Edit::between(&named(&row.of.name), &named(name.trim()));
    if edit.fields.is_empty() {
        return Ok(());
    }
    let deed = Draft { kind: EDIT, row: row.row(DEVICE), needs: row.needed(DEVICE), body: body(&edit) };
    give(store, env, deed).map(drop)
}

/// Takes another device of the member off the handbook, for good; it goes out with the next sync.
///
/// # Errors
/// [`SubmitError::Refused`]: `this_device`, `no_such_row`.
pub fn revoke(store: &Connection, env: &dyn Env, id: Id) -> Result<(), SubmitError> {
    let row: Shown<DeviceEntry> = stands(shown::one(store, &DEVICES, id)?)?;
    if row.of.revoked_at.is_some() {
        return Ok(());
    }
    let deed = Draft { kind: REVOKE, row: row.row(DEVICE), needs: row.needed(DEVICE), body: Body::new() };
    give(store, env, deed).map(drop)
}
