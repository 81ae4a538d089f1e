//! Draws a table with lines, so that merged cells and missing ones are seen as such.

use sotay_protocol::document::{Cell, TableRow};
use unicode_normalization::UnicodeNormalization;

use super::styled;

/// Letters across, lines included, where the columns can be made to fit.
const WIDTH: usize = 110;
const NARROWEST: usize = 8;
/// A table whose drawing would have more letters is written row by row.
const LARGEST: usize = 4_000_000;

/// A cell at its place in the grid, right and bottom excluded.
struct Placed {
    left: usize,
    right: usize,
    top: usize,
    bottom: usize,
    text: String,
}

impl Placed {
    fn spans(&self) -> bool {
        self.right - self.left > 1
    }
}

pub(super) fn write(rows: &[TableRow], out: &mut String) {
    let Some(cells) = place(rows) else { return write_rows(rows, out) };
    let Some(columns) = cells.iter().map(|cell| cell.right).max() else { return };
    let widths = widths(&cells, columns);
    let heights = heights(&cells, &widths, rows.len());
    let (columns, lines) = (offsets(&widths, 3), offsets(&heights, 1));
    let last = |offsets: &[usize]| offsets.last().map_or(0, |last| last + 1);
    if last(&columns).saturating_mul(last(&lines)) > LARGEST {
        return write_rows(rows, out);
    }
    Drawing::of(&cells, &columns, &lines, rows).write(out);
}

/// Where each cell stands; `None` where the grid is too large to draw.
fn place(rows: &[TableRow]) -> Option<Vec<Placed>> {
    let mut placed = Vec::new();
    // For each column the first row that is free again.
    let mut free_from: Vec<usize> = Vec::new();
    for (top, row) in rows.iter().enumerate() {
        let mut left = 0;
        for Cell { across, down, spans } in &row.cells {
            while free_from.get(left).is_some_and(|free| *free > top) {
                left += 1;
            }
            let wanted = usize::from((*across).max(1));
            let taken =
                (left..left + wanted).position(|at| free_from.get(at).is_some_and(|free| *free > top));
            let right = left + taken.unwrap_or(wanted);
            let bottom = rows.len().min(top + usize::from((*down).max(1)));
            if right > WIDTH * 4 {
                return None;
            }
            if free_from.len() < right {
                free_from.resize(right, 0);
            }
            free_from.get_mut(left..right)?.fill(bottom);
            let text = styled(spans).nfc().collect();
            placed.push(Placed { left, right, top, bottom, text });
            left = right;
        }
    }
    Some(placed)
}

fn longest_line(text: &str) -> usize {
    text.split('\n').map(|line| line.chars().count()).max().unwrap_or(0)
}

/// As wide as the words ask, then the widest narrowed until all fit.
fn widths(cells: &[Placed], columns: usize) -> Vec<usize> {
    let mut widths = vec![1; columns];
    for cell in cells.iter().filter(|cell| !cell.spans()) {
        if let Some(width) = widths.get_mut(cell.left) {
            *width = longest_line(&cell.text).max(*width);
        }
    }
    for cell in cells.iter().filter(|cell| cell.spans()) {
        let missing = longest_line(&cell.text).saturating_sub(inner(&widths, cell.left, cell.right, 3));
        if let Some(last) = widths.get_mut(cell.right - 1) {
            *last += missing;
        }
    }
    let room = WIDTH.saturating_sub(3 * columns + 1);
    while widths.iter().sum::<usize>() > room {
        let widest = widths.iter().copied().max().unwrap_or(0);
        let second = widths.iter().copied().filter(|width| *width < widest).max().unwrap_or(0);
        let over = widths.iter().sum::<usize>() - room;
        let cut = over.min(widest - second.max(NARROWEST).min(widest));
        if cut == 0 {
            break;
        }
        let narrowed = widths.iter_mut().rev().find(|width| **width == widest);
        if let Some(width) = narrowed {
            *width -= cut;
        }
    }
    widths
}

/// Lines that each row needs; what a cell over several rows lacks, its last row gets.
fn heights(cells: &[Placed], widths: &[usize], rows: usize) -> Vec<usize> {
    let mut heights = vec![1; rows];
    let mut by_bottom: Vec<&Placed> = cells.iter().collect();
    by_bottom.sort_by_key(|cell| cell.bottom);
    for cell in by_bottom {
        let lines = wrap(&cell.text, inner(widths, cell.left, cell.right, 3)).len();
        let missing = lines.saturating_sub(inner(&heights, cell.top, cell.bottom, 1));
        if let Some(last) = heights.get_mut(cell.bottom - 1) {
            *last += missing;
        }
    }
    heights
}

