//! A member's own threads: writing to a committee, and reading that somebody answered.

use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::{
    env::{Env, Timestamp},
    feedback::{FeedbackState, Message, REPLY, Reply, SUBMIT, Side, THREAD, Thread},
    id::Id,
    organisations::Level,
    refusal::Refusal,
    row::{RowRef, body},
    scope::Scope,
};

use super::{
    THREADS,
    sealed::{self, LetterView, Readers},
};
use crate::{
    attachments::{self, FileView, photo::Clean},
    deed::{give, stands},
    members, organisations,
    outbox::{Marks, RowState},
    shown::{self, Shown},
    store::StoreError,
    sync::{
        commands::{Draft, SubmitError},
        device,
    },
    trust,
    words::Words,
};

/// A committee that reads what this member writes to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Desk {
    pub id: Id,
    pub name: String,
    pub level: Level,
    /// The one that is meant where nothing is said: right above the member's cell.
    pub usual: bool,
    /// Who could read what is sealed to it, by verified certificates. Nobody: it cannot be sealed to.
    pub sealed_to: Readers,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ThreadLine {
    pub id: Id,
    pub desk: Id,
    pub desk_name: String,
    /// Of what is sealed and not openable on this device: that it is sealed.
    pub topic: String,
    /// Only the desk's certified officers and this member can read it; else whoever serves there or runs the server.
    pub sealed: bool,
    pub feedback_state: FeedbackState,
    pub last_at: Timestamp,
    pub sync: Option<RowState>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ThreadView {
    #[serde(flatten)]
    pub line: ThreadLine,
    /// Of sealed ones what could be opened here.
    pub messages: Vec<Message>,
    /// Of a sealed thread: how each message's letter stands.
    pub letters: Vec<LetterView>,
    /// The files that the messages name, with where each is.
    pub files: Vec<FileView>,
}

/// The committees above this member, the nearest first.
///
/// # Errors
/// The store's own fault.
pub fn desks(store: &Connection, now: Timestamp) -> Result<Vec<Desk>, StoreError> {
    let tree = organisations::tree(store)?;
    let cells = members::my_cells(store)?;
    let usual = cells.first().and_then(|cell| tree.parent(cell.id));
    let mut known = organisations::list(store)?;
    known.reverse();
    let (keys, now) = (trust::keyring(store)?, sealed::times(store, now)?);
    let desk = |of: organisations::OrganisationView| Desk {
        usual: usual == Some(of.id),
        sealed_to: sealed::readers(&keys, of.id, &now),
        id: of.id,
        name: of.name,
        level: of.level,
    };
    Ok(known.into_iter().map(desk).collect())
}

/// Sends words to a committee, the one right above the member's cell if none is named; gives the thread's id.
///
/// # Errors
/// [`SubmitError::Refused`]: `empty`, `too_large`, `not_allowed` for a committee that is not above this member.
pub fn submit(
    store: &Connection,
    env: &dyn Env,
    desk: Option<Id>,
    topic: &str,
    words: &str,
) -> Result<Id, SubmitError> {
    submit_with(store, env, desk, topic, words, &[])
}

/// The same with photos, which are kept here and sent when they can be.
///
/// # Errors
/// As [`submit`]; [`StoreError::Full`].
pub fn submit_with(
    store: &Connection,
    env: &dyn Env,
    desk: Option<Id>,
    topic: &str,
    words: &str,
    photos: &[Clean],
) -> Result<Id, SubmitError> {
    let (me, desk) = chosen_desk(store, desk)?;
    let thread = Thread {
        sealed: false,
        desk,
        topic: topic.trim().to_owned(),
        messages: vec![message(env, Side::Member, words, photos)],
        state: FeedbackState::Sent,
    };
    let id = Id::random(env);
    keep(store, env, Scope::member(me), photos)?;
    let row = RowRef::new(Scope::member(me), THREAD, id);
    give(store, env, Draft { kind: SUBMIT, row, needs: Vec::new(), body: body(&thread) })?;
    Ok(id)
}

/// This member, and the committee that they mean.
pub(super) fn chosen_desk(store: &Connection, desk: Option<Id>) -> Result<(Id, Id), SubmitError> {
    let of = device::identity(store)?.ok_or(SubmitError::NotEnrolled)?;
    if of.taken_off {
        // Its committees went with the rest; that is not what the person has to hear.
        return Err(SubmitError::Refused(Refusal::DeviceRevoked));
    }
    let usual = || {
        let cells = members::my_cells(store)?;
        let tree = organisations::tree(store)?;
        Ok::<_, StoreError>(cells.first().and_then(|cell| tree.parent(cell.id)))
    };
    let desk = match desk {
        Some(desk) => desk,
        None => usual()?.ok_or(SubmitError::Refused(Refusal::NotAllowed))?,
    };
    Ok((of.member, desk))
}

pub(super) fn message(env: &dyn Env, side: Side, words: &str, photos: &[Clean]) -> Message {
    Message {
        sealed: None,
        id: Id::random(env),
        side,
        at: env.now(),
        words: words.trim().to_owned(),
        attachments: photos.iter().map(|photo| photo.file.clone()).collect(),
    }
}

/// The bytes, in the scope of the row whose command is about to bring them.
pub(super) fn keep(
    store: &Connection,
    env: &dyn Env,
    scope: Scope,
    photos: &[Clean],
) -> Result<(), StoreError> {
    photos.iter().try_for_each(|photo| attachments::keep(store, scope, &photo.file, &photo.bytes, env.now()))
}

/// One more word of the member in a thread; sealed where the thread is.
///
/// # Errors
/// [`SubmitError::Refused`]: `no_such_row`, `empty`, `too_large`; in a sealed thread also `desk_without_officers`, and
/// `not_openable` where this device cannot read it, `not_named` where the desk would not know it.
pub fn reply(store: &Connection, env: &dyn Env, thread: Id, words: &str) -> Result<(), SubmitError> {
    reply_with(store, env, thread, words, &[])
}

/// The same with photos.
///
/// # Errors
/// As [`reply`]; [`StoreError::Full`].
pub fn reply_with(
    store: &Connection,
    env: &dyn Env,
    thread: Id,
    words: &str,
    photos: &[Clean],
) -> Result<(), SubmitError> {
    let row: Shown<Thread> = stands(shown::one(store, &THREADS, thread)?)?;
    if row.of.sealed {
        return sealed::reply(store, env, &row, words, photos);
    }
    let reply = Reply { desk: row.of.desk, message: message(env, Side::Member, words, photos) };
    keep(store, env, row.scope, photos)?;
    let draft = Draft { kind: REPLY, row: row.row(THREAD), needs: row.needed(THREAD), body: body(&reply) };
    give(store, env, draft).map(drop)
}

/// This member's threads, the last word first.
///
/// # Errors
/// The store's own fault.
pub fn threads(store: &Connection, words: &Words) -> Result<Vec<ThreadLine>, StoreError> {
    let marks = Marks::load(store, words)?;
    let rows = shown::all::<Thread>(store, &THREADS, "ORDER BY last_at DESC, id", [])?;
    rows.into_iter().map(|row| Ok(view(store, row, &marks, words)?.line)).collect()
}

/// `None` for a thread that is not on this phone.
///
/// # Errors
/// The store's own fault.
pub fn thread(store: &Connection, thread: Id, words: &Words) -> Result<Option<ThreadView>, StoreError> {
    let Some(row) = shown::one::<Thread>(store, &THREADS, thread)? else { return Ok(None) };
    let files = attachments::of_row(store, &row.row(THREAD))?;
    let marks = Marks::of_row(store, &row.row(THREAD), words)?;
    let view = view(store, row, &marks, words)?;
    Ok(Some(ThreadView { files, ..view }))
}

fn view(
    store: &Connection,
    row: Shown<Thread>,
    marks: &Marks,
    words: &Words,
) -> Result<ThreadView, StoreError> {
    let last_at = row.of.messages.iter().map(|message| message.at).max().unwrap_or_default();
    let line = ThreadLine {
        id: row.id,
        desk: row.of.desk,
        desk_name: organisations::name(store, row.of.desk)?.unwrap_or_default(),
        sync: marks.of(&row.row(THREAD)),
        topic: if row.of.sealed { sealed::topic(store, &row.row(THREAD), words)? } else { row.of.topic },
        sealed: row.of.sealed,
        feedback_state: row.of.state,
        last_at,
    };
    let (messages, letters) = if row.of.sealed {
        sealed::laid_over(store, &RowRef::new(row.scope, THREAD, row.id), row.of.messages)?
    } else {
        (row.of.messages, Vec::new())
    };
    Ok(ThreadView { line, messages, letters, files: Vec::new() })
}
