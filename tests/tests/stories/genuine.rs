//! What is shown as genuine, and what never is: a commune with keys, its server, and the phones of those who read.

mod paper;
mod play;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sotay_core::{
    attachments, directives, drafts,
    release::{self, Release},
    search,
    shown::Page,
    sync::{
        commands::{CommandState, SubmitError},
        status,
    },
    trust::{self, CannotSign},
    upgrade,
    words::Words,
};
use sotay_protocol::{
    directives::{DIRECTIVE, Directive},
    drafts::DraftState,
    env::{Env, Timestamp, days},
    id::Id,
    members::Office,
    refusal::Refusal,
    row::RowRef,
    scope::Scope,
    trust::{Certificate, Distrust, Holder, REVOCATIONS, Root, Signed, Verdict},
};
use sotay_server::{attachments::Original, directives::Publication};
use sotay_tests::world::{DOI_CHE, Device};

use self::play::*;
use crate::village::{Village, assert_one_picture, directive, states, sync};

#[test]
fn lan_sees_who_signed_and_that_the_list_says_nothing_of_what_is_as_it_should_be() {
    let mut play = Play::begin(41);
    let of = play.signed(18);
    let lan = play.village.phone("Lan");
    let words = play.words();
    let line = list(&lan).remove(0);
    assert_eq!((line.verdict.clone(), words.verdict_mark(line.verdict.as_ref())), (None, "đang kiểm tra"));
    assert!(
        play.reads(&lan, &of).verdict_sentence.starts_with("Đang kiểm tra"),
        "the words can be read already"
    );
    verify(&lan);
    let line = list(&lan).remove(0);
    assert_eq!(words.verdict_mark(line.verdict.as_ref()), "");
    let name = "Quàng Thị Hòa";
    let today = words.full_date(words.today());
    assert_eq!(
        play.reads(&lan, &of).verdict_sentence,
        format!("Thật: {name}, Bí thư {DOI_CHE} ký, phát hành {today}")
    );
    let found = lan.store().read(|store| search::find(store, "làm đường", 10)).unwrap();
    assert!(is_genuine(found.hits[0].line.verdict.as_ref()));

    // The committee above has keys as well; what is dated before it had any was never to be signed.
    play.village.put_directives(1);
    play.syncs(&lan);
    let unsigned: Vec<_> = list(&lan).into_iter().filter(|line| line.id != of.id).collect();
    assert_eq!(unsigned.len(), 1);
    assert_eq!(
        (unsigned[0].verdict.clone(), words.directive_mark(&unsigned[0])),
        (Some(Verdict::Unsigned), "chưa ký số"),
        "it does not look like what is signed"
    );
}

#[test]
fn words_that_were_changed_on_the_server_are_kept_apart() {
    let mut play = Play::begin(42);
    let (good, bad) = (play.signed(18), play.signed(19));
    let lan = play.phone("Lan");
    assert_eq!((list(&lan).len(), apart(&lan).len()), (2, 0));
    let unread = |phone: &Device| phone.store().read(directives::count_unread).unwrap();
    assert_eq!(unread(&lan), 2);

    let flips = |body: &mut Value, field: &str, from: &str, to: &str| {
        let text = body[field].as_str().unwrap().replacen(from, to, 1);
        body[field] = json!(text);
    };
    play.tampers(&bad, |body| flips(body, "document", "mỗi nhà một người", "mỗi nhà ba người"));
    sync(&lan, &mut play.village.world);
    search::index_judged(lan.store(), 10).unwrap();
    let found = lan.store().read(|store| search::find(store, "nhà ba người", 10)).unwrap();
    assert_eq!((found.total, found.not_indexed), (0, 1), "what waits to be judged waits to be found");
    play.syncs(&lan);
    assert_eq!(why(&lan, &bad), Some(Distrust::OtherWords));
    assert_eq!(list(&lan).into_iter().map(|line| line.id).collect::<Vec<_>>(), [good.id]);
    assert_eq!((apart(&lan).len(), unread(&lan)), (1, 1));
    let found = lan.store().read(|store| search::find(store, "làm đường", 10)).unwrap();
    assert_eq!((found.total, found.hits[0].line.id), (1, good.id), "nor does a search find it");
    let named = lan.store().read(|store| directives::named(store, "19-KH/ĐU")).unwrap();
    assert!(named.is_empty(), "nor its number");
    assert!(
        play.reads(&lan, &bad).verdict_sentence.starts_with("KHÔNG TIN ĐƯỢC: lời văn không phải bản đã ký")
    );

    play.tampers(&bad, |body| flips(body, "document", "mỗi nhà ba người", "mỗi nhà một người"));
    play.syncs(&lan);
    assert!(is_genuine(verdict(&lan, &bad).as_ref()));
    assert_eq!((list(&lan).len(), apart(&lan).len(), unread(&lan)), (2, 0, 2));
    let found = lan.store().read(|store| search::find(store, "làm đường", 10)).unwrap();
    assert_eq!(found.total, 2);

    play.tampers(&bad, |body| flips(body, "statement", "Kế hoạch số 19", "Kế hoạch số 91"));
    play.syncs(&lan);
    assert_eq!(why(&lan, &bad), Some(Distrust::WrongReceipt));
    play.tampers(&bad, |body| {
        flips(body, "statement", "Kế hoạch số 91", "Kế hoạch số 19");
        body.as_object_mut().unwrap().remove("signed");
    });
    play.syncs(&lan);
    // Dated before the cell had keys, it could be one that nobody had to sign: but it says so and not «genuine».
    assert!(!is_genuine(verdict(&lan, &bad).as_ref()));
}

