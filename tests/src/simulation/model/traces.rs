//! What a command leaves in the rows: its turn in each of them, once, and what it set.

use serde_json::Value;
use sotay_protocol::{
    attendance::{self as a, ATTENDANCE_NOTE, AttendanceNote, Mark},
    command::Command,
    edit::Edit,
    exchange::Outcome,
    feedback::{self as f, Answer, CASE, Case, Message, Reply, THREAD, Thread, case_id},
    id::Id,
    meetings as m,
    row::RowRef,
    scope::Scope,
};

use super::log::Log;

pub(super) fn is_create(command: &Command) -> bool {
    [m::CREATE, a::CHECK_IN, a::RECORD_OPENING, f::SUBMIT].contains(&command.kind.as_str())
}

/// The id of the turn or mark that a command adds to a row.
pub(super) fn turn(command: &Command) -> Option<Id> {
    match command.kind.as_str() {
        f::REPLY => command.view::<Reply>().ok().map(|reply| reply.message.id),
        f::ANSWER => command.view::<Answer>().ok()?.message.map(|message| message.id),
        f::SUBMIT => command.view::<Thread>().ok()?.messages.first().map(|message| message.id),
        a::MARK => command.view::<Mark>().ok().map(|mark| mark.id),
        _ => None,
    }
}

/// How often a turn stands in each of the rows that should hold it.
pub(super) fn copies(command: &Command, turn: Id, log: &Log) -> Vec<usize> {
    fn turns(messages: &[Message], turn: Id) -> usize {
        messages.iter().filter(|message| message.id == turn).count()
    }
    fn read<T: serde::de::DeserializeOwned>(log: &Log, row: &RowRef) -> Option<T> {
        serde_json::from_value(log.last_body(row)?.clone()).ok()
    }
    let row = &command.row;
    let both = |thread: RowRef, case: RowRef| {
        let thread = read::<Thread>(log, &thread).map_or(0, |thread| turns(&thread.messages, turn));
        let case = read::<Case>(log, &case).map_or(0, |case| turns(&case.messages, turn));
        vec![thread, case]
    };
    match command.kind.as_str() {
        f::SUBMIT | f::REPLY => {
            let desk = command.body.get("desk").and_then(|desk| desk.as_str()?.parse().ok());
            let Some(desk) = desk else { return vec![0] };
            both(row.clone(), RowRef::new(Scope::desk(desk), CASE, case_id(row.id)))
        }
        f::ANSWER => {
            let Ok(answer) = command.view::<Answer>() else { return vec![0] };
            both(RowRef::new(Scope::member(answer.member), THREAD, answer.thread), row.clone())
        }
        a::MARK => {
            let note = RowRef::new(Scope::desk(row.scope.id), ATTENDANCE_NOTE, row.id);
            let note = read::<AttendanceNote>(log, &note);
            vec![note.map_or(0, |note| note.marks.iter().filter(|entry| entry.mark.id == turn).count())]
        }
        _ => Vec::new(),
    }
}

/// What is missing of a command that was applied.
pub(super) fn without_effect(command: &Command, outcome: Option<&Outcome>, log: &Log) -> Option<String> {
    if is_create(command) && !log.rows.contains_key(&command.row) {
        return Some("its row never stood".into());
    }
    if let Some(turn) = turn(command) {
        let copies = copies(command, turn, log);
        if copies.iter().any(|count| *count != 1) {
            return Some(format!("it stands {copies:?} times in its rows"));
        }
    }
    let Some(Outcome::Applied { seq, .. }) = outcome else { return None };
    if ![m::EDIT, a::EDIT_OPENING].contains(&command.kind.as_str()) {
        return None;
    }
    // Two edits in one transaction leave one version: then only the last is seen.
    let body = log.version(&command.row, *seq)?.body.as_ref()?;
    let edit = command.view::<Edit>().ok()?;
    let differs = |(field, change): (&String, &sotay_protocol::edit::Change)| {
        body.get(field).unwrap_or(&Value::Null) != &change.now
    };
    edit.fields.iter().any(differs).then(|| format!("its row at {seq} does not hold what it set"))
}
