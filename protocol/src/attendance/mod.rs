//! Điểm danh: who came. A member's check-in is a claim in their own scope; the attendance that the cell
//! sees is written by the server when the secretary's opening log bears the claim out, or by the
//! secretary's own mark, which stands above any claim.
//!
//! The six digits are an HMAC under a secret that only the secretary's devices and the server hold. The QR beside them
//! ([`Shown`]) is signed by the secretary's device, so that a phone can verify it; a member's pass ([`Pass`]) is signed by
//! the member's, for the secretary to scan. A code is judged by the secretary's log alone ([`judge`]): neither the server's
//! clock nor the member's counts.

mod judge;
mod pass;
mod shown;
#[cfg(test)]
mod tests;

use ring::hmac;
use serde::{Deserialize, Serialize};

pub use self::{
    judge::{Before, Log, Proof, Signer, judge},
    pass::{CLOCKS_DIFFER, NoPass, PASS_KEY, PASS_VALID, Pass, PassFound, PassKey},
    shown::{Shown, ShownBy},
};
use crate::{
    command::{self, Command, check_text},
    edit::Rejection,
    env::Timestamp,
    id::Id,
    limits,
    qr::NotRead,
    refusal::Refusal,
    row::{Row, body},
    scope::{Scope, ScopeKind},
    signature::Base64,
};

/// Kind of the rows in a `cell` scope; the id is [`attendance_id`].
pub const ATTENDANCE: &str = "attendance";
/// Kind of the rows in the `desk` scope of a cell that hold the trail and reasons of marks; the id is the attendance's.
pub const ATTENDANCE_NOTE: &str = "attendance_note";
/// Kind of the rows in a `member` scope.
pub const CLAIM: &str = "claim";
/// Kind of the rows in the `desk` scope of a cell: one per opening, with its secret.
pub const OPENING: &str = "opening";

pub const MARK: &str = "attendance.mark";
pub const CHECK_IN: &str = "claim.check_in";
pub const RECORD_OPENING: &str = "opening.record";
pub const EDIT_OPENING: &str = "opening.edit";

/// How long a code is shown.
pub const STEP_SECONDS: i64 = 30;
/// Wrong codes after which the rest of a member's claims on a meeting wait for the secretary's hand.
pub const WRONG_CODES: usize = 3;
/// What a new state of an attendance says anew; other fields stay.
pub const SAID_ANEW: [&str; 4] = ["mode", "late", "evidence", "awaits_secretary"];
/// No opening is searched for codes beyond this many steps: a day.
pub const LONGEST_OPENING_STEPS: i64 = 24 * 60 * 60 / STEP_SECONDS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttendanceState {
    Present,
    /// Vắng có lý do.
    Excused,
    /// Vắng không lý do.
    Absent,
    /// Said by the member, to be confirmed.
    Claimed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    InPerson,
    Online,
    /// By radio or telephone.
    Remote,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Mark,
    Claim,
}

/// What an attendance rests on, where that is more than a word or six digits. It stands beside [`Source`], which apps of
/// before read: a scanned pass is a mark to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The member scanned the signed QR of the secretary's device.
    SignedCode,
    /// The secretary scanned the member's pass while check-in was open, signed by a device of the member's.
    Pass,
    /// The secretary scanned a pass that proves nothing: of a device that was not known, or when check-in was not open.
    PassByHand,
    /// Of a newer version.
    #[serde(other)]
    Other,
}

/// Body of an `attendance` row: state only, never the code and never the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendance {
    pub meeting: Id,
    pub member: Id,
    pub state: AttendanceState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    pub source: Source,
    /// Confirmed after the meeting from the secretary's log, not seen in time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// No log decides this any more: the secretary does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub awaits_secretary: bool,
}

/// Body of an `attendance.mark` command by an officer of the cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub id: Id,
    pub meeting: Id,
    pub member: Id,
    pub state: AttendanceState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// For the cell's officers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The member's pass as it was scanned; for the cell's officers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass: Option<String>,
    /// What the device that scanned it found of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// Body of an `attendance_note` row: every mark ever made, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AttendanceNote {
    pub marks: Vec<TrailEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailEntry {
    #[serde(flatten)]
    pub mark: Mark,
    pub by: Id,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimState {
    /// Recorded, to be confirmed.
    #[default]
    Recorded,
    Confirmed,
    /// From the secretary's log, after the fact.
    ConfirmedLater,
    Wrong,
    /// After three wrong codes: the secretary decides.
    AwaitsSecretary,
}

/// Body of a `claim` row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub meeting: Id,
    pub cell: Id,
    /// Six digits, typed or of the QR.
    pub code: String,
    /// The QR as it was scanned: [`Shown`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qr: Option<String>,
    /// The member's clock: shown, never judged by.
    pub at: Timestamp,
    #[serde(default)]
    pub state: ClaimState,
}

/// Body of an `opening` row: from when to when the secretary's device showed codes, by its own clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    pub meeting: Id,
    pub secret: Base64,
    pub opened_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// The server's clock less this device's, in milliseconds, as they last met before the opening.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_ahead: Option<i64>,
}

impl Claim {
    /// The QR, where one was scanned.
    ///
    /// # Errors
    /// Where it is none.
    pub fn scanned(&self) -> Result<Option<Shown>, NotRead> {
        self.qr.as_deref().map(Shown::read).transpose()
    }

