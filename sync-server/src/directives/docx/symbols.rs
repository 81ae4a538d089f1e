//! Letters of picture fonts (`<w:sym>`), as the Unicode signs of the same look.

use crate::directives::tcvn3;

/// What `font` shows at `code`; a dot where that is no sign that speaks.
pub(super) fn sign(font: &str, code: &str) -> String {
    // The upper byte F0 is the private area into which Word maps these fonts [ECMA-376 part 1, 17.3.3.30].
    let code = u32::from_str_radix(code, 16).unwrap_or_default();
    if tcvn3::is_font(font) {
        let letter = char::from_u32(code & 0xff).unwrap_or(' ').to_string();
        return tcvn3::unicode(&letter, tcvn3::is_capital_font(font));
    }
    let sign = match (font.to_lowercase().as_str(), code & 0xff) {
        ("wingdings", 0x22) => '✂',
        ("wingdings", 0x28) => '☎',
        ("wingdings", 0x2a) => '✉',
        ("wingdings", 0x6e | 0xa7) => '▪',
        ("wingdings", 0x6f | 0x71 | 0x72 | 0xa8) | ("wingdings 2", 0x2a | 0xa3) => '☐',
        ("wingdings", 0x76) => '❖',
        ("wingdings", 0xd8) => '➢',
        ("wingdings", 0xe0 | 0xe8) | ("symbol", 0xae) => '→',
        ("wingdings", 0xfb) => '✗',
        ("wingdings", 0xfc) | ("wingdings 2", 0x50) => '✓',
        ("wingdings", 0xfd) | ("wingdings 2", 0x51 | 0x53 | 0x54) => '☒',
        ("wingdings", 0xfe) | ("wingdings 2", 0x52) => '☑',
        ("symbol", 0x2d | 0xbe) => '–',
        ("symbol", 0xa3) => '≤',
        ("symbol", 0xb0) => '°',
        ("symbol", 0xb1) => '±',
        ("symbol", 0xb3) => '≥',
        ("symbol", 0xb4) => '×',
        ("symbol", 0xb8) => '÷',
        ("symbol", 0xb9) => '≠',
        ("symbol", 0xde) => '⇒',
        (name, _) if is_of_pictures(name) => '•',
        _ => char::from_u32(code).filter(|sign| !sign.is_control()).unwrap_or('•'),
    };
    if ('\u{e000}'..='\u{f8ff}').contains(&sign) { '•' } else { sign }.to_string()
}

fn is_of_pictures(font: &str) -> bool {
    font == "symbol" || font.starts_with("wingdings") || font.starts_with("webdings")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_and_ticks_are_shown_and_the_rest_are_dots() {
        assert_eq!(sign("Wingdings", "F0FE"), "☑");
        assert_eq!(sign("Wingdings", "F0A8"), "☐");
        assert_eq!(sign("Symbol", "F0B7"), "•");
        assert_eq!(sign(".VnTime", "F0AD"), "ư");
        assert_eq!(sign("Arial", "2713"), "✓");
        assert_eq!(sign("Arial", "F0FF"), "•");
        assert_eq!(sign("Arial", "no code"), "•");
    }
}
