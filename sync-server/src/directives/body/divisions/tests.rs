//! Mai types as committees type: bold lines, numbers by hand, a letterhead and a signature block.

use proptest::prelude::*;
use sotay_protocol::document::{Document, TableRow, words};

use super::*;
use crate::directives::body::Body;

/// A line in Markdown's shorthand: `# heading`, `**bold**`, `1.` typed by hand.
fn body(lines: &[&str]) -> Body {
    let mut body = Body::default();
    for line in lines {
        let level = line.bytes().take_while(|letter| *letter == b'#').count();
        if level > 0 {
            let spans = vec![Span::plain(line[level..].trim())];
            body.heading(u8::try_from(level).unwrap(), spans).unwrap();
            continue;
        }
        let parts = line.split("**").enumerate();
        let spans = parts.map(|(at, text)| Span { bold: at % 2 == 1, ..Span::plain(text) });
        body.paragraph(spans.collect()).unwrap();
    }
    body
}

fn show(document: &Document) -> Vec<String> {
    let mut shown = Vec::new();
    for block in &document.blocks {
        match block {
            Block::Known(KnownBlock::Heading { level, division, spans }) => {
                let division =
                    division.as_ref().map(|division| format!(" {:?} {}", division.kind, division.number));
                shown.push(format!(
                    "h{level}{}| {}",
                    division.unwrap_or_default(),
                    words(spans).replace('\n', "/")
                ));
            }
            Block::Known(KnownBlock::Paragraph { spans }) => shown.push(format!("p| {}", words(spans))),
            Block::Known(KnownBlock::List { items }) => {
                for item in items {
                    let division = item.division.map(|kind| format!(" {kind:?}")).unwrap_or_default();
                    let number = item.number.as_deref().unwrap_or("•");
                    shown.push(format!("i{}{division}| {number} {}", item.depth, words(&item.spans)));
                }
            }
            other => shown.push(format!("{other:?}")),
        }
    }
    shown
}

fn read(lines: &[&str]) -> Vec<String> {
    show(&body(lines).finish().unwrap())
}

#[test]
fn a_law_typed_by_hand_has_its_chapters_articles_clauses_and_points() {
    let shown = read(&[
        "**QUY CHẾ**",
        "**làm việc của Đảng ủy xã**",
        "**Chương I**",
        "**NHỮNG QUY ĐỊNH CHUNG**",
        "**Điều 1. Phạm vi điều chỉnh**",
        "Quy chế này quy định nguyên tắc làm việc.",
        "**Điều 2.** Đối tượng áp dụng",
        "1. Đảng viên trong Đảng bộ xã.",
        "2. Các chi bộ:",
        "a) Chi bộ thôn;",
        "đ) Chi bộ cơ quan.",
        "- Trường học;",
        "3. Những người khác.",
        "CHƯƠNG II: TỔ CHỨC",
        "Mục 1",
        "ĐẢNG ỦY",
        "Điều 3. Quyết định này có hiệu lực từ ngày ký.",
        "a) Ngay trong điều, không có khoản.",
    ]);
    assert_eq!(
        shown,
        [
            "h1| QUY CHẾ",
            "p| làm việc của Đảng ủy xã",
            "h2 Chapter I| Chương I/NHỮNG QUY ĐỊNH CHUNG",
            "h4 Article 1| Điều 1. Phạm vi điều chỉnh",
            "p| Quy chế này quy định nguyên tắc làm việc.",
            "h4 Article 2| Điều 2. Đối tượng áp dụng",
            "i0 Clause| 1. Đảng viên trong Đảng bộ xã.",
            "i0 Clause| 2. Các chi bộ:",
            "i1 Point| a) Chi bộ thôn;",
            "i1 Point| đ) Chi bộ cơ quan.",
            "i2| - Trường học;",
            "i0 Clause| 3. Những người khác.",
            "h2 Chapter II| CHƯƠNG II: TỔ CHỨC",
            "h3 Section 1| Mục 1/ĐẢNG ỦY",
            "h4 Article 3| Điều 3.",
            "p| Quyết định này có hiệu lực từ ngày ký.",
            "i0 Point| a) Ngay trong điều, không có khoản.",
        ]
    );
}

