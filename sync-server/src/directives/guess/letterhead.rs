//! The first lines of a document, and what of them is written in a fixed way: numbers and dates, cut out of lines
//! that hold both columns.

use chrono::NaiveDate;
use sotay_protocol::{
    directives::{DirectiveType, Number},
    document::{Block, Document, KnownBlock, Span},
};
use unicode_normalization::UnicodeNormalization;

use super::is_capitals;

/// A letterhead with its title ends well before.
const LINES: usize = 60;
/// Of a line; what is longer is no letterhead, and is cut.
const LONGEST: usize = 600;
/// What stands at the right of every letterhead and names no issuer.
const NOBODY: [&str; 4] = [
    "ĐẢNG CỘNG SẢN VIỆT NAM",
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "ĐỘC LẬP - TỰ DO - HẠNH PHÚC",
];

pub(super) struct Line {
    pub(super) text: String,
    pub(super) bold: bool,
    pub(super) heading: bool,
    pub(super) item: bool,
    /// Lines of one paragraph or cell have one.
    pub(super) group: usize,
}

impl Line {
    /// A drawn line, a star, “-----o0o-----”.
    pub(super) fn is_rule(&self) -> bool {
        !self.text.chars().any(|letter| letter.is_alphanumeric() && !matches!(letter, 'o' | 'O' | '0'))
    }
}

/// What is left of the lines above the title.
pub(super) enum Piece {
    Words(String),
    /// Without a number where its place was left free; the code may stand all the same.
    Number {
        number: Option<Number>,
        code: Option<String>,
    },
    Date(NaiveDate),
}

/// The first lines; cells and what stands between tabs or bars are lines of their own.
pub(super) fn lines(document: &Document) -> Vec<Line> {
    let mut lines = Lines { found: Vec::new(), group: 0 };
    for block in &document.blocks {
        if lines.found.len() >= LINES {
            break;
        }
        let Block::Known(block) = block else { continue };
        match block {
            KnownBlock::Heading { spans, .. } => lines.take(spans, true, false),
            KnownBlock::Paragraph { spans } => lines.take(spans, false, false),
            KnownBlock::List { items } => {
                items.iter().take(LINES).for_each(|item| lines.take(&item.spans, false, true));
            }
            KnownBlock::Table { rows, .. } => {
                let cells = rows.iter().flat_map(|row| &row.cells).take(LINES);
                cells.for_each(|cell| lines.take(&cell.spans, false, false));
            }
            KnownBlock::Note { .. } | KnownBlock::Scan { .. } => {}
        }
    }
    lines.found.truncate(LINES);
    lines.found
}

struct Lines {
    found: Vec<Line>,
    group: usize,
}

impl Lines {
    fn take(&mut self, spans: &[Span], heading: bool, item: bool) {
        self.group += 1;
        let (mut text, mut letters, mut bold) = (String::new(), 0, 0);
        let all = spans.iter().filter(|span| span.note.is_none());
        let all = all.flat_map(|span| span.text.nfc().map(|letter| (letter, span.bold)));
        for (letter, is_bold) in all.take(LINES * LONGEST).chain([('\n', false)]) {
            let label = text.trim_end().trim_end_matches(':');
            // “Số:⇥17-KH/ĐU” is one line.
            if matches!(letter, '\n' | '|') || (letter == '\t' && !label.ends_with("Số")) {
                let text = std::mem::take(&mut text);
                self.push(&text, heading || (bold == letters && letters > 0), heading, item);
                (letters, bold) = (0, 0);
                continue;
            }
            if !letter.is_whitespace() && text.len() < LONGEST {
                letters += 1;
                bold += usize::from(is_bold);
            }
            text.push(match letter {
                // Old typing tools leave the Icelandic letter in the place of the Vietnamese one.
                'Ð' => 'Đ',
                'ð' => 'đ',
                letter => letter,
            });
        }
    }

    fn push(&mut self, text: &str, bold: bool, heading: bool, item: bool) {
        let text: String = text.chars().take(LONGEST).collect();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            self.found.push(Line { text, bold, heading, item, group: self.group });
        }
    }
}

/// The lines with their numbers and dates cut out.
pub(super) fn pieces(lines: &[Line]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        // A date that a narrow column broke in two.
        let broken = line.text.contains("ngày") && !is_dated(&line.text);
        let next = lines.get(at).filter(|_| broken);
        let whole = next.map(|next| format!("{} {}", line.text, next.text)).filter(|both| is_dated(both));
        at += usize::from(whole.is_some());
        cut_names(whole.as_deref().unwrap_or(&line.text), &mut pieces);
    }
    pieces
}

