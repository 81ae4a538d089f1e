//! Phản ánh, kiến nghị: the grassroots' voice. A feedback is two rows that name each other: the thread in
//! the member's own scope, and the case at the desk that answers it. Each command writes both.

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
};

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
    pub words: String,
    /// Photographs and papers that go with it; whoever follows the row may read them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// Body of a `thread` row. `desk` is the organisation whose officers answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    pub desk: Id,
    pub topic: String,
    pub messages: Vec<Message>,
    #[serde(default)]
    pub state: FeedbackState,
}

/// Body of a `case` row: the thread as the desk has it, with who sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub member: Id,
    pub member_name: String,
    pub cell_name: String,
    pub thread: Id,
    pub topic: String,
    pub messages: Vec<Message>,
    #[serde(default)]
    pub state: FeedbackState,
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
        SUBMIT => command.view::<Thread>().map_or_else(|_| Vec::new(), |thread| thread.messages),
        REPLY => command.view::<Reply>().map(|reply| reply.message).into_iter().collect(),
        ANSWER => command.view::<Answer>().ok().and_then(|answer| answer.message).into_iter().collect(),
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
        SUBMIT | REPLY => named.desk.map(Scope::desk),
        RECEIVE | ANSWER => named.member.map(Scope::member),
        _ => None,
    }
}

fn check_message(message: &Message, side: Side) -> Result<(), Refusal> {
    check_text(&message.words, limits::WORDS)?;
    if message.attachments.len() > limits::ATTACHMENTS {
        return Err(Refusal::TooLarge);
    }
    message.attachments.iter().try_for_each(Attachment::check)?;
    if message.side == side { Ok(()) } else { Err(Refusal::Malformed) }
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
            if thread.state != FeedbackState::Sent {
                return Err(Refusal::Malformed.into());
            }
            command::create(current, command.body.clone(), maker)
        }
        REPLY => {
            let row = current.ok_or(Refusal::NoSuchRow)?;
            let reply: Reply = command.view()?;
            check_message(&reply.message, Side::Member)?;
            if row.view::<Thread>()?.desk != reply.desk {
                return Err(Refusal::Malformed.into());
            }
            let body = with_turn(&row.body, Some(&reply.message), FeedbackState::Sent)?;
            Ok(Row { body, ..row.clone() })
        }
        _ => Err(Refusal::UnknownKind.into()),
    }
}

pub(crate) fn apply_case(current: Option<&Row>, command: &Command, _maker: Id) -> Result<Row, Rejection> {
    let (answer, state) = answer(command)?;
    let row = current.ok_or(Refusal::NoSuchRow)?;
    let case: Case = row.view()?;
    if case.member != answer.member || case.thread != answer.thread {
        return Err(Refusal::Malformed.into());
    }
    Ok(Row { body: with_turn(&row.body, answer.message.as_ref(), state)?, ..row.clone() })
}

fn answer(command: &Command) -> Result<(Answer, FeedbackState), Refusal> {
    let answer: Answer = command.view()?;
    match (command.kind.as_str(), &answer.message) {
        (RECEIVE, None) => Ok((answer, FeedbackState::Received)),
        (ANSWER, Some(message)) => {
            check_message(message, Side::Desk)?;
            Ok((answer, FeedbackState::Answered))
        }
        (RECEIVE | ANSWER, _) => Err(Refusal::Malformed),
        _ => Err(Refusal::UnknownKind),
    }
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
        SUBMIT if other.is_none() => {
            let thread: Thread = command.view()?;
            Ok(body(&Case {
                member: maker,
                member_name: member_name.to_owned(),
                cell_name: cell_name.to_owned(),
                thread: command.row.id,
                topic: thread.topic,
                messages: thread.messages,
                state: FeedbackState::Sent,
            }))
        }
        SUBMIT => other.cloned().ok_or(Refusal::NoSuchRow),
        REPLY => {
            let reply: Reply = command.view()?;
            with_turn(other.ok_or(Refusal::NoSuchRow)?, Some(&reply.message), FeedbackState::Sent)
        }
        RECEIVE | ANSWER => {
            let (answer, state) = answer(command)?;
            with_turn(other.ok_or(Refusal::NoSuchRow)?, answer.message.as_ref(), state)
        }
        _ => Err(Refusal::UnknownKind),
    }
}
