//! A QR code drawn with half blocks, two squares to a letter: light on a dark screen.

use sotay_core::words::Words;
use sotay_protocol::qr::Squares;

use crate::screen::Screen;

/// Squares that stay light around it, as readers want.
const MARGIN: usize = 4;

/// The code, or the words that the window is too narrow for it.
pub(crate) fn drawn(screen: &Screen, words: Words, text: &str) -> Vec<String> {
    let Some(code) = Squares::of(text) else { return Vec::new() };
    if code.side() + 2 * MARGIN > screen.width() {
        let narrow = words.say(
            "Cửa sổ hẹp quá, chưa vẽ được mã QR; mời đồng chí mở rộng ra rồi gõ lại.",
            "The window is too narrow for the QR code; please widen it and try again.",
        );
        return vec![narrow.to_owned()];
    }
    let rows: Vec<&[bool]> = code.lines().collect();
    let dark = |line: usize, column: usize| {
        let at = line.checked_sub(MARGIN).zip(column.checked_sub(MARGIN));
        at.and_then(|(line, column)| rows.get(line)?.get(column)).copied().unwrap_or(false)
    };
    let side = code.side() + 2 * MARGIN;
    let letter = |line: usize, column: usize| match (dark(line, column), dark(line + 1, column)) {
        (false, false) => '\u{2588}',
        (false, true) => '\u{2580}',
        (true, false) => '\u{2584}',
        (true, true) => ' ',
    };
    (0..side).step_by(2).map(|line| (0..side).map(|column| letter(line, column)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use sotay_core::words::Lang;

    use super::*;

    #[test]
    fn a_code_is_drawn_where_it_has_room() {
        let words = Words::new(Lang::Vi, sotay_protocol::env::Timestamp::MIN);
        let text = "SOTAY:P1:%69 VD92EX0:";
        let side = Squares::of(text).unwrap().side() + 2 * MARGIN;
        let drawn_there = drawn(&Screen::of_width(side), words, text);
        assert_eq!(drawn_there.len(), side.div_ceil(2));
        assert!(drawn_there.iter().all(|line| line.chars().count() == side));
        assert!(drawn_there[0].chars().all(|letter| letter == '\u{2588}'), "light around it");
        assert_eq!(drawn(&Screen::of_width(side - 1), words, text).len(), 1);
    }
}
