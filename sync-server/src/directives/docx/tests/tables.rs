//! Tables of Lan's plan, and the tables in which she sets her letterhead.

use sotay_protocol::document::{Cell, TableRow};

use super::*;

const GRID: &str = r#"<w:tblPr><w:tblBorders><w:top w:val="single"/><w:left w:val="single"/><w:insideV w:val="single"/></w:tblBorders></w:tblPr>"#;

fn cell(properties: &str, inside: &str) -> String {
    format!("<w:tc><w:tcPr>{properties}</w:tcPr>{inside}</w:tc>")
}

fn row(properties: &str, cells: &[String]) -> String {
    format!("<w:tr><w:trPr>{properties}</w:trPr>{}</w:tr>", cells.concat())
}

fn table(properties: &str, rows: &[String]) -> String {
    format!("<w:tbl>{properties}<w:tblGrid/>{}</w:tbl>", rows.concat())
}

pub(super) fn grid(rows: &[&[&str]]) -> String {
    let rows: Vec<String> = rows
        .iter()
        .map(|cells| row("", &cells.iter().map(|words| cell("", &p(words))).collect::<Vec<_>>()))
        .collect();
    table(GRID, &rows)
}

fn read_table(body: &str) -> Vec<TableRow> {
    let blocks = blocks(body);
    let [Block::Known(KnownBlock::Table { rows, .. })] = blocks.as_slice() else {
        panic!("one table: {blocks:?}")
    };
    rows.clone()
}

fn told(rows: &[TableRow]) -> Vec<String> {
    let words = |cell: &Cell| {
        let words: String = cell.spans.iter().map(|span| span.text.as_str()).collect();
        let reach = if (cell.across, cell.down) == (1, 1) {
            String::new()
        } else {
            format!("({}×{})", cell.across, cell.down)
        };
        words + &reach
    };
    rows.iter()
        .map(|row| {
            let cells: Vec<String> = row.cells.iter().map(words).collect();
            format!("{}{}", if row.heading { "# " } else { "" }, cells.join(" | "))
        })
        .collect()
}

#[test]
fn marks_of_a_list_stay_with_its_lines_in_a_cell() {
    let list = [numbered(2, 0, "Đoạn cao"), numbered(2, 0, "Đoạn thấp"), numbered(1, 0, "Nạo vét")].concat();
    let body = table(GRID, &[row("", &[cell("", &p("Kênh")), cell("", &list)])]);
    assert_eq!(told(&read_table(&body)), ["Kênh | • Đoạn cao\n• Đoạn thấp\n1. Nạo vét"]);
}

#[test]
fn cells_reach_across_and_down() {
    let restart = r#"<w:vMerge w:val="restart"/>"#;
    let two = r#"<w:gridSpan w:val="2"/>"#;
    let body = table(
        GRID,
        &[
            row("<w:tblHeader/>", &[cell(restart, &p("TT")), cell(two, &p("Chỉ tiêu"))]),
            row(
                "<w:tblHeader w:val=\"true\"/>",
                &[cell("<w:vMerge/>", "<w:p/>"), cell("", &p("Hạn")), cell("", &p("Công"))],
            ),
            row("", &[cell("", &(p("1") + &numbered(1, 0, "Quét"))), cell("", "<w:p/>"), cell("", &p("40"))]),
            row("", &[cell("<w:vMerge/>", &p("không có ô trên")), cell(two, &p("x"))]),
        ],
    );
    assert_eq!(
        told(&read_table(&body)),
        [
            "# TT(1×2) | Chỉ tiêu(2×1)",
            "# Hạn | Công",
            "1\n1. Quét |  | 40",
            "không có ô trên(1×1) | x(2×1)".replace("(1×1)", "").as_str()
        ]
    );
}

