//! A document's blocks, laid out from top to bottom.

use sotay_protocol::document::{Block, DivisionKind, KnownBlock, Span, TableRow};

use super::{
    lines::{Measure, broken},
    page::{LEADING, LEFT, MEASURE, Pages},
    table,
};

/// Of the text.
pub const SIZE: f32 = 13.0;
/// The first line of a paragraph is moved in by one centimetre; items by half of it for each step.
pub const INDENT: f32 = 28.0;
pub const BETWEEN: f32 = 4.0;

/// A block of the text; `next` follows it.
pub fn write(pages: &mut Pages<'_>, block: &KnownBlock, next: Option<&Block>) {
    match block {
        KnownBlock::Heading { division, spans, .. } => {
            let kind = division.as_ref().map(|division| division.kind);
            let wide = kind.is_some_and(|kind| kind <= DivisionKind::Subsection);
            heading(pages, spans, wide);
        }
        KnownBlock::Paragraph { spans } => paragraph(pages, spans, INDENT),
        KnownBlock::List { items } => {
            for item in items {
                let mark = item.number.clone().unwrap_or_else(|| "-".to_owned());
                let spans: Vec<Span> =
                    [Span::plain(mark + " ")].into_iter().chain(item.spans.iter().cloned()).collect();
                paragraph(pages, &spans, INDENT * (1.0 + f32::from(item.depth) / 2.0));
            }
        }
        KnownBlock::Table { rows, .. } => {
            if table::fits(pages, rows) {
                table::draw(pages, rows);
            } else {
                rows.iter().for_each(|row| row_of_words(pages, row));
            }
            // What follows does not touch the ruled edge.
            pages.skip(if next.is_some() { BETWEEN * 2.0 } else { 0.0 });
        }
        KnownBlock::Note { .. } | KnownBlock::Scan { .. } => {}
    }
}

/// Chapters stand in the middle, articles and numbered headings begin a line.
fn heading(pages: &mut Pages<'_>, spans: &[Span], wide: bool) {
    let bold: Vec<Span> = spans.iter().map(|span| Span { bold: true, ..span.clone() }).collect();
    pages.skip(BETWEEN);
    // A heading does not stand alone at a page's end.
    if !pages.fits(SIZE * LEADING * 3.0, &[]) {
        pages.turn();
    }
    let first = if wide { 0.0 } else { INDENT };
    for set in broken(&bold, pages.fonts, Measure { size: SIZE, width: MEASURE, first }) {
        let x = if wide { LEFT + (MEASURE - set.width) / 2.0 } else { LEFT };
        pages.line(&set, x, SIZE);
    }
    pages.skip(BETWEEN);
}

fn paragraph(pages: &mut Pages<'_>, spans: &[Span], first: f32) {
    for set in broken(spans, pages.fonts, Measure { size: SIZE, width: MEASURE, first }) {
        pages.line(&set, LEFT, SIZE);
    }
    pages.skip(BETWEEN);
}

/// Of a table that is no grid on this page: its cells one after another.
fn row_of_words(pages: &mut Pages<'_>, row: &TableRow) {
    let mut spans = Vec::new();
    for (place, cell) in row.cells.iter().enumerate() {
        if place > 0 {
            spans.push(Span::plain(" | "));
        }
        spans.extend(cell.spans.iter().map(|span| Span { bold: span.bold || row.heading, ..span.clone() }));
    }
    paragraph(pages, &spans, 0.0);
}
