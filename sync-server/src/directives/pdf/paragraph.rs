//! Lines put together to paragraphs: by how full they are, by their indent, by the space between them.

use std::collections::BTreeMap;

use sotay_protocol::document::Span;

use super::line::{Line, Run};

/// What the lines of a page, a column or a cell are measured against; in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Margins {
    pub(super) left: f32,
    pub(super) right: f32,
    /// From baseline to baseline inside a paragraph, in sizes of the type.
    pub(super) leading: f32,
    pub(super) of: Of,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Page,
    Cell,
    /// A block beside another, whose own width nobody tells.
    Block,
}

/// More space than this above a line, in sizes of the type, starts a paragraph.
const SPACE_BETWEEN: f32 = 0.17;
/// An indent of less is none.
const INDENT: f32 = 0.7;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Paragraph {
    pub(super) lines: Vec<Line>,
}

pub(super) fn paragraphs(lines: Vec<Line>, margins: &Margins) -> Vec<Paragraph> {
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    for line in lines {
        match paragraphs.last_mut() {
            Some(open) if open.goes_on(&line, margins) => open.lines.push(line),
            _ => paragraphs.push(Paragraph { lines: vec![line] }),
        }
    }
    paragraphs
}

impl Paragraph {
    fn goes_on(&self, next: &Line, margins: &Margins) -> bool {
        let Some(last) = self.lines.last() else { return true };
        // A paragraph may be set wider than the rest: its own second line says how far.
        let before = self.lines.iter().rev().nth(1).map(|line| last.baseline - line.baseline);
        let usual = before.map_or(margins.leading * last.size, |gap| gap.max(margins.leading * last.size));
        let gap = next.baseline - last.baseline;
        let near = gap <= usual + SPACE_BETWEEN * last.size.max(next.size);
        near && gap > 0.0 && self.flows_into(next, margins)
    }

    /// Whether the next line goes on with the sentence, wherever it stands: on this page or on the next.
    pub(super) fn flows_into(&self, next: &Line, margins: &Margins) -> bool {
        let Some(last) = self.lines.last() else { return true };
        let size = last.size.max(next.size);
        let centred = is_centred(last, margins);
        let set_in = self.is_set_in(next);
        let room = margins.right - margins.left - (last.right - last.left);
        let full = margins.of != Of::Page && room < size * 3.0;
        if margins.of == Of::Block && !may_wrap(last, next, room) {
            return false;
        }
        if (last.size - next.size).abs() > 0.12 * size
            || (centred != is_centred(next, margins) && !full && !set_in && !is_title(last, next, margins))
            || (!set_in && would_fit(last, next, margins))
            || changes_weight(last, next)
            || (last.parted || next.parted)
        {
            return false;
        }
        let starts_item = opens_item(&next.text());
        let ended = ends_sentence(last);
        let hanging = self.lines.len() == 1 && opens_item(&last.text());
        if starts_item && (ended || next.left > last.left + INDENT * size) {
            return false;
        }
        // Further in than the line before: a first line, unless the line before hangs out with its number.
        hanging || is_centred(next, margins) || next.left <= last.left + INDENT * size
    }

    /// A quotation is set in from the right too: two lines or more that end together, far from where a word ends by
    /// chance, are full.
    fn is_set_in(&self, next: &Line) -> bool {
        const TOGETHER: f32 = 0.6;
        let ends: Vec<f32> = self.lines.iter().rev().take(4).map(|line| line.right).collect();
        let together = |a: f32, b: f32| (a - b).abs() < TOGETHER;
        match *ends.as_slice() {
            [] => false,
            [only] => together(only, next.right),
            [last, ..] => ends.iter().all(|end| together(*end, last)),
        }
    }

    /// `marks` are the notes of the page by the mark printed, with the mark that the document gives them.
    pub(super) fn spans(&self, marks: &BTreeMap<String, String>) -> Vec<Span> {
        let mut spans = Vec::new();
        for line in &self.lines {
            add_line(&mut spans, line, marks);
        }
        spans
    }

    /// As [`Self::spans`], where it is not known yet which marks are those of notes: each keeps its own words.
    pub(super) fn spans_with_marks(&self) -> Vec<Span> {
        let mut spans = Vec::new();
        for line in &self.lines {
            add(&mut spans, line, |run| {
                let note = run.raised.then(|| mark(&run.text).to_owned()).filter(|mark| !mark.is_empty());
                Span { note, ..styled(run) }
            });
        }
        spans
    }
}

pub(super) fn add_line(spans: &mut Vec<Span>, line: &Line, marks: &BTreeMap<String, String>) {
    add(spans, line, |run| span(run, marks));
}

fn add(spans: &mut Vec<Span>, line: &Line, span: impl Fn(&Run) -> Span) {
    let first = line.runs.first().and_then(|run| run.text.chars().next());
    if let (Some(last), Some(first)) = (spans.last_mut(), first)
        && !meets(&last.text, first)
    {
        last.text.push(' ');
    }
    for run in &line.runs {
        spans.push(span(run));
    }
}

fn span(run: &Run, marks: &BTreeMap<String, String>) -> Span {
    if run.raised
        && let Some(mark) = marks.get(mark(&run.text))
    {
        return Span::note(mark.clone());
    }
    styled(run)
}

