//! The roll of a meeting: who of the cell came, as far as is known here.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::{
    attendance::{
        ATTENDANCE as ATTENDANCE_KIND, Attendance, AttendanceNote, AttendanceState, Claim, ClaimState,
        Evidence, MARK, Mark, Mode, Source, TrailEntry, attendance_id,
    },
    env::Timestamp,
    id::Id,
    members::{MemberState, Office},
    row::RowRef,
    scope::Scope,
};

use super::{ATTENDANCE, CLAIMS, NOTES};
use crate::{
    meetings::MEETINGS,
    members,
    outbox::{Marks, RowState},
    shown,
    store::StoreError,
    sync::{commands, device},
    words::Words,
};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Roll {
    pub meeting: Id,
    pub counts: Counts,
    pub lines: Vec<RollLine>,
}

/// One of the cell; `attendance` is `None` while nothing is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RollLine {
    pub member: Id,
    pub name: String,
    pub office: Option<Office>,
    pub member_state: MemberState,
    pub attendance: Option<AttendanceState>,
    pub mode: Option<Mode>,
    /// Marked by hand, or by the member's own check-in.
    pub source: Option<Source>,
    /// Confirmed after the meeting from the secretary's log.
    pub late: bool,
    /// What it rests on, where that is more than a word or six digits.
    pub evidence: Option<Evidence>,
    /// No log decides this check-in any more, after three wrong codes: the secretary does, by a mark.
    pub awaits_secretary: bool,
    /// Of the last mark; known to the cell's officers only.
    pub reason: Option<String>,
    /// Every mark ever made, oldest first; known to the cell's officers only.
    pub trail: Vec<TrailLine>,
    /// What became of this person's own mark.
    pub sync: Option<RowState>,
}

/// A mark, and who made it when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrailLine {
    pub state: AttendanceState,
    pub mode: Option<Mode>,
    pub reason: Option<String>,
    /// By the member's pass.
    pub scanned: bool,
    pub by: Id,
    /// `None` for one who is not of the cell any more.
    pub by_name: Option<String>,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    pub strength: u32,
    pub present: u32,
    pub excused: u32,
    pub absent: u32,
    pub claimed: u32,
    pub unknown: u32,
}

impl Counts {
    fn add(&mut self, state: Option<AttendanceState>) {
        self.strength += 1;
        *match state {
            Some(AttendanceState::Present) => &mut self.present,
            Some(AttendanceState::Excused) => &mut self.excused,
            Some(AttendanceState::Absent) => &mut self.absent,
            Some(AttendanceState::Claimed) => &mut self.claimed,
            None => &mut self.unknown,
        } += 1;
    }
}

/// `None` for a meeting that is not on this phone.
///
/// # Errors
/// The store's own fault.
pub fn roll(store: &Connection, meeting: Id, words: &Words) -> Result<Option<Roll>, StoreError> {
    let of = shown::one::<sotay_protocol::meetings::Meeting>(store, &MEETINGS, meeting)?;
    let Some(cell) = of.map(|row| row.scope.id) else { return Ok(None) };
    let mut attended = attendance_of(store, cell, meeting)?;
    let mut counts = Counts::default();
    let mut lines = Vec::new();
    let roster = members::roster(store, cell)?;
    let names: BTreeMap<Id, String> = roster.iter().map(|of| (of.id, of.name.clone())).collect();
    for colleague in roster {
        let found = attended.remove(&colleague.id);
        counts.add(found.as_ref().map(|of| of.state));
        let row = RowRef::new(Scope::cell(cell), ATTENDANCE_KIND, attendance_id(meeting, colleague.id));
        let trail = trail(store, &row, &names)?;
        lines.push(RollLine {
            member: colleague.id,
            name: colleague.name,
            office: colleague.office,
            member_state: colleague.state,
            attendance: found.as_ref().map(|of| of.state),
            mode: found.as_ref().and_then(|of| of.mode),
            source: found.as_ref().map(|of| of.source),
            late: found.as_ref().is_some_and(|of| of.late),
            evidence: found.as_ref().and_then(|of| of.evidence),
            awaits_secretary: found.is_some_and(|of| of.awaits_secretary),
            reason: trail.last().and_then(|last| last.reason.clone()),
            trail,
            sync: Marks::of_row(store, &row, words)?.of(&row),
        });
    }
    Ok(Some(Roll { meeting, counts, lines }))
}

/// The counts alone.
pub(crate) fn count(store: &Connection, cell: Id, meeting: Id) -> Result<Counts, StoreError> {
    let attended = attendance_of(store, cell, meeting)?;
    let mut counts = Counts::default();
    for colleague in members::roster(store, cell)? {
        counts.add(attended.get(&colleague.id).map(|of| of.state));
    }
    Ok(counts)
}

/// What is known here of who came: the cell's rows, and this person's own check-in that the server has not
/// counted yet.
fn attendance_of(store: &Connection, cell: Id, meeting: Id) -> Result<BTreeMap<Id, Attendance>, StoreError> {
    let values = (Scope::cell(cell).to_string(), meeting.to_string());
    let tail = "WHERE scope = ?1 AND meeting = ?2 ORDER BY member";
    let rows = shown::all::<Attendance>(store, &ATTENDANCE, tail, values)?;
    let mut attended: BTreeMap<Id, Attendance> =
        rows.into_iter().map(|row| (row.of.member, row.of)).collect();
    let claim = last_claim(store, meeting)?.filter(|claim| claim.state == ClaimState::Recorded);
    if let (Some(me), Some(_)) = (device::identity(store)?, claim) {
        attended.entry(me.member).or_insert(Attendance {
            meeting,
            member: me.member,
            state: AttendanceState::Claimed,
            mode: None,
            source: Source::Claim,
            late: false,
            evidence: None,
            awaits_secretary: false,
        });
    }
    Ok(attended)
}

/// This person's newest check-in to a meeting.
pub(crate) fn last_claim(store: &Connection, meeting: Id) -> Result<Option<Claim>, StoreError> {
    let tail = "WHERE meeting = ?1 ORDER BY at DESC, id DESC LIMIT 1";
    Ok(shown::all::<Claim>(store, &CLAIMS, tail, [meeting.to_string()])?.pop().map(|row| row.of))
}

/// The marks of the trail, and those of this phone that still wait.
fn trail(
    store: &Connection,
    attendance: &RowRef,
    names: &BTreeMap<Id, String>,
) -> Result<Vec<TrailLine>, StoreError> {
    let note = shown::one::<AttendanceNote>(store, &NOTES, attendance.id)?;
    let mut marks = note.map(|note| note.of.marks).unwrap_or_default();
    let me = device::identity(store)?.map(|of| of.member);
    for entry in commands::of_row(store, attendance)? {
        let waits = entry.state.is_pending() && entry.command.kind == MARK;
        let mark = entry.command.view::<Mark>().ok().filter(|_| waits);
        if let (Some(mark), Some(by)) = (mark, me)
            && marks.iter().all(|noted| noted.mark.id != mark.id)
        {
            marks.push(TrailEntry { mark, by, at: entry.command.made_at });
        }
    }
    let line = |of: TrailEntry| TrailLine {
        state: of.mark.state,
        mode: of.mark.mode,
        reason: of.mark.reason,
        scanned: of.mark.pass.is_some(),
        by: of.by,
        by_name: names.get(&of.by).cloned(),
        at: of.at,
    };
    Ok(marks.into_iter().map(line).collect())
}
