//! The list of offices (chức vụ) that members hold, apart from the list of members: who, in which organisation, as what.
//!
//! Pure, like the list of members: whether the member and the organisation exist is the store's to say.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sotay_protocol::members::Office;

use super::import::{BIRTHS, CARDS, NAMES, card_number, office, person};
use crate::spreadsheet::{Column, Faults, List, Place, Read, Row, Sheet, name_key};
pub use crate::spreadsheet::{RowError, report};

const NAME: usize = 0;
const BIRTH: usize = 1;
const CARD: usize = 2;
const ORGANISATION: usize = 3;
const OFFICE: usize = 4;

pub const COLUMNS: &[Column] = &[
    Column::must("Họ và tên", NAMES),
    Column::may("Ngày sinh", BIRTHS),
    Column::may("Số thẻ đảng", CARDS),
    Column::must(
        "Tổ chức",
        &["Tổ chức đảng", "Tên tổ chức", "Tên tổ chức đảng", "Nơi giữ chức vụ", "Cấp ủy", "Đơn vị", "Chi bộ"],
    ),
    Column::must(
        "Chức vụ",
        &[
            "Chức vụ Đảng",
            "Chức vụ trong Đảng",
            "Chức vụ đảm nhiệm",
            "Chức vụ trong cấp ủy",
            "Chức danh",
            "CV Đảng",
        ],
    ),
];

const LIST: List = List { of: "chức vụ", columns: COLUMNS, cell: None, wide: Some(NAME) };

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
    let mut found = LIST.rows(sheets)?;
    let mut records = Vec::with_capacity(found.rows.len());
    let mut seen: BTreeMap<(String, String, String, Office), Place> = BTreeMap::new();
    for row in &found.rows {
        let mut faults = row.faults(&mut found.errors);
        for role in roles(row, &mut faults).unwrap_or_default() {
            let who = role.card.clone().or_else(|| role.birth.map(|day| day.to_string()));
            let key =
                (name_key(&role.name), who.unwrap_or_default(), name_key(&role.organisation), role.office);
            if let Some(before) = seen.get(&key) {
                let reason = format!("chức vụ này của đồng chí đã có ở {}", before.seen_from(&row.place));
                faults.take::<()>(&row.value(OFFICE), Err(reason));
            } else {
                seen.insert(key, role.place.clone());
                records.push(role);
            }
        }
    }
    found.finish(&LIST, sheets, records)
}

fn roles(row: &Row<'_>, faults: &mut Faults<'_>) -> Option<Vec<RoleRecord>> {
    let [name, birth, card, organisation, offices] =
        [NAME, BIRTH, CARD, ORGANISATION, OFFICE].map(|column| row.value(column));
    let who = faults.take(&name, name.text().and_then(person));
    let number = faults.take(&card, card.text().and_then(|card| card_number(&card)));
    let born = match birth {
        birth if birth.is_empty() => Some(None),
        birth => faults.take(&birth, birth.date("ngày sinh")).map(Some),
    };
    if number == Some(None) && born == Some(None) {
        faults.add("cần ghi số thẻ đảng hoặc ngày sinh để biết là đồng chí nào");
        return None;
    }
    let of = faults.take(&organisation, organisation.text().and_then(|name| said(name, "tổ chức")));
    let held = offices
        .text()
        .and_then(|offices| office::held(&said(offices, "chức vụ")?, of.as_deref().unwrap_or_default()));
    let held = faults.take(&offices, held)?;
    if held.is_empty() {
        return faults.take(&offices, Err("“Đảng viên” không phải là chức vụ".into()));
    }
    let (who, number, born, of) = (who?, number?, born?, of?);
    let record = |held: &Office| RoleRecord {
        place: row.place.clone(),
        name: who.clone(),
        birth: born,
        card: number.clone(),
        organisation: of.clone(),
        office: *held,
    };
    Some(held.iter().map(record).collect())
}

fn said(text: String, what: &str) -> Result<String, String> {
    if text.is_empty() { Err(format!("chưa ghi {what}")) } else { Ok(text) }
}

#[cfg(test)]
mod tests;
