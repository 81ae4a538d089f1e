//! Hôm nay: the first screen, as one value.

use std::sync::Arc;

use sotay_core::screens::home as core;

use crate::{
    DirectiveRow, Handbook, HandbookError, ListenerError, MeetingRow, Status, ThreadRow, Watching,
    kinds::{BannerKind, MainAction},
    observe, runtime,
};

/// What stands above everything, one at a time.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Banner {
    /// What it is about.
    pub kind: BannerKind,
    /// What it says, and what to do.
    pub sentence: String,
}

/// Numbers beside the names of screens: what waits for this person, never what they have not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct Badges {
    /// Deeds that the person has to look at.
    pub attention: u64,
    /// 1 where check-in is open and this member is not counted yet.
    pub meetings: u64,
    /// Drafts that wait for this person's signature.
    pub signing: u64,
}

/// The first screen, in the order in which it stands.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct Home {
    /// What stands above everything, if something does.
    pub banner: Option<Banner>,
    /// `2 việc cần đồng chí xem lại`.
    pub attention: Option<String>,
    /// `1 dự thảo chờ đồng chí ký`.
    pub signing: Option<String>,
    /// The meeting that is open, else the next.
    pub meeting: Option<MeetingRow>,
    /// Answers to this member's feedback of the last two weeks.
    pub answers: Vec<ThreadRow>,
    /// The newest that were not opened, three at most.
    pub documents: Vec<DirectiveRow>,
    /// `còn 4 văn bản chưa đọc`, where there are more.
    pub more_documents: Option<String>,
    /// `2 việc và 1 tệp (3,2 MB) chờ gửi`.
    pub waiting: Option<String>,
    /// Said where none of the cards above stands there.
    pub nothing_new: Option<String>,
    /// `Cập nhật lúc 14:05 hôm nay`.
    pub updated: String,
    /// What the screen's one button does: that of the topmost card.
    pub main: MainAction,
    /// Numbers beside the names of the other screens.
    pub badges: Badges,
}

/// Called from the callbacks' thread, in order, with no lock held. One that throws is logged and detached.
#[uniffi::export(foreign)]
pub trait HomeObserver: Send + Sync {
    /// The screen as it is from now on.
    fn changed(&self, home: Home) -> Result<(), ListenerError>;
}

/// Called from the callbacks' thread, in order, with no lock held. One that throws is logged and detached.
#[uniffi::export(foreign)]
pub trait StatusObserver: Send + Sync {
    /// How things stand from now on.
    fn changed(&self, status: Status) -> Result<(), ListenerError>;
}

#[uniffi::export(async_runtime = "tokio")]
impl Handbook {
    /// The first screen as it is now.
    pub async fn home(&self) -> Result<Home, HandbookError> {
        let screen = self.0.core()?.home();
        runtime::run(async move { Ok(screen.now().await?.into()) }).await
    }
}

#[uniffi::export]
impl Handbook {
    /// Calls the observer with the first screen as it is, then with each that differs from the one before.
    pub fn observe_home(&self, observer: Arc<dyn HomeObserver>) -> Result<Arc<Watching>, HandbookError> {
        observe::screen(&self.0, &self.0.core()?.home(), move |home: Home| observer.changed(home))
    }

    /// Calls the observer with how things stand, then with each change of it.
    pub fn observe_status(&self, observer: Arc<dyn StatusObserver>) -> Result<Arc<Watching>, HandbookError> {
        observe::screen(&self.0, &self.0.core()?.overview(), move |status: Status| observer.changed(status))
    }
}

impl From<core::Home> for Home {
    fn from(of: core::Home) -> Self {
        Self {
            banner: of.banner.map(|of| Banner { kind: of.kind, sentence: of.sentence }),
            attention: of.attention,
            signing: of.signing,
            meeting: of.meeting.map(Into::into),
            answers: of.answers.into_iter().map(Into::into).collect(),
            documents: of.documents.into_iter().map(Into::into).collect(),
            more_documents: of.more_documents,
            waiting: of.waiting,
            nothing_new: of.nothing_new,
            updated: of.updated,
            main: of.main,
            badges: Badges {
                attention: of.badges.attention,
                meetings: of.badges.meetings,
                signing: of.badges.signing,
            },
        }
    }
}
