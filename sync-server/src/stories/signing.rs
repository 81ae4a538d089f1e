//! What an officer prepares is published by a leader's signature, and by nothing else.

mod chest;
mod imports;
mod rulings;
mod wipes;

use sotay_protocol::{
    command::Command,
    directives::{DIRECTIVE, Directive},
    drafts::{Draft, DraftState},
    enrol::EnrolRequest,
    env::{Env, days},
    exchange::Outcome,
    refusal::Refusal,
    row::RowRef,
    scope::Scope,
    signature::{Purpose, SigningKey, sha256, sha256_hex},
    trust::{Certificate, Duty, Holder, Receipt, Root, Verdict, Verdicts},
};

use self::chest::{Chest, from_seed};
use super::scopes::plan;
use crate::{
    attachments::Original,
    directives::{Issuer, Publication, Published},
    testing::*,
};

const WORDS: &str = "Toàn xã ra quân làm đường.";

fn row(of: &Published) -> RowRef {
    RowRef::new(of.scope, DIRECTIVE, of.id)
}

fn with_file(number: u32) -> Publication {
    let original = Original { name: "18.docx".into(), media: "text/plain".into(), bytes: WORDS.into() };
    Publication { original: Some(original), ..plan(number, WORDS, None) }
}

fn refused(code: Refusal) -> Outcome {
    Outcome::Refused { code }
}

/// Lan's phone, and the root that she was told of when she enrolled.
fn reader(village: &Village) -> (Phone, Root) {
    let key = SigningKey::generate(&*village.env);
    let code = village.server.issue_code(village.people["Lan"]).unwrap();
    let request = EnrolRequest::new(&code, village.birth("Lan"), "Máy của Lan", &key).unwrap();
    let answer = village.server.enrol(&request).unwrap();
    let root = Root::of(&answer.root.unwrap()).unwrap();
    (Phone::new(answer.server, answer.device, answer.member, village.env.clone(), key), root)
}

fn directive(phone: &Phone, of: &Published) -> Directive {
    serde_json::from_value(phone.sees(&row(of)).unwrap().clone()).unwrap()
}

#[test]
fn mai_prepares_a_plan_and_hoa_signs_it_on_her_phone() {
    let village = Village::new();
    let chest = Chest::opened(&village);
    let (mut hoa, certificate) = chest.leader(&village);
    let mut mai = village.phone("Mai");
    let (mut lan, root) = reader(&village);

    let published = village.server.publish(&with_file(18)).unwrap();
    assert!(published.waits && !published.stood);
    lan.sync(&village.server, &[]);
    assert!(lan.sees(&row(&published)).is_none() && !lan.heard().contains(WORDS), "nobody signed it yet");
    mai.sync(&village.server, &[]);
    hoa.sync(&village.server, &[]);
    assert!(mai.heard().contains(WORDS) && hoa.heard().contains(WORDS), "who works at the desk reads it");
    let draft = village.draft();
    let hash = sha256_hex(WORDS.as_bytes());
    let readable = |phone: &Phone, row: &RowRef| village.server.readable(phone.device, row, &hash).unwrap();
    assert!(readable(&hoa, &draft.0).is_some(), "the leader looks at the file before signing");
    assert!(readable(&lan, &draft.0).is_none());

    village.later(3600);
    let sign = hoa.signs(&draft, &certificate);
    hoa.sync(&village.server, &[&sign]).applied(1);
    lan.sync(&village.server, &[]);
    let signed = directive(&lan, &published);
    let verdicts = Verdicts::of(&signed, published.id, published.scope, &lan.keyring(&root));
    let Verdict::Genuine { signer, organisation_name, bad_since, at, .. } = verdicts.statement else {
        panic!("{verdicts:?}")
    };
    assert_eq!((signer.as_str(), organisation_name.as_str(), bad_since), ("Lê Thị Hòa", COMMUNE, None));
    assert_eq!((at, verdicts.ruling), (village.env.now(), None));
    let receipt: Receipt = serde_json::from_str(&signed.signed.unwrap().receipt.text).unwrap();
    let entry = village.store.read_with(|reader| reader.entry(&row(&published))).unwrap().unwrap();
    assert_eq!((receipt.server, receipt.epoch, receipt.seq), (village.server.id(), 1, entry.seq));

    let (at, done) = village.draft();
    assert_eq!(
        (done.state, &done.document),
        (DraftState::Signed, &None),
        "its words are the directive's now"
    );
    assert!(readable(&lan, &row(&published)).is_some() && readable(&hoa, &at).is_none());
    let blob = village.store.read_with(|reader| reader.blob_size(&at, &sha256(WORDS.as_bytes()))).unwrap();
    assert_eq!(blob, None);
    let again = village.server.publish(&with_file(18)).unwrap();
    assert!(again.stood && !again.waits);
}

