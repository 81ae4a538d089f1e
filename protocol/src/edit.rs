//! Edits name each field with the value it had and the new one.
//!
//! There are no row versions: an edit is accepted if every field it names still has the value its maker
//! saw (or already has the new one), whatever else has changed in the row meanwhile. So two people who
//! change different fields never conflict, and a person's own edits chain by themselves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    planted::{self, Bug},
    refusal::Refusal,
    row::Body,
    signature::sha256_hex,
};

/// A value longer than this, as JSON, is named by its SHA-256.
const LONGEST_OLD_VALUE: usize = 64;

/// Body of every edit command: fields by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Edit {
    pub fields: BTreeMap<String, Change>,
}

/// An absent field and `null` are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub was: Value,
    /// Hexadecimal SHA-256 of the old value's JSON, in place of a long one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was_sha256: Option<String>,
    #[serde(default)]
    pub now: Value,
}

/// What became of an edit or another command on a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    Refused(Refusal),
    /// A field is neither as the maker saw it nor as they want it; the current values of all fields named.
    Conflicted(Body),
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Edit {
    /// The edit that turns `seen` into `wanted`: only fields that differ.
    #[must_use]
    pub fn between(seen: &Body, wanted: &Body) -> Self {
        let names = seen.keys().chain(wanted.keys());
        let fields = names
            .filter(|name| value(seen, name) != value(wanted, name))
            .map(|name| (name.clone(), Change::new(value(seen, name), value(wanted, name).clone())))
            .collect();
        Self { fields }
    }

    /// `body` with the fields set by name. Fields outside `allowed` are refused.
    ///
    /// # Errors
    /// [`Rejection::Conflicted`] if any field is neither old nor new.
    pub fn apply(&self, body: &Body, allowed: &[&str]) -> Result<Body, Rejection> {
        if self.fields.keys().any(|name| !allowed.contains(&name.as_str())) {
            return Err(Refusal::Malformed.into());
        }
        let stands = |(name, change): (&String, &Change)| {
            let current = value(body, name);
            change.saw(current) || *current == change.now
        };
        if !self.fields.iter().all(stands) && !planted::is(Bug::LastWriteWins) {
            let current = self.fields.keys().map(|name| (name.clone(), value(body, name).clone())).collect();
            return Err(Rejection::Conflicted(current));
        }
        let mut body = body.clone();
        for (name, change) in &self.fields {
            if change.now.is_null() {
                body.remove(name);
            } else {
                body.insert(name.clone(), change.now.clone());
            }
        }
        Ok(body)
    }
}

impl Change {
    #[must_use]
    pub fn new(was: &Value, now: Value) -> Self {
        let text = was.to_string();
        if text.len() > LONGEST_OLD_VALUE {
            Self { was: Value::Null, was_sha256: Some(sha256_hex(text.as_bytes())), now }
        } else {
            Self { was: was.clone(), was_sha256: None, now }
        }
    }

    /// Whether the field still has the value that the edit's maker saw.
    #[must_use]
    pub fn saw(&self, current: &Value) -> bool {
        match &self.was_sha256 {
            Some(hash) => sha256_hex(current.to_string().as_bytes()) == *hash,
            None => *current == self.was,
        }
    }
}

fn value<'a>(body: &'a Body, name: &str) -> &'a Value {
    body.get(name).unwrap_or(&Value::Null)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "reads better at the call")]
    fn meeting(fields: Value) -> Body {
        crate::row::body(&fields)
    }

    #[test]
    fn hoa_moves_the_place_while_her_deputy_moves_the_hour() {
        let seen = meeting(json!({"place": "Nhà văn hóa", "starts_at": 1, "x_new": {"b": 1, "a": 2}}));
        let by_hoa = Edit::between(
            &seen,
            &meeting(json!({"place": "Trường học", "starts_at": 1, "x_new": {"b": 1, "a": 2}})),
        );
        let by_deputy = Edit::between(
            &seen,
            &meeting(json!({"place": "Nhà văn hóa", "starts_at": 2, "x_new": {"b": 1, "a": 2}})),
        );
        let allowed = ["place", "starts_at"];
        let first = by_hoa.apply(&seen, &allowed).unwrap();
        let second = by_deputy.apply(&first, &allowed).unwrap();
        assert_eq!(
            second,
            meeting(json!({"place": "Trường học", "starts_at": 2, "x_new": {"b": 1, "a": 2}}))
        );
        assert_eq!(
            by_hoa.apply(&second, &allowed).unwrap(),
            second,
            "an edit that already stands is no conflict"
        );
    }

    #[test]
    fn two_versions_of_one_field_are_a_conflict_that_brings_the_current_value() {
        let seen = meeting(json!({"place": "Nhà văn hóa"}));
        let edit = Edit::between(&seen, &meeting(json!({"place": "Trường học"})));
        let current = meeting(json!({"place": "Trạm y tế"}));
        assert_eq!(edit.apply(&current, &["place"]), Err(Rejection::Conflicted(current.clone())));
        assert_eq!(edit.apply(&current, &[]), Err(Refusal::Malformed.into()));
    }

    #[test]
    fn a_long_old_value_is_named_by_its_hash() {
        let seen = meeting(json!({"note": "một đoạn ghi chú rất dài, dài hơn sáu mươi tư byte khi viết ra"}));
        let edit = Edit::between(&seen, &meeting(json!({"note": "ngắn"})));
        assert!(edit.fields["note"].was_sha256.is_some() && edit.fields["note"].was.is_null());
        assert!(edit.apply(&seen, &["note"]).is_ok());
    }

    #[test]
    fn json_has_one_spelling_here() {
        // Hashes of old values lean on it: a feature that keeps insertion order would break them.
        assert_eq!(json!({"b": 1, "a": 2}).to_string(), r#"{"a":2,"b":1}"#);
    }
}
