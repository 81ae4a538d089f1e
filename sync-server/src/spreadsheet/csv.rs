//! CSV as Excel and LibreOffice save it.

use super::amount::{Amount, MAX_COLUMNS};
use super::{Cell, RowError, Sheet, SheetRow, clean};

pub(super) fn sheet(bytes: &[u8], amount: &mut Amount) -> Result<Sheet, RowError> {
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
        amount.row()?;
        amount.cells(record.len().min(MAX_COLUMNS))?;
        let cells = record.iter().take(MAX_COLUMNS).map(|cell| amount.text(cell));
        rows.push(SheetRow { line, cells: cells.collect::<Result<Vec<Cell>, RowError>>()? });
    }
    Ok(Sheet { rows, ..Sheet::default() })
}

/// Blank lines are rows of the spreadsheet but no records of the reader, and a cell with a line break in it is one
/// row on several lines: hence the lines passed, less those inside cells.
fn rows_taken(before: u64, after: u64, record: &csv::StringRecord) -> u64 {
    let inside: usize = record.iter().map(|cell| cell.matches('\n').count()).sum();
    after.saturating_sub(before).saturating_sub(inside as u64).max(1)
}

fn decode(bytes: &[u8]) -> Result<&str, RowError> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        RowError::file("tệp không ở bảng mã UTF-8; hãy mở bằng Excel và lưu lại dưới dạng “CSV UTF-8”")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Whichever of `;`, `,` and the tab stands most often in the first rows, quotation marks aside.
fn delimiter(text: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [(0_usize, b','), (0, b';'), (0, b'\t')];
    for letter in text.lines().filter(|line| !line.trim().is_empty()).take(20).flat_map(str::chars) {
        match letter {
            '"' => quoted = !quoted,
            _ if quoted => {}
            _ => {
                for (count, delimiter) in &mut counts {
                    *count += usize::from(letter == char::from(*delimiter));
                }
            }
        }
    }
    // Of equals the first.
    counts.iter().rev().max_by_key(|(count, _)| *count).map_or(b',', |(_, delimiter)| *delimiter)
}