#[test]
fn a_draft_that_was_prepared_anew_meanwhile_is_not_signed() {
    let village = Village::new();
    let chest = Chest::opened(&village);
    let (mut hoa, certificate) = chest.leader(&village);
    let published = village.server.publish(&plan(18, "Bản đầu.", None)).unwrap();
    assert!(village.server.publish(&plan(18, "Bản đầu.", None)).unwrap().stood, "it waits already");
    let on_the_screen = village.draft();
    village.server.publish(&plan(18, "Bản đã sửa.", None)).unwrap();
    let sign = hoa.signs(&on_the_screen, &certificate);
    assert_eq!(*hoa.sync(&village.server, &[&sign]).outcome(1), refused(Refusal::DraftChanged));
    assert!(village.row(&row(&published)).is_none());
    let sign = hoa.signs(&village.draft(), &certificate);
    hoa.sync(&village.server, &[&sign]).applied(2);
    assert!(village.row(&row(&published)).unwrap()["document"].as_str().unwrap().contains("Bản đã sửa."));
}

#[test]
fn what_was_signed_twice_stands_once() {
    let village = Village::new();
    let chest = Chest::opened(&village);
    let (mut hoa, certificate) = chest.leader(&village);
    let published = village.server.publish(&plan(18, WORDS, None)).unwrap();
    let draft = village.draft();
    let (sign, again) = (hoa.signs(&draft, &certificate), hoa.signs(&draft, &certificate));
    let first = hoa.sync(&village.server, &[&sign]).applied(1);
    let stands = village.row(&row(&published));
    let heads = [published.scope, Scope::desk(village.commune)].map(|scope| village.head(scope));
    assert_eq!(
        hoa.sync(&village.server, &[&sign]).applied(1),
        first,
        "the answer was lost, the command is not"
    );
    village.later(60);
    assert_eq!(hoa.sync(&village.server, &[&again]).applied(2), first);
    assert_eq!(village.row(&row(&published)), stands, "with the first receipt");
    assert_eq!([published.scope, Scope::desk(village.commune)].map(|scope| village.head(scope)), heads);
}

/// The command is refused, and neither the desk nor the readers have anything new.
fn refuses(village: &Village, phone: &mut Phone, sign: &Command, code: Refusal) {
    let scopes = [Scope::org(village.commune), Scope::desk(village.commune)];
    let before = scopes.map(|scope| village.head(scope));
    assert_eq!(*phone.sync(&village.server, &[sign]).outcome(sign.number), refused(code));
    assert_eq!(scopes.map(|scope| village.head(scope)), before);
}

