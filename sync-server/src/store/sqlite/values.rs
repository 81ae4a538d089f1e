//! How ids, scopes and words of the domain stand in SQLite's columns.

use std::{fmt::Display, str::FromStr};

use rusqlite::{Row, types::Type};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use sotay_protocol::env::Timestamp;

type Read<T> = rusqlite::Result<T>;

#[derive(Debug, thiserror::Error)]
#[error("a column holds what the server never writes")]
struct Unreadable;

fn unreadable(column: usize, of: Type) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, of, Box::new(Unreadable))
}

/// Ids and scopes.
pub(super) fn parsed<T: FromStr>(row: &Row<'_>, column: usize) -> Read<T> {
    let text = row.get_ref(column)?.as_str().map_err(|_| unreadable(column, Type::Text))?;
    text.parse().map_err(|_| unreadable(column, Type::Text))
}

pub(super) fn parsed_if_there<T: FromStr>(row: &Row<'_>, column: usize) -> Read<Option<T>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse().map_err(|_| unreadable(column, Type::Text))).transpose()
}

pub(super) fn text(of: &impl Display) -> String {
    of.to_string()
}

/// Enumerations of the domain, by the word with which they travel.
pub(super) fn word(of: &impl Serialize) -> String {
    match serde_json::to_value(of) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

pub(super) fn of_word<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Read<T> {
    let word: String = row.get(column)?;
    T::deserialize(Value::String(word)).map_err(|_| unreadable(column, Type::Text))
}

pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Read<T> {
    let text = row.get_ref(column)?.as_str().map_err(|_| unreadable(column, Type::Text))?;
    serde_json::from_str(text).map_err(|_| unreadable(column, Type::Text))
}

pub(super) fn to_json(of: &impl Serialize) -> String {
    serde_json::to_string(of).unwrap_or_default()
}

pub(super) fn number(row: &Row<'_>, column: usize) -> Read<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| unreadable(column, Type::Integer))
}

pub(super) fn to_column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn time(row: &Row<'_>, column: usize) -> Read<Timestamp> {
    row.get(column).map(Timestamp::from_millis)
}

pub(super) fn time_if_there(row: &Row<'_>, column: usize) -> Read<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_millis))
}

pub(super) fn hash_if_there(row: &Row<'_>, column: usize) -> Read<Option<[u8; 32]>> {
    row.get(column)
}
