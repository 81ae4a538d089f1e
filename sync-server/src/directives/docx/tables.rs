//! Tables of a .docx: those with lines drawn are tables, those without are a way to put words side by side and are
//! read cell by cell.

use std::collections::BTreeMap;

use quick_xml::events::BytesStart;
use sotay_protocol::document::{Cell, Span, TableRow};

use super::DocumentError;
use super::borders::Borders;
use super::styles::Styles;
use super::xml::{attribute, is_on};
use crate::directives::body::Body;

/// A block on its way: to the body, or into the cell of a table.
#[derive(Debug)]
pub(super) enum Flow {
    Heading(u8, Vec<Span>),
    Paragraph(Vec<Span>),
    Item { depth: usize, number: Option<String>, spans: Vec<Span> },
    Table(Vec<TableRow>),
}

impl Flow {
    pub(super) fn write(self, body: &mut Body) -> Result<(), DocumentError> {
        match self {
            Self::Heading(level, spans) => body.heading(level, spans),
            Self::Paragraph(spans) => body.paragraph(spans),
            Self::Item { depth, number, spans } => body.item(depth, number, spans),
            Self::Table(rows) => body.table(rows),
        }
    }
}

/// Paragraphs as lines of one run of words; a row of a table within a table is a line.
pub(super) fn lines(flows: Vec<Flow>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut line = |words: &mut dyn Iterator<Item = Span>| {
        if !spans.is_empty() {
            spans.push(Span::plain("\n"));
        }
        spans.extend(words);
    };
    for flow in flows {
        match flow {
            Flow::Heading(_, words) | Flow::Paragraph(words) => line(&mut words.into_iter()),
            Flow::Item { number, spans, .. } => {
                // A cell has no list whose screen would draw the dot.
                let mark = number.unwrap_or_else(|| "•".to_owned());
                line(&mut std::iter::once(Span::plain(format!("{mark} "))).chain(spans));
            }
            Flow::Table(rows) => {
                for row in rows {
                    line(&mut one_line(row).into_iter());
                }
            }
        }
    }
    spans
}

fn one_line(row: TableRow) -> Vec<Span> {
    let mut line = Vec::new();
    for (place, cell) in row.cells.into_iter().enumerate() {
        if place > 0 {
            line.push(Span::plain(" | "));
        }
        let flat = |span: Span| Span { text: span.text.replace('\n', " "), ..span };
        line.extend(cell.spans.into_iter().map(flat));
    }
    line
}

#[derive(Debug, Default)]
pub(super) struct Table {
    style: Option<String>,
    borders: Borders,
    rows: Vec<Row>,
    /// In the properties of the table, the row or the cell, none of which nest in one another.
    pub(super) in_properties: bool,
}

#[derive(Debug, Default)]
struct Row {
    heading: bool,
    deleted: bool,
    cells: Vec<OpenCell>,
}

#[derive(Debug)]
struct OpenCell {
    across: u64,
    merge: Merge,
    shaded: bool,
    borders: Borders,
    flows: Vec<Flow>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Merge {
    /// It may reach into the rows below.
    begins: bool,
    /// It goes on from the cell above, or to the left.
    above: bool,
    left: bool,
}

impl OpenCell {
    fn new(across: u64) -> Self {
        Self {
            across,
            merge: Merge::default(),
            shaded: false,
            borders: Borders::default(),
            flows: Vec::new(),
        }
    }
}

impl Table {
    pub(super) fn begin_row(&mut self) {
        self.rows.push(Row::default());
    }

    pub(super) fn begin_cell(&mut self) {
        if let Some(row) = self.rows.last_mut() {
            row.cells.push(OpenCell::new(1));
        }
    }

    /// The row was deleted under revision.
    pub(super) fn delete_row(&mut self) {
        if let Some(row) = self.rows.last_mut() {
            row.deleted = true;
        }
    }

    pub(super) fn push(&mut self, flow: Flow) -> Result<(), Flow> {
        match self.rows.last_mut().and_then(|row| row.cells.last_mut()) {
            Some(cell) => {
                cell.flows.push(flow);
                Ok(())
            }
            None => Err(flow),
        }
    }

    /// A property of the table, or of the row or cell that is open.
    pub(super) fn property(&mut self, element: &BytesStart<'_>) {
        let value = || attribute(element, "val");
        let number = || value().and_then(|value| value.parse::<u64>().ok()).unwrap_or(1);
        let row = self.rows.last_mut();
        match (element.local_name().as_ref(), row) {
            ("tblStyle", None) => self.style = value(),
            ("tblHeader", Some(row)) => row.heading = is_on(element),
            ("gridBefore", Some(row)) => row.cells.push(OpenCell::new(number())),
            (name, Some(row)) => {
                let Some(cell) = row.cells.last_mut() else { return };
                match name {
                    "gridSpan" => cell.across = number().max(1),
                    "vMerge" => {
                        cell.merge.begins = true;
                        cell.merge.above = value().is_none_or(|value| value != "restart");
                    }
                    "hMerge" => cell.merge.left = value().is_none_or(|value| value != "restart"),
                    "shd" => {
                        let fill = attribute(element, "fill").unwrap_or_default().to_lowercase();
                        cell.shaded = !matches!(fill.as_str(), "" | "auto" | "ffffff");
                    }
                    _ => cell.borders.take(element),
                }
            }
            (_, None) => self.borders.take(element),
        }
    }

