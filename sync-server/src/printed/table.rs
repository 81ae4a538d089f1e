//! Ruled tables: columns as wide as their words ask for, the heading rows again on each page.

use sotay_protocol::document::{Span, TableRow};

use super::lines::{Line, Measure, broken, natural};
use super::page::{HEIGHT, LEADING, LEFT, MEASURE, Pages};

const SIZE: f32 = 12.0;
const PAD: f32 = 4.0;

struct Row {
    heading: bool,
    cells: Vec<Vec<Line>>,
    height: f32,
}

/// Whether a table can be ruled on these pages: no cell reaches over several places, no word is cut, and no row is higher than
/// half a page.
pub(super) fn fits(pages: &Pages<'_>, rows: &[TableRow]) -> bool {
    let plain = rows.iter().flat_map(|row| &row.cells).all(|cell| (cell.across, cell.down) == (1, 1));
    let widths = widths(pages, rows);
    plain
        && widths.iter().sum::<f32>() <= MEASURE + 1.0
        && rows.iter().all(|row| set(pages, row, &widths).height <= HEIGHT / 2.0)
}

/// A table that [`fits`].
pub(super) fn draw(pages: &mut Pages<'_>, rows: &[TableRow]) {
    let widths = widths(pages, rows);
    let rows: Vec<Row> = rows.iter().map(|row| set(pages, row, &widths)).collect();
    for (place, row) in rows.iter().enumerate() {
        let lines: Vec<&Line> = row.cells.iter().flatten().collect();
        if !pages.fits(row.height, &lines) {
            pages.turn();
            for heading in rows.iter().take(place).take_while(|row| row.heading) {
                put(pages, heading, &widths);
            }
        }
        put(pages, row, &widths);
    }
}

fn bold(spans: &[Span], heading: bool) -> Vec<Span> {
    spans.iter().map(|span| Span { bold: span.bold || heading, ..span.clone() }).collect()
}

fn set(pages: &Pages<'_>, row: &TableRow, widths: &[f32]) -> Row {
    let cells: Vec<Vec<Line>> = row
        .cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| {
            let measure = Measure { size: SIZE, width: width - 2.0 * PAD, first: 0.0 };
            broken(&bold(&cell.spans, row.heading), pages.fonts, measure)
        })
        .collect();
    let tall = cells.iter().map(Vec::len).max().unwrap_or_default();
    let height = f32::from(u16::try_from(tall).unwrap_or(u16::MAX)) * SIZE * LEADING + 2.0 * PAD;
    Row { heading: row.heading, cells, height }
}

fn put(pages: &mut Pages<'_>, row: &Row, widths: &[f32]) {
    let top = pages.y();
    let bottom = top - row.height;
    let mut x = LEFT;
    pages.rule((LEFT, top), (LEFT + widths.iter().sum::<f32>(), top));
    pages.rule((LEFT, bottom), (LEFT + widths.iter().sum::<f32>(), bottom));
    pages.rule((LEFT, bottom), (LEFT, top));
    for (cell, width) in row.cells.iter().zip(widths) {
        let mut y = top - PAD;
        for line in cell {
            y -= SIZE * LEADING;
            pages.draw(line, x + PAD, y + SIZE * (LEADING - 1.0));
            pages.tell(line);
        }
        x += width;
        pages.rule((x, bottom), (x, top));
    }
    pages.skip(row.height);
}

/// Each column gets its widest word, then its part of what is left.
fn widths(pages: &Pages<'_>, rows: &[TableRow]) -> Vec<f32> {
    let count = rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
    let mut wanted = vec![(0.0f32, 0.0f32); count];
    for row in rows {
        for (cell, wanted) in row.cells.iter().zip(&mut wanted) {
            let (whole, word) = natural(&bold(&cell.spans, row.heading), pages.fonts, SIZE);
            *wanted = (wanted.0.max(whole + 2.0 * PAD + 1.0), wanted.1.max(word + 2.0 * PAD + 1.0));
        }
    }
    let words: f32 = wanted.iter().map(|(_, word)| word).sum();
    let more: f32 = wanted.iter().map(|(whole, word)| whole - word).sum();
    let part = if more > 0.0 { ((MEASURE - words) / more).clamp(0.0, 1.0) } else { 0.0 };
    wanted.into_iter().map(|(whole, word)| word + (whole - word) * part).collect()
}
