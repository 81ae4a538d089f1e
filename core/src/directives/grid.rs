//! A table with every cell in its place, for screens that draw it; and row by row, for those too narrow to.

use sotay_protocol::document::{Cell, TableRow, words};

/// Nobody prints more, and no document makes a phone count further.
const MOST_COLUMNS: usize = 256;

#[derive(Debug)]
pub struct Grid<'a> {
    pub rows: usize,
    pub columns: usize,
    /// By row, then by column; each takes at least one place, and no place twice.
    pub cells: Vec<Placed<'a>>,
}

/// A cell and the places it takes, counted from 0.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    pub row: usize,
    pub column: usize,
    pub down: usize,
    pub across: usize,
    /// Its row names the columns.
    pub heading: bool,
    pub cell: &'a Cell,
}

/// One row told in lines, each with the name of its column.
pub type Told = Vec<(Option<String>, String)>;

impl<'a> Grid<'a> {
    /// `None` for what is no table that can be drawn: without a cell, or of too many columns.
    #[must_use]
    pub fn of(rows: &'a [TableRow]) -> Option<Self> {
        let mut grid = Self { rows: rows.len(), columns: 0, cells: Vec::new() };
        // For each column, how many rows a cell from above still reaches into.
        let mut reached: Vec<usize> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let mut column = 0;
            for cell in &row.cells {
                while reached.get(column).is_some_and(|left| *left > 0) {
                    column += 1;
                }
                let free = reached.iter().skip(column).take_while(|left| **left == 0).count();
                let room = if column + free < reached.len() { free } else { usize::MAX };
                let across = usize::from(cell.across).clamp(1, room);
                let down = usize::from(cell.down).clamp(1, rows.len() - at);
                let end = column + across;
                if end > MOST_COLUMNS {
                    return None;
                }
                reached.resize(reached.len().max(end), 0);
                for left in reached.iter_mut().skip(column).take(across) {
                    *left = down;
                }
                grid.cells.push(Placed { row: at, column, down, across, heading: row.heading, cell });
                column = end;
            }
            for left in &mut reached {
                *left = left.saturating_sub(1);
            }
        }
        grid.columns = reached.len();
        (!grid.cells.is_empty()).then_some(grid)
    }

    /// Row by row, each cell after the name of its column: “Hạn: 30/6”. What reaches over several rows is told
    /// in each; what reaches over all columns has no name. Cells without words are left out.
    #[must_use]
    pub fn told(&self) -> Vec<Told> {
        let mut told = Vec::new();
        let mut names = vec![String::new(); self.columns];
        let mut standing: Vec<Option<&Placed<'_>>> = vec![None; self.columns];
        let mut cells = self.cells.iter().peekable();
        // Names after which no row comes name nothing.
        let last = self.cells.iter().filter(|placed| !placed.heading).map(|placed| placed.row).max();
        let mut after_heading = false;
        for row in 0..self.rows {
            let mut heading = false;
            while let Some(placed) = cells.next_if(|placed| placed.row == row) {
                heading = placed.heading && last > Some(row) && !self.is_title(placed);
                for place in standing.iter_mut().skip(placed.column).take(placed.across) {
                    *place = Some(placed);
                }
            }
            for place in &mut standing {
                *place = place.filter(|placed| row < placed.row + placed.down);
            }
            if heading {
                if !after_heading {
                    names.fill(String::new());
                }
                for (name, placed) in names.iter_mut().zip(&standing) {
                    let words = placed.filter(|placed| placed.row == row);
                    join(name, " – ", &words.map(|placed| in_one_line(placed.cell)).unwrap_or_default());
                }
            } else {
                let row = self.told_row(&standing, &names);
                told.extend((!row.is_empty()).then_some(row));
            }
            after_heading = heading;
        }
        told
    }

    /// Over all columns: a line of its own.
    fn is_title(&self, placed: &Placed<'_>) -> bool {
        placed.across == self.columns && self.columns > 1
    }

    fn told_row(&self, standing: &[Option<&Placed<'_>>], names: &[String]) -> Told {
        let mut told = Told::new();
        for (column, placed) in standing.iter().enumerate() {
            let Some(placed) = placed.filter(|placed| placed.column == column) else { continue };
            let words = in_one_line(placed.cell);
            if words.is_empty() {
                continue;
            }
            let mut name = String::new();
            if !self.is_title(placed) {
                for of in names.iter().skip(column).take(placed.across) {
                    join(&mut name, ", ", of);
                }
            }
            told.push(((!name.is_empty()).then_some(name), words));
        }
        told
    }
}

