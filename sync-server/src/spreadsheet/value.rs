//! What stands in one cell of a row, as the list needs it: words, or a day, or an hour.

use chrono::{NaiveDate, NaiveTime, Timelike};

use super::{Cell, MAX_CELL, Place, RowError, date};

/// A cell of the column that was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'a> {
    cell: &'a Cell,
    /// Another cell whose words follow, where one heading stands over both.
    next: Option<&'a Cell>,
    /// None where the list has no such column.
    column: Option<u16>,
    from_1904: bool,
}

static NOTHING: Cell = Cell::Empty;

impl<'a> Value<'a> {
    pub(super) const ABSENT: Self = Self { cell: &NOTHING, next: None, column: None, from_1904: false };

    pub(super) fn new(cell: Option<&'a Cell>, column: usize, from_1904: bool) -> Self {
        Self { cell: cell.unwrap_or(&NOTHING), next: None, column: u16::try_from(column).ok(), from_1904 }
    }

    pub(super) fn followed_by(self, next: Option<&'a Cell>) -> Self {
        Self { next, ..self }
    }

    /// Whether the list has the column at all.
    pub(crate) fn has_column(&self) -> bool {
        self.column.is_some()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.cell.is_empty() && self.next.is_none_or(Cell::is_empty)
    }

    /// In NFC, trimmed, runs of blanks as one space.
    pub(crate) fn text(&self) -> Result<String, String> {
        let mut text = computed(self.cell)?.text();
        if let Some(next) = self.next.filter(|next| !next.is_empty()) {
            text.push(' ');
            text.push_str(&computed(next)?.text());
        }
        if text.chars().count() > MAX_CELL {
            return Err("có ô dài hơn 500 ký tự (có thể thiếu dấu ngoặc kép đóng)".into());
        }
        if text.chars().any(char::is_control) {
            return Err("có ô chứa ký tự không in được".into());
        }
        Ok(text.trim().to_owned())
    }

    /// `what` names the column in the reason.
    pub(crate) fn date(&self, what: &str) -> Result<NaiveDate, String> {
        match computed(self.cell)? {
            Cell::Date(day) => date::within(*day, what),
            Cell::DateTime(at) => date::within(at.date(), what),
            Cell::Number(serial) => date::serial(*serial, self.from_1904, what),
            _ => date::read(&self.text()?, what),
        }
    }

    /// None where it is no hour of a day.
    pub(crate) fn time(&self) -> Result<Option<NaiveTime>, String> {
        const SECONDS: f64 = 86_400.0;
        Ok(match computed(self.cell)? {
            Cell::Time(time) => Some(*time),
            Cell::DateTime(at) => Some(at.time()),
            Cell::Number(part) if (0.0..1.0).contains(part) => {
                let seconds = (part * SECONDS).round() as u32;
                NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)
            }
            _ => {
                let written = self.text()?.to_lowercase().replace(['h', 'g'], ":");
                let written = written.strip_suffix(':').map(|hour| format!("{hour}:00")).unwrap_or(written);
                NaiveTime::parse_from_str(&written, "%H:%M")
                    .or_else(|_| NaiveTime::parse_from_str(&written, "%H:%M:%S"))
                    .ok()
            }
        }
        .and_then(|time| time.with_nanosecond(0)))
    }
}

fn computed(cell: &Cell) -> Result<&Cell, String> {
    match cell {
        Cell::Error(error) => {
            Err(format!("công thức cho kết quả lỗi {error}; hãy sửa công thức hoặc ghi thẳng giá trị"))
        }
        Cell::Uncomputed => Err("công thức chưa được tính; hãy mở tệp bằng Excel, lưu lại rồi nhập, \
                                 hoặc ghi thẳng giá trị"
            .into()),
        cell => Ok(cell),
    }
}

/// Collects what is wrong with one row, so that all of it is said at once.
pub(crate) struct Faults<'a> {
    pub(crate) place: &'a Place,
    pub(crate) errors: &'a mut Vec<RowError>,
}

impl Faults<'_> {
    pub(crate) fn add(&mut self, reason: impl Into<String>) {
        self.errors.push(RowError::new(self.place, reason));
    }

    /// What was read from `value`, or nothing and a fault that names its cell.
    pub(crate) fn take<T>(&mut self, value: &Value<'_>, read: Result<T, String>) -> Option<T> {
        match read {
            Ok(read) => Some(read),
            Err(reason) => {
                let column = value.column;
                self.errors.push(RowError { place: self.place.clone(), column, reason });
                None
            }
        }
    }
}
