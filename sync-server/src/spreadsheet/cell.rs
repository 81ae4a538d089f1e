//! One cell of a sheet, as the program that saved it kept it.

use calamine::ExcelDateTime;
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
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.chars().all(super::words::is_blank),
            _ => false,
        }
    }

    pub(super) fn number(number: f64) -> Self {
        if number.is_finite() { Self::Number(number) } else { Self::Error("#NUM!".to_owned()) }
    }

    /// A number that is formatted as a day or an hour: its whole part counts days.
    pub(super) fn moment(at: &ExcelDateTime) -> Self {
        /// The last day that Excel knows ends 9999.
        const END: f64 = 2_958_466.0;
        let number = at.as_f64();
        let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
        let date = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into());
        let time = NaiveTime::from_hms_opt(hour.into(), minute.into(), second.into());
        match (date, time) {
            (_, Some(time)) if number > 0.0 && number < 1.0 => Self::Time(time),
            (Some(date), Some(time)) if at.is_datetime() && (1.0..END).contains(&number) => {
                if number.fract() == 0.0 { Self::Date(date) } else { Self::DateTime(date.and_time(time)) }
            }
            _ => Self::number(number),
        }
    }

    pub(super) fn iso(text: &str) -> Option<Self> {
        let date = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Self::Date);
        let both = || NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), "%Y-%m-%dT%H:%M:%S%.f").ok();
        let time = || NaiveTime::parse_from_str(text, "%H:%M:%S%.f").ok().map(Self::Time);
        date().or_else(|| both().map(Self::DateTime)).or_else(time)
    }

    /// As a spreadsheet in Vietnamese would show it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Empty | Self::Uncomputed => String::new(),
            Self::Text(text) | Self::Error(text) => super::clean(text),
            Self::Number(number) => number.to_string().replace('.', ","),
            Self::Date(date) => date.format("%d/%m/%Y").to_string(),
            Self::DateTime(at) => at.format("%d/%m/%Y %H:%M").to_string(),
            Self::Time(time) => time.format("%H:%M").to_string(),
            Self::Bool(value) => value.to_string(),
        }
    }
}
