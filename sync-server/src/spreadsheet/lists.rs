//! A list found in the sheets of a file: its rows, with the columns it must have, and what else the sheets say.

use super::footer::Footer;
use super::header::Header;
use super::value::{Faults, Value};
use super::{Cell, Column, Need, Place, Read, RowError, Sheet, SheetRow, fold, scope};

/// What a feature looks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct List {
    /// In the plural of Vietnamese, which has none: “đảng viên”.
    pub(crate) of: &'static str,
    pub(crate) columns: &'static [Column],
    /// The column, if any, that a title above the list, a row across it or the sheet's name can stand for, by
    /// naming a cell (chi bộ).
    pub(crate) cell: Option<usize>,
    /// The column, if any, whose heading may stand over two columns: family name and given name.
    pub(crate) wide: Option<usize>,
}

/// The rows of all sheets that hold such a list.
pub(crate) struct Rows<'a> {
    pub(crate) rows: Vec<Row<'a>>,
    pub(crate) errors: Vec<RowError>,
    pub(crate) remarks: Vec<String>,
}

pub(crate) struct Row<'a> {
    pub(crate) place: Place,
    values: Vec<Value<'a>>,
    /// The cell (chi bộ) that something above the row names.
    pub(crate) cell: Option<String>,
}

impl<'a> Row<'a> {
    pub(crate) fn value(&self, column: usize) -> Value<'a> {
        self.values.get(column).copied().unwrap_or(Value::ABSENT)
    }

    pub(crate) fn faults<'b>(&'b self, errors: &'b mut Vec<RowError>) -> Faults<'b> {
        Faults { place: &self.place, errors }
    }
}

/// Sheets of our template that explain it, in [`fold`]ed words.
const OF_TEMPLATE: [&str; 2] = ["vi du", "huong dan"];

/// Headings that every list has beside its own, in [`fold`]ed words.
const OF_ANY_LIST: [&str; 5] = ["stt", "tt", "so tt", "so thu tu", "ghi chu"];

