//! Điểm danh: saying that one is there, and for the secretary opening, scanning and marking.

use std::sync::Arc;

use sotay_core::attendance as core;

use crate::{
    HandbookError,
    handbook::Held,
    kinds::{
        AttendanceState, Believed, Distrust, Evidence, MarkMode, MarkSource, PassRefused, PassWorth, Unread,
    },
    runtime,
    values::{MeetingId, MemberId, Timestamp},
};

/// Điểm danh: a member's own check-in, and the secretary's conduct of it.
#[derive(Debug, uniffi::Object)]
pub struct Attendance(pub(crate) Arc<Held>);

/// What the secretary's device shows now.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CheckInCode {
    /// The one that is open.
    pub meeting: MeetingId,
    /// Six digits.
    pub code: String,
    /// To be drawn as a QR above them, in its alphanumeric mode.
    pub qr: Option<String>,
    /// What the members' phones make of the QR.
    pub believed: Believed,
    /// Until the next ones.
    pub seconds_left: u32,
}

/// What became of a QR that a member scanned. Nothing is kept but where it is `Recorded`.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum CodeScan {
    /// It counts as checked in, to be confirmed.
    Recorded {
        /// Which one.
        meeting: MeetingId,
        /// None where the meeting has not come to this device yet.
        title: Option<String>,
        /// Whose device showed it; none where there are no keys to say so.
        shown_by: Option<String>,
        /// When that device made the code.
        shown_at: Timestamp,
    },
    /// It is not the code of a check-in.
    NotRead {
        /// What it is instead.
        why: Unread,
    },
    /// Of a cell that this member is not of.
    OtherCell,
    /// Not shown by whom it must be. The six digits may still be typed.
    NotBelieved {
        /// What is wrong with it.
        why: Distrust,
    },
}

/// The member's own pass; a fresh one before `seconds_left` are over.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Pass {
    /// For which one.
    pub meeting: MeetingId,
    /// Of the member, to be shown above it.
    pub name: String,
    /// To be drawn as a QR, in its alphanumeric mode.
    pub qr: String,
    /// As long as it holds.
    pub seconds_left: u32,
}

/// What became of a pass that the secretary scanned. Nothing is kept but where it is `Marked`.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum PassScan {
    /// That member counts as present.
    Marked {
        /// At which one.
        meeting: MeetingId,
        /// Who.
        member: MemberId,
        /// Their name, to be compared with the face.
        name: String,
        /// What the pass is worth.
        found: PassWorth,
    },
    /// It is not a pass.
    NotRead {
        /// What it is instead.
        why: Unread,
    },
    /// No check-in is open on this device.
    NotOpen,
    /// Not of the cell.
    NotAMember,
    /// A pass that does not hold.
    NoPass {
        /// For which reason.
        why: PassRefused,
    },
}

/// Who of the cell came, as far as is known here.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Roll {
    /// Of which one.
    pub meeting: MeetingId,
    /// How many the cell has.
    pub strength: u32,
    /// Có mặt.
    pub present: u32,
    /// Vắng có lý do.
    pub excused: u32,
    /// Vắng không lý do.
    pub absent: u32,
    /// To be confirmed.
    pub claimed: u32,
    /// Nothing is known of them.
    pub unknown: u32,
    /// In the order of names.
    pub lines: Vec<RollLine>,
}

/// One member of the cell.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RollLine {
    /// Who.
    pub member: MemberId,
    /// As in the roster.
    pub name: String,
    /// None where nothing is known.
    pub attendance: Option<AttendanceState>,
    /// How they took part, where it was said.
    pub mode: Option<MarkMode>,
    /// On whose word.
    pub source: Option<MarkSource>,
    /// Confirmed after check-in had ended.
    pub late: bool,
    /// What it rests on, where that is more than a word.
    pub evidence: Option<Evidence>,
    /// The secretary decides, by a mark.
    pub awaits_secretary: bool,
    /// Why they were excused, where it was said.
    pub reason: Option<String>,
    /// Every mark ever made, oldest first.
    pub trail: Vec<MarkMade>,
}

/// One mark of an officer, never taken back but by another.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MarkMade {
    /// What was marked.
    pub state: AttendanceState,
    /// How they took part, where it was said.
    pub mode: Option<MarkMode>,
    /// Why, where it was said.
    pub reason: Option<String>,
    /// By the member's pass.
    pub scanned: bool,
    /// Which officer, where the roster knows.
    pub by_name: Option<String>,
    /// When.
    pub at: Timestamp,
}

