//! The body of a directive, block by block.

use sotay_core::directives as core;
use sotay_protocol::{
    attachment as file,
    document::{self as model, KnownBlock},
};

use crate::kinds::DivisionKind;

/// A piece of a document, from one line break to the next.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Block {
    /// `level` counts from 1, the largest.
    Heading {
        /// From 1, the largest.
        level: u8,
        /// What it opens, where the document is built in chapters and articles.
        division: Option<Division>,
        /// Its words.
        spans: Vec<Span>,
    },
    /// Words.
    Paragraph {
        /// In runs.
        spans: Vec<Span>,
    },
    /// Not `List`: in Kotlin that would hide the language's own.
    Items {
        /// From top to bottom.
        items: Vec<ListItem>,
    },
    /// Rows from top to bottom. Where it is not drawn, `text` is shown: a line for each row.
    Table {
        /// From top to bottom.
        rows: Vec<TableRow>,
        /// A line for each row.
        text: String,
    },
    /// A footnote or endnote, told of in the words by [`Span::note`]. Notes stand after all else.
    Note {
        /// As printed.
        mark: String,
        /// Its words.
        spans: Vec<Span>,
    },
    /// Pages of which only pictures came, both included, counted from 1; `text` says so in Vietnamese.
    Scan {
        /// The first of them, counted from 1.
        from_page: u32,
        /// The last of them.
        to_page: u32,
        /// What is said in their place.
        text: String,
    },
    /// Of a newer version: to be shown by its text, where it has one.
    Unknown {
        /// Its words, where it has some.
        text: Option<String>,
    },
}

/// Điều 3, Chương II: what a heading opens. The heading's words hold the number too, as printed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Division {
    /// Which one.
    pub kind: DivisionKind,
    /// `3`, `II`, `A`; empty where none is printed ("Phụ lục").
    pub number: String,
}

/// `depth` counts from 0. A numbered item carries the number as printed ("1.", "a)").
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ListItem {
    /// From 0.
    pub depth: u8,
    /// As printed; none before a dash.
    pub number: Option<String>,
    /// Khoản or điểm, inside an article.
    pub division: Option<DivisionKind>,
    /// Its words.
    pub spans: Vec<Span>,
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TableRow {
    /// It names the columns, and is repeated where the table goes on.
    pub heading: bool,
    /// From left to right; a place that a cell above or to the left reaches into has none of its own.
    pub cells: Vec<TableCell>,
}

/// One cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TableCell {
    /// How many columns it takes.
    pub across: u16,
    /// How many rows it takes.
    pub down: u16,
    /// Paragraphs of one cell stand apart by line breaks.
    pub spans: Vec<Span>,
}

/// A run of words in one style.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Span {
    /// The words.
    pub text: String,
    /// Đậm.
    pub bold: bool,
    /// Nghiêng.
    pub italic: bool,
    /// The mark of the note that these words point to; the words are the mark in brackets.
    pub note: Option<String>,
}

/// One line of the contents.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ContentsLine {
    /// How deep it stands, from 1 and without gaps.
    pub level: u8,
    /// Of the heading.
    pub words: String,
    /// Which of the blocks it leads to, from 0.
    pub block: u32,
}

/// A file, known by what is in it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Attachment {
    /// `ke-hoach-17.docx`.
    pub name: String,
    /// Media type: `application/pdf`.
    pub media: String,
    /// In bytes.
    pub size: u64,
    /// SHA-256 of the bytes, in lower-case hex.
    pub hash: String,
}

fn all<A: Into<B>, B>(of: Vec<A>) -> Vec<B> {
    of.into_iter().map(Into::into).collect()
}

impl From<model::Block> for Block {
    fn from(of: model::Block) -> Self {
        match of {
            model::Block::Known(KnownBlock::Heading { level, division, spans }) => {
                Self::Heading { level, division: division.map(Into::into), spans: all(spans) }
            }
            model::Block::Known(KnownBlock::Paragraph { spans }) => Self::Paragraph { spans: all(spans) },
            model::Block::Known(KnownBlock::List { items }) => Self::Items { items: all(items) },
            model::Block::Known(KnownBlock::Table { rows, text }) => Self::Table { rows: all(rows), text },
            model::Block::Known(KnownBlock::Note { mark, spans, text: _ }) => {
                Self::Note { mark, spans: all(spans) }
            }
            model::Block::Known(KnownBlock::Scan { from_page, to_page, text }) => {
                Self::Scan { from_page, to_page, text }
            }
            model::Block::Other(fields) => {
                Self::Unknown { text: fields.get("text").and_then(|text| text.as_str()).map(str::to_owned) }
            }
        }
    }
}

impl From<model::Division> for Division {
    fn from(of: model::Division) -> Self {
        Self { kind: of.kind, number: of.number }
    }
}

impl From<model::Item> for ListItem {
    fn from(of: model::Item) -> Self {
        Self { depth: of.depth, number: of.number, division: of.division, spans: all(of.spans) }
    }
}

impl From<model::TableRow> for TableRow {
    fn from(of: model::TableRow) -> Self {
        Self { heading: of.heading, cells: all(of.cells) }
    }
}

impl From<model::Cell> for TableCell {
    fn from(of: model::Cell) -> Self {
        Self { across: of.across, down: of.down, spans: all(of.spans) }
    }
}

impl From<model::Span> for Span {
    fn from(of: model::Span) -> Self {
        Self { text: of.text, bold: of.bold, italic: of.italic, note: of.note }
    }
}

impl From<core::ContentsLine> for ContentsLine {
    fn from(of: core::ContentsLine) -> Self {
        Self { level: of.level, words: of.words, block: of.block }
    }
}

impl From<file::Attachment> for Attachment {
    fn from(of: file::Attachment) -> Self {
        Self { name: of.name, media: of.media, size: of.size, hash: of.hash }
    }
}
