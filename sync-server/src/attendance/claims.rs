//! Judging claims by the secretary's openings: what the relay does for `JudgeClaims` and `JudgeMember`.
//!
//! A member's claims on a meeting are judged from the first to the last, whichever of their devices they came from, and
//! from nothing but the openings that stand now, so that it does not matter in which order claims and logs reached the
//! server, nor how often this runs. What was confirmed stays so.

use std::collections::BTreeMap;

use sotay_protocol::{
    attendance::{
        ATTENDANCE, Attendance, AttendanceState, Before, CLAIM, Claim, ClaimState, Evidence, Proof,
        SAID_ANEW, Signer, Source, attendance_id, judge,
    },
    env::Timestamp,
    id::Id,
    members::{Office, Role},
    row::{Row, RowRef, body},
    scope::Scope,
    signature::Base64,
};

use super::logs;
use crate::{
    rows::{put, put_if_changed},
    store::{Errand, Reader, Result, Transaction},
};

/// Every member with claims on the meeting is looked at, each in a transaction of their own.
pub(crate) fn judge_claims(tx: &mut dyn Transaction, cell: Id, meeting: Id) -> Result<Vec<Errand>> {
    let mut members: Vec<Id> = tx.claims(cell, meeting)?.iter().map(|claim| claim.member).collect();
    members.dedup();
    Ok(members.into_iter().map(|member| Errand::JudgeMember { cell, meeting, member }).collect())
}

/// What became of a claim, and whether it bears the signature of who led the cell.
struct Judged {
    state: ClaimState,
    signed: bool,
}

/// Sets the member's claims to what the openings say, and the attendance that the cell sees.
pub(crate) fn judge_member(
    tx: &mut dyn Transaction,
    server: Id,
    (cell, meeting, member): (Id, Id, Id),
    now: Timestamp,
) -> Result<Vec<Errand>> {
    let logs = logs(tx, cell, meeting)?;
    let (mut before, mut judged) = (Before::default(), Vec::new());
    for line in tx.claims_of(cell, meeting, member)? {
        let at = RowRef::new(Scope::member(member), CLAIM, line.claim);
        let Some(entry) = tx.entry(&at)? else { continue };
        let Some(mut row) = entry.row().ok().flatten() else { continue };
        let Ok(claim) = row.view::<Claim>() else { continue };
        let (proof, roles) = proof(tx, &claim)?;
        let led = |_: Id, at: Timestamp| roles.iter().any(|role| leads(role, cell) && role.holds(at));
        let state = match claim.state {
            confirmed @ (ClaimState::Confirmed | ClaimState::ConfirmedLater) => confirmed,
            _ => judge(&proof, &logs, &led, now, before).unwrap_or(ClaimState::Recorded),
        };
        before.count(state);
        judged.push(Judged { state, signed: matches!(proof, Proof::Signed(_, Signer::Member { .. })) });
        if state != claim.state {
            row.body.extend(body(&Claim { state, ..claim }));
            put(tx, &at, &row, entry.made, now)?;
        }
    }
    let changed = attend(tx, server, (cell, meeting, member), &judged, now)?;
    Ok(changed.then_some(Errand::Report { cell, meeting }).into_iter().collect())
}

fn leads(role: &Role, cell: Id) -> bool {
    role.organisation == cell && matches!(role.office, Office::Secretary | Office::DeputySecretary)
}

/// What the claim shows, and the offices of whoever signed it.
fn proof(reader: &(impl Reader + ?Sized), claim: &Claim) -> Result<(Proof, Vec<Role>)> {
    let Ok(Some(shown)) = claim.scanned() else {
        return Ok((Proof::Digits(claim.code.clone()), Vec::new()));
    };
    let Some(device) = reader.device(shown.device)? else {
        return Ok((Proof::Signed(shown, Signer::Unknown), Vec::new()));
    };
    if !shown.verifies(&Base64(device.key)) {
        return Ok((Proof::Signed(shown, Signer::Nobody), Vec::new()));
    }
    let signer = Signer::Member { member: device.member, revoked_at: device.revoked_at };
    Ok((Proof::Signed(shown, signer), reader.roles(device.member)?))
}

/// Writes what the cell sees of the claims, unless a mark stands; whether it changed.
fn attend(
    tx: &mut dyn Transaction,
    server: Id,
    (cell, meeting, member): (Id, Id, Id),
    judged: &[Judged],
    now: Timestamp,
) -> Result<bool> {
    let at = RowRef::new(Scope::cell(cell), ATTENDANCE, attendance_id(meeting, member));
    let entry = tx.entry(&at)?;
    let current = entry.as_ref().and_then(|entry| entry.row().ok().flatten());
    let seen = current.as_ref().and_then(|row| row.view::<Attendance>().ok());
    if seen.as_ref().is_some_and(|seen| seen.source == Source::Mark) {
        return Ok(false);
    }
    let mut found: BTreeMap<ClaimState, bool> = BTreeMap::new();
    for one in judged {
        *found.entry(one.state).or_default() |= one.signed;
    }
    let awaits_secretary = found.contains_key(&ClaimState::AwaitsSecretary);
    let signed = |state| found.get(&state).filter(|signed| **signed).map(|_| Evidence::SignedCode);
    let (state, late, evidence) = if found.contains_key(&ClaimState::Confirmed) {
        (AttendanceState::Present, false, signed(ClaimState::Confirmed))
    } else if found.contains_key(&ClaimState::ConfirmedLater) {
        (AttendanceState::Present, true, signed(ClaimState::ConfirmedLater))
    } else if awaits_secretary || found.contains_key(&ClaimState::Recorded) {
        (AttendanceState::Claimed, false, None)
    } else {
        // Wrong codes alone say nothing about who came.
        return Ok(tx.bury(&at, now)?.is_some());
    };
    let awaits_secretary = awaits_secretary && state == AttendanceState::Claimed;
    let attendance = Attendance {
        meeting,
        member,
        state,
        mode: None,
        source: Source::Claim,
        late,
        evidence,
        awaits_secretary,
    };
    let mut row = current.unwrap_or_else(|| Row { version: 1, author: server, body: Default::default() });
    for field in SAID_ANEW {
        row.body.remove(field);
    }
    row.body.extend(body(&attendance));
    put_if_changed(tx, &at, &row, now)
}
