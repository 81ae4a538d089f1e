//! Lan reads: what is new, what is unread, what was withdrawn.

use sotay_protocol::{
    directives::{DirectiveType, Standing},
    document::{Block, Document, KnownBlock, Span},
};

use super::*;
use crate::{shown::Page, village::Phone};

#[test]
fn lan_opens_a_plan_and_it_counts_as_read_on_this_phone() {
    let lan = Phone::of_lan();
    let words = lan.words();
    let plan =
        lan.has_directive("17-KH/ĐU", 2, "Ra quân vệ sinh môi trường", "Toàn xã ra quân.\nSáng Chủ nhật.");
    lan.has_directive("03-NQ/ĐU", 1, "Phát triển cây chè", "Nghị quyết.");
    let list_of = |filter: Filter| lan.store.read(|store| list(store, &filter, Page::default())).unwrap();
    let lines = list_of(Filter::default());
    let rows: Vec<(&str, &str, bool)> = lines
        .iter()
        .map(|line| (line.number.as_str(), words.group(Group::of(line.date, &words)), line.unread))
        .collect();
    assert_eq!(rows, [("17-KH/ĐU", "Mới", true), ("03-NQ/ĐU", "Mới", true)]);
    assert_eq!(lan.store.read(count_unread).unwrap(), 2);

    let view = lan.store.read(|store| read(store, plan, &words)).unwrap().unwrap();
    lan.store.write(|tx| mark_opened(tx, plan)).unwrap();
    assert_eq!(view.document.text(), "Toàn xã ra quân.\nSáng Chủ nhật.\n");
    assert_eq!((view.line.standing, view.replaced_by), (Standing::InForce, None));
    assert_eq!(lan.store.read(count_unread).unwrap(), 1);
    let unread = list_of(Filter { unread_only: true, ..Filter::default() });
    assert_eq!(unread.len(), 1);
    let plans = list_of(Filter { directive_type: Some(DirectiveType::KeHoach), ..Filter::default() });
    assert_eq!((plans.len(), plans[0].unread), (1, false));
    let second = lan.store.read(|store| list(store, &Filter::default(), Page { skip: 1, take: 1 })).unwrap();
    assert_eq!(second[0].number, "03-NQ/ĐU");
    assert_eq!(lan.store.read(|store| named(store, "3-NQ/ĐU")).unwrap().len(), 1);
    assert_eq!(lan.store.read(|store| named(store, "không phải số")).unwrap(), []);
}

#[test]
fn lan_reads_a_decision_with_its_contents_its_notes_last_and_its_file_named() {
    let lan = Phone::of_lan();
    let heading = |words: &str| Block::heading(2, words);
    let decision = lan.has_document(
        "12-QĐ/ĐU",
        2,
        "Ban hành quy chế",
        Document::new(vec![
            Block::note("1", vec![Span::plain("Điều lệ Đảng, Điều 24.")]),
            heading("Điều 1. Phạm vi"),
            heading("Điều 2. Trách nhiệm"),
            Block::scan(2, 2),
            heading("Điều 3. Hiệu lực"),
        ]),
    );
    let view = lan.store.write(|tx| read(tx, decision, &lan.words())).unwrap().unwrap();
    let kinds: Vec<&str> = view.contents.iter().map(|line| line.words.as_str()).collect();
    assert_eq!(kinds, ["Điều 1. Phạm vi", "Điều 2. Trách nhiệm", "Điều 3. Hiệu lực"]);
    for line in &view.contents {
        let block = &view.document.blocks[usize::try_from(line.block).unwrap()];
        assert_eq!(*block, heading(&line.words), "it leads to the block as it is shown");
    }
    assert!(matches!(view.document.blocks.last(), Some(Block::Known(KnownBlock::Note { .. }))));
    assert_eq!(view.original.unwrap().name, "van-ban.docx");
    assert!(!view.of_newer_version);
}

/// As an app that knows no tables reads one: by its text, and told that there is more to see.
#[test]
fn a_block_of_tomorrow_is_kept_by_its_text_and_the_page_asks_for_a_newer_app() {
    let lan = Phone::of_lan();
    let sent = r#"{"version":3,"blocks":[{"block":"paragraph","spans":[{"text":"Sơ đồ các thôn:"}]},
        {"block":"map","places":[[1,2]],"text":"Đồi Chè | Khe Mây"}]}"#;
    let tomorrow: Document = serde_json::from_str(sent).unwrap();
    let silent = Document { version: 1, ..tomorrow.clone() };
    for (number, document) in [("21-TB/ĐU", tomorrow), ("22-TB/ĐU", silent)] {
        let notice = lan.has_document(number, 2, "Sơ đồ", document);
        let view = lan.store.write(|tx| read(tx, notice, &lan.words())).unwrap().unwrap();
        assert_eq!(view.document.text(), "Sơ đồ các thôn:\nĐồi Chè | Khe Mây\n");
        assert!(view.of_newer_version, "{number}");
        assert_eq!(serde_json::to_value(&view).unwrap()["document"]["blocks"][1]["places"][0][1], 2);
    }
    crate::search::index_pending(&lan.store, 10).unwrap();
    assert_eq!(lan.store.read(|store| crate::search::find(store, "khe mây", 9)).unwrap().total, 2);
}

