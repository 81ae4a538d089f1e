//! Dates and times in words: "hôm nay", "thứ Ba này", "thứ Ba 3/12", "3/12/2025"; "19:30".

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike};
use sotay_protocol::env::Timestamp;

use super::{Lang, Words};

const WEEKDAYS: [(&str, &str); 7] = [
    ("thứ Hai", "Monday"),
    ("thứ Ba", "Tuesday"),
    ("thứ Tư", "Wednesday"),
    ("thứ Năm", "Thursday"),
    ("thứ Sáu", "Friday"),
    ("thứ Bảy", "Saturday"),
    ("Chủ nhật", "Sunday"),
];

impl Words {
    fn local(&self, at: Timestamp) -> NaiveDateTime {
        let zone = FixedOffset::east_opt(self.offset * 60);
        let utc = DateTime::from_timestamp_millis(at.millis()).unwrap_or_default();
        zone.map_or(utc.naive_utc(), |zone| utc.with_timezone(&zone).naive_local())
    }

    /// The day on which `at` falls here.
    #[must_use]
    pub fn date_of(&self, at: Timestamp) -> NaiveDate {
        self.local(at).date()
    }

    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.date_of(self.now)
    }

    /// The moment at which a clock here shows this date and time.
    #[must_use]
    pub fn moment_of(&self, date: NaiveDate, time: NaiveTime) -> Timestamp {
        let zone = FixedOffset::east_opt(self.offset * 60);
        let at = zone.and_then(|zone| zone.from_local_datetime(&date.and_time(time)).single());
        Timestamp::from_millis(at.map_or(0, |at| at.timestamp_millis()))
    }

    /// `19:30`.
    #[must_use]
    pub fn time(&self, at: Timestamp) -> String {
        let time = self.local(at).time();
        format!("{:02}:{:02}", time.hour(), time.minute())
    }

    /// A date in full, as on paper: `03/12/2025`.
    #[must_use]
    pub fn full_date(&self, date: NaiveDate) -> String {
        format!("{:02}/{:02}/{}", date.day(), date.month(), date.year())
    }

    /// A date as one says it: today, this Tuesday, Tuesday 3/12, 3/12/2025.
    #[must_use]
    pub fn date(&self, date: NaiveDate) -> String {
        let today = self.today();
        let days = (date - today).num_days();
        let (day, month, year) = (date.day(), date.month(), date.year());
        let weekday = usize::try_from(date.weekday().num_days_from_monday()).unwrap_or(0);
        let (vietnamese, english) = WEEKDAYS.get(weekday).copied().unwrap_or_default();
        match days {
            0 => self.say("hôm nay", "today").to_owned(),
            -1 => self.say("hôm qua", "yesterday").to_owned(),
            1 => self.say("ngày mai", "tomorrow").to_owned(),
            2..7 if date.iso_week() == today.iso_week() => match self.lang {
                Lang::Vi => format!("{vietnamese} này"),
                Lang::En => format!("this {english}"),
            },
            _ if year == today.year() => format!("{} {day}/{month}", self.say(vietnamese, english)),
            _ => format!("{day}/{month}/{year}"),
        }
    }

    /// A day only, short: `3/12`, with the year where it is another.
    #[must_use]
    pub fn short_date(&self, date: NaiveDate) -> String {
        if date.year() == self.today().year() {
            format!("{}/{}", date.day(), date.month())
        } else {
            format!("{}/{}/{}", date.day(), date.month(), date.year())
        }
    }

    /// `19:30 hôm nay`.
    #[must_use]
    pub fn moment(&self, at: Timestamp) -> String {
        format!("{} {}", self.time(at), self.date(self.date_of(at)))
    }

    /// `14:05 hôm nay`, then `3 ngày trước`.
    #[must_use]
    pub fn ago(&self, at: Timestamp) -> String {
        let days = (self.today() - self.date_of(at)).num_days();
        match (days, self.lang) {
            (..2, _) => self.moment(at),
            (_, Lang::Vi) => format!("{days} ngày trước"),
            (_, Lang::En) => format!("{days} days ago"),
        }
    }

    /// `còn 3 ngày`, and on the day itself `còn 2 giờ 5 phút`; `None` for tomorrow, for then the date says it.
    #[must_use]
    pub fn countdown(&self, at: Timestamp) -> Option<String> {
        let days = (self.date_of(at) - self.today()).num_days();
        let minutes = (at.millis().saturating_sub(self.now.millis())).div_euclid(60_000);
        let (hours, rest) = (minutes / 60, minutes % 60);
        let left = match (days, hours, rest, self.lang) {
            (2.., _, _, Lang::Vi) => format!("{days} ngày"),
            (2.., _, _, Lang::En) => format!("{days} days"),
            (0, _, _, _) if minutes <= 0 => return None,
            (0, 0, _, Lang::Vi) => format!("{minutes} phút"),
            (0, 0, _, Lang::En) => format!("{minutes} min"),
            (0, _, 0, Lang::Vi) => format!("{hours} giờ"),
            (0, _, 0, Lang::En) => format!("{hours} h"),
            (0, _, _, Lang::Vi) => format!("{hours} giờ {rest} phút"),
            (0, _, _, Lang::En) => format!("{hours} h {rest} min"),
            _ => return None,
        };
        Some(format!("{} {left}", self.say("còn", "in")))
    }

    /// `Tháng 12/2025`, the heading of a month.
    #[must_use]
    pub fn month(&self, date: NaiveDate) -> String {
        format!("{} {}/{}", self.say("Tháng", "Month"), date.month(), date.year())
    }
}

