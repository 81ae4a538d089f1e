//! How lines of Vietnamese official documents begin: “Chương II”, “Điều 3.”, “1.”, “đ)”, “-” [Hướng dẫn 36-HD/VPTW;
//! Nghị định 30/2020/NĐ-CP, phụ lục I].
//!
//! Only the shape of the words is judged here; whether such a line opens a division where it stands is for
//! [`super::divisions`].

use sotay_protocol::document::DivisionKind;

/// “Chương II. Quy định chung”: the kind, the number as printed, and where the title begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Opening {
    pub(super) kind: DivisionKind,
    pub(super) number: String,
    /// In bytes.
    pub(super) title: usize,
    /// A full stop or a colon stands after the number.
    pub(super) pointed: bool,
}

/// “1.”, “a)”, “-”: what stands before a line that is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) style: Style,
    /// As printed; none for a bullet, which each screen draws its own way.
    pub(super) number: Option<String>,
    /// Where the words begin, in bytes.
    pub(super) words: usize,
}

/// From the widest to the narrowest, as committees nest them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Style {
    /// `A.`
    Capital,
    /// `I.`
    Roman,
    /// `1.` is 1, `1.1.` is 2.
    Decimal(u8),
    /// `a)`
    Letter,
    /// `-`
    Dash,
    /// `+`
    Plus,
    /// `•`
    Bullet,
}