    fn fits(&self, qr: Option<&Shown>) -> bool {
        qr.is_none_or(|qr| (qr.meeting, qr.cell) == (self.meeting, self.cell) && qr.digits() == self.code)
    }
}

/// One attendance per meeting and member, whoever writes it first.
#[must_use]
pub fn attendance_id(meeting: Id, member: Id) -> Id {
    Id::derived("attendance", &[meeting, member])
}

impl Opening {
    /// The code that the secretary's device shows at `at`: HOTP (RFC 4226) with SHA-256 over the meeting
    /// and the count of steps since 1970.
    #[must_use]
    pub fn code_at(&self, at: Timestamp) -> String {
        self.code(&self.key(), step(at))
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.secret.0)
    }

    fn code(&self, key: &hmac::Key, step: i64) -> String {
        let mut context = hmac::Context::with_key(key);
        context.update(self.meeting.as_bytes());
        context.update(&step.to_be_bytes());
        let tag = context.sign();
        let bytes = tag.as_ref();
        let offset = usize::from(bytes.last().copied().unwrap_or(0) & 0x0f);
        let number =
            bytes.iter().skip(offset).take(4).fold(0u32, |number, byte| number << 8 | u32::from(*byte));
        format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
    }
}

fn step(at: Timestamp) -> i64 {
    at.millis().div_euclid(STEP_SECONDS * 1000)
}

/// A mark writes its reason and trail at the cell's desk.
pub(crate) fn second_scope(command: &Command) -> Option<Scope> {
    (command.kind == MARK && command.row.scope.kind == ScopeKind::Cell)
        .then(|| Scope::desk(command.row.scope.id))
}

pub(crate) fn apply_mark(current: Option<&Row>, command: &Command, maker: Id) -> Result<Row, Rejection> {
    if command.kind != MARK {
        return Err(Refusal::UnknownKind.into());
    }
    let mark: Mark = command.view()?;
    if attendance_id(mark.meeting, mark.member) != command.row.id || mark.state == AttendanceState::Claimed {
        return Err(Refusal::Malformed.into());
    }
    if let Some(reason) = &mark.reason {
        check_text(reason, limits::LINE)?;
    }
    check_scanned(&mark)?;
    let marked = Attendance {
        meeting: mark.meeting,
        member: mark.member,
        state: mark.state,
        mode: mark.mode,
        source: Source::Mark,
        late: false,
        evidence: mark.evidence,
        awaits_secretary: false,
    };
    let (mut kept, author) = match current {
        Some(row) => (row.body.clone(), row.author),
        None => (serde_json::Map::new(), maker),
    };
    for field in SAID_ANEW {
        kept.remove(field);
    }
    kept.extend(body(&marked));
    Ok(Row { version: 1, author, body: kept })
}

/// A mark by a pass brings it, and is of its member and meeting.
fn check_scanned(mark: &Mark) -> Result<(), Refusal> {
    let fits = match (&mark.pass, mark.evidence) {
        (None, None) => true,
        (Some(text), Some(Evidence::Pass | Evidence::PassByHand)) => {
            let of = Pass::read(text);
            mark.state == AttendanceState::Present
                && of.is_ok_and(|of| of.meeting == mark.meeting && of.member == mark.member)
        }
        _ => false,
    };
    if fits { Ok(()) } else { Err(Refusal::Malformed) }
}

/// The note with one more mark in its trail; a mark that stands already changes nothing.
///
/// # Errors
/// [`Refusal::Malformed`] where the command is no mark.
pub fn note_mark(
    note: Option<&AttendanceNote>,
    command: &Command,
    maker: Id,
) -> Result<AttendanceNote, Refusal> {
    let mark: Mark = command.view()?;
    let mut note = note.cloned().unwrap_or_default();
    if note.marks.iter().all(|entry| entry.mark.id != mark.id) {
        note.marks.push(TrailEntry { mark, by: maker, at: command.made_at });
    }
    Ok(note)
}

pub(crate) fn apply_claim(current: Option<&Row>, command: &Command, maker: Id) -> Result<Row, Rejection> {
    if command.kind != CHECK_IN {
        return Err(Refusal::UnknownKind.into());
    }
    let claim: Claim = command.view()?;
    if claim.code.len() != 6 || !claim.code.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Refusal::Malformed.into());
    }
    if claim.state != ClaimState::Recorded || !claim.scanned().is_ok_and(|qr| claim.fits(qr.as_ref())) {
        return Err(Refusal::Malformed.into());
    }
    command::create(current, command.body.clone(), maker)
}

pub(crate) fn apply_opening(current: Option<&Row>, command: &Command, maker: Id) -> Result<Row, Rejection> {
    match command.kind.as_str() {
        RECORD_OPENING => {
            let opening: Opening = command.view()?;
            if opening.secret.0.len() != 32 {
                return Err(Refusal::Malformed.into());
            }
            command::create(current, command.body.clone(), maker)
        }
        EDIT_OPENING => {
            let row = command::edit(current, command, &["closed_at"])?;
            row.view::<Opening>()?;
            Ok(row)
        }
        _ => Err(Refusal::UnknownKind.into()),
    }
}
