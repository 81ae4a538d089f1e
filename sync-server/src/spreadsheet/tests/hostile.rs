//! Files made to cost much: each costs little.

use super::*;

fn rows(range: std::ops::RangeInclusive<u32>, cells: impl Fn(u32) -> String) -> String {
    range.map(|row| format!(r#"<row r="{row}">{}</row>"#, cells(row))).collect()
}

#[test]
fn a_cell_in_the_last_corner_costs_no_more_than_a_cell() {
    let rows = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="B1048576"><v>2</v></c><c r="XFD1048576"><v>2</v></c></row>"#;
    let sheet = &sheets(&by_hand(rows, "", "")).unwrap()[0];
    let seen: Vec<_> = sheet.rows.iter().map(|row| (row.line, row.cells.len())).collect();
    assert_eq!(seen, [(1, 1), (1_048_576, 2)]);
}

#[test]
fn a_million_empty_rows_are_no_rows() {
    let mut many = rows(1..=500_000, |_| String::new());
    many.push_str(&rows(500_001..=1_000_000, |row| format!(r#"<c r="A{row}" s="0"/>"#)));
    many.push_str(r#"<row r="1000001"><c r="A1000001"><v>7</v></c></row>"#);
    let sheet = &sheets(&by_hand(&many, "", "")).unwrap()[0];
    assert_eq!(sheet.rows, [SheetRow { line: 1_000_001, cells: vec![Cell::Number(7.0)] }]);
}

#[test]
fn more_than_a_list_can_have_is_refused() {
    let many = rows(1..=100_002, |_| "<c><v>1</v></c>".to_owned());
    assert!(refusal(&by_hand(&many, "", "")).contains("hơn 100.000 dòng"));
    let wide = rows(1..=4_000, |row| format!(r#"<c r="ALL{row}"><v>1</v></c>"#));
    assert!(refusal(&by_hand(&wide, "", "")).contains("quá nhiều ô"));
    let long = "ơ".repeat(500_000);
    let one = r#"<c t="s"><v>0</v></c>"#.repeat(1_000);
    let meant = rows(1..=100, |_| one.clone());
    assert!(refusal(&by_hand(&meant, &long, "")).contains("quá nhiều chữ"));
    let sheet = |at: usize| format!(r#"<sheet name="{at}" sheetId="{at}" r:id="rId1"/>"#);
    let sheets: String = (1..=50).map(sheet).collect();
    let properties = format!("<sheets>{sheets}</sheets>");
    assert!(refusal(&by_hand("", "", &properties)).contains("hơn 50 trang tính"));
}

#[test]
fn a_bomb_is_refused_while_it_is_measured() {
    let zeros = vec![b' '; 65 * 1024 * 1024];
    let bomb = zipped(&[("[Content_Types].xml", CONTENT_TYPES.as_bytes()), ("xl/workbook.xml", &zeros)]);
    assert!(bomb.len() < 200_000);
    assert!(refusal(&bomb).contains("hơn 64 MiB"));
    let many: Vec<String> = (0..10_001).map(|at| format!("xl/{at}")).collect();
    let mut parts: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
    parts.push(("[Content_Types].xml", CONTENT_TYPES.as_bytes()));
    assert!(refusal(&zipped(&parts)).contains("quá nhiều phần"));
}

#[test]
fn declared_entities_are_refused() {
    let bomb = r#"<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>"#;
    let file = zipped(&[
        ("[Content_Types].xml", CONTENT_TYPES.as_bytes()),
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/sharedStrings.xml", bomb.as_bytes()),
    ]);
    assert!(refusal(&file).contains("DOCTYPE"));
}

#[test]
fn a_sheet_with_an_endless_name_goes_by_its_beginning() {
    let name = "Đồi Chè ".repeat(100_000);
    let workbook =
        format!(r#"<workbook xmlns:r="r"><sheets><sheet name="{name}" r:id="rId1"/></sheets></workbook>"#);
    let file = zipped(&[
        ("[Content_Types].xml", CONTENT_TYPES.as_bytes()),
        ("_rels/.rels", RELS.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", WORKBOOK_RELS.as_bytes()),
        (
            "xl/worksheets/sheet1.xml",
            b"<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>",
        ),
    ]);
    let sheet = &sheets(&file).unwrap()[0];
    assert_eq!((sheet.name.chars().count(), sheet.rows.len()), (64, 1));
}

#[test]
fn one_long_line_is_told_from_a_list() {
    let long = "a".repeat(5 * 1024 * 1024);
    let file = by_hand(r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row>"#, &long, "");
    let sheets = sheets(&file).unwrap();
    assert!(matches!(&sheets[0].rows[0].cells[0], Cell::Text(text) if text.len() < 3_000));
}

#[test]
fn many_long_titles_cost_no_more_than_they_are_long() {
    let title = "chi bộ ".repeat(280);
    let row = r#"<c t="s"><v>0</v></c>"#.repeat(300);
    let titles = rows(1..=100, |_| row.clone());
    let sheets = sheets(&by_hand(&titles, &title, "")).unwrap();
    assert!(crate::members::import::read(&sheets).is_err());
}
