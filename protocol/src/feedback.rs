//! Phản ánh, kiến nghị: the grassroots' voice. A feedback is two rows that name each other: the thread in
//! the member's own scope, and the case at the desk that answers it. Each command writes both. The words are plain, or
//! sealed to the desk's devices ([`sealed`]); a thread is the one or the other from its beginning to its end.

pub mod sealed;

use serde::{Deserialize, Serialize};

use crate::{
    attachment::Attachment,
    command::{self, Command, check_text},
    edit::Rejection,
    env::Timestamp,
    id::Id,
    limits,
    refusal::Refusal,
    row::{Body, Row, body},
    scope::Scope,
    sealed::{Added, Sealed},
};
use sealed::{SEAL, SEAL_ANSWER, SEAL_REPLY, WRAP_CASE, WRAP_THREAD};

/// Kind of the rows in a `member` scope.
pub const THREAD: &str = "thread";
/// Kind of the rows in a `desk` scope; the id is [`case_id`].
pub const CASE: &str = "case";

pub const SUBMIT: &str = "thread.submit";
pub const REPLY: &str = "thread.reply";
pub const RECEIVE: &str = "case.receive";
pub const ANSWER: &str = "case.answer";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedbackState {
    /// Đã gửi.
    #[default]
    Sent,
    /// Đã tiếp nhận.
    Received,
    /// Đã trả lời.
    Answered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Member,
    Desk,
}

/// One turn of a thread. Ids keep a turn from standing twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub id: Id,
    pub side: Side,
    pub at: Timestamp,
    /// Empty where they are sealed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// Photographs and papers that go with it; whoever follows the row may read them. Of sealed words: ciphertexts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Sealed>,
}

/// Body of a `thread` row. `desk` is the organisation whose officers answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    pub desk: Id,
    /// Empty where it is sealed.
    #[serde(default)]
    pub topic: String,
    pub messages: Vec<Message>,
    #[serde(default)]
    pub state: FeedbackState,
    /// Every message of it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sealed: bool,
}

/// Body of a `case` row: the thread as the desk has it, with who sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub member: Id,
    pub member_name: String,
    pub cell_name: String,
    pub thread: Id,
    #[serde(default)]
    pub topic: String,
    pub messages: Vec<Message>,
    #[serde(default)]
    pub state: FeedbackState,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sealed: bool,
}

/// Body of `thread.reply`: `desk` names the second scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub desk: Id,
    pub message: Message,
}

/// Body of `case.answer` and, without a message, of `case.receive`: `member` and `thread` name the other row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub member: Id,
    pub thread: Id,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
}

/// The files that a command brings, to stand in the rows that it writes.
pub(crate) fn attachments(command: &Command) -> Vec<Attachment> {
    let messages = match command.kind.as_str() {
        SUBMIT | SEAL => command.view::<Thread>().map_or_else(|_| Vec::new(), |thread| thread.messages),
        REPLY | SEAL_REPLY => command.view::<Reply>().map(|reply| reply.message).into_iter().collect(),
        ANSWER | SEAL_ANSWER => {
            command.view::<Answer>().ok().and_then(|answer| answer.message).into_iter().collect()
        }
        _ => Vec::new(),
    };
    messages.into_iter().flat_map(|message| message.attachments).collect()
}

/// The case of a thread; each knows the other's id.
#[must_use]
pub fn case_id(thread: Id) -> Id {
    Id::derived("case", &[thread])
}

pub(crate) fn second_scope(command: &Command) -> Option<Scope> {
    #[derive(Deserialize)]
    struct Named {
        desk: Option<Id>,
        member: Option<Id>,
    }
    let named: Named = command.view().ok()?;
    match command.kind.as_str() {
        SUBMIT | REPLY | SEAL | SEAL_REPLY | WRAP_THREAD => named.desk.map(Scope::desk),
        RECEIVE | ANSWER | SEAL_ANSWER | WRAP_CASE => named.member.map(Scope::member),
        _ => None,
    }
}

fn check_message(message: &Message, side: Side) -> Result<(), Refusal> {
    check_text(&message.words, limits::WORDS)?;
    if message.attachments.len() > limits::ATTACHMENTS {
        return Err(Refusal::TooLarge);
    }
    message.attachments.iter().try_for_each(Attachment::check)?;
    if message.side == side && message.sealed.is_none() { Ok(()) } else { Err(Refusal::Malformed) }
}

/// Adds a turn and sets the state in a thread's or case's body; its other fields, and those of the turns that stand
/// there, stay as they are: an older app must not lose what a newer one wrote.
fn with_turn(of: &Body, message: Option<&Message>, state: FeedbackState) -> Result<Body, Refusal> {
    #[derive(Serialize, Deserialize)]
    struct Turns {
        messages: Vec<Body>,
        #[serde(default)]
        state: FeedbackState,
    }
    let mut turns: Turns = crate::row::view(of)?;
    let is_it =
        |turn: &Body, new: &Message| turn.get("id").and_then(|id| id.as_str()?.parse().ok()) == Some(new.id);
    let stands = message.is_some_and(|new| turns.messages.iter().any(|turn| is_it(turn, new)));
    let mut out = of.clone();
    if !stands {
        turns.messages.extend(message.map(body));
        turns.state = if message.is_none() { turns.state.max(state) } else { state };
        out.extend(body(&turns));
    }
    Ok(out)
}

