//! Dữ liệu của tôi: all that is kept of this person, on this phone and at the server, as a list and as files to take along.
//!
//! What each thing is, why, how long and who sees it is said in [`kept`], for phone and server alike. Of the phone's rows all
//! are looked at, of whatever kind; keys are in no export.

mod page;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::Serialize;
use serde_json::{Value, json, value::RawValue};
use sotay_protocol::{
    env::Timestamp,
    id::Id,
    kept::{self, ENTRIES, Entry},
    my_data::{MyData, Record, is_theirs},
    retention::in_force,
    row::RowRef,
    scope::Scope,
};

pub(crate) use self::page::page;
use crate::{
    store::{
        StoreError,
        table::{id, parsed},
    },
    sync::device,
    tables::TABLES,
    words::{Lang, Words},
};

/// One kind of thing that is kept, as a screen shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeptLine {
    /// Of an entry in [`kept`].
    pub key: String,
    pub what: String,
    pub why: String,
    pub who: String,
    /// What ends it, and after how long where the server has said so.
    pub until: String,
    /// How many on this phone, and at the server where it was asked.
    pub here: u64,
    pub at_server: Option<u64>,
}

/// What came of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Things of this phone, and of the server; `None` where it could not be asked.
    pub here: u64,
    pub at_server: Option<u64>,
    /// Files written, and those that are not on this phone.
    pub files: u64,
    pub files_missing: u64,
}

/// All that this phone keeps of its person.
#[derive(Debug, Clone, Serialize)]
pub struct Here {
    pub member: Id,
    pub name: String,
    pub at: Timestamp,
    pub records: Vec<Record>,
}

/// Every kind of thing that is kept, in the order of [`ENTRIES`]; `server` is its answer, where it was asked.
///
/// # Errors
/// The store's own fault.
pub fn list(
    store: &Connection,
    words: &Words,
    server: Option<&MyData>,
) -> Result<Option<Vec<KeptLine>>, StoreError> {
    let Some(here) = of_phone(store, words.now)? else { return Ok(None) };
    let count = |records: &[Record]| {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        records.iter().for_each(|record| *counts.entry(record.entry.clone()).or_default() += 1);
        counts
    };
    let here = count(&here.records);
    let there = server.map(|server| {
        let mut counts = count(&server.records);
        counts.insert("mentions".into(), server.mentions.len() as u64);
        counts
    });
    let of = |counts: &BTreeMap<String, u64>, key: &str| counts.get(key).copied().unwrap_or_default();
    let line = |entry: &Entry| {
        let say = |said: kept::Said| words.say(said.0, said.1).to_owned();
        KeptLine {
            key: entry.key.into(),
            what: say(entry.what),
            why: say(entry.why),
            who: say(entry.who),
            until: until(entry, words, server),
            here: of(&here, entry.key),
            at_server: there.as_ref().map(|there| of(there, entry.key)),
        }
    };
    Ok(Some(ENTRIES.iter().map(line).collect()))
}

fn until(entry: &Entry, words: &Words, server: Option<&MyData>) -> String {
    let base = words.say(entry.until.0, entry.until.1);
    let (Some(kind), Some(server)) = (entry.rule, server) else { return base.to_owned() };
    let rule = in_force(&server.rules, kind, words.now);
    match rule.and_then(|rule| Some((rule.days?, &rule.basis))) {
        Some((days, basis)) => {
            let days = words.number(u64::from(days));
            match words.lang {
                Lang::Vi => format!("{base}: {days} ngày ({basis})"),
                Lang::En => format!("{base}: {days} days ({basis})"),
            }
        }
        None => format!("{base}; {}", words.say("chưa đặt thời hạn", "no time is set")),
    }
}

/// `None` before enrolment.
///
/// # Errors
/// The store's own fault.
pub fn of_phone(store: &Connection, now: Timestamp) -> Result<Option<Here>, StoreError> {
    let Some(of) = device::identity(store)? else { return Ok(None) };
    let mut records = Vec::new();
    for table in TABLES {
        rows(store, table.name, &format!("'{}'", table.kind), of.member, &mut records)?;
    }
    for set_aside in ["base", "unread"] {
        rows(store, set_aside, "kind", of.member, &mut records)?;
    }
    letters(store, of.member, &mut records)?;
    commands(store, &mut records)?;
    this_phone(store, &mut records)?;
    Ok(Some(Here { member: of.member, name: of.member_name, at: now, records }))
}

