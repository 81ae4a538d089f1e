//! Minh writes in Markdown.

use sotay_protocol::document::{Block, Division, DivisionKind, Item, KnownBlock};

use super::*;

fn blocks(text: &str) -> Vec<Block> {
    read(text).unwrap().blocks
}

fn list(items: &[(u8, Option<&str>, &str)]) -> Block {
    let items = items.iter().map(|(depth, number, text)| Item {
        depth: *depth,
        number: number.map(str::to_owned),
        spans: vec![Span::plain(*text)],
        ..Item::default()
    });
    Block::Known(KnownBlock::List { items: items.collect() })
}

#[test]
fn headings_paragraphs_and_styles_are_read() {
    let read =
        blocks("# Kế hoạch\n\nCăn cứ **Điều 24** và\n*Điều lệ* Đảng.  \nNay ban hành.\n\n## Mục tiêu\n");
    let spans = vec![
        Span::plain("Căn cứ "),
        Span { bold: true, ..Span::plain("Điều 24") },
        Span::plain(" và "),
        Span { italic: true, ..Span::plain("Điều lệ") },
        Span::plain(" Đảng.\nNay ban hành."),
    ];
    assert_eq!(
        read,
        [
            Block::heading(1, "Kế hoạch"),
            Block::Known(KnownBlock::Paragraph { spans }),
            Block::heading(2, "Mục tiêu"),
        ]
    );
}

#[test]
fn items_keep_their_numbers_as_printed_and_their_depth() {
    let text = "3. Ba\n4. Bốn\n   - gạch\n   - gạch nữa\n5. Năm\n\nHết.\n\n1) Một\n2) Hai\n";
    assert_eq!(
        blocks(text),
        [
            list(&[
                (0, Some("3."), "Ba"),
                (0, Some("4."), "Bốn"),
                (1, None, "gạch"),
                (1, None, "gạch nữa"),
                (0, Some("5."), "Năm"),
            ]),
            Block::paragraph("Hết."),
            list(&[(0, Some("1)"), "Một"), (0, Some("2)"), "Hai")]),
        ]
    );
}

#[test]
fn lettered_items_are_items() {
    assert_eq!(
        blocks("Gồm:\na) Quét dọn\nđường làng\nđ) Khơi thông\n"),
        [
            Block::paragraph("Gồm:"),
            list(&[(0, Some("a)"), "Quét dọn đường làng"), (0, Some("đ)"), "Khơi thông")]),
        ]
    );
    assert_eq!(
        blocks("1. Việc\n   a) Một\n   b) Hai\n"),
        [list(&[(0, Some("1."), "Việc"), (1, Some("a)"), "Một"), (1, Some("b)"), "Hai"),])]
    );
    assert_eq!(blocks("Khoản (a) và b) là"), [Block::paragraph("Khoản (a) và b) là")]);
}

#[test]
fn a_second_paragraph_of_an_item_is_a_paragraph() {
    assert_eq!(
        blocks("- Một\n\n  Thêm.\n- Hai\n"),
        [list(&[(0, None, "Một")]), Block::paragraph("Thêm."), list(&[(0, None, "Hai")]),]
    );
}

#[test]
fn a_table_stays_a_table_with_its_heading() {
    let row = |heading, cells: [Vec<Span>; 2]| TableRow { heading, cells: cells.map(Cell::new).to_vec() };
    let plain = |text: &str| vec![Span::plain(text)];
    let due = vec![Span { bold: true, ..Span::plain("30/6") }];
    assert_eq!(
        blocks("Gồm:\n\n| Việc | Hạn |\n|---|---|\n| a) Quét dọn | **30/6** |\n| Hết |\n\nSau."),
        [
            Block::paragraph("Gồm:"),
            Block::table(vec![
                row(true, [plain("Việc"), plain("Hạn")]),
                row(false, [plain("a) Quét dọn"), due]),
                row(false, [plain("Hết"), Vec::new()]),
            ]),
            Block::paragraph("Sau."),
        ]
    );
}