#[test]
fn who_may_not_sign_publishes_nothing() {
    let village = Village::new();
    let chest = Chest::opened(&village);
    let (mut hoa, _) = chest.leader(&village);
    village.server.publish(&plan(18, WORDS, None)).unwrap();
    let draft = village.draft();
    let kept = |certificate: &Certificate| {
        let paper = certificate.sign(&chest.commune);
        village.brings_in(std::slice::from_ref(&paper)).unwrap();
        paper
    };

    // Sơn leads a cell and has a certificate of the commune; he holds no office there.
    let mut son = village.phone("Sơn");
    let of_son = kept(&chest.officer(&son, "Sơn", &[Duty::Publish]));
    let sign = son.signs(&draft, &of_son.sha256());
    refuses(&village, &mut son, &sign, Refusal::NotAllowed);

    let right = chest.officer(&hoa, "Hòa", &[Duty::Publish]);
    let other_duty = kept(&chest.officer(&hoa, "Hòa", &[Duty::Desk]));
    let (from, until) = (chest.now.minus(days(30)), chest.now.minus(days(2)));
    // An older certificate of the commune, so that what ran out could once be made.
    let old = chest.certificate(Holder::Organisation, &[Duty::Publish], &chest.commune);
    let old = Certificate { from: chest.now.minus(days(60)), issuer: chest.root.public(), ..old };
    village.brings_in(&[old.sign(&chest.root)]).unwrap();
    let expired = kept(&Certificate { from, until, ..right.clone() });
    let early = kept(&Certificate { from: chest.now + days(30), ..right.clone() });
    let revoked = kept(&Certificate { until: chest.now + days(90), ..right.clone() });
    village.brings_in(&[chest.revokes(1, &[(&revoked, chest.now)])]).unwrap();
    let mut second = village.leads("Hòa", village.commune);
    let of_second = kept(&chest.officer(&second, "Hòa", &[Duty::Publish]));
    let unknown = chest.officer(&hoa, "Hòa khác", &[Duty::Publish]).sign(&chest.commune);
    for not in [&other_duty, &expired, &early, &revoked, &of_second, &unknown, &of_son] {
        let sign = hoa.signs(&draft, &not.sha256());
        refuses(&village, &mut hoa, &sign, Refusal::NotCertified);
    }
    let sign = hoa.signs_with(&second.key, (&draft.0, &draft.1), &of_second.sha256());
    refuses(&village, &mut hoa, &sign, Refusal::NotCertified);

    // Her own certificate, and a signature that is another's, or over something else.
    let right = kept(&right).sha256();
    let sign = hoa.signs_with(&from_seed(9), (&draft.0, &draft.1), &right);
    refuses(&village, &mut hoa, &sign, Refusal::BadSignature);
    let mut sign = hoa.signs(&draft, &right);
    let over = hoa.key.sign(Purpose::Ruling, draft.1.statement.as_bytes());
    sign.body.insert("signature".into(), serde_json::to_value(over).unwrap());
    refuses(&village, &mut hoa, &sign, Refusal::BadSignature);
    let mut sign = hoa.signs(&draft, &right);
    sign.body.insert("scope".into(), serde_json::json!(Scope::org(village.cell)));
    refuses(&village, &mut hoa, &sign, Refusal::DraftChanged);

    let sign = second.signs(&draft, &of_second.sha256());
    second.sync(&village.server, &[&sign]).applied(1);
}

#[test]
fn a_draft_goes_back_with_a_reason_and_comes_again() {
    let village = Village::new();
    let chest = Chest::opened(&village);
    let (mut hoa, certificate) = chest.leader(&village);
    let mut mai = village.phone("Mai");
    village.server.publish(&plan(18, WORDS, None)).unwrap();
    let draft = village.draft();
    let back = hoa.gives_back(&draft.0, "Thiếu thời hạn ở mục 2");
    hoa.sync(&village.server, &[&back]).applied(1);
    mai.sync(&village.server, &[]);
    let seen: Draft = serde_json::from_value(mai.sees(&draft.0).unwrap().clone()).unwrap();
    assert_eq!((seen.state, seen.reason.as_deref()), (DraftState::Returned, Some("Thiếu thời hạn ở mục 2")));
    let sign = hoa.signs(&draft, &certificate);
    refuses(&village, &mut hoa, &sign, Refusal::DraftChanged);
    let by_mai = mai.gives_back(&draft.0, "Tôi cũng trả");
    assert_eq!(*mai.sync(&village.server, &[&by_mai]).outcome(1), refused(Refusal::NotAllowed));

    assert!(!village.server.publish(&plan(18, "Đã thêm thời hạn.", None)).unwrap().stood);
    let anew = village.draft();
    assert_eq!((anew.1.state, anew.1.reason.as_deref()), (DraftState::Waiting, None));
    let sign = hoa.signs(&anew, &certificate);
    hoa.sync(&village.server, &[&sign]).applied(3);
}

