//! Sinh hoạt as screens show it: the next one first, then month by month; and one, with what may be done.

use std::sync::Arc;

use sotay_core::screens::meetings as core;

use crate::{
    Attendance, HandbookError, ListenerError, MeetingLine, Meetings, Roll, Watching,
    kinds::MeetingAction,
    observe, runtime,
    values::{MeetingId, Timestamp},
};

/// One line of the list, as it is read.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct MeetingRow {
    /// What it is of.
    pub line: MeetingLine,
    /// `19:30 thứ Tư này`.
    pub time: String,
    /// `còn 3 ngày`, where it has not begun.
    pub ahead: Option<String>,
    /// How far it is.
    pub state: String,
    /// My attendance in a word; none where there is nothing to say yet.
    pub mine: Option<String>,
    /// What became of what this person last did to it, where that is still news.
    pub sync: Option<String>,
    /// The one thing that it asks of this member now.
    pub action: MeetingAction,
}

/// Lines under one heading.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct MeetingGroup {
    /// `Sắp tới`, then `Tháng 11/2025`.
    pub title: String,
    /// Those to come: the next one first; those that were: the last one first.
    pub rows: Vec<MeetingRow>,
}

/// Why each deed is not there to be done, in a sentence: none where it is.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MeetingDeeds {
    /// Điểm danh.
    pub check_in: Option<String>,
    /// Điểm danh giúp.
    pub mark: Option<String>,
    /// Sửa.
    pub edit: Option<String>,
    /// Hủy cuộc họp.
    pub cancel: Option<String>,
    /// Mở điểm danh.
    pub open: Option<String>,
    /// Đóng điểm danh.
    pub close: Option<String>,
}

/// The screen “Một cuộc họp”.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct MeetingScreen {
    /// When, where and how it stands.
    pub row: MeetingRow,
    /// For those who take part from elsewhere.
    pub link: Option<String>,
    /// Point by point.
    pub agenda: Vec<String>,
    /// When check-in was opened, if it was.
    pub opened_at: Option<Timestamp>,
    /// When it was closed, if it was.
    pub closed_at: Option<Timestamp>,
    /// My attendance in a word, in any case.
    pub mine: String,
    /// What this person may do with it.
    pub deeds: MeetingDeeds,
}

/// Called from the callbacks' thread, in order, with no lock held. One that throws is logged and detached.
#[uniffi::export(foreign)]
pub trait MeetingsObserver: Send + Sync {
    /// The list as it is from now on.
    fn changed(&self, groups: Vec<MeetingGroup>) -> Result<(), ListenerError>;
}

/// Called from the callbacks' thread, in order, with no lock held. One that throws is logged and detached.
#[uniffi::export(foreign)]
pub trait MeetingObserver: Send + Sync {
    /// The meeting as it is from now on.
    fn changed(&self, meeting: MeetingScreen) -> Result<(), ListenerError>;
}

/// Called from the callbacks' thread, in order, with no lock held. One that throws is logged and detached.
#[uniffi::export(foreign)]
pub trait RollObserver: Send + Sync {
    /// Who came, as far as it is known from now on.
    fn changed(&self, roll: Roll) -> Result<(), ListenerError>;
}

#[uniffi::export(async_runtime = "tokio")]
impl Meetings {
    /// Those ahead under one heading, the others under their months.
    pub async fn grouped(&self) -> Result<Vec<MeetingGroup>, HandbookError> {
        let screen = self.0.core()?.meeting_list();
        runtime::run(async move { Ok(screen.now().await?.into_iter().map(Into::into).collect()) }).await
    }

    /// One, with what this person may do with it. Throws `NotFound`.
    pub async fn show(&self, id: MeetingId) -> Result<MeetingScreen, HandbookError> {
        let screen = self.0.core()?.meeting(id.into());
        runtime::run(async move { Ok(screen.now().await?.into()) }).await
    }
}

#[uniffi::export]
impl Meetings {
    /// Calls the observer with the list as it is, then with each that differs from the one before.
    pub fn observe(&self, observer: Arc<dyn MeetingsObserver>) -> Result<Arc<Watching>, HandbookError> {
        let tell = move |groups: Vec<core::MeetingGroup>| {
            observer.changed(groups.into_iter().map(Into::into).collect())
        };
        observe::screen(&self.0, &self.0.core()?.meeting_list(), tell)
    }

    /// Calls the observer with one meeting as it is, then with each change of it; not while it is not here.
    pub fn observe_meeting(
        &self,
        id: MeetingId,
        observer: Arc<dyn MeetingObserver>,
    ) -> Result<Arc<Watching>, HandbookError> {
        let screen = self.0.core()?.meeting(id.into());
        observe::screen(&self.0, &screen, move |meeting: MeetingScreen| observer.changed(meeting))
    }
}

#[uniffi::export]
impl Attendance {
    /// Calls the observer with who came as far as it is known, then with each change of it; not while the meeting is not
    /// here.
    pub fn observe_roll(
        &self,
        meeting: MeetingId,
        observer: Arc<dyn RollObserver>,
    ) -> Result<Arc<Watching>, HandbookError> {
        let screen = self.0.core()?.roll(meeting.into());
        observe::screen(&self.0, &screen, move |roll: Roll| observer.changed(roll))
    }
}

impl From<core::MeetingGroup> for MeetingGroup {
    fn from(of: core::MeetingGroup) -> Self {
        Self { title: of.title, rows: of.rows.into_iter().map(Into::into).collect() }
    }
}

impl From<core::MeetingRow> for MeetingRow {
    fn from(of: core::MeetingRow) -> Self {
        Self {
            line: of.line.into(),
            time: of.time,
            ahead: of.ahead,
            state: of.state,
            mine: of.mine,
            sync: of.sync,
            action: of.action,
        }
    }
}

impl From<core::MeetingScreen> for MeetingScreen {
    fn from(of: core::MeetingScreen) -> Self {
        let core::MeetingDeeds { check_in, mark, edit, cancel, open, close } = of.deeds;
        Self {
            row: of.row.into(),
            link: of.link,
            agenda: of.agenda,
            opened_at: of.opened_at,
            closed_at: of.closed_at,
            mine: of.mine,
            deeds: MeetingDeeds { check_in, mark, edit, cancel, open, close },
        }
    }
}
