//! The model of a document as text: what an officer looks over before it is published, and what the golden tests
//! compare.
//!
//! Everything that the model says shows, each in one way: levels as `#`, divisions in square brackets before the
//! printed words, depth as indentation, tables drawn with their merged cells, notes as `[^1]`, bold as `**` and
//! italic as `_`. It is no Markdown: nothing is escaped, for nobody reads it back.

mod table;

use sotay_protocol::document::{Block, Division, DivisionKind, Document, Item, KnownBlock, Span};

/// A stranger's file must not write to the officer's terminal.
const UNPRINTABLE: char = '\u{fffd}';

/// The document from top to bottom, an empty line between blocks.
#[must_use]
pub fn print(document: &Document) -> String {
    let mut out = String::new();
    for block in &document.blocks {
        if !out.is_empty() {
            out.push('\n');
        }
        match block {
            Block::Known(block) => write_block(block, &mut out),
            Block::Other(fields) => {
                let text = fields.get("text").and_then(|text| text.as_str()).unwrap_or_default();
                write_lines("[phần của phiên bản mới hơn] ", &printable(text), "  ", &mut out);
            }
        }
    }
    out
}

fn write_block(block: &KnownBlock, out: &mut String) {
    match block {
        KnownBlock::Heading { level, division, spans } => {
            let mut start = "#".repeat(usize::from(*level)) + " ";
            if let Some(division) = division {
                start.push_str(&opened(division));
            }
            write_lines(&start, &styled(spans), "  ", out);
        }
        KnownBlock::Paragraph { spans } => write_lines("", &styled(spans), "", out),
        KnownBlock::List { items } => items.iter().for_each(|item| write_item(item, out)),
        KnownBlock::Table { rows, .. } => table::write(rows, out),
        KnownBlock::Note { mark, spans, .. } => {
            write_lines(&format!("[^{}]: ", printable(mark)), &styled(spans), "  ", out);
        }
        KnownBlock::Scan { text, .. } => write_lines("", &printable(text), "", out),
    }
}

fn write_item(item: &Item, out: &mut String) {
    let indent = "  ".repeat(usize::from(item.depth));
    let number = item.number.as_deref().map(printable);
    let mut start = indent.clone();
    if let Some(kind) = item.division {
        let number = number.as_deref().unwrap_or_default().trim_end_matches(['.', ')', '/']);
        start.push_str(&opened(&Division { kind, number: number.to_owned() }));
    }
    start.push_str(number.as_deref().unwrap_or("-"));
    start.push(' ');
    write_lines(&start, &styled(&item.spans), &(indent + "  "), out);
}

/// `[Điều 3] `.
fn opened(division: &Division) -> String {
    let kind = match division.kind {
        DivisionKind::Appendix => "Phụ lục",
        DivisionKind::Part => "Phần",
        DivisionKind::Chapter => "Chương",
        DivisionKind::Section => "Mục",
        DivisionKind::Subsection => "Tiểu mục",
        DivisionKind::Article => "Điều",
        DivisionKind::Clause => "khoản",
        DivisionKind::Point => "điểm",
        DivisionKind::Other => "phần",
    };
    let number = printable(&division.number);
    if number.is_empty() { format!("[{kind}] ") } else { format!("[{kind} {number}] ") }
}

fn write_lines(start: &str, text: &str, hanging: &str, out: &mut String) {
    out.push_str(start);
    for (place, line) in text.split('\n').enumerate() {
        if place > 0 {
            out.push('\n');
            out.push_str(hanging);
        }
        out.push_str(line);
    }
    out.push('\n');
}