#[test]
fn a_plan_in_bold_lines_has_headings_by_its_numbers() {
    let shown = read(&[
        "ĐẢNG BỘ TỈNH PHÚ THỌ",
        "**ĐẢNG ỦY XÃ THANH SƠN**",
        "*",
        "Số 17-KH/ĐU",
        "**ĐẢNG CỘNG SẢN VIỆT NAM**",
        "Thanh Sơn, ngày 24 tháng 11 năm 2025",
        "**KẾ HOẠCH**",
        "**RA QUÂN VỆ SINH MÔI TRƯỜNG**",
        "-----",
        "- Căn cứ Điều lệ Đảng Cộng sản Việt Nam;",
        "**I. MỤC ĐÍCH, YÊU CẦU**",
        "**1. Mục đích**",
        "Theo Điều 5 của Quy chế, các chi bộ làm sạch đường làng.",
        "**1.1. Trước mắt**",
        "- Dọn rác;",
        "+ Ở chợ;",
        "+ Ở bến sông;",
        "- Khơi thông rãnh.",
        "II. NỘI DUNG",
        "1. Lập danh sách:",
        "a) Điểm rác;",
        "b) Đoạn đường.",
        "2. Phân công.",
        "**TỔ CHỨC THỰC HIỆN**",
        "Các chi bộ báo cáo trước ngày 30.",
        "**Nơi nhận:**",
        "- Như trên,",
        "- Lưu Văn phòng.",
        "**T/M ĐẢNG ỦY**",
        "**BÍ THƯ**",
        "**1. Nguyễn Văn Hòa**",
        "**PHỤ LỤC**",
        "**DANH SÁCH ĐIỂM RÁC**",
        "1. Chợ Đồn",
    ]);
    assert_eq!(
        shown,
        [
            "p| ĐẢNG BỘ TỈNH PHÚ THỌ",
            "p| ĐẢNG ỦY XÃ THANH SƠN",
            "p| *",
            "p| Số 17-KH/ĐU",
            "p| ĐẢNG CỘNG SẢN VIỆT NAM",
            "p| Thanh Sơn, ngày 24 tháng 11 năm 2025",
            "h1| KẾ HOẠCH",
            "p| RA QUÂN VỆ SINH MÔI TRƯỜNG",
            "p| -----",
            "i0| - Căn cứ Điều lệ Đảng Cộng sản Việt Nam;",
            "h2| I. MỤC ĐÍCH, YÊU CẦU",
            "h3| 1. Mục đích",
            "p| Theo Điều 5 của Quy chế, các chi bộ làm sạch đường làng.",
            "h4| 1.1. Trước mắt",
            "i0| - Dọn rác;",
            "i1| + Ở chợ;",
            "i1| + Ở bến sông;",
            "i0| - Khơi thông rãnh.",
            "h2| II. NỘI DUNG",
            "i0| 1. Lập danh sách:",
            "i1| a) Điểm rác;",
            "i1| b) Đoạn đường.",
            "i0| 2. Phân công.",
            "h2| TỔ CHỨC THỰC HIỆN",
            "p| Các chi bộ báo cáo trước ngày 30.",
            "p| Nơi nhận:",
            "p| - Như trên,",
            "p| - Lưu Văn phòng.",
            "p| T/M ĐẢNG ỦY",
            "p| BÍ THƯ",
            "p| 1. Nguyễn Văn Hòa",
            "h1 Appendix | PHỤ LỤC/DANH SÁCH ĐIỂM RÁC",
            "i0| 1. Chợ Đồn",
        ]
    );
}

#[test]
fn a_letter_keeps_its_paragraphs() {
    let lines = [
        "ĐẢNG ỦY XÃ THANH SƠN",
        "*",
        "Số 27-CV/ĐU",
        "V/v chuẩn bị văn kiện, nhân sự và cơ sở vật chất cho đại hội các chi bộ trực thuộc trong quý I",
        "**ĐẢNG CỘNG SẢN VIỆT NAM**",
        "**Kính gửi:** Các chi bộ trực thuộc,",
        "Thực hiện Kế hoạch số 17-KH/ĐU, Đảng ủy xã đề nghị các chi bộ gửi danh sách trước ngày 15/12.",
        "Điều 5 Điều lệ Đảng nêu rõ quyền của đảng viên.",
        "Phần lớn các chi bộ đã gửi.",
        "TM. BAN THƯỜNG VỤ",
        "**PHÓ BÍ THƯ**",
    ];
    let expected: Vec<String> = lines.iter().map(|line| format!("p| {}", line.replace("**", ""))).collect();
    assert_eq!(read(&lines), expected);
}

