//! CSV as Excel and LibreOffice save it.

use super::{Cell, MAX_ROWS, RowError, Sheet, SheetRow, clean};

pub(super) fn sheet(bytes: &[u8]) -> Result<Sheet, RowError> {
    let text = decode(bytes)?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut line = 0;
    let mut rows = Vec::new();
    loop {
        let before = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(true) => line += rows_taken(before, reader.position().line(), &record),
            Ok(false) => break,
            Err(_) => return Err(RowError::file("không đọc được tệp CSV này")),
        }
        if record.iter().all(|cell| clean(cell).is_empty()) {
            continue;
        }
        let cells = record.iter().map(|cell| Cell::Text(cell.to_owned())).collect();
        rows.push(SheetRow { line, cells });
        if rows.len() > MAX_ROWS + 1 {
            return Err(RowError::file("tệp có hơn 100.000 dòng; hãy chia thành nhiều tệp"));
        }
    }
    Ok(Sheet { name: String::new(), hidden: false, rows })
}

/// Blank lines are rows of the spreadsheet but no records of the reader, and a cell with a line break in it is one
/// row on several lines: hence the lines passed, less those inside cells.
fn rows_taken(before: u64, after: u64, record: &csv::StringRecord) -> u64 {
    let inside: usize = record.iter().map(|cell| cell.matches('\n').count()).sum();
    after.saturating_sub(before).saturating_sub(inside as u64).max(1)
}

fn decode(bytes: &[u8]) -> Result<&str, RowError> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(RowError::file(
            "đây là tệp Excel, chưa phải CSV; hãy mở bằng Excel và lưu lại dưới dạng “CSV UTF-8”",
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| {
        RowError::file("tệp không ở bảng mã UTF-8; hãy mở bằng Excel và lưu lại dưới dạng “CSV UTF-8”")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Whichever of `;` and `,` stands more often in the header, quotation marks aside.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut quoted = false;
    let (mut semicolons, mut commas) = (0, 0);
    for letter in header.chars() {
        match letter {
            '"' => quoted = !quoted,
            ';' if !quoted => semicolons += 1,
            ',' if !quoted => commas += 1,
            _ => {}
        }
    }
    if semicolons > commas { b';' } else { b',' }
}
