//! Opening and closing check-in, checking in, marking by hand. All of it works without a network.

use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::{
    attendance::{
        AttendanceState, CHECK_IN, CLAIM, Claim, ClaimState, EDIT_OPENING, MARK, Mark, Mode, OPENING,
        Opening, RECORD_OPENING, STEP_SECONDS, attendance_id,
    },
    edit::Edit,
    env::{Env, Timestamp},
    id::Id,
    meetings::{MEETING, Meeting, MeetingState},
    refusal::Refusal,
    row::{Body, RowRef, body},
    scope::Scope,
    signature::Base64,
};

use super::{CLAIMS, OPENINGS};
use crate::{
    deed::{give, stands},
    meetings, members,
    shown::{self, Shown},
    store::StoreError,
    sync::{
        commands::{Draft, SubmitError},
        device,
    },
};

/// The six digits to show now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeView {
    pub meeting: Id,
    pub code: String,
    /// Until the next ones.
    pub seconds_left: u32,
}

/// Opens check-in, or opens it again after it was closed: the meeting's state and an opening with a fresh
/// secret, in one. Gives the digits to show at once.
///
/// # Errors
/// [`SubmitError::Refused`]: `not_allowed`, `no_such_row`, `wrong_state` where it is open or cancelled.
pub fn open(store: &Connection, env: &dyn Env, meeting: Id) -> Result<CodeView, SubmitError> {
    let row = meetings::row_of(store, meeting)?;
    if !matches!(row.of.state, MeetingState::Planned | MeetingState::Closed) {
        return Err(SubmitError::Refused(Refusal::WrongState));
    }
    let now = env.now();
    let first = row.of.opened_at.unwrap_or(now);
    meetings::change(store, env, &row, |meeting| {
        meeting.insert("state".into(), "open".into());
        meeting.insert("opened_at".into(), first.millis().into());
        meeting.remove("closed_at");
    })?;
    let mut secret = vec![0; 32];
    env.fill(&mut secret);
    let opening =
        Opening { meeting, secret: Base64(secret), opened_at: now, closed_at: None, server_ahead: None };
    let draft = Draft {
        kind: RECORD_OPENING,
        row: RowRef::new(Scope::desk(row.scope.id), OPENING, Id::random(env)),
        needs: vec![row.row(MEETING)],
        body: body(&opening),
    };
    give(store, env, draft)?;
    Ok(code_view(&opening, now))
}

/// Closes check-in: the meeting's state, and the time up to which codes count.
///
/// # Errors
/// [`SubmitError::Refused`]: `not_allowed`, `no_such_row`, `wrong_state` where it is not open.
pub fn close(store: &Connection, env: &dyn Env, meeting: Id) -> Result<(), SubmitError> {
    let row = meetings::row_of(store, meeting)?;
    if row.of.state != MeetingState::Open {
        return Err(SubmitError::Refused(Refusal::WrongState));
    }
    let closed_at: serde_json::Value = env.now().millis().into();
    meetings::change(store, env, &row, |meeting| {
        meeting.insert("state".into(), "closed".into());
        meeting.insert("closed_at".into(), closed_at.clone());
    })?;
    for opening in open_openings(store, meeting)? {
        let edit = Edit::between(&Body::new(), &Body::from_iter([("closed_at".into(), closed_at.clone())]));
        let draft = Draft {
            kind: EDIT_OPENING,
            row: opening.row(OPENING),
            needs: opening.needed(OPENING),
            body: body(&edit),
        };
        give(store, env, draft)?;
    }
    Ok(())
}

fn open_openings(store: &Connection, meeting: Id) -> Result<Vec<Shown<Opening>>, StoreError> {
    let tail = "WHERE meeting = ?1 AND closed_at IS NULL ORDER BY opened_at DESC, id DESC";
    shown::all(store, &OPENINGS, tail, [meeting.to_string()])
}

/// The digits that the secretary's device shows now; `None` where check-in is not open here.
///
/// # Errors
/// The store's own fault.
pub fn current_code(store: &Connection, meeting: Id, now: Timestamp) -> Result<Option<CodeView>, StoreError> {
    Ok(open_openings(store, meeting)?.first().map(|opening| code_view(&opening.of, now)))
}

fn code_view(opening: &Opening, now: Timestamp) -> CodeView {
    let past = now.millis().div_euclid(1000).rem_euclid(STEP_SECONDS);
    let seconds_left = u32::try_from(STEP_SECONDS - past).unwrap_or(0);
    CodeView { meeting: opening.meeting, code: opening.code_at(now), seconds_left }
}

/// This member's own check-in with the six digits: recorded, to be confirmed. The same digits twice are
/// one check-in.
///
/// # Errors
/// [`SubmitError::Refused`]: `malformed` for what is not six digits, `wrong_state` for a cancelled meeting.
pub fn check_in(store: &Connection, env: &dyn Env, meeting: Id, typed: &str) -> Result<(), SubmitError> {
    let code: String = typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect();
    let me = device::identity(store)?.ok_or(SubmitError::NotEnrolled)?.member;
    let row = meetings::row_of(store, meeting)?;
    if row.of.state == MeetingState::Cancelled {
        return Err(SubmitError::Refused(Refusal::WrongState));
    }
    let claims =
        shown::all::<Claim>(store, &CLAIMS, "WHERE meeting = ?1 ORDER BY at", [meeting.to_string()])?;
    if claims.iter().any(|claim| claim.of.code == code && claim.of.state != ClaimState::Wrong) {
        return Ok(());
    }
    let claim =
        Claim { meeting, cell: row.scope.id, code, qr: None, at: env.now(), state: ClaimState::Recorded };
    let draft = Draft {
        kind: CHECK_IN,
        row: RowRef::new(Scope::member(me), CLAIM, Id::random(env)),
        needs: vec![row.row(MEETING)],
        body: body(&claim),
    };
    give(store, env, draft).map(drop)
}

/// The secretary's own mark; stands above any claim.
///
/// # Errors
/// [`SubmitError::Refused`]: `not_allowed`, `not_a_member` of the cell, `wrong_state` for a cancelled meeting.
pub fn mark(
    store: &Connection,
    env: &dyn Env,
    meeting: Id,
    member: Id,
    state: AttendanceState,
    mode: Option<Mode>,
    reason: Option<String>,
) -> Result<(), SubmitError> {
    let row: Shown<Meeting> = meetings::row_of(store, meeting)?;
    if row.of.state == MeetingState::Cancelled {
        return Err(SubmitError::Refused(Refusal::WrongState));
    }
    let known = members::roster(store, row.scope.id)?.into_iter().find(|one| one.id == member);
    stands(known).map_err(|_| SubmitError::Refused(Refusal::NotAMember))?;
    let mark = Mark { id: Id::random(env), meeting, member, state, mode, reason, pass: None, evidence: None };
    let draft = Draft {
        kind: MARK,
        row: RowRef::new(row.scope, sotay_protocol::attendance::ATTENDANCE, attendance_id(meeting, member)),
        needs: vec![row.row(MEETING)],
        body: body(&mark),
    };
    give(store, env, draft).map(drop)
}