#[test]
fn a_plan_without_numbers_has_headings_in_bold_alone() {
    let shown = read(&[
        "**KẾ HOẠCH**",
        "**Giám sát các khoản đóng góp**",
        "-----",
        "**Mục đích**",
        "Giúp thôn làm đúng.",
        "**Cách làm:**",
        "1. Thôn tự rà.",
        "**Thời gian**",
        "- Tuần 1: thôn tự rà.",
        "**Bảng 1. Số thu**",
        "Không có.",
        "**Trưởng tổ**",
        "**Nguyễn Thị Mai**",
    ]);
    assert_eq!(
        shown,
        [
            "h1| KẾ HOẠCH",
            "p| Giám sát các khoản đóng góp",
            "p| -----",
            "h2| Mục đích",
            "p| Giúp thôn làm đúng.",
            "p| Cách làm:",
            "i0| 1. Thôn tự rà.",
            "h2| Thời gian",
            "i0| - Tuần 1: thôn tự rà.",
            "p| Bảng 1. Số thu",
            "p| Không có.",
            "p| Trưởng tổ",
            "p| Nguyễn Thị Mai",
        ]
    );
}

#[test]
fn a_report_in_the_partys_hand_has_its_dashes_for_points() {
    let shown = read(&[
        "**BÁO CÁO\nkết quả công tác năm**",
        "**I- TÌNH HÌNH**:",
        "**1- Thuận lợi**",
        "Kinh tế khá lên.",
        "**KT - XH CÒN KHÓ**",
        "Đường chưa thông.",
        "**BÍ THƯ**",
        "**ĐINH QUANG KHẢI**",
    ]);
    assert_eq!(
        shown,
        [
            "h1| BÁO CÁO/kết quả công tác năm",
            "h2| I- TÌNH HÌNH:",
            "h3| 1- Thuận lợi",
            "p| Kinh tế khá lên.",
            "h2| KT - XH CÒN KHÓ",
            "p| Đường chưa thông.",
            "p| BÍ THƯ",
            "p| ĐINH QUANG KHẢI",
        ]
    );
}

#[test]
fn a_decision_and_the_rules_it_issues_are_read_each_by_its_own_build() {
    let shown = read(&[
        "**QUYẾT ĐỊNH**",
        "**ban hành Kế hoạch**",
        "Căn cứ Điều lệ Đảng và quy chế làm việc của Đảng ủy xã;",
        "**ĐẢNG ỦY XÃ QUYẾT ĐỊNH:**",
        "**Điều 1.** Ban hành kèm theo Quyết định này Kế hoạch học tập.",
        "**1. Giao** Văn phòng theo dõi.",
        "**Nơi nhận:**",
        "**T/M ĐẢNG ỦY**",
        "**KẾ HOẠCH**",
        "**I. Mục đích**",
        "1. Nâng cao nhận thức.",
    ]);
    assert_eq!(
        shown,
        [
            "h1| QUYẾT ĐỊNH",
            "p| ban hành Kế hoạch",
            "p| Căn cứ Điều lệ Đảng và quy chế làm việc của Đảng ủy xã;",
            "p| ĐẢNG ỦY XÃ QUYẾT ĐỊNH:",
            "h2 Article 1| Điều 1.",
            "p| Ban hành kèm theo Quyết định này Kế hoạch học tập.",
            "i0 Clause| 1. Giao Văn phòng theo dõi.",
            "p| Nơi nhận:",
            "p| T/M ĐẢNG ỦY",
            "h1| KẾ HOẠCH",
            "h3| I. Mục đích",
            "i0| 1. Nâng cao nhận thức.",
        ]
    );
}

#[test]
fn styles_that_agree_with_the_divisions_are_kept_and_others_are_set_right() {
    assert_eq!(
        read(&["# Quy chế", "## Chương I", "## Chung", "### Điều 1. Phạm vi", "#### 1. Đảng viên", "a) Nữ"]),
        [
            "h1| Quy chế",
            "h2 Chapter I| Chương I/Chung",
            "h3 Article 1| Điều 1. Phạm vi",
            "i0 Clause| 1. Đảng viên",
            "i1 Point| a) Nữ",
        ]
    );
    assert_eq!(
        read(&["# Quy chế", "# Chương I", "# Điều 1. Phạm vi", "## Điều 2. Đối tượng", "## I. Mở đầu"]),
        [
            "h1| Quy chế",
            "h2 Chapter I| Chương I",
            "h3 Article 1| Điều 1. Phạm vi",
            "h3 Article 2| Điều 2. Đối tượng",
            "h2| I. Mở đầu",
        ]
    );
}