#[test]
fn the_first_row_names_the_columns_where_it_is_bold_or_shaded() {
    let bold = |text: &str| format!("<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>{text}</w:t></w:r></w:p>");
    let body_row = || row("", &[cell("", &p("Quét")), cell("", &p("30/6"))]);
    let shade = r#"<w:shd w:val="clear" w:fill="D9D9D9"/>"#;
    for first in [
        row("", &[cell("", &bold("Việc")), cell("", &bold("Hạn"))]),
        row("", &[cell(shade, &p("Việc")), cell(shade, &p("Hạn"))]),
    ] {
        assert_eq!(told(&read_table(&table(GRID, &[first, body_row()]))), ["# Việc | Hạn", "Quét | 30/6"]);
    }
    let plain = row("", &[cell(r#"<w:shd w:fill="auto"/>"#, &p("Việc")), cell("", &bold("Hạn"))]);
    assert_eq!(told(&read_table(&table(GRID, &[plain, body_row()]))), ["Việc | Hạn", "Quét | 30/6"]);
}

#[test]
fn tables_without_lines_are_read_cell_by_cell() {
    let none = r#"<w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblBorders><w:top w:val="none"/><w:insideV w:val="nil"/></w:tblBorders></w:tblPr>"#;
    let rows = [row(
        "",
        &[cell("", &(p("ĐẢNG BỘ TỈNH") + &p("ĐẢNG ỦY XÃ"))), cell("", &p("ĐẢNG CỘNG SẢN VIỆT NAM"))],
    )];
    let expected = ["ĐẢNG BỘ TỈNH", "ĐẢNG ỦY XÃ", "ĐẢNG CỘNG SẢN VIỆT NAM"].map(Block::paragraph);
    for properties in ["<w:tblPr/>", none] {
        assert_eq!(blocks(&table(properties, &rows)), expected);
    }
    // A line under the name of the committee is a line, not a table.
    let line = r#"<w:tcBorders><w:bottom w:val="single"/></w:tcBorders>"#;
    let rows = [row("", &[cell(line, &p("ĐẢNG ỦY XÃ")), cell(line, &p("Số 17"))])];
    assert_eq!(blocks(&table("<w:tblPr/>", &rows)), ["ĐẢNG ỦY XÃ", "Số 17"].map(Block::paragraph));
    // A frame around words is no table.
    assert_eq!(blocks(&grid(&[&["Lưu ý"]])), [Block::paragraph("Lưu ý")]);
}

#[test]
fn lines_come_from_the_cells_the_table_or_its_style() {
    let drawn = r#"<w:tcBorders><w:top w:val="single"/><w:left w:val="single"/></w:tcBorders>"#;
    let rows = |properties: &str| {
        [
            row("", &[cell(properties, &p("a")), cell(properties, &p("b"))]),
            row("", &[cell(properties, &p("c")), cell(properties, &p("d"))]),
        ]
    };
    let style = r#"<w:styles><w:style w:type="table" w:styleId="Luoi"><w:name w:val="Lưới"/><w:tblPr><w:tblBorders><w:top w:val="single"/><w:insideH w:val="single"/></w:tblBorders></w:tblPr></w:style>
<w:style w:type="table" w:styleId="Con"><w:basedOn w:val="Luoi"/></w:style><w:style w:type="table" w:styleId="Tron"/></w:styles>"#;
    for (properties, cells, is_table) in [
        ("<w:tblPr/>", drawn, true),
        ("<w:tblPr/>", "", false),
        (r#"<w:tblPr><w:tblStyle w:val="Con"/></w:tblPr>"#, "", true),
        (r#"<w:tblPr><w:tblStyle w:val="Tron"/></w:tblPr>"#, "", false),
        (r#"<w:tblPr><w:tblStyle w:val="TableGrid"/></w:tblPr>"#, "", true),
        (r#"<w:tblPr><w:tblStyle w:val="TableNormal"/></w:tblPr>"#, "", false),
    ] {
        let read = read(&file_with(&table(properties, &rows(cells)), &[("word/styles.xml", style)])).unwrap();
        assert_eq!(
            matches!(read.blocks[0], Block::Known(KnownBlock::Table { .. })),
            is_table,
            "{properties}{cells}"
        );
    }
}

#[test]
fn a_table_within_a_table_becomes_lines_of_its_cell_and_stands_alone_in_a_layout() {
    let inner = grid(&[&["x", "y"], &["z", "t"]]);
    let ruled = table(GRID, &[row("", &[cell("", &(p("Gồm:") + &inner)), cell("", &p("b"))])]);
    assert_eq!(told(&read_table(&ruled)), ["Gồm:\nx | y\nz | t | b"]);
    let layout = table("<w:tblPr/>", &[row("", &[cell("", &(p("Gồm:") + &inner)), cell("", &p("b"))])]);
    let read = blocks(&layout);
    assert_eq!((read[0].clone(), read[2].clone()), (Block::paragraph("Gồm:"), Block::paragraph("b")));
    assert!(matches!(read[1], Block::Known(KnownBlock::Table { .. })));
}

#[test]
fn rows_deleted_under_revision_are_gone() {
    let body = table(
        GRID,
        &[
            row("", &[cell("", &p("a")), cell("", &p("b"))]),
            row(r#"<w:del w:id="1"/>"#, &[cell("", &p("c")), cell("", &p("d"))]),
            row(r#"<w:ins w:id="2"/>"#, &[cell("", &p("e")), cell("", &p("g"))]),
        ],
    );
    assert_eq!(told(&read_table(&body)), ["a | b", "e | g"]);
}
