//! A person's own: what the server keeps of them beyond what their phone has, asked for by their own device.

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use crate::{
    env::Timestamp,
    id::Id,
    retention::Rule,
    row::RowRef,
    scope::Scope,
    signature::{Base64, Purpose, SigningKey, verifies},
};

/// `POST /v1/my-data`. The token says that an exchange was not long ago; the signature, that whoever asks has the device's
/// key: who stole a token learns nothing by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MyDataRequest {
    pub server: Id,
    pub device: Id,
    pub token: String,
    pub signature: Base64,
}

impl MyDataRequest {
    #[must_use]
    pub fn seal(server: Id, device: Id, token: &str, key: &SigningKey) -> Self {
        let signature = key.sign(Purpose::MyData, &signed_bytes(server, device, token));
        Self { server, device, token: token.to_owned(), signature }
    }

    #[must_use]
    pub fn verifies(&self, key: &Base64) -> bool {
        let bytes = signed_bytes(self.server, self.device, &self.token);
        verifies(key, Purpose::MyData, &bytes, &self.signature)
    }
}

fn signed_bytes(server: Id, device: Id, token: &str) -> Vec<u8> {
    format!("{server}\n{device}\n{token}").into_bytes()
}

/// All that a server keeps of one person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MyData {
    pub member: Id,
    pub at: Timestamp,
    pub records: Vec<Record>,
    /// Rows that somebody else's words or work fill and that name this person, or that this person wrote for others: that they
    /// stand, and not what is in them, which is others' too.
    #[serde(default)]
    pub mentions: Vec<Mention>,
    /// How long each kind stays.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// One thing that is kept; `entry` is the key of what [`crate::kept`] says of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    pub entry: String,
    /// The table or kind of row.
    pub of: String,
    pub body: Box<RawValue>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    pub row: RowRef,
    /// It has left its window.
    pub archived: bool,
    pub written_by_me: bool,
    pub at: Timestamp,
}

/// Whether the row is about this one person and nobody else: it stands in their own scope, bears their id, or says whom it is
/// about.
#[must_use]
pub fn is_theirs(row: &RowRef, body: &str, member: Id) -> bool {
    if row.scope == Scope::member(member) || row.id == member {
        return true;
    }
    let Ok(body) = serde_json::from_str::<Value>(body) else { return false };
    let is = |of: &Value| of.get("member").and_then(Value::as_str) == Some(&*member.to_string());
    let marks = body.get("marks").and_then(Value::as_array);
    is(&body) || marks.is_some_and(|marks| !marks.is_empty() && marks.iter().all(is))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_two_people_is_nobodys_own() {
        let (lan, minh) = (Id::derived("Lan", &[]), Id::derived("Minh", &[]));
        let row = RowRef::new(Scope::desk(lan), "attendance_note", Id::derived("họp", &[]));
        let marks = |of: &[Id]| {
            let marks: Vec<_> = of.iter().map(|member| serde_json::json!({"member": member})).collect();
            serde_json::json!({"marks": marks}).to_string()
        };
        assert!(is_theirs(&row, &marks(&[lan, lan]), lan));
        assert!(!is_theirs(&row, &marks(&[lan, minh]), lan) && !is_theirs(&row, &marks(&[]), lan));
        assert!(!is_theirs(&row, "{", lan) && !is_theirs(&row, &marks(&[minh]), lan));
        assert!(is_theirs(&RowRef::new(Scope::member(lan), "thread", minh), "{}", lan));
    }

    #[test]
    fn who_has_the_token_alone_cannot_ask() {
        let (lan, thief) = (SigningKey::from_seed([1; 32]), SigningKey::from_seed([2; 32]));
        let (server, device) = (Id::derived("máy chủ", &[]), Id::derived("máy của Lan", &[]));
        let asked = MyDataRequest::seal(server, device, "t", &lan);
        assert!(asked.verifies(&lan.public()));
        assert!(!MyDataRequest::seal(server, device, "t", &thief).verifies(&lan.public()));
        assert!(!MyDataRequest { token: "u".into(), ..asked }.verifies(&lan.public()));
    }
}
