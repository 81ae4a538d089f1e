//! Lan tells the commune's desk something that only its certified officers are to read.

use std::collections::BTreeSet;

use sotay_protocol::{
    exchange::Outcome,
    feedback::{THREAD, Thread, sealed::SEALED_VERSION},
    id::Id,
    members::Office,
    refusal::Refusal,
    row::RowRef,
    scope::Scope,
    sealed::{SealKey, Writer, recipient},
    signature::SigningKey,
    trust::{Certificate, Duty, FORMAT, Holder, Revocations, Revoked, Root, Signed},
};

use super::*;
use crate::{
    feedback::{self, THREADS},
    outbox,
    store::StoreError,
    sync::commands::{self, SubmitError},
    trust::{self, CERTIFICATES, REVOCATION_LISTS, ROOTS},
    village::{COMMUNE, Phone, december, id},
};

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

fn seal_of(name: &str) -> SealKey {
    SealKey::from_secret(sotay_protocol::signature::sha256(name.as_bytes()))
}

const ROOT: u8 = 91;
const OFFICE: u8 = 92;

fn certificate(holder: Holder, seed: u8, by: u8) -> Certificate {
    Certificate {
        format: FORMAT,
        organisation: id(COMMUNE),
        organisation_name: COMMUNE.into(),
        holder,
        duties: BTreeSet::from([Duty::Desk]),
        key: key(seed).public(),
        seal: None,
        from: december(1, 0, 0),
        until: december(28, 0, 0),
        issuer: key(by).public(),
    }
}

fn of_officer(name: &str, seed: u8) -> Signed {
    let holder = Holder::Officer {
        member: id(name),
        device: id(&format!("máy của {name}")),
        name: name.into(),
        office: Office::Staff,
    };
    let of = Certificate { seal: Some(seal_of(name).public()), ..certificate(holder, seed, OFFICE) };
    of.sign(&key(OFFICE))
}

impl Phone {
    fn gets(&self, papers: &[Signed]) {
        for paper in papers {
            let table = match (Root::of(paper), Revocations::of(paper)) {
                (Some(_), _) => &ROOTS,
                (_, Some(_)) => &REVOCATION_LISTS,
                _ => &CERTIFICATES,
            };
            self.has(table, Scope::org(id(COMMUNE)), id(&paper.sha256()), paper);
        }
        self.store.write(|tx| trust::catch_up(tx)).unwrap();
    }

    fn knows_the_office(&self, officers: &[Signed]) {
        let own = certificate(Holder::Organisation, OFFICE, ROOT).sign(&key(ROOT));
        self.gets(&[Root::sign("Đảng bộ tỉnh", &key(ROOT), december(1, 0, 0)), own]);
        self.gets(officers);
    }

    fn seals(&self, words: &str) -> Result<Id, SubmitError> {
        let env = self.env.as_ref();
        self.store.write(|tx| seal(tx, env, None, ("Đất công", words), &[]))
    }

    fn sealed_thread(&self, of: Id) -> Thread {
        let row = RowRef::new(Scope::member(id("Nguyễn Thị Lan")), THREAD, of);
        let (kept, _) = self.store.read(|store| THREADS.get(store, row.scope, row.id)).unwrap().unwrap();
        assert_eq!(kept.version, SEALED_VERSION);
        assert!(!kept.body.contains("Trưởng thôn") && !kept.body.contains("Đất công"));
        serde_json::from_str(&kept.body).unwrap()
    }

    fn wrapped_to(&self, of: Id) -> BTreeSet<String> {
        self.sealed_thread(of).messages.remove(0).sealed.unwrap().wraps.into_keys().collect()
    }

    fn own_name(&self) -> String {
        recipient(&self.store.write(|tx| ask_with(tx, self.env.as_ref())).unwrap().unwrap())
    }
}

fn name_of(officer: &str) -> String {
    recipient(&seal_of(officer).public())
}

const WORDS: &str = "Trưởng thôn bán đất công.";

#[test]
fn a_desk_without_certified_officers_is_said_to_be_one_and_nothing_is_kept() {
    let lan = Phone::of_lan();
    let refused = lan.seals(WORDS);
    assert!(matches!(refused, Err(SubmitError::Refused(Refusal::DeskWithoutOfficers))));
    assert!(lan.store.read(commands::list).unwrap().is_empty());
    let desks = lan.store.read(|store| feedback::desks(store, lan.words().now)).unwrap();
    let usual = desks.iter().find(|desk| desk.usual).unwrap();
    assert!(lan.words().sealed_readers(&usual.sealed_to).starts_with("Chưa niêm phong được"));
    lan.knows_the_office(&[of_officer("Đỗ Thị Mai", 93)]);
    let desks = lan.store.read(|store| feedback::desks(store, lan.words().now)).unwrap();
    let usual = desks.iter().find(|desk| desk.usual).unwrap();
    let said = lan.words().sealed_readers(&usual.sealed_to);
    assert!(said.starts_with("Niêm phong: chỉ Đỗ Thị Mai (Cán bộ văn phòng cấp ủy)"), "{said}");
    assert!(lan.words().plain_readers().contains("người quản trị máy chủ đọc được"));
}

