//! Phản ánh, kiến nghị: this member's threads, and for an officer the desk's cases; in plain words, or [`sealed`].

mod cases;
mod older;
pub mod sealed;
#[cfg(test)]
mod tests;
mod threads;

use rusqlite::types::Value;
use sotay_protocol::feedback::{CASE, Case, Message, THREAD, Thread, sealed::SEALED_VERSION};

pub use self::{
    cases::{CaseLine, CaseView, answer, answer_with, case, cases, cases_page, receive},
    older::OlderCases,
    threads::{Desk, ThreadLine, ThreadView, desks, reply, reply_with, submit, submit_with, thread, threads},
};
pub(crate) use self::{older::older, sealed::topic};
use crate::store::table::{Table, drawn, text};

pub static THREADS: Table = Table {
    kind: THREAD,
    name: "thread",
    version: SEALED_VERSION,
    drawing: 2,
    columns: &["desk", "topic", "state", "last_at", "sealed"],
    draw: |body| {
        let of: Thread = drawn(body)?;
        Ok(vec![
            Value::Text(of.desk.to_string()),
            Value::Text(of.topic),
            text(&of.state),
            last_at(&of.messages),
            Value::Integer(i64::from(of.sealed)),
        ])
    },
};

pub static CASES: Table = Table {
    kind: CASE,
    name: "feedback_case",
    version: SEALED_VERSION,
    drawing: 2,
    columns: &["member", "member_name", "cell_name", "topic", "state", "last_at", "sealed"],
    draw: |body| {
        let of: Case = drawn(body)?;
        Ok(vec![
            Value::Text(of.member.to_string()),
            Value::Text(of.member_name),
            Value::Text(of.cell_name),
            Value::Text(of.topic),
            text(&of.state),
            last_at(&of.messages),
            Value::Integer(i64::from(of.sealed)),
        ])
    },
};

fn last_at(messages: &[Message]) -> Value {
    Value::Integer(messages.iter().map(|message| message.at.millis()).max().unwrap_or(0))
}