/// Room inside `from..to`, with the lines between that a merged cell does not have.
fn inner(sizes: &[usize], from: usize, to: usize, line: usize) -> usize {
    sizes.get(from..to).unwrap_or_default().iter().sum::<usize>() + (to - from - 1) * line
}

/// Where the lines before, between and behind are drawn.
fn offsets(sizes: &[usize], line: usize) -> Vec<usize> {
    let between = sizes.iter().scan(0, |at, size| {
        *at += size + line;
        Some(*at)
    });
    std::iter::once(0).chain(between).collect()
}

/// Broken at blanks; a word longer than the line is broken anywhere.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let (mut line, mut taken) = (String::new(), 0);
        for word in paragraph.split(' ') {
            let length = word.chars().count();
            if taken > 0 && taken + 1 + length > width {
                lines.push(std::mem::take(&mut line));
                taken = 0;
            } else if taken > 0 {
                line.push(' ');
                taken += 1;
            }
            for letter in word.chars() {
                if taken == width {
                    lines.push(std::mem::take(&mut line));
                    taken = 0;
                }
                line.push(letter);
                taken += 1;
            }
        }
        lines.push(line);
    }
    lines
}

const UP: u8 = 1;
const DOWN: u8 = 2;
const LEFT: u8 = 4;
const RIGHT: u8 = 8;

struct Drawing {
    letters: Vec<Vec<char>>,
    /// Which ways a line goes on from here.
    lines: Vec<Vec<u8>>,
    /// The lines under a heading row are drawn double.
    double: Vec<bool>,
}

impl Drawing {
    fn of(cells: &[Placed], columns: &[usize], lines: &[usize], rows: &[TableRow]) -> Self {
        let at = |offsets: &[usize], place: usize| offsets.get(place).copied().unwrap_or(0);
        let (across, down) = (at(columns, columns.len() - 1) + 1, at(lines, lines.len() - 1) + 1);
        let mut drawing = Self {
            letters: vec![vec![' '; across]; down],
            lines: vec![vec![0; across]; down],
            double: vec![false; down],
        };
        for (place, pair) in rows.windows(2).enumerate() {
            if let ([row, next], Some(double)) = (pair, drawing.double.get_mut(at(lines, place + 1))) {
                *double = row.heading && !next.heading;
            }
        }
        for cell in cells {
            let x = (at(columns, cell.left), at(columns, cell.right));
            let y = (at(lines, cell.top), at(lines, cell.bottom));
            drawing.frame(x, y);
            for (row, line) in wrap(&cell.text, x.1 - x.0 - 3).iter().enumerate() {
                drawing.text(x.0 + 2, y.0 + 1 + row, line);
            }
        }
        drawing
    }

    fn go(&mut self, x: usize, y: usize, ways: u8) {
        if let Some(place) = self.lines.get_mut(y).and_then(|row| row.get_mut(x)) {
            *place |= ways;
        }
    }

    fn frame(&mut self, (left, right): (usize, usize), (top, bottom): (usize, usize)) {
        for x in left..right {
            for y in [top, bottom] {
                self.go(x, y, RIGHT);
                self.go(x + 1, y, LEFT);
            }
        }
        for y in top..bottom {
            for x in [left, right] {
                self.go(x, y, DOWN);
                self.go(x, y + 1, UP);
            }
        }
    }

    fn text(&mut self, x: usize, y: usize, line: &str) {
        let Some(row) = self.letters.get_mut(y) else { return };
        for (place, letter) in row.iter_mut().skip(x).zip(line.chars()) {
            *place = letter;
        }
    }

