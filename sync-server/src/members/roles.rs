//! The list of offices (chức vụ) that members hold, apart from the list of members: who, in which organisation, as what.
//!
//! Pure, like the list of members: whether the member and the organisation exist is the store's to say.

use chrono::NaiveDate;
use sotay_protocol::members::Office;

use super::import::{card_number, date, office, person};
use crate::spreadsheet::{self, Place, Read, Row, RowError, Sheet};

pub const COLUMNS: [&str; 5] = ["Họ và tên", "Ngày sinh", "Số thẻ đảng", "Tổ chức", "Chức vụ"];

/// One office as the file says it. Who has no card number there is known by name and birth date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRecord {
    pub place: Place,
    pub name: String,
    /// Never None where there is no card.
    pub birth: Option<NaiveDate>,
    /// Digits alone.
    pub card: Option<String>,
    /// The name of the organisation in which the office is held.
    pub organisation: String,
    pub office: Office,
}

/// # Errors
/// Every bad row with its place, in the order of the file; nothing of a file with a bad row is to be imported.
pub fn read(sheets: &[Sheet]) -> Result<Read<RoleRecord>, Vec<RowError>> {
    let table = spreadsheet::read(sheets, COLUMNS)?;
    let (mut records, mut errors) = (Vec::with_capacity(table.rows.len()), table.errors);
    for row in table.rows {
        let place = row.place.clone();
        match roles(row) {
            Ok(found) => records.extend(found),
            Err(reason) => errors.push(RowError::new(place, reason)),
        }
    }
    if errors.is_empty() && records.is_empty() {
        errors.push(RowError::file("tệp không có chức vụ nào"));
    }
    errors.sort_by_key(|error| error.place.line);
    if errors.is_empty() { Ok(Read { records, remarks: Vec::new() }) } else { Err(errors) }
}

fn roles(row: Row<5>) -> Result<Vec<RoleRecord>, String> {
    let [name, birth, card, organisation, offices] = row.cells;
    let name = person(name)?;
    let card = card_number(&card)?;
    let birth = if birth.is_empty() { None } else { Some(date::read(&birth, "ngày sinh")?) };
    if card.is_none() && birth.is_none() {
        return Err("cần ghi số thẻ đảng hoặc ngày sinh để biết là đồng chí nào".into());
    }
    if organisation.is_empty() {
        return Err("chưa ghi tổ chức".into());
    }
    let offices = office::read(&offices)?;
    if offices.is_empty() {
        return Err("chưa ghi chức vụ".into());
    }
    let record = |held: &super::import::OfficeRecord| RoleRecord {
        place: row.place.clone(),
        name: name.clone(),
        birth,
        card: card.clone(),
        organisation: organisation.clone(),
        office: held.office,
    };
    Ok(offices.iter().map(record).collect())
}
