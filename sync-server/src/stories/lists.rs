//! Lists looked at before they are brought in, offices given by a list, and lists taken out and brought in again.

use std::{collections::BTreeMap, sync::Arc};

use sotay_protocol::{members::Office, row::RowRef, scope::Scope};

use crate::{
    News, Report, Server,
    lists::{List, MEETINGS, MEMBERS as MEMBER_LIST, ORGANISATIONS as ORGANISATION_LIST, ROLES},
    members::{import as members, roles},
    organisations::import as organisations,
    spreadsheet::{self, Sheet},
    store::{Store, sqlite::SqliteStore},
    testing::*,
};

fn read_roles(file: &str) -> Vec<roles::RoleRecord> {
    let file = format!("Họ và tên;Ngày sinh;Số thẻ đảng;Tổ chức;Chức vụ\n{file}");
    roles::read(&spreadsheet::sheets(file.as_bytes()).unwrap()).unwrap().records
}

fn told(report: &Report) -> Vec<String> {
    let tell = |news: &News| match news {
        News::Added(what) => format!("+ {what}"),
        News::Changed { what, fields } => {
            let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
            format!("~ {what}: {}", fields.join("; "))
        }
        News::EndedOffice(what) => format!("- {what}"),
    };
    report.news.iter().map(tell).collect()
}

/// Every scope's place, and everyone's offices and stays.
fn everything(village: &Village) -> String {
    let mut scopes = vec![Scope::org(village.commune)];
    for cell in [village.cell, village.other_cell] {
        scopes.extend([Scope::org(cell), Scope::cell(cell)]);
    }
    scopes.extend(village.people.values().map(|id| Scope::member(*id)));
    let store = &village.store;
    let all = store.read_with(|reader| {
        let mut all = Vec::new();
        for scope in &scopes {
            all.push(format!("{:?} {:?}", reader.head(*scope)?, reader.entries(*scope, 0, usize::MAX)?));
        }
        for id in village.people.values() {
            all.push(format!(
                "{:?} {:?} {:?}",
                reader.member(*id)?,
                reader.roles(*id)?,
                reader.memberships(*id)?
            ));
        }
        Ok(all)
    });
    all.unwrap().join("\n")
}

#[test]
fn a_list_is_looked_at_field_by_field_and_nothing_is_written() {
    let village = Village::new();
    let before = everything(&village);
    let second = format!(
        "{}Cúc;05/05/1995;Nữ;10007;03/02/2020;;Chi bộ thôn Khe Nước;;\n",
        MEMBERS.replace("Chi bộ thôn Đồi Chè;Bí thư;", "Chi bộ thôn Khe Nước;;").replace(
            "10002;03/02/2015;03/02/2016;Chi bộ thôn Đồi Chè;;",
            "10002;03/02/2015;03/02/2016;Chi bộ thôn Đồi Chè;;0987 654 321"
        )
    );
    let looked = village.server.preview_members(&read_members(&second)).unwrap();
    assert_eq!(
        told(&looked),
        [
            "~ Minh, sinh 05/06/1990: số điện thoại: thêm 0987654321",
            "~ Hòa, sinh 07/08/1970: chi bộ: Chi bộ thôn Đồi Chè → Chi bộ thôn Khe Nước; chức vụ: bỏ Bí thư chi bộ",
            "- Bí thư Chi bộ thôn Đồi Chè: Hòa, sinh 07/08/1970",
            "+ Cúc, sinh 05/05/1995, Chi bộ thôn Khe Nước",
        ]
    );
    assert_eq!(everything(&village), before);
    let done = village.server.import_members(&read_members(&second)).unwrap();
    assert_eq!(done, looked, "what was said is what is done");
}

#[test]
fn a_name_that_is_written_otherwise_reaches_the_members_phones() {
    let village = Village::new();
    let organisations = ORGANISATIONS.replace("Chi bộ thôn Khe Nước;Chi bộ", "Chi bộ Thôn Khe Nước;Chi bộ");
    let sheets = spreadsheet::sheets(organisations.as_bytes()).unwrap();
    let records = organisations::read(&sheets).unwrap().records;
    let looked = village.server.preview_organisations(&records).unwrap();
    assert_eq!(
        told(&looked),
        ["~ Chi bộ thôn Khe Nước: tên tổ chức: Chi bộ thôn Khe Nước → Chi bộ Thôn Khe Nước"]
    );
    assert_eq!(village.server.import_organisations(&records).unwrap(), looked);
    village.later(60);
    let mut son = village.phone("Sơn");
    son.sync(&village.server, &[]);
    assert_eq!(son.kinds("membership")[0]["cell_name"], "Chi bộ Thôn Khe Nước");
    assert_eq!(son.kinds("role")[0]["organisation_name"], "Chi bộ Thôn Khe Nước");
    let again = village.server.import_members(&read_members(MEMBERS)).unwrap();
    assert_eq!((again.counts.unchanged, again.news), (6, vec![]));
}

