//! Judging claims by the secretary's openings: what the relay does for `JudgeClaims` and `JudgeMember`.
//!
//! A member's claims on a meeting are judged from the first to the last and from nothing but the openings
//! that stand now, so that it does not matter in which order claims and logs reached the server, nor how
//! often this runs. What was confirmed stays so.

use sotay_protocol::{
    attendance::{
        ATTENDANCE, Attendance, AttendanceState, CLAIM, Claim, ClaimState, Source, attendance_id, judge,
    },
    env::Timestamp,
    id::Id,
    row::{Row, RowRef, body},
    scope::Scope,
};

use super::openings;
use crate::{
    rows::{put, put_if_changed},
    store::{Errand, Result, Transaction},
};

/// Every member with claims on the meeting is looked at, each in a transaction of their own.
pub(crate) fn judge_claims(tx: &mut dyn Transaction, cell: Id, meeting: Id) -> Result<Vec<Errand>> {
    let mut members: Vec<Id> = tx.claims(cell, meeting)?.iter().map(|claim| claim.member).collect();
    members.dedup();
    Ok(members.into_iter().map(|member| Errand::JudgeMember { cell, meeting, member }).collect())
}

/// Sets the member's claims to what the openings say, and the attendance that the cell sees.
pub(crate) fn judge_member(
    tx: &mut dyn Transaction,
    server: Id,
    (cell, meeting, member): (Id, Id, Id),
    now: Timestamp,
) -> Result<Vec<Errand>> {
    let openings = openings(tx, cell, meeting)?;
    let (mut wrong, mut states) = (0, Vec::new());
    for line in tx.claims_of(cell, meeting, member)? {
        let at = RowRef::new(Scope::member(member), CLAIM, line.claim);
        let Some(entry) = tx.entry(&at)? else { continue };
        let Some(mut row) = entry.row().ok().flatten() else { continue };
        let Ok(claim) = row.view::<Claim>() else { continue };
        let state = match claim.state {
            confirmed @ (ClaimState::Confirmed | ClaimState::ConfirmedLater) => confirmed,
            _ => judge(&claim.code, &openings, now, wrong).unwrap_or(ClaimState::Recorded),
        };
        wrong += usize::from(state == ClaimState::Wrong);
        states.push(state);
        if state != claim.state {
            row.body.extend(body(&Claim { state, ..claim }));
            put(tx, &at, &row, entry.made, now)?;
        }
    }
    let changed = attend(tx, server, (cell, meeting, member), &states, now)?;
    Ok(changed.then_some(Errand::Report { cell, meeting }).into_iter().collect())
}

/// Writes what the cell sees of the claims, unless a mark stands; whether it changed.
fn attend(
    tx: &mut dyn Transaction,
    server: Id,
    (cell, meeting, member): (Id, Id, Id),
    states: &[ClaimState],
    now: Timestamp,
) -> Result<bool> {
    let at = RowRef::new(Scope::cell(cell), ATTENDANCE, attendance_id(meeting, member));
    let entry = tx.entry(&at)?;
    let current = entry.as_ref().and_then(|entry| entry.row().ok().flatten());
    let seen = current.as_ref().and_then(|row| row.view::<Attendance>().ok());
    if seen.as_ref().is_some_and(|seen| seen.source == Source::Mark) {
        return Ok(false);
    }
    let has = |state| states.contains(&state);
    let (state, late) = if has(ClaimState::Confirmed) {
        (AttendanceState::Present, false)
    } else if has(ClaimState::ConfirmedLater) {
        (AttendanceState::Present, true)
    } else if has(ClaimState::Recorded) || has(ClaimState::AwaitsSecretary) {
        (AttendanceState::Claimed, false)
    } else {
        // Wrong codes alone say nothing about who came.
        return Ok(tx.bury(&at, now)?.is_some());
    };
    let attendance = Attendance { meeting, member, state, mode: None, source: Source::Claim, late };
    let mut row = current.unwrap_or_else(|| Row { version: 1, author: server, body: Default::default() });
    row.body.remove("late");
    row.body.extend(body(&attendance));
    put_if_changed(tx, &at, &row, now)
}