#[test]
fn lan_reads_her_own_words_which_stand_in_no_row_and_finds_them_again() {
    let lan = Phone::of_lan();
    lan.knows_the_office(&[of_officer("Đỗ Thị Mai", 93)]);
    let thread = lan.seals(WORDS).unwrap();
    assert_eq!(lan.wrapped_to(thread), BTreeSet::from([lan.own_name(), name_of("Đỗ Thị Mai")]));
    let words = lan.words();
    let view = lan.store.read(|store| feedback::thread(store, thread, &words)).unwrap().unwrap();
    assert_eq!((view.line.topic.as_str(), view.line.sealed), ("Đất công", true));
    assert_eq!(view.messages[0].words, WORDS);
    assert_eq!(view.letters[0].state, LetterState::Opened { writer: Writer::Member });
    let lines = lan.store.read(|store| feedback::threads(store, &words)).unwrap();
    assert_eq!(lines[0].topic, "Đất công");
    let found = lan.store.read(|store| find(store, "truong thon ba", 5, &words)).unwrap();
    assert_eq!(found.iter().map(|found| found.row.id).collect::<Vec<_>>(), [thread]);
    // In the outbox they stand in her own words, also once they were refused and the row is gone.
    lan.hears(vec![(1, Outcome::Refused { code: Refusal::NotAllowed })]);
    let item = lan.store.read(|store| outbox::list(store, &words)).unwrap().remove(0);
    assert_eq!((item.deed.as_str(), item.written.as_deref()), ("Phản ánh “Đất công”", Some(WORDS)));
    let found = lan.store.read(|store| find(store, "đất", 5, &words)).unwrap();
    assert!(found.is_empty(), "what is shown no more is not found");
    lan.store.write(|tx| outbox::mend_feedback(tx, lan.env.as_ref(), item.entry, "Lời sửa.")).unwrap();
    while open_pending(&lan.store, lan.env.as_ref(), 10).unwrap().rows > 0 {}
    let view = lan.store.read(|store| feedback::thread(store, thread, &words)).unwrap().unwrap();
    assert_eq!(view.messages[0].words, "Lời sửa.");
}

#[test]
fn what_still_waits_goes_to_the_desk_as_it_is_by_then() {
    let lan = Phone::of_lan();
    let mai = of_officer("Đỗ Thị Mai", 93);
    lan.knows_the_office(std::slice::from_ref(&mai));
    let thread = lan.seals(WORDS).unwrap();
    let before = lan.store.read(commands::list).unwrap().remove(0);
    lan.env.set(4, 8, 0);
    let list = Revocations {
        format: FORMAT,
        issuer: key(OFFICE).public(),
        number: 1,
        at: december(4, 7, 0),
        revoked: vec![Revoked {
            certificate: mai.sha256(),
            bad_since: december(4, 7, 0),
            reason: "Chuyển công tác".into(),
        }],
    };
    lan.gets(&[list.sign(&key(OFFICE)), of_officer("Hoàng Văn Năm", 94)]);
    lan.store.write(|tx| renew(tx, lan.env.as_ref())).unwrap();
    assert_eq!(lan.wrapped_to(thread), BTreeSet::from([lan.own_name(), name_of("Hoàng Văn Năm")]));
    let after = lan.store.read(commands::list).unwrap().remove(0);
    assert_eq!((after.number, after.command.made_at), (before.number, before.command.made_at));
    assert_ne!(after.signed, before.signed);
    while open_pending(&lan.store, lan.env.as_ref(), 10).unwrap().rows > 0 {}
    assert_eq!(lan.store.read(commands::list).unwrap().len(), 1, "nothing else has to be sent");
    // What has left the phone stays as it was signed.
    lan.store
        .write(|tx| Ok::<_, StoreError>(tx.execute("UPDATE command SET state = 'sent', tried_at = 1", [])?))
        .unwrap();
    lan.gets(&[of_officer("Lê Văn Sáu", 95)]);
    lan.store.write(|tx| renew(tx, lan.env.as_ref())).unwrap();
    assert_eq!(lan.store.read(commands::list).unwrap()[0].signed, after.signed);
    // Its reader comes by wraps of their own.
    assert_eq!(open_pending(&lan.store, lan.env.as_ref(), 10).unwrap().wraps, 1);
    assert!(lan.wrapped_to(thread).contains(&name_of("Lê Văn Sáu")));
    while open_pending(&lan.store, lan.env.as_ref(), 10).unwrap().rows > 0 {}
    assert_eq!(lan.store.read(commands::list).unwrap().len(), 2);
}

#[test]
fn an_officers_request_asks_for_the_key_that_opens() {
    let mai = Phone::of_mai();
    let asked = mai.store.write(|tx| trust::request(tx, mai.env.as_ref(), id(COMMUNE))).unwrap().unwrap();
    let request = sotay_protocol::trust::Request::of(&asked.request).unwrap();
    assert_eq!(request.seal.map(|seal| recipient(&seal)), Some(mai.own_name()));
}
