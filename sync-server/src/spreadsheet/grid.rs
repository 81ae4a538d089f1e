//! Cells put where they stand in a sheet, as workbooks give them.

use calamine::Dimensions;

use super::amount::{Amount, MAX_COLUMNS};
use super::{Cell, RowError, Sheet, SheetRow, clean};

/// Excel allows 31 letters. Every row of a list carries the name of its sheet, so a file must not make it long.
pub(super) fn name(found: &str) -> String {
    let name: String = clean(found).chars().filter(|letter| !letter.is_control()).take(64).collect();
    if name.is_empty() { "(không tên)".to_owned() } else { name }
}

/// Cells come row after row. What stands right of the last column looked at is let be.
pub(super) fn put(
    sheet: &mut Sheet,
    (row, column): (u32, u32),
    cell: Cell,
    amount: &mut Amount,
) -> Result<(), RowError> {
    let (line, column) = (u64::from(row) + 1, column as usize);
    if column >= MAX_COLUMNS || cell.is_empty() {
        return Ok(());
    }
    if sheet.rows.last().is_none_or(|last| last.line != line) {
        amount.row()?;
        sheet.rows.push(SheetRow { line, cells: Vec::new() });
    }
    let Some(SheetRow { cells, .. }) = sheet.rows.last_mut() else { return Ok(()) };
    if column >= cells.len() {
        amount.cells(column + 1 - cells.len())?;
        cells.resize(column + 1, Cell::Empty);
    }
    if let Some(place) = cells.get_mut(column) {
        *place = cell;
    }
    Ok(())
}

/// A cell merged downwards holds for each of its rows: the name of a cell (chi bộ) beside all its members.
pub(super) fn fill_down(
    sheet: &mut Sheet,
    merged: &[Dimensions],
    amount: &mut Amount,
) -> Result<(), RowError> {
    let downwards = |merged: &&Dimensions| {
        merged.start.1 == merged.end.1
            && merged.start.0 < merged.end.0
            && (merged.start.1 as usize) < MAX_COLUMNS
    };
    for Dimensions { start: (top, column), end: (bottom, _) } in merged.iter().filter(downwards) {
        let (top, bottom, column) = (u64::from(*top) + 1, u64::from(*bottom) + 1, *column as usize);
        let first = sheet.rows.partition_point(|row| row.line < top);
        let rows = sheet.rows.get_mut(first..).unwrap_or_default();
        let Some((SheetRow { line, cells }, below)) = rows.split_first_mut() else { continue };
        let Some(cell) = cells.get(column).filter(|cell| *line == top && !cell.is_empty()).cloned() else {
            continue;
        };
        for row in below.iter_mut().take_while(|row| row.line <= bottom) {
            amount.cells(1 + (column + 1).saturating_sub(row.cells.len()))?;
            if row.cells.len() <= column {
                row.cells.resize(column + 1, Cell::Empty);
            }
            if let Some(place) = row.cells.get_mut(column) {
                *place = match &cell {
                    Cell::Text(text) => amount.text(text)?,
                    cell => cell.clone(),
                };
            }
        }
    }
    Ok(())
}
