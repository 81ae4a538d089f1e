//! What Word counts, and the letters that old fonts show.

use sotay_protocol::document::{Division, DivisionKind};

use super::*;

const LAW: &str = r#"<w:numbering><w:abstractNum w:abstractNumId="0">
<w:lvl w:ilvl="0"><w:numFmt w:val="upperRoman"/><w:pStyle w:val="Heading1"/><w:suff w:val="nothing"/><w:lvlText w:val="Chương %1. "/></w:lvl>
<w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/><w:lvlRestart w:val="0"/><w:pStyle w:val="Heading2"/><w:suff w:val="space"/><w:lvlText w:val="Điều %2."/></w:lvl>
<w:lvl w:ilvl="2"><w:isLgl/><w:lvlText w:val="%1.%2.%3."/></w:lvl>
<w:lvl w:ilvl="3"><w:numFmt w:val="none"/><w:lvlText w:val=""/></w:lvl>
<w:lvl w:ilvl="4"><w:numFmt w:val="bullet"/><w:lvlText w:val="+"/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:numStyleLink w:val="KieuDanhSach"/></w:abstractNum>
<w:abstractNum w:abstractNumId="2"><w:styleLink w:val="KieuDanhSach"/><w:lvl w:ilvl="0"><w:numFmt w:val="decimalZero"/><w:lvlText w:val="Việc %1:"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="2"/><w:lvlOverride w:ilvl="0"><w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1)"/></w:lvl></w:lvlOverride></w:num>
</w:numbering>"#;
const LAW_STYLES: &str = r#"<w:styles>
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
</w:styles>"#;

#[test]
fn headings_that_count_themselves_are_divisions_with_their_numbers() {
    let body = [
        styled("Heading1", "Quy định chung"),
        styled("Heading2", "Phạm vi"),
        numbered(1, 2, "Ngoài khoản"),
        numbered(1, 3, "Không số"),
        numbered(1, 4, "Cộng"),
        styled("Heading1", "Thi hành"),
        styled("Heading2", "Hiệu lực"),
        numbered(2, 0, "Một"),
        numbered(3, 0, "Hai"),
    ]
    .concat();
    let read =
        read(&file_with(&body, &[("word/numbering.xml", LAW), ("word/styles.xml", LAW_STYLES)])).unwrap();
    assert_eq!(
        read.text(),
        "Chương I. Quy định chung\nĐiều 1. Phạm vi\n1.1.1. Ngoài khoản\nKhông số\n+ Cộng\n\
         Chương II. Thi hành\nĐiều 2. Hiệu lực\nViệc 01: Một\nc) Hai\n"
    );
    let Block::Known(KnownBlock::Heading { level, division, .. }) = &read.blocks[1] else {
        panic!("a heading")
    };
    assert_eq!(
        (*level, division.clone()),
        (2, Some(Division { kind: DivisionKind::Article, number: "1".into() }))
    );
}

fn in_font(font: &str, text: &str) -> String {
    format!(
        r#"<w:p><w:r><w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}"/></w:rPr><w:t>{text}</w:t></w:r></w:p>"#
    )
}

#[test]
fn fonts_from_before_unicode_are_read_as_they_look() {
    let body =
        in_font(".VnTime", "§¶ng uû x·") + &in_font(".VnTimeH", "nghÞ quyÕt") + &in_font("Arial", "§ 5");
    assert_eq!(text(&body), "Đảng uỷ xã\nNGHỊ QUYẾT\n§ 5\n");
    let hyphen = in_font(".VnTime", "BÝ th").replace("</w:t>", "</w:t><w:softHyphen/>")
        + &in_font("Arial", "a</w:t><w:softHyphen/><w:t>b");
    assert_eq!(text(&hyphen), "Bí thư\nab\n");
    let styles = r#"<w:styles><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:asciiTheme="minorHAnsi" w:hAnsiTheme="minorHAnsi"/></w:rPr></w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:rPr><w:rFonts w:ascii=".VnTime" w:hAnsi=".VnTime"/></w:rPr></w:style></w:styles>"#;
    let body = p("x· An B×nh") + &in_font("Times New Roman", "xã An Bình");
    let read = read(&file_with(&body, &[("word/styles.xml", styles)])).unwrap();
    assert_eq!(read.text(), "xã An Bình\nxã An Bình\n");
}

#[test]
fn unicode_typed_into_an_old_template_is_let_be() {
    let body = in_font(".VnTime", "Chi bộ có hai tổ").replace("</w:p>", "")
        + &in_font(".VnTime", ", là đông").replace("<w:p>", "")
        + &in_font(".VnTime", "cã hai tæ");
    assert_eq!(text(&body), "Chi bộ có hai tổ, là đông\ncó hai tổ\n");
}

#[test]
fn an_empty_paragraph_counts_and_a_deleted_one_does_not() {
    let deleted = numbered(1, 0, "").replace("</w:pPr>", "<w:rPr><w:del w:id=\"1\"/></w:rPr></w:pPr>");
    let body = numbered(1, 0, "Một") + &numbered(1, 0, "") + &deleted + &numbered(1, 0, "Ba");
    assert_eq!(text(&body), "1. Một\n3. Ba\n");
}

#[test]
fn a_text_in_vni_says_what_to_do() {
    assert_eq!(text(&in_font("VNI-Times", "Hue")), "Hue\n");
    let error = read(&file(&in_font("VNI-Times", "Ñaûng"))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "văn bản dùng phông VNI, không phải Unicode; hãy chuyển mã (chẳng hạn bằng UniKey) rồi lưu lại"
    );
}

#[test]
fn capitals_by_style_are_capitals_and_symbols_are_signs() {
    let body = r#"<w:p><w:r><w:rPr><w:caps/></w:rPr><w:t>Kế hoạch</w:t></w:r><w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:sym w:font="Wingdings" w:char="F001"/></w:r></w:p>"#;
    assert_eq!(text(body), "KẾ HOẠCH☑•\n");
}
