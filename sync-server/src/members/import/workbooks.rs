//! Mai imports workbooks as cells send them.

use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};

use super::*;
use crate::spreadsheet::{Cell, SheetRow, sheets};

const HEADER: [&str; 9] = [
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
const LAN: [&str; 9] = [
    "Nguyễn Thị Lan",
    "03/02/1985",
    "Nữ",
    "012345678",
    "19/05/2010",
    "19/05/2011",
    "Chi bộ thôn Đồi Chè",
    "",
    "0912345678",
];
const MINH: [&str; 9] = [
    "Trần Văn Minh",
    "05/06/1990",
    "Nam",
    "012345679",
    "03/02/2015",
    "",
    "Chi bộ thôn Đồi Chè",
    "Bí thư",
    "",
];

fn write(sheet: &mut Worksheet, at: u32, rows: &[&[&str]]) {
    for (row, cells) in (at..).zip(rows) {
        for (column, cell) in (0..).zip(*cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write(row, column, *cell).unwrap();
        }
    }
}

/// A workbook of sheets with these names and rows.
fn workbook(parts: &[(&str, &[&[&str]])]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, rows) in parts {
        write(book.add_worksheet().set_name(*name).unwrap(), 0, rows);
    }
    book.save_to_buffer().unwrap()
}

fn found(bytes: &[u8]) -> Result<Read<MemberRecord>, Vec<RowError>> {
    read(&sheets(bytes)?)
}

fn names(bytes: &[u8]) -> Vec<String> {
    let read = found(bytes).unwrap_or_else(|errors| panic!("{}", report(&errors)));
    read.records.into_iter().map(|record| record.name).collect()
}

fn refusal(bytes: &[u8]) -> String {
    report(&found(bytes).unwrap_err())
}

/// Our header over one row, whose cells `change` writes anew.
fn one(change: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Chi bộ Đồi Chè").unwrap();
    write(sheet, 0, &[&HEADER, &LAN]);
    change(sheet);
    book.save_to_buffer().unwrap()
}

#[test]
fn the_classic_layout_is_read_with_its_titles_numbers_totals_and_signatures() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("DS").unwrap();
    let centred = Format::new();
    let merge = |sheet: &mut Worksheet, from: (u32, u16), to: (u32, u16), text: &str| {
        sheet.merge_range(from.0, from.1, to.0, to.1, text, &centred).unwrap();
    };
    merge(sheet, (0, 0), (0, 3), "ĐẢNG BỘ XÃ THANH SƠN");
    merge(sheet, (1, 0), (1, 3), "CHI BỘ THÔN ĐỒI CHÈ");
    merge(sheet, (1, 4), (1, 7), "Thanh Sơn, ngày 03 tháng 02 năm 2025");
    merge(sheet, (2, 0), (2, 7), "DANH SÁCH ĐẢNG VIÊN");
    merge(sheet, (4, 0), (5, 0), "STT");
    merge(sheet, (4, 1), (5, 2), "Họ, tên\nkhai sinh");
    merge(sheet, (4, 3), (4, 4), "Ngày, tháng, năm sinh");
    merge(sheet, (4, 5), (4, 6), "Ngày vào Đảng");
    merge(sheet, (4, 7), (5, 7), "Số TĐV");
    merge(sheet, (4, 8), (5, 8), "SĐT");
    write(sheet, 5, &[&["", "", "", "Nam", "Nữ", "Dự bị", "Chính thức"]]);
    write(sheet, 6, &[&["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)", "(9)"]]);
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let date = |sheet: &mut Worksheet, row, column, (year, month, day_of): (u16, u8, u8)| {
        let date = ExcelDateTime::from_ymd(year, month, day_of).unwrap();
        sheet.write_with_format(row, column, &date, &day).unwrap();
    };
    write(sheet, 7, &[&["1", "Nguyễn Thị", "Lan"], &["2", "Trần Văn", "Minh"], &["3"]]);
    date(sheet, 7, 4, (1985, 2, 3));
    date(sheet, 7, 5, (2010, 5, 19));
    date(sheet, 7, 6, (2011, 5, 19));
    sheet.write(7, 7, 12_345_678.0).unwrap();
    sheet.write(7, 8, 912_345_678.0).unwrap();
    date(sheet, 8, 3, (1990, 6, 5));
    date(sheet, 8, 5, (2015, 2, 3));
    write(
        sheet,
        10,
        &[
            &["", "Tổng cộng: 2 đảng viên"],
            &["", "NGƯỜI LẬP BIỂU", "", "", "", "BÍ THƯ"],
            &["", "Lê Thị Hòa"],
        ],
    );
    let read = found(&book.save_to_buffer().unwrap()).unwrap_or_else(|errors| panic!("{}", report(&errors)));
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
    let lan = MemberRecord {
        place: Place { sheet: Some("DS".into()), line: 8 },
        name: "Nguyễn Thị Lan".into(),
        birth: day(1985, 2, 3),
        gender: Gender::Female,
        card: Some("12345678".into()),
        joined: day(2010, 5, 19),
        official: Some(day(2011, 5, 19)),
        cell: "CHI BỘ THÔN ĐỒI CHÈ".into(),
        offices: None,
        phone: Some(Some("0912345678".into())),
    };
    let minh = MemberRecord {
        place: Place { sheet: Some("DS".into()), line: 9 },
        name: "Trần Văn Minh".into(),
        birth: day(1990, 6, 5),
        gender: Gender::Male,
        card: None,
        joined: day(2015, 2, 3),
        official: None,
        phone: Some(None),
        ..lan.clone()
    };
    assert_eq!(read.records, [lan, minh]);
    assert!(read.remarks.is_empty());
}

