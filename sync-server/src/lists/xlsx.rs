//! A list as XLSX: days that are days, cards and telephones that stay text, a header that stays in sight.

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, ExcelDateTime, Format, FormatAlign, FormatBorder,
    Workbook, Worksheet,
};

use super::{Form, List, WorkbookError};
use crate::spreadsheet::{Cell, Sheet};

/// The last row that a sheet of Excel can have, counted from 0.
const LAST_ROW: u32 = 1_048_575;
/// Excel counts a 29 February 1900: days before the first of March are written as words.
const FIRST_DAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(1900, 3, 1);
const HEADER_FILL: Color = Color::RGB(0xF2_DC_DB);

impl List {
    /// # Errors
    /// What the writer of workbooks gives; not met.
    pub fn xlsx(&self, sheet: &Sheet) -> Result<Vec<u8>, WorkbookError> {
        let mut workbook = Workbook::new();
        self.fill(workbook.add_worksheet(), sheet)?;
        Ok(workbook.save_to_buffer()?)
    }

    /// The first row of `sheet` is the header; columns keep their form below the last row too.
    pub(super) fn fill(&self, to: &mut Worksheet, sheet: &Sheet) -> Result<(), WorkbookError> {
        to.set_name(&sheet.name)?;
        to.set_freeze_panes(1, 0)?;
        on_paper(to);
        to.set_repeat_rows(0, 0)?;
        for ((column, name), at) in self.columns.iter().zip(self.columns()).zip(0..) {
            to.set_column_width(at, f64::from(column.width))?;
            to.set_column_format(at, &form(column.form))?;
            if !column.choices.is_empty() {
                to.add_data_validation(1, at, LAST_ROW, at, &choices(name, column.choices)?)?;
            }
        }
        let (header, words, days, hours) = (header(), form(Form::Words), form(Form::Day), form(Form::Hour));
        for (row, line) in sheet.rows.iter().zip(0..) {
            for (cell, at) in row.cells.iter().zip(0..) {
                let form = match cell {
                    _ if line == 0 => &header,
                    Cell::Date(_) => &days,
                    Cell::Time(_) => &hours,
                    _ => &words,
                };
                put(to, line, at, cell, form)?;
            }
        }
        Ok(())
    }
}

/// Lists end up in a folder: A4, all columns on one sheet of paper.
pub(super) fn on_paper(sheet: &mut Worksheet) {
    const A4: u8 = 9;
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0);
}

fn put(to: &mut Worksheet, row: u32, column: u16, cell: &Cell, form: &Format) -> Result<(), WorkbookError> {
    match cell {
        Cell::Empty => {}
        Cell::Date(day) if FIRST_DAY.is_some_and(|first| *day >= first) => {
            to.write_datetime_with_format(row, column, &excel_day(*day)?, form)?;
        }
        Cell::Time(hour) => {
            to.write_datetime_with_format(row, column, &excel_hour(*hour)?, form)?;
        }
        // Always as a string: a name that begins with = is a name.
        other => {
            to.write_string_with_format(row, column, other.text(), form)?;
        }
    }
    Ok(())
}

fn excel_day(day: NaiveDate) -> Result<ExcelDateTime, WorkbookError> {
    let small = |number: u32| u8::try_from(number).unwrap_or_default();
    let year = u16::try_from(day.year()).unwrap_or_default();
    Ok(ExcelDateTime::from_ymd(year, small(day.month()), small(day.day()))?)
}

fn excel_hour(hour: NaiveTime) -> Result<ExcelDateTime, WorkbookError> {
    let (hours, minutes) = (hour.hour(), hour.minute());
    let small = |number: u32| u16::try_from(number).unwrap_or_default();
    Ok(ExcelDateTime::from_hms(small(hours), u8::try_from(minutes).unwrap_or_default(), 0)?)
}

pub(super) fn header() -> Format {
    Format::new()
        .set_bold()
        .set_background_color(HEADER_FILL)
        .set_border(FormatBorder::Thin)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap()
}

fn form(form: Form) -> Format {
    let format = Format::new().set_align(FormatAlign::Top);
    match form {
        Form::Words | Form::Digits => format.set_num_format("@"),
        Form::Day => format.set_num_format("dd/mm/yyyy").set_align(FormatAlign::Center),
        Form::Hour => format.set_num_format("hh:mm").set_align(FormatAlign::Center),
    }
}

/// Something else may still be typed where the list of choices does not know it: import says what it takes.
fn choices(column: &str, choices: &[&str]) -> Result<DataValidation, WorkbookError> {
    Ok(DataValidation::new()
        .allow_list_strings(choices)?
        .set_error_style(DataValidationErrorStyle::Warning)
        .set_error_title(column)?
        .set_error_message("Nên chọn trong danh sách")?)
}