#[test]
fn a_certificate_may_come_later_than_what_it_is_for() {
    let mut play = Play::begin(43);
    let of = play.signed(18);
    let certificate = play.of_hoa();
    let row = RowRef::new(
        Scope::org(play.cell),
        sotay_protocol::trust::CERTIFICATE,
        play.village
            .world
            .standing_in(&BTreeSet::from([Scope::org(play.cell)]))
            .into_iter()
            .find_map(|(row, body)| {
                let signed: Signed = serde_json::from_value(body).ok()?;
                let of = Certificate::of(&signed)?;
                matches!(of.holder, Holder::Officer { .. }).then_some(row.id)
            })
            .unwrap(),
    );
    assert!(Certificate::of(&certificate).is_some());
    let standing = play.village.world.standing_in(&BTreeSet::from([row.scope]))[&row].clone();
    // It is not there yet.
    put(&play.village.world, &row, &json!({ "text": "{}", "signature": "" }));
    let lan = play.phone("Lan");
    assert_eq!(verdict(&lan, &of), Some(Verdict::Unknown));
    assert_eq!(play.words().verdict_mark(verdict(&lan, &of).as_ref()), "chưa kiểm tra được chữ ký");
    assert_eq!(list(&lan).len(), 1, "it can be read");

    put(&play.village.world, &row, &standing);
    sync(&lan, &mut play.village.world);
    assert_eq!(verdict(&lan, &of), Some(Verdict::Unknown), "what was found stands until it is found anew");
    verify(&lan);
    assert!(is_genuine(verdict(&lan, &of).as_ref()));
}

#[test]
fn a_lost_phone_is_believed_until_it_was_lost() {
    let mut play = Play::begin(44);
    let certificate = play.of_hoa_as_kept();
    let before = play.signed(18);
    play.village.world.env.pass(std::time::Duration::from_hours(24));
    let lost = play.village.world.env.now();
    play.village.world.env.pass(std::time::Duration::from_hours(24));
    let after = play.signed(19);
    let lan = play.phone("Lan");
    assert!([&before, &after].into_iter().all(|of| is_genuine(verdict(&lan, of).as_ref())));

    play.brings_in(&[play.revokes(1, &[(&certificate, lost)])]);
    play.syncs(&lan);
    assert_eq!(why(&lan, &after), Some(Distrust::Revoked));
    let Some(Verdict::Genuine { bad_since, .. }) = verdict(&lan, &before) else { panic!("it stays") };
    assert_eq!(bad_since, Some(lost));
    assert!(play.reads(&lan, &before).verdict_sentence.contains("bị thu hồi sau đó"));
    assert_eq!(list(&lan).len(), 1);
    let draft = play.prepares(20);
    sync(&play.village.hoa, &mut play.village.world);
    let refused = play.hoa_signs(play.waiting()[0].id);
    assert!(matches!(refused, Err(SubmitError::Refused(Refusal::NotCertified))), "{refused:?}");
    assert_eq!(play.cannot_sign(), Some(CannotSign::Revoked));
    assert!(draft.waits);
    let unbelieved = play.village.world.server.unbelieved().unwrap();
    assert_eq!(
        unbelieved.iter().map(|of| of.row.id).collect::<Vec<_>>(),
        [after.id],
        "the operator is told which"
    );
    assert!(!play.village.world.server.is_believed(&unbelieved[0].row).unwrap());
}

