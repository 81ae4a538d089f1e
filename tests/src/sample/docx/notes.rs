//! Footnotes, which Word keeps in a part of their own.

use std::fmt::Write as _;

use sotay_protocol::document::{Block, Document, KnownBlock};

use super::body::runs;
use super::{HEAD, NAMESPACE};

/// The number that Word knows a note by: its place among them, from 1.
pub(super) fn id(document: &Document, mark: &str) -> usize {
    marks(document).position(|known| known == mark).map_or(0, |place| place + 1)
}

fn marks(document: &Document) -> impl Iterator<Item = &str> {
    document.blocks.iter().filter_map(|block| match block {
        Block::Known(KnownBlock::Note { mark, .. }) => Some(mark.as_str()),
        _ => None,
    })
}

pub(super) fn xml(document: &Document) -> String {
    let mut text = format!(
        "{HEAD}<w:footnotes xmlns:w=\"{NAMESPACE}\"><w:footnote w:type=\"separator\" w:id=\"-1\"><w:p><w:r>\
         <w:separator/></w:r></w:p></w:footnote><w:footnote w:type=\"continuationSeparator\" w:id=\"0\"><w:p>\
         <w:r><w:continuationSeparator/></w:r></w:p></w:footnote>"
    );
    for block in &document.blocks {
        let Block::Known(KnownBlock::Note { mark, spans, .. }) = block else { continue };
        let _ = write!(
            text,
            "<w:footnote w:id=\"{}\"><w:p><w:pPr><w:pStyle w:val=\"FootnoteText\"/></w:pPr><w:r><w:rPr>\
             <w:rStyle w:val=\"FootnoteReference\"/></w:rPr><w:footnoteRef/></w:r><w:r>\
             <w:t xml:space=\"preserve\"> </w:t></w:r>",
            id(document, mark)
        );
        runs(&mut text, spans, document);
        text.push_str("</w:p></w:footnote>");
    }
    text + "</w:footnotes>"
}
