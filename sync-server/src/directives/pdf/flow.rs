//! The pages one after the other as the blocks of one text: paragraphs and tables go on over the break.

use std::collections::BTreeMap;

use sotay_protocol::document::Span;

use super::{
    super::body::{Body, DocumentError},
    columns::{self, Kind, Region},
    layout::Laid,
    line::Line,
    notes::{self, FootNote},
    paragraph::{Margins, Of, Paragraph, add_line, paragraphs},
    running,
    table::{Table, joined},
};

/// Lines that word processors leave free so that none stands alone; in sizes of the type.
const ROOM_LEFT: f32 = 6.0;
/// As part of its height, a page that ends further up is not full, even where no other is fuller.
const LEAST_FILLED: f32 = 0.75;

pub(super) fn write(mut pages: Vec<Laid>, body: &mut Body) -> Result<(), DocumentError> {
    for line in running::take(&mut pages) {
        body.beside(line);
    }
    for line in pages.iter_mut().flat_map(|page| std::mem::take(&mut page.beside)) {
        body.beside(line);
    }
    let size = usual_size(&pages);
    let mut notes: Vec<Vec<FootNote>> = pages.iter_mut().map(|page| notes::take(page, size)).collect();
    notes.push(notes::take_last(&mut pages, &notes, size));
    let names = notes::names(&notes);
    let usual = margins(pages.iter());
    let lowest = pages.iter().map(|page| lowest(page).max(page.height * LEAST_FILLED)).fold(0.0, f32::max);
    let mut flow = Flow { body, open: None, scan: None, broken: false };
    for (at, page) in pages.into_iter().enumerate() {
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        if page.scanned {
            flow.scan(number, &page)?;
            continue;
        }
        flow.end_scan();
        let mut marks = names.last().cloned().unwrap_or_default();
        marks.extend(names.get(at).cloned().unwrap_or_default());
        let margins = page_margins(&page, &usual);
        let broken =
            notes.get(at).is_none_or(Vec::is_empty) && self::lowest(&page) < lowest - ROOM_LEFT * size;
        flow.page(page, &margins, &marks)?;
        flow.broken = broken;
    }
    flow.end_scan();
    flow.close()?;
    write_notes(&notes, &names, body)
}

fn write_notes(
    pages: &[Vec<FootNote>],
    names: &[BTreeMap<String, String>],
    body: &mut Body,
) -> Result<(), DocumentError> {
    let mut open: Option<(String, Vec<Line>)> = None;
    let nothing = BTreeMap::new();
    let mut close = |open: Option<(String, Vec<Line>)>| -> Result<(), DocumentError> {
        let Some((mark, lines)) = open else { return Ok(()) };
        let mut spans = Vec::new();
        lines.iter().for_each(|line| add_line(&mut spans, line, &nothing));
        body.note(mark, joined(spans))
    };
    for (notes, names) in pages.iter().zip(names) {
        for note in notes {
            let lines = note.lines.clone();
            match (&note.mark, &mut open) {
                (None, Some((_, before))) => before.extend(lines),
                (mark, _) => {
                    close(open.take())?;
                    let name = mark.as_ref().and_then(|mark| names.get(mark)).cloned();
                    open = Some((name.unwrap_or_else(|| "*".to_owned()), lines));
                }
            }
        }
    }
    close(open)
}

/// What the page before ended with, and may go on.
enum Open {
    Text(Paragraph, Vec<Span>, Margins),
    Table(Table),
}

struct Flow<'b> {
    body: &'b mut Body,
    open: Option<Open>,
    scan: Option<(u32, u32)>,
    /// The page before ended although there was room: so did its last paragraph.
    broken: bool,
}

