//! Words as people type them, levelled so that they can be compared.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// NFC, trimmed, runs of blanks (also the no-break space) as one space, without the invisible marks that travel
/// along when people copy from web pages.
pub(crate) fn clean(cell: &str) -> String {
    let visible = cell.chars().filter(|letter| !is_invisible(*letter));
    let composed: String = visible.nfc().collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || is_invisible(letter)
}

fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

/// For comparing words: lower case, without any mark, so that neither the style of tone marks nor a slip in one
/// keeps a known word from being known.
pub(crate) fn fold(words: &str) -> String {
    let bare = words.nfd().filter(|letter| !is_combining_mark(*letter) && !is_invisible(*letter));
    let lower: String =
        bare.flat_map(char::to_lowercase).map(|letter| if letter == 'đ' { 'd' } else { letter }).collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// For telling names apart: lower case, and the tone of each word set after it, so that “Hoà” and “Hòa” are one name
/// while “Đồi Chè” and “Đội Che” stay two.
#[must_use]
pub fn name_key(name: &str) -> String {
    let lower: String = clean(name).to_lowercase().nfd().collect();
    let words = lower.split(' ').map(|word| {
        let (tones, letters): (String, String) = word.chars().partition(|letter| is_tone(*letter));
        letters + &tones
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Huyền, sắc, ngã, hỏi, nặng.
fn is_tone(letter: char) -> bool {
    matches!(letter, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_whatever_the_style_of_their_tones_but_not_whatever_their_tones() {
        assert_eq!(name_key("Lê Thị HOÀ"), name_key("lê thị hòa"));
        assert_eq!(name_key("Đảng uỷ xã"), name_key("Đảng ủy  xã"));
        assert_ne!(name_key("Đồi Chè"), name_key("Đội Chè"));
        assert_ne!(name_key("Đồi Chè"), name_key("Đôi Chè"));
        assert_ne!(name_key("Sơn"), name_key("Son"));
    }

    #[test]
    fn words_fold_to_the_same_whatever_the_style_of_their_marks() {
        for word in ["Đảng uỷ", "đảng ủy", "ĐẢNG  ỦY"] {
            assert_eq!(fold(word), "dang uy");
        }
    }
}
