//! The body of a directive, block by block.

use sotay_protocol::document::{self as model, KnownBlock};

#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Block {
    /// `level` counts from 1, the largest.
    Heading {
        level: u8,
        spans: Vec<Span>,
    },
    Paragraph {
        spans: Vec<Span>,
    },
    /// Not `List`: in Kotlin that would hide the language's own.
    Items {
        items: Vec<ListItem>,
    },
    /// Of a newer version: to be shown by its text, where it has one.
    Unknown {
        text: Option<String>,
    },
}

/// `depth` counts from 0. A numbered item carries the number as printed ("1.", "a)").
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ListItem {
    pub depth: u8,
    pub number: Option<String>,
    pub spans: Vec<Span>,
}

/// A run of words in one style.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Span {
    pub text: String,
    pub bold: bool,
    pub italic: bool,
}

fn spans(of: Vec<model::Span>) -> Vec<Span> {
    of.into_iter().map(|span| Span { text: span.text, bold: span.bold, italic: span.italic }).collect()
}

impl From<model::Block> for Block {
    fn from(of: model::Block) -> Self {
        match of {
            model::Block::Known(KnownBlock::Heading { level, spans: of, .. }) => {
                Self::Heading { level, spans: spans(of) }
            }
            model::Block::Known(KnownBlock::Paragraph { spans: of }) => Self::Paragraph { spans: spans(of) },
            model::Block::Known(KnownBlock::List { items }) => {
                Self::Items { items: items.into_iter().map(Into::into).collect() }
            }
            model::Block::Known(
                KnownBlock::Table { text, .. }
                | KnownBlock::Note { text, .. }
                | KnownBlock::Scan { text, .. },
            ) => Self::Unknown { text: Some(text) },
            model::Block::Other(fields) => {
                Self::Unknown { text: fields.get("text").and_then(|text| text.as_str()).map(str::to_owned) }
            }
        }
    }
}

impl From<model::Item> for ListItem {
    fn from(of: model::Item) -> Self {
        Self { depth: of.depth, number: of.number, spans: spans(of.spans) }
    }
}