#[test]
fn a_sheet_per_cell_is_named_by_its_title_by_its_name_or_by_rows_across() {
    let header = &["SĐT", "Sinh ngày", "Họ tên", "GT", "Ngày CT", "Ngày vào Đảng (dự bị)", "Số thẻ ĐV"][..];
    let lan = &["0912 345 678", "3.2.1985", "Lan", "nữ", "2011-05-19", "19-05-2010", "12345678"][..];
    let minh = &["", "5/6/1990", "Minh", "NAM", "", "3/2/2015", ""][..];
    let hoa = &["", "5/6/1970", "Hòa", "Nữ", "", "3/2/2015", ""][..];
    let file = workbook(&[
        ("Đồi Chè", &[&["DANH SÁCH ĐẢNG VIÊN CHI BỘ THÔN ĐỒI CHÈ NĂM 2025"], header, lan]),
        ("Chi bộ thôn Khe Mây", &[header, minh]),
        ("Các thôn", &[header, &["I", "", "Chi bộ thôn Suối Mơ"], hoa]),
        ("Trang tính 4", &[]),
        ("Thống kê", &[&["Tổng số", "3"]]),
    ]);
    let read = found(&file).unwrap_or_else(|errors| panic!("{}", report(&errors)));
    let seen: Vec<_> = read.records.iter().map(|one| (one.name.as_str(), one.cell.as_str())).collect();
    let expected =
        [("Lan", "CHI BỘ THÔN ĐỒI CHÈ"), ("Minh", "Chi bộ thôn Khe Mây"), ("Hòa", "Chi bộ thôn Suối Mơ")];
    assert_eq!(seen, expected);
    assert_eq!(read.records[0].phone, Some(Some("0912345678".into())));
    assert_eq!(read.remarks, ["Trang tính “Thống kê” không có danh sách đảng viên nên không đọc."]);
}

