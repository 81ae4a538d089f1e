//! Time as people in Vietnam have it: one zone, seven hours before UTC, all year.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime};
use sotay_protocol::env::Timestamp;

const BEFORE_UTC: Duration = Duration::hours(7);

/// The day and hour on a clock in Vietnam. A moment beyond every calendar is the calendar's first.
#[must_use]
pub fn clock(at: Timestamp) -> NaiveDateTime {
    let utc = DateTime::from_timestamp_millis(at.millis()).unwrap_or_default().naive_utc();
    utc.checked_add_signed(BEFORE_UTC).unwrap_or_default()
}

/// The beginning of a day in Vietnam; of one beyond every calendar, the first moment of all.
#[must_use]
pub fn midnight(day: NaiveDate) -> Timestamp {
    moment(day.and_time(NaiveTime::MIN)).unwrap_or(Timestamp::MIN)
}

/// The moment at which a clock in Vietnam shows this.
pub(crate) fn moment(clock: NaiveDateTime) -> Option<Timestamp> {
    let utc = clock.checked_sub_signed(BEFORE_UTC)?;
    Some(Timestamp::from_millis(utc.and_utc().timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_evening_in_london_is_the_next_morning_here() {
        let at = Timestamp::from_millis(1_764_793_800_000);
        assert_eq!(clock(at).format("%d/%m/%Y %H:%M").to_string(), "04/12/2025 03:30");
        assert_eq!(moment(clock(at)), Some(at));
        let day = NaiveDate::from_ymd_opt(2025, 12, 4).unwrap();
        assert_eq!(clock(midnight(day)).format("%d/%m/%Y %H:%M").to_string(), "04/12/2025 00:00");
        for beyond in [i64::MIN, i64::MAX] {
            let _ = clock(Timestamp::from_millis(beyond));
        }
    }
}