#[test]
fn a_list_without_telephones_or_offices_says_nothing_of_them() {
    let village = Village::new();
    let mut records = read_members(&MEMBERS.replace("Đồi Chè;;", "Đồi Chè;;0912000001"));
    village.server.import_members(&records).unwrap();
    for record in &mut records {
        (record.offices, record.phone) = (None, None);
    }
    let again = village.server.preview_members(&records).unwrap();
    assert_eq!((again.counts.unchanged, told(&again)), (6, vec![]));
    // Who goes to another cell leaves their office behind, whatever the list does not say.
    records[2].cell = OTHER.into();
    let moved = village.server.preview_members(&records).unwrap();
    assert_eq!((moved.counts.transferred, moved.counts.ended_offices), (1, 1));
}

/// The cells' own list knows who leads a cell, and nothing of the committee.
#[test]
fn a_list_ends_offices_only_where_it_names_some() {
    let village = Village::new();
    let of_the_cells = MEMBERS.replace("Cán bộ văn phòng Đảng ủy", "");
    let looked = village.server.preview_members(&read_members(&of_the_cells)).unwrap();
    assert_eq!((looked.counts.unchanged, told(&looked)), (6, vec![]));
    let of_the_committee_too = of_the_cells.replacen("Đồi Chè;;", "Đồi Chè;Đảng ủy viên;", 1);
    let looked = village.server.preview_members(&read_members(&of_the_committee_too)).unwrap();
    assert_eq!(looked.counts.ended_offices, 1);
    assert!(told(&looked).iter().any(|line| line.starts_with("- ") && line.contains("Mai")), "{looked:?}");
}

#[test]
fn a_list_in_capitals_says_nothing_of_how_a_name_is_written() {
    let village = Village::new();
    let capitals = MEMBERS.replace("\nHòa;", "\nHOÀ;");
    let looked = village.server.preview_members(&read_members(&capitals)).unwrap();
    assert_eq!((looked.counts.unchanged, told(&looked)), (6, vec![]));
}

#[test]
fn nobody_joins_tomorrow() {
    let village = Village::new();
    let tomorrow = MEMBERS.replace("03/02/2015;03/02/2016", "03/02/2085;");
    let refused = village.server.import_members(&read_members(&tomorrow)).unwrap_err().to_string();
    assert_eq!(refused, "Dòng 3: ngày vào đảng 03/02/2085 chưa tới\n");
}

#[test]
fn the_same_person_on_two_lines_is_seen_by_the_register() {
    let village = Village::new();
    let twice = format!("{MEMBERS}Lan;03/02/1985;Nữ;;03/02/2010;;Chi bộ thôn Đồi Chè;;\n");
    let refused = village.server.import_members(&read_members(&twice)).unwrap_err().to_string();
    assert_eq!(refused, "Dòng 8: nói về cùng một đảng viên với dòng 2\n");
    let new = format!(
        "{MEMBERS}Cúc;05/05/1995;Nữ;10007;03/02/2020;;Chi bộ thôn Đồi Chè;;\n\
         Cúc;05/05/1995;Nữ;;03/02/2020;;Chi bộ thôn Đồi Chè;;\n"
    );
    let refused = village.server.import_members(&read_members(&new)).unwrap_err().to_string();
    assert!(refused.starts_with("Dòng 9: trùng họ tên, ngày sinh và chi bộ với dòng 8"), "{refused}");
}

