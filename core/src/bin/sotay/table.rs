//! A table as a terminal can draw it: with lines where it fits, else row by row.

use sotay_core::directives::{Grid, Placed};
use sotay_protocol::document::{TableRow, words};

use crate::{
    screen::Screen,
    width::{broken, fitted, padded, width},
};

/// Columns are not squeezed below this: a tower of single words is harder to read than lines.
const READABLE: usize = 10;
/// A longer word than this may be cut.
const LONGEST_WORD: usize = 16;
/// A line and a space on each side.
const BETWEEN: usize = 3;

pub(crate) fn drawn(screen: &Screen, rows: &[TableRow]) -> Vec<String> {
    let Some(grid) = Grid::of(rows) else {
        let cells =
            |row: &TableRow| row.cells.iter().map(|cell| words(&cell.spans)).collect::<Vec<_>>().join(" | ");
        return rows.iter().flat_map(|row| screen.wrapped(&cells(row), 2)).collect();
    };
    match widths(&grid, screen.width()) {
        Some(widths) => Drawing::new(&grid, widths).lines(screen),
        None => told(screen, &grid),
    }
}

/// “Hạn: 30/6”, a line for each cell; rows stand apart.
fn told(screen: &Screen, grid: &Grid<'_>) -> Vec<String> {
    let mut out = Vec::new();
    for row in grid.told() {
        if !out.is_empty() {
            out.push(String::new());
        }
        for (name, words) in row {
            let line = name.map_or(words.clone(), |name| format!("{name}: {words}"));
            let lines = broken(&line, screen.width().saturating_sub(4));
            out.extend(lines.iter().enumerate().map(|(at, line)| match at {
                0 => format!("  {line}"),
                _ => format!("    {line}"),
            }));
        }
    }
    out
}

/// How wide each column becomes; `None` where the screen is too narrow for all of them.
fn widths(grid: &Grid<'_>, screen: usize) -> Option<Vec<usize>> {
    let room = screen.checked_sub(grid.columns * BETWEEN + 1)?;
    let (mut least, mut wanted) = (vec![1; grid.columns], vec![1; grid.columns]);
    let mut by_reach: Vec<&Placed<'_>> = grid.cells.iter().collect();
    by_reach.sort_by_key(|placed| placed.across);
    for placed in by_reach {
        let text = words(&placed.cell.spans);
        let longest = text.split_whitespace().map(width).max().unwrap_or(0).min(LONGEST_WORD);
        let line = broken(&text, usize::MAX).iter().map(|line| width(line)).max().unwrap_or(0);
        widen(&mut least, placed, longest.max(line.min(READABLE)));
        widen(&mut wanted, placed, line);
    }
    if least.iter().sum::<usize>() > room {
        return None;
    }
    // As if poured in: who wants little has it, the others share alike.
    let shared = |cap: usize| {
        least.iter().zip(&wanted).map(|(least, wanted)| *wanted.min(&cap).max(least)).collect::<Vec<_>>()
    };
    (1..=room).rev().map(shared).find(|widths| widths.iter().sum::<usize>() <= room)
}

/// Makes the columns of a cell wide enough for it together.
fn widen(columns: &mut [usize], placed: &Placed<'_>, wanted: usize) {
    let own = columns.get_mut(placed.column..placed.column + placed.across).unwrap_or_default();
    let has = own.iter().sum::<usize>() + BETWEEN * (placed.across - 1);
    let (more, count) = (wanted.saturating_sub(has), own.len().max(1));
    for (at, column) in own.iter_mut().enumerate() {
        *column += more / count + usize::from(at < more % count);
    }
}

/// Rows and the rules between them, with the cell that owns each place.
struct Drawing<'a> {
    widths: Vec<usize>,
    cells: Vec<Shown<'a>>,
    /// By row, then by column: an index into the cells. Places that no cell takes have an empty one of their own.
    owners: Vec<Vec<usize>>,
    /// Lines of text in each row.
    heights: Vec<usize>,
    /// Whether a rule stands above each row, and at last below them all.
    ruled: Vec<bool>,
}

/// A cell's lines.
struct Shown<'a> {
    of: Option<&'a Placed<'a>>,
    row: usize,
    across: usize,
    lines: Vec<String>,
}

impl<'a> Drawing<'a> {
    fn new(grid: &'a Grid<'a>, widths: Vec<usize>) -> Self {
        let mut drawing = Self {
            widths,
            cells: Vec::new(),
            owners: vec![vec![usize::MAX; grid.columns]; grid.rows],
            heights: vec![1; grid.rows],
            ruled: vec![true; grid.rows + 1],
        };
        for placed in &grid.cells {
            let wide = drawing.wide(placed.column, placed.across);
            let lines = fitted(&words(&placed.cell.spans), wide);
            let own = drawing.cells.len();
            for row in drawing.owners.iter_mut().skip(placed.row).take(placed.down) {
                row.iter_mut().skip(placed.column).take(placed.across).for_each(|owner| *owner = own);
            }
            drawing.cells.push(Shown { of: Some(placed), row: placed.row, across: placed.across, lines });
        }
        drawing.fill();
        drawing.measure(grid);
        drawing
    }

    /// A row may end before the table does.
    fn fill(&mut self) {
        for (row, owners) in self.owners.iter_mut().enumerate() {
            let mut open = None;
            for owner in owners {
                if *owner != usize::MAX {
                    open = None;
                    continue;
                }
                let own = *open.get_or_insert_with(|| {
                    self.cells.push(Shown { of: None, row, across: 0, lines: Vec::new() });
                    self.cells.len() - 1
                });
                *owner = own;
                if let Some(empty) = self.cells.get_mut(own) {
                    empty.across += 1;
                }
            }
        }
    }

