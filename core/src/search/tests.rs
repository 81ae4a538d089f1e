//! Finding documents as people type.

use sotay_protocol::document::{Block, Cell, Document, KnownBlock, Span, TableRow};

use super::*;
use crate::village::Phone;

fn library() -> Phone {
    let lan = Phone::of_lan();
    for (number, day, abstract_, text) in [
        (
            "17-KH/ĐU",
            2,
            "Ra quân vệ sinh môi trường",
            "Toàn xã tổng vệ sinh.\nThu gom rác ở Hà Nội về làm mẫu.",
        ),
        (
            "05-TB/ĐU",
            1,
            "Ngày sinh hoạt chi bộ",
            "Mỗi chi bộ họp về việc mới; trường học cho mượn hội trường.",
        ),
        ("57-NQ/TW", 1, "Đột phá khoa học", "Nghị quyết của Bộ Chính trị."),
        ("11-CT/ĐU", 1, "Căn cứ 17-KH/ĐU", "Hoà bình, thuỷ lợi. Thực hiện 17-KH/ĐU ở Hòa Bình."),
    ] {
        lan.has_directive(number, day, abstract_, text);
    }
    assert_eq!(lan.store.read(waiting).unwrap(), 4);
    assert_eq!(index_pending(&lan.store, 3).unwrap(), 3);
    assert_eq!(index_pending(&lan.store, 3).unwrap(), 1);
    assert_eq!(index_pending(&lan.store, 3).unwrap(), 0);
    lan
}

fn numbers(lan: &Phone, typed: &str) -> Vec<String> {
    let found = lan.store.read(|store| find(store, typed, 20)).unwrap();
    assert_eq!(found.not_indexed, 0);
    found.hits.into_iter().map(|hit| hit.line.number).collect()
}

#[test]
fn words_are_found_however_they_are_typed() {
    use unicode_normalization::UnicodeNormalization;
    let lan = library();
    for typed in ["Ha Noi", "hà nội", "HÀ NỘI", "hà nộ"] {
        assert_eq!(numbers(&lan, typed), ["17-KH/ĐU"], "{typed}");
        assert_eq!(numbers(&lan, &typed.nfd().collect::<String>()), ["17-KH/ĐU"], "{typed} decomposed");
    }
    for typed in ["hòa bình", "hoà bình", "hoa binh", "thủy lợi", "thuỷ lợ"] {
        assert_eq!(numbers(&lan, typed), ["11-CT/ĐU"], "{typed}");
    }
    assert_eq!(numbers(&lan, "không có chữ này đâu"), [""; 0]);
    assert_eq!(numbers(&lan, ""), [""; 0]);
}

#[test]
fn a_number_is_found_in_any_spelling() {
    let lan = library();
    for typed in ["17-KH/ĐU", "17/KH-ĐU", "17-kh/du", "17KH/ĐU", "17 KH ĐU"] {
        let found = numbers(&lan, typed);
        assert_eq!(found[0], "17-KH/ĐU", "{typed}: the document before one that speaks of it");
        assert_eq!(found.len(), 2);
    }
    for typed in ["57-NQ/TW", "NQ/TƯ", "57/NQ-TU", "nq/tw"] {
        assert_eq!(numbers(&lan, typed), ["57-NQ/TW"], "{typed}");
    }
    for typed in ["5-TB/ĐU", "05-TB/ĐU"] {
        assert_eq!(numbers(&lan, typed), ["05-TB/ĐU"], "{typed}");
    }
}

#[test]
fn what_stands_as_typed_comes_before_what_folds_to_the_same() {
    let lan = library();
    let found = lan.store.read(|store| find(store, "vệ sinh môi trường", 20)).unwrap();
    assert_eq!(found.hits[0].line.number, "17-KH/ĐU");
    let head: String = found.hits[0]
        .head
        .iter()
        .map(|part| if part.hit { format!("[{}]", part.text) } else { part.text.clone() })
        .collect();
    assert_eq!(head, "Ra quân [vệ sinh môi trường]");
    assert_eq!(found.total, 2, "the other folds to the same words");
}

fn spans(of: &[Span]) -> Block {
    Block::Known(KnownBlock::Paragraph { spans: of.to_vec() })
}