/// The words with what is bold, italic or points to a note.
fn styled(spans: &[Span]) -> String {
    let mut out = String::new();
    for span in spans {
        let text = printable(&span.text);
        if let Some(mark) = &span.note {
            let mark = printable(mark);
            let told = if text == format!("[{mark}]") { "" } else { text.as_str() };
            out.push_str(&format!("{told}[^{mark}]"));
            continue;
        }
        let words = text.trim();
        let style = match (span.bold, span.italic) {
            _ if words.is_empty() => "",
            (true, true) => "**_",
            (true, false) => "**",
            (false, true) => "_",
            (false, false) => "",
        };
        let (before, after) = text.split_at(text.len() - text.trim_start().len());
        let after = after.get(words.len()..).unwrap_or_default();
        let end: String = style.chars().rev().collect();
        out.push_str(&format!("{before}{style}{words}{end}{after}"));
    }
    out
}

/// Tabs as an arrow; other control characters, and those that turn the direction of writing, made visible.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\t' => out.push_str(" → "),
            '\n' => out.push('\n'),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push(UNPRINTABLE),
            letter if letter.is_control() => out.push(UNPRINTABLE),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use sotay_protocol::document::{Cell, TableRow};

    use super::*;

    fn bold(text: &str) -> Span {
        Span { bold: true, ..Span::plain(text) }
    }

    fn heading(level: u8, kind: DivisionKind, number: &str, text: &str) -> Block {
        Block::Known(KnownBlock::Heading {
            level,
            division: Some(Division { kind, number: number.into() }),
            spans: vec![Span::plain(text)],
        })
    }

    fn item(depth: u8, number: Option<&str>, division: Option<DivisionKind>, text: &str) -> Item {
        Item { depth, number: number.map(Into::into), division, spans: vec![Span::plain(text)] }
    }

    #[test]
    fn everything_that_the_model_says_shows() {
        let italic = Span { italic: true, ..Span::plain("kèm theo ") };
        let document = Document::new(vec![
            Block::heading(1, "QUY ĐỊNH"),
            heading(2, DivisionKind::Chapter, "II", "Chương II\nSINH HOẠT"),
            heading(3, DivisionKind::Article, "3", "Điều 3. Thời gian"),
            Block::Known(KnownBlock::Paragraph {
                spans: vec![
                    Span::plain("Theo"),
                    bold(" Điều lệ "),
                    italic,
                    Span::note("1"),
                    Span::plain(".\nXem\tsau."),
                ],
            }),
            Block::Known(KnownBlock::List {
                items: vec![
                    item(0, Some("1."), Some(DivisionKind::Clause), "Mỗi tháng một lần"),
                    item(1, Some("a)"), Some(DivisionKind::Point), "Ngày mùng ba"),
                    item(2, None, None, "Ở nhà văn hóa"),
                ],
            }),
            Block::scan(4, 4),
            Block::note("1", vec![Span::plain("Điều 24.")]),
        ]);
        assert_eq!(
            print(&document),
            "# QUY ĐỊNH\n\n\
             ## [Chương II] Chương II\n  SINH HOẠT\n\n\
             ### [Điều 3] Điều 3. Thời gian\n\n\
             Theo **Điều lệ** _kèm theo_ [^1].\nXem → sau.\n\n\
             [khoản 1] 1. Mỗi tháng một lần\n  [điểm a] a) Ngày mùng ba\n    - Ở nhà văn hóa\n\n\
             [Trang 4 là ảnh quét, chưa có phần chữ; xem tệp gốc]\n\n\
             [^1]: Điều 24.\n"
        );
    }

    #[test]
    fn nothing_in_a_document_moves_the_cursor_of_the_terminal() {
        let document = Document::new(vec![Block::paragraph("a\u{1b}[2Jb\u{202e}c\u{85}d")]);
        assert_eq!(print(&document), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d\n");
    }

    #[test]
    fn a_table_stands_between_its_neighbours() {
        let cells = vec![Cell::new(vec![bold("Việc")]), Cell::new(vec![Span::plain("Hạn")])];
        let row = TableRow { heading: false, cells };
        let document = Document::new(vec![Block::paragraph("Trên"), Block::table(vec![row])]);
        assert_eq!(print(&document), "Trên\n\n┌──────────┬─────┐\n│ **Việc** │ Hạn │\n└──────────┴─────┘\n");
    }
}
