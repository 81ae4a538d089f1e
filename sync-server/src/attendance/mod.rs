//! Điểm danh: marks by the cell's officers, claims by its members, and the opening logs that judge them.

mod claims;
mod passes;

use sotay_protocol::{
    attendance::{ATTENDANCE_NOTE, AttendanceNote, Claim, Log, Mark, OPENING, Opening, note_mark},
    id::Id,
    meetings::MEETING,
    refusal::Refusal,
    row::{RowRef, body},
    scope::Scope,
};

pub(crate) use self::{
    claims::{judge_claims, judge_member},
    passes::{devices_changed, pass_keys},
};
use crate::{
    commands::{Deed, Stop},
    store::{ClaimLine, Errand, Reader, StoredEntry, Transaction},
    windows,
};

/// A mark by hand: the attendance in the cell, and its trail with the reason at the cell's desk.
pub(crate) fn mark(tx: &mut dyn Transaction, deed: &mut Deed<'_>) -> Result<u64, Stop> {
    let mark: Mark = deed.command.view()?;
    let cell = deed.command.row.scope.id;
    check_meeting(tx, cell, mark.meeting)?;
    if tx.memberships(mark.member)?.iter().all(|membership| membership.cell != cell) {
        return Err(Refusal::NotAMember.into());
    }
    let row = note_of(&deed.command.row);
    let stored = tx.entry(&row)?;
    let note = read_note(stored.as_ref())?;
    let trail = note_mark(note.as_ref(), deed.command, deed.maker)?;
    let current = deed.entry(tx)?.filter(|entry| entry.body.is_some());
    // This very mark came before, under another number: a later one may stand above it by now.
    if let Some(entry) = current.filter(|_| note.as_ref() == Some(&trail)) {
        return Ok(entry.seq);
    }
    let worth = passes::worth(&*tx, deed, &mark)?;
    let written = deed.write_as(tx, |body| {
        // What the phone found of a pass is the server's to confirm.
        if let Some(evidence) = worth {
            body.insert("evidence".into(), serde_json::json!(evidence));
        }
    })?;
    deed.write_other(tx, &row, stored.as_ref(), body(&trail))?;
    if written.changed {
        deed.leave_errand(Errand::Report { cell, meeting: mark.meeting });
    }
    Ok(written.seq)
}

/// Whether this very mark, of this maker, stands in the trail already.
pub(crate) fn is_noted(tx: &dyn Transaction, deed: &Deed<'_>) -> Result<bool, Stop> {
    let mark: Mark = deed.command.view()?;
    let note = read_note(tx.entry(&note_of(&deed.command.row))?.as_ref())?;
    let marks = note.map(|note| note.marks).unwrap_or_default();
    Ok(marks.iter().any(|entry| entry.by == deed.maker && entry.mark == mark))
}

fn note_of(attendance: &RowRef) -> RowRef {
    RowRef::new(Scope::desk(attendance.scope.id), ATTENDANCE_NOTE, attendance.id)
}

fn read_note(stored: Option<&StoredEntry>) -> Result<Option<AttendanceNote>, Stop> {
    let row = stored.map(StoredEntry::row).transpose()?.flatten();
    Ok(row.map(|row| row.view()).transpose()?)
}

/// A member's claim; the relay judges it by the openings, and writes what the cell sees.
pub(crate) fn check_in(tx: &mut dyn Transaction, deed: &mut Deed<'_>) -> Result<u64, Stop> {
    let claim: Claim = deed.command.view()?;
    check_meeting(tx, claim.cell, claim.meeting)?;
    let written = deed.write(tx)?;
    if written.changed {
        let earlier = tx.claims_of(claim.cell, claim.meeting, deed.maker)?;
        let position = earlier.last().map_or(1, |last| last.position + 1);
        let line = ClaimLine { member: deed.maker, position, claim: deed.command.row.id };
        tx.put_claim(claim.cell, claim.meeting, &line)?;
        let (cell, meeting, member) = (claim.cell, claim.meeting, deed.maker);
        deed.leave_errand(Errand::JudgeMember { cell, meeting, member });
    }
    Ok(written.seq)
}

/// The secretary's device opened or closed check-in.
pub(crate) fn opening(tx: &mut dyn Transaction, deed: &mut Deed<'_>) -> Result<u64, Stop> {
    let desk = deed.command.row.scope.id;
    let written = deed.write(tx)?;
    if written.changed
        && let Some(row) = deed.entry(tx)?.map(|entry| entry.row()).transpose()?.flatten()
    {
        let opening: Opening = row.view()?;
        check_meeting(tx, desk, opening.meeting)?;
        deed.leave_errand(Errand::JudgeClaims { cell: desk, meeting: opening.meeting });
    }
    Ok(written.seq)
}

fn check_meeting(tx: &dyn Transaction, cell: Id, meeting: Id) -> Result<(), Stop> {
    let meeting = RowRef::new(Scope::cell(cell), MEETING, meeting);
    if windows::stands_or_stood(tx, &meeting)? { Ok(()) } else { Err(Refusal::NoSuchRow.into()) }
}

/// The logs of a meeting, in the order in which they came; those that have left the window first.
fn logs(reader: &(impl Reader + ?Sized), cell: Id, meeting: Id) -> crate::store::Result<Vec<Log>> {
    let desk = Scope::desk(cell);
    let old = reader.archive_belonging(desk, meeting)?.into_iter().filter(|row| row.kind == OPENING);
    let archived = |row: crate::store::Archived| {
        Some(Log { opening: serde_json::from_str(&row.body).ok()?, author: row.author })
    };
    let mut logs: Vec<Log> = old.filter_map(archived).collect();
    let standing = |entry: &StoredEntry| {
        let row = entry.row().ok().flatten()?;
        Some(Log { opening: row.view().ok()?, author: row.author })
    };
    let rows = reader.rows_of_kind(desk, OPENING)?;
    logs.extend(rows.iter().filter_map(standing).filter(|log| log.opening.meeting == meeting));
    Ok(logs)
}