#[test]
fn hoa_is_told_why_she_cannot_sign() {
    let mut play = Play::with_keys_of_the_cell(53);
    sync(&play.village.hoa, &mut play.village.world);
    play.prepares(18);
    sync(&play.village.hoa, &mut play.village.world);
    verify(&play.village.hoa);
    assert_eq!(play.cannot_sign(), Some(CannotSign::NoCertificate));
    let certificate = play.of_hoa();
    play.brings_in(std::slice::from_ref(&certificate));
    sync(&play.village.hoa, &mut play.village.world);
    verify(&play.village.hoa);
    assert_eq!(play.cannot_sign(), None);
    play.village.world.env.pass(std::time::Duration::from_hours(24 * 366));
    assert!(matches!(play.cannot_sign(), Some(CannotSign::Ended(_))));
    let said = play.words().cannot_sign(play.cannot_sign().unwrap());
    assert!(said.contains("đã hết hạn ngày"), "{said}");
}

#[test]
fn the_file_of_what_is_not_believed_is_neither_listed_nor_opened() {
    let mut play = Play::begin(54);
    let original = Original { name: "18.docx".into(), media: "text/plain".into(), bytes: b"18".to_vec() };
    let publication = Publication { original: Some(original), ..directive(play.cell, 18, WORDS) };
    let of = play.village.world.server.publish(&publication).unwrap();
    sync(&play.village.hoa, &mut play.village.world);
    let draft = play.waiting()[0].id;
    play.hoa_signs(draft).unwrap();
    sync(&play.village.hoa, &mut play.village.world);
    let lan = play.phone("Lan");
    let files = || lan.store().read(|store| attachments::list(store, Page::default())).unwrap();
    let row = RowRef::new(of.scope, DIRECTIVE, of.id);
    let apart = || lan.store().read(|store| attachments::is_kept_apart(store, &row)).unwrap();
    assert_eq!((files()[0].number.as_deref(), apart()), (Some("18-KH/ĐU"), false));
    play.tampers(&of, |body| body["document"] = json!("{}"));
    play.syncs(&lan);
    assert_eq!((files().len(), apart()), (0, true));
}

#[test]
fn a_list_with_a_lower_number_is_not_taken_in() {
    let mut play = Play::begin(45);
    let certificate = play.of_hoa_as_kept();
    let of = play.signed(18);
    let lan = play.phone("Lan");
    let from_the_first = play.chest.now.minus(days(1));
    let (first, second) = (play.revokes(1, &[]), play.revokes(2, &[(&certificate, from_the_first)]));
    play.brings_in(std::slice::from_ref(&first));
    play.brings_in(&[second]);
    play.syncs(&lan);
    assert_eq!(why(&lan, &of), Some(Distrust::Revoked));
    let notes = |phone: &Device, words: &Words| {
        let stored = phone.store().read(status::stored).unwrap();
        words.sync_notes(&status::status(&stored, &status::GoingOn::default()))
    };
    assert!(notes(&lan, &play.words()).is_empty());

    // The server is put back, or lies.
    let lists = play.village.world.standing_in(&BTreeSet::from([Scope::org(play.cell)]));
    let row = lists.into_keys().find(|row| row.kind == REVOCATIONS).unwrap();
    put(&play.village.world, &row, &serde_json::to_value(&first).unwrap());
    play.syncs(&lan);
    assert_eq!(why(&lan, &of), Some(Distrust::Revoked));
    assert!(notes(&lan, &play.words())[0].contains("danh sách thu hồi cũ hơn"));
    play.village.world.env.pass(days(40));
    assert!(notes(&lan, &play.words())[1].contains("đã cũ, lập ngày"));
}

