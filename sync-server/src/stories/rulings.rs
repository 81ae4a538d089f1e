//! A directive is withdrawn, or another takes its place: what the phones keep, and what nobody is served again.

use sotay_protocol::{
    directives::{DIRECTIVE, Directive, Standing},
    members::Office,
    row::RowRef,
    scope::Scope,
    signature::sha256_hex,
};

use super::scopes::plan;
use crate::{
    attachments::Original,
    directives::{Publication, Published, Wanted, Withdrawn},
    testing::*,
};

const SECRET: &str = "LỜI CỦA BẢN DỰ THẢO";

fn row(of: &Published) -> RowRef {
    RowRef::new(of.scope, DIRECTIVE, of.id)
}

fn seen(phone: &Phone, of: &Published) -> Directive {
    serde_json::from_value(phone.sees(&row(of)).unwrap().clone()).unwrap()
}

#[test]
fn a_withdrawn_plan_keeps_its_head_and_loses_its_words_on_every_phone() {
    let village = Village::new();
    let original = Original { name: "17.docx".into(), media: "text/plain".into(), bytes: SECRET.into() };
    let published =
        village.server.publish(&Publication { original: Some(original), ..plan(17, SECRET, None) }).unwrap();
    let mut lan = village.phone("Lan");
    lan.sync(&village.server, &[]);
    let before = seen(&lan, &published);
    assert!(before.document.as_ref().unwrap().contains(SECRET));
    let hash = sha256_hex(SECRET.as_bytes());
    assert!(village.server.readable(lan.device, &row(&published), &hash).unwrap().is_some());

    assert_eq!(village.server.withdraw(&row(&published), " Ban hành nhầm ").ok(), Some(Withdrawn::Now));
    assert_eq!(village.server.withdraw(&row(&published), "Lý do khác").ok(), Some(Withdrawn::Before));
    lan.sync(&village.server, &[]);
    let after = seen(&lan, &published);
    assert_eq!((after.standing, &after.document), (Standing::Withdrawn, &None));
    assert_eq!(after.statement, before.statement, "what was signed stays, byte for byte");
    assert_eq!(after.ruled().unwrap().reason.as_deref(), Some("Ban hành nhầm"));
    assert!(village.server.readable(lan.device, &row(&published), &hash).unwrap().is_none());
    let blob = sotay_protocol::signature::sha256(SECRET.as_bytes());
    assert_eq!(village.store.read_with(|reader| reader.blob_size(&row(&published), &blob)).unwrap(), None);
    let mut minh = village.phone("Minh");
    minh.sync(&village.server, &[]);
    assert!(!minh.heard().contains(SECRET), "who comes later never gets it");
    let again = village.server.publish(&plan(17, SECRET, None)).unwrap_err();
    assert!(again.to_string().contains("đã bị thu hồi"), "{again}");
    assert!(village.server.withdraw(&row(&published), "  ").is_err());
}

#[test]
fn an_exchange_under_way_while_it_is_withdrawn_serves_no_page_with_its_words_any_more() {
    let village = Village::new();
    let long = "Dài dòng. ".repeat(25_000);
    village.server.publish(&plan(16, &long, None)).unwrap();
    let published = village.server.publish(&plan(17, SECRET, None)).unwrap();
    // Minh's reading has put every page into the cache.
    village.phone("Minh").sync(&village.server, &[]);
    let mut lan = village.phone("Lan");
    let packed = lan.request(vec![]);
    let mut exchange = village.server.exchange(&packed).unwrap();
    let mut answer = Answer::default();
    while answer.pages.iter().all(|page| page.scope != Scope::org(village.commune)) {
        let frame = exchange.next().unwrap().unwrap();
        lan.take(&frame, &mut answer);
    }
    assert!(!lan.heard().contains(SECRET), "its page is still to come");
    let purges = |village: &Village| {
        village.store.read_with(|reader| reader.head(Scope::org(village.commune))).unwrap().purges
    };
    let before = purges(&village);
    village.server.withdraw(&row(&published), "Ban hành nhầm").unwrap();
    assert!(purges(&village) > before);
    lan.take_all(&mut exchange, &mut answer).unwrap();
    assert!(answer.ended && !lan.heard().contains(SECRET));
    assert_eq!(seen(&lan, &published).standing, Standing::Withdrawn);
}

#[test]
fn a_new_plan_takes_the_place_of_the_old_one_in_the_same_moment() {
    let village = Village::new();
    let old = village.server.publish(&plan(17, "Bản cũ.", Some(Office::Secretary))).unwrap();
    let mut hoa = village.phone("Hòa");
    hoa.sync(&village.server, &[]);
    let new = plan(18, "Bản mới.", None);
    let published = village.server.publish_in_place_of(&new, Some(&row(&old))).unwrap();
    hoa.sync(&village.server, &[]);
    let replaced = seen(&hoa, &old);
    assert_eq!((replaced.standing, replaced.replaced_by), (Standing::Replaced, Some(published.id)));
    assert_eq!(replaced.read().unwrap().document.text(), "Bản cũ.\n", "it can still be read");
    assert_eq!(seen(&hoa, &published).standing, Standing::InForce);
    let head = |village: &Village| village.store.read_with(|reader| reader.head(old.scope)).unwrap();
    let before = head(&village);
    assert!(village.server.publish_in_place_of(&new, Some(&row(&old))).unwrap().stood);
    assert_eq!(head(&village), before, "once more changes nothing");
    assert!(village.server.publish(&plan(17, "Bản cũ.", Some(Office::Secretary))).unwrap().stood);
    assert!(village.server.publish_in_place_of(&new, Some(&row(&published))).is_err(), "not itself");
    village.server.withdraw(&row(&old), "Trái thẩm quyền").unwrap();
    hoa.sync(&village.server, &[]);
    assert_eq!((seen(&hoa, &old).standing, seen(&hoa, &old).document), (Standing::Withdrawn, None));
    assert!(village.server.publish_in_place_of(&new, Some(&row(&old))).is_err());
    let before = head(&village);
    assert!(village.server.publish_in_place_of(&plan(19, "Bản thứ ba.", None), Some(&row(&old))).is_err());
    assert_eq!(head(&village), before, "what is refused is not published");
    let wanted = Wanted { number: "17-KH/ĐU".parse().unwrap(), issuer: None, date: None };
    assert_eq!(village.server.directives_like(&wanted).unwrap()[0].standing, Standing::Withdrawn);
}

#[test]
fn an_old_app_is_told_to_update_and_is_still_served() {
    let village = Village::new();
    let server = village.server.clone().with_min_app(7);
    let mut lan = village.phone("Lan");
    let thread = lan.writes(&village, "Cầu hỏng.");
    let answer = lan.sync(&server, &[&thread]);
    answer.applied(1);
    assert!(answer.ended);
    assert_eq!(answer.min_app, 7);
}