/// Excel took the column of cards for numbers: nobody comes in a second time.
#[test]
fn a_card_without_its_zeros_makes_no_second_person() {
    let village = Village::new();
    let of_minh = |card: &str| {
        read_members(&format!("{MEMBERS}Minh;05/05/1995;Nam;{card};03/02/2020;;Chi bộ thôn Đồi Chè;;\n"))
    };
    village.server.import_members(&of_minh("061004518")).unwrap();
    let refused = village.server.preview_members(&of_minh("61004518")).unwrap_err().to_string();
    assert!(
        refused.starts_with("Dòng 8: số thẻ đảng 61004518 chỉ khác số 0 ở đầu với 061004518"),
        "{refused}"
    );
    let other = village.server.preview_members(&of_minh("61004519")).unwrap();
    assert_eq!(other.counts.added, 1, "two cards are two people");
}

#[test]
fn a_list_of_offices_adds_and_a_new_secretary_takes_the_place_of_the_old() {
    let village = Village::new();
    let list = read_roles(
        "Minh;05/06/1990;;Chi bộ thôn Đồi Chè;Bí thư\n\
         Lan;;10001;Đảng ủy xã Yên Sơn;Đảng ủy viên\n\
         Sơn;;10005;Chi bộ thôn Khe Nước;Bí thư\n",
    );
    let looked = village.server.preview_roles(&list).unwrap();
    assert_eq!(
        told(&looked),
        [
            "- Bí thư Chi bộ thôn Đồi Chè: Hòa, sinh 07/08/1970",
            "+ Bí thư Chi bộ thôn Đồi Chè: Minh, sinh 05/06/1990",
            "+ Cấp ủy viên Đảng ủy xã Yên Sơn: Lan, sinh 03/02/1985",
        ]
    );
    let done = village.server.import_roles(&list).unwrap();
    assert_eq!(done, looked);
    assert_eq!((done.counts.added, done.counts.unchanged, done.counts.ended_offices), (2, 1, 1));
    village.later(60);
    let before = everything(&village);
    let again = village.server.import_roles(&list).unwrap();
    assert_eq!((again.counts.unchanged, again.news), (3, vec![]));
    assert_eq!(everything(&village), before);
    let mut minh = village.phone("Minh");
    minh.sync(&village.server, &[]);
    assert_eq!(minh.kinds("role")[0]["office"], "secretary");
    let hoa = RowRef::new(Scope::cell(village.cell), "roster_entry", village.people["Hòa"]);
    assert!(village.row(&hoa).unwrap().get("office").is_none());
    let mai = village.people["Mai"];
    let held = village.store.read_with(|reader| reader.roles(mai)).unwrap();
    assert!(
        held.iter().any(|role| role.office == Office::Staff && role.until.is_none()),
        "Mai was not named"
    );
}

#[test]
fn a_list_of_offices_with_somebody_unknown_gives_none() {
    let village = Village::new();
    let before = everything(&village);
    let list = read_roles(
        "Lan;;10001;Chi bộ thôn Đồi Chè;Phó bí thư\n\
         Lan;;10002;Chi bộ thôn Đồi Chè;Phó bí thư\n\
         Lan;;19999;Chi bộ thôn Đồi Chè;Phó bí thư\n\
         Cúc;05/05/1995;;Chi bộ thôn Đồi Chè;Phó bí thư\n\
         Lan;03/02/1985;;Chi bộ thôn Mây;Phó bí thư\n\
         Lan;03/02/1985;;Chi bộ thôn Khe Nước;Bí thư\n\
         Minh;05/06/1990;;Chi bộ thôn Khe Nước;Bí thư\n",
    );
    let refused = village.server.import_roles(&list).unwrap_err().to_string();
    assert_eq!(
        refused.lines().collect::<Vec<_>>(),
        [
            "Dòng 3: số thẻ đảng 10002 là của đồng chí Minh, không phải Lan",
            "Dòng 4: chưa có đảng viên nào có số thẻ đảng 19999",
            "Dòng 5: chưa có đảng viên Cúc, sinh 05/05/1995",
            "Dòng 6: chưa có tổ chức “Chi bộ thôn Mây”",
            "Dòng 8: “Chi bộ thôn Khe Nước” đã có bí thư ở dòng 7",
        ]
    );
    assert_eq!(everything(&village), before);
}

/// What import reads out of the file that an export wrote.
fn read_back(list: &List, sheet: &Sheet) -> [Vec<Sheet>; 2] {
    let xlsx = spreadsheet::sheets(&list.xlsx(sheet).unwrap()).unwrap();
    [xlsx, spreadsheet::sheets(&list.csv(sheet)).unwrap()]
}

