//! Files that somebody made to do harm, and files that are merely far too large.

use proptest::prelude::*;

use super::*;

#[test]
fn a_zip_bomb_is_refused_while_it_unpacks() {
    let blanks = " ".repeat(65 * 1024 * 1024);
    let bytes = zip_of(&[("word/document.xml", &wrap(&blanks))]);
    assert!(bytes.len() < 1024 * 1024);
    assert_eq!(read(&bytes), Err(DocumentError::UnpackedTooLarge));
}

#[test]
fn paragraphs_within_paragraphs_without_end_are_refused() {
    let deep = "<w:p>".repeat(5_000) + "x" + &"</w:p>".repeat(5_000);
    assert_eq!(read(&file(&deep)), Err(DocumentError::Damaged));
}

#[test]
fn more_words_than_a_phone_should_hold_are_refused() {
    let page = p(&"chữ ".repeat(100_000));
    assert_eq!(read(&file(&page.repeat(6))), Err(DocumentError::TextTooLong));
}

#[test]
fn a_line_of_five_megabytes_is_refused_with_what_to_do() {
    let error = read(&file(&p(&"chữ ".repeat(1_200_000)))).unwrap_err();
    assert_eq!(error.to_string(), "văn bản dài hơn 2 MiB chữ; hãy tách thành nhiều tệp");
}

#[test]
fn tables_within_tables_without_end_are_refused() {
    let deep = "<w:tbl><w:tr><w:tc>".repeat(10_000) + &p("x") + &"</w:tc></w:tr></w:tbl>".repeat(10_000);
    assert_eq!(read(&file(&deep)), Err(DocumentError::Damaged));
}

