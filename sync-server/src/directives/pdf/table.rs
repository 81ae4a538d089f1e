//! Tables: a grid of ruling lines with the letters that stand in its cells.

use std::collections::BTreeMap;

use sotay_protocol::document::{Cell, Span, TableRow, words};

use super::{
    grid::{Grid, Place},
    line::{Line, lines},
    paragraph::{Margins, Of, paragraphs},
    sheet::{Area, Glyph, Point, Sheet},
};

/// Between the border of a cell and its letters, at least; in points.
const PADDING: f32 = 2.5;

/// A cell: which it is, its words, and the room it takes.
type Told = (Place, Vec<Span>, Area);

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    pub(super) area: Area,
    columns: Vec<f32>,
    pub(super) rows: Vec<TableRow>,
}

/// Takes the letters that stand in grids off the sheet.
pub(super) fn take(sheet: &mut Sheet, grids: Vec<Grid>) -> Vec<Table> {
    let mut tables = Vec::new();
    for grid in grids {
        let area = grid.area();
        let middle = |glyph: &Glyph| Point {
            x: f32::midpoint(glyph.from.x, glyph.to.x),
            y: glyph.from.y - glyph.size * 0.3,
        };
        let mut cells: Vec<Vec<Glyph>> = grid.places.iter().map(|_| Vec::new()).collect();
        let mut filled = |glyphs: &mut Vec<Glyph>| {
            glyphs.retain(|glyph| {
                let at = middle(glyph);
                let cell = area.holds(at).then(|| grid.cell(at)).flatten();
                let Some(cell) = cell.and_then(|cell| cells.get_mut(cell)) else { return true };
                cell.push(glyph.clone());
                false
            });
        };
        filled(&mut sheet.glyphs);
        filled(&mut sheet.turned);
        let told = cells.iter().filter(|cell| cell.iter().any(|glyph| glyph.letters.trim() != "")).count();
        // Of a row that is torn by the break of the page, one cell alone may go on.
        let enough = if grid.columns.len() > 3 { 1 } else { 2 };
        if told < enough {
            // A frame around a text, a box to tick, a drawing.
            sheet.glyphs.extend(cells.into_iter().flatten());
            continue;
        }
        tables.push(table(&grid, area, &cells, &sheet.shades));
    }
    tables
}

fn table(grid: &Grid, area: Area, cells: &[Vec<Glyph>], shades: &[Area]) -> Table {
    let mut rows: BTreeMap<usize, Vec<Told>> = BTreeMap::new();
    for (place, glyphs) in grid.places.iter().zip(cells) {
        let inside = grid.area_of(place);
        rows.entry(place.row).or_default().push((*place, spans(glyphs, inside), inside));
    }
    let heads = heads(&rows, shades);
    let rows = (0..grid.rows.len().saturating_sub(1)).map(|at| TableRow {
        heading: at < heads,
        cells: rows
            .remove(&at)
            .unwrap_or_default()
            .into_iter()
            .map(|(place, spans, _)| Cell { across: short(place.across), down: short(place.down), spans })
            .collect(),
    });
    Table { area, columns: grid.columns.clone(), rows: rows.collect() }
}

