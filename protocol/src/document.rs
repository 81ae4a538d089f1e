//! The body of a directive: a small document model that any screen can lay out.
//!
//! Not HTML and not Markdown: a phone must be able to show it, read it aloud and search it without a
//! parser for either, and a signature must cover one spelling of it. Blocks of a kind that this version
//! does not know are kept as they came and shown by their text.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Blocks from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Document {
    pub blocks: Vec<Block>,
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
        spans: Vec<Span>,
    },
    Paragraph {
        spans: Vec<Span>,
    },
    /// Items in order; `depth` counts from 0. Numbered items carry the number as printed ("1.", "a)").
    List {
        items: Vec<Item>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    #[serde(default, skip_serializing_if = "is_zero")]
    pub depth: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
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
}

impl Block {
    #[must_use]
    pub fn heading(level: u8, text: impl Into<String>) -> Self {
        Self::Known(KnownBlock::Heading { level, spans: vec![Span::plain(text)] })
    }

    #[must_use]
    pub fn paragraph(text: impl Into<String>) -> Self {
        Self::Known(KnownBlock::Paragraph { spans: vec![Span::plain(text)] })
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

impl Document {
    /// The words alone, a line for each heading, paragraph and item: what search and reading aloud use.
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
        let sent = r#"{"blocks":[{"block":"heading","level":1,"spans":[{"text":"Mục tiêu"}]},{"block":"table","rows":[["1"]],"text":"Bảng 1"}]}"#;
        let read: Document = serde_json::from_str(sent).unwrap();
        assert_eq!(read.text(), "Mục tiêu\nBảng 1\n");
        let again = serde_json::to_value(&read).unwrap();
        assert_eq!(again, serde_json::from_str::<Value>(sent).unwrap());
    }

    #[test]
    fn numbers_of_items_stand_in_the_text() {
        let item =
            Item {
                depth: 0, number: Some("a)".into()), spans: vec![Span::plain("Quét dọn đường làng")]
            };
        let document = Document { blocks: vec![Block::Known(KnownBlock::List { items: vec![item] })] };
        assert_eq!(document.text(), "a) Quét dọn đường làng\n");
    }
}