fn rows(
    store: &Connection,
    table: &str,
    kind: &str,
    member: Id,
    into: &mut Vec<Record>,
) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT scope, {kind}, id, author, body FROM {table} WHERE body IS NOT NULL ORDER BY scope, id"
    );
    let mut statement = store.prepare(&sql)?;
    let found = statement.query_map([], |row| {
        let place: RowRef = RowRef { scope: parsed(row, 0)?, kind: row.get(1)?, id: id(row, 2)? };
        Ok((place, id(row, 3)?, row.get::<_, String>(4)?))
    })?;
    for found in found {
        let (row, author, body) = found?;
        let entry = kept::of_kind(&row.kind);
        if is_theirs(&row, &body, member) {
            let body = RawValue::from_string(body).map_err(|_| StoreError::Row("a body is not JSON"))?;
            into.push(record(entry, table, &json!({"scope": row.scope, "id": row.id, "row": body}))?);
        } else if author == member {
            into.push(record(
                "mentions",
                table,
                &json!({"scope": row.scope, "kind": row.kind, "id": row.id}),
            )?);
        }
    }
    Ok(())
}

/// What was sealed, as this phone has opened it.
fn letters(store: &Connection, member: Id, into: &mut Vec<Record>) -> Result<(), StoreError> {
    let mut statement = store
        .prepare("SELECT id, topic, words FROM letter WHERE scope = ?1 AND words IS NOT NULL ORDER BY key")?;
    let found = statement.query_map([Scope::member(member).to_string()], |row| {
        Ok(json!({
            "thread": row.get::<_, String>(0)?, "topic": row.get::<_, Option<String>>(1)?,
            "words": row.get::<_, String>(2)?,
        }))
    })?;
    for letter in found {
        into.push(record("feedback", "letter", &letter?)?);
    }
    Ok(())
}

fn commands(store: &Connection, into: &mut Vec<Record>) -> Result<(), StoreError> {
    let mut statement = store.prepare(
        "SELECT number, kind, state, made_at, settled_at, outcome, text FROM command ORDER BY entry",
    )?;
    let found = statement.query_map([], |row| {
        Ok(json!({
            "number": row.get::<_, i64>(0)?, "kind": row.get::<_, String>(1)?, "state": row.get::<_, String>(2)?,
            "made_at": row.get::<_, i64>(3)?, "settled_at": row.get::<_, Option<i64>>(4)?,
            "outcome": row.get::<_, Option<String>>(5)?, "signed_text": row.get::<_, String>(6)?,
        }))
    })?;
    for command in found {
        into.push(record("commands", "command", &command?)?);
    }
    Ok(())
}

fn this_phone(store: &Connection, into: &mut Vec<Record>) -> Result<(), StoreError> {
    let device = store.query_row("SELECT device, server, url, last_sync, push FROM device", [], |row| {
        Ok(json!({
            "device": row.get::<_, String>(0)?, "server": row.get::<_, String>(1)?, "address": row.get::<_, String>(2)?,
            "last_sync": row.get::<_, Option<i64>>(3)?, "woken_at": row.get::<_, Option<String>>(4)?,
        }))
    })?;
    into.push(record("devices", "device", &device)?);
    let mut opened = store.prepare("SELECT id FROM opened ORDER BY id")?;
    for directive in opened.query_map([], |row| row.get::<_, String>(0))? {
        into.push(record("reading", "opened", &json!({"directive": directive?}))?);
    }
    let settings = store.query_row("SELECT quota, unmetered_only FROM file_setting", [], |row| {
        Ok(json!({"files_quota": row.get::<_, i64>(0)?, "unmetered_only": row.get::<_, bool>(1)?}))
    })?;
    into.push(record("reading", "file_setting", &settings)?);
    Ok(())
}

fn record(entry: &str, of: &str, body: &Value) -> Result<Record, StoreError> {
    let body = serde_json::value::to_raw_value(body);
    let body = body.map_err(|_| StoreError::Row("what is kept cannot be written"))?;
    Ok(Record { entry: entry.into(), of: of.into(), body })
}