#[test]
fn a_phone_that_enrols_in_three_years_has_the_whole_library() {
    let mut play = Play::begin(46);
    let (first, second) = (play.signed(18), play.signed(19));
    play.village.world.env.pass(days(3 * 365));
    let member = play.village.world.commune.person("Hòa").id;
    play.village.world.server.end_role(member, play.cell, Office::Secretary).unwrap();
    let lan = play.phone("Lan");
    assert!([&first, &second].into_iter().all(|of| is_genuine(verdict(&lan, of).as_ref())));
    assert_eq!(apart(&lan).len(), 0);
}

#[test]
fn hoa_signs_on_the_mountain_and_it_goes_out_in_the_valley() {
    let mut play = Play::with_keys_of_the_cell(47);
    let of = play.prepares(18);
    sync(&play.village.hoa, &mut play.village.world);
    let line = play.waiting().remove(0);
    assert_eq!((line.number.as_str(), line.sync.clone()), ("18-KH/ĐU", None));
    assert_eq!(line.readers, drafts::Readers::All);
    let words = play.words();
    let open = |play: &Play| {
        play.village.hoa.store().read(|store| drafts::open(store, line.id, &words)).unwrap().unwrap()
    };
    assert!(open(&play).document.text().contains(WORDS), "the whole of it, before anything is signed");
    let refused = play.hoa_signs(line.id);
    assert!(matches!(refused, Err(SubmitError::Refused(Refusal::NotCertified))), "{refused:?}");
    let of_hoa = play.of_hoa();
    play.brings_in(&[of_hoa]);
    sync(&play.village.hoa, &mut play.village.world);

    let lan = play.phone("Lan");
    play.village.world.network.partitioned = true;
    play.hoa_signs(line.id).unwrap();
    assert!(play.waiting().is_empty());
    assert_eq!(open(&play).line.draft_state, DraftState::Signed);
    let again = play.hoa_signs(line.id);
    assert!(matches!(again, Err(SubmitError::Refused(Refusal::DraftChanged))), "{again:?}");
    assert_eq!(states(&play.village.hoa).last(), Some(&CommandState::Waiting));
    play.village.world.network.partitioned = false;
    play.village.world.env.pass(std::time::Duration::from_hours(5));
    sync(&play.village.hoa, &mut play.village.world);
    assert_eq!(states(&play.village.hoa).last(), Some(&CommandState::Applied));
    play.syncs(&lan);
    let Some(Verdict::Genuine { at, .. }) = verdict(&lan, &of) else { panic!("{:?}", verdict(&lan, &of)) };
    assert_eq!(at, play.village.world.env.now(), "published when the server had it");
    verify(&play.village.hoa);
    assert!(is_genuine(verdict(&play.village.hoa, &of).as_ref()));
}

#[test]
fn a_draft_goes_back_with_a_reason_and_a_withdrawal_is_signed_too() {
    let mut play = Play::begin(48);
    let of = play.signed(18);
    let lan = play.phone("Lan");
    play.prepares(19);
    sync(&play.village.hoa, &mut play.village.world);
    let (draft, env) = (play.waiting()[0].id, play.village.world.env.clone());
    let hoa = play.village.hoa.store().clone();
    let empty = hoa.write(|tx| drafts::hand_back(tx, &*env, draft, " "));
    assert!(matches!(empty, Err(SubmitError::Refused(Refusal::Empty))));
    hoa.write(|tx| drafts::hand_back(tx, &*env, draft, "Sửa thời hạn")).unwrap();
    sync(&play.village.hoa, &mut play.village.world);
    let words = play.words();
    let lines = hoa.read(|store| drafts::drafts(store, &words)).unwrap();
    let returned = lines.iter().find(|line| line.id == draft).unwrap();
    assert_eq!(
        (returned.draft_state, returned.reason.as_deref()),
        (DraftState::Returned, Some("Sửa thời hạn"))
    );

    let row = RowRef::new(of.scope, DIRECTIVE, of.id);
    play.village.world.server.withdraw(&row, "Ban hành nhầm").unwrap();
    sync(&play.village.hoa, &mut play.village.world);
    let ruling = play.waiting().remove(0);
    assert_eq!(ruling.ruling.unwrap().reason.as_deref(), Some("Ban hành nhầm"));
    play.syncs(&lan);
    assert!(play.reads(&lan, &of).document.text().contains(WORDS), "nobody has signed that yet");
    play.hoa_signs(ruling.id).unwrap();
    sync(&play.village.hoa, &mut play.village.world);
    play.syncs(&lan);
    let line = list(&lan).remove(0);
    assert!(is_genuine(line.verdict.as_ref()) && is_genuine(line.ruling_verdict.as_ref()), "{line:?}");
    assert_eq!(play.words().ruling_verdict(line.standing, line.ruling_verdict.as_ref()), "");
}

