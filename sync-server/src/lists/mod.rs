//! Lists as this program writes them: exports, and templates to fill in. Both have the columns that import
//! reads, under the names that import knows, and cells that keep what is typed into them.

mod columns;
mod csv;
mod template;
mod xlsx;

use chrono::{NaiveDate, NaiveTime};

pub use self::columns::{MEETINGS, MEMBERS, ORGANISATIONS, ROLES};
use crate::spreadsheet::{self, Cell, Sheet, SheetRow};

/// Sheets of a template that import leaves out.
pub(crate) const EXAMPLES: &str = "Ví dụ";
pub(crate) const GUIDE: &str = "Hướng dẫn";

/// One kind of list.
#[derive(Debug)]
pub struct List {
    /// What its sheet is called.
    pub name: &'static str,
    /// What import knows; those that a template has come first.
    known: &'static [spreadsheet::Column],
    columns: &'static [Column],
    /// Lines of invented people and places, as they would be typed.
    examples: [&'static [&'static str]; 3],
}

#[derive(Debug)]
struct Column {
    /// In characters.
    width: u8,
    form: Form,
    required: bool,
    /// What to write, for who fills in a template.
    guide: &'static str,
    /// What there is to choose from; empty where anything may be written.
    choices: &'static [&'static str],
}

/// How a spreadsheet keeps what is typed into a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Words,
    /// Kept as text, so that no leading zero is lost.
    Digits,
    Day,
    Hour,
}

/// Why a workbook could not be made; there is no such list today.
#[derive(Debug, thiserror::Error)]
#[error("không tạo được tệp Excel: {0}")]
pub struct WorkbookError(#[from] rust_xlsxwriter::XlsxError);

impl List {
    /// Their names, in the order in which lines have them.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.known.iter().zip(self.columns).map(|(known, _)| known.name)
    }

    /// The list with these lines under its header.
    pub(crate) fn sheet(&self, lines: impl IntoIterator<Item = Vec<Cell>>) -> Sheet {
        let header = self.columns().map(|name| Cell::Text(name.into())).collect();
        let rows = std::iter::once(header).chain(lines).zip(1..);
        let rows = rows.map(|(cells, line)| SheetRow { line, cells }).collect();
        Sheet { name: self.name.into(), rows, ..Sheet::default() }
    }

    fn example(&self, line: &[&str]) -> Vec<Cell> {
        let columns = self.columns.iter().zip(line);
        columns.map(|(column, written)| cell(column.form, written)).collect()
    }
}

fn cell(form: Form, written: &str) -> Cell {
    let text = || if written.is_empty() { Cell::Empty } else { Cell::Text(written.into()) };
    match form {
        Form::Words | Form::Digits => text(),
        Form::Day => NaiveDate::parse_from_str(written, "%d/%m/%Y").map_or_else(|_| text(), Cell::Date),
        Form::Hour => NaiveTime::parse_from_str(written, "%H:%M").map_or_else(|_| text(), Cell::Time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let day = |year, month, day| Cell::Date(NaiveDate::from_ymd_opt(year, month, day).unwrap());
        let text = |text: &str| Cell::Text(text.into());
        let lines = vec![
            vec![text("=1+1"), text("Chi bộ"), text("@Đảng ủy; \"xã\"")],
            vec![text("-Đảng bộ"), day(1985, 2, 3), text("0012")],
            vec![text("+84"), day(1900, 1, 15), day(1900, 3, 1)],
        ];
        let sheet = ORGANISATIONS.sheet(lines);
        let said = |sheet: &Sheet| -> Vec<Vec<String>> {
            sheet.rows.iter().map(|row| row.cells.iter().map(Cell::text).collect()).collect()
        };
        for file in [ORGANISATIONS.xlsx(&sheet).unwrap(), ORGANISATIONS.csv(&sheet)] {
            let read = spreadsheet::sheets(&file).unwrap();
            assert_eq!(said(&read[0]), said(&sheet));
            assert!(
                !read[0].rows.iter().flat_map(|row| &row.cells).any(|cell| matches!(cell, Cell::Number(_)))
            );
        }
        let csv = String::from_utf8(ORGANISATIONS.csv(&sheet)).unwrap();
        assert!(csv.contains("\"\t=1+1\";"), "a spreadsheet that opens it works nothing out: {csv}");
    }

    #[test]
    fn every_column_of_a_template_is_explained_and_has_an_example() {
        for list in [&ORGANISATIONS, &MEMBERS, &ROLES, &MEETINGS] {
            assert!(list.known.len() >= list.columns.len(), "{}", list.name);
            assert!(list.examples.iter().all(|line| line.len() == list.columns.len()), "{}", list.name);
            assert!(list.columns.iter().all(|column| !column.guide.is_empty()), "{}", list.name);
        }
    }
}
