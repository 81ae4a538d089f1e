//! What the cells of a workbook hold.

use chrono::NaiveDate;

use super::*;

fn cells(rows: &str, properties: &str) -> Vec<Cell> {
    sheets(&by_hand(rows, "Lan", properties)).unwrap().remove(0).rows.remove(0).cells
}

#[test]
fn each_kind_of_cell_is_kept_as_what_it_is() {
    let read = cells(
        r##"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Hòa</t></is></c>
            <c r="C1"><v>12.5</v></c><c r="D1" t="b"><v>1</v></c><c r="E1" t="d"><v>1985-02-03</v></c>
            <c r="F1" t="e"><v>#N/A</v></c><c r="G1"><f>A1</f></c><c r="H1" t="str"><f>A1</f><v>Minh</v></c>
            <c r="I1"><f>1+1</f><v>2</v></c></row>"##,
        "",
    );
    assert_eq!(
        read,
        [
            Cell::Text("Lan".into()),
            Cell::Text("Hòa".into()),
            Cell::Number(12.5),
            Cell::Bool(true),
            Cell::Date(NaiveDate::from_ymd_opt(1985, 2, 3).unwrap()),
            Cell::Error("#N/A".into()),
            Cell::Uncomputed,
            Cell::Text("Minh".into()),
            Cell::Number(2.0),
        ]
    );
}

#[test]
fn a_workbook_may_count_its_days_from_1904() {
    let file = by_hand(r#"<row r="1"><c r="A1"><v>29619</v></c></row>"#, "", r#"<workbookPr date1904="1"/>"#);
    let sheet = &sheets(&file).unwrap()[0];
    assert!(sheet.from_1904);
    let value = Value::new(sheet.rows[0].cells.first(), 0, sheet.from_1904);
    assert_eq!(value.date("ngày sinh"), Ok(NaiveDate::from_ymd_opt(1985, 2, 3).unwrap()));
}

#[test]
fn sheets_go_from_one_process_to_another_and_stay_the_same() {
    let day = NaiveDate::from_ymd_opt(1985, 2, 3).unwrap();
    let hour = chrono::NaiveTime::from_hms_opt(19, 30, 0).unwrap();
    let cells = vec![
        Cell::Empty,
        Cell::Text("Lan".into()),
        Cell::Number(0.1),
        Cell::Date(day),
        Cell::DateTime(day.and_time(hour)),
        Cell::Time(hour),
        Cell::Bool(false),
        Cell::Error("#REF!".into()),
        Cell::Uncomputed,
    ];
    let sheet =
        Sheet { name: "Tờ".into(), hidden: true, from_1904: true, rows: vec![SheetRow { line: 7, cells }] };
    let written = serde_json::to_string(&sheet).unwrap();
    assert_eq!(serde_json::from_str::<Sheet>(&written).unwrap(), sheet);
    assert!(written.contains(r#"["",{"t":"Lan"},{"n":0.1},{"d":"1985-02-03"}"#), "{written}");
}
