mod drawn;
mod hostile;
mod pages;
mod soup;

use sotay_protocol::document::{Block, Document, KnownBlock, words};

use super::{DocumentError, read};

/// The words of each block that is a paragraph, a heading or an item.
fn lines(document: &Document) -> Vec<String> {
    document
        .blocks
        .iter()
        .flat_map(|block| match block {
            Block::Known(KnownBlock::Paragraph { spans } | KnownBlock::Heading { spans, .. }) => {
                vec![words(spans)]
            }
            Block::Known(KnownBlock::List { items }) => items
                .iter()
                .map(|item| format!("{} {}", item.number.as_deref().unwrap_or_default(), words(&item.spans)))
                .collect(),
            _ => Vec::new(),
        })
        .collect()
}