fn brought_in(server: &Server, [organisations, members, roles]: [&[Sheet]; 3]) -> [Report; 3] {
    [
        server.import_organisations(&organisations::read(organisations).unwrap().records).unwrap(),
        server.import_members(&members::read(members).unwrap().records).unwrap(),
        server.import_roles(&roles::read(roles).unwrap().records).unwrap(),
    ]
}

#[test]
fn what_is_taken_out_and_brought_in_again_changes_nothing() {
    let village = Village::new();
    let more = format!(
        "{MEMBERS}-Cúc;05/05/1995;Nữ;0010007;03/02/2020;;Chi bộ thôn Khe Nước;Chi ủy viên; 0912 000 001\n\
         Vân;05/05/1996;Nữ;;03/02/2021;03/02/2022;Chi bộ thôn Đồi Chè;;\n"
    );
    village.server.import_members(&read_members(&more)).unwrap();
    village.later(60);
    let sheets = [
        (&ORGANISATION_LIST, village.server.export_organisations().unwrap()),
        (&MEMBER_LIST, village.server.export_members().unwrap()),
        (&ROLES, village.server.export_roles().unwrap()),
    ];
    assert_eq!(sheets.each_ref().map(|(_, sheet)| sheet.rows.len() - 1), [3, 8, 4]);
    let files = sheets.each_ref().map(|(list, sheet)| read_back(list, sheet));
    let before = everything(&village);
    for form in 0..2 {
        let [organisations, members, roles] = files.each_ref().map(|forms| &*forms[form]);
        let done = brought_in(&village.server, [organisations, members, roles]);
        assert_eq!(done.map(|report| report.counts.unchanged), [3, 8, 4]);
        assert_eq!(everything(&village), before);

        // And an empty server becomes the same register.
        let store: Arc<dyn Store> = Arc::new(SqliteStore::in_memory().unwrap());
        let other = Server::new(store, Arc::<HandEnv>::clone(&village.env)).unwrap();
        let done = brought_in(&other, [organisations, members, roles]);
        assert_eq!(done.map(|report| report.counts.added), [3, 8, 0], "members came with their offices");
        assert_eq!(other.export_organisations().unwrap(), sheets[0].1);
        assert_eq!(other.export_members().unwrap(), sheets[1].1);
        assert_eq!(other.export_roles().unwrap(), sheets[2].1);
    }
}

#[test]
fn a_template_is_a_list_with_nothing_in_it_and_its_examples_are_sound() {
    let village = Village::new();
    for list in [&ORGANISATION_LIST, &MEMBER_LIST, &ROLES, &MEETINGS] {
        let sheets = spreadsheet::sheets(&list.template().unwrap()).unwrap();
        let names: Vec<&str> = sheets.iter().map(|sheet| &*sheet.name).collect();
        assert_eq!(names, [list.name, "Ví dụ", "Hướng dẫn"]);
        let explained: BTreeMap<String, String> = sheets[2]
            .rows
            .iter()
            .filter(|row| row.cells.len() > 2)
            .map(|row| (row.cells[0].text(), row.cells[2].text()))
            .collect();
        assert!(list.columns().all(|column| explained.get(column).is_some_and(|said| !said.is_empty())));
    }
    let members = spreadsheet::sheets(&MEMBER_LIST.template().unwrap()).unwrap();
    let said = &members::read(&members).unwrap_err()[0].reason;
    assert!(said.starts_with("tệp không có đảng viên nào. Trang tính “Ví dụ” là phần của tệp mẫu"), "{said}");
    let examples = |list: &List| {
        let mut sheets = spreadsheet::sheets(&list.template().unwrap()).unwrap();
        sheets.swap_remove(1)
    };
    let of_example = |list: &List| vec![Sheet { name: list.name.into(), ..examples(list) }];
    let [organisations, members, roles] = [&ORGANISATION_LIST, &MEMBER_LIST, &ROLES].map(of_example);
    let store: Arc<dyn Store> = Arc::new(SqliteStore::in_memory().unwrap());
    let empty = Server::new(store, Arc::<HandEnv>::clone(&village.env)).unwrap();
    let done = brought_in(&empty, [&organisations, &members, &roles]);
    assert_eq!(done.map(|report| report.counts.added), [3, 3, 1]);
    let meetings = crate::meetings::import::read(&of_example(&MEETINGS)).unwrap().records;
    assert_eq!(empty.import_meetings(&meetings).unwrap().counts.added, 3);
}
