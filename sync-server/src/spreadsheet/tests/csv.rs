//! Mai brings CSV files as her machines save them.

use unicode_normalization::UnicodeNormalization;

use super::super::*;

const BOTH: List = List {
    of: "đảng viên",
    columns: &[Column::must("Họ và tên", &[]), Column::must("Ngày sinh", &[])],
    cell: None,
    wide: None,
};

/// Line and cells of the rows that can be read, and what is wrong with the others.
type Seen = (Vec<(u64, [String; 2])>, Vec<RowError>);

fn table(bytes: &[u8]) -> Result<Seen, Vec<RowError>> {
    let sheets = sheets(bytes)?;
    let mut found = BOTH.rows(&sheets)?;
    let mut rows = Vec::new();
    for row in &found.rows {
        let mut faults = row.faults(&mut found.errors);
        let read = [0, 1].map(|column| faults.take(&row.value(column), row.value(column).text()));
        if let [Some(name), Some(birth)] = read {
            rows.push((row.place.line, [name, birth]));
        }
    }
    Ok((rows, found.errors))
}

fn two(text: &str) -> Seen {
    table(text.as_bytes()).unwrap()
}

#[test]
fn columns_are_found_by_name_in_any_order_and_others_are_let_be() {
    for text in [
        "STT,Ngày sinh,Họ và tên\n1,03/02/1985,Lan\n",
        "\u{feff}STT;NGÀY SINH; họ  và tên \r\n1;03/02/1985;Lan\r\n",
        "STT;\"Ngày sinh\";\"Họ và tên\"\n1;\"03/02/1985\";\"Lan\"",
    ] {
        assert_eq!(two(text), (vec![(2, ["Lan", "03/02/1985"].map(String::from))], vec![]));
    }
}

#[test]
fn a_decomposed_file_reads_as_a_composed_one() {
    let typed: String = "Họ và tên;Ngày sinh\nLê  Thị\u{a0}Hòa ;1/2/1970\n".nfd().collect();
    assert_eq!(two(&typed).0[0].1[0], "Lê Thị Hòa");
}

#[test]
fn lines_are_counted_as_the_spreadsheet_shows_them() {
    let (rows, _) = two("Họ và tên,Ngày sinh\n\n\"Lan\nở Đồi Chè\",x\n,\n\n\nMinh,y\nTư,z");
    let seen: Vec<_> = rows.iter().map(|(line, cells)| (*line, cells[0].as_str())).collect();
    assert_eq!(seen, [(3, "Lan ở Đồi Chè"), (7, "Minh"), (8, "Tư")]);
}

#[test]
fn a_file_that_is_no_utf8_csv_says_how_to_save_it() {
    for bytes in [&b"H\xe4 v\xe0 t\xean"[..], b"\xff\xfeH\0"] {
        let errors = table(bytes).unwrap_err();
        assert!(errors[0].to_string().contains("“CSV UTF-8”"));
    }
    assert_eq!(table(b" \n").unwrap_err()[0].place.line, 0);
}

#[test]
fn a_column_that_stands_twice_is_named() {
    let errors = table("Họ và tên,HỌ VÀ TÊN,Ngày sinh\n".as_bytes()).unwrap_err();
    assert_eq!(report(&errors), "Dòng 1: có hai cột “Họ và tên”\n");
}

#[test]
fn a_row_of_another_width_or_with_an_endless_cell_is_reported_and_the_rest_read() {
    let long = "ơ".repeat(501);
    let (rows, errors) = two(&format!("Họ và tên,Ngày sinh\nLan\nMinh,x,y\nTư,z,\n{long},x\nCúc,x\n"));
    assert_eq!(errors.iter().map(|error| error.place.line).collect::<Vec<_>>(), [2, 3, 5]);
    assert_eq!(rows.len(), 2);
}

#[test]
fn files_beyond_their_limits_are_refused() {
    assert!(table(&vec![b'a'; MAX_FILE + 1]).is_err());
    let many = format!("Họ và tên,Ngày sinh\n{}", "a,b\n".repeat(100_001));
    assert!(table(many.as_bytes()).unwrap_err()[0].reason.contains("100.000"));
}
