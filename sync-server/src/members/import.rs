//! The list of members as committees keep it, read whole before anything is imported.
//!
//! Pure: sheets in, members or reasons out. Whether a cell exists and who is already known is the store's to say.
//! A reason quotes the row it speaks of; it goes to the officer whose file it is, never into a log.

pub(super) mod date;
pub(super) mod office;
mod phone;

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use sotay_protocol::members::{Gender, Office};

use crate::spreadsheet::{self, Place, Read, Row, Sheet, fold, name_key};
pub use crate::spreadsheet::{RowError, report};

pub const COLUMNS: [&str; 9] = [
    "Họ và tên",
    "Ngày sinh",
    "Giới tính",
    "Số thẻ đảng",
    "Ngày vào đảng",
    "Ngày chính thức",
    "Chi bộ",
    "Chức vụ",
    "Số điện thoại",
];

/// A member is 18 or older on the day of admission [Điều lệ Đảng, Điều 1].
const AGE_OF_ADMISSION: Months = Months::new(18 * 12);

/// One member as the file says it. Who has no card number is known by name, birth date and cell together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRecord {
    /// For the reasons that only the store can find, such as a cell that does not exist.
    pub place: Place,
    pub name: String,
    pub birth: NaiveDate,
    pub gender: Gender,
    /// Digits alone.
    pub card: Option<String>,
    pub joined: NaiveDate,
    /// None while the member is on probation (dự bị).
    pub official: Option<NaiveDate>,
    pub cell: String,
    /// None where the list has no such column: it then says nothing of offices, not that there are none.
    pub offices: Option<Vec<OfficeRecord>>,
    /// Digits alone, with the leading zero. The outer None where the list has no such column.
    pub phone: Option<Option<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OfficeRecord {
    pub office: Office,
    pub of: Level,
}

/// Where an office is held, seen from the member's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// In the cell of the row.
    Cell,
    /// In the committee above that cell (đảng ủy).
    Committee,
}

/// # Errors
/// Every bad row with its place, in the order of the file; nothing of a file with a bad row is to be imported.
pub fn read(sheets: &[Sheet]) -> Result<Read<MemberRecord>, Vec<RowError>> {
    let table = spreadsheet::read(sheets, COLUMNS)?;
    let mut errors = table.errors;
    let mut records = Vec::with_capacity(table.rows.len());
    let mut seen = Seen::default();
    for row in table.rows {
        let mut reasons = Reasons { place: row.place.clone(), errors: &mut errors };
        if let Some(record) = member(row, &mut reasons) {
            seen.check(&record, &mut reasons);
            records.push(record);
        }
    }
    if errors.is_empty() && records.is_empty() {
        errors.push(RowError::file("tệp không có đảng viên nào"));
    }
    errors.sort_by_key(|error| error.place.line);
    if errors.is_empty() { Ok(Read { records, remarks: Vec::new() }) } else { Err(errors) }
}

/// Collects what is wrong with one row, so that all of it is said at once.
struct Reasons<'a> {
    place: Place,
    errors: &'a mut Vec<RowError>,
}

impl Reasons<'_> {
    fn add(&mut self, reason: impl Into<String>) {
        self.errors.push(RowError::new(&self.place, reason));
    }

    fn take<T>(&mut self, read: Result<T, String>) -> Option<T> {
        read.map_err(|reason| self.add(reason)).ok()
    }
}

fn member(row: Row<9>, reasons: &mut Reasons<'_>) -> Option<MemberRecord> {
    let [name, birth, gender, card, joined, official, cell, offices, phone] = row.cells;
    let name = reasons.take(person(name));
    let birth = reasons.take(date::read(&birth, "ngày sinh"));
    let gender = reasons.take(sex(&gender));
    let card = reasons.take(card_number(&card));
    let joined = reasons.take(date::read(&joined, "ngày vào đảng"));
    let official = match official.as_str() {
        "" => Some(None),
        written => reasons.take(date::read(written, "ngày chính thức")).map(Some),
    };
    if cell.is_empty() {
        reasons.add("chưa ghi chi bộ");
    }
    let offices = reasons.take(office::read(&offices));
    let phone = reasons.take(phone::read(&phone));
    if let (Some(birth), Some(joined)) = (birth, joined) {
        check_admission(birth, joined, reasons);
    }
    if let (Some(joined), Some(Some(official))) = (joined, official)
        && official < joined
    {
        reasons.add("ngày chính thức sớm hơn ngày vào đảng");
    }
    let cell = Some(cell).filter(|cell| !cell.is_empty());
    Some(MemberRecord {
        place: row.place,
        name: name?,
        birth: birth?,
        gender: gender?,
        card: card?,
        joined: joined?,
        official: official?,
        cell: cell?,
        offices: Some(offices?),
        phone: Some(phone?),
    })
}

