use sotay_protocol::document::{Block, KnownBlock, words};

use super::drawn::{HEIGHT, Page, pdf, pdf_with};
use super::{DocumentError, lines, read};

fn told(pages: &[Page]) -> Vec<String> {
    lines(&read(&pdf(pages)).unwrap())
}

/// 60 letters of 7 points: a full line from 85 to 505.
const FULL: &str = "Đảng viên trong chi bộ làm theo nghị quyết và báo cáo bí thư";

#[test]
fn lines_become_paragraphs_by_indent_and_by_how_full_they_are() {
    let page = Page::default()
        .paragraph(
            100.0,
            &["Chi bộ họp vào ngày mồng ba hằng tháng tại nhà văn hóa xã", FULL, "trước giờ họp."],
        )
        .paragraph(160.0, &["Đồng chí Lan ghi biên bản và đọc lại trước khi bế mạc họp.", "Hết."]);
    assert_eq!(
        told(&[page]),
        [
            format!("Chi bộ họp vào ngày mồng ba hằng tháng tại nhà văn hóa xã {FULL} trước giờ họp."),
            "Đồng chí Lan ghi biên bản và đọc lại trước khi bế mạc họp. Hết.".to_owned(),
        ]
    );
}

#[test]
fn a_sentence_goes_on_over_the_page_and_what_runs_on_every_page_is_left_out() {
    let page = |number: &str, at: &str| {
        Page::default()
            .text(180.0, 50.0, "Sổ tay chi bộ xã An Bình")
            .text(290.0, 60.0, number)
            .text(85.0, 100.0, at)
    };
    let first = page("1", "Họp chi bộ").text(85.0, 740.0, FULL).text(85.0, 760.0, FULL);
    let second = page("2", "ngay trong ngày.");
    assert_eq!(told(&[first, second]), ["Họp chi bộ".to_owned(), format!("{FULL} {FULL} ngay trong ngày.")]);
}

#[test]
fn a_page_that_ends_early_ends_its_paragraph() {
    let first = Page::default().text(85.0, 100.0, FULL);
    let second = Page::default().text(85.0, 100.0, "Phụ lục kèm theo").text(85.0, 700.0, FULL);
    assert_eq!(told(&[first, second]), [FULL, "Phụ lục kèm theo", FULL]);
}

#[test]
fn a_quotation_set_in_from_both_sides_stays_whole() {
    let quoted = "Chi bộ là nền tảng của Đảng ở cơ sở";
    let page = Page::default()
        .text(85.0, 100.0, FULL)
        .text(172.0, 130.0, quoted)
        .text(172.0, 150.0, quoted)
        .text(172.0, 170.0, "Điều lệ.");
    assert_eq!(told(&[page]), [FULL.to_owned(), format!("{quoted} {quoted} Điều lệ.")]);
}

#[test]
fn the_letterhead_is_read_left_block_first_and_so_is_the_signature() {
    let page = Page::default()
        .text(110.0, 60.0, "ĐẢNG BỘ TỈNH SƠN BÌNH")
        .bold(350.0, 60.0, "ĐẢNG CỘNG SẢN VIỆT NAM")
        .bold(120.0, 78.0, "ĐẢNG ỦY XÃ AN BÌNH")
        .text(350.0, 80.0, "An Bình, ngày 03/12/2025")
        .text(140.0, 96.0, "Số 17-KH/ĐU")
        .bold(260.0, 140.0, "KẾ HOẠCH")
        .text(85.0, 180.0, FULL)
        .text(85.0, 240.0, "Nơi nhận:")
        .bold(350.0, 243.0, "T/M BAN THƯỜNG VỤ")
        .text(85.0, 256.0, "- Các chi bộ,")
        .bold(395.0, 261.0, "BÍ THƯ")
        .text(85.0, 272.0, "- Lưu.")
        .bold(385.0, 330.0, "Trần Mai");
    assert_eq!(
        told(&[page]),
        [
            "ĐẢNG BỘ TỈNH SƠN BÌNH",
            "ĐẢNG ỦY XÃ AN BÌNH",
            "Số 17-KH/ĐU",
            "ĐẢNG CỘNG SẢN VIỆT NAM",
            "An Bình, ngày 03/12/2025",
            "KẾ HOẠCH",
            FULL,
            "Nơi nhận:",
            "- Các chi bộ,",
            "- Lưu.",
            "T/M BAN THƯỜNG VỤ",
            "BÍ THƯ",
            "Trần Mai",
        ]
    );
}

