//! Sinh hoạt chi bộ: the cell's meetings, and for a committee their counts.

mod older;
mod plan;
mod reports;
#[cfg(test)]
mod tests;
mod view;

use rusqlite::types::Value;
use sotay_protocol::meetings::{MEETING, MEETING_REPORT, Meeting, MeetingReport};

pub(crate) use self::older::{older, older_reports};
pub(crate) use self::plan::{change, row_of};
pub use self::{
    older::{OlderMeeting, OlderMeetings, OlderReports},
    plan::{MeetingChange, NewMeeting, cancel, create, edit},
    reports::{ReportView, reports},
    view::{Deeds, MeetingLine, MeetingView, Mine, WhyNot, list, show},
};
use crate::store::table::{Table, drawn, text};

pub static MEETINGS: Table = Table {
    kind: MEETING,
    name: "meeting",
    version: 1,
    drawing: 1,
    columns: &["title", "form", "starts_at", "place", "state"],
    draw: |body| {
        let of: Meeting = drawn(body)?;
        Ok(vec![
            Value::Text(of.title),
            text(&of.form),
            Value::Integer(of.starts_at.millis()),
            Value::Text(of.place),
            text(&of.state),
        ])
    },
};

pub static REPORTS: Table = Table {
    kind: MEETING_REPORT,
    name: "meeting_report",
    version: 1,
    drawing: 1,
    columns: &["cell_name", "starts_at", "state"],
    draw: |body| {
        let of: MeetingReport = drawn(body)?;
        Ok(vec![Value::Text(of.cell_name), Value::Integer(of.starts_at.millis()), text(&of.state)])
    },
};
