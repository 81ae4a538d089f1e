//! Mai imports the commune's organisations.

use unicode_normalization::UnicodeNormalization;

use super::*;

fn file(rows: &[&str]) -> String {
    format!("Tên tổ chức,Loại,Trực thuộc\n{}", rows.join("\n"))
}

fn organisations(file: &[u8]) -> Result<Vec<OrganisationRecord>, Vec<RowError>> {
    Ok(read(&crate::spreadsheet::sheets(file)?)?.records)
}

fn reasons(rows: &[&str]) -> String {
    report(&organisations(file(rows).as_bytes()).unwrap_err())
}

const COMMUNE: &str = "Đảng bộ xã Thanh Sơn,Đảng ủy xã,";
const TEA_HILL: &str = "Chi bộ thôn Đồi Chè,Chi bộ,Đảng bộ xã Thanh Sơn";

#[test]
fn a_tree_is_read_parents_first_whatever_the_order_of_the_file() {
    let records = organisations(file(&[TEA_HILL, COMMUNE]).as_bytes()).unwrap();
    assert_eq!(
        records,
        [
            OrganisationRecord {
                place: 3.into(),
                name: "Đảng bộ xã Thanh Sơn".into(),
                level: Level::Commune,
                parent: None
            },
            OrganisationRecord {
                place: 2.into(),
                name: "Chi bộ thôn Đồi Chè".into(),
                level: Level::Cell,
                parent: Some(Parent { name: "Đảng bộ xã Thanh Sơn".into(), in_file: true }),
            },
        ]
    );
}

/// Where its heading is not known, the order of the rows would say to what a cell belongs, and say otherwise.
#[test]
fn the_column_of_what_stands_above_is_known_by_the_names_committees_give_it() {
    let commune = "Đảng bộ xã Thanh Sơn,Đảng ủy xã,\nĐảng bộ cơ quan,Đảng bộ bộ phận,Đảng bộ xã Thanh Sơn";
    for heading in ["Tổ chức cấp trên trực tiếp", "Trực thuộc Đảng ủy", "Cấp ủy cấp trên trực tiếp"]
    {
        let file = format!("Tên tổ chức,Loại,{heading}\n{commune}\n{TEA_HILL}");
        let records = organisations(file.as_bytes()).unwrap();
        let above = records[2].parent.as_ref().map(|parent| parent.name.as_str());
        assert_eq!(above, Some("Đảng bộ xã Thanh Sơn"), "{heading}");
    }
}

#[test]
fn other_encodings_and_spellings_read_the_same() {
    let plain = organisations(file(&[COMMUNE, TEA_HILL]).as_bytes()).unwrap();
    let decomposed: String =
        file(&[COMMUNE, TEA_HILL]).replace(',', ";").replace('\n', "\r\n").nfd().collect();
    assert_eq!(organisations(format!("\u{feff}{decomposed}").as_bytes()).unwrap(), plain);
    let other = file(&[
        &COMMUNE.replace("Đảng ủy xã", "ĐẢNG UỶ XÃ"),
        &TEA_HILL.replace("Đảng bộ xã T", "đảng bộ xã t"),
    ]);
    assert_eq!(organisations(other.as_bytes()).unwrap(), plain);
}

#[test]
fn levels_are_known_by_the_words_of_the_field() {
    for (kind, expected) in [
        ("Trung ương", Level::Central),
        ("Đảng bộ tỉnh", Level::Province),
        ("Thành ủy", Level::Province),
        ("Đảng ủy trực thuộc Trung ương", Level::Province),
        ("Đảng bộ xã", Level::Commune),
        ("Đảng uỷ phường", Level::Commune),
        ("Đảng ủy đặc khu", Level::Commune),
        ("Đảng ủy cơ sở", Level::Commune),
        ("Đảng bộ bộ phận", Level::Section),
        ("Chi bộ", Level::Cell),
    ] {
        assert_eq!(level(kind), Some(expected), "{kind}");
    }
    assert!(
        reasons(&["Huyện ủy Thanh Thủy,Huyện ủy,"])
            .starts_with("Dòng 2: loại “Huyện ủy” không có trong danh mục")
    );
}

#[test]
fn a_parent_outside_the_file_is_left_for_the_server() {
    let records = organisations(file(&[TEA_HILL]).as_bytes()).unwrap();
    assert_eq!(records[0].parent, Some(Parent { name: "Đảng bộ xã Thanh Sơn".into(), in_file: false }));
}

