//! One cell of a sheet, as the program that saved it kept it.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

/// The names that are written are short: a list of 100,000 rows goes from one process to another in these words.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    #[default]
    #[serde(rename = "")]
    Empty,
    #[serde(rename = "t")]
    Text(String),
    /// Finite.
    #[serde(rename = "n")]
    Number(f64),
    #[serde(rename = "d")]
    Date(NaiveDate),
    #[serde(rename = "dt")]
    DateTime(NaiveDateTime),
    #[serde(rename = "h")]
    Time(NaiveTime),
    #[serde(rename = "b")]
    Bool(bool),
    /// What a formula came to when it could not be worked out, such as `#N/A`.
    #[serde(rename = "e")]
    Error(String),
    /// A formula whose result the program that wrote the file did not keep.
    #[serde(rename = "f")]
    Uncomputed,
}

impl Cell {
    /// As the spreadsheet would show it.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Empty | Self::Uncomputed => String::new(),
            Self::Text(text) | Self::Error(text) => super::clean(text),
            Self::Number(number) => number.to_string(),
            Self::Date(date) => date.format("%d/%m/%Y").to_string(),
            Self::DateTime(at) => at.format("%d/%m/%Y %H:%M").to_string(),
            Self::Time(time) => time.format("%H:%M").to_string(),
            Self::Bool(value) => value.to_string(),
        }
    }
}