impl Flow<'_> {
    fn scan(&mut self, number: u32, page: &Laid) -> Result<(), DocumentError> {
        self.close()?;
        for line in page.rows.iter().flatten() {
            self.body.beside(line.text());
        }
        self.scan = Some(self.scan.map_or((number, number), |(from, _)| (from, number)));
        Ok(())
    }

    fn end_scan(&mut self) {
        if let Some((from, to)) = self.scan.take() {
            self.body.scan(from, to);
        }
    }

    fn close(&mut self) -> Result<(), DocumentError> {
        match self.open.take() {
            Some(Open::Text(_, spans, _)) => self.body.paragraph(spans),
            Some(Open::Table(table)) => self.body.table(table.rows),
            None => Ok(()),
        }
    }

    fn page(
        &mut self,
        page: Laid,
        margins: &Margins,
        marks: &BTreeMap<String, String>,
    ) -> Result<(), DocumentError> {
        let height = page.height;
        let mut rows = page.rows.into_iter().peekable();
        let mut first = true;
        for mut table in page.tables {
            let top = table.area.top;
            let mut above = Vec::new();
            while let Some(row) = rows.next_if(|row| row.first().is_none_or(|line| line.baseline < top)) {
                above.push(row);
            }
            self.rows(&above, height, margins, marks, &mut first)?;
            table.name_marks(marks);
            self.table(table, std::mem::take(&mut first))?;
        }
        let rest: Vec<Vec<Line>> = rows.collect();
        self.rows(&rest, height, margins, marks, &mut first)
    }

    fn table(&mut self, table: Table, first: bool) -> Result<(), DocumentError> {
        if first
            && let Some(Open::Table(open)) = &mut self.open
            && open.is_continued_by(&table)
        {
            open.append(table);
            return Ok(());
        }
        self.close()?;
        self.open = Some(Open::Table(table));
        Ok(())
    }

    fn rows(
        &mut self,
        rows: &[Vec<Line>],
        height: f32,
        margins: &Margins,
        marks: &BTreeMap<String, String>,
        first: &mut bool,
    ) -> Result<(), DocumentError> {
        let mut before = Kind::Page;
        for region in columns::read(rows, height) {
            let margins = region_margins(&region, margins);
            let in_columns = before == Kind::Column && region.kind == Kind::Column;
            *first = (*first && !self.broken) || in_columns;
            before = region.kind;
            for paragraph in paragraphs(region.lines, &margins) {
                let spans = paragraph.spans(marks);
                let goes_on = std::mem::take(first)
                    && match (&self.open, paragraph.lines.first()) {
                        (Some(Open::Text(open, _, its)), Some(line)) => {
                            open.flows_into(&line.moved(its.left - margins.left), its)
                        }
                        _ => false,
                    };
                if goes_on && let Some(Open::Text(open, before, _)) = &mut self.open {
                    let mut lines = paragraph.lines.into_iter();
                    if let Some(line) = lines.next() {
                        add_line(before, &line, marks);
                        open.lines.push(line);
                    }
                    for line in lines {
                        add_line(before, &line, marks);
                        open.lines.push(line);
                    }
                    continue;
                }
                self.close()?;
                self.open = Some(Open::Text(paragraph, spans, margins));
            }
        }
        Ok(())
    }
}

/// How far down a page goes.
fn lowest(page: &Laid) -> f32 {
    let lines = page.rows.iter().flatten().map(|line| line.baseline);
    lines.chain(page.tables.iter().map(|table| table.area.bottom)).fold(0.0, f32::max)
}

/// The size that most letters have.
fn usual_size(pages: &[Laid]) -> f32 {
    let mut letters: BTreeMap<i32, usize> = BTreeMap::new();
    for line in pages.iter().flat_map(|page| &page.rows).flatten() {
        *letters.entry(tenths(line.size)).or_default() +=
            line.runs.iter().map(|run| run.text.len()).sum::<usize>();
    }
    letters.into_iter().max_by_key(|(_, count)| *count).map_or(0.0, |(size, _)| from_tenths(size))
}