#[test]
fn a_row_without_ruling_lines_is_read_across() {
    let page = Page::default()
        .text(85.0, 100.0, FULL)
        .text(85.0, 130.0, "7 giờ")
        .text(250.0, 130.0, "Đón đại biểu")
        .text(85.0, 150.0, "8 giờ")
        .text(250.0, 150.0, "Khai mạc và nghe báo cáo tổng kết năm")
        .text(85.0, 170.0, "9 giờ")
        .text(250.0, 170.0, "Bế mạc");
    assert_eq!(
        told(&[page]),
        [FULL, "7 giờ\tĐón đại biểu", "8 giờ\tKhai mạc và nghe báo cáo tổng kết năm", "9 giờ\tBế mạc"]
    );
}

#[test]
fn a_table_keeps_its_cells_and_goes_on_over_the_page() {
    let columns = [85.0, 125.0, 345.0, 505.0];
    let head =
        |page: Page, y: f32| page.bold(90.0, y, "TT").bold(130.0, y, "Công việc").bold(350.0, y, "Người làm");
    let first = head(Page::default().text(85.0, 100.0, FULL), 720.0)
        .boxes(&columns, &[700.0, 730.0, 760.0])
        .text(90.0, 750.0, "1")
        .text(130.0, 745.0, "Quét dọn")
        .text(130.0, 758.0, "- Đường làng")
        .text(350.0, 750.0, "Lan");
    // The cell of the last row reaches over two columns: no line parts it.
    let second = head(Page::default(), 80.0)
        .boxes(&columns, &[60.0, 90.0, 120.0])
        .boxes(&[85.0, 345.0, 505.0], &[120.0, 150.0])
        .text(90.0, 110.0, "2")
        .text(130.0, 110.0, "Họp thôn")
        .text(350.0, 110.0, "Minh")
        .bold(90.0, 140.0, "Cộng")
        .text(350.0, 140.0, "2 người");
    let document = read(&pdf(&[first, second])).unwrap();
    let Some(Block::Known(KnownBlock::Table { rows, text })) = document.blocks.last() else {
        panic!("no table")
    };
    assert_eq!(
        text,
        "TT | Công việc | Người làm\n1 | Quét dọn - Đường làng | Lan\n2 | Họp thôn | Minh\nCộng | 2 người"
    );
    let heads: Vec<bool> = rows.iter().map(|row| row.heading).collect();
    assert_eq!(heads, [true, false, false, false]);
    assert_eq!(rows[3].cells[0].across, 2);
    assert_eq!(words(&rows[1].cells[1].spans), "Quét dọn\n- Đường làng");
}

#[test]
fn a_row_torn_by_the_page_is_one_row() {
    let columns = [85.0, 125.0, 345.0, 505.0];
    let first = Page::default()
        .boxes(&columns, &[700.0, 730.0, 760.0])
        .bold(90.0, 720.0, "TT")
        .bold(130.0, 720.0, "Công việc")
        .bold(350.0, 720.0, "Người làm")
        .text(90.0, 750.0, "1")
        .text(130.0, 750.0, "Quét dọn đường làng và")
        .text(350.0, 750.0, "Lan");
    let second = Page::default().boxes(&columns, &[60.0, 90.0]).text(130.0, 80.0, "phát quang bờ kênh");
    let document = read(&pdf(&[first, second])).unwrap();
    assert_eq!(
        document.text(),
        "TT | Công việc | Người làm\n1 | Quét dọn đường làng và phát quang bờ kênh | Lan\n"
    );
}