#[test]
fn lan_finds_what_stands_in_a_cell_or_in_a_note_and_a_mark_parts_no_phrase() {
    let lan = Phone::of_lan();
    let cells = |heading, words: [&str; 2]| TableRow {
        heading,
        cells: words.map(|words| Cell::new(vec![Span::plain(words)])).into(),
    };
    let marked = [Span::plain("Thực hiện Điều lệ"), Span::note("1"), Span::plain(" Đảng và hướng dẫn này.")];
    lan.has_document(
        "17-KH/ĐU",
        2,
        "Ra quân vệ sinh môi trường",
        Document::new(vec![
            spans(&marked),
            Block::table(vec![cells(true, ["Việc", "Hạn"]), cells(false, ["Khơi cống", "30/6"])]),
            Block::note("1", vec![Span::plain("Thông qua ở Đại hội lần thứ XI.")]),
        ]),
    );
    lan.has_directive("05-TB/ĐU", 1, "Điều lệ mới", "Đảng viên mang theo sách.");
    index_pending(&lan.store, BATCH).unwrap();
    for typed in ["khơi cống", "khoi cong 30/6", "đại hội lần thứ XI"] {
        assert_eq!(numbers(&lan, typed), ["17-KH/ĐU"], "{typed}");
    }
    let found = lan.store.read(|store| find(store, "điều lệ đảng", 20)).unwrap();
    assert_eq!(found.hits[0].line.number, "17-KH/ĐU", "a phrase comes before its words apart");
    let shown: String = found.hits[0].snippet.iter().map(|part| part.text.as_str()).collect();
    assert!(shown.starts_with("Thực hiện Điều lệ Đảng"), "{shown}");
}

#[test]
fn a_scanned_document_is_found_by_its_number_and_abstract_alone() {
    let lan = library();
    lan.has_document("31-CV/ĐU", 2, "Mời họp giao ban", Document::new(vec![Block::scan(1, 3)]));
    index_pending(&lan.store, BATCH).unwrap();
    for typed in ["31-CV/ĐU", "moi hop giao ban"] {
        assert_eq!(numbers(&lan, typed), ["31-CV/ĐU"], "{typed}");
    }
    assert_eq!(numbers(&lan, "ảnh quét"), [""; 0], "what the app says of it is not in it");
}

#[test]
fn what_is_typed_is_never_syntax() {
    let lan = library();
    for typed in [
        "\"",
        "a\" OR \"b",
        "NOT chi",
        "head:chi",
        "chi*",
        "^chi",
        "NEAR(chi bo)",
        "(",
        "chi AND",
        "-",
        "'; DROP TABLE search",
        "{head}:x",
        "\0",
    ] {
        lan.store.read(|store| find(store, typed, 20)).unwrap();
    }
    assert!(numbers(&lan, "chi OR khongco").is_empty(), "OR is a word like any other");
    let page = "một trang dài ".repeat(10_000);
    lan.store.read(|store| find(store, &page, 20)).unwrap();
}

#[test]
fn what_changes_or_goes_is_found_anew_or_not_at_all() {
    let lan = library();
    lan.has_directive("17-KH/ĐU", 2, "Ra quân trồng rừng", "Trồng rừng đầu nguồn.");
    assert_eq!(lan.store.read(waiting).unwrap(), 1);
    assert!(!numbers_waiting(&lan, "ha noi").contains(&"17-KH/ĐU".to_owned()), "old words are gone at once");
    index_pending(&lan.store, BATCH).unwrap();
    assert_eq!(numbers(&lan, "trong rung"), ["17-KH/ĐU"]);
    lan.store
        .write(|tx| {
            Ok::<_, crate::store::StoreError>(
                tx.execute("DELETE FROM directive WHERE number = '17-KH/ĐU'", [])?,
            )
        })
        .unwrap();
    assert_eq!(numbers(&lan, "trong rung"), [""; 0]);
}

fn numbers_waiting(lan: &Phone, typed: &str) -> Vec<String> {
    let found = lan.store.read(|store| find(store, typed, 20)).unwrap();
    found.hits.into_iter().map(|hit| hit.line.number).collect()
}

#[test]
fn a_directive_that_changes_before_it_was_indexed_is_found_by_its_last_words() {
    let lan = Phone::of_lan();
    lan.has_directive("17-KH/ĐU", 1, "Về vệ sinh", "Dọn ao.");
    lan.has_directive("17-KH/ĐU", 1, "Về vệ sinh", "Dọn chợ.");
    index_pending(&lan.store, BATCH).unwrap();
    let words = |typed: &str| lan.store.read(|store| find(store, typed, 10)).unwrap().hits.len();
    assert_eq!((words("chợ"), words("ao")), (1, 0));
}

#[test]
fn a_pasted_text_is_searched_by_its_first_words() {
    let lan = library();
    let first = "Toàn xã tổng vệ sinh thu gom rác ở Hà Nội về";
    let found = |typed: &str| lan.store.read(|store| find(store, typed, 20)).unwrap();
    assert_eq!(found(first).total, 1);
    // Of the rest nothing counts, its marks neither.
    assert_eq!(found(&format!("{first} {}", "mỗi trường khác ".repeat(700_000))), found(first));
    let no_gap = "vệ".repeat(5_000_000);
    assert_eq!(found(&no_gap), found(no_gap.get(..2_000).unwrap()));
}
