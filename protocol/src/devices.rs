//! Thiết bị của đảng viên: a row for each phone of a member, in the member's own scope. The server writes it, and writes
//! in it what it knows; of the key to which others seal, the row holds the device's own signed words.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    command::{self, Command, check_text},
    edit::{Edit, Rejection},
    env::Timestamp,
    id::Id,
    limits,
    refusal::Refusal,
    row::{Row, body},
    signature::Base64,
    trust::{DeviceKeys, Signed},
};

/// Kind of the rows in a `member` scope; the id is the device's.
pub const DEVICE: &str = "device";

/// Gives it another name.
pub const EDIT: &str = "device.edit";
/// Takes one's own other device off the handbook, for good.
pub const REVOKE: &str = "device.revoke";

/// Body of a `device` row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceEntry {
    /// What the person calls it.
    pub name: String,
    pub enrolled_at: Timestamp,
    /// The day of its last exchange in Vietnam, and no hour. Written by the server's daily job alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_contact: Option<NaiveDate>,
    /// Ed25519, as it was enrolled.
    pub key: Base64,
    /// [`DeviceKeys`], by that very key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Signed>,
    /// It has no rights since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// [`Wipe`](crate::trust::Wipe): whoever has it in their hands is to find nothing on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wipe: Option<Signed>,
}

impl DeviceEntry {
    /// What device `id` of `member` says of its keys; `None` where it has said nothing, or somebody else did.
    #[must_use]
    pub fn keys(&self, member: Id, id: Id) -> Option<DeviceKeys> {
        let keys = DeviceKeys::of(self.keys.as_ref()?)?;
        (keys.member == member && keys.device == id && keys.key == self.key).then_some(keys)
    }
}

pub(crate) fn apply(current: Option<&Row>, command: &Command) -> Result<Row, Rejection> {
    let row = current.ok_or(Refusal::NoSuchRow)?;
    let of: DeviceEntry = row.view()?;
    match command.kind.as_str() {
        EDIT => {
            let name = command
                .view::<Edit>()?
                .fields
                .get("name")
                .and_then(|name| name.now.as_str().map(str::to_owned));
            check_text(&name.ok_or(Refusal::Malformed)?, limits::LINE)?;
            command::edit(current, command, &["name"])
        }
        // Somebody with one device would have none, and nobody could take it back.
        REVOKE if command.device == command.row.id => Err(Refusal::ThisDevice.into()),
        REVOKE if of.revoked_at.is_some() => Ok(row.clone()),
        REVOKE => {
            let mut row = row.clone();
            row.body.extend(body(&DeviceEntry { revoked_at: Some(command.made_at), ..of }));
            Ok(row)
        }
        _ => Err(Refusal::UnknownKind.into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        edit::Change, row::RowRef, scope::Scope, sealed::SealKey, signature::SigningKey, trust::FORMAT,
    };

    fn id(name: &str) -> Id {
        Id::derived(name, &[])
    }

    fn of(keys: Option<Signed>) -> DeviceEntry {
        DeviceEntry {
            name: "Máy của Lan".into(),
            enrolled_at: Timestamp::from_millis(1),
            last_contact: None,
            key: SigningKey::from_seed([1; 32]).public(),
            keys,
            revoked_at: None,
            wipe: None,
        }
    }

    fn command(kind: &str, from: &str, body: serde_json::Value) -> Command {
        Command {
            device: id(from),
            number: 1,
            kind: kind.into(),
            version: 1,
            row: RowRef::new(Scope::member(id("Lan")), DEVICE, id("máy cũ")),
            made_at: Timestamp::from_millis(9),
            needs: vec![],
            body: serde_json::from_value(body).unwrap(),
        }
    }

    #[test]
    fn lan_takes_her_old_phone_off_by_her_new_one_and_not_by_itself() {
        let row = Row { version: 1, author: id("máy chủ"), body: body(&of(None)) };
        let revoked = apply(Some(&row), &command(REVOKE, "máy mới", json!({}))).unwrap();
        let revoked_at = revoked.view::<DeviceEntry>().unwrap().revoked_at;
        assert_eq!(revoked_at, Some(Timestamp::from_millis(9)));
        let again =
            Command { made_at: Timestamp::from_millis(20), ..command(REVOKE, "máy mới", json!({})) };
        assert_eq!(apply(Some(&revoked), &again), Ok(revoked));
        let itself = apply(Some(&row), &command(REVOKE, "máy cũ", json!({})));
        assert_eq!(itself, Err(Refusal::ThisDevice.into()));
        assert_eq!(apply(None, &command(REVOKE, "máy mới", json!({}))), Err(Refusal::NoSuchRow.into()));
    }

    #[test]
    fn a_device_gets_another_name_and_no_other_key() {
        let row = Row { version: 1, author: id("máy chủ"), body: body(&of(None)) };
        let edit = |name: &str, was: serde_json::Value, now: &str| {
            let fields = [(name.to_owned(), Change::new(&was, now.into()))].into();
            command(EDIT, "máy mới", serde_json::to_value(Edit { fields }).unwrap())
        };
        let named = apply(Some(&row), &edit("name", "Máy của Lan".into(), "Máy ở nhà")).unwrap();
        assert_eq!(named.view::<DeviceEntry>().unwrap().name, "Máy ở nhà");
        assert_eq!(apply(Some(&row), &edit("name", "Máy của Lan".into(), " ")), Err(Refusal::Empty.into()));
        let key = edit("key", String::from(of(None).key).into(), "AAAA");
        assert_eq!(apply(Some(&row), &key), Err(Refusal::Malformed.into()));
    }

    #[test]
    fn a_seal_key_is_the_devices_that_signed_it_and_no_other() {
        let (key, thief) = (SigningKey::from_seed([1; 32]), SigningKey::from_seed([2; 32]));
        let keys = DeviceKeys {
            format: FORMAT,
            member: id("Lan"),
            device: id("máy cũ"),
            key: key.public(),
            seal: SealKey::from_secret([7; 32]).public(),
            platform: "linux".into(),
            at: Timestamp::from_millis(3),
        };
        let entry = of(Some(keys.sign(&key)));
        assert_eq!(entry.keys(id("Lan"), id("máy cũ")), Some(keys.clone()));
        assert_eq!(entry.keys(id("Minh"), id("máy cũ")), None);
        assert_eq!(entry.keys(id("Lan"), id("máy mới")), None);
        assert_eq!(of(Some(keys.sign(&thief))).keys(id("Lan"), id("máy cũ")), None);
        // The server puts a key of its own beside words that it signed itself: another key than the one enrolled.
        let own = DeviceKeys { key: thief.public(), ..keys };
        assert_eq!(of(Some(own.sign(&thief))).keys(id("Lan"), id("máy cũ")), None);
    }
}