#[test]
fn a_cell_that_claims_four_billion_columns_is_one_cell() {
    let wide = format!(r#"<w:tc><w:tcPr><w:gridSpan w:val="4000000000"/></w:tcPr>{}</w:tc>"#, p("Rộng"));
    let before = r#"<w:trPr><w:gridBefore w:val="18446744073709551615"/></w:trPr>"#;
    let rows = format!("<w:tr>{wide}{wide}</w:tr><w:tr>{before}{wide}</w:tr>").repeat(3);
    let bytes = file(&format!(r#"<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/></w:tblPr>{rows}</w:tbl>"#));
    let Block::Known(KnownBlock::Table { rows, .. }) = &read(&bytes).unwrap().blocks[0] else {
        panic!("a table")
    };
    let widest = rows.iter().flat_map(|row| &row.cells).map(|cell| cell.across).max();
    assert_eq!((rows.len(), widest), (6, Some(256)));
}

#[test]
fn a_million_empty_paragraphs_are_read_past_and_a_million_empty_cells_are_refused() {
    let paragraphs = "<w:p><w:pPr><w:jc w:val=\"both\"/></w:pPr></w:p>".repeat(1_000_000) + &p("Hết");
    assert_eq!(read(&file(&paragraphs)).unwrap().blocks, [Block::paragraph("Hết")]);
    let cells = format!("<w:tbl>{}</w:tbl>", "<w:tr><w:tc><w:p/></w:tc></w:tr>".repeat(1_000_000));
    let error = read(&file(&cells)).unwrap_err();
    assert_eq!(error.to_string(), "các bảng trong tệp có hơn 100.000 ô; hãy tách bảng lớn thành tệp riêng");
}

#[test]
fn paragraphs_of_one_letter_without_end_are_refused() {
    let one = "<w:p><w:r><w:t>a</w:t></w:r></w:p>";
    let error = read(&file(&one.repeat(190_000))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "văn bản quá nhiều đoạn và kiểu chữ (hơn 4 MiB khi lưu); hãy tách thành nhiều tệp"
    );
    let cell = format!(
        r#"<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/></w:tblPr><w:tr><w:tc>{}</w:tc><w:tc/></w:tr></w:tbl>"#,
        one.repeat(200_001)
    );
    let error = read(&file(&cell)).unwrap_err();
    assert_eq!(error.to_string(), "văn bản có hơn 200.000 đoạn; hãy tách thành nhiều tệp");
}

#[test]
fn a_table_with_any_byte_changed_is_read_or_refused_but_never_a_crash() {
    let body = tables::grid(&[&["Việc", "Hạn"], &["Quét dọn", "30/6"]]);
    let whole = notes::file_with_notes(&body);
    for place in 0..whole.len() {
        for change in [0x01, 0xff] {
            let mut changed = whole.clone();
            changed[place] ^= change;
            let _ = read(&changed);
        }
    }
}

#[test]
fn styles_and_lists_that_go_in_circles_come_to_an_end() {
    let numbering = r#"<w:numbering><w:abstractNum w:abstractNumId="0"><w:numStyleLink w:val="A"/><w:styleLink w:val="A"/>
<w:lvl w:ilvl="99999999999999999999"><w:lvlText w:val="%1"/></w:lvl><w:lvl w:ilvl="0"><w:start w:val="4294967295"/><w:lvlText w:val="%1%9%0%%"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="77"><w:startOverride w:val="-1"/></w:lvlOverride></w:num></w:numbering>"#;
    let body =
        numbered(1, 0, "Một") + &numbered(1, 0, "Hai") + &numbered(1, 200, "Ba") + &styled("Vong", "Bốn");
    let read = read(&file_with(&body, &[("word/numbering.xml", numbering)])).unwrap();
    assert!(read.text().contains("Hai") && read.text().contains("Bốn"));
}

#[test]
fn entities_within_notes_styles_and_settings_are_refused_too() {
    let dtd = r#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><w:x/>"#;
    for part in [
        "word/footnotes.xml",
        "word/endnotes.xml",
        "word/styles.xml",
        "word/settings.xml",
        "word/header1.xml",
    ] {
        let error = read(&file_with(&p("Kế hoạch"), &[(part, dtd)])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "tệp có khai báo DTD hoặc thực thể XML, không được chấp nhận",
            "{part}"
        );
    }
}

#[test]
fn numbers_longer_than_any_are_words_that_count() {
    let level = format!(
        r#"<w:lvl w:ilvl="0"><w:numFmt w:val="upperRoman"/><w:start w:val="3888"/><w:lvlText w:val="{}"/></w:lvl>"#,
        "%1".repeat(250)
    );
    let numbering = format!(
        r#"<w:numbering><w:abstractNum w:abstractNumId="0">{level}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"#
    );
    let body = numbered(1, 0, "a").repeat(2_000);
    assert_eq!(
        read(&file_with(&body, &[("word/numbering.xml", &numbering)])),
        Err(DocumentError::TextTooLong)
    );
}

#[test]
fn styles_and_lists_without_end_are_refused() {
    let styles: String = (0..20_002).map(|id| format!(r#"<w:style w:styleId="{id}"></w:style>"#)).collect();
    let lists: String = (0..10_002).map(|id| format!(r#"<w:abstractNum w:abstractNumId="{id}"/>"#)).collect();
    for (part, inside) in [("word/styles.xml", styles), ("word/numbering.xml", lists)] {
        let error = read(&file_with(&p("a"), &[(part, &format!("<w:x>{inside}</w:x>"))])).unwrap_err();
        assert_eq!(error.to_string(), "tệp bị hỏng hoặc tải chưa hết; hãy chép lại tệp gốc");
    }
}

/// A page as nobody would set it: tables in cells, paragraphs in text boxes, merges that begin nowhere.
fn any_block() -> impl Strategy<Value = String> {
    let words = "(Điều [1-9]\\. |Chương I|[1-3]\\. |[a-c]\\) |- |PHỤ LỤC|T/M |)[a-zđA-ZĐ ]{0,6}";
    let look = prop::sample::select(vec!["", "<w:b/>", "<w:i/>", "<w:b w:val=\"0\"/>"]);
    let run =
        (words, look).prop_map(|(words, look)| format!("<w:r><w:rPr>{look}</w:rPr><w:t>{words}</w:t></w:r>"));
    let paragraph = prop::collection::vec(run, 0..3).prop_map(|runs| format!("<w:p>{}</w:p>", runs.concat()));
    paragraph.prop_recursive(4, 40, 6, |inner| {
        let merge = prop::sample::select(vec![
            "",
            "<w:vMerge/>",
            "<w:vMerge w:val=\"restart\"/>",
            "<w:gridSpan w:val=\"3\"/>",
            "<w:hMerge/>",
            "<w:tcBorders><w:top w:val=\"single\"/><w:left w:val=\"single\"/></w:tcBorders>",
        ]);
        let cell = (merge, prop::collection::vec(inner.clone(), 0..3))
            .prop_map(|(merge, inside)| format!("<w:tc><w:tcPr>{merge}</w:tcPr>{}</w:tc>", inside.concat()));
        let heading = prop::sample::select(vec!["", "<w:tblHeader/>", "<w:gridBefore w:val=\"2\"/>"]);
        let row = (heading, prop::collection::vec(cell, 0..4)).prop_map(|(heading, cells)| {
            format!("<w:tr><w:trPr>{heading}</w:trPr>{}</w:tr>", cells.concat())
        });
        let style = prop::sample::select(vec!["TableGrid", "TableNormal"]);
        let table = (style, prop::collection::vec(row, 0..4)).prop_map(|(style, rows)| {
            format!("<w:tbl><w:tblPr><w:tblStyle w:val=\"{style}\"/></w:tblPr>{}</w:tbl>", rows.concat())
        });
        let boxed = prop::collection::vec(inner, 0..3).prop_map(|inside| {
            format!("<w:p><w:r><w:txbxContent>{}</w:txbxContent></w:r></w:p>", inside.concat())
        });
        prop_oneof![table, boxed]
    })
}

fn letters(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = text.chars().filter(|letter| letter.is_alphanumeric()).collect();
    // Words of a covered cell go to the cell that covers it.
    letters.sort_unstable();
    letters
}

proptest! {
    #[test]
    fn no_letter_is_lost_wherever_it_stands(blocks in prop::collection::vec(any_block(), 1..6)) {
        let body = blocks.concat();
        let mut typed = String::new();
        for part in body.split("<w:t>").skip(1) {
            typed.push_str(part.split("</w:t>").next().unwrap());
        }
        let kept = match read(&file(&body)) {
            Ok(document) => document.text(),
            Err(DocumentError::Empty) => String::new(),
            Err(error) => panic!("{error}"),
        };
        prop_assert_eq!(letters(&kept), letters(&typed));
    }
}