fn check_admission(birth: NaiveDate, joined: NaiveDate, reasons: &mut Reasons<'_>) {
    match birth.checked_add_months(AGE_OF_ADMISSION) {
        Some(of_age) if joined >= of_age => {}
        _ => reasons.add(format!(
            "vào đảng ngày {} khi chưa đủ 18 tuổi (sinh ngày {})",
            joined.format("%d/%m/%Y"),
            birth.format("%d/%m/%Y"),
        )),
    }
}

pub(super) fn person(name: String) -> Result<String, String> {
    if name.is_empty() {
        return Err("chưa ghi họ và tên".into());
    }
    if name.chars().any(char::is_numeric) {
        return Err(format!("họ và tên “{name}” có chữ số"));
    }
    if name.chars().any(|letter| !(letter.is_alphabetic() || matches!(letter, ' ' | '-' | '\'' | '’' | '.')))
    {
        return Err(format!("họ và tên “{name}” có ký tự lạ"));
    }
    Ok(name)
}

fn sex(written: &str) -> Result<Gender, String> {
    match fold(written).as_str() {
        "nam" => Ok(Gender::Male),
        "nu" => Ok(Gender::Female),
        "" => Err("chưa ghi giới tính".into()),
        _ => Err(format!("giới tính “{written}” không phải Nam hay Nữ")),
    }
}

/// Cards carry 4 to 12 digits by their age and place; people write them in groups.
pub(super) fn card_number(written: &str) -> Result<Option<String>, String> {
    let digits: String = written.chars().filter(|letter| !matches!(letter, ' ' | '.' | '-')).collect();
    if digits.is_empty() {
        return Ok(None);
    }
    if written.contains("E+") || written.contains("e+") {
        return Err(format!(
            "số thẻ đảng “{written}” đã bị Excel rút gọn; hãy định dạng cột là Văn bản (Text)"
        ));
    }
    let well_formed = (4..=12).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    if well_formed {
        Ok(Some(digits))
    } else {
        Err(format!("số thẻ đảng “{written}” không phải 4 đến 12 chữ số"))
    }
}

/// What one row cannot show: a person twice, two secretaries in a cell.
#[derive(Default)]
struct Seen {
    cards: BTreeMap<String, Place>,
    without_card: BTreeMap<(String, NaiveDate, String), Place>,
    secretaries: BTreeMap<String, Place>,
}

impl Seen {
    fn check(&mut self, record: &MemberRecord, reasons: &mut Reasons<'_>) {
        let cell = name_key(&record.cell);
        let before = match &record.card {
            Some(card) => first(&mut self.cards, card.clone(), &record.place),
            None => {
                let key = (name_key(&record.name), record.birth, cell.clone());
                first(&mut self.without_card, key, &record.place)
            }
        };
        if let Some(before) = before {
            let before = before.seen_from(&record.place);
            reasons.add(match &record.card {
                Some(card) => format!("số thẻ đảng {card} đã có ở {before}"),
                None => format!("trùng họ tên, ngày sinh và chi bộ với {before} mà không có số thẻ đảng"),
            });
        }
        let leads = OfficeRecord { office: Office::Secretary, of: Level::Cell };
        if record.offices.iter().flatten().any(|office| *office == leads)
            && let Some(before) = first(&mut self.secretaries, cell, &record.place)
        {
            let before = before.seen_from(&record.place);
            reasons.add(format!("“{}” đã có bí thư ở {before}", record.cell));
        }
    }
}

/// The row that came before with the same key, if one did.
fn first<K: Ord>(places: &mut BTreeMap<K, Place>, key: K, place: &Place) -> Option<Place> {
    let kept = places.entry(key).or_insert_with(|| place.clone());
    (kept != place).then(|| kept.clone())
}

#[cfg(test)]
mod tests;
