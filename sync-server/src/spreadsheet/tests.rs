//! Mai brings files as her machines save them.

use unicode_normalization::UnicodeNormalization;

use super::table::Table;
use super::*;

fn table<const N: usize>(bytes: &[u8], columns: [&str; N]) -> Result<Table<N>, Vec<RowError>> {
    read(&sheets(bytes)?, columns)
}

fn two(text: &str) -> Table<2> {
    table(text.as_bytes(), ["Họ và tên", "Ngày sinh"]).unwrap()
}

#[test]
fn columns_are_found_by_name_in_any_order_and_others_are_let_be() {
    for text in [
        "STT,Ngày sinh,Họ và tên\n1,03/02/1985,Lan\n",
        "\u{feff}STT;NGÀY SINH; họ  và tên \r\n1;03/02/1985;Lan\r\n",
        "STT;\"Ngày sinh\";\"Họ và tên\"\n1;\"03/02/1985\";\"Lan\"",
    ] {
        let sheet = two(text);
        assert!(sheet.errors.is_empty());
        assert_eq!(sheet.rows[0].cells, ["Lan", "03/02/1985"].map(String::from));
        assert_eq!(sheet.rows[0].place.line, 2);
    }
}

#[test]
fn a_decomposed_file_reads_as_a_composed_one() {
    let typed: String = "Họ và tên;Ngày sinh\nLê  Thị\u{a0}Hòa ;1/2/1970\n".nfd().collect();
    assert_eq!(two(&typed).rows[0].cells[0], "Lê Thị Hòa");
}

#[test]
fn lines_are_counted_as_the_spreadsheet_shows_them() {
    let sheet = two("Họ và tên,Ngày sinh\n\n\"Lan\nở Đồi Chè\",x\n,\n\n\nMinh,y\nTư,z");
    let seen: Vec<_> = sheet.rows.iter().map(|row| (row.place.line, row.cells[0].as_str())).collect();
    assert_eq!(seen, [(3, "Lan ở Đồi Chè"), (7, "Minh"), (8, "Tư")]);
}

#[test]
fn a_file_that_is_no_utf8_csv_says_how_to_save_it() {
    for bytes in [&b"H\xe4 v\xe0 t\xean"[..], b"\xff\xfeH\0", b"PK\x03\x04xlsx"] {
        let errors = table(bytes, ["Họ và tên"]).unwrap_err();
        assert!(errors[0].to_string().contains("“CSV UTF-8”"));
    }
    assert_eq!(table(b" \n", ["Họ và tên"]).unwrap_err()[0].place.line, 0);
}

#[test]
fn missing_and_doubled_columns_are_all_named() {
    let errors = table("Họ và tên,HỌ VÀ TÊN\n".as_bytes(), ["Họ và tên", "Ngày sinh"]).unwrap_err();
    assert_eq!(report(&errors), "Dòng 1: có hai cột “Họ và tên”\nDòng 1: thiếu cột “Ngày sinh”\n");
}

#[test]
fn a_row_of_another_width_or_with_an_endless_cell_is_reported_and_the_rest_read() {
    let long = "ơ".repeat(501);
    let sheet = two(&format!("Họ và tên,Ngày sinh\nLan\nMinh,x,y\nTư,z,\n{long},x\nCúc,x\n"));
    assert_eq!(sheet.errors.iter().map(|error| error.place.line).collect::<Vec<_>>(), [2, 3, 5]);
    assert_eq!(sheet.rows.len(), 2);
}

#[test]
fn files_beyond_their_limits_are_refused() {
    assert!(table(&vec![b'a'; MAX_FILE + 1], ["a"]).is_err());
    let many = format!("a\n{}", "b\n".repeat(MAX_ROWS + 1));
    assert!(table(many.as_bytes(), ["a"]).unwrap_err()[0].reason.contains("100.000"));
}
