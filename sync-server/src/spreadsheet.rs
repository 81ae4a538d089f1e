//! The floor under every import: a table as a spreadsheet saves it, read whole and checked before anything is done with it.
//!
//! Committees keep their lists in Excel or LibreOffice and save them as CSV. What arrives differs by machine and by
//! year: with a byte-order mark or without, `;` or `,` between cells, Vietnamese composed (NFC) or decomposed (NFD),
//! tone marks in either style (`uỷ`, `ủy`), columns in any order and some nobody asked for. All of that is levelled
//! here. Lines are counted as the spreadsheet shows them, so that an officer finds the row that is meant.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A list of 100,000 members is about 12 MB; what is larger is some other file.
const MAX_BYTES: usize = 20 * 1024 * 1024;
const MAX_ROWS: usize = 100_000;
/// In characters. A longer cell is a quotation mark that was never closed.
const MAX_CELL: usize = 500;
const MAX_PRINTED: usize = 100;

/// What is wrong with one row, in words for the officer whose file it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowError {
    /// As the spreadsheet shows it, the header being 1; 0 means the file as a whole.
    pub line: u64,
    pub reason: String,
}

impl RowError {
    #[must_use]
    pub fn new(line: u64, reason: impl Into<String>) -> Self {
        Self { line, reason: reason.into() }
    }

    fn file(reason: impl Into<String>) -> Vec<Self> {
        vec![Self::new(0, reason)]
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            return f.write_str(&self.reason);
        }
        write!(f, "Dòng {}: {}", self.line, self.reason)
    }
}

/// The first hundred errors, one to a line, and how many bad rows there are besides.
#[must_use]
pub fn report(errors: &[RowError]) -> String {
    let mut out = String::new();
    for error in errors.iter().take(MAX_PRINTED) {
        out.push_str(&error.to_string());
        out.push('\n');
    }
    let mut last = errors.iter().take(MAX_PRINTED).next_back().map_or(0, |error| error.line);
    let mut more = 0;
    for error in errors.iter().skip(MAX_PRINTED) {
        if error.line != last {
            last = error.line;
            more += 1;
        }
    }
    if more > 0 {
        out.push_str(&format!("còn {more} dòng lỗi nữa\n"));
    }
    out
}

/// Rows with exactly the columns asked for, in the order asked for, and the rows that could not be read at all.
#[derive(Debug)]
pub(crate) struct Sheet<const N: usize> {
    pub(crate) rows: Vec<Row<N>>,
    pub(crate) errors: Vec<RowError>,
}

#[derive(Debug)]
pub(crate) struct Row<const N: usize> {
    pub(crate) line: u64,
    /// In NFC, trimmed, runs of blanks as one space.
    pub(crate) cells: [String; N],
}

/// Reads the whole file. Fails only where no row can be told from another; a bad row is reported in `errors`.
pub(crate) fn read<const N: usize>(bytes: &[u8], columns: [&str; N]) -> Result<Sheet<N>, Vec<RowError>> {
    let text = decode(bytes)?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut line = 0;
    let mut header: Option<Header<N>> = None;
    let mut sheet = Sheet { rows: Vec::new(), errors: Vec::new() };
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
        match &header {
            None => header = Some(Header::read(&record, line, columns)?),
            Some(header) => match header.row(&record, line) {
                Ok(row) => sheet.rows.push(row),
                Err(error) => sheet.errors.push(error),
            },
        }
        if sheet.rows.len() + sheet.errors.len() > MAX_ROWS {
            return Err(RowError::file("tệp có hơn 100.000 dòng; hãy chia thành nhiều tệp"));
        }
    }
    if header.is_none() {
        return Err(RowError::file("tệp trống, không có dòng tiêu đề"));
    }
    Ok(sheet)
}

/// Blank lines are rows of the spreadsheet but no records of the reader, and a cell with a line break in it is one
/// row on several lines: hence the lines passed, less those inside cells.
fn rows_taken(before: u64, after: u64, record: &csv::StringRecord) -> u64 {
    let inside: usize = record.iter().map(|cell| cell.matches('\n').count()).sum();
    after.saturating_sub(before).saturating_sub(inside as u64).max(1)
}

