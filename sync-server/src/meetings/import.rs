//! The list of planned meetings, as an office keeps it for its cells, read whole before anything is imported.

use chrono::{NaiveDate, NaiveTime};
use sotay_protocol::{env::Timestamp, meetings::Form};

use crate::spreadsheet::{self, Place, Read, Row, Sheet, fold};
pub use crate::spreadsheet::{RowError, report};

/// Agenda items stand in one cell, with `|` between them.
pub const COLUMNS: [&str; 7] = ["Chi bộ", "Tên cuộc họp", "Hình thức", "Ngày", "Giờ", "Địa điểm", "Nội dung"];

/// Vietnam has one time zone, seven hours before UTC, all year.
const HOURS_BEFORE_UTC: i64 = 7;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingRecord {
    /// Not to be taken for the place where the cell meets.
    pub row: Place,
    /// The cell's name.
    pub cell: String,
    pub title: String,
    pub form: Form,
    pub starts_at: Timestamp,
    pub place: String,
    pub agenda: Vec<String>,
}

/// # Errors
/// Every bad row with its place, in the order of the file.
pub fn read(sheets: &[Sheet]) -> Result<Read<MeetingRecord>, Vec<RowError>> {
    let table = spreadsheet::read(sheets, COLUMNS)?;
    let (mut records, mut errors) = (Vec::with_capacity(table.rows.len()), table.errors);
    for row in table.rows {
        match meeting(row) {
            Ok(record) => records.push(record),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() && records.is_empty() {
        errors.push(RowError::file("tệp không có cuộc họp nào"));
    }
    errors.sort_by_key(|error| error.place.line);
    if errors.is_empty() { Ok(Read { records, remarks: Vec::new() }) } else { Err(errors) }
}

fn meeting(row: Row<7>) -> Result<MeetingRecord, RowError> {
    let at = row.place;
    let [cell, title, form, day, hour, place, agenda] = row.cells;
    let bad = |reason: String| RowError::new(&at, reason);
    for (what, written) in [("chi bộ", &cell), ("tên cuộc họp", &title), ("địa điểm", &place)] {
        if written.is_empty() {
            return Err(bad(format!("chưa ghi {what}")));
        }
    }
    let form = match fold(&form).as_str() {
        "thuong ky" | "sinh hoat thuong ky" => Form::Regular,
        "chuyen de" | "sinh hoat chuyen de" => Form::Thematic,
        _ => return Err(bad(format!("hình thức “{form}” không phải Thường kỳ hay Chuyên đề"))),
    };
    let starts_at = starts_at(&day, &hour).ok_or_else(|| {
        bad(format!("“{day} {hour}” chưa đúng dạng ngày và giờ, ví dụ 03/12/2025 và 19:30"))
    })?;
    let agenda = agenda.split('|').map(str::trim).filter(|item| !item.is_empty()).map(String::from).collect();
    Ok(MeetingRecord { row: at, cell, title, form, starts_at, place, agenda })
}

fn starts_at(day: &str, hour: &str) -> Option<Timestamp> {
    let day = NaiveDate::parse_from_str(day, "%d/%m/%Y").ok()?;
    let hour = NaiveTime::parse_from_str(hour, "%H:%M").ok()?;
    let start = day.and_time(hour).checked_sub_signed(chrono::Duration::hours(HOURS_BEFORE_UTC))?;
    Some(Timestamp::from_millis(start.and_utc().timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meetings(file: &str) -> Result<Vec<MeetingRecord>, Vec<RowError>> {
        Ok(read(&spreadsheet::sheets(file.as_bytes())?)?.records)
    }

    #[test]
    fn a_list_of_meetings_is_read_with_their_hours_in_vietnam() {
        let file = "Chi bộ;Tên cuộc họp;Hình thức;Ngày;Giờ;Địa điểm;Nội dung\n\
                    Chi bộ thôn Đồi Chè;Sinh hoạt tháng 12;Thường kỳ;03/12/2025;19:30;Nhà văn hóa;Đọc kế hoạch|Bàn việc\n";
        let meetings = meetings(file).unwrap();
        assert_eq!(meetings[0].starts_at.millis(), 1_764_765_000_000);
        assert_eq!(meetings[0].agenda, ["Đọc kế hoạch", "Bàn việc"]);
    }

    #[test]
    fn every_bad_row_is_named() {
        let file = "Chi bộ;Tên cuộc họp;Hình thức;Ngày;Giờ;Địa điểm;Nội dung\n\
                    A;B;Thường kỳ;31/02/2025;19:30;C;\nA;B;Bất thường;03/12/2025;19:30;C;\nA;;Thường kỳ;03/12/2025;25:30;C;\n";
        let lines: Vec<_> = meetings(file).unwrap_err().into_iter().map(|error| error.place.line).collect();
        assert_eq!(lines, [2, 3, 4]);
    }
}