#[test]
fn a_column_that_is_not_known_is_named_where_one_is_missed() {
    let header = HEADER.map(|name| if name == "Chức vụ" { "Việc được giao" } else { name });
    let read = found(&workbook(&[("Đồi Chè", &[&header, &LAN]), ("Khe Mây", &[&header, &MINH])])).unwrap();
    let [remark] = &read.remarks[..] else { panic!("{:?}", read.remarks) };
    assert!(remark.starts_with("Không thấy cột “Chức vụ”; không đọc cột “Việc được giao”"), "{remark}");
    let counts: &[&[&str]] = &[&["Chi bộ", "Số điện thoại", "Tổng số"], &["Chi bộ thôn Đồi Chè", "", "31"]];
    let said = refusal(&workbook(&[("Đồi Chè", &[&HEADER, &LAN]), ("Tổng hợp", counts)]));
    assert!(
        said.contains("; nếu trang tính này không phải danh sách đảng viên, hãy xóa hoặc ẩn nó"),
        "{said}"
    );
}

#[test]
fn a_cell_merged_beside_its_members_holds_for_all_of_them() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let minh = MINH.map(|cell| if cell.starts_with("Chi bộ") { "" } else { cell });
    write(sheet, 0, &[&HEADER, &LAN, &minh]);
    sheet.merge_range(1, 6, 2, 6, LAN[6], &Format::new()).unwrap();
    let read = found(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(read.records[1].cell, LAN[6]);
}

#[test]
fn hidden_sheets_and_those_of_the_template_are_left_out_and_said_so() {
    let mut book = Workbook::new();
    write(book.add_worksheet().set_name("Đảng viên").unwrap(), 0, &[&HEADER, &LAN]);
    write(book.add_worksheet().set_name("Ví dụ").unwrap(), 0, &[&HEADER, &MINH]);
    write(book.add_worksheet().set_name("Cũ").unwrap().set_hidden(true), 0, &[&HEADER, &MINH]);
    let read = found(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(read.records.len(), 1);
    assert_eq!(
        read.remarks,
        ["Trang tính “Ví dụ” là phần của tệp mẫu nên không đọc.", "Trang tính “Cũ” bị ẩn nên không đọc."]
    );
}

#[test]
fn a_template_filled_in_where_it_explains_says_so() {
    let file = workbook(&[("Đảng viên", &[&HEADER]), ("Ví dụ", &[&HEADER, &LAN])]);
    let said = refusal(&file);
    assert_eq!(said, "tệp không có đảng viên nào. Trang tính “Ví dụ” là phần của tệp mẫu nên không đọc\n");
}

#[test]
fn a_slip_is_named_with_its_sheet_and_cell() {
    let change = |column: u16, cell: &'static str| {
        one(move |sheet| {
            sheet.write(1, column, cell).unwrap();
        })
    };
    for (file, expected) in [
        (change(1, "31/02/1985"), "ô B2: ngày sinh 31/02/1985 không có trong lịch"),
        (change(1, "1985"), "ô B2: ngày sinh “1985” chỉ có năm, thiếu ngày và tháng"),
        (change(0, "Lan 2"), "ô A2: họ và tên “Lan 2” có chữ số"),
        (
            change(3, "1.0E+11"),
            "ô D2: số thẻ đảng “1.0E+11” đã bị Excel rút gọn; hãy định dạng cột là Văn bản (Text)",
        ),
        (change(6, " "), "ô G2: chưa ghi chi bộ"),
        (
            one(|sheet| {
                sheet.write(1, 1, 1985.0).unwrap();
            }),
            "ô B2: ngày sinh “1985” chỉ có năm, thiếu ngày và tháng",
        ),
        (
            one(|sheet| {
                sheet.write(1, 3, 12_345.5).unwrap();
            }),
            "ô D2: số thẻ đảng “12345,5” không phải 4 đến 12 chữ số",
        ),
        (
            one(|sheet| {
                sheet.write(1, 3, Formula::new("=NA()").set_result("#N/A")).unwrap();
            }),
            "ô D2: công thức cho kết quả lỗi #N/A; hãy sửa công thức hoặc ghi thẳng giá trị",
        ),
    ] {
        assert_eq!(refusal(&file), format!("Trang tính “Chi bộ Đồi Chè”, {expected}\n"));
    }
}

