//! Telephone numbers as people write them: in groups, with +84, or without the zero that Excel took away.

pub(super) fn read(written: &str) -> Result<Option<String>, String> {
    let bare: String =
        written.chars().filter(|letter| !matches!(letter, ' ' | '.' | '-' | '(' | ')')).collect();
    if bare.is_empty() {
        return Ok(None);
    }
    let number = match bare.strip_prefix("+84") {
        Some(rest) => format!("0{}", rest.strip_prefix('0').unwrap_or(rest)),
        None if bare.len() == 9 && !bare.starts_with('0') => format!("0{bare}"),
        None => bare,
    };
    let well_formed = (9..=11).contains(&number.len())
        && number.starts_with('0')
        && number.bytes().all(|digit| digit.is_ascii_digit());
    if well_formed {
        Ok(Some(number))
    } else {
        Err(format!("số điện thoại “{written}” không đúng"))
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn one_number_is_read_from_all_its_spellings() {
        for written in
            ["0912345678", "0912.345.678", "091 234 5678", "+84 912 345 678", "+84(0)912345678", "912345678"]
        {
            assert_eq!(read(written), Ok(Some("0912345678".to_owned())), "{written}");
        }
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("0203 123 4567"), Ok(Some("02031234567".to_owned())));
    }

    #[test]
    fn what_is_no_number_is_said_so() {
        for written in ["12345", "0912 345 678 / 0987 654 321", "không có", "9123456789", "9,12E+08"] {
            assert_eq!(read(written), Err(format!("số điện thoại “{written}” không đúng")));
        }
    }
}
