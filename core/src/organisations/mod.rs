//! Organisations that this member stands in or below.

use rusqlite::types::Value;
use sotay_protocol::organisations::{ORGANISATION, Organisation};

use crate::store::table::{Table, drawn, text};

pub static ORGANISATIONS: Table = Table {
    kind: ORGANISATION,
    name: "organisation",
    version: 1,
    columns: &["name", "level", "parent"],
    draw: |body| {
        let of: Organisation = drawn(body)?;
        let parent = of.parent.map_or(Value::Null, |parent| Value::Text(parent.to_string()));
        Ok(vec![Value::Text(of.name), text(&of.level), parent])
    },
};
