//! What is shown as genuine, and what never is: a commune with keys, its server, and the phones of those who read.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sotay_core::{
    directives::{self, DirectiveLine, DirectiveView, Filter},
    drafts,
    release::{self, Release},
    search,
    shown::Page,
    sync::{
        commands::{CommandState, SubmitError},
        status,
    },
    trust, upgrade,
    words::{Lang, Words},
};
use sotay_protocol::{
    directives::{DIRECTIVE, DIRECTIVE_VERSION, Directive},
    drafts::DraftState,
    env::{Env, Timestamp, days},
    id::Id,
    members::Office,
    refusal::Refusal,
    row::RowRef,
    scope::Scope,
    signature::SigningKey,
    trust::{
        Certificate, Distrust, Duty, FORMAT, Holder, REVOCATIONS, Request, Revocations, Revoked, Root,
        Signed, Verdict,
    },
};
use sotay_server::{directives::Published, store::NewEntry};
use sotay_tests::world::{COMMITTEE, DOI_CHE, Device, World};

use crate::village::{Village, assert_one_picture, directive, states, sync};

const WORDS: &str = "Cả bản ra quân làm đường, mỗi nhà một người.";

/// The keys of the commune and of its cell, as `sotay-keys` makes them.
struct Chest {
    root: SigningKey,
    commune: SigningKey,
    cell: SigningKey,
    now: Timestamp,
}

/// A village whose cell signs what it publishes: Hòa leads it.
struct Play {
    village: Village,
    chest: Chest,
    cell: Id,
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

impl Play {
    /// Hòa has a certificate, and with it the phones that enrol from now on are told of the root.
    fn begin(seed: u64) -> Self {
        let play = Self::with_keys_of_the_cell(seed);
        let of_hoa = play.of_hoa();
        play.brings_in(&[of_hoa]);
        play
    }

    /// The cell and the server are certified; nobody may sign yet.
    fn with_keys_of_the_cell(seed: u64) -> Self {
        let village = Village::new(seed);
        let now = village.world.env.now();
        let chest = Chest { root: key(201), commune: key(202), cell: key(203), now };
        let cell = village.world.commune.organisation(DOI_CHE);
        let play = Self { village, chest, cell };
        let committee = play.village.committee();
        let request = play.village.world.server.request_certificate(Some(COMMITTEE)).unwrap();
        let Request { holder, key: server, .. } = Request::of(&request).unwrap();
        let of_server = Certificate {
            key: server,
            ..play.certificate(committee, COMMITTEE, holder, &[Duty::Server], (&play.chest.commune, 5_000))
        };
        let root = Root::sign("Đảng bộ xã Mường Lay", &play.chest.root, now);
        let papers = [
            root,
            play.of_organisation(committee, COMMITTEE, &play.chest.commune),
            play.of_organisation(play.cell, DOI_CHE, &play.chest.cell),
            Certificate { issuer: play.chest.commune.public(), ..of_server }.sign(&play.chest.commune),
        ];
        play.brings_in(&papers);
        play
    }

    fn certificate(
        &self,
        organisation: Id,
        name: &str,
        holder: Holder,
        duties: &[Duty],
        (key, valid): (&SigningKey, u64),
    ) -> Certificate {
        Certificate {
            format: FORMAT,
            organisation,
            organisation_name: name.into(),
            holder,
            duties: BTreeSet::from_iter(duties.iter().copied()),
            key: key.public(),
            seal: None,
            from: self.chest.now.minus(days(1)),
            until: self.chest.now + days(valid),
            issuer: self.chest.root.public(),
        }
    }

    fn of_organisation(&self, id: Id, name: &str, key: &SigningKey) -> Signed {
        let duties = [Duty::Publish, Duty::Desk, Duty::Server];
        self.certificate(id, name, Holder::Organisation, &duties, (key, 3_650)).sign(&self.chest.root)
    }

    /// For a year, from the request that her own phone makes.
    fn of_hoa(&self) -> Signed {
        let (hoa, env) = (&self.village.hoa, &*self.village.world.env);
        let asked = hoa.store().write(|tx| trust::request(tx, env, self.cell)).unwrap().unwrap();
        assert_eq!((asked.office, asked.organisation_name.as_str()), (Office::Secretary, DOI_CHE));
        let Request { organisation, organisation_name, holder, key, .. } =
            Request::of(&asked.request).unwrap();
        let own = (&self.chest.cell, 365);
        let of = self.certificate(organisation, &organisation_name, holder, &[Duty::Publish], own);
        Certificate { key, issuer: self.chest.cell.public(), ..of }.sign(&self.chest.cell)
    }

    fn revokes(&self, number: u64, of: &[(&Signed, Timestamp)]) -> Signed {
        let revoked = of.iter().map(|(certificate, bad_since)| Revoked {
            certificate: certificate.sha256(),
            bad_since: *bad_since,
            reason: "Mất điện thoại".into(),
        });
        let (issuer, at) = (self.chest.cell.public(), self.chest.now);
        Revocations { format: FORMAT, issuer, number, at, revoked: revoked.collect() }.sign(&self.chest.cell)
    }