fn styled(run: &Run) -> Span {
    Span { bold: run.style.bold, italic: run.style.italic, ..Span::plain(run.text.clone()) }
}

/// A mark as printed, without brackets around it.
pub(super) fn mark(text: &str) -> &str {
    text.trim().trim_matches(['(', ')', '[', ']'])
}

/// A line that ends in a hyphen or a slash goes on without a blank; the hyphen stays, for Vietnamese has no other.
fn meets(text: &str, next: char) -> bool {
    let mut back = text.chars().rev();
    matches!(back.next(), Some('-' | '/' | '–'))
        && back.next().is_some_and(char::is_alphanumeric)
        && next.is_alphanumeric()
}

/// Whether the first word of the next line had found room on this one: then it was not for room that the line ended.
fn would_fit(last: &Line, next: &Line, margins: &Margins) -> bool {
    let size = last.size.max(next.size);
    let word = size * 0.2 + next.first_word() + size * 0.1;
    if is_centred(last, margins) {
        return last.right - last.left + word < margins.right - margins.left;
    }
    last.right + word < margins.right
}

/// A title that fills its first line looks like prose there, but for the end of the sentence.
fn is_title(last: &Line, next: &Line, margins: &Margins) -> bool {
    let aside = (last.left + last.right - margins.left - margins.right).abs() / 2.0;
    aside < last.size * 0.7 && is_centred(next, margins) && !ends_sentence(last)
}

pub(super) fn is_centred(line: &Line, margins: &Margins) -> bool {
    let aside = (line.left + line.right - margins.left - margins.right).abs() / 2.0;
    aside < line.size * 0.7
        && line.left > margins.left + line.size * 1.5
        && line.right < margins.right - line.size * 1.5
}

/// A bold line and one that is not are two paragraphs, unless the sentence goes on in small letters.
fn changes_weight(last: &Line, next: &Line) -> bool {
    let weight = |run: Option<&Run>| run.is_some_and(|run| run.style.bold);
    let ends_bold = last.is_bold() && !weight(next.runs.first());
    let begins_bold = next.is_bold() && !weight(last.runs.last());
    ends_bold && (ends_sentence(last) || starts_capital(next)) || begins_bold && starts_capital(next)
}

/// Lines of a letterhead are broken by hand, but for a long subject or recipient.
fn may_wrap(last: &Line, next: &Line, room: f32) -> bool {
    let text = last.text();
    let shouts = !text.chars().any(char::is_lowercase);
    let style = |run: Option<&Run>| run.map(|run| run.style);
    !shouts
        && room < last.size * 4.0
        && style(last.runs.last()) == style(next.runs.first())
        && (!starts_capital(next) || !ends_sentence(last))
}

fn ends_sentence(line: &Line) -> bool {
    let last = line.runs.iter().rev().find(|run| !run.raised && !run.text.trim().is_empty());
    last.is_some_and(|run| run.text.trim_end().ends_with(['.', ';', ':', '!', '?', '…', ',', '”', '"', '/']))
}

fn starts_capital(line: &Line) -> bool {
    line.text().chars().find(|letter| letter.is_alphanumeric()).is_some_and(|letter| !letter.is_lowercase())
}

/// `- `, `+ `, `1. `, `1.2. `, `a) `, `IV. `, `Điều 3`, `Chương II`.
pub(super) fn opens_item(text: &str) -> bool {
    let text = text.trim_start();
    let Some((first, rest)) = text.split_once([' ', '\t']) else { return false };
    if matches!(first, "-" | "–" | "+" | "•" | "*" | "▪" | "➢" | "❖" | "✓" | "·" | "o") {
        return true;
    }
    if matches!(first, "Điều" | "Chương" | "Mục" | "Phần" | "Khoản") {
        let number = rest.split([' ', '.', ':']).next().unwrap_or_default();
        return !number.is_empty() && number.chars().all(|letter| letter.is_ascii_alphanumeric());
    }
    let Some(number) = first.strip_suffix(['.', ')', '/']) else { return false };
    let roman = !number.is_empty() && number.chars().all(|letter| matches!(letter, 'I' | 'V' | 'X'));
    let letter = number.chars().count() == 1 && number.chars().all(char::is_alphabetic);
    let digits = !number.is_empty()
        && number.len() <= 9
        && number
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(|letter| letter.is_ascii_digit()));
    roman || letter || digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_told_by_how_they_start() {
        for text in
            ["- Các chi bộ", "1. Mục đích", "1.2. Yêu cầu", "a) Quét dọn", "IV. TỔ CHỨC", "Điều 3. Hiệu lực"]
        {
            assert!(opens_item(text), "{text}");
        }
        for text in ["Các chi bộ", "2025 đến nay", "Điều lệ Đảng quy định", "Đảng. Chi bộ", "-"]
        {
            assert!(!opens_item(text), "{text}");
        }
    }

    #[test]
    fn a_hyphen_at_the_end_of_a_line_stays() {
        assert!(meets("nhiệm kỳ 2025-", '2') && meets("17-KH/", 'Đ') && !meets("xã An Bình -", 'h'));
    }
}
