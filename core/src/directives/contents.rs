//! Mục lục: the headings of a document, for a screen on which one can leap to them.

use serde::Serialize;
use sotay_protocol::document::{Block, Division, Document, KnownBlock, Span};

/// What fewer headings part is looked over faster than a list of them is read.
const FEWEST: usize = 3;

/// One line of the contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContentsLine {
    /// How deep it stands, from 1 and without gaps, whatever levels the document counts its headings by.
    pub level: u8,
    /// In one line, without the marks of notes.
    pub words: String,
    /// Which of the document's blocks it leads to, from 0.
    pub block: u32,
}

/// Empty where there is too little to choose from.
pub(super) fn contents(document: &Document) -> Vec<ContentsLine> {
    let mut lines: Vec<ContentsLine> = Vec::new();
    let mut open: Vec<u8> = Vec::new();
    // The block after a heading that is nothing but its number: there its name stands.
    let mut named_at = None;
    for (at, block) in document.blocks.iter().enumerate() {
        let Block::Known(KnownBlock::Heading { level, division, spans }) = block else { continue };
        let words = in_one_line(spans);
        if words.is_empty() {
            continue;
        }
        if let (true, None, Some(before)) = (named_at == Some(at), division, lines.last_mut()) {
            before.words = format!("{} {words}", before.words);
            continue;
        }
        named_at = division.as_ref().filter(|of| is_bare(of, &words)).map(|_| at + 1);
        open.retain(|above| above < level);
        open.push(*level);
        let level = u8::try_from(open.len()).unwrap_or(u8::MAX);
        lines.push(ContentsLine { level, words, block: u32::try_from(at).unwrap_or(u32::MAX) });
    }
    if lines.len() < FEWEST { Vec::new() } else { lines }
}

fn in_one_line(spans: &[Span]) -> String {
    let words: String =
        spans.iter().filter(|span| span.note.is_none()).map(|span| span.text.as_str()).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `Chương II`, with no name behind the number; `Phụ lục`.
fn is_bare(division: &Division, words: &str) -> bool {
    let words = words.trim_end_matches(['.', ':']);
    if division.number.is_empty() { words.split(' ').count() <= 2 } else { words.ends_with(&division.number) }
}

#[cfg(test)]
mod tests {
    use sotay_protocol::document::DivisionKind;

    use super::*;

    fn division(kind: DivisionKind, number: &str, level: u8, words: &str) -> Block {
        let division = Some(Division { kind, number: number.to_owned() });
        Block::Known(KnownBlock::Heading { level, division, spans: vec![Span::plain(words)] })
    }

    fn written(blocks: Vec<Block>) -> Vec<String> {
        let lines = contents(&Document::new(blocks));
        lines.iter().map(|line| format!("{} {} @{}", line.level, line.words, line.block)).collect()
    }

    #[test]
    fn chapters_and_articles_stand_under_one_another_whatever_their_levels() {
        let lines = written(vec![
            division(DivisionKind::Chapter, "I", 2, "Chương I"),
            Block::heading(2, "QUY ĐỊNH\nCHUNG"),
            division(DivisionKind::Article, "1", 5, "Điều 1. Phạm vi"),
            Block::paragraph("Quy định này…"),
            division(DivisionKind::Chapter, "II", 2, "Chương II. TỔ CHỨC"),
            division(DivisionKind::Article, "2", 5, "Điều 2. Hiệu lực"),
            division(DivisionKind::Appendix, "", 1, "PHỤ LỤC"),
        ]);
        assert_eq!(
            lines,
            [
                "1 Chương I QUY ĐỊNH CHUNG @0",
                "2 Điều 1. Phạm vi @2",
                "1 Chương II. TỔ CHỨC @4",
                "2 Điều 2. Hiệu lực @5",
                "1 PHỤ LỤC @6"
            ]
        );
    }

    #[test]
    fn a_letter_with_two_headings_needs_no_contents() {
        assert_eq!(written(vec![Block::heading(1, "Thư mời"), Block::heading(2, "Nơi nhận")]), [""; 0]);
        let noted = KnownBlock::Heading {
            level: 1,
            division: None,
            spans: vec![Span::plain("Mục đích "), Span::note("1")],
        };
        let lines =
            written(vec![Block::Known(noted), Block::heading(1, "Nội dung"), Block::heading(1, "Kinh phí")]);
        assert_eq!(lines, ["1 Mục đích @0", "1 Nội dung @1", "1 Kinh phí @2"]);
    }
}