#[test]
fn numbers_and_text_are_taken_for_each_other_where_nothing_is_lost() {
    let file = one(|sheet| {
        sheet.write(1, 1, 31_081.0).unwrap();
        sheet.write(1, 3, 100_000_000_000.0).unwrap();
        sheet.write(1, 8, Formula::new("=A1").set_result("0912345678")).unwrap();
    });
    let read = found(&file).unwrap_or_else(|errors| panic!("{}", report(&errors)));
    assert_eq!(read.records[0].birth, NaiveDate::from_ymd_opt(1985, 2, 3).unwrap());
    assert_eq!(read.records[0].card.as_deref(), Some("100000000000"));
    assert_eq!(read.records[0].phone, Some(Some("0912345678".into())));
}

#[test]
fn one_card_on_two_sheets_is_told_with_both() {
    let minh = MINH.map(|cell| if cell == MINH[3] { LAN[3] } else { cell });
    let file = workbook(&[("Đồi Chè", &[&HEADER, &LAN]), ("Khe Mây", &[&HEADER, &minh])]);
    assert_eq!(
        refusal(&file),
        "Trang tính “Khe Mây”, ô D2: số thẻ đảng 012345678 đã có ở dòng 2 của trang tính “Đồi Chè”\n"
    );
    let cut = MINH.map(|cell| if cell == MINH[3] { "12345678" } else { cell });
    let said = refusal(&workbook(&[("Đồi Chè", &[&HEADER, &LAN, &cut])]));
    assert!(said.contains("ô D3: số thẻ đảng 12345678 đã có ở dòng 2"), "{said}");
}

#[test]
fn errors_come_in_the_order_of_the_sheets() {
    let bad = LAN.map(|cell| if cell == "Nữ" { "?" } else { cell });
    let file = workbook(&[("Z", &[&HEADER, &MINH, &bad]), ("A", &[&HEADER, &bad])]);
    let errors = found(&file).unwrap_err();
    let places: Vec<_> =
        errors.iter().map(|error| (error.place.sheet.as_deref(), error.place.line)).collect();
    assert_eq!(places, [(Some("Z"), 3), (Some("A"), 2)]);
}

#[test]
fn a_total_in_the_middle_loses_nobody_and_a_surname_is_no_total() {
    let tong = LAN.map(|cell| {
        if cell == LAN[0] {
            "Tống Cộng Minh"
        } else if cell == LAN[3] {
            ""
        } else {
            cell
        }
    });
    let file = workbook(&[("DS", &[&HEADER, &LAN, &["Tổng cộng"], &MINH, &tong, &HEADER, &["Cộng", "3"]])]);
    assert_eq!(names(&file), ["Nguyễn Thị Lan", "Trần Văn Minh", "Tống Cộng Minh"]);
}

#[test]
fn a_list_without_the_columns_of_offices_and_telephones_says_nothing_of_them() {
    let file = workbook(&[("DS", &[&HEADER[..7], &LAN[..7]])]);
    let record = found(&file).unwrap().records.remove(0);
    assert_eq!((record.offices, record.phone), (None, None));
}

#[test]
fn what_is_no_list_says_what_is_looked_for() {
    let said = refusal(&workbook(&[("Tờ", &[&["Xin chào"]])]));
    assert!(said.starts_with("không tìm thấy dòng tiêu đề có các cột “Họ và tên”, “Ngày sinh”"), "{said}");
    assert!(said.ends_with("Trang tính “Tờ” không có danh sách đảng viên nên không đọc\n"), "{said}");
    assert!(refusal(&workbook(&[("Tờ", &[])])).contains("tệp trống"));
    let old =
        refusal(&workbook(&[("Tờ", &[&["Hä vµ tªn", "Ngµy sinh", "Sè thÎ §¶ng"], &["NguyÔn ThÞ Lan"]])]));
    assert!(old.contains("bảng mã cũ"), "{old}");
    let unnamed = refusal(&workbook(&[("Tờ", &[&HEADER[..6], &LAN[..6]])]));
    assert!(
        unnamed.contains("thiếu cột “Chi bộ”") && unnamed.contains("cũng không nêu chi bộ nào"),
        "{unnamed}"
    );
}