#[test]
fn who_has_no_keys_publishes_as_before() {
    let village = Village::new();
    assert!(!village.server.publish(&plan(17, WORDS, None)).unwrap().waits);
    Chest::opened(&village);
    let of_cell = Publication { issuer: Issuer::Name(CELL.into()), ..plan(17, WORDS, None) };
    assert!(!village.server.publish(&of_cell).unwrap().waits, "the cell has none");
    assert!(village.server.publish(&plan(17, WORDS, None)).unwrap().stood, "what stood before stands");
    assert!(village.server.publish(&plan(18, WORDS, None)).unwrap().waits);
}

#[test]
fn a_server_without_a_certificate_receipts_nothing() {
    let village = Village::new();
    let chest = Chest::new(&village);
    village.brings_in(&[chest.of_commune(), chest.root_paper()]).unwrap();
    let (mut hoa, certificate) = chest.leader(&village);
    village.server.publish(&plan(18, WORDS, None)).unwrap();
    let sign = hoa.signs(&village.draft(), &certificate);
    refuses(&village, &mut hoa, &sign, Refusal::NoReceipt);
    let request = village.server.request_certificate(None).unwrap();
    village.brings_in(&[chest.of_server(&request)]).unwrap();
    let sign = hoa.signs(&village.draft(), &certificate);
    hoa.sync(&village.server, &[&sign]).applied(2);
}

#[test]
fn a_signed_draft_leaves_the_desk_after_a_year_and_one_that_waits_never() {
    let village = Village::new();
    let chest = Chest::opened(&village);
    let (mut hoa, certificate) = chest.leader(&village);
    village.server.publish(&plan(18, WORDS, None)).unwrap();
    let sign = hoa.signs(&village.draft(), &certificate);
    hoa.sync(&village.server, &[&sign]).applied(1);
    village.server.publish(&plan(19, WORDS, None)).unwrap();
    assert_eq!(village.drafts().len(), 2);
    village.later(370 * 24 * 60 * 60);
    village.server.daily().unwrap();
    assert_eq!(village.draft().1.state, DraftState::Waiting);
    let late = hoa.signs(&village.draft(), &certificate);
    refuses(&village, &mut hoa, &late, Refusal::NotCertified);
}

#[test]
fn after_a_restore_the_server_has_the_same_key_and_the_lost_signature_is_given_again() {
    use crate::store::{Store, sqlite::SqliteStore};
    use std::sync::Arc;
    let live = Arc::new(SqliteStore::in_memory().unwrap());
    let mut village = Village::on(Arc::clone(&live) as Arc<dyn Store>);
    let chest = Chest::opened(&village);
    let (mut hoa, certificate) = chest.leader(&village);
    let backup = SqliteStore::in_memory().unwrap();
    live.back_up_to(&backup, village.env.now()).unwrap();
    let published = village.server.publish(&plan(18, WORDS, None)).unwrap();
    let sign = hoa.signs(&village.draft(), &certificate);
    hoa.sync(&village.server, &[&sign]).applied(1);
    let (key, ledger) = (village.server.trusted().unwrap().key, Arc::clone(&village.server.ledger));

    village.later(3600);
    let store: Arc<dyn Store> = Arc::new(backup);
    let (server, _) = crate::Server::with_ledger(Arc::clone(&store), village.env.clone(), ledger).unwrap();
    (village.server, village.store) = (server, store);
    assert_eq!(village.server.trusted().unwrap().key, key);
    assert_eq!(hoa.sync(&village.server, &[]).want_from, Some(1));
    let held = hoa.sync(&village.server, &[&sign]);
    assert!(matches!(held.outcome(1), Outcome::Held { .. }), "the draft came after the backup: {held:?}");
    assert!(village.server.publish(&plan(18, WORDS, None)).unwrap().waits, "Mai sends it again");
    hoa.sync(&village.server, &[&sign]).applied(1);
    let (mut lan, root) = reader(&village);
    lan.sync(&village.server, &[]);
    let signed = directive(&lan, &published);
    let verdicts = Verdicts::of(&signed, published.id, published.scope, &lan.keyring(&root));
    assert!(matches!(verdicts.statement, Verdict::Genuine { .. }), "{verdicts:?}");
}
