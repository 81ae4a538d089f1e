//! The list of planned meetings, as an office keeps it for its cells, read whole before anything is imported.

use chrono::{NaiveDate, NaiveTime};
use sotay_protocol::{env::Timestamp, meetings::Form};

use crate::spreadsheet::{Column, Faults, List, Place, Read, Row, Sheet, Value, fold};
pub use crate::spreadsheet::{RowError, report};
use crate::vietnam;

const CELL: usize = 0;
const TITLE: usize = 1;
const FORM: usize = 2;
const DAY: usize = 3;
const HOUR: usize = 4;
const PLACE: usize = 5;
const AGENDA: usize = 6;

/// Agenda items stand in one cell, with `|` between them.
pub const COLUMNS: &[Column] = &[
    Column::must("Chi bộ", &["Tên chi bộ", "Đơn vị"]),
    Column::must("Tên cuộc họp", &["Cuộc họp", "Tên buổi sinh hoạt", "Buổi sinh hoạt", "Tiêu đề", "Chủ đề"]),
    Column::must("Hình thức", &["Loại sinh hoạt", "Loại cuộc họp", "Hình thức sinh hoạt", "Loại"]),
    Column::must("Ngày", &["Ngày họp", "Ngày sinh hoạt", "Ngày, tháng, năm"]),
    Column::must("Giờ", &["Giờ họp", "Giờ bắt đầu", "Thời gian", "Bắt đầu"]),
    Column::must("Địa điểm", &["Nơi họp", "Địa điểm họp", "Địa điểm sinh hoạt"]),
    Column::may("Nội dung", &["Nội dung sinh hoạt", "Nội dung cuộc họp", "Chương trình"]),
];

const LIST: List = List { of: "cuộc họp", columns: COLUMNS, cell: Some(CELL), wide: None };

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
    let mut found = LIST.rows(sheets)?;
    let mut records = Vec::with_capacity(found.rows.len());
    for row in &found.rows {
        records.extend(meeting(row, &mut row.faults(&mut found.errors)));
    }
    found.finish(&LIST, sheets, records)
}

fn meeting(row: &Row<'_>, faults: &mut Faults<'_>) -> Option<MeetingRecord> {
    let cell = match (&row.cell, row.value(CELL)) {
        (Some(above), value) if !value.has_column() => Some(above.clone()),
        (_, value) => said(faults, value, "chi bộ"),
    };
    let title = said(faults, row.value(TITLE), "tên cuộc họp");
    let form = row.value(FORM);
    let form = faults.take(&form, form.text().and_then(|form| form_of(&form)));
    let starts_at = starts_at(row.value(DAY), row.value(HOUR), faults);
    let place = said(faults, row.value(PLACE), "địa điểm");
    let agenda = faults.take(&row.value(AGENDA), row.value(AGENDA).text());
    let items = agenda.as_deref().unwrap_or_default().split('|').map(str::trim);
    Some(MeetingRecord {
        row: row.place.clone(),
        cell: cell?,
        title: title?,
        form: form?,
        starts_at: starts_at?,
        place: place?,
        agenda: items.filter(|item| !item.is_empty()).map(String::from).collect(),
    })
}

fn said(faults: &mut Faults<'_>, value: Value<'_>, what: &str) -> Option<String> {
    let text = value.text();
    faults.take(
        &value,
        text.and_then(|text| if text.is_empty() { Err(format!("chưa ghi {what}")) } else { Ok(text) }),
    )
}

fn form_of(written: &str) -> Result<Form, String> {
    match fold(written).as_str() {
        "thuong ky" | "sinh hoat thuong ky" => Ok(Form::Regular),
        "chuyen de" | "sinh hoat chuyen de" => Ok(Form::Thematic),
        _ => Err(format!("hình thức “{written}” không phải Thường kỳ hay Chuyên đề")),
    }
}

fn starts_at(day: Value<'_>, hour: Value<'_>, faults: &mut Faults<'_>) -> Option<Timestamp> {
    let date = faults.take(&day, day.date("ngày họp"));
    let time = hour.time().and_then(|time| {
        let written = hour.text()?;
        time.ok_or_else(|| format!("giờ họp “{written}” chưa đúng dạng giờ:phút, ví dụ 19:30"))
    });
    let (date, time): (NaiveDate, NaiveTime) = (date?, faults.take(&hour, time)?);
    vietnam::moment(date.and_time(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meetings(file: &str) -> Result<Vec<MeetingRecord>, Vec<RowError>> {
        Ok(read(&crate::spreadsheet::sheets(file.as_bytes())?)?.records)
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
    fn days_and_hours_of_a_workbook_are_read_whatever_they_are_kept_as() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet().set_name("Lịch").unwrap();
        let format = |shape: &str| rust_xlsxwriter::Format::new().set_num_format(shape);
        let names = ["Chi bộ", "Cuộc họp", "Hình thức", "Ngày họp", "Giờ họp", "Địa điểm"];
        for (column, name) in (0..).zip(names) {
            sheet.write(0, column, name).unwrap();
        }
        for row in 1..=3 {
            for (column, text) in [(0, "A"), (1, "Sinh hoạt"), (2, "Thường kỳ"), (5, "Nhà văn hóa")]
            {
                sheet.write(row, column, text).unwrap();
            }
        }
        sheet.write_with_format(1, 3, 45_994.0, &format("dd/mm/yyyy")).unwrap();
        sheet.write_with_format(1, 4, 0.8125, &format("hh:mm")).unwrap();
        sheet.write(2, 3, 45_994.0).unwrap();
        sheet.write(2, 4, 0.8125).unwrap();
        sheet.write(3, 3, "2025-12-03").unwrap();
        sheet.write(3, 4, "19h30").unwrap();
        let sheets = crate::spreadsheet::sheets(&book.save_to_buffer().unwrap()).unwrap();
        let read = read(&sheets).unwrap_or_else(|errors| panic!("{}", report(&errors)));
        let starts: Vec<_> = read.records.iter().map(|meeting| meeting.starts_at.millis()).collect();
        assert_eq!(starts, [1_764_765_000_000; 3]);
    }

    #[test]
    fn every_bad_row_is_named() {
        let file = "Chi bộ;Tên cuộc họp;Hình thức;Ngày;Giờ;Địa điểm;Nội dung\n\
                    A;B;Thường kỳ;31/02/2025;19:30;C;\nA;B;Bất thường;03/12/2025;19:30;C;\nA;;Thường kỳ;03/12/2025;25:30;C;\n";
        let lines: Vec<_> = meetings(file).unwrap_err().into_iter().map(|error| error.place.line).collect();
        assert_eq!(lines, [2, 3, 4, 4]);
    }
}