#[uniffi::export(async_runtime = "tokio")]
impl Attendance {
    /// Checks in with the six digits that the secretary's device shows; works without a network. Throws
    /// `Refused` with `Malformed` for what is not six digits, with `WrongState` for a cancelled meeting.
    pub async fn check_in(&self, meeting: MeetingId, code: String) -> Result<(), HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { core.check_in(meeting.into(), code).await }).await
    }

    /// Checks in with the QR on the secretary's device, which is verified here.
    pub async fn check_in_scanned(&self, text: String) -> Result<CodeScan, HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { Ok(core.check_in_scanned(text).await?.into()) }).await
    }

    /// This member's own pass, for the secretary to scan.
    pub async fn my_pass(&self, meeting: MeetingId) -> Result<Pass, HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { Ok(core.my_pass(meeting.into()).await?.into()) }).await
    }

    /// Opens check-in. Throws `Refused` with `NotAllowed`, or `WrongState` where it is open or cancelled.
    pub async fn open(&self, meeting: MeetingId) -> Result<CheckInCode, HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { Ok(core.open(meeting.into()).await?.into()) }).await
    }

    /// Closes check-in; it may be opened again. Throws `Refused` with `NotAllowed` or `WrongState`.
    pub async fn close(&self, meeting: MeetingId) -> Result<(), HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { core.close(meeting.into()).await }).await
    }

    /// None where check-in is not open on this device.
    pub async fn current_code(&self, meeting: MeetingId) -> Result<Option<CheckInCode>, HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { Ok(core.current_code(meeting.into()).await?.map(Into::into)) }).await
    }

    /// The secretary's device reads a member's pass.
    pub async fn scan(&self, text: String) -> Result<PassScan, HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { Ok(core.scan(text).await?.into()) }).await
    }

    /// Marks a member by hand. Throws `Refused` with `NotAllowed`, `NotAMember` or `WrongState`.
    pub async fn mark(
        &self,
        meeting: MeetingId,
        member: MemberId,
        state: AttendanceState,
        mode: Option<MarkMode>,
        reason: Option<String>,
    ) -> Result<(), HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { core.mark(meeting.into(), member.into(), state, mode, reason).await }).await
    }

    /// Who of the cell came. Throws `NotFound`.
    pub async fn roll(&self, meeting: MeetingId) -> Result<Roll, HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { Ok(core.roll(meeting.into()).await?.into()) }).await
    }
}

impl From<core::CodeView> for CheckInCode {
    fn from(of: core::CodeView) -> Self {
        let core::CodeView { meeting, code, qr, believed, seconds_left } = of;
        Self { meeting: meeting.into(), code, qr, believed, seconds_left }
    }
}

impl From<core::CodeScan> for CodeScan {
    fn from(of: core::CodeScan) -> Self {
        match of {
            core::CodeScan::Recorded { meeting, title, shown_by, shown_at } => {
                Self::Recorded { meeting: meeting.into(), title, shown_by, shown_at }
            }
            core::CodeScan::NotRead { why } => Self::NotRead { why },
            core::CodeScan::OtherCell => Self::OtherCell,
            core::CodeScan::NotBelieved { why } => Self::NotBelieved { why },
        }
    }
}

impl From<core::PassView> for Pass {
    fn from(of: core::PassView) -> Self {
        let core::PassView { meeting, name, qr, seconds_left } = of;
        Self { meeting: meeting.into(), name, qr, seconds_left }
    }
}

impl From<core::PassScan> for PassScan {
    fn from(of: core::PassScan) -> Self {
        match of {
            core::PassScan::Marked { meeting, member, name, found } => {
                Self::Marked { meeting: meeting.into(), member: member.into(), name, found }
            }
            core::PassScan::NotRead { why } => Self::NotRead { why },
            core::PassScan::NotOpen => Self::NotOpen,
            core::PassScan::NotAMember => Self::NotAMember,
            core::PassScan::NoPass { why } => Self::NoPass { why },
        }
    }
}

impl From<core::Roll> for Roll {
    fn from(of: core::Roll) -> Self {
        let core::Counts { strength, present, excused, absent, claimed, unknown } = of.counts;
        let lines = of.lines.into_iter().map(Into::into).collect();
        Self { meeting: of.meeting.into(), strength, present, excused, absent, claimed, unknown, lines }
    }
}

impl From<core::RollLine> for RollLine {
    fn from(of: core::RollLine) -> Self {
        Self {
            member: of.member.into(),
            name: of.name,
            attendance: of.attendance,
            mode: of.mode,
            source: of.source,
            late: of.late,
            evidence: of.evidence,
            awaits_secretary: of.awaits_secretary,
            reason: of.reason,
            trail: of.trail.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<core::TrailLine> for MarkMade {
    fn from(of: core::TrailLine) -> Self {
        let core::TrailLine { state, mode, reason, scanned, by_name, at, .. } = of;
        Self { state, mode, reason, scanned, by_name, at }
    }
}
