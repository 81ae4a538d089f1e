//! Điểm danh: who came. A member's check-in is a claim in their own scope; the attendance that the cell
//! sees is written by the server when the secretary's opening log bears the claim out, or by the
//! secretary's own mark, which stands above any claim.
//!
//! The six digits are an HMAC under a secret that only the secretary's devices and the server hold. A
//! code is judged by the secretary's log alone: neither the server's clock nor the member's counts.

use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::{
    command::{self, Command, check_text},
    edit::Rejection,
    env::Timestamp,
    id::Id,
    limits,
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
    /// Six digits.
    pub code: String,
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

    /// Whether `code` was shown at any step between opening and `until`.
    #[must_use]
    pub fn showed(&self, code: &str, until: Timestamp) -> bool {
        let first = step(self.opened_at);
        let last = step(until).min(first.saturating_add(LONGEST_OPENING_STEPS));
        let key = self.key();
        (first..=last).any(|step| self.code(&key, step) == code)
    }
}

fn step(at: Timestamp) -> i64 {
    at.millis().div_euclid(STEP_SECONDS * 1000)
}

/// What the openings of a meeting say of a claim's code; `None` while no log speaks of it. `now` only
/// bounds the search of an opening that is not closed yet: before closing a code can be confirmed, never
/// called wrong. `wrong_before` counts the member's wrong codes on this meeting.
#[must_use]
pub fn judge(code: &str, openings: &[Opening], now: Timestamp, wrong_before: usize) -> Option<ClaimState> {
    if wrong_before >= WRONG_CODES {
        return Some(ClaimState::AwaitsSecretary);
    }
    if openings.iter().any(|opening| opening.showed(code, opening.closed_at.unwrap_or(now))) {
        return Some(ClaimState::ConfirmedLater);
    }
    let all_closed = !openings.is_empty() && openings.iter().all(|opening| opening.closed_at.is_some());
    all_closed.then_some(ClaimState::Wrong)
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
    let marked = Attendance {
        meeting: mark.meeting,
        member: mark.member,
        state: mark.state,
        mode: mark.mode,
        source: Source::Mark,
        late: false,
    };
    let (mut kept, author) = match current {
        Some(row) => (row.body.clone(), row.author),
        None => (serde_json::Map::new(), maker),
    };
    kept.remove("mode");
    kept.remove("late");
    kept.extend(body(&marked));
    Ok(Row { version: 1, author, body: kept })
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
    if claim.state != ClaimState::Recorded {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn opening(closed_after: Option<u64>) -> Opening {
        let opened_at = Timestamp::from_millis(1_764_760_000_000);
        Opening {
            meeting: Id::derived("cuộc họp", &[]),
            secret: Base64(vec![9; 32]),
            opened_at,
            closed_at: closed_after.map(|minutes| opened_at + Duration::from_secs(minutes * 60)),
        }
    }

    #[test]
    fn a_code_of_any_step_of_the_meeting_is_confirmed_when_the_log_comes() {
        let log = opening(Some(90));
        let code = log.code_at(log.opened_at + Duration::from_secs(40 * 60));
        assert_eq!(code.len(), 6);
        assert_eq!(
            judge(&code, std::slice::from_ref(&log), log.opened_at, 0),
            Some(ClaimState::ConfirmedLater)
        );
        let after = log.code_at(log.opened_at + Duration::from_secs(91 * 60));
        assert_eq!(judge(&after, &[log], Timestamp::MAX, 0), Some(ClaimState::Wrong));
    }

    #[test]
    fn without_a_closed_log_nothing_is_called_wrong() {
        assert_eq!(judge("000000", &[], Timestamp::MAX, 0), None);
        let open = opening(None);
        let later = open.opened_at + Duration::from_secs(600);
        assert_eq!(judge("not it", std::slice::from_ref(&open), later, 0), None);
        assert_eq!(
            judge(&open.code_at(later), std::slice::from_ref(&open), later, 0),
            Some(ClaimState::ConfirmedLater)
        );
        assert_eq!(judge(&open.code_at(later), &[open], later, 3), Some(ClaimState::AwaitsSecretary));
    }
}
