//! Lan reads a plan with tables in a terminal, wide and narrow.

use chrono::NaiveDate;
use proptest::prelude::*;
use sotay_protocol::{
    attachment::Attachment,
    directives::{DirectiveType, Urgency},
    document::{Cell, Document, Span, TableRow},
    env::Timestamp,
    id::Id,
    trust::Verdict,
};

use super::*;
use sotay_core::{directives::DirectiveLine, words::Lang};

fn cell(across: u16, down: u16, words: &str) -> Cell {
    Cell { across, down, spans: vec![Span::plain(words)] }
}

fn row(heading: bool, cells: Vec<Cell>) -> TableRow {
    TableRow { heading, cells }
}

fn work() -> Block {
    Block::table(vec![
        row(true, vec![cell(1, 2, "Thôn"), cell(1, 2, "Nội dung"), cell(2, 1, "Kinh phí (triệu đồng)")]),
        row(true, vec![cell(1, 1, "Xã hỗ trợ"), cell(1, 1, "Dân góp")]),
        row(false, vec![cell(4, 1, "I. Đợt một, trước Tết")]),
        row(
            false,
            vec![
                cell(1, 2, "Đồi Chè"),
                cell(1, 1, "Khơi cống, rãnh dọc đường trục thôn, dài 1.200 m"),
                cell(1, 1, "3,0"),
                cell(1, 1, "4,5"),
            ],
        ),
        row(false, vec![cell(1, 1, "Trồng hoa"), cell(2, 1, "tự lo")]),
    ])
}

fn view(blocks: Vec<Block>) -> DirectiveView {
    let line = DirectiveLine {
        id: Id::derived("kế hoạch", &[]),
        directive_type: DirectiveType::KeHoach,
        number: "17-KH/ĐU".into(),
        issuer: Id::derived("đảng ủy", &[]),
        issuer_name: "Đảng ủy xã Thanh Sơn".into(),
        date: NaiveDate::from_ymd_opt(2025, 11, 24).unwrap(),
        abstract_: "Ra quân vệ sinh môi trường".into(),
        urgency: Urgency::Normal,
        standing: Standing::InForce,
        unread: false,
        replacement_withdrawn: false,
        verdict: Some(Verdict::Unsigned),
        ruling_verdict: None,
        issuer_signs: false,
    };
    let contents = vec![ContentsLine { level: 1, words: "I. Mục tiêu".into(), block: 0 }];
    let original = Attachment {
        name: "ke-hoach-17.docx".into(),
        media: String::new(),
        size: 41_800,
        hash: String::new(),
    };
    DirectiveView {
        line,
        document: Document::new(blocks),
        contents,
        of_newer_version: true,
        original: Some(original),
        replaced_by: None,
        replacement_withdrawn_at: None,
        ruling: None,
        files: Vec::new(),
        verdict_sentence: "Chưa có chữ ký số".into(),
    }
}

fn read(width: usize, blocks: Vec<Block>) -> String {
    let words = Words::new(Lang::Vi, Timestamp::MIN);
    page(&Screen::of_width(width), words, &view(blocks)).join("\n")
}

#[test]
fn a_table_is_drawn_as_wide_as_the_screen_with_its_merged_cells() {
    let shown = read(60, vec![work()]);
    let table = "\
┌─────────┬────────────────────────┬───────────────────────┐
│ Thôn    │ Nội dung               │ Kinh phí (triệu đồng) │
│         │                        ├────────────┬──────────┤
│         │                        │ Xã hỗ trợ  │ Dân góp  │
├─────────┴────────────────────────┴────────────┴──────────┤
│ I. Đợt một, trước Tết                                    │
├─────────┬────────────────────────┬────────────┬──────────┤
│ Đồi Chè │ Khơi cống, rãnh dọc    │ 3,0        │ 4,5      │
│         │ đường trục thôn, dài   │            │          │
│         │ 1.200 m                │            │          │
│         ├────────────────────────┼────────────┴──────────┤
│         │ Trồng hoa              │ tự lo                 │
└─────────┴────────────────────────┴───────────────────────┘
";
    assert!(shown.contains(table), "{shown}");
}

#[test]
fn on_a_screen_too_narrow_for_it_a_table_is_told_row_by_row() {
    let shown = read(36, vec![work()]);
    let rows = "
  I. Đợt một, trước Tết

  Thôn: Đồi Chè
  Nội dung: Khơi cống, rãnh dọc
    đường trục thôn, dài 1.200 m
  Kinh phí (triệu đồng) – Xã hỗ
    trợ: 3,0
  Kinh phí (triệu đồng) – Dân góp:
    4,5

  Thôn: Đồi Chè
  Nội dung: Trồng hoa
";
    assert!(shown.contains(rows), "{shown}");
}

#[test]
fn short_rows_stand_without_rules_and_a_row_may_end_early() {
    let table = Block::table(vec![
        row(true, vec![cell(1, 1, "TT"), cell(1, 1, "Họ và tên")]),
        row(false, vec![cell(1, 1, "1"), cell(1, 1, "Đỗ Thị Mai")]),
        row(false, vec![cell(1, 1, "2")]),
    ]);
    let drawn = "\
┌────┬────────────┐
│ TT │ Họ và tên  │
├────┼────────────┤
│ 1  │ Đỗ Thị Mai │
│ 2  │            │
└────┴────────────┘
";
    let shown = read(60, vec![table]);
    assert!(shown.contains(drawn), "{shown}");
}

