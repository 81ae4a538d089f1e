//! Lists imported, and imported again; documents published, and published again.

use sotay_protocol::{members::Office, scope::Scope};

use super::scopes::plan;
use crate::{
    ImportError, Imported, ServerError, meetings::import as meetings, spreadsheet::sheets, testing::*,
};

#[test]
fn the_same_list_again_changes_nothing_and_sends_nobody_anything() {
    let village = Village::new();
    let mut lan = village.phone("Lan");
    lan.sync(&village.server, &[]);
    village.later(60);
    let again = village.server.import_members(&read_members(MEMBERS)).unwrap().counts;
    assert_eq!(again, Imported { unchanged: 6, ..Imported::default() });
    assert!(lan.sync(&village.server, &[]).pages.is_empty());
    let file =
        crate::organisations::import::read(&sheets(ORGANISATIONS.as_bytes()).unwrap()).unwrap().records;
    let again = village.server.import_organisations(&file).unwrap().counts;
    assert_eq!(again, Imported { unchanged: 3, ..Imported::default() });
}

#[test]
fn a_second_list_transfers_ends_offices_and_mends_records() {
    let village = Village::new();
    village.later(60);
    let second = MEMBERS
        .replace("Chi bộ thôn Đồi Chè;Bí thư;", "Chi bộ thôn Khe Nước;;")
        .replace("Lan;03/02/1985;Nữ;10001;", "Lê Thị Lan;03/02/1985;Nữ;10001;");
    let done = village.server.import_members(&read_members(&second)).unwrap().counts;
    let expected =
        Imported { changed: 2, unchanged: 4, transferred: 1, ended_offices: 1, ..Imported::default() };
    assert_eq!(done, expected);
    village.later(1);
    let mut minh = village.phone("Minh");
    minh.sync(&village.server, &[]);
    let mut names: Vec<_> =
        minh.kinds("roster_entry").iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    assert_eq!(names, ["Lê Thị Lan", "Minh", "Tư"]);
    let mut hoa = village.phone("Hòa");
    hoa.sync(&village.server, &[]);
    assert!(hoa.kinds("role").is_empty());
    assert_eq!(hoa.kinds("membership")[0]["cell_name"], OTHER);
    assert!(!hoa.cursors.contains_key(&Scope::desk(village.cell)));
}

#[test]
fn a_list_with_an_unknown_cell_imports_nobody() {
    let village = Village::new();
    let bad = MEMBERS
        .replace("10004;03/02/1970;03/02/1971;Chi bộ thôn Đồi Chè", "10004;03/02/1970;03/02/1971;Chi bộ Mây")
        .replace("Lan;", "Lê Thị Lan;");
    match village.server.import_members(&read_members(&bad)).unwrap_err() {
        ImportError::Rows(rows) => assert_eq!(rows[0].to_string(), "Dòng 5: chưa có chi bộ “Chi bộ Mây”"),
        other => panic!("{other}"),
    }
    assert_eq!(village.server.members_with_card("10001").unwrap()[0].name, "Lan");
    let committee = MEMBERS.replace("Chi bộ thôn Khe Nước;Bí thư", "Đảng ủy xã Yên Sơn;");
    let refused = village.server.import_members(&read_members(&committee)).unwrap_err().to_string();
    assert!(refused.contains("không phải là chi bộ"), "{refused}");
}

#[test]
fn who_has_no_card_is_known_by_name_birth_and_cell_and_may_get_a_card_later() {
    let village = Village::new();
    let without = MEMBERS.replace(";10002;", ";;");
    let done = village.server.import_members(&read_members(&without)).unwrap().counts;
    assert_eq!(
        (done.added, done.changed, done.unchanged),
        (0, 0, 6),
        "a card is not lost by a list without it"
    );
    let new = format!("{MEMBERS}Cúc;05/05/1995;Nữ;;03/02/2020;;Chi bộ thôn Đồi Chè;;\n");
    assert_eq!(village.server.import_members(&read_members(&new)).unwrap().counts.added, 1);
    let with_card = new.replace("Cúc;05/05/1995;Nữ;;", "Cúc;05/05/1995;Nữ;10007;");
    let done = village.server.import_members(&read_members(&with_card)).unwrap().counts;
    assert_eq!((done.added, done.changed), (0, 1));
    assert_eq!(village.server.members_with_card("10007").unwrap().len(), 1);
}

#[test]
fn a_document_published_twice_stands_once_and_another_text_is_refused() {
    let village = Village::new();
    let first = village.server.publish(&plan(17, "Làm đường.", None)).unwrap();
    assert!(!first.stood);
    let again = village.server.publish(&plan(17, "Làm đường.", None)).unwrap();
    assert!(again.stood && again.id == first.id);
    for other in [plan(17, "Làm cầu.", None), plan(17, "Làm đường.", Some(Office::Secretary))] {
        assert!(matches!(village.server.publish(&other), Err(ServerError::Refused(_))));
    }
    let mut unknown = plan(18, "Làm đường.", None);
    unknown.issuer = crate::directives::Issuer::Name("Đảng ủy xã Mây".into());
    assert!(village.server.publish(&unknown).unwrap_err().to_string().contains("Đảng ủy xã Mây"));
}

#[test]
fn planned_meetings_are_added_once_and_counted_for_the_committee() {
    let village = Village::new();
    let file = "Chi bộ;Tên cuộc họp;Hình thức;Ngày;Giờ;Địa điểm;Nội dung\n\
        Chi bộ thôn Đồi Chè;Sinh hoạt tháng 1;Thường kỳ;03/01/2026;19:30;Nhà văn hóa;Đọc kế hoạch|Bàn việc\n";
    let records = meetings::read(&sheets(file.as_bytes()).unwrap()).unwrap().records;
    assert_eq!(village.server.import_meetings(&records).unwrap().counts.added, 1);
    assert_eq!(village.server.import_meetings(&records).unwrap().counts.unchanged, 1);
    assert_eq!(village.server.relay().unwrap(), 1);
    let (mut hoa, mut mai) = (village.phone("Hòa"), village.phone("Mai"));
    hoa.sync(&village.server, &[]);
    mai.sync(&village.server, &[]);
    assert_eq!(hoa.kinds("meeting")[0]["agenda"][1], "Bàn việc");
    assert_eq!(mai.kinds("meeting_report")[0]["state"], "planned");
    let unknown = file.replace("Đồi Chè", "Mây");
    assert!(
        village
            .server
            .import_meetings(&meetings::read(&sheets(unknown.as_bytes()).unwrap()).unwrap().records)
            .is_err()
    );
}

#[test]
fn who_leaves_and_comes_back_stands_once_in_the_roster() {
    let village = Village::new();
    let lan = village.people["Lan"];
    for cell in [village.other_cell, village.cell] {
        village.server.transfer(lan, cell).unwrap();
        village.later(60);
    }
    let again = village.server.import_members(&read_members(MEMBERS)).unwrap().counts;
    assert_eq!(again, Imported { unchanged: 6, ..Imported::default() });
    let mut minh = village.phone("Minh");
    minh.sync(&village.server, &[]);
    assert_eq!(minh.kinds("roster_entry").len(), 4);
}