    pub(super) fn end_property(&mut self, name: &str) {
        match self.rows.last_mut().map(|row| row.cells.last_mut()) {
            None => self.borders.end(name),
            Some(Some(cell)) => cell.borders.end(name),
            Some(None) => {}
        }
    }

    /// The table itself, or the words of its cells from left to right where it is but a layout.
    pub(super) fn close(mut self, styles: &Styles) -> Vec<Flow> {
        self.rows.retain(|row| !row.deleted);
        let mut cells = self.rows.iter().flat_map(|row| &row.cells);
        // A frame around words is no table either.
        let single = cells.by_ref().take(2).count() < 2;
        if single || !self.is_ruled(styles) {
            let cells = self.rows.into_iter().flat_map(|row| row.cells);
            return cells.flat_map(|cell| cell.flows).collect();
        }
        let rows = self.merged();
        if rows.is_empty() { Vec::new() } else { vec![Flow::Table(rows)] }
    }

    fn is_ruled(&self, styles: &Styles) -> bool {
        if self.rows.iter().any(|row| row.heading) {
            return true;
        }
        let (mut ruled, mut told, mut count) = (0_usize, 0_usize, 0_usize);
        for cell in self.rows.iter().flat_map(|row| &row.cells) {
            count += 1;
            told += usize::from(cell.borders.drawn().is_some());
            ruled += usize::from(cell.borders.drawn() == Some(true));
        }
        if told * 2 > count {
            return ruled * 2 > count;
        }
        let style = || self.style.as_deref().is_some_and(|style| styles.draws_lines(style));
        self.borders.drawn().unwrap_or_else(style)
    }

    fn merged(self) -> Vec<TableRow> {
        let headings = self.headings();
        let mut rows: Vec<TableRow> = Vec::with_capacity(self.rows.len());
        // By column, the cell that the next row may go on: its row, its place there, and the last row it reaches.
        let mut open: BTreeMap<u64, (usize, usize, usize)> = BTreeMap::new();
        for (at, row) in self.rows.into_iter().enumerate() {
            let mut cells: Vec<Cell> = Vec::with_capacity(row.cells.len());
            let mut column = 0_u64;
            for cell in row.cells {
                let across = u16::try_from(cell.across).unwrap_or(u16::MAX);
                let begins = column;
                column = column.saturating_add(cell.across);
                let words = lines(cell.flows);
                if cell.merge.left
                    && let Some(left) = cells.last_mut()
                {
                    left.across = left.across.saturating_add(across);
                    add(left, words);
                    continue;
                }
                let above = open.get_mut(&begins).filter(|(.., last)| cell.merge.above && last + 1 == at);
                if let Some((row, place, last)) = above {
                    *last = at;
                    if let Some(origin) = rows.get_mut(*row).and_then(|row| row.cells.get_mut(*place)) {
                        origin.down = origin.down.saturating_add(1);
                        add(origin, words);
                        continue;
                    }
                }
                if cell.merge.begins {
                    open.insert(begins, (at, cells.len(), at));
                }
                cells.push(Cell { across, down: 1, spans: words });
            }
            rows.push(TableRow { heading: at < headings, cells });
        }
        rows
    }

    /// How many rows from the top name the columns: those that say so, or the first where it is bold or shaded,
    /// with the rows that its cells reach into.
    fn headings(&self) -> usize {
        let told = self.rows.iter().take_while(|row| row.heading).count();
        let looks = self.rows.first().is_some_and(Row::looks_like_heading);
        if told > 0 || !looks || self.rows.len() < 2 {
            return told;
        }
        let reaches = |row: &Row| row.cells.iter().any(|cell| cell.merge.above) && row.looks_like_heading();
        let more = self.rows.iter().skip(1).take_while(|row| reaches(row)).count();
        if more + 1 < self.rows.len() { more + 1 } else { 1 }
    }
}

impl Row {
    fn looks_like_heading(&self) -> bool {
        let words = |flow: &Flow| match flow {
            Flow::Heading(..) => true,
            Flow::Paragraph(spans) | Flow::Item { spans, .. } => {
                spans.iter().all(|span| span.bold || span.note.is_some() || span.text.trim().is_empty())
            }
            Flow::Table(_) => false,
        };
        let mut filled = self.cells.iter().filter(|cell| !cell.flows.is_empty()).peekable();
        filled.peek().is_some() && filled.all(|cell| cell.shaded || cell.flows.iter().all(words))
    }
}

/// Words in a cell that is covered by another are not shown by Word, but they are not lost either.
fn add(cell: &mut Cell, words: Vec<Span>) {
    if !words.is_empty() {
        if !cell.spans.is_empty() {
            cell.spans.push(Span::plain("\n"));
        }
        cell.spans.extend(words);
    }
}