#[test]
fn days_fall_into_groups() {
    let words = Phone::of_lan().words();
    let group = |day| Group::of(NaiveDate::from_ymd_opt(2025, 12, day).unwrap(), &words);
    assert_eq!([3, 1].map(group), [Group::New, Group::New]);
    let november = NaiveDate::from_ymd_opt(2025, 11, 30).unwrap();
    assert_eq!(Group::of(november, &words), Group::Earlier);
}

#[test]
fn what_is_withdrawn_leaves_its_head_on_the_phone_and_no_word_of_its_body() {
    let lan = Phone::of_lan();
    let plan = lan.has_directive("17-KH/ĐU", 2, "Ra quân vệ sinh", "Lời của bản dự thảo.");
    let unread = |lan: &Phone| lan.store.read(count_unread).unwrap();
    let find = |lan: &Phone, typed: &str| {
        crate::search::index_pending(&lan.store, 10).unwrap();
        lan.store.read(|store| crate::search::find(store, typed, 9)).unwrap().total
    };
    assert_eq!((unread(&lan), find(&lan, "ban du thao")), (1, 1));
    let row =
        lan.store.read(|store| crate::shown::one::<Directive>(store, &DIRECTIVES, plan)).unwrap().unwrap();
    let withdrawn = row.of.withdrawn("Ban hành nhầm", sotay_protocol::env::Timestamp::MIN).unwrap();
    lan.has(&DIRECTIVES, row.scope, plan, &withdrawn);
    assert_eq!((unread(&lan), find(&lan, "ban du thao")), (0, 0), "nothing is left to be read");
    assert_eq!(find(&lan, "ve sinh"), 1, "who looks for it learns what became of it");
    let filter = Filter { unread_only: true, ..Filter::default() };
    assert_eq!(lan.store.read(|store| list(store, &filter, Page::default())).unwrap(), []);
    let view = lan.store.write(|tx| read(tx, plan, &lan.words())).unwrap().unwrap();
    assert_eq!((view.line.standing, view.document.text()), (Standing::Withdrawn, String::new()));
    assert_eq!(view.original, None);
    assert_eq!(view.ruling.unwrap().reason.as_deref(), Some("Ban hành nhầm"));
    let body: String = lan
        .store
        .read(|store| {
            Ok::<_, crate::store::StoreError>(
                store.query_row("SELECT body FROM directive", [], |row| row.get(0))?,
            )
        })
        .unwrap();
    assert!(!body.contains("dự thảo"));
}

#[test]
fn what_was_replaced_by_a_plan_that_was_withdrawn_says_so_wherever_it_is_met() {
    let lan = Phone::of_lan();
    let old = lan.has_directive("17-KH/ĐU", 1, "Ra quân vệ sinh", "Sáng Chủ nhật.");
    let next = lan.has_directive("18-KH/ĐU", 2, "Ra quân vệ sinh, sửa lại", "Chiều thứ Bảy.");
    let row =
        |of| lan.store.read(|store| crate::shown::one::<Directive>(store, &DIRECTIVES, of)).unwrap().unwrap();
    let at = crate::village::december(3, 9, 0);
    lan.has(&DIRECTIVES, row(old).scope, old, &row(old).of.replaced(next, at));
    let marks = || -> Vec<String> {
        let words = lan.words();
        crate::search::index_pending(&lan.store, 10).unwrap();
        let listed = lan.store.read(|store| list(store, &Filter::default(), Page::default())).unwrap();
        let found = lan.store.read(|store| crate::search::find(store, "ve sinh", 9)).unwrap().hits;
        let mut lines: Vec<DirectiveLine> = found.into_iter().map(|hit| hit.line).collect();
        lines.extend(listed);
        lines.retain(|line| line.id == old);
        lines.iter().map(|line| words.directive_standing(line)).collect()
    };
    assert_eq!(marks(), ["đã được thay thế"; 2]);
    let withdrawn = row(next).of.withdrawn("Ban hành nhầm", crate::village::december(5, 9, 0)).unwrap();
    lan.has(&DIRECTIVES, row(next).scope, next, &withdrawn);
    assert_eq!(marks(), ["đã được thay thế (bản thay thế đã thu hồi)"; 2]);
    let view = lan.store.read(|store| read(store, old, &lan.words())).unwrap().unwrap();
    assert_eq!(view.line.standing, Standing::Replaced, "only its issuer can put it in force again");
    let said = lan.words().replaced(&view);
    assert!(said.ends_with("(văn bản thay thế này đã bị thu hồi ngày 05/12/2025)"), "{said}");
}
