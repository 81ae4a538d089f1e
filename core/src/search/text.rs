//! The words of a document that are searched: those that stand in it, without what only points at a note.

use sotay_protocol::document::{Block, Document, KnownBlock, Span};

/// «Điều lệ[1] Đảng» is the phrase "Điều lệ Đảng" to who looks for it.
pub(super) fn searched(mut document: Document) -> String {
    for block in &mut document.blocks {
        let Block::Known(block) = block else { continue };
        match block {
            KnownBlock::Heading { spans, .. }
            | KnownBlock::Paragraph { spans }
            | KnownBlock::Note { spans, .. } => drop_marks(spans),
            KnownBlock::List { items } => items.iter_mut().for_each(|item| drop_marks(&mut item.spans)),
            KnownBlock::Table { rows, .. } => {
                rows.iter_mut().flat_map(|row| &mut row.cells).for_each(|cell| drop_marks(&mut cell.spans));
            }
            KnownBlock::Scan { .. } => {}
        }
    }
    document.text()
}

fn drop_marks(spans: &mut Vec<Span>) {
    spans.retain(|span| span.note.is_none());
}
