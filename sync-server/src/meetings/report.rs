//! A meeting in counts, for the committee above the cell. Names of who attended stay in the cell.

use std::collections::BTreeMap;

use sotay_protocol::{
    attendance::{ATTENDANCE, Attendance, AttendanceState, attendance_id},
    env::Timestamp,
    id::Id,
    meetings::{MEETING, MEETING_REPORT, Meeting, MeetingReport},
    row::{Row, RowRef, body},
    scope::Scope,
};

use crate::{
    rows::put_if_changed,
    store::{Result, Transaction},
};

/// Writes the report of a meeting as it stands now; whether it changed.
pub(crate) fn report(
    tx: &mut dyn Transaction,
    server: Id,
    (cell, meeting): (Id, Id),
    desk: Scope,
    now: Timestamp,
) -> Result<bool> {
    let at = RowRef::new(desk, MEETING_REPORT, Id::derived("meeting_report", &[meeting]));
    let of = RowRef::new(Scope::cell(cell), MEETING, meeting);
    let entry = tx.entry(&of)?;
    let row = entry.and_then(|entry| entry.row().ok().flatten());
    let Some(held) = row.and_then(|row| row.view::<Meeting>().ok()) else {
        // One that has left the cell's window was counted while it stood there.
        return Ok(tx.archived(&of)?.is_none() && tx.bury(&at, now)?.is_some());
    };
    let cell_name = tx.organisation(cell)?.map(|cell| cell.organisation.name).unwrap_or_default();
    let (strength, counts) = count(tx, cell, meeting, now)?;
    let counted = |state| counts.get(&state).copied().unwrap_or(0);
    let report = MeetingReport {
        cell,
        cell_name,
        title: held.title,
        form: held.form,
        starts_at: held.starts_at,
        state: held.state,
        strength,
        present: counted(AttendanceState::Present),
        excused: counted(AttendanceState::Excused),
        absent: counted(AttendanceState::Absent),
        claimed: counted(AttendanceState::Claimed),
    };
    put_if_changed(tx, &at, &Row { version: 1, author: server, body: body(&report) }, now)
}

/// How many belong to the cell now, and how many of all who ever did stand in each state.
fn count(
    tx: &dyn Transaction,
    cell: Id,
    meeting: Id,
    now: Timestamp,
) -> Result<(u32, BTreeMap<AttendanceState, u32>)> {
    let (mut strength, mut counts) = (0, BTreeMap::new());
    let mut stays: BTreeMap<Id, bool> = BTreeMap::new();
    for (member, stay) in tx.members_of(cell)? {
        *stays.entry(member).or_default() |= stay.holds(now);
    }
    for (member, belongs) in stays {
        strength += u32::from(belongs);
        let at = RowRef::new(Scope::cell(cell), ATTENDANCE, attendance_id(meeting, member));
        let row = tx.entry(&at)?.and_then(|entry| entry.row().ok().flatten());
        if let Some(attendance) = row.and_then(|row| row.view::<Attendance>().ok()) {
            *counts.entry(attendance.state).or_default() += 1;
        }
    }
    Ok((strength, counts))
}
