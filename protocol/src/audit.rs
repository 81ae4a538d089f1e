//! The audit chain of an organisation: who used which right, when and on what, each entry bound to the one before by its hash.
//!
//! It holds ids and nothing else: no name and no word stands in it, so that these can be purged and the chain still holds. A
//! server that takes an entry out, puts one in or changes one has to make all later hashes anew. So the head of each chain is
//! told, once a day, to the organisation above, where officers' phones keep it: a history that was written anew does not lead
//! to the heads that were told.

use serde::{Deserialize, Serialize};

use crate::{env::Timestamp, id::Id, signature::sha256};

/// Kind of the rows in a `desk` scope that hold the head of an organisation's chain; the id is the organisation's.
pub const AUDIT_HEAD: &str = "audit_head";

/// What the first entry names as the hash before it.
pub const BEGINNING: [u8; 32] = [0; 32];

/// One act. `rows` are ids of what it was done to: rows, members, devices; never what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub organisation: Id,
    /// From 1, without gaps.
    pub number: u64,
    pub at: Timestamp,
    /// A member, or the server where its operator did it.
    pub actor: Id,
    /// The feature and the deed, as in a command's kind.
    pub deed: String,
    pub rows: Vec<Id>,
    /// The hash of the entry before.
    pub previous: [u8; 32],
}

impl Act {
    /// Over every field, in one form only: ids and numbers hold no line's end, and a deed that did would be no deed.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let Self { organisation, number, at, actor, deed, rows, previous } = self;
        let rows: Vec<String> = rows.iter().map(Id::to_string).collect();
        let text = format!(
            "sotay/audit/1\n{organisation}\n{number}\n{}\n{actor}\n{}\n{}\n{}\n",
            at.millis(),
            deed.escape_default(),
            rows.join(" "),
            hex(previous),
        );
        sha256(text.as_bytes())
    }
}

/// Body of an `audit_head` row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditHead {
    pub organisation: Id,
    /// What it is called, for whoever reads the head off a phone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    pub number: u64,
    /// In hex.
    pub hash: String,
    pub at: Timestamp,
}

/// In small letters.
#[must_use]
pub fn hex(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_an_act_is_in_its_hash() {
        let id = |name: &str| Id::derived(name, &[]);
        let act = Act {
            organisation: id("xã"),
            number: 7,
            at: Timestamp::from_millis(1_764_765_000_000),
            actor: id("Hòa"),
            deed: "directive.publish".into(),
            rows: vec![id("một"), id("hai")],
            previous: BEGINNING,
        };
        let others = [
            Act { organisation: id("xã khác"), ..act.clone() },
            Act { number: 8, ..act.clone() },
            Act { at: Timestamp::from_millis(1_764_765_000_001), ..act.clone() },
            Act { actor: id("Mai"), ..act.clone() },
            Act { deed: "directive.withdraw".into(), ..act.clone() },
            Act { rows: vec![id("hai"), id("một")], ..act.clone() },
            Act { rows: vec![id("một")], ..act.clone() },
            Act { previous: [1; 32], ..act.clone() },
        ];
        for other in others {
            assert_ne!(other.hash(), act.hash(), "{other:?}");
        }
        let split = Act { deed: "a\nb".into(), ..act.clone() };
        assert_ne!(split.hash(), Act { deed: "a".into(), ..act }.hash());
    }
}
