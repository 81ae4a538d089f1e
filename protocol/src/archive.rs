//! What has left the window of a desk or a cell, as it is asked for: page by page, and not kept on the phone.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{env::Timestamp, id::Id};

/// Answer of `GET /v1/archive/{scope}`: the newest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Archive {
    pub rows: Vec<ArchivedRow>,
    /// What to say as `before` for what is older still; `None` at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ArchivedRow {
    pub kind: String,
    pub id: Id,
    pub version: u32,
    pub author: Id,
    /// When it happened; of a meeting and its report, when that was to begin. The archive is in this order.
    pub happened: Timestamp,
    /// Of rows that go with the one before them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub belongs_to: Option<Id>,
    pub body: Box<RawValue>,
}