#[test]
fn a_false_withdrawal_is_told_as_such() {
    let mut play = Play::begin(49);
    let of = play.signed(18);
    let lan = play.phone("Lan");
    play.tampers(&of, |body| {
        let directive: Directive = serde_json::from_value(body.clone()).unwrap();
        let withdrawn = directive.withdrawn("Không còn hiệu lực", Timestamp::from_millis(1)).unwrap();
        *body = serde_json::to_value(&withdrawn).unwrap();
    });
    play.syncs(&lan);
    let line = list(&lan).remove(0);
    assert!(is_genuine(line.verdict.as_ref()), "its head is still what was signed");
    let said = play.words().ruling_verdict(line.standing, line.ruling_verdict.as_ref());
    assert!(said.starts_with("Lời báo thu hồi không tin được"), "{said}");
    assert_eq!(
        play.words().directive_standing(&line),
        "lời báo thu hồi không tin được",
        "nor does a list say it"
    );
}

#[test]
fn a_phone_of_before_the_keys_takes_the_first_root_it_sees_and_no_other() {
    let mut village = Village::new(50);
    village.put_directives(3);
    let lan = village.phone("Lan");
    verify(&lan);
    assert!(list(&lan).iter().all(|line| line.verdict == Some(Verdict::Unsigned)));
    drop(village);
    let mut play = Play::begin(50);
    let old = &play.village.hoa;
    verify(old);
    let view = |phone: &Device, play: &Play| {
        let now = play.village.world.env.now();
        phone.store().read(|store| trust::view(store, now)).unwrap()
    };
    assert_eq!(view(old, &play).root, None, "enrolled before there was one, and not synced since");
    sync(old, &mut play.village.world);
    verify(&play.village.hoa);
    let root = view(&play.village.hoa, &play).root.unwrap();
    assert_eq!((root.name.as_str(), root.compared), ("Đảng bộ xã Mường Lay", false));
    let of = play.signed(18);
    verify(&play.village.hoa);
    assert!(is_genuine(verdict(&play.village.hoa, &of).as_ref()));

    // Another root and what it certified come as rows: nothing of it is believed.
    let other = Root::sign("Kẻ khác", &key(9), play.chest.now.minus(days(100)));
    let row =
        RowRef::new(Scope::org(play.village.committee()), sotay_protocol::trust::ROOT, Id::derived("x", &[]));
    put(&play.village.world, &row, &serde_json::to_value(&other).unwrap());
    let hoa = &play.village.hoa;
    sync(hoa, &mut play.village.world);
    verify(&play.village.hoa);
    assert_eq!(view(&play.village.hoa, &play).root, Some(root));
}

#[test]
fn an_app_of_before_the_keys_finds_them_after_its_update() {
    let mut play = Play::begin(51);
    let of = play.signed(18);
    release::pretend(Some(Release::V0_1));
    let lan = play.village.phone("Lan");
    assert!(list(&lan).is_empty(), "it cannot read what bears a signature, and loses nothing of it");
    release::pretend(None);
    upgrade::run(lan.store()).unwrap();
    assert_eq!(list(&lan)[0].verdict, None, "to be judged like what has just come");
    verify(&lan);
    assert!(is_genuine(verdict(&lan, &of).as_ref()));
    play.syncs(&lan);
    assert_one_picture(&lan, &play.village.world);
}
