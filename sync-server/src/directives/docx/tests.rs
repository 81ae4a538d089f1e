//! Mai publishes what Word gives her.

use std::io::{Cursor, Write};

use sotay_protocol::document::{Block, Item, KnownBlock, Span};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

mod hostile;
mod notes;
mod numbers;
mod tables;

const STYLES: &str = r#"<w:styles xmlns:w="w">
<w:style w:styleId="u1"><w:name w:val="heading 1"/><w:rPr><w:b/></w:rPr></w:style>
<w:style w:styleId="MucLon"><w:name w:val="Mục lớn"/><w:basedOn w:val="u1"/></w:style>
<w:style w:styleId="Phan"><w:name w:val="Phần"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
<w:style w:styleId="DanhSach"><w:name w:val="Danh sách"/><w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:style>
<w:style w:styleId="Dam"><w:name w:val="Strong"/><w:rPr><w:b w:val="1"/></w:rPr></w:style>
<w:style w:styleId="Vong"><w:name w:val="a"/><w:basedOn w:val="Quanh"/></w:style>
<w:style w:styleId="Quanh"><w:name w:val="b"/><w:basedOn w:val="Vong"/></w:style>
</w:styles>"#;

const NUMBERING: &str = r#"<w:numbering xmlns:w="w">
<w:abstractNum w:abstractNumId="0">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%2)"/></w:lvl>
<w:lvl w:ilvl="2"><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1.%3"/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>
</w:numbering>"#;

const RELATIONS: &str = r#"<Relationships>
<Relationship Id="1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>
<Relationship Id="2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering" Target="/word/numbering.xml"/>
<Relationship Id="3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/header" Target="header1.xml"/>
<Relationship Id="4" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes" Target="footnotes.xml"/>
<Relationship Id="5" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/endnotes" Target="endnotes.xml"/>
<Relationship Id="6" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/settings" Target="settings.xml"/>
</Relationships>"#;

fn zip_of(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn wrap(body: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="w"><w:body>{body}<w:sectPr/></w:body></w:document>"#
    )
}

fn file(body: &str) -> Vec<u8> {
    file_with(body, &[])
}

/// A file of the usual parts, or of `others` in their stead.
fn file_with(body: &str, others: &[(&str, &str)]) -> Vec<u8> {
    let main = wrap(body);
    let mut parts = vec![("word/document.xml", main.as_str()), ("word/_rels/document.xml.rels", RELATIONS)];
    for usual in [("word/styles.xml", STYLES), ("word/numbering.xml", NUMBERING)] {
        if others.iter().all(|(name, _)| *name != usual.0) {
            parts.push(usual);
        }
    }
    parts.extend(others);
    zip_of(&parts)
}

fn text(body: &str) -> String {
    read(&file(body)).unwrap().text()
}

fn blocks(body: &str) -> Vec<Block> {
    read(&file(body)).unwrap().blocks
}

