//! Days and hours as people in Vietnam type and read them: seven hours before UTC, all year.

use std::str::FromStr;

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime};
use sotay_protocol::env::Timestamp;

const BEFORE_UTC: Duration = Duration::hours(7);

/// A day, and an hour where one was typed: `03/12/2025`, `03/12/2025 19:30`, or with the year first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    day: NaiveDate,
    hour: Option<NaiveTime>,
}

impl FromStr for Moment {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (day, hour) = text.split_once([' ', 'T']).map_or((text, None), |(day, hour)| (day, Some(hour)));
        let day = ["%d/%m/%Y", "%Y-%m-%d"].iter().find_map(|form| NaiveDate::parse_from_str(day, form).ok());
        let hour = hour.map(|hour| NaiveTime::parse_from_str(hour.trim(), "%H:%M")).transpose();
        match (day, hour) {
            (Some(day), Ok(hour)) => Ok(Self { day, hour }),
            _ => Err("cần ngày như 03/12/2025, hoặc ngày giờ như “03/12/2025 19:30”"),
        }
    }
}

impl Moment {
    /// The moment, or the beginning of the day.
    pub(crate) fn begins(self) -> Timestamp {
        at(self.day.and_time(self.hour.unwrap_or(NaiveTime::MIN)))
    }

    /// The moment, or the end of the day.
    pub(crate) fn ends(self) -> Timestamp {
        match self.hour {
            Some(hour) => at(self.day.and_time(hour)),
            None => at(self.day.and_time(NaiveTime::MIN)) + sotay_protocol::env::days(1),
        }
    }
}

fn at(clock: NaiveDateTime) -> Timestamp {
    let utc = clock.checked_sub_signed(BEFORE_UTC).unwrap_or(clock);
    Timestamp::from_millis(utc.and_utc().timestamp_millis())
}

/// `03/12/2025 19:30`, on a clock in Vietnam.
pub(crate) fn said(at: Timestamp) -> String {
    let utc = DateTime::from_timestamp_millis(at.millis()).unwrap_or_default().naive_utc();
    let clock = utc.checked_add_signed(BEFORE_UTC).unwrap_or_default();
    clock.format("%d/%m/%Y %H:%M").to_string()
}

/// The end of what holds until `at`: a day that counts to its end is told by itself.
pub(crate) fn last(at: Timestamp) -> String {
    match said(at).strip_suffix(" 00:00") {
        Some(_) => {
            let day = said(at.minus(std::time::Duration::from_millis(1)));
            format!("hết ngày {}", day.split(' ').next().unwrap_or_default())
        }
        None => said(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_day_counts_to_its_end() {
        let day: Moment = "31/12/2030".parse().unwrap();
        assert_eq!(
            (said(day.begins()), said(day.ends())),
            ("31/12/2030 00:00".into(), "01/01/2031 00:00".into())
        );
        assert_eq!(last(day.ends()), "hết ngày 31/12/2030");
        let evening: Moment = "2030-12-31 19:30".parse().unwrap();
        assert_eq!((said(evening.begins()), evening.begins()), ("31/12/2030 19:30".into(), evening.ends()));
        assert_eq!(last(evening.ends()), "31/12/2030 19:30");
        for bad in ["", "32/12/2030", "31/12", "31/12/2030 25:00", "mai"] {
            assert!(bad.parse::<Moment>().is_err(), "{bad}");
        }
    }
}
