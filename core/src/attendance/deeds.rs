//! Opening and closing check-in, and marking by hand. All of it works without a network.

use rusqlite::Connection;
use sotay_protocol::{
    attendance::{
        AttendanceState, EDIT_OPENING, MARK, Mark, Mode, OPENING, Opening, RECORD_OPENING, attendance_id,
    },
    edit::Edit,
    env::Env,
    id::Id,
    meetings::{MEETING, Meeting, MeetingState},
    refusal::Refusal,
    row::{Body, RowRef, body},
    scope::Scope,
    signature::Base64,
};

use super::codes::{CodeView, code_view, open_openings};
use crate::{
    deed::{give, stands},
    meetings, members,
    shown::Shown,
    sync::{
        commands::{Draft, SubmitError},
        device,
    },
    trust,
};

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
    trust::catch_up(store)?;
    let now = env.now();
    let first = row.of.opened_at.unwrap_or(now);
    meetings::change(store, env, &row, |meeting| {
        meeting.insert("state".into(), "open".into());
        meeting.insert("opened_at".into(), first.millis().into());
        meeting.remove("closed_at");
    })?;
    let mut secret = vec![0; 32];
    env.fill(&mut secret);
    let server_ahead = device::server_ahead(store)?;
    let opening = Opening { meeting, secret: Base64(secret), opened_at: now, closed_at: None, server_ahead };
    let draft = Draft {
        kind: RECORD_OPENING,
        row: RowRef::new(Scope::desk(row.scope.id), OPENING, Id::random(env)),
        needs: vec![row.row(MEETING)],
        body: body(&opening),
    };
    give(store, env, draft)?;
    Ok(code_view(store, row.scope.id, &opening, now)?)
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