fn any_cell() -> impl Strategy<Value = Cell> {
    let day = (1..60_000_i32).prop_filter_map("no day", |day| NaiveDate::from_num_days_from_ce_opt(day * 20));
    prop_oneof![
        Just(Cell::Empty),
        Just(Cell::Uncomputed),
        prop::sample::select(HEADER.to_vec()).prop_map(|text| Cell::Text(text.into())),
        prop::sample::select(vec![
            "Nam",
            "Nữ",
            "Dự bị",
            "Ngày vào Đảng",
            "I",
            "Chi bộ A",
            "Cộng",
            "x",
            "STT",
            "1"
        ])
        .prop_map(|text| Cell::Text(text.into())),
        "\\PC{0,12}".prop_map(Cell::Text),
        any::<f64>().prop_map(Cell::Number),
        (0..60_000_u32).prop_map(|number| Cell::Number(f64::from(number))),
        day.prop_map(Cell::Date),
        any::<bool>().prop_map(Cell::Bool),
        Just(Cell::Error("#REF!".into())),
    ]
}

proptest! {
    #[test]
    fn whatever_the_sheets_hold_they_are_read_or_refused(
        rows in prop::collection::vec(prop::collection::vec(any_cell(), 0..12), 0..12),
        with_header in any::<bool>(),
    ) {
        let header = HEADER.iter().map(|text| Cell::Text((*text).into())).collect();
        let rows = with_header.then_some(header).into_iter().chain(rows);
        let rows = (1..).zip(rows).map(|(line, cells)| SheetRow { line, cells }).collect();
        let sheets = [Sheet { name: "Tờ".into(), rows, ..Sheet::default() }];
        if let Err(errors) = read(&sheets) {
            prop_assert!(!errors.is_empty());
            prop_assert!(errors.is_sorted_by_key(|error| error.place.line));
        }
        let _ = crate::organisations::import::read(&sheets);
        let _ = crate::meetings::import::read(&sheets);
        let _ = crate::members::roles::read(&sheets);
    }

    #[test]
    fn a_list_that_is_written_reads_back_the_same(
        people in prop::collection::vec((0..9_000_i64, 0..9_000_i64, any::<bool>(), any::<bool>()), 1..12),
    ) {
        let first = NaiveDate::from_ymd_opt(1945, 9, 2).unwrap();
        let mut rows: Vec<[String; 9]> = Vec::new();
        for (at, (birth, joined, woman, as_text)) in people.iter().enumerate() {
            let birth = first + chrono::Duration::days(*birth);
            let joined = birth + chrono::Duration::days(7_000 + joined);
            let shape = if *as_text { "%d/%m/%Y" } else { "%Y-%m-%d" };
            rows.push([
                format!("Lò Thị {}", ["Lan", "Hòa", "Mai"][at % 3]),
                birth.format(shape).to_string(),
                if *woman { "Nữ" } else { "Nam" }.into(),
                format!("{:08}", at + 1),
                joined.format(shape).to_string(),
                String::new(),
                "Chi bộ thôn Đồi Chè".into(),
                "Đảng ủy viên".into(),
                format!("09{at:08}"),
            ]);
        }
        let cells: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let mut all: Vec<&[&str]> = vec![&HEADER];
        all.extend(cells.iter().map(Vec::as_slice));
        let read = found(&workbook(&[("DS", &all)])).unwrap();
        let again: Vec<_> = read.records.iter().zip(&people).map(|(record, (birth, joined, woman, _))| {
            let days = |day: NaiveDate, from: NaiveDate| (day - from).num_days();
            prop_assert_eq!(record.gender == Gender::Female, *woman);
            prop_assert_eq!(days(record.birth, first), *birth);
            prop_assert_eq!(days(record.joined, record.birth) - 7_000, *joined);
            Ok(record.card.clone())
        }).collect::<Result<_, TestCaseError>>()?;
        prop_assert_eq!(again.len(), people.len());
        prop_assert_eq!(again[0].as_deref(), Some("00000001"));
    }
}
