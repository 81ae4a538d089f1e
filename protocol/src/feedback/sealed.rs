//! Phản ánh niêm phong: the same two rows, with letters in place of words. The server sees who writes to which desk and
//! when, how long it is about, and how many devices can read it; not the topic, the words, nor the files.
//!
//! These are commands of their own and rows of a form of their own: who does not know them can neither send plain words
//! into a sealed thread nor show an empty one.

use serde::{Deserialize, Serialize};

use super::{Answer, FeedbackState, Message, Reply, Side, Thread};
use crate::{
    attachment::Attachment,
    command::{self, Command},
    edit::Rejection,
    id::Id,
    limits,
    refusal::Refusal,
    row::{Body, Row, body, view},
    sealed::{Added, Place, Sealed, check_wraps},
};

/// Form of the body of a `thread` or `case` row whose words are sealed.
pub const SEALED_VERSION: u32 = 2;

/// A new thread: the body is a [`Thread`] without a topic, whose one message is sealed.
pub const SEAL: &str = "thread.seal";
pub const SEAL_REPLY: &str = "thread.seal_reply";
pub const SEAL_ANSWER: &str = "case.seal_answer";
/// Wraps for devices that came later, by the member and by the desk. Nothing that stands is changed by them.
pub const WRAP_THREAD: &str = "thread.wrap";
pub const WRAP_CASE: &str = "case.wrap";

/// Whether commands of this kind bring a letter.
#[must_use]
pub fn brings_a_letter(kind: &str) -> bool {
    [SEAL, SEAL_REPLY, SEAL_ANSWER].contains(&kind)
}

/// Body of [`WRAP_THREAD`]: `desk` names the second scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadWraps {
    pub desk: Id,
    pub wraps: Added,
}

/// Body of [`WRAP_CASE`]: `member` and `thread` name the other row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseWraps {
    pub member: Id,
    pub thread: Id,
    pub wraps: Added,
}

/// The letters of a thread, each with where it stands.
#[must_use]
pub fn letters(member: Id, desk: Id, thread: Id, messages: &[Message]) -> Vec<(Place, &Sealed)> {
    let place = |of: &Message| Place { member, desk, thread, message: of.id, side: of.side };
    messages.iter().filter_map(|of| Some((place(of), of.sealed.as_ref()?))).collect()
}

pub(super) fn check_message(message: &Message, side: Side) -> Result<(), Refusal> {
    if !message.words.is_empty() || message.side != side {
        return Err(Refusal::Malformed);
    }
    if message.attachments.len() > limits::ATTACHMENTS {
        return Err(Refusal::TooLarge);
    }
    // What a file is called may say what is in it.
    let nameless =
        |file: &Attachment| if file.name.is_empty() { file.check() } else { Err(Refusal::Malformed) };
    message.attachments.iter().try_for_each(nameless)?;
    message.sealed.as_ref().ok_or(Refusal::Malformed)?.check()
}

pub(super) fn begin(current: Option<&Row>, command: &Command, maker: Id) -> Result<Row, Rejection> {
    let thread: Thread = command.view()?;
    let [message] = thread.messages.as_slice() else { return Err(Refusal::Malformed.into()) };
    check_message(message, Side::Member)?;
    if !thread.sealed || !thread.topic.is_empty() || thread.state != FeedbackState::Sent {
        return Err(Refusal::Malformed.into());
    }
    Ok(Row { version: SEALED_VERSION, ..command::create(current, command.body.clone(), maker)? })
}

/// A reply or an answer goes only where what stands is of its own kind.
pub(super) fn check_kind(command: &Command, row: &Body) -> Result<(), Refusal> {
    #[derive(Deserialize)]
    struct Kind {
        #[serde(default)]
        sealed: bool,
    }
    let sealed = view::<Kind>(row)?.sealed;
    match command.kind.as_str() {
        super::REPLY | super::ANSWER if sealed => Err(Refusal::SealedOnly),
        SEAL_REPLY | SEAL_ANSWER | WRAP_THREAD | WRAP_CASE if !sealed => Err(Refusal::Malformed),
        _ => Ok(()),
    }
}

pub(super) fn reply(command: &Command) -> Result<Reply, Refusal> {
    let reply: Reply = command.view()?;
    check_message(&reply.message, Side::Member)?;
    Ok(reply)
}

pub(super) fn answer(command: &Command) -> Result<Answer, Refusal> {
    let answer: Answer = command.view()?;
    check_message(answer.message.as_ref().ok_or(Refusal::Malformed)?, Side::Desk)?;
    Ok(answer)
}

/// What a command that only adds wraps adds.
pub(super) fn added(command: &Command) -> Result<Added, Refusal> {
    let added = match command.kind.as_str() {
        WRAP_THREAD => command.view::<ThreadWraps>()?.wraps,
        _ => command.view::<CaseWraps>()?.wraps,
    };
    if added.is_empty() || added.values().any(std::collections::BTreeMap::is_empty) {
        return Err(Refusal::Malformed);
    }
    added.values().try_for_each(check_wraps)?;
    Ok(added)
}

/// Adds wraps to the letters that they are for. One that stands stays, whoever else brings another for the same device.
pub(super) fn with_wraps(of: &Body, added: &Added) -> Result<Body, Refusal> {
    #[derive(Serialize, Deserialize)]
    struct Turns {
        messages: Vec<Body>,
    }
    #[derive(Serialize, Deserialize)]
    struct Wraps {
        wraps: Body,
    }
    let mut turns: Turns = view(of)?;
    for (message, wraps) in added {
        let is_it =
            |turn: &&mut Body| turn.get("id").and_then(|id| id.as_str()?.parse().ok()) == Some(*message);
        let turn = turns.messages.iter_mut().find(is_it).ok_or(Refusal::NoSuchRow)?;
        let sealed =
            turn.get_mut("sealed").and_then(serde_json::Value::as_object_mut).ok_or(Refusal::Malformed)?;
        let mut standing: Wraps = view(sealed)?;
        for (device, wrap) in wraps {
            standing.wraps.entry(device).or_insert_with(|| String::from(wrap.clone()).into());
        }
        if standing.wraps.len() > limits::WRAPS {
            return Err(Refusal::TooLarge);
        }
        sealed.extend(body(&standing));
    }
    let mut out = of.clone();
    out.extend(body(&turns));
    Ok(out)
}
