//! Sinh hoạt chi bộ: when and where the cell meets.

use std::sync::Arc;

use sotay_core::meetings as core;

use crate::{
    HandbookError, RowState,
    handbook::Held,
    kinds::{AttendanceState, ClaimState, MeetingForm, MeetingState},
    runtime,
    values::{MeetingId, OrganisationId, Timestamp},
};

/// Sinh hoạt chi bộ.
#[derive(Debug, uniffi::Object)]
pub struct Meetings(pub(crate) Arc<Held>);

/// One line of the list of meetings.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct MeetingLine {
    /// Names it.
    pub id: MeetingId,
    /// Of which cell.
    pub cell: OrganisationId,
    /// What it is about.
    pub title: String,
    /// Hình thức.
    pub form: MeetingForm,
    /// When.
    pub starts_at: Timestamp,
    /// Where.
    pub place: String,
    /// How far it is.
    pub meeting_state: MeetingState,
    /// Of today or later, and not cancelled or closed.
    pub upcoming: bool,
    /// This member's own part.
    pub mine: Mine,
    /// What became of what this person last did to it.
    pub sync: Option<RowState>,
}

/// Meetings from before what the phone holds, the last one first.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct OlderMeetings {
    /// A page of them.
    pub meetings: Vec<OlderMeeting>,
    /// Of a newer kind, which this version cannot show.
    pub not_understood: u32,
    /// To be said as `before` for the page after this one; none at the end.
    pub next: Option<String>,
}

/// One of them, as it ended.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct OlderMeeting {
    /// When and where.
    pub line: MeetingLine,
    /// Point by point.
    pub agenda: Vec<String>,
    /// Có mặt.
    pub present: u32,
    /// Vắng có lý do.
    pub excused: u32,
    /// Vắng không lý do.
    pub absent: u32,
}

/// The member's own part in a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Mine {
    /// Nothing said yet.
    Nothing,
    /// As the cell has it.
    Attendance {
        /// What it has.
        state: AttendanceState,
    },
    /// As the member said it, and no more is known.
    Claim {
        /// How far it is confirmed.
        state: ClaimState,
    },
}

#[uniffi::export(async_runtime = "tokio")]
impl Meetings {
    /// Those to come, the next one first; then those that were, the last one first.
    pub async fn list(&self) -> Result<Vec<MeetingLine>, HandbookError> {
        let core = self.0.core()?.meetings();
        runtime::run(async move { Ok(core.list().await?.into_iter().map(Into::into).collect()) }).await
    }

    /// Those of a cell from over two years ago: asked of the server, shown and not kept. It takes a network.
    pub async fn older(
        &self,
        cell: OrganisationId,
        before: Option<String>,
    ) -> Result<OlderMeetings, HandbookError> {
        let core = self.0.core()?.meetings();
        runtime::run(async move { Ok(core.older(cell.into(), before).await?.into()) }).await
    }
}

impl From<core::OlderMeetings> for OlderMeetings {
    fn from(of: core::OlderMeetings) -> Self {
        let meetings = of.meetings.into_iter().map(Into::into).collect();
        Self { meetings, not_understood: of.not_understood, next: of.next }
    }
}

impl From<core::OlderMeeting> for OlderMeeting {
    fn from(of: core::OlderMeeting) -> Self {
        Self {
            line: of.line.into(),
            agenda: of.agenda,
            present: of.present,
            excused: of.excused,
            absent: of.absent,
        }
    }
}

impl From<core::MeetingLine> for MeetingLine {
    fn from(of: core::MeetingLine) -> Self {
        Self {
            id: of.id.into(),
            cell: of.cell.into(),
            title: of.title,
            form: of.form,
            starts_at: of.starts_at,
            place: of.place,
            meeting_state: of.meeting_state,
            upcoming: of.upcoming,
            mine: of.mine.into(),
            sync: of.sync.map(Into::into),
        }
    }
}

impl From<core::Mine> for Mine {
    fn from(of: core::Mine) -> Self {
        match of {
            core::Mine::None => Self::Nothing,
            core::Mine::Attendance(state) => Self::Attendance { state },
            core::Mine::Claim(state) => Self::Claim { state },
        }
    }
}
