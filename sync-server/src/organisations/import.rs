//! The list of organisations, read whole before anything is imported: a tree, from the top down.
//!
//! Pure: sheets in, organisations or reasons out. A parent that is not in the file may already stand on the server;
//! the record says so and the store decides.

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::organisations::Level;

use crate::spreadsheet::{self, Place, Read, Row, Sheet, fold, name_key};
pub use crate::spreadsheet::{RowError, report};

pub const COLUMNS: [&str; 3] = ["Tên tổ chức", "Loại", "Trực thuộc"];

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
    let table = spreadsheet::read(sheets, COLUMNS)?;
    let mut errors = table.errors;
    let mut records = Vec::with_capacity(table.rows.len());
    let mut named: BTreeMap<String, Place> = BTreeMap::new();
    for row in table.rows {
        if let Some(before) = named.get(&name_key(&row.cells[0])) {
            let before = before.seen_from(&row.place);
            errors.push(RowError::new(&row.place, format!("“{}” đã có ở {before}", row.cells[0])));
        } else if let Some(record) = organisation(row, &mut errors) {
            named.insert(name_key(&record.name), record.place.clone());
            records.push(record);
        }
    }
    if errors.is_empty() && records.is_empty() {
        errors.push(RowError::file("tệp không có tổ chức nào"));
    }
    if errors.is_empty() {
        records = tree(records, &mut errors);
    }
    errors.sort_by_key(|error| error.place.line);
    if errors.is_empty() { Ok(Read { records, remarks: Vec::new() }) } else { Err(errors) }
}

fn organisation(row: Row<3>, errors: &mut Vec<RowError>) -> Option<OrganisationRecord> {
    let [name, kind, parent] = row.cells;
    if name.is_empty() {
        errors.push(RowError::new(&row.place, "chưa ghi tên tổ chức"));
    }
    let level = level(&kind);
    if level.is_none() {
        let reason = format!(
            "loại “{kind}” không có trong danh mục (Trung ương, Đảng bộ tỉnh, Đảng ủy xã, Đảng ủy phường, \
             Đảng ủy đặc khu, Đảng ủy cơ sở, Đảng bộ bộ phận, Chi bộ)"
        );
        errors.push(RowError::new(&row.place, reason));
    }
    let parent = Some(parent).filter(|parent| !parent.is_empty()).map(|name| Parent { name, in_file: false });
    Some(OrganisationRecord {
        place: row.place,
        name: Some(name).filter(|name| !name.is_empty())?,
        level: level?,
        parent,
    })
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