#[test]
fn what_word_counts_is_read_as_if_it_were_typed() {
    let mut body = Body::default();
    let item = |body: &mut Body, depth, number: &str, text: &str| {
        body.item(depth, Some(number.into()), vec![Span::plain(text)]).unwrap();
    };
    item(&mut body, 0, "Chương I", "QUY ĐỊNH CHUNG");
    item(&mut body, 0, "Điều 1.", "Phạm vi");
    item(&mut body, 3, "1.", "Đảng viên");
    item(&mut body, 0, "a)", "Nữ");
    body.item(0, None, vec![Span::plain("Trẻ")]).unwrap();
    item(&mut body, 0, "Điều 2.", "Quy chế này có hiệu lực từ ngày ký.");
    assert_eq!(
        show(&body.finish().unwrap()),
        [
            "h1 Chapter I| Chương I QUY ĐỊNH CHUNG",
            "h2 Article 1| Điều 1. Phạm vi",
            "i0 Clause| 1. Đảng viên",
            "i1 Point| a) Nữ",
            "i2| • Trẻ",
            "h2 Article 2| Điều 2.",
            "p| Quy chế này có hiệu lực từ ngày ký.",
        ]
    );
}

#[test]
fn a_list_of_contents_and_a_list_in_bold_are_no_headings() {
    assert_eq!(
        read(&[
            "**Điều 1. Phạm vi**\t3",
            "Chương II...... 12",
            "**1. Lan**",
            "**2. Minh**",
            "Các đồng chí trên."
        ]),
        [
            "p| Điều 1. Phạm vi\t3",
            "p| Chương II...... 12",
            "i0| 1. Lan",
            "i0| 2. Minh",
            "p| Các đồng chí trên."
        ]
    );
}

#[test]
fn a_bold_title_that_runs_into_its_article_is_parted_where_the_bold_ends() {
    assert_eq!(
        read(&[
            "**Điều 1. Phạm vi.** Quy chế này áp dụng cho mọi chi bộ.",
            "**Điều 2**. Quy chế có hiệu lực. Hết."
        ]),
        [
            "h1 Article 1| Điều 1. Phạm vi.",
            "p| Quy chế này áp dụng cho mọi chi bộ.",
            "h1 Article 2| Điều 2.",
            "p| Quy chế có hiệu lực. Hết.",
        ]
    );
}

#[test]
fn notes_stay_with_the_words_they_stand_at() {
    let mut body = Body::default();
    body.paragraph(vec![Span::plain("Điều 1. Phạm vi"), Span::note("1")]).unwrap();
    body.paragraph(vec![Span::plain("1. Đảng viên"), Span::note("2"), Span::plain(" trẻ")]).unwrap();
    let document = body.finish().unwrap();
    let Block::Known(KnownBlock::Heading { spans, .. }) = &document.blocks[0] else { panic!("a heading") };
    assert_eq!(*spans, [Span::plain("Điều 1. Phạm vi"), Span::note("1")]);
    let Block::Known(KnownBlock::List { items }) = &document.blocks[1] else { panic!("a list") };
    assert_eq!(items[0].spans, [Span::plain("Đảng viên"), Span::note("2"), Span::plain(" trẻ")]);
}

fn letters(blocks: &[Block]) -> String {
    Document::new(blocks.to_vec()).text().chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// Pieces of lines from which documents of any shape arise.
fn line() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "Điều ",
        "ĐIỀU 1",
        "Chương ",
        "Phần thứ ",
        "nhất",
        "Mục ",
        "Tiểu mục ",
        "PHỤ LỤC",
        "Phụ lục ",
        "I",
        "IV",
        "1",
        "12",
        "a",
        "đ",
        ".",
        ". ",
        ") ",
        ": ",
        "- ",
        "+ ",
        "• ",
        "**",
        "**",
        "KẾ HOẠCH",
        "QUY ĐỊNH CHUNG",
        "Đảng viên ",
        "chi bộ ",
        "\n",
        "\t",
        " ",
        "Nơi nhận:",
        "T/M ",
        "# ",
        "## ",
        "...3",
        "(",
        "é",
        "Nam. Nữ; ",
    ]);
    prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_letter_is_lost_added_or_moved(lines in prop::collection::vec(line(), 1..40), numbers in prop::collection::vec((0..4_usize, "(Điều [1-9]\\.|[1-9]\\.|[a-e]\\)|[IVX]{1,3}\\.)?"), 0..8)) {
        let mut body = body(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        for (depth, number) in numbers {
            let number = Some(number).filter(|number| !number.is_empty());
            body.item(depth, number, vec![Span { bold: depth == 1, ..Span::plain("Việc") }]).unwrap();
            if depth == 3 {
                body.table(vec![TableRow::default()]).unwrap();
            }
        }
        let before = std::mem::take(&mut body.blocks);
        let after = divide(before.clone());
        prop_assert_eq!(letters(&before), letters(&after));
        // What has been divided stays as it is.
        let again = divide(after.clone());
        prop_assert_eq!(letters(&again), letters(&after));
        for block in &after {
            if let Block::Known(KnownBlock::Heading { level, .. }) = block {
                prop_assert!((1..=9).contains(level));
            }
        }
    }
}
