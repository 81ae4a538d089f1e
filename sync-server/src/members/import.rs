//! The list of members as committees keep it, read whole before anything is imported.
//!
//! Pure: sheets in, members or reasons out. Whether a cell exists and who is already known is the store's to say.
//! A reason quotes the row it speaks of; it goes to the officer whose file it is, never into a log.

mod columns;
pub(super) mod office;
mod phone;

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use sotay_protocol::members::{Gender, Office};

pub use self::columns::COLUMNS;
use self::columns::{
    BIRTH, BIRTH_OF_MAN, BIRTH_OF_WOMAN, CARD, CELL, FAMILY_NAME, GENDER, GIVEN_NAME, IS_MAN, IS_WOMAN,
    JOINED, LIST, NAME, OFFICES, OFFICIAL, PHONE,
};
pub(super) use self::columns::{BIRTHS, CARDS, NAMES};
use crate::spreadsheet::{Faults, Place, Read, Row, Sheet, Value, clean, fold, is_old_letter, name_key};
pub use crate::spreadsheet::{RowError, report};

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
    let mut found = LIST.rows(sheets)?;
    let mut records = Vec::with_capacity(found.rows.len());
    let mut seen = Seen::default();
    for row in &found.rows {
        let mut faults = row.faults(&mut found.errors);
        if let Some(record) = member(row, &mut faults) {
            seen.check(&record, row, &mut faults);
            records.push(record);
        }
    }
    found.finish(&LIST, sheets, records)
}

fn member(row: &Row<'_>, faults: &mut Faults<'_>) -> Option<MemberRecord> {
    let name = name(row, faults);
    let (birth, gender) = birth_and_gender(row, faults);
    let card = read_by(faults, row.value(CARD), card_number);
    let joined = date_of(faults, row.value(JOINED), "ngày vào đảng");
    let official = match row.value(OFFICIAL) {
        value if value.is_empty() => Some(None),
        value => date_of(faults, value, "ngày chính thức").map(Some),
    };
    let cell = cell(row, faults);
    let offices = said(faults, row.value(OFFICES), office::read);
    let phone = said(faults, row.value(PHONE), phone::read);
    if let (Some(birth), Some(joined)) = (birth, joined) {
        let admitted = check_admission(birth, joined);
        faults.take(&row.value(JOINED), admitted);
    }
    if let (Some(joined), Some(Some(official))) = (joined, official)
        && official < joined
    {
        faults.take::<()>(&row.value(OFFICIAL), Err("ngày chính thức sớm hơn ngày vào đảng".into()));
    }
    Some(MemberRecord {
        place: row.place.clone(),
        name: name?,
        birth: birth?,
        gender: gender?,
        card: card?,
        joined: joined?,
        official: official?,
        cell: cell?,
        offices: offices?,
        phone: phone?,
    })
}

fn read_by<T>(
    faults: &mut Faults<'_>,
    value: Value<'_>,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Option<T> {
    let read = value.text().and_then(|text| read(&text));
    faults.take(&value, read)
}

fn date_of(faults: &mut Faults<'_>, value: Value<'_>, what: &str) -> Option<NaiveDate> {
    faults.take(&value, value.date(what))
}

/// What a column says, or that there is no such column.
fn said<T>(
    faults: &mut Faults<'_>,
    value: Value<'_>,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Option<Option<T>> {
    if value.has_column() { read_by(faults, value, read).map(Some) } else { Some(None) }
}

fn name(row: &Row<'_>, faults: &mut Faults<'_>) -> Option<String> {
    let (whole, family, given) = (row.value(NAME), row.value(FAMILY_NAME), row.value(GIVEN_NAME));
    if whole.has_column() {
        return read_by(faults, whole, |text| person(text.to_owned()));
    }
    let given = read_by(faults, given, |text| Ok(text.to_owned()))?;
    read_by(faults, family, |family| person(clean(&format!("{family} {given}"))))
}

/// The classic layout has a column of birth dates for men and another for women.
fn birth_and_gender(row: &Row<'_>, faults: &mut Faults<'_>) -> (Option<NaiveDate>, Option<Gender>) {
    let (man, woman) = (row.value(BIRTH_OF_MAN), row.value(BIRTH_OF_WOMAN));
    if man.has_column() || woman.has_column() {
        let (value, gender) = match (man.is_empty(), woman.is_empty()) {
            (true, false) => (woman, Gender::Female),
            (false, true) => (man, Gender::Male),
            (true, true) => {
                faults.take::<()>(&man, Err("chưa ghi ngày sinh ở cột Nam hay cột Nữ".into()));
                return (None, None);
            }
            (false, false) => {
                faults.take::<()>(&man, Err("ghi ngày sinh ở cả cột Nam và cột Nữ".into()));
                return (None, None);
            }
        };
        return (date_of(faults, value, "ngày sinh"), Some(gender));
    }
    (date_of(faults, row.value(BIRTH), "ngày sinh"), gender(row, faults))
}

