//! Values that cross as something the other language has already.

use std::time::{Duration, SystemTime};

use chrono::NaiveDate;

use sotay_protocol::refusal::Refusal;
pub(crate) use sotay_protocol::{env::Timestamp, id::Id};

use crate::HandbookError;

/// A day of the calendar, as `2025-12-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(pub NaiveDate);

uniffi::custom_type!(Day, String, {
    lower: |day| day.0.to_string(),
    try_lift: |text| match text.parse() {
        Ok(day) => Ok(Day(day)),
        Err(_) => Err(HandbookError::Refused { code: Refusal::Malformed }.into()),
    },
});

// A row's name; what is none names no row.
uniffi::custom_type!(Id, String, {
    remote,
    lower: |id| id.to_string(),
    try_lift: |text| text.parse().map_err(|_| HandbookError::NotFound.into()),
});

// A moment, as the platform's own type.
uniffi::custom_type!(Timestamp, SystemTime, {
    remote,
    lower: |at| moment(at),
    try_lift: |at| Ok(timestamp(at)),
});

fn moment(at: Timestamp) -> SystemTime {
    let span = Duration::from_millis(at.millis().unsigned_abs());
    let moved = if at.millis() < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(span)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(span)
    };
    moved.unwrap_or(SystemTime::UNIX_EPOCH)
}

fn timestamp(at: SystemTime) -> Timestamp {
    let millis = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => millis(since),
        Err(before) => -millis(before.duration()),
    })
}