fn cut_names(text: &str, pieces: &mut Vec<Piece>) {
    for name in NOBODY {
        if let Some((before, after)) = text.split_once(name) {
            cut_names(before, pieces);
            cut_names(after, pieces);
            return;
        }
    }
    cut_number(text, pieces);
}

fn cut_number(text: &str, pieces: &mut Vec<Piece>) {
    let Some((before, piece, after)) = number_in(text) else { return cut_date(text, pieces) };
    cut_date(before, pieces);
    pieces.push(piece);
    cut_date(after, pieces);
}

/// “Số 17-KH/ĐU”, “Số: 05 - QĐ/ĐU”, “Số 01/NQ-TU”, “Số      -KH/ĐU”, with what stands before and behind.
fn number_in(text: &str) -> Option<(&str, Piece, &str)> {
    let at = ["Số", "SỐ"].iter().filter_map(|word| text.find(word)).min()?;
    let before = text.get(..at)?;
    let behind = text.get(at + "Số".len()..)?;
    // In the running text, small letters stand before it, or behind: “Số lượng”.
    if before.chars().any(char::is_lowercase) || behind.starts_with(char::is_alphabetic) {
        return None;
    }
    let rest = behind.trim_start_matches([':', '.', '…', '_', ' ']);
    let (ordinal, rest) = split(rest, |letter| letter.is_ascii_digit());
    let rest = rest.trim_start_matches(['.', '…', '_', ' ']);
    let dashes = ['-', '–', '—', '‑'];
    let free = |after| Some((before, Piece::Number { number: None, code: None }, after));
    let by_dash = rest.starts_with(dashes);
    if !by_dash && !rest.starts_with('/') {
        return if ordinal.is_empty() { free(rest) } else { None };
    }
    let rest = rest.get(rest.chars().next()?.len_utf8()..)?.trim_start();
    let (code, rest) = split(rest, char::is_alphabetic);
    let rest = rest.trim_start();
    let second = if by_dash { rest.strip_prefix('/') } else { rest.strip_prefix(dashes) };
    let known = DirectiveType::ALL.iter().find(|(.., known)| known.to_lowercase() == code.to_lowercase());
    let (Some(rest), Some((.., code))) = (second, known) else { return free(rest) };
    let (issuer, rest) =
        split(rest.trim_start(), |letter| letter.is_alphanumeric() || "-.&".contains(letter));
    let issuer = issuer.trim_end_matches(['.', '-']);
    let number = format!("{ordinal}-{code}/{issuer}").parse().ok();
    Some((before, Piece::Number { number, code: Some((*code).to_owned()) }, rest))
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|letter| !belongs(letter)).unwrap_or(text.len()))
}

fn cut_date(text: &str, pieces: &mut Vec<Piece>) {
    let Some((before, date)) = date_in(text) else { return words(text, pieces) };
    // The place is written small; what stands before it in capitals is the other column's.
    let capitals = before.split(' ').take_while(|word| is_capitals(word) || *word == "*");
    words(&capitals.collect::<Vec<_>>().join(" "), pieces);
    pieces.push(Piece::Date(date));
}

fn words(text: &str, pieces: &mut Vec<Piece>) {
    let text = text.trim();
    if !text.is_empty() {
        pieces.push(Piece::Words(text.to_owned()));
    }
}

pub(super) fn is_dated(text: &str) -> bool {
    date_in(text).is_some()
}

/// “Thanh Sơn, ngày 03 tháng 12 năm 2025” or “ngày 3/12/2025” at the line's end, with what stands before. A date that
/// is told of has words before it or behind.
fn date_in(text: &str) -> Option<(&str, NaiveDate)> {
    let at = text.rfind("ngày").or_else(|| text.rfind("Ngày"))?;
    let before = text.get(..at)?.trim_end().trim_end_matches(',');
    let named = |word: &str| word.chars().next().is_none_or(|letter| !letter.is_lowercase());
    if !before.split(' ').all(named) {
        return None;
    }
    let rest = text.get(at + "ngày".len()..)?;
    let (day, rest) = count(rest)?;
    let rest = rest.trim_start();
    let (month, rest) = count(rest.strip_prefix("tháng").or_else(|| rest.strip_prefix(['/', '-', '.']))?)?;
    let rest = rest.trim_start();
    let (year, rest) = count(rest.strip_prefix("năm").or_else(|| rest.strip_prefix(['/', '-', '.']))?)?;
    if rest.chars().any(char::is_alphanumeric) || !(1930..2200).contains(&year) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    Some((before, date))
}

fn count(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = split(text.trim_start(), |letter| letter.is_ascii_digit());
    Some((digits.parse().ok()?, rest))
}