fn gender(row: &Row<'_>, faults: &mut Faults<'_>) -> Option<Gender> {
    let (written, man, woman) = (row.value(GENDER), row.value(IS_MAN), row.value(IS_WOMAN));
    if written.has_column() {
        return read_by(faults, written, sex);
    }
    // A cross in one of two columns; where there is one column only, nothing in it means the other.
    let marked = |value: &Value<'_>| value.has_column() && !value.is_empty();
    let (is_man, is_woman) = match (man.has_column(), woman.has_column()) {
        (true, false) => (marked(&man), !marked(&man)),
        (false, _) => (!marked(&woman), marked(&woman)),
        (true, true) => (marked(&man), marked(&woman)),
    };
    match (is_man, is_woman) {
        (true, false) => Some(Gender::Male),
        (false, true) => Some(Gender::Female),
        (false, false) => faults.take(&man, Err("chưa đánh dấu Nam hay Nữ".into())),
        (true, true) => faults.take(&man, Err("đánh dấu cả Nam và Nữ".into())),
    }
}

/// As the row itself says it, or where there is no such column as a title or the sheet does.
fn cell(row: &Row<'_>, faults: &mut Faults<'_>) -> Option<String> {
    let value = row.value(CELL);
    read_by(faults, value, |written| match &row.cell {
        Some(above) if !value.has_column() => Ok(above.clone()),
        _ if written.is_empty() => Err("chưa ghi chi bộ".into()),
        _ => Ok(written.to_owned()),
    })
}

fn check_admission(birth: NaiveDate, joined: NaiveDate) -> Result<(), String> {
    match birth.checked_add_months(AGE_OF_ADMISSION) {
        Some(of_age) if joined >= of_age => Ok(()),
        _ => Err(format!(
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
    if name.chars().any(is_old_letter) {
        return Err(format!(
            "họ và tên “{name}” có chữ theo bảng mã cũ (TCVN3, VNI); hãy chuyển sang Unicode rồi nhập lại"
        ));
    }
    if name.chars().any(char::is_numeric) {
        return Err(format!("họ và tên “{name}” có chữ số"));
    }
    // Brackets tell namesakes apart: “Hà Thị Thu (A)”.
    if name
        .chars()
        .any(|letter| !(letter.is_alphabetic() || matches!(letter, ' ' | '-' | '\'' | '’' | '.' | '(' | ')')))
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
    fn check(&mut self, record: &MemberRecord, row: &Row<'_>, faults: &mut Faults<'_>) {
        let cell = name_key(&record.cell);
        let twice = match &record.card {
            // A cell that is a number has lost the zeros at the front.
            Some(card) => first(&mut self.cards, card.trim_start_matches('0').to_owned(), &record.place)
                .map(|before| (CARD, format!("số thẻ đảng {card} đã có ở {before}"))),
            None => {
                let key = (name_key(&record.name), record.birth, cell.clone());
                first(&mut self.without_card, key, &record.place).map(|before| {
                    let reason =
                        format!("trùng họ tên, ngày sinh và chi bộ với {before} mà không có số thẻ đảng");
                    (NAME, reason)
                })
            }
        };
        if let Some((column, reason)) = twice {
            faults.take::<()>(&row.value(column), Err(reason));
        }
        let leads = OfficeRecord { office: Office::Secretary, of: Level::Cell };
        if record.offices.iter().flatten().any(|office| *office == leads)
            && let Some(before) = first(&mut self.secretaries, cell, &record.place)
        {
            let reason = format!("“{}” đã có bí thư ở {before}", record.cell);
            faults.take::<()>(&row.value(OFFICES), Err(reason));
        }
    }
}

/// The row that came before with the same key, if one did, in words for a reason of the row at `place`.
fn first<K: Ord>(places: &mut BTreeMap<K, Place>, key: K, place: &Place) -> Option<String> {
    let kept = places.entry(key).or_insert_with(|| place.clone());
    (kept != place).then(|| kept.seen_from(place))
}

#[cfg(test)]
mod layouts;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod workbooks;
