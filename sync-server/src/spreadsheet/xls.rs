//! XLS, the workbook of Excel before 2007, read by calamine, which makes a whole rectangle of each sheet.
//!
//! So the file is walked first: `compound` the chains of its sectors, `extent` its records.

mod compound;
mod extent;

use std::io::Cursor;

use calamine::{Data, Reader as _, SheetType, SheetVisible, Xls, XlsError};

use self::extent::Extent;
use super::amount::{Amount, MAX_SHEETS};
use super::kind::{DAMAGED, ENCRYPTED};
use super::{Cell, RowError, Sheet, grid};

pub(super) fn sheets(bytes: &[u8], amount: &mut Amount) -> Result<Vec<Sheet>, RowError> {
    let fault = |error: XlsError| match error {
        XlsError::Password => RowError::file(ENCRYPTED),
        _ => RowError::file(DAMAGED),
    };
    measure(bytes)?;
    let mut workbook = Xls::new(Cursor::new(bytes)).map_err(fault)?;
    let from_1904 = workbook.has_1904_epoch();
    let metadata = workbook.sheets_metadata().to_vec();
    if metadata.len() > MAX_SHEETS {
        return Err(RowError::file("tệp có hơn 50 trang tính; hãy chia thành nhiều tệp"));
    }
    let mut sheets = Vec::new();
    for found in metadata.into_iter().filter(|found| found.typ == SheetType::WorkSheet) {
        let hidden = found.visible != SheetVisible::Visible;
        let mut sheet = Sheet { name: grid::name(&found.name), hidden, from_1904, rows: Vec::new() };
        if !hidden {
            let values = workbook.worksheet_range(&found.name).map_err(fault)?;
            let (top, left) = values.start().unwrap_or_default();
            for (row, column, value) in values.used_cells() {
                let at = (top.saturating_add(row as u32), left.saturating_add(column as u32));
                grid::put(&mut sheet, at, cell(value, amount)?, amount)?;
            }
            let merged = workbook.merge_cells_by_sheet_name(&found.name).map_err(fault)?;
            grid::fill_down(&mut sheet, &merged, amount)?;
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

fn measure(bytes: &[u8]) -> Result<(), RowError> {
    let reason = match compound::workbook(bytes).map(|stream| extent::of(&stream)) {
        Some(Extent::Fits) => return Ok(()),
        Some(Extent::TooManySheets) => "tệp có hơn 50 trang tính; hãy chia thành nhiều tệp",
        Some(Extent::TooWide) => {
            "có trang tính quá rộng; hãy chép riêng danh sách sang một tệp mới và lưu dưới dạng \
             “Excel Workbook (.xlsx)”"
        }
        Some(Extent::Damaged) | None => DAMAGED,
    };
    Err(RowError::file(reason))
}

fn cell(value: &Data, amount: &mut Amount) -> Result<Cell, RowError> {
    Ok(match value {
        Data::Empty => Cell::Empty,
        Data::String(text) => amount.text(text)?,
        Data::Int(number) => Cell::number(*number as f64),
        Data::Float(number) => Cell::number(*number),
        Data::Bool(value) => Cell::Bool(*value),
        Data::DateTime(at) => Cell::moment(at),
        Data::DateTimeIso(text) | Data::DurationIso(text) => match Cell::iso(text) {
            Some(cell) => cell,
            None => amount.text(text)?,
        },
        Data::Error(error) => Cell::Error(error.to_string()),
    })
}