const ORDINALS: [&str; 12] =
    ["nhất", "hai", "ba", "tư", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười", "một"];

/// The division that the line would open by its first words.
pub(super) fn opening(line: &str) -> Option<Opening> {
    let (first, mut rest) = word(line)?;
    let kind = match first.to_lowercase().as_str() {
        _ if !first.starts_with(char::is_uppercase) => return None,
        "phần" => DivisionKind::Part,
        "chương" => DivisionKind::Chapter,
        "mục" => DivisionKind::Section,
        "điều" => DivisionKind::Article,
        "tiểu" => {
            rest = after(rest, "mục")?;
            DivisionKind::Subsection
        }
        "phụ" => {
            rest = after(rest, "lục")?;
            DivisionKind::Appendix
        }
        _ => return None,
    };
    let (number, rest) = match (kind, number(kind, rest)) {
        (_, Some(found)) => found,
        (DivisionKind::Appendix, None) => (String::new(), rest),
        _ => return None,
    };
    let (pointed, title) = points(rest, kind == DivisionKind::Appendix && number.is_empty())?;
    Some(Opening { kind, number, title: line.len() - title.len(), pointed })
}

/// The number and what follows it.
fn number(kind: DivisionKind, rest: &str) -> Option<(String, &str)> {
    let (mut token, mut rest) = word(rest)?;
    if kind == DivisionKind::Appendix && token.to_lowercase() == "số" {
        (token, rest) = word(rest)?;
    }
    if token.to_lowercase() == "thứ" && kind != DivisionKind::Article {
        let (ordinal, rest) = word(rest)?;
        let known = ORDINALS.contains(&ordinal.to_lowercase().as_str());
        return known.then(|| (format!("{token} {ordinal}"), rest));
    }
    let figures = token.trim_end_matches(|letter: char| letter.is_lowercase());
    let is_figures =
        (1..=3).contains(&figures.len()) && figures.bytes().all(|figure| figure.is_ascii_digit());
    let with_letter = token.strip_prefix(figures).is_some_and(|letters| letters.chars().count() <= 1);
    let fits = match kind {
        DivisionKind::Article => is_figures && with_letter,
        DivisionKind::Part => {
            is_roman(token)
                || is_figures && with_letter
                || is_capital(token)
                || ORDINALS.contains(&token.to_lowercase().as_str())
        }
        _ => is_roman(token) || is_figures && with_letter || is_capital(token),
    };
    fits.then(|| (token.to_owned(), rest))
}

/// Whether a point follows, and the title; nothing where the words run on as those of a sentence do
/// (“Điều 5, Điều 6 của …”).
fn points(rest: &str, unnumbered: bool) -> Option<(bool, &str)> {
    let near = rest.trim_start_matches([' ', '\t', '\u{a0}']);
    for point in ['.', ':', ')', '-', '–', '—', '/'] {
        if let Some(title) = near.strip_prefix(point) {
            // “Điều 5/2020”, “Phụ lục-A”
            let apart = title.is_empty() || title.starts_with(char::is_whitespace);
            let strong = matches!(point, '.' | ':');
            // “Điều 5.Hiệu lực”
            let near = strong && title.starts_with(char::is_uppercase);
            if !apart && !near {
                return None;
            }
            return Some((strong && !unnumbered, title.trim_start()));
        }
    }
    if near.is_empty() || rest.starts_with(char::is_whitespace) {
        return Some((false, near.trim_start()));
    }
    None
}

/// The number or dash that the line begins with, and the words after it.
pub(super) fn mark(line: &str) -> Option<Mark> {
    let (style, end) = counted(line).or_else(|| dashed(line))?;
    let (printed, rest) = line.split_at_checked(end)?;
    let words = rest.trim_start_matches([' ', '\t', '\u{a0}']);
    if words.is_empty() || words.starts_with('\n') {
        return None;
    }
    let number = (style != Style::Bullet).then(|| printed.to_owned());
    Some(Mark { style, number, words: line.len() - words.len() })
}

/// The style of a number that Word counts or Markdown carries.
pub(super) fn style_of(number: &str) -> Option<Style> {
    mark(&format!("{number} A")).map(|mark| mark.style)
}

fn dashed(line: &str) -> Option<(Style, usize)> {
    let first = line.chars().next()?;
    let style = match first {
        '-' | '–' | '—' => Style::Dash,
        '+' => Style::Plus,
        '•' | '●' | '▪' | '■' | '◦' | '○' | '\u{f0b7}' | '\u{f0a7}' => Style::Bullet,
        _ => return None,
    };
    let next = line.chars().nth(1)?;
    // “-5 độ”, “+84”, “--”
    (next.is_whitespace() || next.is_uppercase()).then_some((style, first.len_utf8()))
}

fn counted(line: &str) -> Option<(Style, usize)> {
    let bracket = usize::from(line.starts_with('('));
    let body = line.get(bracket..)?;
    let token = body.find(|letter: char| !letter.is_alphanumeric()).and_then(|end| body.get(..end))?;
    let (style, end) = if token.starts_with(|letter: char| letter.is_ascii_digit()) {
        figures(body)?
    } else if is_roman(token) {
        (Style::Roman, token.len())
    } else if is_capital(token) {
        (Style::Capital, token.len())
    } else if is_small(token) {
        (Style::Letter, token.len())
    } else {
        return None;
    };
    let rest = body.get(end..)?;
    let point = rest.chars().next()?;
    let closed = match point {
        ')' => true,
        '.' | '/' | '-' | '–' => bracket == 0,
        // “1.1 Tên”
        ' ' | '\t' | '\u{a0}' => {
            let apart = matches!(style, Style::Decimal(2..)) && bracket == 0;
            return (apart && rest.trim_start().starts_with(char::is_uppercase)).then_some((style, end));
        }
        _ => false,
    };
    let next = rest.chars().nth(1)?;
    // “1.Mục đích” is typed often; “1/2 số hộ”, “3.000.000 đồng” and “I.V. Lê-nin” are no numbers of lines.
    let apart = next.is_whitespace()
        || matches!(style, Style::Decimal(_)) && point == '.' && next.is_uppercase()
        || point == ')' && next.is_alphabetic();
    (closed && apart).then_some((style, bracket + end + point.len_utf8()))
}

/// `1`, `1.2`, `1.2.3`; where they end.
fn figures(body: &str) -> Option<(Style, usize)> {
    let mut depth = 0_u8;
    let mut end = 0;
    loop {
        let rest = body.get(end + usize::from(depth > 0)..)?;
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let fits = length > 0 && length <= if depth == 0 { 3 } else { 2 };
        if !fits {
            // What follows the point is no figure: it is the point after the number.
            return (depth > 0 && length == 0).then_some((Style::Decimal(depth), end));
        }
        end += length + usize::from(depth > 0);
        depth = depth.saturating_add(1);
        if depth > 5 {
            return None;
        }
        if !body.get(end..)?.starts_with('.') {
            return Some((Style::Decimal(depth), end));
        }
    }
}

/// Up to 89: C, D, L and M alone are letters of a list.
fn is_roman(token: &str) -> bool {
    !token.is_empty()
        && token.len() <= 7
        && token.bytes().all(|letter| matches!(letter, b'I' | b'V' | b'X' | b'L'))
        && token != "L"
}

fn is_capital(token: &str) -> bool {
    let mut letters = token.chars();
    letters.next().is_some_and(|letter| letter.is_ascii_uppercase() || letter == 'Đ')
        && letters.next().is_none()
}

fn is_small(token: &str) -> bool {
    let mut letters = token.chars();
    letters.next().is_some_and(|letter| letter.is_ascii_lowercase() || letter == 'đ')
        && letters.next().is_none()
}

/// The first word, of letters and figures alone, and what follows it.
fn word(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start_matches([' ', '\t', '\u{a0}']);
    let end = line.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(line.len());
    line.split_at_checked(end).filter(|(word, _)| !word.is_empty())
}

fn after<'a>(rest: &'a str, expected: &str) -> Option<&'a str> {
    word(rest).filter(|(word, _)| word.to_lowercase() == expected).map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisions_are_known_by_their_first_words() {
        use DivisionKind::{Appendix, Article, Chapter, Part, Section, Subsection};
        for (line, kind, number, title) in [
            ("Điều 3. Trách nhiệm", Article, "3", "Trách nhiệm"),
            ("ĐIỀU 12a: Hiệu lực", Article, "12a", "Hiệu lực"),
            ("Điều 5.Hiệu lực", Article, "5", "Hiệu lực"),
            ("Điều 7", Article, "7", ""),
            ("Chương II", Chapter, "II", ""),
            ("CHƯƠNG IV QUY ĐỊNH CHUNG", Chapter, "IV", "QUY ĐỊNH CHUNG"),
            ("Chương 2 – Tổ chức", Chapter, "2", "Tổ chức"),
            ("Chương I\nQUY ĐỊNH CHUNG", Chapter, "I", "QUY ĐỊNH CHUNG"),
            ("PHẦN THỨ NHẤT", Part, "THỨ NHẤT", ""),
            ("Phần A: Kết quả", Part, "A", "Kết quả"),
            ("Phần một", Part, "một", ""),
            ("Mục 1. Chi bộ", Section, "1", "Chi bộ"),
            ("Tiểu mục 2", Subsection, "2", ""),
            ("PHỤ LỤC", Appendix, "", ""),
            ("Phụ lục số 03", Appendix, "03", ""),
            ("Phụ lục I (kèm theo)", Appendix, "I", "(kèm theo)"),
        ] {
            let found = opening(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(
                (found.kind, found.number.as_str(), &line[found.title..]),
                (kind, number, title),
                "{line}"
            );
        }
        for line in [
            "Điều lệ Đảng quy định",
            "Điều 5, Điều 6 của Quy chế",
            "Điều 5/2020",
            "điều 5. như trên",
            "theo Điều 5. Các",
            "Phần lớn đảng viên",
            "Mục đích, yêu cầu",
            "Chương trình công tác",
            "Phụ nữ 3",
            "Mục 1, phần II",
            "Chương",
        ] {
            assert_eq!(opening(line), None, "{line}");
        }
    }

    #[test]
    fn marks_of_lines_are_known() {
        for (line, style, number, words) in [
            ("1. Quét dọn", Style::Decimal(1), Some("1."), "Quét dọn"),
            ("12) Quét dọn", Style::Decimal(1), Some("12)"), "Quét dọn"),
            ("1.Quét dọn", Style::Decimal(1), Some("1."), "Quét dọn"),
            ("1.2. Quét", Style::Decimal(2), Some("1.2."), "Quét"),
            ("1.2.3 Quét", Style::Decimal(3), Some("1.2.3"), "Quét"),
            ("(2) Quét", Style::Decimal(1), Some("(2)"), "Quét"),
            ("IV. Quét", Style::Roman, Some("IV."), "Quét"),
            ("I- TÌNH HÌNH", Style::Roman, Some("I-"), "TÌNH HÌNH"),
            ("2- Quét", Style::Decimal(1), Some("2-"), "Quét"),
            ("A. Quét", Style::Capital, Some("A."), "Quét"),
            ("a) Quét", Style::Letter, Some("a)"), "Quét"),
            ("đ)Quét", Style::Letter, Some("đ)"), "Quét"),
            ("- Quét", Style::Dash, Some("-"), "Quét"),
            ("-\tQuét", Style::Dash, Some("-"), "Quét"),
            ("+ Quét", Style::Plus, Some("+"), "Quét"),
            ("• Quét", Style::Bullet, None, "Quét"),
        ] {
            let found = mark(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(
                (found.style, found.number.as_deref(), &line[found.words..]),
                (style, number, words),
                "{line}"
            );
        }
        for line in [
            "3.000.000 đồng",
            "1/2 số hộ",
            "1-2 người",
            "V-League",
            "15/7 họp",
            "7.5 triệu",
            "2025. Năm",
            "-5 độ",
            "----",
            "+84 912",
            "*",
            "I",
            "1.",
            "a) ",
            "Ông A. đến",
            "v.v. và",
            "I.V. Lê-nin",
            "1.2.3.4.5.6. A",
            "(a",
        ] {
            assert_eq!(mark(line), None, "{line}");
        }
    }
}
