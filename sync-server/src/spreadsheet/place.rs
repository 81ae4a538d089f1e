//! Where in a file something stands, and what is wrong there, in words for the officer whose file it is.

use std::fmt;

use serde::{Deserialize, Serialize};

const MAX_PRINTED: usize = 100;

/// A row of a file as the spreadsheet shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// None in a file that has no sheets (CSV), and for a file as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The first row being 1; 0 means the sheet or the file as a whole.
    pub line: u64,
}

impl Place {
    /// For naming this place in a sentence about another: “dòng 7”, with its sheet where that is another.
    #[must_use]
    pub fn seen_from(&self, other: &Self) -> String {
        match &self.sheet {
            Some(sheet) if self.sheet != other.sheet && !sheet.is_empty() => {
                format!("dòng {} của trang tính “{sheet}”", self.line)
            }
            _ => format!("dòng {}", self.line),
        }
    }
}

/// A row of a file without sheets.
impl From<u64> for Place {
    fn from(line: u64) -> Self {
        Self { sheet: None, line }
    }
}

impl From<&Self> for Place {
    fn from(place: &Self) -> Self {
        place.clone()
    }
}

/// What is wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowError {
    pub place: Place,
    /// The first column being 0; None where the row as a whole is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u16>,
    pub reason: String,
}

impl RowError {
    #[must_use]
    pub fn new(place: impl Into<Place>, reason: impl Into<String>) -> Self {
        Self { place: place.into(), column: None, reason: reason.into() }
    }

    /// An error of one cell.
    #[must_use]
    pub fn cell(place: impl Into<Place>, column: u16, reason: impl Into<String>) -> Self {
        Self { place: place.into(), column: Some(column), reason: reason.into() }
    }

    /// An error of the file as a whole.
    #[must_use]
    pub fn file(reason: impl Into<String>) -> Self {
        Self::new(0, reason)
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, reason) = (self.place.line, &self.reason);
        // The sheet of a CSV file has no name.
        match (self.place.sheet.as_deref().filter(|sheet| !sheet.is_empty()), self.column) {
            (None, _) if line == 0 => f.write_str(reason),
            // Whoever edits a CSV file as text sees no letters above its columns.
            (None, _) => write!(f, "Dòng {line}: {reason}"),
            (Some(sheet), _) if line == 0 => write!(f, "Trang tính “{sheet}”: {reason}"),
            (Some(sheet), None) => write!(f, "Trang tính “{sheet}”, dòng {line}: {reason}"),
            (Some(sheet), Some(column)) => {
                write!(f, "Trang tính “{sheet}”, ô {}{line}: {reason}", letters(column))
            }
        }
    }
}

/// A, B, … Z, AA, AB, … as a spreadsheet names its columns.
pub(crate) fn letters(column: u16) -> String {
    let mut left = u32::from(column) + 1;
    let mut letters = Vec::new();
    while left > 0 {
        left -= 1;
        letters.push(char::from_u32(u32::from('A') + left % 26).unwrap_or('?'));
        left /= 26;
    }
    letters.iter().rev().collect()
}

/// The first hundred errors, one to a line, and how many bad rows there are besides.
#[must_use]
pub fn report(errors: &[RowError]) -> String {
    let mut out = String::new();
    for error in errors.iter().take(MAX_PRINTED) {
        out.push_str(&error.to_string());
        out.push('\n');
    }
    let mut last = errors.iter().take(MAX_PRINTED).next_back().map(|error| &error.place);
    let mut more = 0;
    for error in errors.iter().skip(MAX_PRINTED) {
        if last != Some(&error.place) {
            last = Some(&error.place);
            more += 1;
        }
    }
    if more > 0 {
        out.push_str(&format!("còn {more} dòng lỗi nữa\n"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_said_as_the_spreadsheet_shows_it() {
        let place = Place { sheet: Some("Chi bộ Đồi Chè".into()), line: 5 };
        let said = |error: RowError| error.to_string();
        assert_eq!(said(RowError::cell(&place, 3, "a")), "Trang tính “Chi bộ Đồi Chè”, ô D5: a");
        assert_eq!(said(RowError::new(&place, "a")), "Trang tính “Chi bộ Đồi Chè”, dòng 5: a");
        assert_eq!(said(RowError::cell(5, 3, "a")), "Dòng 5: a");
        assert_eq!(said(RowError::file("a")), "a");
        assert_eq!(
            said(RowError::new(Place { line: 0, ..place.clone() }, "a")),
            "Trang tính “Chi bộ Đồi Chè”: a"
        );
        assert_eq!(place.seen_from(&place), "dòng 5");
        assert_eq!(place.seen_from(&Place::from(2)), "dòng 5 của trang tính “Chi bộ Đồi Chè”");
    }

    #[test]
    fn columns_are_lettered_as_a_spreadsheet_does() {
        for (column, expected) in
            [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")]
        {
            assert_eq!(letters(column), expected);
        }
    }

    #[test]
    fn a_hundred_errors_are_printed_and_the_other_rows_counted() {
        let errors: Vec<_> =
            (2..=251).flat_map(|line| [RowError::new(line, "a"), RowError::new(line, "b")]).collect();
        let text = report(&errors);
        assert_eq!(text.lines().count(), 101);
        assert!(text.ends_with("còn 200 dòng lỗi nữa\n"));
    }
}
