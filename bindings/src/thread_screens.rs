//! Phản ánh as screens show it: the threads with how far each is, and one turn by turn.

use std::sync::Arc;

use sotay_core::screens::feedback as core;

use crate::{
    Feedback, HandbookError, ListenerError, Message, Photo, ThreadLine, Watching, observe, runtime,
    values::ThreadId,
};

/// One line of the list, as it is read.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct ThreadRow {
    /// What it is of.
    pub line: ThreadLine,
    /// đã ghi, đã gửi, đã tiếp nhận, đã trả lời: what is only on this device is not called sent.
    pub state: String,
    /// Of the last word in it: `14:05 hôm nay`.
    pub time: String,
    /// What became of the member's own last word, where that is still news.
    pub sync: Option<String>,
}

/// One turn, as it is read.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Turn {
    /// What was said.
    pub message: Message,
    /// `Tôi`, or the committee.
    pub who: String,
    /// `14:05 hôm nay`.
    pub time: String,
    /// Of a sealed one: who wrote it, or why it cannot be read here.
    pub letter: Option<String>,
}

/// The screen “Trao đổi”.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct ThreadScreen {
    /// To whom, about what, and how far it is.
    pub row: ThreadRow,
    /// In their order.
    pub turns: Vec<Turn>,
    /// What became of the member's own last word; none once the committee has spoken.
    pub news: Option<String>,
    /// Why nothing can be written here; none where it can.
    pub no_reply: Option<String>,
}

/// Called from the callbacks' thread, in order, with no lock held. One that throws is logged and detached.
#[uniffi::export(foreign)]
pub trait ThreadsObserver: Send + Sync {
    /// The list as it is from now on.
    fn changed(&self, threads: Vec<ThreadRow>) -> Result<(), ListenerError>;
}

/// Called from the callbacks' thread, in order, with no lock held. One that throws is logged and detached.
#[uniffi::export(foreign)]
pub trait ThreadObserver: Send + Sync {
    /// The thread as it is from now on.
    fn changed(&self, thread: ThreadScreen) -> Result<(), ListenerError>;
}

#[uniffi::export(async_runtime = "tokio")]
impl Feedback {
    /// This member's threads as they are read, the last word first.
    pub async fn rows(&self) -> Result<Vec<ThreadRow>, HandbookError> {
        let screen = self.0.core()?.thread_list();
        runtime::run(async move { Ok(screen.now().await?.into_iter().map(Into::into).collect()) }).await
    }

    /// One thread, turn by turn. Throws `NotFound`.
    pub async fn read(&self, id: ThreadId) -> Result<ThreadScreen, HandbookError> {
        let screen = self.0.core()?.thread(id.into());
        runtime::run(async move { Ok(screen.now().await?.into()) }).await
    }

    /// Adds words and photos of this member; sealed where the thread is. Throws `NotFound`, `Photo`, and `Refused` with
    /// `Empty`, `TooLarge`, `DeskWithoutOfficers`, `NotOpenable`, `NotNamed`.
    pub async fn reply(&self, id: ThreadId, words: String, photos: Vec<Photo>) -> Result<(), HandbookError> {
        let core = self.0.core()?.feedback();
        let photos = photos.into_iter().map(Into::into).collect();
        runtime::run(async move { core.reply_with(id.into(), words, photos).await }).await
    }
}

#[uniffi::export]
impl Feedback {
    /// Calls the observer with the list as it is, then with each that differs from the one before.
    pub fn observe(&self, observer: Arc<dyn ThreadsObserver>) -> Result<Arc<Watching>, HandbookError> {
        let tell = move |threads: Vec<core::ThreadRow>| {
            observer.changed(threads.into_iter().map(Into::into).collect())
        };
        observe::screen(&self.0, &self.0.core()?.thread_list(), tell)
    }

    /// Calls the observer with one thread as it is, then with each change of it; not while it is not here.
    pub fn observe_thread(
        &self,
        id: ThreadId,
        observer: Arc<dyn ThreadObserver>,
    ) -> Result<Arc<Watching>, HandbookError> {
        let screen = self.0.core()?.thread(id.into());
        observe::screen(&self.0, &screen, move |thread: ThreadScreen| observer.changed(thread))
    }
}

impl From<core::ThreadRow> for ThreadRow {
    fn from(of: core::ThreadRow) -> Self {
        Self { line: of.line.into(), state: of.state, time: of.time, sync: of.sync }
    }
}

impl From<core::ThreadScreen> for ThreadScreen {
    fn from(of: core::ThreadScreen) -> Self {
        let turn = |of: core::Turn| Turn {
            message: of.message.into(),
            who: of.who,
            time: of.time,
            letter: of.letter,
        };
        Self {
            row: of.row.into(),
            turns: of.turns.into_iter().map(turn).collect(),
            news: of.news,
            no_reply: of.no_reply,
        }
    }
}