    fn measure(&mut self, grid: &Grid<'_>) {
        // Rows of one line each need no rule between them.
        let mut plain = vec![true; grid.rows];
        for shown in &self.cells {
            let simple = |placed: &Placed<'_>| !placed.heading && placed.across == 1 && placed.down == 1;
            if shown.lines.len() > 1 || !shown.of.is_none_or(simple) {
                let down = shown.of.map_or(1, |placed| placed.down);
                plain.iter_mut().skip(shown.row).take(down).for_each(|plain| *plain = false);
            }
        }
        for (ruled, rows) in self.ruled.iter_mut().skip(1).zip(plain.windows(2)) {
            *ruled = rows != [true, true];
        }
        let mut by_reach: Vec<&Shown<'_>> = self.cells.iter().collect();
        by_reach.sort_by_key(|shown| shown.of.map_or(1, |placed| placed.down));
        for shown in by_reach {
            let down = shown.of.map_or(1, |placed| placed.down);
            let rules = self.ruled.iter().skip(shown.row + 1).take(down - 1).filter(|ruled| **ruled).count();
            let own = self.heights.get_mut(shown.row..shown.row + down).unwrap_or_default();
            let has = own.iter().sum::<usize>() + rules;
            if let Some(last) = own.last_mut() {
                *last += shown.lines.len().saturating_sub(has);
            }
        }
    }

    fn wide(&self, column: usize, across: usize) -> usize {
        self.widths.iter().skip(column).take(across).sum::<usize>() + BETWEEN * across.saturating_sub(1)
    }

    fn owner(&self, row: usize, column: usize) -> Option<usize> {
        self.owners.get(row)?.get(column).copied()
    }

    fn lines(&self, screen: &Screen) -> Vec<String> {
        let mut out = Vec::new();
        // For each cell, how many of its lines stand already.
        let mut said = vec![0; self.cells.len()];
        for row in 0..=self.heights.len() {
            if self.ruled.get(row) == Some(&true) {
                out.push(self.rule(row, &mut said, screen));
            }
            for _ in 0..self.heights.get(row).copied().unwrap_or(0) {
                out.push(self.line(row, &mut said, screen));
            }
        }
        out
    }

    /// One line of a row's text.
    fn line(&self, row: usize, said: &mut [usize], screen: &Screen) -> String {
        let (mut line, mut column) = (String::from("│"), 0);
        while let Some(own) = self.owner(row, column) {
            let across = self.cells.get(own).map_or(1, |shown| shown.across.max(1));
            line.push_str(&self.next(own, column, across, said, screen));
            line.push('│');
            column += across;
        }
        line
    }

    /// The rule above a row, broken where a cell reaches through it.
    fn rule(&self, row: usize, said: &mut [usize], screen: &Screen) -> String {
        let through = |column: usize| {
            let above = row.checked_sub(1).and_then(|above| self.owner(above, column));
            above.filter(|above| self.owner(row, column) == Some(*above))
        };
        let columns = self.widths.len();
        let (mut line, mut column) = (String::new(), 0);
        loop {
            line.push(self.joint(row, column));
            if column >= columns {
                return line;
            }
            if let Some(own) = through(column) {
                let across = self.cells.get(own).map_or(1, |shown| shown.across.max(1));
                line.push_str(&self.next(own, column, across, said, screen));
                column += across;
            } else {
                line.push_str(&"─".repeat(self.wide(column, 1) + 2));
                column += 1;
            }
        }
    }

    /// A cell's next line, with its spaces.
    fn next(&self, own: usize, column: usize, across: usize, said: &mut [usize], screen: &Screen) -> String {
        let shown = self.cells.get(own);
        let at = said.get_mut(own).map(|said| std::mem::replace(said, *said + 1));
        let text = shown.zip(at).and_then(|(shown, at)| shown.lines.get(at)).map_or("", String::as_str);
        let text = padded(text, self.wide(column, across));
        let heading = shown.and_then(|shown| shown.of).is_some_and(|placed| placed.heading);
        format!(" {} ", if heading { screen.bold(&text) } else { text })
    }

    /// Where lines meet, left of a column and above a row.
    fn joint(&self, row: usize, column: usize) -> char {
        let (above, left) = (row.checked_sub(1), column.checked_sub(1));
        let at = |row: Option<usize>, column: Option<usize>| self.owner(row?, column?);
        let (here, columns) = (Some(row), Some(column));
        let differ = |a: Option<usize>, b: Option<usize>| a.is_some() && b.is_some() && a != b;
        let edge = |a: Option<usize>, b: Option<usize>| a.is_some() != b.is_some();
        let meets = |a, b| differ(a, b) || edge(a, b);
        let up = meets(at(above, left), at(above, columns));
        let down = meets(at(here, left), at(here, columns));
        let before = meets(at(above, left), at(here, left));
        let after = meets(at(above, columns), at(here, columns));
        match (up, down, before, after) {
            (false, true, false, true) => '┌',
            (false, true, true, false) => '┐',
            (true, false, false, true) => '└',
            (true, false, true, false) => '┘',
            (true, true, false, true) => '├',
            (true, true, true, false) => '┤',
            (false, true, true, true) => '┬',
            (true, false, true, true) => '┴',
            (true, true, true, true) => '┼',
            (true, true, false, false) => '│',
            (false, false, _, _) => '─',
            _ => ' ',
        }
    }
}
