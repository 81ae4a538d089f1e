//! Phản ánh, kiến nghị: writing to a committee, and reading that somebody answered.

use std::sync::Arc;

use sotay_core::feedback as core;
use sotay_protocol::feedback as model;

use crate::{
    HandbookError, Photo, RowState,
    handbook::Held,
    kinds::{FeedbackState, Side},
    runtime,
    sealed::Letter,
    values::{MessageId, OrganisationId, ThreadId, Timestamp},
};

/// Phản ánh, kiến nghị of this member.
#[derive(Debug, uniffi::Object)]
pub struct Feedback(pub(crate) Arc<Held>);

/// One line of the list of threads.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct ThreadLine {
    /// Names it.
    pub id: ThreadId,
    /// The committee that it was written to.
    pub desk: OrganisationId,
    /// Its name.
    pub desk_name: String,
    /// Of what is sealed and not openable on this device: that it is sealed.
    pub topic: String,
    /// Only the desk's certified officers and this member can read it.
    pub sealed: bool,
    /// How far the committee is with it.
    pub feedback_state: FeedbackState,
    /// Of the last word in it.
    pub last_at: Timestamp,
    /// What became of the member's own last word.
    pub sync: Option<RowState>,
}

/// A thread to be read.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct ThreadView {
    /// Its head.
    pub line: ThreadLine,
    /// In their order.
    pub messages: Vec<Message>,
    /// Of a sealed thread: how each message's letter stands.
    pub letters: Vec<Letter>,
}

/// One turn of a thread.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Message {
    /// Names it.
    pub id: MessageId,
    /// Who speaks.
    pub side: Side,
    /// When it was written.
    pub at: Timestamp,
    /// Empty where it is sealed and not open here.
    pub words: String,
}

#[uniffi::export(async_runtime = "tokio")]
impl Feedback {
    /// Keeps words for a committee, the one right above the member's cell if none is named, and gives the
    /// thread's id; works without a network. Throws `Refused` with `Empty`, `TooLarge`, `NotAllowed`.
    pub async fn submit(
        &self,
        desk: Option<OrganisationId>,
        topic: String,
        words: String,
    ) -> Result<ThreadId, HandbookError> {
        let core = self.0.core()?.feedback();
        runtime::run(async move { Ok(core.submit(desk.map(Into::into), topic, words).await?.into()) }).await
    }

    /// The same with photos, which are shown at once and sent when they can be. Throws also `Photo`.
    pub async fn submit_with_photos(
        &self,
        desk: Option<OrganisationId>,
        topic: String,
        words: String,
        photos: Vec<Photo>,
    ) -> Result<ThreadId, HandbookError> {
        let core = self.0.core()?.feedback();
        let photos = photos.into_iter().map(Into::into).collect();
        runtime::run(
            async move { Ok(core.submit_with(desk.map(Into::into), topic, words, photos).await?.into()) },
        )
        .await
    }

    /// This member's threads, the last word first.
    pub async fn threads(&self) -> Result<Vec<ThreadLine>, HandbookError> {
        let core = self.0.core()?.feedback();
        runtime::run(async move { Ok(core.threads().await?.into_iter().map(Into::into).collect()) }).await
    }

    /// One with its words. Throws `NotFound`.
    pub async fn thread(&self, id: ThreadId) -> Result<ThreadView, HandbookError> {
        let core = self.0.core()?.feedback();
        runtime::run(async move { Ok(core.thread(id.into()).await?.into()) }).await
    }
}

impl From<core::ThreadLine> for ThreadLine {
    fn from(of: core::ThreadLine) -> Self {
        Self {
            id: of.id.into(),
            desk: of.desk.into(),
            desk_name: of.desk_name,
            topic: of.topic,
            sealed: of.sealed,
            feedback_state: of.feedback_state,
            last_at: of.last_at,
            sync: of.sync.map(Into::into),
        }
    }
}

impl From<core::ThreadView> for ThreadView {
    fn from(of: core::ThreadView) -> Self {
        Self {
            line: of.line.into(),
            messages: of.messages.into_iter().map(Into::into).collect(),
            letters: of.letters.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<model::Message> for Message {
    fn from(of: model::Message) -> Self {
        Self { id: of.id.into(), side: of.side, at: of.at, words: of.words }
    }
}
