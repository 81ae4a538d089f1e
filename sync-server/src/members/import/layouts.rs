//! The same members in the layouts in which committees keep them, as LibreOffice writes XLSX and XLS.

use std::path::Path;

use super::*;
use crate::members::roles;
use crate::organisations::import as organisations;
use crate::spreadsheet::sheets;

fn file(name: &str) -> Vec<Sheet> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/files/libreoffice");
    sheets(&std::fs::read(folder.join(name)).unwrap()).unwrap_or_else(|errors| panic!("{}", report(&errors)))
}

fn read_or_say<T>(read: Result<Read<T>, Vec<RowError>>) -> Read<T> {
    read.unwrap_or_else(|errors| panic!("{}", report(&errors)))
}

fn members(name: &str) -> Vec<MemberRecord> {
    let found = read_or_say(read(&file(name)));
    assert!(found.remarks.is_empty(), "{:?}", found.remarks);
    found.records
}

/// The records without their places, and with their cells as names are compared: titles are in capitals.
fn placeless(records: Vec<MemberRecord>) -> Vec<MemberRecord> {
    let bare = |record: MemberRecord| MemberRecord {
        place: Place::default(),
        cell: name_key(&record.cell),
        ..record
    };
    records.into_iter().map(bare).collect()
}

#[test]
fn three_layouts_of_one_list_say_the_same() {
    let plain = members("dang-vien-1.xlsx");
    assert_eq!(plain.len(), 12);
    let first = MemberRecord {
        place: Place { sheet: Some("Đảng viên".into()), line: 2 },
        name: "Đinh Văn Thuận".into(),
        birth: NaiveDate::from_ymd_opt(1961, 9, 5).unwrap(),
        gender: Gender::Male,
        card: Some("64012301".into()),
        joined: NaiveDate::from_ymd_opt(1987, 2, 3).unwrap(),
        official: NaiveDate::from_ymd_opt(1988, 2, 3),
        cell: "Chi bộ thôn Đồi Chè".into(),
        offices: Some(vec![OfficeRecord { office: Office::Secretary, of: Level::Cell }]),
        phone: Some(Some("0951230101".into())),
    };
    assert_eq!(plain[0], first);
    let plain = placeless(plain);
    for name in ["dang-vien-2", "dang-vien-3"] {
        assert_eq!(placeless(members(&format!("{name}.xlsx"))), plain, "{name}.xlsx");
    }
    for name in ["dang-vien-1", "dang-vien-2", "dang-vien-3"] {
        assert_eq!(placeless(members(&format!("{name}.xls"))), plain, "{name}.xls");
    }
}

#[test]
fn organisations_and_offices_are_read_from_workbooks() {
    for ending in ["xlsx", "xls"] {
        let tree = read_or_say(organisations::read(&file(&format!("to-chuc.{ending}")))).records;
        let lines: Vec<_> = tree
            .iter()
            .map(|one| (one.name.as_str(), one.parent.as_ref().map(|parent| parent.name.as_str())))
            .collect();
        let commune = "Đảng ủy xã Thanh Sơn";
        let section = "Đảng bộ bộ phận Nà Lốc";
        assert_eq!(
            lines,
            [
                (commune, None),
                (section, Some(commune)),
                ("Chi bộ thôn Đồi Chè", Some(commune)),
                ("Chi bộ thôn Khe Mây", Some(commune)),
                ("Chi bộ Trường Tiểu học Nà Lốc", Some(section)),
            ]
        );
        let offices = read_or_say(roles::read(&file(&format!("chuc-vu.{ending}")))).records;
        let seen: Vec<_> = offices
            .iter()
            .map(|role| (role.name.as_str(), role.organisation.as_str(), role.office))
            .collect();
        assert_eq!(
            seen,
            [
                ("Trần Thị Bích Ngọc", section, Office::Secretary),
                ("Nguyễn Đức Hậu", commune, Office::CommitteeMember),
                ("Lò Thị Xoan", commune, Office::Staff),
            ]
        );
    }
}
