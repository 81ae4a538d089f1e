//! The columns of a list found by their names, and the rows under them.

use super::{Cell, MAX_CELL, Place, RowError, Sheet, SheetRow, fold};

#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    pub(crate) rows: Vec<Row<N>>,
    pub(crate) errors: Vec<RowError>,
}

#[derive(Debug)]
pub(crate) struct Row<const N: usize> {
    pub(crate) place: Place,
    /// In NFC, trimmed, runs of blanks as one space.
    pub(crate) cells: [String; N],
}

/// Fails only where no row can be told from another; a bad row is reported in `errors`.
pub(crate) fn read<const N: usize>(sheets: &[Sheet], columns: [&str; N]) -> Result<Table<N>, Vec<RowError>> {
    let mut header: Option<Header<N>> = None;
    let mut table = Table { rows: Vec::new(), errors: Vec::new() };
    for row in sheets.iter().flat_map(|sheet| &sheet.rows) {
        match &header {
            None => header = Some(Header::read(row, columns)?),
            Some(header) => match header.row(row) {
                Ok(row) => table.rows.push(row),
                Err(error) => table.errors.push(error),
            },
        }
    }
    if header.is_none() {
        return Err(vec![RowError::file("tệp trống, không có dòng tiêu đề")]);
    }
    Ok(table)
}

struct Header<const N: usize> {
    /// Where in a row each column stands.
    places: [usize; N],
    width: usize,
}

impl<const N: usize> Header<N> {
    fn read(row: &SheetRow, columns: [&str; N]) -> Result<Self, Vec<RowError>> {
        let mut errors = Vec::new();
        let places = columns.map(|column| {
            let wanted = fold(column);
            let mut found = row.cells.iter().enumerate().filter(|(_, cell)| fold(&cell.text()) == wanted);
            match (found.next(), found.next()) {
                (Some((place, _)), None) => place,
                (None, _) => {
                    errors.push(RowError::new(row.line, format!("thiếu cột “{column}”")));
                    0
                }
                (Some(_), Some(_)) => {
                    errors.push(RowError::new(row.line, format!("có hai cột “{column}”")));
                    0
                }
            }
        });
        if errors.is_empty() { Ok(Self { places, width: row.cells.len() }) } else { Err(errors) }
    }

    fn row(&self, row: &SheetRow) -> Result<Row<N>, RowError> {
        let (cells, line) = (&row.cells, row.line);
        if cells.len() < self.width || cells.iter().skip(self.width).any(|cell| !cell.text().is_empty()) {
            let reason = format!("có {} ô, trong khi dòng tiêu đề có {} cột", cells.len(), self.width);
            return Err(RowError::new(line, reason));
        }
        let cells = self.places.map(|place| cells.get(place).map(Cell::text).unwrap_or_default());
        for cell in &cells {
            if cell.chars().count() > MAX_CELL {
                return Err(RowError::new(line, "có ô dài hơn 500 ký tự (có thể thiếu dấu ngoặc kép đóng)"));
            }
            if cell.chars().any(char::is_control) {
                return Err(RowError::new(line, "có ô chứa ký tự không in được"));
            }
        }
        Ok(Row { place: line.into(), cells })
    }
}