#[test]
fn footnotes_are_taken_off_the_page_and_counted_through() {
    let page = |text: &str, note: &str| {
        Page::default()
            .text(85.0, 140.0, text)
            .small(85.0 + 7.0 * 15.0, 135.0, "1")
            .text(85.0, 180.0, FULL)
            .line(85.0, 700.0, 230.0, 700.0)
            .small(85.0, 715.0, &format!("1 {note}"))
            .small(85.0, 727.0, "và các quy định khác.")
    };
    let document =
        read(&pdf(&[page("Theo Điều lệ nà", "Điều 24"), page("Theo Quy chế nà", "Điều 5")])).unwrap();
    let text = document.text();
    assert!(text.contains("Theo Điều lệ nà[1]") && text.contains("Theo Quy chế nà[2]"), "{text}");
    assert!(
        text.ends_with("[1] Điều 24 và các quy định khác.\n[2] Điều 5 và các quy định khác.\n"),
        "{text}"
    );
}

#[test]
fn a_raised_figure_without_a_note_is_a_figure() {
    let page = Page::default().text(85.0, 100.0, "Nhà rộng 40 m").small(85.0 + 7.0 * 13.0, 95.0, "2");
    assert_eq!(told(&[page]), ["Nhà rộng 40 m2"]);
}

#[test]
fn a_stamp_refuses_the_document_wherever_it_stands() {
    let body = |page: Page| page.text(85.0, 200.0, FULL);
    let header =
        body(Page::default().raw("/Artifact <</Type/Pagination>> BDC").bold(480.0, 40.0, "MẬT").raw("EMC"));
    assert_eq!(read(&pdf(&[header])), Err(DocumentError::Secret));
    let letterhead = body(
        Page::default()
            .text(110.0, 60.0, "ĐẢNG ỦY XÃ AN BÌNH")
            .bold(350.0, 60.0, "ĐẢNG CỘNG SẢN VIỆT NAM")
            .bold(140.0, 80.0, "TỐI MẬT"),
    );
    assert_eq!(read(&pdf(&[letterhead])), Err(DocumentError::Secret));
    // Slantwise over the page.
    let watermark =
        body(Page::default().raw("q 0.7 0.7 -0.7 0.7 200 -200 cm").bold(200.0, 500.0, "MẬT").raw("Q"));
    assert_eq!(read(&pdf(&[watermark])), Err(DocumentError::Secret));
    let scan = Page::default().picture().bold(480.0, 40.0, "MẬT");
    assert_eq!(read(&pdf(&[scan])), Err(DocumentError::Secret));
}

#[test]
fn pages_of_pictures_are_told_of_and_the_others_are_read() {
    let text = || Page::default().text(85.0, 100.0, FULL);
    let document =
        read(&pdf(&[text(), Page::default().picture(), Page::default().picture(), text()])).unwrap();
    assert_eq!(document.blocks[1], Block::scan(2, 3));
    assert_eq!(document.blocks.len(), 3);
    let scanned = read(&pdf(&[Page::default().picture()])).unwrap();
    assert_eq!(scanned.blocks, [Block::scan(1, 1)]);
    assert_eq!(read(&pdf(&[Page::default()])), Err(DocumentError::Empty));
}

#[test]
fn the_unseen_text_over_a_scan_is_its_text() {
    let page = Page::default().picture().raw("3 Tr").text(85.0, 100.0, FULL).text(85.0, 120.0, "Hết.");
    assert_eq!(told(&[page]), [format!("{FULL} Hết.")]);
}

#[test]
fn letters_that_nobody_can_name_make_a_page_a_picture() {
    let page = Page::default().text(85.0, 100.0, FULL);
    // The first 60 codes of the standard encoding hold figures and signs at best.
    let read = read(&pdf_with(&[page], false)).unwrap();
    assert_eq!(read.blocks, [Block::scan(1, 1)]);
}

#[test]
fn tone_marks_drawn_apart_are_put_on_their_letters() {
    let page = Page::default().text(85.0, 100.0, "ho\u{323}p \u{111}a\u{309}ng").text(85.0, 140.0, FULL);
    assert_eq!(told(&[page])[0], "họp đảng");
}

#[test]
fn a_page_on_its_side_is_read_as_one_holds_it() {
    let written = |page: Page| page.text(85.0, 100.0, FULL).text(85.0, 120.0, "Hết.");
    let turned = written(Page::default().raw(format!("q 0 1 -1 0 {HEIGHT} 0 cm"))).raw("Q");
    assert_eq!(told(&[turned]), told(&[written(Page::default())]));
}