    fn brings_in(&self, papers: &[Signed]) {
        let named: Vec<_> = papers.iter().map(|paper| ("tệp".to_owned(), paper.clone())).collect();
        self.village.world.server.import_trust(&named).unwrap();
    }

    /// The office prepares it.
    fn prepares(&self, number: u32) -> Published {
        let published = self.village.world.server.publish(&directive(self.cell, number, WORDS)).unwrap();
        assert!(published.waits);
        published
    }

    /// Prepared, signed by Hòa on her phone, and sent.
    fn signed(&mut self, number: u32) -> Published {
        let published = self.prepares(number);
        sync(&self.village.hoa, &mut self.village.world);
        let draft = self.waiting()[0].id;
        self.hoa_signs(draft).unwrap();
        sync(&self.village.hoa, &mut self.village.world);
        published
    }

    fn waiting(&self) -> Vec<drafts::DraftLine> {
        let words = self.words();
        let mut lines = self.village.hoa.store().read(|store| drafts::drafts(store, &words)).unwrap();
        lines.retain(|line| line.draft_state == DraftState::Waiting);
        lines
    }

    fn hoa_signs(&self, draft: Id) -> Result<(), SubmitError> {
        let env = &*self.village.world.env;
        self.village.hoa.store().write(|tx| drafts::sign(tx, env, draft))
    }

    fn words(&self) -> Words {
        Words::new(Lang::Vi, self.village.world.env.now())
    }

    /// A phone that has synced, and looked at what came.
    fn phone(&mut self, name: &str) -> Device {
        let phone = self.village.phone(name);
        verify(&phone);
        phone
    }

    fn syncs(&mut self, phone: &Device) {
        sync(phone, &mut self.village.world);
        verify(phone);
    }

    /// Whoever holds the server's machine changes a row as they like.
    fn tampers(&self, of: &Published, change: impl FnOnce(&mut Value)) {
        let row = RowRef::new(of.scope, DIRECTIVE, of.id);
        let mut body = self.village.world.standing_in(&BTreeSet::from([of.scope]))[&row].clone();
        change(&mut body);
        put(&self.village.world, &row, &body);
    }

    fn reads(&self, phone: &Device, of: &Published) -> DirectiveView {
        let words = self.words();
        phone.store().read(|store| directives::read(store, of.id, &words)).unwrap().unwrap()
    }
}

fn put(world: &World, row: &RowRef, body: &Value) {
    let (author, at, body) = (world.server.id(), world.env.now(), body.to_string());
    let version = if row.kind == DIRECTIVE { DIRECTIVE_VERSION } else { 1 };
    let entry = NewEntry { version, author, body: &body, made: None, at };
    world.store().write_with(&[row.scope], |tx| tx.put(row, &entry).map(drop)).unwrap();
}

fn verify(phone: &Device) {
    while trust::judge_pending(phone.store(), 2).unwrap() > 0 {}
    while search::index_pending(phone.store(), 2).unwrap() > 0 {}
}

fn list(phone: &Device) -> Vec<DirectiveLine> {
    phone.store().read(|store| directives::list(store, &Filter::default(), Page::default())).unwrap()
}

fn apart(phone: &Device) -> Vec<DirectiveLine> {
    let filter = Filter { quarantined: true, ..Filter::default() };
    phone.store().read(|store| directives::list(store, &filter, Page::default())).unwrap()
}

fn verdict(phone: &Device, of: &Published) -> Option<Verdict> {
    let all = [list(phone), apart(phone)].concat();
    all.into_iter().find(|line| line.id == of.id).unwrap().verdict
}

fn is_genuine(verdict: Option<&Verdict>) -> bool {
    matches!(verdict, Some(Verdict::Genuine { bad_since: None, .. }))
}

fn why(phone: &Device, of: &Published) -> Option<Distrust> {
    match verdict(phone, of) {
        Some(Verdict::Quarantined { why }) => Some(why),
        _ => None,
    }
}

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
        (unsigned[0].verdict.clone(), words.verdict_mark(unsigned[0].verdict.as_ref())),
        (Some(Verdict::Unsigned), "")
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
    assert!(draft.waits);
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

impl Play {
    /// Hòa's certificate as it stands on the server.
    fn of_hoa_as_kept(&self) -> Signed {
        let rows = self.village.world.standing_in(&BTreeSet::from([Scope::org(self.cell)]));
        let of_officer = |body: Value| {
            let signed: Signed = serde_json::from_value(body).ok()?;
            matches!(Certificate::of(&signed)?.holder, Holder::Officer { .. }).then_some(signed)
        };
        rows.into_values().find_map(of_officer).unwrap()
    }
}