#[test]
fn a_decision_is_read_from_its_head_to_its_notes() {
    let article =
        KnownBlock::Heading {
            level: 3, division: None, spans: vec![Span::plain("Điều 1. Thành lập tổ")]
        };
    let items = [("1.", 0, "Tổ có năm đồng chí, họp mỗi tuần."), ("a)", 1, "Tổ trưởng: đồng chí Hòa.")];
    let items = items.map(|(number, depth, text)| Item {
        depth,
        number: Some(number.into()),
        spans: vec![Span::plain(text), Span::note("1")],
        ..Item::default()
    });
    let shown = read(
        40,
        vec![
            Block::heading(1, "QUYẾT ĐỊNH"),
            Block::Known(article),
            Block::Known(KnownBlock::List { items: items.into() }),
            Block::scan(2, 3),
            Block::Other(serde_json::from_str(r#"{"block":"map","text":"Sơ đồ thôn"}"#).unwrap()),
            Block::note("1", vec![Span::plain("Theo biên bản họp ngày 20/11/2025 của chi bộ.")]),
            Block::note("2", vec![Span::plain("Như trên.")]),
        ],
    );
    assert_eq!(
        shown,
        "\
Kế hoạch 17-KH/ĐU
Đảng ủy xã Thanh Sơn, 24/11/2025
Ra quân vệ sinh môi trường
Chưa có chữ ký số.
Văn bản này dùng cách trình bày mới hơn
ứng dụng: có phần chỉ hiện được chữ. Mời
đồng chí cập nhật ứng dụng.

Mục lục
  I. Mục tiêu

QUYẾT ĐỊNH
━━━━━━━━━━

Điều 1. Thành lập tổ
  1. Tổ có năm đồng chí, họp mỗi
     tuần.[1]
    a) Tổ trưởng: đồng chí Hòa.[1]

[Trang 2–3 là ảnh quét, chưa có phần
chữ; mời đồng chí xem tệp gốc.]

Sơ đồ thôn

Chú thích
[1] Theo biên bản họp ngày 20/11/2025
    của chi bộ.
[2] Như trên.

Tệp gốc: ke-hoach-17.docx, 42 kB"
    );
}

#[test]
fn a_document_that_claims_the_impossible_is_still_read() {
    let wide = Block::table(vec![row(false, vec![cell(u16::MAX, 1, "rộng"), cell(1, 1, "hẹp")])]);
    assert!(read(60, vec![wide]).contains("  rộng | hẹp"));
    let many = row(true, (0..100).map(|at| cell(1, 1, &format!("cột {at}"))).collect());
    let told = read(60, vec![Block::table(vec![many])]);
    assert!(told.contains("  cột 0\n  cột 1\n") && told.contains("  cột 99"), "{told}");
    let empty = Block::table(vec![row(false, Vec::new())]);
    read(60, vec![empty, Block::table(Vec::new())]);
}

fn any_table() -> impl Strategy<Value = Vec<TableRow>> {
    let cells = (0u16..4, 0u16..4, "[a-zđ]{1,9}( [a-z]{1,5}){0,6}");
    let rows = (any::<bool>(), proptest::collection::vec(cells, 0..6));
    proptest::collection::vec(rows, 0..7).prop_map(|rows| {
        let rows = rows.into_iter().map(|(heading, cells)| {
            row(heading, cells.iter().map(|(across, down, words)| cell(*across, *down, words)).collect())
        });
        rows.collect()
    })
}

proptest! {
    /// Drawn, all its lines are as wide as the first and no wider than the screen. No word is lost, but for the names
    /// of columns without words where the table is told.
    #[test]
    fn any_table_is_shown_whole(rows in any_table(), columns in 30usize..120) {
        let lines = table::drawn(&Screen::of_width(columns), &rows);
        let wide = lines.first().map_or(0, |line| width(line));
        let drawn = lines.first().is_some_and(|line| line.starts_with('┌'));
        if drawn {
            prop_assert!(wide <= columns && lines.iter().all(|line| width(line) == wide), "{lines:#?}");
        }
        let shown = rows.iter().filter(|row| drawn || !row.heading);
        let letters = |text: &str| text.chars().filter(|letter| letter.is_alphabetic()).count();
        let written: usize = shown.flat_map(|row| &row.cells).map(|cell| letters(&words(&cell.spans))).sum();
        prop_assert!(lines.iter().map(|line| letters(line)).sum::<usize>() >= written, "{lines:#?}");
    }
}

#[test]
fn a_withdrawn_document_says_when_and_why_and_a_replaced_one_by_what() {
    let words = Words::new(Lang::Vi, Timestamp::MIN);
    let mut withdrawn = view(Vec::new());
    withdrawn.line.standing = Standing::Withdrawn;
    withdrawn.original = None;
    let at = Timestamp::from_millis(1_764_765_000_000);
    withdrawn.ruling = Some(RulingView { at, reason: Some("Ban hành nhầm".into()) });
    let said = page(&Screen::of_width(80), words, &withdrawn).join("\n");
    assert!(said.contains("Đã thu hồi") && said.contains("3/12/2025"), "{said}");
    assert!(said.contains("Lý do: Ban hành nhầm"), "{said}");
    let mut replaced = view(Vec::new());
    replaced.line.standing = Standing::Replaced;
    replaced.replaced_by = Some(DirectiveLine { number: "18-KH/ĐU".into(), ..replaced.line.clone() });
    let said = page(&Screen::of_width(80), words, &replaced).join("\n");
    assert!(said.contains("Đã được thay thế bởi Kế hoạch 18-KH/ĐU"), "{said}");
    replaced.replacement_withdrawn_at = Some(at);
    let said = page(&Screen::of_width(200), words, &replaced).join("\n");
    assert!(said.contains("(văn bản thay thế này đã bị thu hồi ngày 03/12/2025)"), "{said}");
}