    fn write(&self, out: &mut String) {
        for ((letters, lines), double) in self.letters.iter().zip(&self.lines).zip(&self.double) {
            let mut line = String::new();
            for (letter, ways) in letters.iter().zip(lines) {
                line.push(match drawn(*ways) {
                    Some('─') if *double => '═',
                    Some(drawn) => drawn,
                    None => *letter,
                });
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
}

fn drawn(ways: u8) -> Option<char> {
    const LEFT_RIGHT: u8 = LEFT | RIGHT;
    const UP_DOWN: u8 = UP | DOWN;
    Some(match ways {
        0 => return None,
        LEFT_RIGHT | LEFT | RIGHT => '─',
        UP_DOWN | UP | DOWN => '│',
        way if way == DOWN | RIGHT => '┌',
        way if way == DOWN | LEFT => '┐',
        way if way == UP | RIGHT => '└',
        way if way == UP | LEFT => '┘',
        way if way == UP_DOWN | RIGHT => '├',
        way if way == UP_DOWN | LEFT => '┤',
        way if way == LEFT_RIGHT | DOWN => '┬',
        way if way == LEFT_RIGHT | UP => '┴',
        _ => '┼',
    })
}

/// A row a line, with how far merged cells reach.
fn write_rows(rows: &[TableRow], out: &mut String) {
    for row in rows {
        out.push_str(if row.heading { "|=" } else { "|" });
        for cell in &row.cells {
            let merged = if (cell.across, cell.down) == (1, 1) {
                String::new()
            } else {
                format!("[{}×{}] ", cell.across, cell.down)
            };
            let text = styled(&cell.spans).replace('\n', " ⏎ ");
            out.push_str(&format!(" {merged}{text} |"));
        }
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use sotay_protocol::document::Span;

    use super::*;

    fn cell(across: u16, down: u16, text: &str) -> Cell {
        Cell { across, down, spans: vec![Span::plain(text)] }
    }

    fn drawn(rows: Vec<(bool, Vec<Cell>)>) -> String {
        let rows: Vec<_> = rows.into_iter().map(|(heading, cells)| TableRow { heading, cells }).collect();
        let mut out = String::new();
        write(&rows, &mut out);
        out
    }

    #[test]
    fn merged_cells_have_no_line_through_them() {
        let table = drawn(vec![
            (true, vec![cell(1, 2, "TT"), cell(1, 2, "Nội dung"), cell(2, 1, "Thời gian")]),
            (true, vec![cell(1, 1, "Từ"), cell(1, 1, "Đến")]),
            (
                false,
                vec![cell(1, 1, "1"), cell(1, 1, "Học tập\nchuyên đề"), cell(1, 1, "01/12"), cell(1, 1, "")],
            ),
            (false, vec![cell(4, 1, "Cộng: một việc")]),
        ]);
        let expected = "\
┌────┬───────────┬─────────────┐
│ TT │ Nội dung  │ Thời gian   │
│    │           ├───────┬─────┤
│    │           │ Từ    │ Đến │
├════┼═══════════┼═══════┼═════┤
│ 1  │ Học tập   │ 01/12 │     │
│    │ chuyên đề │       │     │
├────┴───────────┴───────┴─────┤
│ Cộng: một việc               │
└──────────────────────────────┘
";
        assert_eq!(table, expected, "\n{table}");
    }

    #[test]
    fn a_wide_table_is_folded_to_the_width_of_a_page() {
        let long = "quét dọn đường làng ngõ xóm ".repeat(10);
        let table = drawn(vec![(false, vec![cell(1, 1, "1"), cell(1, 1, &long), cell(1, 1, &long)])]);
        assert!(table.lines().all(|line| line.chars().count() <= WIDTH), "\n{table}");
        assert!(table.lines().count() > 4);
        let words = table.split_whitespace().filter(|word| *word == "quét").count();
        assert_eq!(words, 20);
    }

    #[test]
    fn a_decomposed_letter_takes_one_place() {
        let table = drawn(vec![(false, vec![cell(1, 1, "To\u{302}\u{309} đảng"), cell(1, 1, "x")])]);
        assert_eq!(table.lines().nth(1), Some("│ Tổ đảng │ x │"));
    }

    #[test]
    fn a_table_beyond_all_measure_is_written_row_by_row() {
        let table = drawn(vec![(true, vec![cell(9_000, 2, "a\nb"), cell(1, 1, "c")])]);
        assert_eq!(table, "|= [9000×2] a ⏎ b | c |\n");
        assert_eq!(drawn(vec![]), "");
        assert_eq!(drawn(vec![(false, vec![])]), "");
    }

    #[test]
    fn a_cell_that_lies_or_lacks_still_draws() {
        let table = drawn(vec![
            (false, vec![cell(1, 9, "a"), cell(0, 0, "b")]),
            (false, vec![cell(3, 1, "c")]),
            (false, vec![]),
        ]);
        assert!(table.contains('a') && table.contains('b') && table.contains('c'), "\n{table}");
    }
}
