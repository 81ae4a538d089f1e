//! Mai imports the commune's list, with all that lists have.

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;

const HEADER: &str =
    "Họ và tên,Ngày sinh,Giới tính,Số thẻ đảng,Ngày vào đảng,Ngày chính thức,Chi bộ,Chức vụ,Số điện thoại";
const LAN: &str =
    "Nguyễn Thị Lan,03/02/1985,Nữ,012345678,19/05/2010,19/05/2011,Chi bộ thôn Đồi Chè,,0912 345 678";
const HOA: &str = "Lê Thị Hòa,1/7/1972,Nữ,,3/2/1999,3/2/2000,Chi bộ thôn Đồi Chè,\"Bí thư, Đảng ủy viên\",";

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn file(rows: &[&str]) -> String {
    let mut text = HEADER.to_owned();
    for row in rows {
        text.push('\n');
        text.push_str(row);
    }
    text
}

fn members(file: &[u8]) -> Result<Vec<MemberRecord>, Vec<RowError>> {
    Ok(read(&crate::spreadsheet::sheets(file)?)?.records)
}

/// The reasons for one row that stands at line 2.
fn reasons(row: &str) -> Vec<String> {
    members(file(&[row]).as_bytes()).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn a_good_list_is_read() {
    let members = members(file(&[LAN, HOA]).as_bytes()).unwrap();
    assert_eq!(
        members[0],
        MemberRecord {
            place: 2.into(),
            name: "Nguyễn Thị Lan".into(),
            birth: day(1985, 2, 3),
            gender: Gender::Female,
            card: Some("012345678".into()),
            joined: day(2010, 5, 19),
            official: Some(day(2011, 5, 19)),
            cell: "Chi bộ thôn Đồi Chè".into(),
            offices: Some(vec![]),
            phone: Some(Some("0912345678".into())),
        }
    );
    assert_eq!(members[1].place.line, 3);
    assert_eq!(members[1].card, None);
    assert_eq!(
        members[1].offices,
        Some(vec![
            OfficeRecord { office: Office::Secretary, of: Level::Cell },
            OfficeRecord { office: Office::CommitteeMember, of: Level::Committee },
        ])
    );
}

#[test]
fn the_same_list_saved_by_other_programs_reads_the_same() {
    let plain = members(file(&[LAN]).as_bytes()).unwrap();
    let semicolons = file(&[LAN]).replace(',', ";");
    let decomposed: String = semicolons.nfd().collect();
    assert_ne!(decomposed, semicolons);
    for text in [
        semicolons.clone(),
        format!("\u{feff}{semicolons}"),
        semicolons.replace('\n', "\r\n") + "\r\n\r\n",
        decomposed.clone(),
        format!("\u{feff}{decomposed}"),
        file(&[LAN]).replace("Nữ", "\" nữ \""),
        file(&[LAN])
            .to_uppercase()
            .replace("NGUYỄN THỊ LAN", "Nguyễn  Thị Lan ")
            .replace("CHI BỘ THÔN ĐỒI CHÈ", "Chi bộ thôn Đồi Chè"),
        file(&[&LAN.replace("03/02/1985", "3/2/1985").replace("0912 345 678", "+84 912.345.678")]),
    ] {
        assert_eq!(members(text.as_bytes()).unwrap(), plain, "{text}");
    }
}

#[test]
fn who_has_no_official_date_is_on_probation() {
    let row = LAN.replace(",19/05/2011,", ",,");
    assert_eq!(members(file(&[&row]).as_bytes()).unwrap()[0].official, None);
}

#[test]
fn each_slip_is_named_with_its_line() {
    for (from, to, reason) in [
        ("Nguyễn Thị Lan", " ", "Dòng 2: chưa ghi họ và tên"),
        ("Nguyễn Thị Lan", "Nguyễn Thị Lan 2", "Dòng 2: họ và tên “Nguyễn Thị Lan 2” có chữ số"),
        ("Nguyễn Thị Lan", "Nguyễn Thị L@n", "Dòng 2: họ và tên “Nguyễn Thị L@n” có ký tự lạ"),
        ("03/02/1985", "31/02/1985", "Dòng 2: ngày sinh 31/02/1985 không có trong lịch"),
        ("03/02/1985", "1985", "Dòng 2: ngày sinh “1985” chỉ có năm, thiếu ngày và tháng"),
        ("Nữ", "", "Dòng 2: chưa ghi giới tính"),
        ("Nữ", "F", "Dòng 2: giới tính “F” không phải Nam hay Nữ"),
        ("012345678", "12A45", "Dòng 2: số thẻ đảng “12A45” không phải 4 đến 12 chữ số"),
        ("012345678", "123", "Dòng 2: số thẻ đảng “123” không phải 4 đến 12 chữ số"),
        (
            "012345678",
            "1.23E+08",
            "Dòng 2: số thẻ đảng “1.23E+08” đã bị Excel rút gọn; hãy định dạng cột là Văn bản (Text)",
        ),
        (
            "19/05/2010",
            "02/02/2003",
            "Dòng 2: vào đảng ngày 02/02/2003 khi chưa đủ 18 tuổi (sinh ngày 03/02/1985)",
        ),
        ("19/05/2011", "18/05/2010", "Dòng 2: ngày chính thức sớm hơn ngày vào đảng"),
        (
            "19/05/2011",
            "mai",
            "Dòng 2: ngày chính thức “mai” chưa đúng dạng ngày/tháng/năm, ví dụ 03/02/1985",
        ),
        ("Chi bộ thôn Đồi Chè", "", "Dòng 2: chưa ghi chi bộ"),
        ("0912 345 678", "12", "Dòng 2: số điện thoại “12” không đúng"),
    ] {
        assert_eq!(reasons(&LAN.replacen(from, to, 1)), [reason]);
    }
    assert!(
        reasons(&HOA.replace("Bí thư", "Trưởng thôn"))[0].starts_with("Dòng 2: chức vụ “Trưởng thôn” không")
    );
}

#[test]
fn a_birthday_is_the_first_day_one_can_join() {
    assert!(members(file(&[&LAN.replace("19/05/2010", "03/02/2003")]).as_bytes()).is_ok());
}

#[test]
fn the_whole_file_is_checked_and_every_bad_row_reported_in_order() {
    let lan = LAN.replace("03/02/1985", "31/02/1985").replace("Nữ", "?");
    let text = file(&[HOA, &lan, "Minh,1", HOA, LAN, LAN]);
    let lines: Vec<_> = members(text.as_bytes()).unwrap_err().iter().map(|error| error.place.line).collect();
    assert_eq!(lines, [3, 3, 4, 5, 5, 7]);
}

#[test]
fn one_person_twice_is_told_by_card_and_without_card_by_name_birth_and_cell() {
    let twice = members(file(&[LAN, &LAN.replace("Lan", "Liên")]).as_bytes()).unwrap_err();
    assert_eq!(report(&twice), "Dòng 3: số thẻ đảng 012345678 đã có ở dòng 2\n");
    let cuc = HOA.replace("\"Bí thư, Đảng ủy viên\"", "");
    let twice = members(file(&[&cuc, &cuc.replace("Lê Thị Hòa", "LÊ THỊ HÒA")]).as_bytes()).unwrap_err();
    assert_eq!(
        report(&twice),
        "Dòng 3: trùng họ tên, ngày sinh và chi bộ với dòng 2 mà không có số thẻ đảng\n"
    );
    assert!(members(file(&[&cuc, &cuc.replace("1/7/1972", "2/7/1972")]).as_bytes()).is_ok());
}

#[test]
fn a_cell_has_one_secretary() {
    let other = HOA.replace("Lê Thị Hòa", "Trần Văn Minh");
    let errors = members(file(&[HOA, &other]).as_bytes()).unwrap_err();
    assert_eq!(report(&errors), "Dòng 3: “Chi bộ thôn Đồi Chè” đã có bí thư ở dòng 2\n");
    assert!(members(file(&[HOA, &other.replace("Đồi Chè", "Suối Mơ")]).as_bytes()).is_ok());
}

#[test]
fn a_list_without_members_or_without_a_column_is_no_list() {
    assert_eq!(report(&members(HEADER.as_bytes()).unwrap_err()), "tệp không có đảng viên nào\n");
    let short = HEADER.replace(",Chi bộ", "").replace(",Ngày chính thức", "");
    let text = report(&members(short.as_bytes()).unwrap_err());
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with(
            "Dòng 1: thiếu cột “Ngày chính thức” (cũng có thể ghi là “Ngày vào Đảng chính thức”, "
        )
    );
    assert!(lines[1].starts_with("Dòng 1: thiếu cột “Chi bộ” (cũng có thể ghi là “Tên chi bộ”, "));
    assert!(lines[1].ends_with("tên trang tính và các dòng trên bảng cũng không nêu chi bộ nào"));
}

proptest! {
    #[test]
    fn whatever_the_cells_hold_the_file_is_read_or_refused_with_lines_in_order(
        cells in prop::collection::vec("[a-zà-ỹ0-9/;,\"\r\n .+()-]{0,12}", 0..60),
        delimiter in prop::sample::select(vec![",", ";"]),
    ) {
        let rows: Vec<String> = cells.chunks(9).map(|row| row.join(delimiter)).collect();
        let text = format!("{}\n{}", HEADER.replace(',', delimiter), rows.join("\n"));
        if let Err(errors) = members(text.as_bytes()) {
            prop_assert!(!errors.is_empty());
            prop_assert!(errors.is_sorted_by_key(|error| error.place.line));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(members(&bytes).is_err());
    }
}
