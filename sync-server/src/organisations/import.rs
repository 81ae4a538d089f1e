//! The list of organisations, read whole before anything is imported: a tree, from the top down.
//!
//! Pure: sheets in, organisations or reasons out. A parent that is not in the file may already stand on the server;
//! the record says so and the store decides.

mod outline;

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::organisations::Level;

use self::outline::Outline;
use crate::spreadsheet::{Column, Faults, List, Place, Read, Row, Sheet, fold, name_key};
pub use crate::spreadsheet::{RowError, report};

const NAME: usize = 0;
const KIND: usize = 1;
const PARENT: usize = 2;
const NUMBER: usize = 3;

/// The first three are those of our template.
pub const COLUMNS: &[Column] = &[
    Column::must(
        "Tên tổ chức",
        &[
            "Tên tổ chức đảng",
            "Tổ chức đảng",
            "Tổ chức",
            "Tên chi bộ, đảng bộ",
            "Tên đảng bộ, chi bộ",
            "Tên tổ chức cơ sở đảng",
            "Tổ chức cơ sở đảng",
            "Tên chi bộ",
            "Tên đơn vị",
            "Đảng bộ, chi bộ",
            "Đơn vị",
        ],
    ),
    Column::may("Loại", &["Loại hình", "Loại tổ chức", "Loại hình tổ chức", "Loại hình tổ chức đảng", "Cấp"]),
    Column::may(
        "Trực thuộc",
        &[
            "Trực thuộc đảng bộ",
            "Tổ chức cấp trên",
            "Tổ chức cấp trên trực tiếp",
            "Tổ chức đảng cấp trên",
            "Tổ chức đảng cấp trên trực tiếp",
            "Trực thuộc tổ chức",
            "Trực thuộc tổ chức đảng",
            "Trực thuộc đảng ủy",
            "Đơn vị cấp trên",
            "Cấp trên",
            "Cấp trên trực tiếp",
            "Cấp ủy cấp trên",
            "Cấp ủy cấp trên trực tiếp",
            "Đảng ủy cấp trên",
            "Đảng bộ cấp trên",
            "Thuộc",
            "Thuộc đảng bộ",
        ],
    ),
    // Where nothing says to what an organisation belongs, its number does.
    Column::instead(&[], "STT", &["TT", "Số TT", "Số thứ tự"]),
];

const LIST: List = List { of: "tổ chức", columns: COLUMNS, cell: None, wide: None };

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationRecord {
    pub place: Place,
    pub name: String,
    pub level: Level,
    /// None for the top.
    pub parent: Option<Parent>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// As the parent's own row spells it, where it has one.
    pub name: String,
    /// False: it must already be on the server.
    pub in_file: bool,
}

/// Parents come before their children.
///
/// # Errors
/// Every bad row with its place, in the order of the file.
pub fn read(sheets: &[Sheet]) -> Result<Read<OrganisationRecord>, Vec<RowError>> {
    let mut found = LIST.rows(sheets)?;
    let mut records = Vec::with_capacity(found.rows.len());
    let mut named: BTreeMap<String, Place> = BTreeMap::new();
    let mut outline = Outline::default();
    for row in &found.rows {
        let mut faults = row.faults(&mut found.errors);
        let Some(record) = organisation(row, &mut outline, &mut faults) else { continue };
        if let Some(before) = named.get(&name_key(&record.name)) {
            let reason = format!("“{}” đã có ở {}", record.name, before.seen_from(&row.place));
            faults.take::<()>(&row.value(NAME), Err(reason));
        } else {
            named.insert(name_key(&record.name), record.place.clone());
            records.push(record);
        }
    }
    if outline.was_asked() {
        found.remarks.push(
            "Danh sách không có cột “Trực thuộc”: cấp trên của mỗi tổ chức được hiểu theo loại, số thứ tự và \
             thứ tự các dòng; đồng chí hãy xem lại."
                .to_owned(),
        );
    }
    if found.errors.is_empty() {
        records = tree(records, &mut found.errors);
    }
    found.finish(&LIST, sheets, records)
}

fn organisation(row: &Row<'_>, outline: &mut Outline, faults: &mut Faults<'_>) -> Option<OrganisationRecord> {
    let [name, kind, parent, number] = [NAME, KIND, PARENT, NUMBER].map(|column| row.value(column));
    let named = name
        .text()
        .and_then(|name| if name.is_empty() { Err("chưa ghi tên tổ chức".to_owned()) } else { Ok(name) });
    let named = faults.take(&name, named);
    let level = if kind.has_column() {
        faults.take(&kind, kind.text().and_then(|kind| level(&kind).ok_or_else(|| unknown(&kind))))
    } else {
        let of_name = |name: &String| level_of_name(name).ok_or_else(|| unnamed(name));
        named.as_ref().and_then(|named| faults.take(&name, of_name(named)))
    };
    let above = if parent.has_column() {
        faults.take(&parent, parent.text()).filter(|above| !above.is_empty())
    } else {
        let number = faults.take(&number, number.text())?;
        outline.place(named.as_ref()?, level?, &number)
    };
    let parent = above.map(|name| Parent { name, in_file: false });
    Some(OrganisationRecord { place: row.place.clone(), name: named?, level: level?, parent })
}

