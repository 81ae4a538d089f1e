//! The body of a directive: a small document model that any screen can lay out.
//!
//! Not HTML and not Markdown: a phone must be able to show it, read it aloud and search it without a
//! parser for either, and a signature must cover one spelling of it.
//!
//! Blocks stand flat, from top to bottom, and every letter stands as it is printed. That a line opens Chương II
//! or that an item is a khoản is said *beside* the words, never in place of them: a reader that does not know
//! the division still shows the line. A tree of chapters was rejected: a long document is laid out from its
//! first screen on, and half of what committees write is not built like a law.
//!
//! Blocks of a kind that this version does not know are kept as they came and shown by their `text`, so each
//! kind that was not there from the first carries one. [`Document::version`] says what is needed to show all.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The newest version of the model that this crate knows. 1 had headings, paragraphs and lists; 2 has tables,
/// notes and scanned pages.
pub const VERSION: u16 = 2;

/// Blocks from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The first version of the model that knows all its blocks.
    #[serde(default = "first_version", skip_serializing_if = "is_first_version")]
    pub version: u16,
    pub blocks: Vec<Block>,
}

impl Default for Document {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Block {
    Known(KnownBlock),
    /// Of a newer version; `text`, where it has one, is shown as a paragraph.
    Other(Map<String, Value>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum KnownBlock {
    /// `level` counts from 1, the largest.
    Heading {
        level: u8,
        /// What it opens, where the document is built in chapters and articles.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        division: Option<Division>,
        spans: Vec<Span>,
    },
    Paragraph {
        spans: Vec<Span>,
    },
    /// Items in order; `depth` counts from 0. Numbered items carry the number as printed ("1.", "a)").
    List {
        items: Vec<Item>,
    },
    /// Rows from top to bottom; `text` is for readers of version 1.
    Table {
        rows: Vec<TableRow>,
        text: String,
    },
    /// A footnote or endnote, told of in the words by [`Span::note`]. Notes stand at the document's end.
    Note {
        mark: String,
        spans: Vec<Span>,
        text: String,
    },
    /// Pages of which only pictures came, both included, counted from 1.
    Scan {
        from_page: u32,
        to_page: u32,
        text: String,
    },
}

/// Điều 3, Chương II: what a heading opens. The heading's words hold the number too, as printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Division {
    pub kind: DivisionKind,
    /// `3`, `II`, `A`; empty where none is printed ("Phụ lục").
    #[serde(default)]
    pub number: String,
}

/// From the widest to the narrowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DivisionKind {
    /// Phụ lục.
    Appendix,
    /// Phần.
    Part,
    /// Chương.
    Chapter,
    /// Mục.
    Section,
    /// Tiểu mục.
    Subsection,
    /// Điều.
    Article,
    /// Khoản: `1.`, `2.` inside an article.
    Clause,
    /// Điểm: `a)`, `b)` inside a clause.
    Point,
    /// Of a newer version.
    #[serde(other)]
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Item {
    #[serde(default, skip_serializing_if = "is_zero")]
    pub depth: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Khoản or điểm, inside an article.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<DivisionKind>,
    pub spans: Vec<Span>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TableRow {
    /// It names the columns, and is repeated where the table goes on.
    #[serde(default, skip_serializing_if = "is_false")]
    pub heading: bool,
    /// From left to right; a place that a cell above or to the left reaches into has none of its own.
    pub cells: Vec<Cell>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// How many columns it takes, and how many rows.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub across: u16,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub down: u16,
    /// Paragraphs of one cell stand apart by line breaks.
    pub spans: Vec<Span>,
}

/// A run of words in one style.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Span {
    pub text: String,
    #[serde(default, skip_serializing_if = "is_false")]
    pub bold: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub italic: bool,
    /// The mark of the note that these words point to; the words are the mark in brackets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

fn first_version() -> u16 {
    1
}

fn one() -> u16 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_first_version(version: &u16) -> bool {
    *version == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_one(count: &u16) -> bool {
    *count == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(value: &u8) -> bool {
    *value == 0
}

impl Span {
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Where a note is told of.
    #[must_use]
    pub fn note(mark: impl Into<String>) -> Self {
        let mark = mark.into();
        Self { text: format!("[{mark}]"), note: Some(mark), ..Self::default() }
    }
}

impl Cell {
    #[must_use]
    pub fn new(spans: Vec<Span>) -> Self {
        Self { across: 1, down: 1, spans }
    }
}

impl TableRow {
    /// The cells of one row in one line.
    fn write_text(&self, out: &mut String) {
        for (place, cell) in self.cells.iter().enumerate() {
            if place > 0 {
                out.push_str(" | ");
            }
            for span in &cell.spans {
                out.extend(span.text.chars().map(|letter| if letter == '\n' { ' ' } else { letter }));
            }
        }
        out.push('\n');
    }
}

impl Block {
    #[must_use]
    pub fn heading(level: u8, text: impl Into<String>) -> Self {
        Self::Known(KnownBlock::Heading { level, division: None, spans: vec![Span::plain(text)] })
    }

    #[must_use]
    pub fn paragraph(text: impl Into<String>) -> Self {
        Self::Known(KnownBlock::Paragraph { spans: vec![Span::plain(text)] })
    }

    #[must_use]
    pub fn table(rows: Vec<TableRow>) -> Self {
        let mut text = String::new();
        for row in &rows {
            row.write_text(&mut text);
        }
        text.truncate(text.trim_end().len());
        Self::Known(KnownBlock::Table { rows, text })
    }

    #[must_use]
    pub fn note(mark: impl Into<String>, spans: Vec<Span>) -> Self {
        let mark = mark.into();
        let text = format!("[{mark}] {}", words(&spans));
        Self::Known(KnownBlock::Note { mark, spans, text })
    }

    #[must_use]
    pub fn scan(from_page: u32, to_page: u32) -> Self {
        let pages = if from_page == to_page {
            format!("Trang {from_page} là ảnh quét")
        } else {
            format!("Trang {from_page}–{to_page} là ảnh quét")
        };
        let text = format!("[{pages}, chưa có phần chữ; xem tệp gốc]");
        Self::Known(KnownBlock::Scan { from_page, to_page, text })
    }

    /// The first version that knows it.
    fn version(&self) -> u16 {
        match self {
            Self::Known(
                KnownBlock::Heading { .. } | KnownBlock::Paragraph { .. } | KnownBlock::List { .. },
            ) => 1,
            Self::Known(KnownBlock::Table { .. } | KnownBlock::Note { .. } | KnownBlock::Scan { .. }) => 2,
            Self::Other(_) => VERSION + 1,
        }
    }

    fn write_text(&self, out: &mut String) {
        match self {
            Self::Known(KnownBlock::Heading { spans, .. } | KnownBlock::Paragraph { spans }) => {
                write_line(spans, out);
            }
            Self::Known(KnownBlock::List { items }) => {
                for item in items {
                    if let Some(number) = &item.number {
                        out.push_str(number);
                        out.push(' ');
                    }
                    write_line(&item.spans, out);
                }
            }
            Self::Known(KnownBlock::Table { rows, .. }) => {
                for row in rows {
                    row.write_text(out);
                }
            }
            Self::Known(KnownBlock::Note { mark, spans, .. }) => {
                out.push_str(&format!("[{mark}] "));
                write_line(spans, out);
            }
            // Its text is ours, not the issuer's.
            Self::Known(KnownBlock::Scan { .. }) => {}
            Self::Other(fields) => {
                if let Some(text) = fields.get("text").and_then(Value::as_str) {
                    out.push_str(text);
                    out.push('\n');
                }
            }
        }
    }
}

fn write_line(spans: &[Span], out: &mut String) {
    for span in spans {
        out.push_str(&span.text);
    }
    out.push('\n');
}

/// The words of a run of spans, without their styles.
#[must_use]
pub fn words(spans: &[Span]) -> String {
    spans.iter().map(|span| span.text.as_str()).collect()
}

impl Document {
    #[must_use]
    pub fn new(blocks: Vec<Block>) -> Self {
        let version = blocks.iter().map(Block::version).max().unwrap_or_else(first_version);
        Self { version, blocks }
    }

    /// Whether some of it needs a newer app to be shown as it is meant.
    #[must_use]
    pub fn is_of_newer_version(&self) -> bool {
        self.version > VERSION
    }

    /// The words alone, a line for each heading, paragraph, item and row: what search and reading aloud use.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for block in &self.blocks {
            block.write_text(&mut out);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_of_a_newer_version_is_kept_and_shown_by_its_text() {
        let sent = r#"{"version":9,"blocks":[{"block":"heading","level":1,"spans":[{"text":"Mục tiêu"}]},{"block":"map","places":[["1"]],"text":"Bản đồ 1"}]}"#;
        let read: Document = serde_json::from_str(sent).unwrap();
        assert_eq!(read.text(), "Mục tiêu\nBản đồ 1\n");
        assert!(read.is_of_newer_version());
        let again = serde_json::to_value(&read).unwrap();
        assert_eq!(again, serde_json::from_str::<Value>(sent).unwrap());
    }

    #[test]
    fn numbers_of_items_stand_in_the_text() {
        let item = Item {
            number: Some("a)".into()),
            spans: vec![Span::plain("Quét dọn đường làng")],
            ..Item::default()
        };
        let document = Document::new(vec![Block::Known(KnownBlock::List { items: vec![item] })]);
        assert_eq!(document.text(), "a) Quét dọn đường làng\n");
    }

    #[test]
    fn a_document_of_the_first_version_is_spelled_as_it_was() {
        let sent = r#"{"blocks":[{"block":"list","items":[{"number":"1.","spans":[{"text":"Vệ sinh"}]}]}]}"#;
        let read: Document = serde_json::from_str(sent).unwrap();
        assert_eq!(read.version, 1);
        assert_eq!(serde_json::to_string(&read).unwrap(), sent);
    }

    #[test]
    fn an_article_stands_as_printed_for_a_reader_that_knows_no_articles() {
        let heading = Block::Known(KnownBlock::Heading {
            level: 2,
            division: Some(Division { kind: DivisionKind::Article, number: "3".into() }),
            spans: vec![Span::plain("Điều 3. Trách nhiệm thi hành")],
        });
        let document = Document::new(vec![heading]);
        assert_eq!((document.version, document.text().as_str()), (1, "Điều 3. Trách nhiệm thi hành\n"));
        let newer = r#"{"block":"heading","level":2,"division":{"kind":"verse","number":"7"},"spans":[]}"#;
        let Block::Known(KnownBlock::Heading { division: Some(division), .. }) =
            serde_json::from_str(newer).unwrap()
        else {
            panic!("not a heading")
        };
        assert_eq!(division.kind, DivisionKind::Other);
    }

    /// What stood in the fields of version 1 is all that its readers see of a newer block.
    #[test]
    fn tables_notes_and_scans_carry_text_for_older_readers() {
        let row = |heading, cells: &[&str]| TableRow {
            heading,
            cells: cells.iter().map(|text| Cell::new(vec![Span::plain(*text)])).collect(),
        };
        let told = vec![Span::plain("Theo Điều lệ"), Span::note("1")];
        let document = Document::new(vec![
            Block::Known(KnownBlock::Paragraph { spans: told }),
            Block::table(vec![row(true, &["Việc", "Hạn"]), row(false, &["Quét dọn\nđường làng", "30/6"])]),
            Block::scan(2, 3),
            Block::note("1", vec![Span::plain("Điều 24.")]),
        ]);
        assert_eq!(document.version, 2);
        assert_eq!(
            document.text(),
            "Theo Điều lệ[1]\nViệc | Hạn\nQuét dọn đường làng | 30/6\n[1] Điều 24.\n"
        );
        let sent = serde_json::to_value(&document).unwrap();
        let texts: Vec<_> = (1..4).map(|at| sent["blocks"][at]["text"].as_str().unwrap()).collect();
        assert_eq!(
            texts,
            [
                "Việc | Hạn\nQuét dọn đường làng | 30/6",
                "[Trang 2–3 là ảnh quét, chưa có phần chữ; xem tệp gốc]",
                "[1] Điều 24."
            ]
        );
        assert_eq!(serde_json::from_value::<Document>(sent).unwrap(), document);
    }
}