#[test]
fn there_is_one_top_and_every_name_once() {
    assert_eq!(
        reasons(&[COMMUNE, "Đảng bộ xã Lũng Vân,Đảng ủy xã,"]),
        "Dòng 3: cũng không trực thuộc tổ chức nào như dòng 2; chỉ một tổ chức đứng đầu\n"
    );
    assert_eq!(
        reasons(&[COMMUNE, TEA_HILL, &TEA_HILL.to_uppercase()]),
        "Dòng 4: “CHI BỘ THÔN ĐỒI CHÈ” đã có ở dòng 3\n"
    );
    assert_eq!(reasons(&[COMMUNE, ",Chi bộ,Đảng bộ xã Thanh Sơn"]), "Dòng 3: chưa ghi tên tổ chức\n");
    assert_eq!(reasons(&[]), "tệp không có tổ chức nào\n");
}

#[test]
fn no_organisation_stands_under_itself_or_under_a_lower_one() {
    assert_eq!(reasons(&[COMMUNE, "Chi bộ A,Chi bộ,Chi bộ A"]), "Dòng 3: trực thuộc vòng quanh chính mình\n");
    assert_eq!(
        reasons(&[COMMUNE, "Đảng bộ bộ phận Trường học,Đảng bộ bộ phận,Chi bộ thôn Đồi Chè", TEA_HILL]),
        "Dòng 3: không thể trực thuộc “Chi bộ thôn Đồi Chè”, là tổ chức cùng cấp hoặc cấp dưới\n"
    );
    let around = reasons(&[COMMUNE, "Chi bộ A,Chi bộ,Chi bộ B", "Chi bộ B,Chi bộ,Chi bộ A"]);
    assert!(around.contains("Dòng 3: trực thuộc vòng quanh chính mình"), "{around}");
}

fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("Tổ chức").unwrap();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write(row, column, *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn tree_of(file: &[u8]) -> Vec<(String, String)> {
    let read = read(&crate::spreadsheet::sheets(file).unwrap())
        .unwrap_or_else(|errors| panic!("{}", report(&errors)));
    let said = |remark: &String| {
        remark.contains("cột “Trực thuộc”") || remark.contains("không đọc cột “Số đảng viên”")
    };
    assert!(read.remarks.iter().all(said), "{:?}", read.remarks);
    let parent =
        |record: &OrganisationRecord| record.parent.as_ref().map_or("", |parent| &parent.name).to_owned();
    read.records.iter().map(|record| (record.name.clone(), parent(record))).collect()
}

#[test]
fn a_list_without_parents_is_a_tree_by_its_numbers_and_kinds() {
    let expected = [
        ("Đảng bộ xã Thanh Sơn", ""),
        ("Đảng bộ bộ phận Trường học", "Đảng bộ xã Thanh Sơn"),
        ("Chi bộ Trường Tiểu học", "Đảng bộ bộ phận Trường học"),
        ("Chi bộ thôn Đồi Chè", "Đảng bộ xã Thanh Sơn"),
    ]
    .map(|(name, parent)| (name.to_owned(), parent.to_owned()));
    let by_number = workbook(&[
        &["DANH SÁCH TỔ CHỨC ĐẢNG"],
        &[],
        &["TT", "Tên chi bộ, đảng bộ", "Số đảng viên"],
        &["I", "Đảng bộ xã Thanh Sơn", "938"],
        &["1", "Đảng bộ bộ phận Trường học", "40"],
        &["1.1", "Chi bộ Trường Tiểu học", "20"],
        &["2", "Chi bộ thôn Đồi Chè", "31"],
        &["", "Tổng cộng: 4 tổ chức"],
        &["", "", "NGƯỜI LẬP BIỂU"],
    ]);
    let mut tree = tree_of(&by_number);
    tree.sort();
    let mut sorted = expected.clone();
    sorted.sort();
    assert_eq!(tree, sorted);
    let by_kind = workbook(&[
        &["STT", "Đơn vị", "Loại hình"],
        &["1", "Đảng bộ xã Thanh Sơn", "Đảng bộ xã"],
        &["2", "Chi bộ thôn Đồi Chè", "Chi bộ"],
        &["3", "Đảng bộ bộ phận Trường học", "Đảng bộ bộ phận"],
        &["4", "Chi bộ Trường Tiểu học", "Chi bộ trực thuộc"],
    ]);
    let mut tree = tree_of(&by_kind);
    tree.sort();
    assert_eq!(tree, sorted);
}

#[test]
fn a_name_that_does_not_say_its_kind_asks_for_the_column() {
    let file = workbook(&[&["Tên tổ chức", "Trực thuộc"], &["Đảng bộ Công an xã", ""]]);
    let said = report(&read(&crate::spreadsheet::sheets(&file).unwrap()).unwrap_err());
    assert!(
        said.starts_with("Trang tính “Tổ chức”, ô A2: không rõ “Đảng bộ Công an xã” là loại tổ chức nào"),
        "{said}"
    );
}
