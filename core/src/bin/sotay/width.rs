//! How wide words stand in a terminal, and where their lines break.

/// Columns that a text takes: combining marks and what steers a terminal take none, letters of the East two.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

fn columns(letter: char) -> usize {
    match letter {
        '\0'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{300}'..='\u{36f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// Broken into lines between words; a word that is wider than a line stands in one of its own, and sticks out.
pub(crate) fn broken(text: &str, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let (mut line, mut taken) = (String::new(), 0);
        for word in paragraph.split_whitespace() {
            let wide = width(word);
            if !line.is_empty() && taken + 1 + wide > most {
                lines.push(std::mem::take(&mut line));
                taken = 0;
            }
            if !line.is_empty() {
                line.push(' ');
                taken += 1;
            }
            line.push_str(word);
            taken += wide;
        }
        lines.push(line);
    }
    lines
}

/// The same, but nothing sticks out: longer words are cut, between letters and never before their marks.
pub(crate) fn fitted(text: &str, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in broken(text, most) {
        let (mut rest, mut taken) = (String::new(), 0);
        for letter in line.chars() {
            let wide = columns(letter);
            if taken + wide > most && !rest.is_empty() {
                lines.push(std::mem::take(&mut rest));
                taken = 0;
            }
            rest.push(letter);
            taken += wide;
        }
        lines.push(rest);
    }
    lines
}

/// With spaces behind, so that what follows stands in one column.
pub(crate) fn padded(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(width(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_as_wide_as_it_is_seen() {
        assert_eq!(width("Đường làng"), 10);
        assert_eq!(width("Đươ\u{300}ng la\u{300}ng"), 10, "typed on an iPhone");
        assert_eq!(width("\u{1b}会议"), 4);
        assert_eq!(padded("Hòa", 5), "Hòa  ");
    }

    #[test]
    fn lines_break_between_words_and_cells_within_words_that_are_too_long() {
        assert_eq!(broken("vệ sinh môi trường\n\nhết", 9), ["vệ sinh", "môi", "trường", "", "hết"]);
        assert_eq!(broken("https://sotay.xa.vn", 9), ["https://sotay.xa.vn"]);
        assert_eq!(fitted("https://sotay.xa.vn", 9), ["https://s", "otay.xa.v", "n"]);
        assert_eq!(fitted("la\u{300}ng", 2), ["la\u{300}", "ng"]);
    }
}