fn decode(bytes: &[u8]) -> Result<&str, Vec<RowError>> {
    if bytes.len() > MAX_BYTES {
        return Err(RowError::file("tệp lớn hơn 20 MiB"));
    }
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

struct Header<const N: usize> {
    /// Where in a record each column stands.
    places: [usize; N],
    width: usize,
}

impl<const N: usize> Header<N> {
    fn read(record: &csv::StringRecord, line: u64, columns: [&str; N]) -> Result<Self, Vec<RowError>> {
        let mut errors = Vec::new();
        let places = columns.map(|column| {
            let wanted = fold(column);
            let mut found = record.iter().enumerate().filter(|(_, cell)| fold(cell) == wanted);
            match (found.next(), found.next()) {
                (Some((place, _)), None) => place,
                (None, _) => {
                    errors.push(RowError::new(line, format!("thiếu cột “{column}”")));
                    0
                }
                (Some(_), Some(_)) => {
                    errors.push(RowError::new(line, format!("có hai cột “{column}”")));
                    0
                }
            }
        });
        if errors.is_empty() { Ok(Self { places, width: record.len() }) } else { Err(errors) }
    }

    fn row(&self, record: &csv::StringRecord, line: u64) -> Result<Row<N>, RowError> {
        let beyond = record.iter().skip(self.width).any(|cell| !clean(cell).is_empty());
        if record.len() < self.width || beyond {
            let reason = format!("có {} ô, trong khi dòng tiêu đề có {} cột", record.len(), self.width);
            return Err(RowError::new(line, reason));
        }
        let cells = self.places.map(|place| clean(record.get(place).unwrap_or_default()));
        for cell in &cells {
            if cell.chars().count() > MAX_CELL {
                return Err(RowError::new(line, "có ô dài hơn 500 ký tự (có thể thiếu dấu ngoặc kép đóng)"));
            }
            if cell.chars().any(char::is_control) {
                return Err(RowError::new(line, "có ô chứa ký tự không in được"));
            }
        }
        Ok(Row { line, cells })
    }
}

/// NFC, trimmed, runs of blanks (also the no-break space) as one space, without the invisible marks that travel
/// along when people copy from web pages.
pub(crate) fn clean(cell: &str) -> String {
    let visible = cell.chars().filter(|letter| !is_invisible(*letter));
    let composed: String = visible.nfc().collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

/// For comparing words: lower case, without any mark, so that neither the style of tone marks nor a slip in one
/// keeps a known word from being known.
pub(crate) fn fold(words: &str) -> String {
    let bare = words.nfd().filter(|letter| !is_combining_mark(*letter) && !is_invisible(*letter));
    let lower: String =
        bare.flat_map(char::to_lowercase).map(|letter| if letter == 'đ' { 'd' } else { letter }).collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// For telling names apart: lower case, and the tone of each word set after it, so that “Hoà” and “Hòa” are one name
/// while “Đồi Chè” and “Đội Che” stay two.
#[must_use]
pub fn name_key(name: &str) -> String {
    let lower: String = clean(name).to_lowercase().nfd().collect();
    let words = lower.split(' ').map(|word| {
        let (tones, letters): (String, String) = word.chars().partition(|letter| is_tone(*letter));
        letters + &tones
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Huyền, sắc, ngã, hỏi, nặng.
fn is_tone(letter: char) -> bool {
    matches!(letter, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_whatever_the_style_of_their_tones_but_not_whatever_their_tones() {
        assert_eq!(name_key("Lê Thị HOÀ"), name_key("lê thị hòa"));
        assert_eq!(name_key("Đảng uỷ xã"), name_key("Đảng ủy  xã"));
        assert_ne!(name_key("Đồi Chè"), name_key("Đội Chè"));
        assert_ne!(name_key("Đồi Chè"), name_key("Đôi Chè"));
        assert_ne!(name_key("Sơn"), name_key("Son"));
    }

    fn two(text: &str) -> Sheet<2> {
        read(text.as_bytes(), ["Họ và tên", "Ngày sinh"]).unwrap()
    }

    #[test]
    fn columns_are_found_by_name_in_any_order_and_others_are_let_be() {
        for text in [
            "STT,Ngày sinh,Họ và tên\n1,03/02/1985,Lan\n",
            "\u{feff}STT;NGÀY SINH; họ  và tên \r\n1;03/02/1985;Lan\r\n",
            "STT;\"Ngày sinh\";\"Họ và tên\"\n1;\"03/02/1985\";\"Lan\"",
        ] {
            let sheet = two(text);
            assert!(sheet.errors.is_empty());
            assert_eq!(sheet.rows[0].cells, ["Lan", "03/02/1985"].map(String::from));
            assert_eq!(sheet.rows[0].line, 2);
        }
    }

    #[test]
    fn a_decomposed_file_reads_as_a_composed_one() {
        let typed: String = "Họ và tên;Ngày sinh\nLê  Thị\u{a0}Hòa ;1/2/1970\n".nfd().collect();
        assert_eq!(two(&typed).rows[0].cells[0], "Lê Thị Hòa");
    }

    #[test]
    fn lines_are_counted_as_the_spreadsheet_shows_them() {
        let sheet = two("Họ và tên,Ngày sinh\n\n\"Lan\nở Đồi Chè\",x\n,\n\n\nMinh,y\nTư,z");
        let seen: Vec<_> = sheet.rows.iter().map(|row| (row.line, row.cells[0].as_str())).collect();
        assert_eq!(seen, [(3, "Lan ở Đồi Chè"), (7, "Minh"), (8, "Tư")]);
    }

    #[test]
    fn a_file_that_is_no_utf8_csv_says_how_to_save_it() {
        for bytes in [&b"H\xe4 v\xe0 t\xean"[..], b"\xff\xfeH\0", b"PK\x03\x04xlsx"] {
            let errors = read(bytes, ["Họ và tên"]).unwrap_err();
            assert!(errors[0].to_string().contains("“CSV UTF-8”"));
        }
        assert_eq!(read(b" \n", ["Họ và tên"]).unwrap_err()[0].line, 0);
    }

    #[test]
    fn missing_and_doubled_columns_are_all_named() {
        let errors = read("Họ và tên,HỌ VÀ TÊN\n".as_bytes(), ["Họ và tên", "Ngày sinh"]).unwrap_err();
        assert_eq!(report(&errors), "Dòng 1: có hai cột “Họ và tên”\nDòng 1: thiếu cột “Ngày sinh”\n");
    }

    #[test]
    fn a_row_of_another_width_or_with_an_endless_cell_is_reported_and_the_rest_read() {
        let long = "ơ".repeat(501);
        let sheet = two(&format!("Họ và tên,Ngày sinh\nLan\nMinh,x,y\nTư,z,\n{long},x\nCúc,x\n"));
        assert_eq!(sheet.errors.iter().map(|error| error.line).collect::<Vec<_>>(), [2, 3, 5]);
        assert_eq!(sheet.rows.len(), 2);
    }

    #[test]
    fn a_hundred_errors_are_printed_and_the_other_rows_counted() {
        let errors: Vec<_> =
            (2..=251).flat_map(|line| [RowError::new(line, "a"), RowError::new(line, "b")]).collect();
        let text = report(&errors);
        assert_eq!(text.lines().count(), 101);
        assert!(text.ends_with("còn 200 dòng lỗi nữa\n"));
    }

    #[test]
    fn files_beyond_their_limits_are_refused() {
        assert!(read(&vec![b'a'; MAX_BYTES + 1], ["a"]).is_err());
        let many = format!("a\n{}", "b\n".repeat(MAX_ROWS + 1));
        assert!(read(many.as_bytes(), ["a"]).unwrap_err()[0].reason.contains("100.000"));
    }

    #[test]
    fn words_fold_to_the_same_whatever_the_style_of_their_marks() {
        for word in ["Đảng uỷ", "đảng ủy", "ĐẢNG  ỦY"] {
            assert_eq!(fold(word), "dang uy");
        }
    }
}