#[test]
fn notes_stand_at_the_end_under_their_marks() {
    let text = "[^1]: Điều 24.\n\n    Sửa năm 2011.\n\nTheo Điều lệ[^1] và\n[^b]quy chế[^không có].\n\n[^b]: - Số 01.\n";
    let told = vec![
        Span::plain("Theo Điều lệ"),
        Span::note("1"),
        Span::plain(" và "),
        Span::note("b"),
        Span::plain("quy chế[^không có]."),
    ];
    assert_eq!(
        blocks(text),
        [
            Block::Known(KnownBlock::Paragraph { spans: told }),
            Block::note("1", vec![Span::plain("Điều 24.\nSửa năm 2011.")]),
            Block::note("b", vec![Span::plain("Số 01.")]),
        ]
    );
}

#[test]
fn rules_in_articles_have_their_divisions() {
    let read = blocks(
        "# Quy chế\n\n**Chương I**\n\n**QUY ĐỊNH CHUNG**\n\n## Điều 1. Phạm vi\n\n1. Đảng viên:\n   a) Nữ;\n",
    );
    let kinds = read.iter().filter_map(|block| match block {
        Block::Known(KnownBlock::Heading { division, .. }) => division.clone(),
        _ => None,
    });
    let of = |kind, number: &str| Division { kind, number: number.into() };
    assert_eq!(kinds.collect::<Vec<_>>(), [of(DivisionKind::Chapter, "I"), of(DivisionKind::Article, "1")]);
    let Some(Block::Known(KnownBlock::List { items })) = read.last() else { panic!("a list") };
    let kinds: Vec<_> = items.iter().map(|item| (item.depth, item.division)).collect();
    assert_eq!(kinds, [(0, Some(DivisionKind::Clause)), (1, Some(DivisionKind::Point))]);
}

#[test]
fn a_line_of_five_megabytes_and_a_table_of_endless_cells_are_refused() {
    assert_eq!(read(&"chữ ".repeat(1_200_000)), Err(DocumentError::TextTooLong));
    let rows = format!("|a|b|\n|-|-|\n{}", "||\n".repeat(200_000));
    assert_eq!(read(&rows), Err(DocumentError::TooManyCells));
}

#[test]
fn the_head_is_let_be_and_html_is_text() {
    let text =
        "\u{feff}---\nsố: 17-KH/ĐU\n---\n\nMột<br>hai <!-- ẩn --> <b>ba</b>\n\n<!-- ẩn -->\n\n---\n\nBốn\n";
    assert_eq!(read(text).unwrap().text(), "Một\nhai  <b>ba</b>\nBốn\n");
}

#[test]
fn the_address_of_a_link_is_kept() {
    let text = "Xem [trang xã](https://thanhson.example) và <https://sotay.example>.";
    assert_eq!(
        read(text).unwrap().text(),
        "Xem trang xã (https://thanhson.example) và https://sotay.example.\n"
    );
}

#[test]
fn decomposed_text_is_composed() {
    assert_eq!(blocks("Ca\u{301}ch"), [Block::paragraph("Cách")]);
}

#[test]
fn stamped_and_empty_texts_are_refused() {
    assert_eq!(read("ĐẢNG ỦY XÃ\n\n**TỐI MẬT**\n\nKế hoạch"), Err(DocumentError::Secret));
    assert_eq!(read("---\n"), Err(DocumentError::Empty));
}

proptest::proptest! {
    #[test]
    fn no_letter_is_lost_or_added(text in "([a-eàạăđêôơưỹ]{1,3}|[#*_>`()0-9.-]| |\n){0,80}") {
        // A head between such lines is let be.
        proptest::prop_assume!(!text.contains("---"));
        let letters = |text: &str| text.chars().filter(|letter| letter.is_alphabetic()).count();
        let kept = read(&text).map_or(0, |document| letters(&document.text()));
        proptest::prop_assert_eq!(kept, letters(&text));
    }
}
