//! The floor under every import: a file of lists as committees keep it, read whole and checked before anything is
//! done with it.
//!
//! Two steps. [`sheets`] makes rows of cells out of a file, whatever program saved it: `kind` says what the file is,
//! `csv`, `xlsx` and `xls` read it, `amount` keeps all of them within bounds, for the file is a stranger's. Then
//! `lists` finds in the sheets the columns that a list must have: `header` where it begins, `footer` where it ends,
//! `scope` the cell (chi bộ) that a title names. What arrives differs by machine and by year: titles above the
//! header or none, columns in any order and some nobody asked for, CSV with a byte-order mark or without, `;` or `,`
//! between cells, Vietnamese composed (NFC) or decomposed (NFD), tone marks in either style (`uỷ`, `ủy`). All of
//! that is levelled here. Rows are counted as the spreadsheet shows them, so that an officer finds the one meant.

mod amount;
mod cell;
mod column;
mod csv;
mod date;
mod footer;
mod grid;
mod header;
mod kind;
mod lists;
mod place;
mod scope;
mod value;
mod words;
mod xls;
mod xlsx;

use serde::{Deserialize, Serialize};

use self::amount::Amount;
pub use self::cell::Cell;
pub use self::column::{Column, Need};
use self::kind::Kind;
pub(crate) use self::lists::{List, Row, is_old_letter};
pub use self::place::{Place, RowError, report};
pub(crate) use self::value::{Faults, Value};
pub use self::words::name_key;
pub(crate) use self::words::{clean, fold};

/// A list of 100,000 members is about 12 MB; what is larger is some other file.
pub const MAX_FILE: usize = 20 * 1024 * 1024;
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
    /// Days that lost their format are counted from 1904, as Excel for the Mac once did.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_1904: bool,
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
/// What a file can cost is measured before it is read. But what reads workbooks may panic over a damaged one, so
/// whoever takes it from a stranger calls this in a process of its own.
///
/// # Errors
/// What is wrong with the file as a whole, or with single sheets of it.
pub fn sheets(bytes: &[u8]) -> Result<Vec<Sheet>, Vec<RowError>> {
    if bytes.len() > MAX_FILE {
        return Err(vec![RowError::file("tệp lớn hơn 20 MiB")]);
    }
    let mut amount = Amount::default();
    let read = match Kind::of(bytes) {
        Kind::Csv => csv::sheet(bytes, &mut amount).map(|sheet| vec![sheet]),
        Kind::Xlsx => xlsx::sheets(bytes, &mut amount),
        Kind::Xls => xls::sheets(bytes, &mut amount),
        Kind::Other(reason) => Err(RowError::file(reason)),
    };
    read.map_err(|error| vec![error])
}

#[cfg(test)]
mod tests;