fn p(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

fn styled(style: &str, text: &str) -> String {
    format!(r#"<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"#)
}

fn numbered(list: u8, level: u8, text: &str) -> String {
    format!(
        r#"<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list}"/></w:numPr></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"#
    )
}

#[test]
fn headings_are_known_by_id_by_name_by_base_and_by_outline() {
    let body = styled("Heading2", "Một")
        + &styled("u1", "Hai")
        + &styled("MucLon", "Ba")
        + &styled("Phan", "Bốn")
        + &styled("Vong", "Năm");
    assert_eq!(
        blocks(&body),
        [
            Block::heading(2, "Một"),
            Block::heading(1, "Hai"),
            Block::heading(1, "Ba"),
            Block::heading(3, "Bốn"),
            Block::paragraph("Năm"),
        ]
    );
}

#[test]
fn lists_are_counted_as_word_shows_them() {
    let body = numbered(1, 0, "A")
        + &numbered(1, 1, "B")
        + &numbered(1, 1, "C")
        + &numbered(1, 0, "D")
        + &numbered(1, 2, "E")
        + &numbered(1, 1, "G")
        + &numbered(2, 0, "gạch")
        + &styled("DanhSach", "gạch theo kiểu")
        + &numbered(3, 0, "H");
    assert_eq!(text(&body), "1. A\na) B\nb) C\n2. D\n2.I E\na) G\ngạch\ngạch theo kiểu\n5. H\n");
    let Block::Known(KnownBlock::List { items }) = &blocks(&body)[0] else { panic!("a list") };
    assert_eq!(
        items[1],
        Item { depth: 1, number: Some("a)".into()), spans: vec![Span::plain("B")], ..Item::default() }
    );
    assert_eq!(items[6].number, None);
}

#[test]
fn a_paragraph_can_be_taken_out_of_the_list_of_its_style_and_a_heading_can_be_numbered() {
    let out = r#"<w:p><w:pPr><w:pStyle w:val="DanhSach"/><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr><w:r><w:t>A</w:t></w:r></w:p>"#;
    let heading = r#"<w:p><w:pPr><w:pStyle w:val="u1"/><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>Mục tiêu</w:t></w:r></w:p>"#;
    assert_eq!(blocks(&format!("{out}{heading}")), [Block::paragraph("A"), Block::heading(1, "1. Mục tiêu")]);
}

#[test]
fn bold_and_italic_come_from_the_run_its_style_or_the_paragraph() {
    let body = r#"<w:p><w:pPr><w:rPr><w:b/></w:rPr></w:pPr>
        <w:r><w:t xml:space="preserve">Số </w:t></w:r>
        <w:r><w:rPr><w:b/></w:rPr><w:t>17</w:t></w:r>
        <w:r><w:rPr><w:rStyle w:val="Dam"/><w:i w:val="true"/></w:rPr><w:t>-KH</w:t></w:r>
        <w:r><w:rPr><w:rStyle w:val="Dam"/><w:b w:val="0"/></w:rPr><w:t>/ĐU</w:t></w:r>
        <w:r><w:rPr><w:vanish/></w:rPr><w:t>ẩn</w:t></w:r></w:p>"#;
    let span = |text: &str, bold, italic| Span { text: text.into(), bold, italic, ..Span::default() };
    let spans = vec![
        span("Số ", false, false),
        span("17", true, false),
        span("-KH", true, true),
        span("/ĐU", false, false),
    ];
    assert_eq!(blocks(body), [Block::Known(KnownBlock::Paragraph { spans })]);
}

#[test]
fn revisions_are_read_as_accepted() {
    let body = r#"<w:p><w:pPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr>
        <w:r><w:rPr><w:rPrChange><w:rPr><w:b/></w:rPr></w:rPrChange></w:rPr><w:t xml:space="preserve">Trước ngày </w:t></w:r>
        <w:del w:id="2"><w:r><w:delText>30/6</w:delText><w:t>30/6</w:t></w:r></w:del>
        <w:ins w:id="3"><w:r><w:t>15/7</w:t></w:r></w:ins>
        <w:moveFrom w:id="4"><w:r><w:t>cũ</w:t></w:r></w:moveFrom><w:moveTo w:id="5"><w:r><w:t>.</w:t></w:r></w:moveTo></w:p>"#;
    assert_eq!(blocks(body), [Block::paragraph("Trước ngày 15/7.")]);
}

#[test]
fn breaks_tabs_entities_links_and_fields_are_words_too() {
    let body = r#"<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t>A</w:t><w:tab/><w:t>B</w:t><w:br/><w:t>C &amp; D &#7853;</w:t>
        <w:br w:type="page"/><w:noBreakHyphen/></w:r><w:hyperlink><w:r><w:t>trang xã</w:t></w:r></w:hyperlink>
        <w:r><w:instrText>PAGE</w:instrText></w:r><w:sdt><w:sdtPr><w:rPr/></w:sdtPr><w:sdtContent><w:r><w:t><![CDATA[ 3<4 ]]></w:t></w:r></w:sdtContent></w:sdt></w:p>"#;
    assert_eq!(text(body), "A\tB\nC & D ậ-trang xã 3<4\n");
}

#[test]
fn a_text_box_is_told_once_and_before_its_paragraph() {
    let content = format!("<w:txbxContent>{}</w:txbxContent>", p("Trong khung"));
    let body = format!(
        "<w:p><w:r><w:t>Ngoài</w:t></w:r><w:r><mc:AlternateContent xmlns:mc=\"mc\"><mc:Choice>{content}</mc:Choice>\
         <mc:Fallback>{content}</mc:Fallback></mc:AlternateContent><w:t> khung</w:t></w:r></w:p>"
    );
    assert_eq!(text(&body), "Trong khung\nNgoài khung\n");
}

#[test]
fn the_main_part_may_have_another_name_and_stand_without_styles() {
    let root = r#"<Relationships><Relationship Type="x/officeDocument" Target="word/document2.xml"/></Relationships>"#;
    let bytes = zip_of(&[("_rels/.rels", root), ("word/document2.xml", &wrap(&p("Chào")))]);
    assert_eq!(read(&bytes).unwrap().text(), "Chào\n");
}

#[test]
fn a_stamp_is_found_in_the_text_in_a_table_in_a_text_box_and_in_the_page_header() {
    let boxed = format!("<w:p><w:r><w:txbxContent>{}</w:txbxContent></w:r></w:p>", p("TỐI MẬT"));
    let table = format!("<w:tbl><w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr></w:tbl>", p("MẬT"), p("ĐẢNG ỦY"));
    for stamp in [p("TUYỆT MẬT"), boxed, table] {
        assert_eq!(read(&file(&(stamp + &p("Kế hoạch")))), Err(DocumentError::Secret));
    }
    let header = format!("<w:hdr>{}</w:hdr>", p("MẬT"));
    let bytes = zip_of(&[
        ("word/document.xml", &wrap(&p("Kế hoạch"))),
        ("word/_rels/document.xml.rels", RELATIONS),
        ("word/header1.xml", &header),
    ]);
    assert_eq!(read(&bytes), Err(DocumentError::Secret));
}

#[test]
fn old_word_and_files_under_a_password_say_what_to_do() {
    let mut old = OLE.to_vec();
    old.extend([0; 512]);
    assert_eq!(read(&old), Err(DocumentError::OldWord));
    old.extend(ENCRYPTED);
    assert_eq!(read(&old), Err(DocumentError::Encrypted));
}

#[test]
fn what_is_no_word_file_is_refused() {
    assert_eq!(read(b"%PDF-1.7"), Err(DocumentError::NotWord));
    assert_eq!(read(b""), Err(DocumentError::NotWord));
    assert_eq!(read(&zip_of(&[("xl/workbook.xml", "<x/>")])), Err(DocumentError::NotWord));
    assert_eq!(read(&file("<w:p/>")), Err(DocumentError::Empty));
    assert_eq!(read(&vec![b'P'; MAX_FILE + 1]), Err(DocumentError::FileTooLarge));
}

#[test]
fn a_file_cut_anywhere_is_refused_and_never_half_read() {
    let whole = file(&p("Kế hoạch"));
    for end in 0..whole.len() {
        assert!(read(&whole[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn a_file_with_any_byte_changed_is_read_or_refused_but_never_a_crash() {
    let whole = file(&(numbered(1, 0, "A") + &styled("u1", "B")));
    for place in 0..whole.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[place] ^= change;
            let _ = read(&changed);
        }
    }
}

#[test]
fn xml_that_is_broken_or_brings_its_own_entities_is_refused() {
    assert_eq!(read(&file("<w:p><w:r><w:t>A</w:r></w:p>")), Err(DocumentError::Damaged));
    let dtd = wrap(&p("&lol;")).replace("<w:document", r#"<!DOCTYPE x [<!ENTITY lol "ha">]><w:document"#);
    assert_eq!(read(&zip_of(&[("word/document.xml", &dtd)])), Err(DocumentError::Dtd));
    assert_eq!(read(&file(&p("&lol;"))), Err(DocumentError::Dtd));
    assert_eq!(read(&zip_of(&[("word/document.xml", "<w:document><w:p>")])), Err(DocumentError::Damaged));
}
