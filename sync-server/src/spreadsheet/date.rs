//! Days as people write them (ngày/tháng/năm), and as Excel counts them.

use chrono::{Datelike, Days, NaiveDate};

/// Nobody alive was born before; a smaller number is a slip of the hand.
const FIRST_YEAR: i32 = 1900;
const LAST_YEAR: i32 = 2100;

/// `what` names the column in the reason.
pub(crate) fn read(written: &str, what: &str) -> Result<NaiveDate, String> {
    if written.is_empty() {
        return Err(format!("chưa ghi {what}"));
    }
    if let Some(day) = iso(written) {
        return within(day, what);
    }
    let parts: Vec<&str> = written.split(['/', '-', '.']).map(str::trim).collect();
    let shape = || format!("{what} “{written}” chưa đúng dạng ngày/tháng/năm, ví dụ 03/02/1985");
    let year_of = |part: &str| (part.len() == 4).then(|| digits(part)).flatten();
    match parts.as_slice() {
        [year] if year_of(year).is_some() => {
            Err(format!("{what} “{written}” chỉ có năm, thiếu ngày và tháng"))
        }
        [month, year] if year_of(year).is_some() && digits(month).is_some() => {
            Err(format!("{what} “{written}” chỉ có tháng và năm, thiếu ngày"))
        }
        [day, month, year] => {
            let (Some(day), Some(month), Some(year)) = (short(day), short(month), year_of(year)) else {
                return Err(shape());
            };
            let year = i32::try_from(year).unwrap_or_default();
            NaiveDate::from_ymd_opt(year, month, day)
                .filter(is_plausible)
                .ok_or_else(|| format!("{what} {written} không có trong lịch"))
        }
        _ => Err(shape()),
    }
}

/// 1985-02-03, as some programs write a day, with or without the midnight that begins it.
fn iso(written: &str) -> Option<NaiveDate> {
    let day = written.split_once(['T', ' ']).map_or(written, |(day, hour)| {
        if hour.chars().all(|letter| matches!(letter, '0' | ':' | '.')) { day } else { written }
    });
    (day.len() == 10).then(|| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()).flatten()
}

fn is_plausible(day: &NaiveDate) -> bool {
    (FIRST_YEAR..=LAST_YEAR).contains(&day.year())
}

/// # Errors
/// A day of another century, which is a slip of the hand.
pub(super) fn within(day: NaiveDate, what: &str) -> Result<NaiveDate, String> {
    if is_plausible(&day) { Ok(day) } else { Err(format!("{what} {} không đúng", day.format("%d/%m/%Y"))) }
}

/// A day that lost its format: Excel counts days from the end of 1899, on some Macs from 1904 [ECMA-376 18.17.4.1].
/// A number that could be a year is one.
pub(super) fn serial(number: f64, from_1904: bool, what: &str) -> Result<NaiveDate, String> {
    /// From 1910 to 2099, beyond the numbers that could be years.
    const DAYS: std::ops::RangeInclusive<f64> = 3_654.0..=73_050.0;
    if number.fract() == 0.0 && DAYS.contains(&number) {
        let days = Days::new(number as u64);
        let epoch = if from_1904 { (1904, 1, 1) } else { (1899, 12, 30) };
        let day =
            NaiveDate::from_ymd_opt(epoch.0, epoch.1, epoch.2).and_then(|day| day.checked_add_days(days));
        if let Some(day) = day {
            return within(day, what);
        }
    }
    read(&number.to_string(), what)
}

fn short(part: &str) -> Option<u32> {
    (part.len() <= 2).then(|| digits(part)).flatten()
}

fn digits(part: &str) -> Option<u32> {
    (!part.is_empty() && part.bytes().all(|letter| letter.is_ascii_digit()))
        .then(|| part.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_day_first_with_or_without_zeros() {
        for written in [
            "03/02/1985",
            "3/2/1985",
            "03-02-1985",
            "03.02.1985",
            "3 / 2 / 1985",
            "1985-02-03",
            "1985-02-03 00:00:00",
            "1985-02-03T00:00:00.000",
        ] {
            assert_eq!(read(written, "ngày sinh"), Ok(NaiveDate::from_ymd_opt(1985, 2, 3).unwrap()));
        }
        assert!(read("29/02/1984", "ngày sinh").is_ok());
    }

    #[test]
    fn excel_counts_its_days_from_one_of_two_beginnings() {
        let day = NaiveDate::from_ymd_opt(1985, 2, 3).unwrap();
        assert_eq!(serial(31_081.0, false, "ngày sinh"), Ok(day));
        assert_eq!(serial(31_081.0 - 1_462.0, true, "ngày sinh"), Ok(day));
        let year = serial(1985.0, false, "ngày sinh").unwrap_err();
        assert_eq!(year, "ngày sinh “1985” chỉ có năm, thiếu ngày và tháng");
        for number in [0.0, -1.0, 31_081.5, 3_021_985.0, 1e300, 85.0] {
            assert!(serial(number, false, "ngày sinh").is_err(), "{number}");
        }
    }

    #[test]
    fn days_that_are_none_say_why() {
        for (written, reason) in [
            ("31/02/1985", "ngày sinh 31/02/1985 không có trong lịch"),
            ("29/02/1985", "ngày sinh 29/02/1985 không có trong lịch"),
            ("12/31/1985", "ngày sinh 12/31/1985 không có trong lịch"),
            ("01/01/0085", "ngày sinh 01/01/0085 không có trong lịch"),
            ("1985", "ngày sinh “1985” chỉ có năm, thiếu ngày và tháng"),
            ("02/1985", "ngày sinh “02/1985” chỉ có tháng và năm, thiếu ngày"),
            ("", "chưa ghi ngày sinh"),
            ("1985/02/03", "ngày sinh “1985/02/03” chưa đúng dạng ngày/tháng/năm, ví dụ 03/02/1985"),
            ("03/02/85", "ngày sinh “03/02/85” chưa đúng dạng ngày/tháng/năm, ví dụ 03/02/1985"),
            ("31080", "ngày sinh “31080” chưa đúng dạng ngày/tháng/năm, ví dụ 03/02/1985"),
            ("+3/2/1985", "ngày sinh “+3/2/1985” chưa đúng dạng ngày/tháng/năm, ví dụ 03/02/1985"),
            ("mồng 3", "ngày sinh “mồng 3” chưa đúng dạng ngày/tháng/năm, ví dụ 03/02/1985"),
        ] {
            assert_eq!(read(written, "ngày sinh"), Err(reason.to_owned()));
        }
    }
}
