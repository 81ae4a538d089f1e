//! Days as people write them: ngày/tháng/năm.

use chrono::NaiveDate;

/// Nobody alive was born before; a smaller number is a slip of the hand.
const FIRST_YEAR: i32 = 1900;
const LAST_YEAR: i32 = 2100;

/// `what` names the column in the reason.
pub(in crate::members) fn read(written: &str, what: &str) -> Result<NaiveDate, String> {
    if written.is_empty() {
        return Err(format!("chưa ghi {what}"));
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
                .filter(|_| (FIRST_YEAR..=LAST_YEAR).contains(&year))
                .ok_or_else(|| format!("{what} {written} không có trong lịch"))
        }
        _ => Err(shape()),
    }
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
        for written in ["03/02/1985", "3/2/1985", "03-02-1985", "03.02.1985", "3 / 2 / 1985"] {
            assert_eq!(read(written, "ngày sinh"), Ok(NaiveDate::from_ymd_opt(1985, 2, 3).unwrap()));
        }
        assert!(read("29/02/1984", "ngày sinh").is_ok());
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
