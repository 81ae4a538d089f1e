//! What a copy says, and what it cannot.

use chrono::NaiveDate;
use sotay_protocol::{
    directives::{Directive, DirectiveType, Statement, Urgency},
    document::{Block, Cell, Document, KnownBlock, Span, TableRow},
    id::Id,
};

use super::{Copy, Told, drawn};
use crate::directives::pdf;

fn printed(blocks: Vec<Block>) -> Copy {
    let statement = Statement {
        directive_type: DirectiveType::KeHoach,
        number: "17-KH/ĐU".parse().unwrap(),
        issuer: Id::derived("xã", &[]),
        issuer_name: "Đảng ủy xã Yên Sơn".into(),
        date: NaiveDate::from_ymd_opt(2025, 12, 3).unwrap(),
        abstract_: "Ra quân vệ sinh môi trường".into(),
        urgency: Urgency::Normal,
        document: Document::new(blocks),
        original: None,
    };
    let told =
        Told { signed_by: Some("Trần Thị Mai, Đảng ủy xã Yên Sơn".into()), replaced: true };
    drawn(&Directive::of(&statement), &statement, &told, false).unwrap()
}

fn words(copy: &Copy) -> String {
    pdf::read(&copy.pdf).unwrap().text().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn row(cells: &[&str]) -> TableRow {
    let cell = |text: &&str| Cell::new(vec![Span::plain(*text)]);
    TableRow { heading: false, cells: cells.iter().map(cell).collect() }
}

#[test]
fn a_copy_has_all_words_and_says_who_signed_and_how_to_check_it() {
    let paragraphs = (0..120).map(|of| Block::paragraph(format!("Đoạn thứ {of} của kế hoạch.")));
    let copy = printed(paragraphs.collect());
    let said = words(&copy);
    for expected in [
        "Kế hoạch 17-KH/ĐU",
        "Đảng ủy xã Yên Sơn, ngày 03/12/2025",
        "đã được thay thế",
        "Đoạn thứ 0 của",
        "Đoạn thứ 119 của",
        "Ký số: Trần Thị Mai",
        copy.digits.as_str(),
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(!copy.sheet_only && copy.missing.is_empty());
}

#[test]
fn a_table_that_no_page_holds_is_told_row_by_row() {
    let wide = Cell { across: 2, ..Cell::new(vec![Span::plain("Việc chung")]) };
    let long = "Nhân dân trong thôn cùng làm. ".repeat(200);
    let rows = vec![TableRow { heading: true, cells: vec![wide] }, row(&["Trồng cây", &long])];
    let said = words(&printed(vec![Block::table(rows)]));
    assert!(said.contains("Trồng cây | Nhân dân trong thôn"), "{said}");
    assert_eq!(said.matches("cùng làm.").count(), 200, "none of it is cut off");
    let plain = printed(vec![Block::table(vec![row(&["Việc", "Hạn"]), row(&["Trồng cây", "30/4"])])]);
    let ruled = |of: &Block| matches!(of, Block::Known(KnownBlock::Table { .. }));
    assert!(pdf::read(&plain.pdf).unwrap().blocks.iter().any(ruled), "a plain one is ruled");
}

#[test]
fn a_scan_gets_a_sheet_to_go_with_the_original_and_strange_letters_are_told() {
    let scan = printed(vec![Block::paragraph("Lời mở đầu."), Block::scan(2, 3)]);
    assert!(scan.sheet_only && !words(&scan).contains("Lời mở đầu"));
    let strange = printed(vec![
        Block::paragraph("Nhiệt độ Ω ≠ 5"),
        Block::Known(KnownBlock::List { items: Vec::new() }),
    ]);
    assert_eq!(strange.missing.into_iter().collect::<String>(), "Ω≠");
}
