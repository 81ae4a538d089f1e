//! The heading of a division: its title on the lines below it, or words that run on behind its number.

use std::iter::Peekable;

use sotay_protocol::document::{DivisionKind, Span};

use super::lines::{Line, Source, cut};
use super::zones::Place;

/// “HƯỚNG DẪN / VIỆC LẤY Ý KIẾN / CỦA ĐẢNG VIÊN”
const MOST_TITLE_LINES: usize = 3;
/// In letters. The longest title of an article of the Điều lệ has 90.
const LONGEST_TITLE: usize = 160;

pub(super) struct Parted {
    pub(super) head: Vec<Span>,
    pub(super) rest: Vec<Span>,
}

/// Whether a line that begins as a division does is one, and no sentence that speaks of one.
pub(super) fn stands(line: &Line) -> bool {
    let Some(opening) = &line.opening else { return false };
    if line.is_of_contents() {
        return false;
    }
    let title = line.words.get(opening.title..).unwrap_or_default();
    let alone = title.is_empty();
    let below = line.words.get(..opening.title).is_some_and(|head| head.contains('\n'));
    let numbered = !opening.number.is_empty();
    let counted = line.number().is_some_and(|number| number.len() <= opening.title);
    match &line.source {
        Source::Whole(_) => false,
        // “Phụ lục hợp đồng …” can be a heading of its own.
        Source::Heading(_) => numbered || alone || below || line.capitals,
        _ if opening.kind == DivisionKind::Article && opening.pointed => true,
        _ if alone || counted => true,
        _ => {
            let shown = line.capitals || line.bold && (opening.pointed || below || numbered);
            (shown || below) && line.could_be_head()
        }
    }
}

/// Takes the lines below that are the title of `line`.
pub(super) fn titles(
    line: &Line,
    below: &mut Peekable<impl Iterator<Item = (Line, Place)>>,
) -> Vec<Vec<Span>> {
    let bare = line.opening.as_ref().is_some_and(|opening| {
        opening.kind != DivisionKind::Article && line.words.get(opening.title..).is_some_and(str::is_empty)
    });
    let mut titles = Vec::new();
    let mut capitals = None;
    while bare && titles.len() < MOST_TITLE_LINES {
        let next = below.next_if(|(next, place)| {
            let styled = match (&line.source, &next.source) {
                (Source::Heading(level), Source::Heading(title)) => level == title || next.capitals,
                (_, Source::Heading(_)) => next.capitals,
                (_, Source::Paragraph) => next.capitals || next.bold,
                _ => false,
            };
            styled
                && !place.division
                && !place.title
                && next.mark.is_none()
                && next.could_be_head()
                && capitals.is_none_or(|capitals| capitals == next.capitals)
        });
        let Some((next, _)) = next else { break };
        // A heading in small letters is one line: the next of its level is a heading of its own.
        let last = next.is_heading() && !next.capitals;
        capitals = Some(next.capitals);
        titles.push(next.whole());
        if last {
            break;
        }
    }
    titles
}

/// Parts an article that runs on from its heading.
pub(super) fn part(line: Line) -> Parted {
    let Some(opening) = line.opening.as_ref().filter(|opening| {
        opening.kind == DivisionKind::Article && !line.is_heading() && runs_on(&line, opening.title)
    }) else {
        return Parted { head: line.whole(), rest: Vec::new() };
    };
    let number = opening.title;
    let spans = line.whole();
    let bold: usize =
        spans.iter().take_while(|span| span.bold || span.note.is_some()).map(|span| span.text.len()).sum();
    let total: usize = spans.iter().map(|span| span.text.len()).sum();
    // “**Điều 1. Phạm vi.** Quy định này …”
    let at = if bold > number && bold < total { bold } else { number };
    let (head, rest) = cut(spans, at);
    Parted { head, rest }
}

fn runs_on(line: &Line, title: usize) -> bool {
    let title = line.words.get(title..).unwrap_or_default();
    if title.is_empty() {
        return false;
    }
    let long = title.chars().nth(LONGEST_TITLE).is_some();
    long || !line.bold && (title.ends_with(['.', ';', ',']) || title.contains(". ") || title.contains('\n'))
}
