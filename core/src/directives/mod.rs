//! Văn bản: what this member has been sent to read.

mod contents;
mod grid;
#[cfg(test)]
mod tests;
mod view;

use chrono::NaiveDate;
use rusqlite::types::Value;
use serde::Deserialize;
use sotay_protocol::{
    directives::{DIRECTIVE, DIRECTIVE_VERSION, Directive, DirectiveType, Number, Urgency},
    id::Id,
    refusal::Refusal,
};

pub(crate) use self::view::{LINE_COLUMNS, LINE_WIDTH, line};
pub use self::{
    contents::ContentsLine,
    grid::{Grid, Placed, Told},
    view::{
        DirectiveLine, DirectiveView, Filter, Group, RulingView, count_unread, list, mark_opened, named, read,
    },
};
use crate::store::table::{Table, drawn, text};

pub static DIRECTIVES: Table = Table {
    kind: DIRECTIVE,
    name: "directive",
    version: DIRECTIVE_VERSION,
    drawing: 2,
    columns: &[
        "type",
        "number",
        "issuer",
        "issuer_name",
        "date",
        "abstract",
        "urgency",
        "standing",
        "signed",
    ],
    draw,
};

/// A statement's head; the document is left unread until somebody opens it.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    directive_type: DirectiveType,
    number: Number,
    issuer: Id,
    issuer_name: String,
    date: NaiveDate,
    #[serde(rename = "abstract")]
    abstract_: String,
    #[serde(default)]
    urgency: Urgency,
}

fn draw(body: &str) -> Result<Vec<Value>, Refusal> {
    let directive: Directive = drawn(body)?;
    let head: Head = sotay_protocol::json::strict(&directive.statement).map_err(|_| Refusal::Malformed)?;
    Ok(vec![
        text(&head.directive_type),
        Value::Text(head.number.to_string()),
        Value::Text(head.issuer.to_string()),
        Value::Text(head.issuer_name),
        Value::Text(head.date.to_string()),
        Value::Text(head.abstract_),
        text(&head.urgency),
        text(&directive.standing),
        Value::Integer(directive.signed.is_some().into()),
    ])
}
