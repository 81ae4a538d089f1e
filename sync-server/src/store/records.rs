//! The shapes in which the server keeps things.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sotay_protocol::{
    audit::Act,
    env::Timestamp,
    exchange::Outcome,
    id::Id,
    members::Profile,
    organisations::{Organisation, Tree},
    refusal::Refusal,
    rights::{Action, Caller, Standing, allowed},
    row::{Body, Row, RowRef},
    scope::Scope,
};

use super::BlobHash;

/// The server itself: made once, on first use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerRecord {
    pub id: Id,
    pub epoch: u64,
    /// Key of the tokens and of the hashes of activation codes.
    pub key: Vec<u8>,
}

/// How far a scope's log has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub epoch: u64,
    /// The number given last.
    pub head: u64,
    /// Tombstones up to this number may be gone.
    pub floor: u64,
    /// How often something was taken out of the log without a new number.
    pub purges: u64,
}

/// One entry of a scope's log; without a body, a tombstone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    pub seq: u64,
    pub kind: String,
    pub id: Id,
    pub version: u32,
    pub author: Id,
    pub body: Option<String>,
    /// SHA-256 of the body with which a command made the row.
    pub made: Option<[u8; 32]>,
}

impl StoredEntry {
    /// The row, unless this is a tombstone.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] where the body is no object; none is written so.
    pub fn row(&self) -> Result<Option<Row>, Refusal> {
        let Some(body) = &self.body else { return Ok(None) };
        let body: Body = serde_json::from_str(body).map_err(|_| Refusal::Malformed)?;
        Ok(Some(Row { version: self.version, author: self.author, body }))
    }
}

/// A row that has left its scope's window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    pub kind: String,
    pub id: Id,
    /// When it happened, or the row that it belongs to did; of a meeting and its report, when that was to begin. The archive
    /// is in this order.
    pub happened: Timestamp,
    pub belongs_to: Option<Id>,
    pub version: u32,
    pub author: Id,
    pub made: Option<[u8; 32]>,
    /// When it was last written.
    pub at: Timestamp,
    pub body: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry<'a> {
    pub version: u32,
    pub author: Id,
    pub body: &'a str,
    pub made: Option<[u8; 32]>,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub id: Id,
    pub member: Id,
    pub key: Vec<u8>,
    pub name: String,
    /// Count of the newest exchange.
    pub count: u64,
    /// Highest command number that has an outcome.
    pub last_number: u64,
    pub forked_from: Option<Id>,
    pub made_at: Timestamp,
    pub last_exchange_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

impl Device {
    /// Who asks with it: nobody with rights, where it was revoked.
    pub(crate) fn caller<'a>(&self, standing: &'a Standing) -> Caller<'a> {
        if self.revoked_at.is_some() { Caller::Revoked } else { Caller::Member(standing) }
    }

    /// Whether it is answered at an address with more than a refusal.
    pub(crate) fn may_enter(&self, method: &str, path: &str) -> bool {
        let caller = if self.revoked_at.is_some() { Caller::Revoked } else { Caller::Device };
        allowed(caller, &Tree::default(), Action::Enter(method, path), Timestamp::MIN).is_ok()
    }
}

/// What became of a command; a skipped number has neither hash nor text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOutcome {
    pub hash: Option<[u8; 32]>,
    pub text: Option<String>,
    pub signature: Option<Vec<u8>>,
    pub outcome: Outcome,
    pub at: Timestamp,
}

/// A file on its way up from one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub device: Id,
    pub hash: BlobHash,
    /// This try's own: one that was dropped and begun again has another.
    pub id: Id,
    pub size: u64,
    /// Bytes from its beginning without a gap.
    pub have: u64,
    /// All of it is there, and was found to be what the hash says.
    pub verified: bool,
    /// When the last part came.
    pub at: Timestamp,
}

/// Numbers up to `highest` were first heard of at `heard_at`; the exchange before, at `not_heard_at`, had
/// not heard of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    pub highest: u64,
    pub not_heard_at: Option<Timestamp>,
    pub heard_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    pub hash: Vec<u8>,
    pub member: Id,
    pub until: Timestamp,
    /// Wrong dates of birth so far.
    pub tries: u32,
    /// The key that proved itself first, and the device it became.
    pub key: Option<Vec<u8>>,
    pub device: Option<Id>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrganisation {
    pub id: Id,
    pub organisation: Organisation,
}

/// A member as the server knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMember {
    pub id: Id,
    pub profile: Profile,
}

impl StoredMember {
    #[must_use]
    pub fn birth(&self) -> NaiveDate {
        self.profile.birth
    }
}

/// An act as it stands in its organisation's chain, with the hash that was kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chained {
    pub act: Act,
    pub hash: [u8; 32],
}

/// A row that has to do with one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    pub row: RowRef,
    pub author: Id,
    /// When it was last written.
    pub at: Timestamp,
    pub archived: bool,
    pub body: String,
}

/// Work that a commit leaves behind. `id` is the line's own: two lines may ask for the same work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxLine {
    pub scope: Scope,
    pub id: Id,
    pub errand: Errand,
    pub at: Timestamp,
}

/// What the relay does for a line of the outbox. Each is idempotent: it looks at what stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "errand", rename_all = "snake_case")]
pub enum Errand {
    /// The openings of a meeting changed: look at everyone's claims on it.
    JudgeClaims { cell: Id, meeting: Id },
    /// One member's claims on a meeting.
    JudgeMember { cell: Id, meeting: Id, member: Id },
    /// A member's devices, or where they belong, changed: tell the cell's desk whose passes it may believe.
    PassKeys { cell: Id, member: Id },
    /// Count a meeting for the committee above.
    Report { cell: Id, meeting: Id },
}

/// A member's claim on a meeting, to be found from the meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimLine {
    pub member: Id,
    /// Counts a member's claims on this meeting, from 1.
    pub position: u32,
    pub claim: Id,
}

impl Errand {
    /// The scope under which the errand waits: its cell's.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::JudgeClaims { cell, .. }
            | Self::JudgeMember { cell, .. }
            | Self::PassKeys { cell, .. }
            | Self::Report { cell, .. } => Scope::cell(*cell),
        }
    }
}
