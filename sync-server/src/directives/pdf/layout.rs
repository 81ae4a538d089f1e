//! A page with its tables and lines found, before the pages are compared with one another.

use sotay_protocol::document::Cell;

use super::{
    grid::grids,
    line::{Line, lines},
    sheet::{Glyph, Rule, Sheet},
    table::{self, Table},
};

/// A page with fewer letters than this beside its pictures is a scan, perhaps with a stamp of a signature over it.
const FEW_LETTERS: usize = 40;
/// How much of a page a scan covers.
const COVERED: f32 = 0.5;
/// So many filled outlines and no letters: the letters were turned into drawings.
const MANY_OUTLINES: usize = 150;

#[derive(Debug, Default)]
pub(super) struct Laid {
    pub(super) width: f32,
    pub(super) height: f32,
    /// Lines by rows, from top to bottom, without those in tables.
    pub(super) rows: Vec<Vec<Line>>,
    pub(super) tables: Vec<Table>,
    /// Lying rules outside of tables.
    pub(super) rules: Vec<Rule>,
    /// Words that stand on their side or slantwise, or are stamped on the page.
    pub(super) beside: Vec<String>,
    pub(super) scanned: bool,
}

impl Laid {
    /// In bytes; an empty cell counts too, as what parts it from the next.
    pub(super) fn text_size(&self) -> usize {
        const PARTED: usize = " | ".len();
        let runs = self.rows.iter().flatten().flat_map(|line| &line.runs);
        let cells = self.tables.iter().flat_map(|table| &table.rows).flat_map(|row| &row.cells);
        let told = |cell: &Cell| cell.spans.iter().map(|span| span.text.len()).sum::<usize>();
        runs.map(|run| run.text.len()).sum::<usize>() + cells.map(|cell| told(cell) + PARTED).sum::<usize>()
    }
}

pub(super) fn lay_out(mut sheet: Sheet) -> Laid {
    let scanned = is_scan(&sheet);
    let grids = grids(&sheet.rules);
    let tables = table::take(&mut sheet, grids);
    let in_table = |rule: &Rule| {
        tables.iter().any(|table| {
            let area = table.area;
            (area.top - 3.0..=area.bottom + 3.0).contains(&rule.at)
                && rule.from < area.right
                && rule.to > area.left
        })
    };
    let rules = sheet.rules.iter().filter(|rule| rule.lies && !in_table(rule)).copied().collect();
    let mut beside = sheet.beside;
    beside.extend(turned(&sheet.turned));
    Laid {
        width: sheet.width,
        height: sheet.height,
        rows: lines(&sheet.glyphs),
        rules,
        beside,
        tables,
        scanned,
    }
}

fn is_scan(sheet: &Sheet) -> bool {
    let letters = sheet.glyphs.iter().filter(|glyph| !glyph.furniture && glyph.letters.trim() != "").count();
    let unreadable = sheet.unread * 2 > letters && sheet.unread > 0;
    let covered = sheet.pictured > COVERED * sheet.width * sheet.height;
    let drawn = sheet.outlines > MANY_OUTLINES && letters == 0;
    unreadable || (covered && letters < FEW_LETTERS) || drawn
}

/// Letters that were drawn one after the other, as words.
fn turned(glyphs: &[Glyph]) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut last: Option<&Glyph> = None;
    for glyph in glyphs {
        let follows = last.is_some_and(|last| {
            let (x, y) = (glyph.from.x - last.to.x, glyph.from.y - last.to.y);
            x.hypot(y) < last.size * 1.5
        });
        match runs.last_mut().filter(|_| follows) {
            Some(run) => run.push_str(&glyph.letters),
            None => runs.push(glyph.letters.to_string()),
        }
        last = Some(glyph);
    }
    runs
}