/// A date as people type it: `03/12/2025`, `3-12-2025` or `2025-12-03`.
#[must_use]
pub fn typed_date(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    ["%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d", "%d.%m.%Y"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(text, form).ok())
        .filter(|date| date.year() >= 1900)
}

/// A time as people type it: `19:30`, `19h30`, `19h`.
#[must_use]
pub fn typed_time(text: &str) -> Option<NaiveTime> {
    let text = text.trim().to_lowercase().replace(['h', 'g'], ":");
    let (hour, minute) = text.split_once(':').unwrap_or((&text, ""));
    let minute = if minute.is_empty() { 0 } else { minute.parse().ok()? };
    NaiveTime::from_hms_opt(hour.parse().ok()?, minute, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(date: (i32, u32, u32), time: (u32, u32)) -> Timestamp {
        let words = Words::new(Lang::Vi, Timestamp::MIN);
        let date = NaiveDate::from_ymd_opt(date.0, date.1, date.2).unwrap();
        words.moment_of(date, NaiveTime::from_hms_opt(time.0, time.1, 0).unwrap())
    }

    #[test]
    fn a_day_is_named_as_people_name_it() {
        // A Monday.
        let vi = Words::new(Lang::Vi, at((2025, 12, 1), (8, 0)));
        let en = Words { lang: Lang::En, ..vi };
        for (date, vietnamese, english) in [
            ((2025, 12, 1), "hôm nay", "today"),
            ((2025, 11, 30), "hôm qua", "yesterday"),
            ((2025, 12, 2), "ngày mai", "tomorrow"),
            ((2025, 12, 4), "thứ Năm này", "this Thursday"),
            ((2025, 12, 7), "Chủ nhật này", "this Sunday"),
            ((2025, 12, 9), "thứ Ba 9/12", "Tuesday 9/12"),
            ((2025, 11, 25), "thứ Ba 25/11", "Tuesday 25/11"),
            ((2026, 1, 3), "3/1/2026", "3/1/2026"),
        ] {
            let date = NaiveDate::from_ymd_opt(date.0, date.1, date.2).unwrap();
            assert_eq!(vi.date(date), vietnamese);
            assert_eq!(en.date(date), english);
        }
        assert_eq!(vi.moment(at((2025, 12, 1), (19, 30))), "19:30 hôm nay");
        assert_eq!(vi.ago(at((2025, 11, 28), (19, 30))), "3 ngày trước");
        assert_eq!(vi.ago(at((2025, 11, 30), (19, 30))), "19:30 hôm qua");
        assert_eq!(vi.countdown(at((2025, 12, 4), (7, 0))).as_deref(), Some("còn 3 ngày"));
        assert_eq!(vi.countdown(at((2025, 12, 2), (7, 0))), None);
        for (time, left) in [((8, 23), "còn 23 phút"), ((10, 5), "còn 2 giờ 5 phút"), ((19, 0), "còn 11 giờ")]
        {
            assert_eq!(vi.countdown(at((2025, 12, 1), time)).as_deref(), Some(left));
        }
        assert_eq!(vi.countdown(at((2025, 12, 1), (8, 0))), None);
        assert_eq!(vi.countdown(at((2025, 12, 1), (7, 0))), None);
        assert_eq!(vi.full_date(NaiveDate::from_ymd_opt(2025, 12, 3).unwrap()), "03/12/2025");
    }

    #[test]
    fn the_day_turns_at_midnight_in_vietnam() {
        // 17:30 in Greenwich is half past midnight here.
        let late = Timestamp::from_millis(1_764_610_200_000);
        let words = Words::new(Lang::Vi, late);
        assert_eq!(words.time(late), "00:30");
        assert_eq!(words.full_date(words.today()), "02/12/2025");
    }

    #[test]
    fn dates_and_times_are_read_as_typed() {
        let third = NaiveDate::from_ymd_opt(2025, 12, 3);
        for text in ["03/12/2025", "3/12/2025", "3-12-2025", "2025-12-03", " 03.12.2025 "] {
            assert_eq!(typed_date(text), third, "{text}");
        }
        assert_eq!(typed_date("32/12/2025"), None);
        assert_eq!(typed_date("3/12/25"), None);
        for text in ["19:30", "19h30", "19g30"] {
            assert_eq!(typed_time(text), NaiveTime::from_hms_opt(19, 30, 0), "{text}");
        }
        assert_eq!(typed_time("7h"), NaiveTime::from_hms_opt(7, 0, 0));
        assert_eq!(typed_time("25:00"), None);
    }
}
