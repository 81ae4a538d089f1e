//! The floor under every import: a file of lists as committees keep it, read whole and checked before anything is
//! done with it.
//!
//! Two steps: [`sheets`] makes rows of cells out of a file, whatever program saved it; `table` finds in them the
//! columns that a list must have. What arrives differs by machine and by year: CSV with a byte-order mark or
//! without, `;` or `,` between cells, Vietnamese composed (NFC) or decomposed (NFD), tone marks in either style
//! (`uỷ`, `ủy`), columns in any order and some nobody asked for. All of that is levelled here. Rows are counted as
//! the spreadsheet shows them, so that an officer finds the one that is meant.

mod cell;
mod csv;
mod place;
mod table;
mod words;

use serde::{Deserialize, Serialize};

pub use self::cell::Cell;
pub use self::place::{Place, RowError, report};
pub(crate) use self::table::{Row, read};
pub use self::words::name_key;
pub(crate) use self::words::{clean, fold};

/// A list of 100,000 members is about 12 MB; what is larger is some other file.
pub const MAX_FILE: usize = 20 * 1024 * 1024;
const MAX_ROWS: usize = 100_000;
/// In characters. A longer cell is a quotation mark that was never closed.
const MAX_CELL: usize = 500;

/// One sheet (trang tính) of a workbook, or a whole CSV file. It can be handed from one process to another.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// Empty for a CSV file, which has no sheets.
    pub name: String,
    /// Hidden by whoever made the workbook; its rows are not read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// Those with something in them.
    pub rows: Vec<SheetRow>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SheetRow {
    /// As the spreadsheet shows it, the first being 1.
    pub line: u64,
    pub cells: Vec<Cell>,
}

/// What a list says, and what of the file was not read, in words for the officer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<T> {
    pub records: Vec<T>,
    pub remarks: Vec<String>,
}

/// Tells what kind of file it is by its content, and reads all its sheets.
///
/// # Errors
/// What is wrong with the file as a whole, or with single rows of it.
pub fn sheets(bytes: &[u8]) -> Result<Vec<Sheet>, Vec<RowError>> {
    if bytes.len() > MAX_FILE {
        return Err(vec![RowError::file("tệp lớn hơn 20 MiB")]);
    }
    Ok(vec![csv::sheet(bytes).map_err(|error| vec![error])?])
}

#[cfg(test)]
mod tests;