fn unknown(kind: &str) -> String {
    format!(
        "loại “{kind}” không có trong danh mục (Trung ương, Đảng bộ tỉnh, Đảng ủy xã, Đảng ủy phường, \
         Đảng ủy đặc khu, Đảng ủy cơ sở, Đảng bộ bộ phận, Chi bộ)"
    )
}

fn unnamed(name: &str) -> String {
    format!(
        "không rõ “{name}” là loại tổ chức nào; hãy thêm cột “Loại” (Đảng ủy xã, Đảng bộ bộ phận, Chi bộ …)"
    )
}

fn level(kind: &str) -> Option<Level> {
    let words = fold(kind);
    // People say the organisation (đảng bộ) or its committee (đảng ủy) and mean the same.
    let place = words.strip_prefix("dang bo ").or_else(|| words.strip_prefix("dang uy "));
    match place.unwrap_or(&words) {
        "trung uong" | "ban chap hanh trung uong" => Some(Level::Central),
        "tinh" | "thanh pho" | "tinh uy" | "thanh uy" | "truc thuoc trung uong" => Some(Level::Province),
        "xa" | "phuong" | "dac khu" | "co so" => Some(Level::Commune),
        "bo phan" => Some(Level::Section),
        "chi bo" | "chi bo co so" | "chi bo truc thuoc" => Some(Level::Cell),
        _ => None,
    }
}

/// Where no column gives the kind, most names begin with it.
fn level_of_name(name: &str) -> Option<Level> {
    const BEGINNINGS: [(&str, Level); 13] = [
        ("chi bo", Level::Cell),
        ("dang bo bo phan", Level::Section),
        ("dang uy bo phan", Level::Section),
        ("dang bo xa", Level::Commune),
        ("dang uy xa", Level::Commune),
        ("dang bo phuong", Level::Commune),
        ("dang uy phuong", Level::Commune),
        ("dang bo dac khu", Level::Commune),
        ("dang uy dac khu", Level::Commune),
        ("dang bo tinh", Level::Province),
        ("dang bo thanh pho", Level::Province),
        ("tinh uy", Level::Province),
        ("thanh uy", Level::Province),
    ];
    let words = fold(name);
    let begins = |beginning: &str| words.strip_prefix(beginning).is_some_and(|rest| rest.starts_with(' '));
    BEGINNINGS.iter().find(|(beginning, _)| begins(beginning)).map(|(_, level)| *level)
}

/// Joins children to parents, and orders them so.
fn tree(mut records: Vec<OrganisationRecord>, errors: &mut Vec<RowError>) -> Vec<OrganisationRecord> {
    let known: BTreeMap<String, (String, Level)> =
        records.iter().map(|record| (name_key(&record.name), (record.name.clone(), record.level))).collect();
    let mut root: Option<Place> = None;
    for record in &mut records {
        match &mut record.parent {
            None => match &root {
                None => root = Some(record.place.clone()),
                Some(top) => {
                    let top = top.seen_from(&record.place);
                    let reason =
                        format!("cũng không trực thuộc tổ chức nào như {top}; chỉ một tổ chức đứng đầu");
                    errors.push(RowError::new(&record.place, reason));
                }
            },
            Some(parent) => {
                let Some((name, level)) = known.get(&name_key(&parent.name)) else { continue };
                if *level >= record.level && name_key(name) != name_key(&record.name) {
                    let reason = format!("không thể trực thuộc “{name}”, là tổ chức cùng cấp hoặc cấp dưới");
                    errors.push(RowError::new(&record.place, reason));
                }
                *parent = Parent { name: name.clone(), in_file: true };
            }
        }
    }
    from_the_top(records, errors)
}

/// Takes those whose parent is taken until none is left; what is left over hangs on itself.
fn from_the_top(mut left: Vec<OrganisationRecord>, errors: &mut Vec<RowError>) -> Vec<OrganisationRecord> {
    let mut ordered = Vec::with_capacity(left.len());
    let mut placed: BTreeSet<String> = BTreeSet::new();
    loop {
        let (ready, waiting): (Vec<_>, Vec<_>) = left.into_iter().partition(|record| {
            record
                .parent
                .as_ref()
                .is_none_or(|parent| !parent.in_file || placed.contains(&name_key(&parent.name)))
        });
        left = waiting;
        if ready.is_empty() {
            break;
        }
        placed.extend(ready.iter().map(|record| name_key(&record.name)));
        ordered.extend(ready);
    }
    errors.extend(left.iter().map(|record| RowError::new(&record.place, "trực thuộc vòng quanh chính mình")));
    ordered
}

#[cfg(test)]
mod tests;