/// “Kinh phí – Xã” where one name stands under another.
fn join(name: &mut String, between: &str, next: &str) {
    if !name.is_empty() && !next.is_empty() {
        name.push_str(between);
    }
    name.push_str(next);
}

fn in_one_line(cell: &Cell) -> String {
    words(&cell.spans).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use sotay_protocol::document::Span;

    use super::*;

    fn cell(across: u16, down: u16, words: &str) -> Cell {
        Cell { across, down, spans: vec![Span::plain(words)] }
    }

    fn row(heading: bool, cells: Vec<Cell>) -> TableRow {
        TableRow { heading, cells }
    }

    /// A title, two rows of names, a title over all columns, a village over two rows.
    fn plan() -> Vec<TableRow> {
        vec![
            row(true, vec![cell(4, 1, "Biểu 1")]),
            row(true, vec![cell(1, 2, "Thôn"), cell(2, 1, "Kinh phí"), cell(1, 2, "Hạn")]),
            row(true, vec![cell(1, 1, "Xã"), cell(1, 1, "Dân")]),
            row(false, vec![cell(4, 1, "I. Đợt một")]),
            row(false, vec![cell(1, 2, "Đồi Chè"), cell(1, 1, "3"), cell(1, 1, "2"), cell(1, 1, "30/6")]),
            row(false, vec![cell(2, 1, "tự lo"), cell(1, 1, "31/7")]),
        ]
    }

    fn written(grid: &Grid<'_>) -> Vec<String> {
        let line = |(name, words): &(Option<String>, String)| match name {
            Some(name) => format!("{name}: {words}"),
            None => words.clone(),
        };
        grid.told().iter().map(|row| row.iter().map(line).collect::<Vec<_>>().join(" | ")).collect()
    }

    #[test]
    fn every_cell_finds_its_place_beside_those_that_reach_over() {
        let rows = plan();
        let grid = Grid::of(&rows).unwrap();
        assert_eq!((grid.rows, grid.columns), (6, 4));
        let places: Vec<(usize, usize)> = grid.cells.iter().map(|of| (of.row, of.column)).collect();
        assert_eq!(
            places,
            [
                (0, 0),
                (1, 0),
                (1, 1),
                (1, 3),
                (2, 1),
                (2, 2),
                (3, 0),
                (4, 0),
                (4, 1),
                (4, 2),
                (4, 3),
                (5, 1),
                (5, 3)
            ]
        );
    }

    #[test]
    fn on_a_narrow_screen_each_row_is_told_with_the_names_of_its_columns() {
        let rows = plan();
        assert_eq!(
            written(&Grid::of(&rows).unwrap()),
            [
                "Biểu 1",
                "I. Đợt một",
                "Thôn: Đồi Chè | Kinh phí – Xã: 3 | Kinh phí – Dân: 2 | Hạn: 30/6",
                "Thôn: Đồi Chè | Kinh phí – Xã, Kinh phí – Dân: tự lo | Hạn: 31/7"
            ]
        );
    }

    #[test]
    fn a_table_that_names_no_columns_or_nothing_else_is_told_without_names() {
        let rows = vec![row(false, vec![cell(1, 1, "Bí thư"), cell(1, 1, "Hòa")]), row(false, vec![])];
        assert_eq!(written(&Grid::of(&rows).unwrap()), ["Bí thư | Hòa"]);
        let rows = vec![row(true, vec![cell(1, 1, "Bí thư"), cell(1, 1, "Hòa")])];
        assert_eq!(written(&Grid::of(&rows).unwrap()), ["Bí thư | Hòa"]);
        let rows = vec![row(false, vec![cell(1, 1, "Hòa")]), row(true, vec![cell(1, 1, "Ghi chú")])];
        assert_eq!(written(&Grid::of(&rows).unwrap()), ["Hòa", "Ghi chú"]);
    }

    #[test]
    fn cells_that_claim_more_than_there_is_get_what_there_is() {
        assert!(Grid::of(&[]).is_none());
        assert!(Grid::of(&[row(false, vec![cell(u16::MAX, 1, "rộng")])]).is_none());
        let rows = vec![
            row(false, vec![cell(1, 1, "a"), cell(1, u16::MAX, "cao"), cell(1, 1, "c")]),
            row(false, vec![cell(9, 0, "giữa"), cell(1, 1, "cuối")]),
        ];
        let grid = Grid::of(&rows).unwrap();
        let places: Vec<_> = grid.cells.iter().map(|of| (of.row, of.column, of.down, of.across)).collect();
        assert_eq!(places, [(0, 0, 1, 1), (0, 1, 2, 1), (0, 2, 1, 1), (1, 0, 1, 1), (1, 2, 1, 1)]);
    }
}
