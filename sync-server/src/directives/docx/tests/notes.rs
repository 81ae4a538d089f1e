//! Minh's footnotes.

use super::*;

const FOOTNOTES: &str = r#"<w:footnotes><w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/><w:t>—</w:t></w:r></w:p></w:footnote>
<w:footnote w:id="1"><w:p><w:r><w:footnoteRef/><w:t xml:space="preserve"> Điều 24.</w:t></w:r></w:p><w:p><w:r><w:t>Sửa năm 2011.</w:t></w:r></w:p></w:footnote>
<w:footnote w:id="2"><w:p><w:r><w:t>* Số tạm tính.</w:t></w:r></w:p></w:footnote>
<w:footnote w:id="3"><w:p><w:r><w:t>* Chưa có hộ mới.</w:t></w:r></w:p></w:footnote>
<w:footnote w:id="9"><w:p><w:r><w:t>Không ai nhắc tới.</w:t></w:r></w:p></w:footnote></w:footnotes>"#;
const ENDNOTES: &str = r#"<w:endnotes><w:endnote w:id="1"><w:p><w:r><w:t>Theo báo cáo năm.</w:t></w:r></w:p></w:endnote>
<w:endnote w:id="2"><w:p><w:r><w:t>Theo báo cáo quý.</w:t></w:r></w:p></w:endnote></w:endnotes>"#;

pub(super) fn file_with_notes(body: &str) -> Vec<u8> {
    file_with(
        &(body.to_owned() + &at("footnote", "1")),
        &[("word/footnotes.xml", FOOTNOTES), ("word/endnotes.xml", ENDNOTES)],
    )
}

fn at(kind: &str, id: &str) -> String {
    format!(r#"<w:p><w:r><w:t>Lời</w:t></w:r><w:r><w:{kind}Reference w:id="{id}"/></w:r></w:p>"#)
}

fn own(id: &str) -> String {
    format!(
        r#"<w:p><w:r><w:t>Số</w:t></w:r><w:r><w:footnoteReference w:customMarkFollows="1" w:id="{id}"/><w:t>*</w:t></w:r></w:p>"#
    )
}

#[test]
fn notes_are_counted_where_they_are_told_of_and_stand_at_the_end() {
    let body = at("endnote", "2")
        + &own("2")
        + &at("footnote", "1")
        + &own("3")
        + &at("endnote", "1")
        + &at("footnote", "77");
    let parts = [("word/footnotes.xml", FOOTNOTES), ("word/endnotes.xml", ENDNOTES)];
    let told = |word: &str, mark: &str| {
        Block::Known(KnownBlock::Paragraph { spans: vec![Span::plain(word), Span::note(mark)] })
    };
    let note = |mark: &str, words: &str| Block::note(mark, vec![Span::plain(words)]);
    assert_eq!(
        read(&file_with(&body, &parts)).unwrap().blocks,
        [
            told("Lời", "i"),
            told("Số", "*"),
            told("Lời", "1"),
            told("Số", "*-2"),
            told("Lời", "ii"),
            Block::paragraph("Lời"),
            note("i", "Theo báo cáo quý."),
            note("*", "Số tạm tính."),
            note("1", "Điều 24.\nSửa năm 2011."),
            note("*-2", "Chưa có hộ mới."),
            note("ii", "Theo báo cáo năm."),
        ]
    );
}

#[test]
fn marks_are_counted_as_the_settings_say_and_stand_in_tables_too() {
    let settings = r#"<w:settings><w:numFmt w:val="upperRoman"/><w:footnotePr><w:pos/><w:numFmt w:val="lowerLetter"/></w:footnotePr>
<w:endnotePr><w:numFmt w:val="decimal"/></w:endnotePr></w:settings>"#;
    let cells = format!("<w:tc>{}</w:tc><w:tc>{}</w:tc>", at("footnote", "1"), at("endnote", "1"));
    let body =
        format!(r#"<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/></w:tblPr><w:tr>{cells}</w:tr></w:tbl>"#);
    let parts =
        [("word/footnotes.xml", FOOTNOTES), ("word/endnotes.xml", ENDNOTES), ("word/settings.xml", settings)];
    let read = read(&file_with(&body, &parts)).unwrap();
    assert_eq!(read.text(), "Lời[a] | Lời[1]\n[a] Điều 24.\nSửa năm 2011.\n[1] Theo báo cáo năm.\n");
}

#[test]
fn a_note_deleted_under_revision_is_gone() {
    let body = format!(
        r#"{}<w:p><w:del w:id="5"><w:r><w:footnoteReference w:id="2"/></w:r></w:del></w:p>"#,
        at("footnote", "1")
    );
    let read = read(&file_with(&body, &[("word/footnotes.xml", FOOTNOTES)])).unwrap();
    assert_eq!(read.text(), "Lời[1]\n[1] Điều 24.\nSửa năm 2011.\n");
}
