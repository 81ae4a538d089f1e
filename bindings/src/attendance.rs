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
    values::{Id, Timestamp},
};

#[derive(Debug, uniffi::Object)]
pub struct Attendance(pub(crate) Arc<Held>);

/// What the secretary's device shows now.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CheckInCode {
    pub meeting: Id,
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
    Recorded {
        meeting: Id,
        /// None where the meeting has not come to this device yet.
        title: Option<String>,
        /// Whose device showed it; none where there are no keys to say so.
        shown_by: Option<String>,
        shown_at: Timestamp,
    },
    NotRead {
        why: Unread,
    },
    OtherCell,
    /// The six digits may still be typed.
    NotBelieved {
        why: Distrust,
    },
}

/// The member's own pass; a fresh one before `seconds_left` are over.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Pass {
    pub meeting: Id,
    pub name: String,
    pub qr: String,
    pub seconds_left: u32,
}

/// What became of a pass that the secretary scanned. Nothing is kept but where it is `Marked`.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum PassScan {
    Marked { meeting: Id, member: Id, name: String, found: PassWorth },
    NotRead { why: Unread },
    NotOpen,
    NotAMember,
    NoPass { why: PassRefused },
}

/// Who of the cell came, as far as is known here.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Roll {
    pub meeting: Id,
    pub strength: u32,
    pub present: u32,
    pub excused: u32,
    pub absent: u32,
    pub claimed: u32,
    pub unknown: u32,
    pub lines: Vec<RollLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RollLine {
    pub member: Id,
    pub name: String,
    pub attendance: Option<AttendanceState>,
    pub mode: Option<MarkMode>,
    pub source: Option<MarkSource>,
    pub late: bool,
    pub evidence: Option<Evidence>,
    /// The secretary decides, by a mark.
    pub awaits_secretary: bool,
    pub reason: Option<String>,
    /// Every mark ever made, oldest first.
    pub trail: Vec<MarkMade>,
}

#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MarkMade {
    pub state: AttendanceState,
    pub mode: Option<MarkMode>,
    pub reason: Option<String>,
    /// By the member's pass.
    pub scanned: bool,
    pub by_name: Option<String>,
    pub at: Timestamp,
}

#[uniffi::export(async_runtime = "tokio")]
impl Attendance {
    /// Checks in with the six digits that the secretary's device shows; works without a network. Throws
    /// `Refused` with `Malformed` for what is not six digits, with `WrongState` for a cancelled meeting.
    pub async fn check_in(&self, meeting: Id, code: String) -> Result<(), HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { core.check_in(meeting, code).await }).await
    }

    /// Checks in with the QR on the secretary's device, which is verified here.
    pub async fn check_in_scanned(&self, text: String) -> Result<CodeScan, HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { Ok(core.check_in_scanned(text).await?.into()) }).await
    }

    /// This member's own pass, for the secretary to scan.
    pub async fn my_pass(&self, meeting: Id) -> Result<Pass, HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { Ok(core.my_pass(meeting).await?.into()) }).await
    }

    /// Opens check-in. Throws `Refused` with `NotAllowed`, or `WrongState` where it is open or cancelled.
    pub async fn open(&self, meeting: Id) -> Result<CheckInCode, HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { Ok(core.open(meeting).await?.into()) }).await
    }

    pub async fn close(&self, meeting: Id) -> Result<(), HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { core.close(meeting).await }).await
    }

    /// None where check-in is not open on this device.
    pub async fn current_code(&self, meeting: Id) -> Result<Option<CheckInCode>, HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { Ok(core.current_code(meeting).await?.map(Into::into)) }).await
    }

    /// The secretary's device reads a member's pass.
    pub async fn scan(&self, text: String) -> Result<PassScan, HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { Ok(core.scan(text).await?.into()) }).await
    }

    /// Marks a member by hand. Throws `Refused` with `NotAllowed`, `NotAMember` or `WrongState`.
    pub async fn mark(
        &self,
        meeting: Id,
        member: Id,
        state: AttendanceState,
        mode: Option<MarkMode>,
        reason: Option<String>,
    ) -> Result<(), HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { core.mark(meeting, member, state, mode, reason).await }).await
    }

    pub async fn roll(&self, meeting: Id) -> Result<Roll, HandbookError> {
        let core = self.0.core()?.attendance();
        runtime::run(async move { Ok(core.roll(meeting).await?.into()) }).await
    }
}

impl From<core::CodeView> for CheckInCode {
    fn from(of: core::CodeView) -> Self {
        let core::CodeView { meeting, code, qr, believed, seconds_left } = of;
        Self { meeting, code, qr, believed, seconds_left }
    }
}

impl From<core::CodeScan> for CodeScan {
    fn from(of: core::CodeScan) -> Self {
        match of {
            core::CodeScan::Recorded { meeting, title, shown_by, shown_at } => {
                Self::Recorded { meeting, title, shown_by, shown_at }
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
        Self { meeting, name, qr, seconds_left }
    }
}

impl From<core::PassScan> for PassScan {
    fn from(of: core::PassScan) -> Self {
        match of {
            core::PassScan::Marked { meeting, member, name, found } => {
                Self::Marked { meeting, member, name, found }
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
        Self { meeting: of.meeting, strength, present, excused, absent, claimed, unknown, lines }
    }
}

impl From<core::RollLine> for RollLine {
    fn from(of: core::RollLine) -> Self {
        Self {
            member: of.member,
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
