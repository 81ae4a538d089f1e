//! The messages of one exchange, `POST /v1/sync`: cursors and commands up, frames down.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    env::Timestamp,
    id::Id,
    limits,
    refusal::Refusal,
    row::{Body, Row, RowRef},
    scope::Scope,
    signature::{Base64, Purpose, SigningKey, sha256_hex, verifies},
    trust::WipeOrder,
};

/// The app's release, in what it says to a server: 1 was 0.1.0. A server may tell those below a number to update.
pub const APP: u32 = 2;
/// Media type of what goes up and of the stream that comes down.
pub const MEDIA_TYPE: &str = "application/vnd.sotay.sync+zstd";

/// First line of a request; the second is the text of a [`Request`], over whose SHA-256 it is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    pub server: Id,
    pub device: Id,
    /// Counts exchanges; the server refuses one not above the last.
    pub count: u64,
    pub signature: Base64,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Request {
    pub app: u32,
    /// The server's epoch as the phone knows it; 0 before the first exchange.
    pub epoch: u64,
    /// The highest command number given out so far, sent or not.
    pub highest: u64,
    pub cursors: Vec<Cursor>,
    /// The server keeps this one and no other; none, and it forgets what it kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<PushAddress>,
    /// What the device says of its own keys ([`crate::trust::DeviceKeys`]), while its row does not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<crate::trust::Signed>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<Sent>,
}

/// The provider of [`PushAddress`] that needs no account: the token is a URL.
pub const UNIFIED_PUSH: &str = "unifiedpush";

/// Where a device can be poked while it holds no connection, without a word of what for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushAddress {
    pub provider: String,
    pub token: String,
}

impl PushAddress {
    /// One that is too long to be kept is none.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.provider.len() <= 32 && self.token.len() <= limits::LINE
    }
}

/// How far a scope has been taken in: all up to `seq` of this epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub scope: Scope,
    pub epoch: u64,
    pub seq: u64,
    /// While a reading from the beginning is under way, what its pages said; see [`ChangesHead::begun`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub begun: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A command as it travels: numbers ascend; those that were held may stand before the new ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Sent {
    Command(Signed),
    /// Spends a number, so that nothing is ever applied under it. One that has an outcome keeps it and is answered by
    /// it, whatever it is; nothing is judged anew.
    Skip {
        skip: u64,
        /// SHA-256 of the text that stood under the number, where the phone still has it. Of two copies of a store,
        /// each with a command of its own under this number, neither may take the other's outcome for its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hash: Option<Base64>,
    },
}

/// The exact text of a [`crate::command::Command`] and the device's signature over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    pub text: String,
    pub signature: Base64,
}

impl Envelope {
    fn signed_bytes(server: Id, device: Id, count: u64, request: &str) -> Vec<u8> {
        format!("{server}\n{device}\n{count}\n{}", sha256_hex(request.as_bytes())).into_bytes()
    }

    #[must_use]
    pub fn seal(server: Id, device: Id, count: u64, request: &str, key: &SigningKey) -> Self {
        let signature = key.sign(Purpose::Exchange, &Self::signed_bytes(server, device, count, request));
        Self { server, device, count, signature }
    }

    #[must_use]
    pub fn verifies(&self, request: &str, key: &Base64) -> bool {
        let bytes = Self::signed_bytes(self.server, self.device, self.count, request);
        verifies(key, Purpose::Exchange, &bytes, &self.signature)
    }
}

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The row's scope, and the sequence at which the row stands in it.
    Applied {
        scope: Scope,
        epoch: u64,
        seq: u64,
    },
    Refused {
        code: Refusal,
    },
    /// The current values of the fields that the edit names.
    Conflicted {
        current: Body,
    },
    /// Waits for these rows, or for the rest of these files (SHA-256 in hex); judged anew when sent again.
    Held {
        missing: Vec<RowRef>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<String>,
    },
    /// The server's own fault; nothing of it was kept, and no later command was taken.
    Failed,
    /// Its number was spent.
    Skipped,
    /// The number was used for another command: this store is a copy. Nothing after it was taken.
    Forked,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeLine {
    pub number: u64,
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What to do with a scope, in the transaction that sees this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    Follow,
    /// Its rows go.
    Leave,
    /// Cursor to 0, generation one up; `end` sweeps what still bears an older one.
    Reset,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeLine {
    pub scope: Scope,
    #[serde(rename = "do")]
    pub deed: Deed,
    pub epoch: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopesHead {
    pub epoch: u64,
    /// The commands were left untouched: send from this number on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub want_from: Option<u64>,
    /// Sequence numbers between the phone's cursors and the heads: what is still to come, for a bar of progress. As
    /// many rows or fewer, for numbers that were given anew are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead: Option<u64>,
    /// Apps older than this are asked to update; they go on reading.
    pub min_app: u32,
    /// That this device forget all. It is judged before anything else lands; apps that do not know it go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wipe: Option<Box<WipeOrder>>,
}

/// Rows of one scope with sequences above `from` up to `to`; `from` is the phone's cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesHead {
    pub scope: Scope,
    pub epoch: u64,
    pub from: u64,
    pub to: u64,
    /// The scope's head when this reading from the beginning began, 0 in any other. Whoever reads from the beginning has
    /// no row whose tombstone stands below it: such tombstones are left out, and that some have gone does not matter.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub begun: u64,
}

/// One row of a scope's log: the whole row as it now is, or, without a body, a tombstone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    pub seq: u64,
    pub kind: String,
    pub version: u32,
    pub id: Id,
    pub author: Id,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Box<RawValue>>,
}

impl Entry {
    /// The row, unless this is a tombstone.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] where the body is not an object.
    pub fn row(&self) -> Result<Option<Row>, Refusal> {
        let Some(body) = &self.body else { return Ok(None) };
        let body = serde_json::from_str(body.get()).map_err(|_| Refusal::Malformed)?;
        Ok(Some(Row { version: self.version, author: self.author, body }))
    }
}

/// Everything was sent: every followed scope stands at the head it had during this exchange.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct End {
    pub now: Timestamp,
    /// The server's own clock has been set back: what it tells of the time is no measure for a phone's clock.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clock_unsure: bool,
    /// Serves `GET /v1/events` until `token_until`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_until: Option<Timestamp>,
    /// With which the server signs what it says of itself, for devices that enrolled when it did not say so yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_key: Option<Base64>,
}
