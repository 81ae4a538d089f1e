//! A member's own pass, and the secretary's device that scans it. Neither needs a network.

use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::{
    attendance::{
        ATTENDANCE as ATTENDANCE_KIND, Attendance, AttendanceState, Evidence, MARK, Mark, Mode, NoPass,
        OPENING, Opening, PASS_VALID, Pass, PassFound, PassKey, attendance_id,
    },
    env::{Env, Timestamp},
    id::Id,
    meetings::{MEETING, MeetingState},
    refusal::Refusal,
    row::{RowRef, body},
    scope::Scope,
};

use super::{ATTENDANCE, OPENINGS, PASS_KEYS, Unread};
use crate::{
    deed::give,
    meetings, members,
    shown::{self, Shown},
    store::StoreError,
    sync::{
        commands::{Draft, SubmitError},
        device,
    },
};

/// My own pass, to be held before the secretary's device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PassView {
    pub meeting: Id,
    pub name: String,
    /// The text of the QR.
    pub qr: String,
    /// Make another then: this one is soon worth nothing.
    pub seconds_left: u32,
}

/// What became of a pass that the secretary scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "scan", rename_all = "snake_case")]
pub enum PassScan {
    Marked {
        meeting: Id,
        member: Id,
        /// To be compared with who stands there: a pass can be shown by anybody for two minutes.
        name: String,
        found: PassWorth,
    },
    /// Nothing was kept.
    NotRead { why: Unread },
    /// Nothing was kept: check-in of no meeting is open on this device.
    NotOpen,
    /// Nothing was kept: who it names is not of the cell.
    NotAMember,
    /// Nothing was kept.
    NoPass { why: PassRefused },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PassWorth {
    /// Signed by a device of the member's.
    Verified,
    /// A device that is not known here: no more than a mark by hand.
    UnknownDevice,
    /// Scanned before; nothing changes.
    Already,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PassRefused {
    OtherMeeting,
    Expired,
    /// Its phone's clock goes before this one's.
    Ahead,
    Forged,
}

impl From<NoPass> for PassRefused {
    fn from(why: NoPass) -> Self {
        match why {
            NoPass::OtherMeeting => Self::OtherMeeting,
            NoPass::Expired => Self::Expired,
            NoPass::Ahead => Self::Ahead,
            NoPass::Forged => Self::Forged,
        }
    }
}

/// # Errors
/// [`SubmitError::Refused`]: `no_such_row` for a meeting that is not on this phone, `wrong_state` for a cancelled one and
/// by a clock from before 1970.
pub fn my_pass(store: &Connection, env: &dyn Env, meeting: Id) -> Result<PassView, SubmitError> {
    let row = meetings::row_of(store, meeting)?;
    let device = device::load(store)?.ok_or(SubmitError::NotEnrolled)?;
    let now = compared(store, env.now())?;
    let pass = Pass::sign(device.member, device.device, meeting, now, &device.key);
    let pass = pass.filter(|_| row.of.state != MeetingState::Cancelled);
    let pass = pass.ok_or(SubmitError::Refused(Refusal::WrongState))?;
    let name = members::me(store)?.map(|me| me.name).unwrap_or_default();
    let seconds_left = u32::try_from(PASS_VALID.as_secs()).unwrap_or_default();
    Ok(PassView { meeting, name, qr: pass.text(), seconds_left })
}

/// This device's clock, as it last compared it with the server's: so two phones that never met agree to a second.
fn compared(store: &Connection, now: Timestamp) -> Result<Timestamp, StoreError> {
    let ahead = device::server_ahead(store)?.unwrap_or_default();
    Ok(Timestamp::from_millis(now.millis().saturating_add(ahead)))
}

/// The secretary's device reads a pass: the member is marked present, with what it found. What it says of the member counts
/// only where a device of theirs signed it.
///
/// # Errors
/// [`SubmitError::Refused`]: `not_allowed`.
pub fn scan(store: &Connection, env: &dyn Env, text: &str) -> Result<PassScan, SubmitError> {
    let pass = match Pass::read(text) {
        Ok(pass) => pass,
        Err(why) => return Ok(PassScan::NotRead { why: why.into() }),
    };
    let Some(opening) = open_for(store, pass.meeting)? else { return Ok(PassScan::NotOpen) };
    let cell = opening.scope.id;
    let colleague = members::roster(store, cell)?.into_iter().find(|of| of.id == pass.member);
    let known = shown::all::<PassKey>(
        store,
        &PASS_KEYS,
        "WHERE scope = ?1 AND id = ?2",
        (Scope::desk(cell).to_string(), pass.device.to_string()),
    )?;
    let known = known.into_iter().next().map(|row| row.of);
    let found = match pass.check(opening.of.meeting, known.as_ref(), compared(store, env.now())?) {
        Ok(found) => found,
        Err(why) => return Ok(PassScan::NoPass { why: why.into() }),
    };
    let Some(colleague) = colleague else { return Ok(PassScan::NotAMember) };
    let (meeting, member) = (pass.meeting, pass.member);
    let evidence = match found {
        PassFound::Verified => Evidence::Pass,
        PassFound::UnknownDevice => Evidence::PassByHand,
    };
    let marked = shown::one::<Attendance>(store, &ATTENDANCE, attendance_id(meeting, member))?;
    let stands = |of: &Attendance| {
        of.state == AttendanceState::Present
            && (of.evidence == Some(Evidence::Pass) || of.evidence == Some(evidence))
    };
    let found = if marked.is_some_and(|row| stands(&row.of)) {
        PassWorth::Already
    } else {
        mark_by(store, env, &opening, &pass, evidence)?;
        match found {
            PassFound::Verified => PassWorth::Verified,
            PassFound::UnknownDevice => PassWorth::UnknownDevice,
        }
    };
    Ok(PassScan::Marked { meeting, member, name: colleague.name, found })
}

/// The opening of this meeting that runs; else of another, so that the pass is told to be of another meeting.
fn open_for(store: &Connection, meeting: Id) -> Result<Option<Shown<Opening>>, StoreError> {
    let tail = "WHERE closed_at IS NULL ORDER BY meeting = ?1 DESC, opened_at DESC, id DESC LIMIT 1";
    Ok(shown::all(store, &OPENINGS, tail, [meeting.to_string()])?.pop())
}

fn mark_by(
    store: &Connection,
    env: &dyn Env,
    opening: &Shown<Opening>,
    pass: &Pass,
    evidence: Evidence,
) -> Result<(), SubmitError> {
    let (meeting, member, cell) = (pass.meeting, pass.member, Scope::cell(opening.scope.id));
    let mark = Mark {
        id: Id::random(env),
        meeting,
        member,
        state: AttendanceState::Present,
        mode: Some(Mode::InPerson),
        reason: None,
        pass: Some(pass.text()),
        evidence: Some(evidence),
    };
    let draft = Draft {
        kind: MARK,
        row: RowRef::new(cell, ATTENDANCE_KIND, attendance_id(meeting, member)),
        // The log that bears it out goes first.
        needs: vec![RowRef::new(cell, MEETING, meeting), opening.row(OPENING)],
        body: body(&mark),
    };
    give(store, env, draft).map(drop)
}
