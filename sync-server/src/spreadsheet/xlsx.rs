//! XLSX, read by calamine cell after cell: a sheet as a whole rectangle would need gigabytes where one cell stands at
//! XFD1048576.
//!
//! Before calamine sees the zip, each of its parts is unpacked once and thrown away, only to count: what the zip's
//! directory says of sizes is not believed. Entities are not resolved by calamine; a part that declares some was not
//! written by a spreadsheet, and is said so.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};
use zip::ZipArchive;
use zip::result::ZipError;

use super::amount::{Amount, MAX_SHEETS};
use super::kind::{DAMAGED, ENCRYPTED};
use super::lists::place;
use super::{Cell, RowError, Sheet, grid};

/// All parts of one file, unpacked. A list of 100,000 members has 60 MB.
const MAX_UNPACKED: u64 = 64 * 1024 * 1024;
const MAX_PARTS: usize = 10_000;
/// A document type is declared before anything else.
const HEAD: usize = 4_096;

type Workbook<'a> = Xlsx<Cursor<&'a [u8]>>;

pub(super) fn sheets(bytes: &[u8], amount: &mut Amount) -> Result<Vec<Sheet>, RowError> {
    measure(bytes)?;
    let mut workbook: Workbook<'_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| why(&error))?;
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
            read(&mut workbook, &found.name, &mut sheet, amount)?;
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

fn measure(bytes: &[u8]) -> Result<(), RowError> {
    let damaged = || RowError::file(DAMAGED);
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    if zip.len() > MAX_PARTS {
        return Err(RowError::file("tệp Excel có quá nhiều phần bên trong, không phải do Excel tạo ra"));
    }
    let mut left = MAX_UNPACKED;
    let mut chunk = vec![0; 64 * 1024];
    for index in 0..zip.len() {
        let mut part = zip.by_index(index).map_err(|error| match error {
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
                RowError::file(ENCRYPTED)
            }
            _ => damaged(),
        })?;
        let mut head = Vec::new();
        loop {
            let read = part.read(&mut chunk).map_err(|_| damaged())?;
            if read == 0 {
                break;
            }
            left = left.checked_sub(read as u64).ok_or_else(|| {
                RowError::file("tệp Excel giải nén ra hơn 64 MiB, không giống một danh sách; hãy chép danh sách sang tệp mới")
            })?;
            let wanted = HEAD.saturating_sub(head.len()).min(read);
            head.extend_from_slice(chunk.get(..wanted).unwrap_or_default());
        }
        let is_xml = part.name().is_ok_and(|name| name.ends_with(".xml") || name.ends_with(".rels"));
        if is_xml && head.windows(9).any(|window| window == b"<!DOCTYPE" || window.starts_with(b"<!ENTITY")) {
            return Err(RowError::file(
                "tệp Excel có khai báo kiểu tài liệu XML (DOCTYPE), không phải do Excel hay LibreOffice tạo ra; \
                 hãy mở bằng Excel rồi lưu lại",
            ));
        }
    }
    Ok(())
}

fn read(
    workbook: &mut Workbook<'_>,
    name: &str,
    sheet: &mut Sheet,
    amount: &mut Amount,
) -> Result<(), RowError> {
    let place = place(sheet, 0);
    let fault = |error: XlsxError| RowError { place: place.clone(), ..why(&error) };
    let mut cells = workbook.worksheet_cells_reader(name).map_err(fault)?;
    while let Some(found) = cells.next_cell_with_formula_metadata().map_err(fault)? {
        let cell = match (&found.value, &found.formula) {
            (DataRef::Empty, Some(_)) => Cell::Uncomputed,
            (DataRef::Empty, None) => continue,
            (DataRef::String(text), _) => amount.text(text)?,
            (DataRef::SharedString(text), _) => amount.text(text)?,
            (DataRef::Int(number), _) => Cell::number(*number as f64),
            (DataRef::Float(number), _) => Cell::number(*number),
            (DataRef::Bool(value), _) => Cell::Bool(*value),
            (DataRef::DateTime(at), _) => Cell::moment(at),
            (DataRef::DateTimeIso(text) | DataRef::DurationIso(text), _) => match Cell::iso(text) {
                Some(cell) => cell,
                None => amount.text(text)?,
            },
            (DataRef::Error(error), _) => Cell::Error(error.to_string()),
        };
        grid::put(sheet, found.pos, cell, amount)?;
    }
    drop(cells);
    // Rows in disorder are against the format, but cost little to take.
    sheet.rows.sort_by_key(|row| row.line);
    let merged = workbook.merge_cells_by_sheet_name(name).map_err(fault)?;
    grid::fill_down(sheet, &merged, amount)
}

fn why(error: &XlsxError) -> RowError {
    match error {
        XlsxError::Password => RowError::file(ENCRYPTED),
        XlsxError::CellError(error) => RowError::file(format!(
            "có công thức cho kết quả lỗi {error}; hãy sửa công thức hoặc ghi thẳng giá trị"
        )),
        _ => RowError::file(DAMAGED),
    }
}
