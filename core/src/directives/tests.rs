//! Lan reads: what is new, what is unread, what was withdrawn.

use sotay_protocol::directives::{DirectiveType, Standing};

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

    let view = lan.store.write(|tx| read(tx, plan)).unwrap().unwrap();
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
fn days_fall_into_groups() {
    let words = Phone::of_lan().words();
    let group = |day| Group::of(NaiveDate::from_ymd_opt(2025, 12, day).unwrap(), &words);
    assert_eq!([3, 1].map(group), [Group::New, Group::New]);
    let november = NaiveDate::from_ymd_opt(2025, 11, 30).unwrap();
    assert_eq!(Group::of(november, &words), Group::Earlier);
}