/// Where lines begin and end as a rule, and how far apart they are.
fn margins<'p>(pages: impl Iterator<Item = &'p Laid>) -> Margins {
    let lines: Vec<(Line, f32)> = pages
        .flat_map(|page| {
            let width = page.width;
            let merged = page.rows.iter().filter_map(|row| row.iter().cloned().reduce(Line::join));
            merged.map(move |line| (line, width)).collect::<Vec<_>>()
        })
        .collect();
    let wide: Vec<&Line> = lines
        .iter()
        .filter(|(line, width)| line.right - line.left > width * 0.45)
        .map(|(line, _)| line)
        .collect();
    let left = usual(wide.iter().map(|line| line.left)).map(|(left, _)| left);
    let ends = usual(wide.iter().map(|line| line.right));
    let furthest = wide.iter().map(|line| line.right).max_by(f32::total_cmp);
    // Justified lines end together; ragged ones are measured by the longest.
    let right = match (ends, furthest) {
        (Some((right, count)), _) if count * 3 >= wide.len() => Some(right),
        (_, furthest) => furthest,
    };
    let (left, right) = (left.unwrap_or_default(), right.unwrap_or_default());
    let full = lines.windows(2).filter_map(|pair| match pair {
        [(a, _), (b, _)] if a.right > right - 2.0 * a.size && (a.size - b.size).abs() < 0.5 => {
            Some((b.baseline - a.baseline) / a.size)
        }
        _ => None,
    });
    let leading = usual(full.filter(|gap| (0.9..3.0).contains(gap)).map(|gap| gap * 20.0));
    Margins {
        left,
        right,
        leading: leading.filter(|(_, count)| *count >= 4).map_or(1.45, |(gap, _)| gap / 20.0),
        of: Of::Page,
    }
}

/// The value that comes most often, within a point, and how often.
fn usual(values: impl Iterator<Item = f32>) -> Option<(f32, usize)> {
    let mut counts: BTreeMap<i32, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(tenths(value) / 5).or_default() += 1;
    }
    let around = |at: i32| (at - 1..=at + 1).filter_map(|near| counts.get(&near)).sum::<usize>();
    let best = counts.keys().copied().max_by_key(|at| (around(*at), *at))?;
    Some((from_tenths(best * 5), around(best)))
}

#[expect(clippy::cast_possible_truncation, reason = "a place on a page")]
fn tenths(value: f32) -> i32 {
    (value * 10.0).round() as i32
}

#[expect(clippy::cast_precision_loss, reason = "a place on a page")]
fn from_tenths(value: i32) -> f32 {
    value as f32 / 10.0
}

/// A page that is set otherwise, such as one on its side, is measured by itself.
fn page_margins(page: &Laid, usual: &Margins) -> Margins {
    let own = margins(std::iter::once(page));
    let lines = page.rows.iter().flatten().filter(|line| line.right - line.left > page.width * 0.45).count();
    let alike = (own.right - usual.right).abs() < 6.0;
    if lines < 8 || alike { Margins { right: usual.right.min(page.width), ..*usual } } else { own }
}

/// A block or a column has its own edges.
fn region_margins(region: &Region, margins: &Margins) -> Margins {
    let of = match region.kind {
        Kind::Page => return *margins,
        Kind::Block => Of::Block,
        Kind::Column => Of::Page,
    };
    let edge = |lines: &[Line], of: fn(&Line) -> f32| usual(lines.iter().map(of)).map(|(edge, _)| edge);
    let left = region.lines.iter().map(|line| line.left).min_by(f32::total_cmp);
    let right = region.lines.iter().map(|line| line.right).max_by(f32::total_cmp);
    let (left, right) = match region.kind {
        Kind::Column => (edge(&region.lines, |line| line.left), edge(&region.lines, |line| line.right)),
        _ => (left, right),
    };
    Margins { left: left.unwrap_or(margins.left), right: right.unwrap_or(margins.right), of, ..*margins }
}
