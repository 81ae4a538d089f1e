//! A list as CSV: UTF-8 with the mark by which Excel knows it, `;` between cells as Excel in Vietnam saves it.

use super::List;
use crate::spreadsheet::{Cell, Sheet};

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

impl List {
    /// Excel takes no form of a cell from CSV: it drops the leading zeros that it shows, a thing XLSX keeps.
    #[must_use]
    pub fn csv(&self, sheet: &Sheet) -> Vec<u8> {
        let mut text = String::from("\u{feff}");
        for row in &sheet.rows {
            let cells: Vec<String> = row.cells.iter().map(field).collect();
            text.push_str(&cells.join(";"));
            text.push_str("\r\n");
        }
        text.into_bytes()
    }
}

fn field(cell: &Cell) -> String {
    let mut text = cell.text();
    // A tab before it makes it words again; import trims it.
    if text.starts_with(FORMULA) {
        text.insert(0, '\t');
    }
    if text.contains(['"', ';', ',', '\n', '\r', '\t']) {
        text = format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}
