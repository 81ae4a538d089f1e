//! Meetings that have left the cell's window, as the server's archive has them.

use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::{
    archive::{Archive, ArchivedRow},
    attendance::{ATTENDANCE, Attendance, AttendanceState},
    id::Id,
    meetings::{MEETING, MEETING_REPORT, Meeting, MeetingReport},
};

use super::{
    reports::{ReportView, unknown},
    view::{MeetingLine, Mine},
};
use crate::{
    store::{StoreError, table::drawn},
    sync::device,
};

/// A page of them, the last one first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OlderMeetings {
    pub meetings: Vec<OlderMeeting>,
    /// Of a newer kind, which this version cannot show.
    pub not_understood: u32,
    /// Says where the next page begins; `None` at the end.
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OlderMeeting {
    #[serde(flatten)]
    pub line: MeetingLine,
    pub agenda: Vec<String>,
    pub present: u32,
    pub excused: u32,
    pub absent: u32,
}

/// Of a committee's desk: its cells' meetings in counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OlderReports {
    pub reports: Vec<ReportView>,
    /// Of a newer kind, which this version cannot show.
    pub not_understood: u32,
    /// Says where the next page begins; `None` at the end.
    pub next: Option<String>,
}

pub(crate) fn older_reports(page: &Archive) -> OlderReports {
    let (mut reports, mut not_understood) = (Vec::new(), 0);
    for row in page.rows.iter().filter(|row| row.kind == MEETING_REPORT) {
        match drawn::<MeetingReport>(row.body.get()) {
            Ok(of) => {
                reports.push(ReportView { meeting: row.id, unknown: unknown(&of), counts: of, own: false });
            }
            Err(_) => not_understood += 1,
        }
    }
    OlderReports { reports, not_understood, next: page.next.clone() }
}

pub(crate) fn older(store: &Connection, cell: Id, page: &Archive) -> Result<OlderMeetings, StoreError> {
    let me = device::identity(store)?.map(|of| of.member);
    let (mut meetings, mut not_understood) = (Vec::new(), 0);
    for row in page.rows.iter().filter(|row| row.kind == MEETING) {
        match drawn::<Meeting>(row.body.get()) {
            Ok(of) => meetings.push(meeting(cell, row.id, of, &attendance(page, row.id), me)),
            Err(_) => not_understood += 1,
        }
    }
    Ok(OlderMeetings { meetings, not_understood, next: page.next.clone() })
}

fn attendance(page: &Archive, meeting: Id) -> Vec<Attendance> {
    let of_it = |row: &&ArchivedRow| row.kind == ATTENDANCE && row.belongs_to == Some(meeting);
    page.rows.iter().filter(of_it).filter_map(|row| drawn(row.body.get()).ok()).collect()
}

fn meeting(cell: Id, id: Id, of: Meeting, attendance: &[Attendance], me: Option<Id>) -> OlderMeeting {
    let count = |state| {
        let count = attendance.iter().filter(|of| of.state == state).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    };
    let mine = attendance.iter().find(|of| Some(of.member) == me);
    let line = MeetingLine {
        id,
        cell,
        title: of.title,
        form: of.form,
        starts_at: of.starts_at,
        place: of.place,
        meeting_state: of.state,
        upcoming: false,
        mine: mine.map_or(Mine::None, |of| Mine::Attendance(of.state)),
        sync: None,
    };
    OlderMeeting {
        line,
        agenda: of.agenda,
        present: count(AttendanceState::Present),
        excused: count(AttendanceState::Excused),
        absent: count(AttendanceState::Absent),
    }
}