fn short(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

/// How many rows name the columns: the first, where it is bold or shaded, and all that its cells reach down to.
fn heads(rows: &BTreeMap<usize, Vec<Told>>, shades: &[Area]) -> usize {
    let Some(first) = rows.get(&0).filter(|_| rows.len() > 1) else { return 0 };
    let told = || first.iter().filter(|(_, spans, _)| !words(spans).trim().is_empty());
    let bold = told().all(|(_, spans, _)| spans.iter().all(|span| span.bold || span.text.trim().is_empty()));
    let shaded = told().all(|(_, _, area)| {
        let middle =
            Point { x: f32::midpoint(area.left, area.right), y: f32::midpoint(area.top, area.bottom) };
        shades.iter().any(|shade| shade.holds(middle) && shade.right - shade.left < 2_000.0)
    });
    // A row that is one cell is a title, not the names of columns.
    let named = told().count() > 1;
    let down = first.iter().map(|(place, ..)| place.down).max().unwrap_or(1);
    if named && (bold || shaded) { down.min(rows.len().saturating_sub(1)) } else { 0 }
}

fn spans(glyphs: &[Glyph], area: Area) -> Vec<Span> {
    let (upright, turned): (Vec<Glyph>, Vec<Glyph>) = glyphs
        .iter()
        .cloned()
        .partition(|glyph| (glyph.to.y - glyph.from.y).abs() <= 0.1 + glyph.size * 0.05);
    let mut spans = upright_spans(&upright, area);
    let turned: String = turned.iter().map(|glyph| &*glyph.letters).collect();
    if !turned.trim().is_empty() {
        spans.push(Span::plain(if spans.is_empty() { turned } else { format!("\n{turned}") }));
    }
    spans
}

fn upright_spans(glyphs: &[Glyph], area: Area) -> Vec<Span> {
    let lines: Vec<Line> =
        lines(glyphs).into_iter().filter_map(|row| row.into_iter().reduce(Line::join)).collect();
    let Some(left) = lines.iter().map(|line| line.left).min_by(f32::total_cmp) else { return Vec::new() };
    let padding = (left - area.left).clamp(PADDING, 8.0);
    let margins =
        Margins { left: area.left + padding, right: area.right - padding, leading: 1.8, of: Of::Cell };
    let mut spans: Vec<Span> = Vec::new();
    for paragraph in paragraphs(lines, &margins) {
        if let Some(last) = spans.last_mut() {
            last.text.push('\n');
        }
        spans.extend(paragraph.spans_with_marks());
    }
    joined(spans)
}

/// Neighbours of one style as one.
pub(super) fn joined(spans: Vec<Span>) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    for span in spans {
        match out.last_mut() {
            Some(last)
                if (last.bold, last.italic) == (span.bold, span.italic)
                    && last.note.is_none()
                    && span.note.is_none() =>
            {
                last.text.push_str(&span.text);
            }
            _ => out.push(span),
        }
    }
    out
}

impl Table {
    /// Whether a table at the top of the next page goes on with this one at the foot of its page.
    pub(super) fn is_continued_by(&self, next: &Self) -> bool {
        self.columns.len() == next.columns.len()
            && self.columns.iter().zip(&next.columns).all(|(a, b)| (a - b).abs() < 4.0)
    }

    pub(super) fn append(&mut self, next: Self) {
        let heads = self.rows.iter().take_while(|row| row.heading).count().max(1);
        let text = |row: &TableRow| row.cells.iter().map(|cell| words(&cell.spans)).collect::<Vec<_>>();
        let repeats = next.rows.len() >= heads
            && next.rows.iter().zip(&self.rows).take(heads).all(|(a, b)| text(a) == text(b));
        let mut rows = next.rows.into_iter().skip(if repeats { heads } else { 0 });
        if let Some(first) = rows.next() {
            match self.rows.last_mut().filter(|last| goes_on(last, &first)) {
                Some(last) => join(last, first),
                None => self.rows.push(TableRow { heading: false, ..first }),
            }
        }
        self.rows.extend(rows.map(|row| TableRow { heading: false, ..row }));
        self.area = next.area;
    }

    /// Marks of notes, from row to row.
    pub(super) fn marks(&self) -> impl Iterator<Item = &str> {
        let cells = self.rows.iter().flat_map(|row| &row.cells);
        cells.flat_map(|cell| &cell.spans).filter_map(|span| span.note.as_deref())
    }

    /// What stands raised is a mark where there is a note for it, and a letter like any other where there is none.
    pub(super) fn name_marks(&mut self, names: &BTreeMap<String, String>) {
        for cell in self.rows.iter_mut().flat_map(|row| &mut row.cells) {
            for span in &mut cell.spans {
                if let Some(mark) = span.note.take()
                    && let Some(name) = names.get(&mark)
                {
                    *span = Span::note(name.clone());
                }
            }
        }
    }
}

/// A row that is torn by the break of the page says nothing in its first cell below, and nothing in any cell that
/// says nothing above.
fn goes_on(row: &TableRow, next: &TableRow) -> bool {
    let told = |cell: &Cell| !words(&cell.spans).trim().is_empty();
    let mut cells = row.cells.iter().zip(&next.cells);
    row.cells.len() == next.cells.len()
        && row.cells.first().is_some_and(told)
        && !next.cells.first().is_some_and(told)
        && cells.all(|(above, below)| {
            (above.across, above.down, below.down) == (below.across, 1, 1) && (told(above) || !told(below))
        })
}

fn join(row: &mut TableRow, next: TableRow) {
    for (cell, rest) in row.cells.iter_mut().zip(next.cells) {
        if let (Some(end), false) = (cell.spans.last_mut(), rest.spans.is_empty()) {
            end.text.push(' ');
        }
        cell.spans = joined(std::mem::take(&mut cell.spans).into_iter().chain(rest.spans).collect());
    }
}