pub(crate) fn apply_thread(current: Option<&Row>, command: &Command, maker: Id) -> Result<Row, Rejection> {
    match command.kind.as_str() {
        SUBMIT => {
            let thread: Thread = command.view()?;
            check_text(&thread.topic, limits::LINE)?;
            let [message] = thread.messages.as_slice() else { return Err(Refusal::Malformed.into()) };
            check_message(message, Side::Member)?;
            if thread.state != FeedbackState::Sent || thread.sealed {
                return Err(Refusal::Malformed.into());
            }
            command::create(current, command.body.clone(), maker)
        }
        SEAL => sealed::begin(current, command, maker),
        REPLY | SEAL_REPLY | WRAP_THREAD => {
            let row = current.ok_or(Refusal::NoSuchRow)?;
            let change = member_change(command)?;
            if row.view::<Thread>()?.desk != change.0 {
                return Err(Refusal::Malformed.into());
            }
            Ok(Row { body: change.1.made_to(&row.body, command)?, ..row.clone() })
        }
        _ => Err(Refusal::UnknownKind.into()),
    }
}

/// What a command does to both rows of a thread.
enum Change {
    Turn(Option<Message>, FeedbackState),
    Wraps(Added),
}

impl Change {
    fn made_to(&self, row: &Body, command: &Command) -> Result<Body, Refusal> {
        sealed::check_kind(command, row)?;
        match self {
            Self::Turn(message, state) => with_turn(row, message.as_ref(), *state),
            Self::Wraps(added) => sealed::with_wraps(row, added),
        }
    }
}

/// Of a command on a thread that stands, with the desk that it names.
fn member_change(command: &Command) -> Result<(Id, Change), Refusal> {
    let reply = match command.kind.as_str() {
        WRAP_THREAD => {
            let desk = command.view::<sealed::ThreadWraps>()?.desk;
            return Ok((desk, Change::Wraps(sealed::added(command)?)));
        }
        SEAL_REPLY => sealed::reply(command)?,
        REPLY => {
            let reply: Reply = command.view()?;
            check_message(&reply.message, Side::Member)?;
            reply
        }
        _ => return Err(Refusal::UnknownKind),
    };
    Ok((reply.desk, Change::Turn(Some(reply.message), FeedbackState::Sent)))
}

/// Of a command on a case, with the member and the thread that it names.
fn desk_change(command: &Command) -> Result<(Id, Id, Change), Refusal> {
    if command.kind == WRAP_CASE {
        let of: sealed::CaseWraps = command.view()?;
        return Ok((of.member, of.thread, Change::Wraps(sealed::added(command)?)));
    }
    let answer: Answer =
        if command.kind == SEAL_ANSWER { sealed::answer(command)? } else { command.view()? };
    let state = match (command.kind.as_str(), &answer.message) {
        (RECEIVE, None) => FeedbackState::Received,
        (SEAL_ANSWER, Some(_)) => FeedbackState::Answered,
        (ANSWER, Some(message)) => {
            check_message(message, Side::Desk)?;
            FeedbackState::Answered
        }
        (RECEIVE | ANSWER, _) => return Err(Refusal::Malformed),
        _ => return Err(Refusal::UnknownKind),
    };
    Ok((answer.member, answer.thread, Change::Turn(answer.message, state)))
}

pub(crate) fn apply_case(current: Option<&Row>, command: &Command, _maker: Id) -> Result<Row, Rejection> {
    let (member, thread, change) = desk_change(command)?;
    let row = current.ok_or(Refusal::NoSuchRow)?;
    let case: Case = row.view()?;
    if case.member != member || case.thread != thread {
        return Err(Refusal::Malformed.into());
    }
    Ok(Row { body: change.made_to(&row.body, command)?, ..row.clone() })
}

/// The other row of a feedback command, which only the server writes: the case after a member's command
/// (`other` is `None` for a new one, for which `member_name` and `cell_name` are the server's own
/// knowledge), the thread after a desk's.
///
/// # Errors
/// As [`command::apply`]; [`Refusal::NoSuchRow`] where the other row should stand and does not.
pub fn mirror(
    other: Option<&Body>,
    command: &Command,
    maker: Id,
    member_name: &str,
    cell_name: &str,
) -> Result<Body, Refusal> {
    match command.kind.as_str() {
        SUBMIT | SEAL if other.is_none() => {
            let thread: Thread = command.view()?;
            Ok(body(&Case {
                member: maker,
                member_name: member_name.to_owned(),
                cell_name: cell_name.to_owned(),
                thread: command.row.id,
                topic: thread.topic,
                messages: thread.messages,
                state: FeedbackState::Sent,
                sealed: thread.sealed,
            }))
        }
        SUBMIT | SEAL => other.cloned().ok_or(Refusal::NoSuchRow),
        REPLY | SEAL_REPLY | WRAP_THREAD => {
            member_change(command)?.1.made_to(other.ok_or(Refusal::NoSuchRow)?, command)
        }
        RECEIVE | ANSWER | SEAL_ANSWER | WRAP_CASE => {
            desk_change(command)?.2.made_to(other.ok_or(Refusal::NoSuchRow)?, command)
        }
        _ => Err(Refusal::UnknownKind),
    }
}

/// The form in which the other row of a feedback command is written.
#[must_use]
pub fn version(of: &Body) -> u32 {
    let sealed = of.get("sealed").and_then(serde_json::Value::as_bool).unwrap_or_default();
    if sealed { sealed::SEALED_VERSION } else { 1 }
}
