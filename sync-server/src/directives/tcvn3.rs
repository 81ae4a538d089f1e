//! Vietnamese from before Unicode: fonts named `.Vn…` show TCVN 5712 (TCVN3, “ABC”) under the codes of Western letters.
//!
//! Committees scanned little and retyped less: files of the 1990s and 2000s are opened and printed as they were.

/// Western letter and what the font shows for it.
const LETTERS: &str = "¡Ă¢Â£Ê¤Ô¥Ơ¦Ư§Đ¨ă©âªê«ô¬ơ\u{ad}ư®đµà¶ả·ã¸á¹ạ»ằ¼ẳ½ẵ¾ắÆặÇầÈẩÉẫÊấËậÌèÎẻÏẽÐéÑẹÒềÓểÔễÕếÖệ×ìØỉÜĩÝíÞịßòáỏâõãóäọåồæổçỗèốéộêờëởìỡíớîợïùñủòũóúôụõừöửøứ÷ữùựúỳûỷüỹýýþỵ";

/// Fonts that end in H show capitals for small letters.
pub(super) fn unicode(text: &str, capitals: bool) -> String {
    let shown: String = text.chars().map(letter).collect();
    if capitals { shown.to_uppercase() } else { shown }
}

/// Fonts of this kind, by the name with or without the mark of a subset.
pub(super) fn is_font(name: &str) -> bool {
    name.split_once('+').map_or(name, |(_, name)| name).starts_with(".Vn")
}

/// `.VnTimeH`, `.VnTimeH-Bold`.
pub(super) fn is_capital_font(name: &str) -> bool {
    is_font(name) && name.split(['-', ',', ' ']).next().is_some_and(|family| family.ends_with('H'))
}

fn letter(western: char) -> char {
    let mut letters = LETTERS.chars();
    while let (Some(from), Some(to)) = (letters.next(), letters.next()) {
        if from == western {
            return to;
        }
    }
    western
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_line_reads_as_it_was_printed() {
        assert_eq!(unicode("§¶ng uû x· An B×nh", false), "Đảng uỷ xã An Bình");
        assert_eq!(unicode("nghÞ quyÕt", true), "NGHỊ QUYẾT");
        assert!(is_font("ABCDEF+.VnTime") && is_capital_font(".VnTimeH") && !is_capital_font(".VnTime"));
    }
}
