//! Lists as an office keeps them in Excel: a title over merged cells, a running number, dates as dates.

use std::io;
use std::path::Path;

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

/// The row of the header; above it stand the committee's name, the title and an empty row.
const HEADER: u32 = 3;
/// Wider columns are for the eye only.
const WIDEST: usize = 42;
const ISSUER: &str = "ĐẢNG ỦY XÃ THANH SƠN";

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Date(NaiveDate),
    Time(NaiveTime),
}

impl Value {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn width(&self) -> usize {
        match self {
            Self::Text(text) => text.chars().count(),
            Self::Date(_) => 10,
            Self::Time(_) => 5,
        }
    }
}

/// One sheet under `title`.
///
/// # Errors
/// Where `file` cannot be written.
pub(super) fn write<const N: usize>(
    file: &Path,
    title: &str,
    header: [&str; N],
    rows: impl IntoIterator<Item = [Value; N]>,
) -> io::Result<()> {
    let bytes = bytes(title, header, rows).map_err(io::Error::other)?;
    std::fs::write(file, bytes)
}

fn bytes<const N: usize>(
    title: &str,
    header: [&str; N],
    rows: impl IntoIterator<Item = [Value; N]>,
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // The day on which the sample's lists were drawn up: the same bytes each time.
    let made = ExcelDateTime::from_ymd(2025, 10, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let sheet = workbook.add_worksheet();
    sheet.set_name("Danh sách")?;
    let last = u16::try_from(N).unwrap_or(u16::MAX);
    let bold = Format::new().set_bold();
    let middle = bold.clone().set_align(FormatAlign::Center);
    sheet.merge_range(0, 0, 0, last.min(2), ISSUER, &bold)?;
    sheet.merge_range(1, 0, 1, last, title, &middle)?;
    sheet.write_with_format(HEADER, 0, "STT", &middle)?;
    let mut widths = header.map(|word| word.chars().count());
    for (column, word) in (1..).zip(header) {
        sheet.write_with_format(HEADER, column, word, &middle)?;
    }
    for (line, row) in (1..).zip(rows) {
        sheet.write(HEADER + line, 0, line)?;
        for ((column, value), width) in (1..).zip(row).zip(&mut widths) {
            *width = value.width().max(*width);
            put(sheet, HEADER + line, column, &value)?;
        }
    }
    sheet.set_column_width(0, 5)?;
    for (column, width) in (1..).zip(widths) {
        sheet
            .set_column_width(column, f64::from(u32::try_from(width.min(WIDEST) + 2).unwrap_or_default()))?;
    }
    sheet.set_freeze_panes(HEADER + 1, 0)?;
    workbook.save_to_buffer()
}

fn put(sheet: &mut Worksheet, line: u32, column: u16, value: &Value) -> Result<(), XlsxError> {
    match value {
        Value::Text(text) if text.is_empty() => {}
        Value::Text(text) => {
            sheet.write(line, column, text)?;
        }
        Value::Date(date) => {
            let year = u16::try_from(date.year()).unwrap_or_default();
            let month = u8::try_from(date.month()).unwrap_or_default();
            let day = ExcelDateTime::from_ymd(year, month, u8::try_from(date.day()).unwrap_or_default())?;
            sheet.write_with_format(line, column, &day, &Format::new().set_num_format("dd/mm/yyyy"))?;
        }
        Value::Time(time) => {
            let hour = u16::try_from(time.hour()).unwrap_or_default();
            let time = ExcelDateTime::from_hms(hour, u8::try_from(time.minute()).unwrap_or_default(), 0)?;
            sheet.write_with_format(line, column, &time, &Format::new().set_num_format("hh:mm"))?;
        }
    }
    Ok(())
}
