//! How much a file may hold, counted while it is read.

use super::{Cell, RowError};

const MAX_ROWS: usize = 100_000;
pub(super) const MAX_SHEETS: usize = 50;
/// Looked at; what stands further right is no column of a list.
pub(super) const MAX_COLUMNS: usize = 1_000;
/// A hundred thousand rows of thirty columns. Empty cells between others count.
const MAX_CELLS: usize = 3_000_000;
/// Of text in all cells. One long text can stand in a workbook once and be meant by a million cells.
const MAX_TEXT: usize = 64 * 1024 * 1024;
/// Of one cell: as much as shows that it is too long for a list ([`super::MAX_CELL`] is counted in characters).
const MAX_CELL_KEPT: usize = 4 * (super::MAX_CELL + 1);

#[derive(Debug, Default)]
pub(super) struct Amount {
    rows: usize,
    cells: usize,
    text: usize,
}

impl Amount {
    pub(super) fn row(&mut self) -> Result<(), RowError> {
        self.rows += 1;
        // The header is a row too.
        if self.rows > MAX_ROWS + 1 {
            return Err(RowError::file("tệp có hơn 100.000 dòng; hãy chia thành nhiều tệp"));
        }
        Ok(())
    }

    pub(super) fn cells(&mut self, more: usize) -> Result<(), RowError> {
        self.cells += more;
        if self.cells > MAX_CELLS {
            return Err(RowError::file(
                "tệp có quá nhiều ô; hãy xóa các cột không thuộc danh sách, hoặc chia thành nhiều tệp",
            ));
        }
        Ok(())
    }

    /// A cell with this text, of which no more is kept than is needed to refuse it.
    pub(super) fn text(&mut self, text: &str) -> Result<Cell, RowError> {
        let end = text.floor_char_boundary(MAX_CELL_KEPT);
        let kept = text.get(..end).unwrap_or_default();
        self.text += kept.len();
        if self.text > MAX_TEXT {
            return Err(RowError::file("tệp có quá nhiều chữ; hãy chia thành nhiều tệp"));
        }
        Ok(Cell::Text(kept.to_owned()))
    }
}