impl List {
    /// Fails only where no row can be told from another; a bad row is reported in `errors`.
    pub(crate) fn rows<'a>(&self, sheets: &'a [Sheet]) -> Result<Rows<'a>, Vec<RowError>> {
        let mut found = Rows { rows: Vec::new(), errors: Vec::new(), remarks: Vec::new() };
        let mut read: Vec<(&Sheet, Header)> = Vec::new();
        for sheet in sheets {
            if sheet.hidden {
                found.remarks.push(format!("Trang tính “{}” bị ẩn nên không đọc.", sheet.name));
            } else if OF_TEMPLATE.contains(&fold(&sheet.name).as_str()) {
                found.remarks.push(format!("Trang tính “{}” là phần của tệp mẫu nên không đọc.", sheet.name));
            } else if let Some(header) = Header::find(&sheet.rows, self.columns) {
                read.push((sheet, header));
            } else if !sheet.rows.is_empty() {
                found.remarks.push(self.not_a_list(sheet));
            }
        }
        // One known word is no header.
        let enough = 2.min(self.columns.len());
        let (lists, others): (Vec<_>, Vec<_>) =
            read.into_iter().partition(|(_, header)| header.score() >= enough);
        found.remarks.extend(others.iter().map(|(sheet, _)| self.not_a_list(sheet)));
        if lists.is_empty() {
            return Err(vec![RowError::file(with_remarks(self.no_header(sheets), &found.remarks))]);
        }
        let mut missing = Vec::new();
        for (sheet, header) in &lists {
            match self.check(sheet, header) {
                Ok(()) => {
                    let unread = self.unread(header).filter(|unread| !found.remarks.contains(unread));
                    found.remarks.extend(unread);
                    self.rows_of(sheet, header, &mut found);
                }
                Err(mut errors) => {
                    if let Some(last) = errors.last_mut().filter(|_| lists.len() > 1) {
                        let hint = format!(
                            "; nếu trang tính này không phải danh sách {}, hãy xóa hoặc ẩn nó",
                            self.of
                        );
                        last.reason.push_str(&hint);
                    }
                    missing.extend(errors);
                }
            }
        }
        if missing.is_empty() { Ok(found) } else { Err(missing) }
    }

    fn not_a_list(&self, sheet: &Sheet) -> String {
        format!("Trang tính “{}” không có danh sách {} nên không đọc.", sheet.name, self.of)
    }

    fn no_header(&self, sheets: &[Sheet]) -> String {
        if sheets.iter().all(|sheet| sheet.rows.is_empty()) {
            return "tệp trống, không có dòng tiêu đề".to_owned();
        }
        let columns = self.columns.iter().filter(|column| column.need == Need::Must);
        let names: Vec<String> = columns.map(|column| format!("“{}”", column.name)).collect();
        let old = if sheets.iter().any(has_old_letters) {
            "; chữ trong tệp có vẻ theo bảng mã cũ (TCVN3, VNI), hãy chuyển sang Unicode rồi nhập lại"
        } else {
            ""
        };
        format!("không tìm thấy dòng tiêu đề có các cột {}{old}", names.join(", "))
    }

    fn check(&self, sheet: &Sheet, header: &Header) -> Result<(), Vec<RowError>> {
        let line = header.above.checked_sub(1).and_then(|at| sheet.rows.get(at)).map_or(0, |row| row.line);
        let place = place(sheet, line);
        let mut errors: Vec<RowError> = Vec::new();
        for (index, column) in self.columns.iter().enumerate() {
            if header.doubled.contains(&index) {
                errors.push(RowError::new(&place, format!("có hai cột “{}”", column.name)));
            }
        }
        for index in header.missing(self.columns) {
            let Some(column) = self.columns.get(index) else { continue };
            if self.cell != Some(index) {
                errors.push(RowError::new(&place, column.missing()));
            } else if !self.names_cell(sheet, header) {
                let reason = format!(
                    "{}; tên trang tính và các dòng trên bảng cũng không nêu chi bộ nào",
                    column.missing()
                );
                errors.push(RowError::new(&place, reason));
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// A column that may be left out, and is, beside headings that say nothing to us: one may be meant by the other.
    fn unread(&self, header: &Header) -> Option<String> {
        let quoted =
            |names: Vec<&str>| names.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>().join(", ");
        let columns = self.columns.iter().enumerate();
        let absent = columns.filter(|(at, column)| column.need == Need::May && !header.has(*at));
        let absent: Vec<&str> = absent.map(|(_, column)| column.name).collect();
        let unknown = header.unknown.iter().map(String::as_str);
        let unknown: Vec<&str> = unknown.filter(|name| !OF_ANY_LIST.contains(&fold(name).as_str())).collect();
        (!absent.is_empty() && !unknown.is_empty()).then(|| {
            format!(
                "Không thấy cột {}; không đọc cột {} vì tên cột chưa quen. Nếu là một, đồng chí hãy sửa tên cột.",
                quoted(absent),
                quoted(unknown)
            )
        })
    }

    fn names_cell(&self, sheet: &Sheet, header: &Header) -> bool {
        scope::of_sheet(sheet, header.titles).is_some()
            || sheet.rows.iter().skip(header.above).any(|row| self.row_across(row, header).is_some())
    }

    fn rows_of<'a>(&self, sheet: &'a Sheet, header: &Header, found: &mut Rows<'a>) {
        let mut cell = self.cell.and_then(|_| scope::of_sheet(sheet, header.titles));
        let mut footer = Footer::default();
        let mut first = true;
        let headers = sheet.rows.get(header.titles..header.above).unwrap_or_default();
        for row in sheet.rows.iter().skip(header.above) {
            let numbers = std::mem::take(&mut first) && counts_columns(row);
            // The header comes again on every printed page.
            let again = headers.iter().any(|before| before.cells == row.cells);
            if numbers || again || self.is_blank(sheet, row, header) {
                continue;
            }
            let full = self.is_full(row, header);
            if footer.covers(row, full) {
                continue;
            }
            if let Some(named) = self.row_across(row, header) {
                cell = Some(named);
                continue;
            }
            let place = place(sheet, row.line);
            if let Some(reason) = other_width(sheet, row, header) {
                found.errors.push(RowError::new(place, reason));
                continue;
            }
            let value = |column: usize| self.value(sheet, row, header, column);
            let values = (0..self.columns.len()).map(value).collect();
            found.rows.push(Row { place, values, cell: cell.clone() });
        }
    }

    fn value<'a>(&self, sheet: &'a Sheet, row: &'a SheetRow, header: &Header, column: usize) -> Value<'a> {
        let Some(found) = header.at(column) else { return Value::ABSENT };
        let value = Value::new(row.cells.get(found.at), found.at, sheet.from_1904);
        if self.wide == Some(column) && found.nameless > 0 {
            return value.followed_by(row.cells.get(found.at + 1));
        }
        value
    }

    /// Rows that were numbered beforehand and never filled in, or hold a note beside the list.
    fn is_blank(&self, sheet: &Sheet, row: &SheetRow, header: &Header) -> bool {
        (0..self.columns.len())
            .filter_map(|column| header.at(column))
            .all(|found| row.cells.get(found.at).is_none_or(Cell::is_empty))
            // In a file without sheets a row that is too long has slipped sideways.
            && (!sheet.name.is_empty() || row.cells.iter().skip(header.width).all(Cell::is_empty))
    }

    /// More than half of what a row must have is there, in whatever columns the layout has for it.
    fn is_full(&self, row: &SheetRow, header: &Header) -> bool {
        let filled = |column: usize| {
            header
                .at(column)
                .is_some_and(|found| row.cells.get(found.at).is_some_and(|cell| !cell.is_empty()))
        };
        let (mut wanted, mut there) = (0, 0);
        for (must, _) in self.columns.iter().enumerate().filter(|(_, column)| column.need == Need::Must) {
            let places = || {
                let instead = self.columns.iter().enumerate().filter(
                    move |(_, column)| matches!(column.need, Need::Instead(of) if of.contains(&must)),
                );
                instead.map(|(place, _)| place).chain([must]).filter(|place| header.has(*place))
            };
            wanted += usize::from(places().next().is_some());
            there += usize::from(places().any(filled));
        }
        wanted > 1 && there * 2 > wanted
    }

    /// The cell that a row names for the rows below: “I. Chi bộ thôn Đồi Chè”, and nothing else in it.
    fn row_across(&self, row: &SheetRow, header: &Header) -> Option<String> {
        self.cell?;
        if self.is_full(row, header) {
            return None;
        }
        scope::of_row(row)
    }
}

pub(super) fn place(sheet: &Sheet, line: u64) -> Place {
    Place { sheet: Some(sheet.name.clone()).filter(|name| !name.is_empty()), line }
}

/// Only a file without sheets keeps how wide a row was: there another width means a cell too few or too many.
fn other_width(sheet: &Sheet, row: &SheetRow, header: &Header) -> Option<String> {
    let cells = &row.cells;
    let beyond = cells.iter().skip(header.width).any(|cell| !cell.is_empty());
    (sheet.name.is_empty() && (cells.len() < header.width || beyond))
        .then(|| format!("có {} ô, trong khi dòng tiêu đề có {} cột", cells.len(), header.width))
}

/// A row that numbers the columns: 1, 2, 3 or (1), (2), (3) or A, B, 1, 2.
fn counts_columns(row: &SheetRow) -> bool {
    let texts: Vec<String> = row.cells.iter().map(Cell::text).filter(|text| !text.is_empty()).collect();
    let number = |text: &String| text.trim_matches(['(', ')', '[', ']', ' ']).parse::<u32>().ok();
    let letters = texts.iter().take_while(|text| text.len() == 1 && number(text).is_none()).count();
    let numbers: Option<Vec<u32>> = texts.iter().skip(letters).map(number).collect();
    numbers.is_some_and(|numbers| {
        numbers.len() >= 2
            && numbers.windows(2).all(|pair| matches!(pair, [a, b] if Some(*b) == a.checked_add(1)))
    })
}

/// Letters that Unicode text in Vietnamese never has, and text in the codes before it always does.
pub(crate) fn is_old_letter(letter: char) -> bool {
    matches!(letter, 'µ' | '¸' | '¶' | '·' | '¬' | '®' | 'Þ' | 'þ' | 'ß' | '×' | '÷' | '¹' | '¨' | '©' | '«')
}

fn has_old_letters(sheet: &Sheet) -> bool {
    let texts = sheet.rows.iter().take(20).flat_map(|row| &row.cells);
    texts
        .filter_map(|cell| if let Cell::Text(text) = cell { Some(text) } else { None })
        .flat_map(|text| text.chars())
        .filter(|letter| is_old_letter(*letter))
        .count()
        >= 3
}

/// What was left out may be what was meant.
fn with_remarks(mut reason: String, remarks: &[String]) -> String {
    for remark in remarks.iter().take(5) {
        reason.push_str(". ");
        reason.push_str(remark.trim_end_matches('.'));
    }
    reason
}

impl Rows<'_> {
    /// All records, or all that is wrong, in the order of the file.
    pub(crate) fn finish<T>(
        mut self,
        list: &List,
        sheets: &[Sheet],
        records: Vec<T>,
    ) -> Result<Read<T>, Vec<RowError>> {
        if self.errors.is_empty() && records.is_empty() {
            let reason = with_remarks(format!("tệp không có {} nào", list.of), &self.remarks);
            self.errors.push(RowError::file(reason));
        }
        if self.errors.is_empty() {
            return Ok(Read { records, remarks: self.remarks });
        }
        let order = |error: &RowError| {
            let at = sheets.iter().position(|sheet| error.place.sheet.as_deref() == Some(&sheet.name));
            (at, error.place.line)
        };
        self.errors.sort_by_cached_key(order);
        Err(self.errors)
    }
}
