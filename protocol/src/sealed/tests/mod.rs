//! Plays about what is sealed: Hòa tells the commune's desk something, Mai answers; others would like to read it, or to
//! pass for them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicU64, Ordering},
};

use super::*;
use crate::{
    attachment::Attachment,
    command::{Command, apply},
    edit::Rejection,
    env::{Env, Timestamp, days},
    feedback::{
        Answer, CASE, Case, FeedbackState, Message, Reply, SUBMIT, THREAD, Thread, case_id, mirror,
        sealed::{
            CaseWraps, SEAL, SEAL_ANSWER, SEAL_REPLY, SEALED_VERSION, ThreadWraps, WRAP_CASE, WRAP_THREAD,
            letters,
        },
    },
    members::Office,
    row::{Body, Row, RowRef, body},
    scope::Scope,
    signature::{SigningKey, sha256},
    trust::{Certificate, Distrust, Duty, Holder, Keyring, Revocations, Revoked, Root, Signed},
};

/// Every byte is another, and each run the same.
#[derive(Debug, Default)]
struct Dice(AtomicU64);

impl Env for Dice {
    fn now(&self) -> Timestamp {
        day(1)
    }
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let next = sha256(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
    }
}

fn id(name: &str) -> Id {
    Id::derived(name, &[])
}

fn day(n: u64) -> Timestamp {
    Timestamp::from_millis(1_767_200_400_000) + days(n)
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

fn own(seed: u8) -> OwnKeys {
    OwnKeys::new([seal(99), seal(seed)])
}

fn seal(seed: u8) -> SealKey {
    SealKey::from_secret([seed; 32])
}

const ROOT: u8 = 1;
const COMMUNE: u8 = 2;
const MAI: u8 = 3;
const HOA: u8 = 10;

fn officer(name: &str, duty: Duty, seed: u8, desk: &str) -> Certificate {
    Certificate {
        format: crate::trust::FORMAT,
        organisation: id(desk),
        organisation_name: desk.into(),
        holder: Holder::Officer {
            member: id(name),
            device: id(&format!("máy của {name}")),
            name: name.into(),
            office: Office::Staff,
        },
        duties: BTreeSet::from([duty]),
        key: key(seed).public(),
        seal: Some(seal(seed).public()),
        from: day(0),
        until: day(365),
        issuer: key(COMMUNE).public(),
    }
}

fn of_organisation(name: &str, seed: u8) -> Signed {
    let of = Certificate {
        holder: Holder::Organisation,
        duties: BTreeSet::from([Duty::Desk, Duty::Publish]),
        key: key(seed).public(),
        seal: None,
        until: day(3_650),
        issuer: key(ROOT).public(),
        ..officer("", Duty::Desk, seed, name)
    };
    of.sign(&key(ROOT))
}

/// What a phone of the commune believes: Mai's device opens what is sealed to the desk.
fn keys(others: &[Signed]) -> Keyring {
    let mut keys = Keyring::pinned(&Root::of(&Root::sign("Đảng bộ tỉnh", &key(ROOT), day(0))).unwrap());
    let mai = officer("Mai", Duty::Desk, MAI, "xã").sign(&key(COMMUNE));
    for words in [of_organisation("xã", COMMUNE), mai].iter().chain(others) {
        assert!(keys.add_certificate(words) || keys.add_revocations(words));
    }
    keys
}

fn devices(keys: &Keyring) -> Vec<Base64> {
    desk_devices(keys, id("xã"), &[day(1)]).1.into_iter().map(|device| device.seal).collect()
}

/// Hòa's letter: the first of her thread.
fn hoa_writes(words: &str) -> Letter {
    let (own, message) = (seal(HOA), id(words));
    Letter {
        format: FORMAT,
        member: id("Hòa"),
        desk: id("xã"),
        thread: thread_id(message, &own.letter_key().public()),
        message,
        side: Side::Member,
        at: day(1),
        topic: Some("Đất công".into()),
        words: words.into(),
        files: vec![],
        key: own.letter_key().public(),
        certificate: None,
        devices: vec![WriterDevice::of(&own)],
    }
}

fn mai_answers(to: &Letter, words: &str) -> Letter {
    let certificate = officer("Mai", Duty::Desk, MAI, "xã").sign(&key(COMMUNE)).sha256();
    Letter {
        message: id(words),
        side: Side::Desk,
        at: day(2),
        topic: None,
        words: words.into(),
        key: key(MAI).public(),
        certificate: Some(certificate),
        devices: vec![],
        ..to.clone()
    }
}

fn sealed(letter: &Letter, by: &SigningKey, to: &[Base64]) -> Sealed {
    letter.seal(by, to, &Dice(AtomicU64::new(u64::from(letter.words.len() as u32) << 32))).unwrap()
}

/// As Hòa's phone seals it: to the desk, and to itself.
fn hoas(letter: &Letter) -> Sealed {
    let to = [devices(&keys(&[])), vec![seal(HOA).public()]].concat();
    sealed(letter, &seal(HOA).letter_key(), &to)
}

fn message(letter: &Letter, sealed: Sealed) -> Message {
    Message {
        id: letter.message,
        side: letter.side,
        at: letter.at,
        words: String::new(),
        attachments: vec![],
        sealed: Some(sealed),
    }
}

fn read_by(turns: &[(&Letter, &Sealed)], with: u8) -> Vec<Turn> {
    let at: Vec<(Place, &Sealed)> = turns.iter().map(|(letter, sealed)| (letter.place(), *sealed)).collect();
    read(&at, &own(with), &keys(&[]))
}

#[test]
fn the_desk_and_the_sender_read_it_and_nobody_else() {
    let letter = hoa_writes("Trưởng thôn bán đất công.");
    let sealed = hoas(&letter);
    assert!(!serde_json::to_string(&sealed).unwrap().contains("đất"));
    for reader in [MAI, HOA] {
        assert_eq!(sealed.open(&letter.place(), &own(reader)).unwrap().letter, letter);
    }
    for stranger in [COMMUNE, 77] {
        let read = sealed.open(&letter.place(), &own(stranger));
        assert_eq!(read.unwrap_err(), NotOpened::NotForThisDevice);
    }
    // Nor by being called as one who may.
    let mut renamed = sealed.clone();
    let of_mai = renamed.wraps.remove(&recipient(&seal(MAI).public())).unwrap();
    renamed.wraps.insert(recipient(&seal(77).public()), of_mai);
    assert_eq!(renamed.open(&letter.place(), &own(77)).unwrap_err(), NotOpened::Damaged);
}

#[test]
fn a_flipped_bit_anywhere_opens_nothing() {
    let letter = hoa_writes("Trưởng thôn bán đất công.");
    let (sealed, mai) = (hoas(&letter), recipient(&seal(MAI).public()));
    let flip = |bytes: &mut Vec<u8>, at: usize| bytes[at / 8] ^= 1 << (at % 8);
    for at in (0..sealed.body.0.len() * 8).step_by(97) {
        let mut bent = sealed.clone();
        flip(&mut bent.body.0, at);
        assert_eq!(bent.open(&letter.place(), &own(MAI)).unwrap_err(), NotOpened::Damaged, "body {at}");
    }
    for at in 0..80 {
        let mut bent = sealed.clone();
        flip(&mut bent.wraps.get_mut(&mai).unwrap().0, at * 8 + at % 8);
        assert_eq!(bent.open(&letter.place(), &own(MAI)).unwrap_err(), NotOpened::Damaged, "wrap {at}");
    }
    for at in 0..256 {
        let mut bent = sealed.clone();
        flip(&mut bent.commit.0, at);
        assert_eq!(bent.open(&letter.place(), &own(MAI)).unwrap_err(), NotOpened::Damaged, "commit {at}");
    }
    let newer = Sealed { format: FORMAT + 1, ..sealed };
    assert_eq!(newer.open(&letter.place(), &own(MAI)).unwrap_err(), NotOpened::Newer);
}

#[test]
fn a_letter_and_its_wraps_are_worth_nothing_elsewhere() {
    let letter = hoa_writes("Trưởng thôn bán đất công.");
    let (sealed, place) = (hoas(&letter), letter.place());
    for elsewhere in [
        Place { thread: id("khác"), ..place },
        Place { message: id("khác"), ..place },
        Place { desk: id("khác"), ..place },
        Place { member: id("Sơn"), ..place },
        Place { side: Side::Desk, ..place },
    ] {
        assert_eq!(sealed.open(&elsewhere, &own(MAI)).unwrap_err(), NotOpened::Damaged, "{elsewhere:?}");
    }
    // A wrap of one letter does not open another, however they are put together.
    let other = hoa_writes("Một việc khác.");
    let mut mixed = hoas(&other);
    mixed.wraps.clone_from(&sealed.wraps);
    assert_eq!(mixed.open(&other.place(), &own(MAI)).unwrap_err(), NotOpened::Damaged);
}

#[test]
fn a_key_that_the_server_hands_out_gets_no_wrap() {
    let sign = |of: Certificate, by: u8| of.sign(&key(by));
    let (server, desk) = (70, "xã");
    let by_itself = officer("Mai", Duty::Desk, server, desk);
    let false_papers = [
        // Certified by its own key, as an organisation of its own making.
        sign(Certificate { issuer: key(server).public(), ..by_itself.clone() }, server),
        // With Mai's certificate's text, and its own signature.
        Signed { signature: key(server).public(), ..sign(by_itself.clone(), COMMUNE) },
        // For another duty, or for another organisation.
        sign(officer("Minh", Duty::Publish, 71, desk), COMMUNE),
        sign(officer("Sơn", Duty::Desk, 72, "xã bên"), COMMUNE),
        // Not yet, and no longer.
        sign(Certificate { from: day(300), ..officer("Tư", Duty::Desk, 73, desk) }, COMMUNE),
        sign(Certificate { from: day(0), until: day(1), ..officer("Cúc", Duty::Desk, 74, desk) }, COMMUNE),
        // Without a key to seal to.
        sign(Certificate { seal: None, ..officer("Năm", Duty::Desk, 75, desk) }, COMMUNE),
    ];
    let mut ring = keys(&[]);
    for paper in &false_papers {
        ring.add_certificate(paper);
    }
    let (name, found) = desk_devices(&ring, id(desk), &[day(2)]);
    let names: Vec<&str> = found.iter().map(|device| device.name.as_str()).collect();
    assert_eq!((name.as_deref(), names), (Some("xã"), vec!["Mai"]));
    assert!(desk_devices(&ring, id("xã bên"), &[day(2)]).1.is_empty());
    assert!(desk_devices(&Keyring::default(), id(desk), &[day(2)]).1.is_empty(), "without a root nobody");
}

#[test]
fn who_was_revoked_gets_no_wrap_whatever_the_clock_says() {
    let mai = officer("Mai", Duty::Desk, MAI, "xã").sign(&key(COMMUNE));
    let list = Revocations {
        format: crate::trust::FORMAT,
        issuer: key(COMMUNE).public(),
        number: 1,
        at: day(100),
        revoked: vec![Revoked {
            certificate: mai.sha256(), bad_since: day(90), reason: "Thôi việc".into()
        }],
    };
    let ring = keys(&[list.sign(&key(COMMUNE))]);
    for clock in [day(1), day(89), day(120)] {
        assert!(desk_devices(&ring, id("xã"), &[clock]).1.is_empty(), "{clock:?}");
    }
}

#[test]
fn what_the_server_seals_itself_is_not_taken_for_hoas_and_gets_no_answer() {
    let letter = hoa_writes("Trưởng thôn bán đất công.");
    let first = hoas(&letter);
    let server = seal(70);
    let forged = Letter {
        message: id("giả"),
        at: day(5),
        topic: None,
        words: "Xin đồng chí nhắc lại lời tôi đã viết.".into(),
        key: server.letter_key().public(),
        devices: vec![WriterDevice::of(&server)],
        ..letter.clone()
    };
    let to = [devices(&keys(&[])), vec![server.public()]].concat();
    let second = sealed(&forged, &server.letter_key(), &to);
    let turns = read_by(&[(&letter, &first), (&forged, &second)], MAI);
    let writers: Vec<bool> = turns.iter().map(|turn| turn.read.as_ref().unwrap().1.is_proven()).collect();
    assert_eq!(writers, [true, false]);
    assert_eq!(answers_go_to(&turns), [seal(HOA).public()], "her phone, and not the server's");
    // Without Hòa's own letter there is nobody to answer.
    assert!(answers_go_to(&read_by(&[(&forged, &second)], MAI)).is_empty());
    // Nor can it say that it is by Hòa's key.
    let by_her_name = Letter { key: letter.key.clone(), ..forged };
    let third = sealed(&by_her_name, &server.letter_key(), &to);
    assert_eq!(third.open(&by_her_name.place(), &own(MAI)).unwrap_err(), NotOpened::Damaged);
}

#[test]
fn hoas_second_phone_is_known_once_the_first_has_named_it() {
    let (first, second_phone) = (hoa_writes("Trưởng thôn bán đất công."), seal(11));
    let names_it = Letter {
        message: id("từ máy cũ"),
        at: day(3),
        topic: None,
        devices: vec![WriterDevice::of(&seal(HOA)), WriterDevice::of(&second_phone)],
        ..first.clone()
    };
    let from_it = Letter {
        message: id("từ máy mới"),
        at: day(4),
        topic: None,
        key: second_phone.letter_key().public(),
        devices: vec![WriterDevice::of(&second_phone)],
        ..first.clone()
    };
    let (a, b) = (hoas(&first), hoas(&names_it));
    let c = sealed(&from_it, &second_phone.letter_key(), &devices(&keys(&[])));
    let unnamed = read_by(&[(&first, &a), (&from_it, &c)], MAI);
    assert!(!unnamed[1].read.as_ref().unwrap().1.is_proven());
    let turns = read_by(&[(&first, &a), (&names_it, &b), (&from_it, &c)], MAI);
    assert!(turns.iter().all(|turn| turn.read.as_ref().unwrap().1 == Writer::Member));
    assert_eq!(answers_go_to(&turns), [second_phone.public()], "the old one was given away");
}

#[test]
fn an_answer_is_by_a_certified_officer_of_that_desk_or_is_shown_as_by_nobody() {
    let asked = hoa_writes("Trưởng thôn bán đất công.");
    let to = [seal(HOA).public()];
    let writer = |letter: &Letter, by: u8, ring: &Keyring| {
        let sealed = sealed(letter, &key(by), &to);
        let turns = read(&[(letter.place(), &sealed)], &own(HOA), ring);
        turns.into_iter().next().unwrap().read.unwrap().1
    };
    let answer = mai_answers(&asked, "Xã sẽ thanh tra.");
    let Writer::Officer { name, office, bad_since, .. } = writer(&answer, MAI, &keys(&[])) else { panic!() };
    assert_eq!((name.as_str(), office, bad_since), ("Mai", Office::Staff, None));
    let unsigned = Letter { certificate: None, key: key(70).public(), ..answer.clone() };
    assert_eq!(writer(&unsigned, 70, &keys(&[])), Writer::Unproven { why: Distrust::Unsigned });
    let under_her_paper = Letter { key: key(70).public(), ..answer.clone() };
    assert_eq!(writer(&under_her_paper, 70, &keys(&[])), Writer::Unproven { why: Distrust::BadSignature });
    let elsewhere = Certificate { issuer: key(5).public(), ..officer("Sơn", Duty::Desk, 72, "xã bên") };
    let elsewhere = elsewhere.sign(&key(5));
    let of_son = Letter { certificate: Some(elsewhere.sha256()), key: key(72).public(), ..answer.clone() };
    let ring = keys(&[of_organisation("xã bên", 5), elsewhere]);
    assert_eq!(writer(&of_son, 72, &ring), Writer::Unproven { why: Distrust::WrongOrganisation });
    let late = Letter { at: day(400), ..answer };
    assert_eq!(writer(&late, MAI, &keys(&[])), Writer::Unproven { why: Distrust::NotValidThen });
}

#[test]
fn two_readers_cannot_be_given_different_words() {
    let letter = hoa_writes("Trưởng thôn bán đất công.");
    let place = letter.place();
    let sealed = hoas(&letter);
    // Another key wrapped to Mai: whatever it would make of the bytes, it is not the one that was bound.
    let other = ContentKey::generate(&Dice::default());
    let mut two = sealed.clone();
    let wrap = other.wrap(&seal(MAI).public(), &place, &Dice::default()).unwrap();
    two.wraps.insert(recipient(&seal(MAI).public()), wrap);
    assert_eq!(two.open(&place, &own(MAI)).unwrap_err(), NotOpened::Damaged);
    assert!(two.open(&place, &own(HOA)).is_ok());
}

#[test]
fn a_photo_is_opened_chunk_by_chunk_and_none_can_be_moved_cut_or_bent() {
    let bytes: Vec<u8> = (0..600_000_u32).map(|at| (at % 251) as u8).collect();
    let photo = Attachment {
        name: "bien-ban.jpg".into(),
        media: "image/jpeg".into(),
        size: bytes.len() as u64,
        hash: crate::signature::sha256_hex(&bytes),
    };
    let (of, carried, blob) = seal_file(&photo, &bytes, &Dice::default()).unwrap();
    assert_eq!((carried.name.as_str(), carried.size), ("", blob.len() as u64));
    assert_eq!((of.hash.as_str(), of.name.as_str()), (carried.hash.as_str(), "bien-ban.jpg"));
    assert_ne!(of.hash, photo.hash, "the server does not learn which photo it is");
    let chunks: Vec<&[u8]> = blob.chunks(limits::PART).collect();
    let read: Vec<u8> =
        (0..chunks.len()).flat_map(|number| open_chunk(&of, number, chunks[number]).unwrap()).collect();
    assert!(read == bytes);
    assert_eq!(open_chunk(&of, 0, chunks[1]), None, "moved");
    assert_eq!(open_chunk(&of, 2, &chunks[2][..100]), None, "cut");
    let shorter = SealedFile { size: 300_000, ..of.clone() };
    assert_eq!(open_chunk(&shorter, 1, chunks[1]), None, "as if it ended there");
    let mut bent = chunks[1].to_vec();
    bent[7] ^= 1;
    assert_eq!(open_chunk(&of, 1, &bent), None);
    assert_eq!(open_chunk(&of, 9, b""), Some(vec![]), "beyond its end");
}

fn command(kind: &str, row: RowRef, fields: Body) -> Command {
    Command {
        device: id("máy"),
        number: 1,
        kind: kind.into(),
        version: 1,
        row,
        made_at: day(1),
        needs: vec![],
        body: fields,
    }
}

/// Hòa's thread and its case, as they stand after her letter.
fn village() -> (Letter, Row, Row) {
    let letter = hoa_writes("Trưởng thôn bán đất công.");
    let begun = submit(&letter, hoas(&letter));
    let thread = apply(None, &begun, id("Hòa")).unwrap();
    let body = mirror(None, &begun, id("Hòa"), "Lê Thị Hòa", "Đồi Chè").unwrap();
    let version = crate::feedback::version(&body);
    (letter, thread, Row { version, author: id("Hòa"), body })
}

fn submit(letter: &Letter, sealed: Sealed) -> Command {
    let thread = Thread {
        desk: letter.desk,
        topic: String::new(),
        messages: vec![message(letter, sealed)],
        state: FeedbackState::Sent,
        sealed: true,
    };
    command(SEAL, RowRef::new(Scope::member(id("Hòa")), THREAD, letter.thread), body(&thread))
}

fn on_case(kind: &str, letter: &Letter, fields: Body) -> Command {
    command(kind, RowRef::new(Scope::desk(id("xã")), CASE, case_id(letter.thread)), fields)
}

#[test]
fn a_new_officer_gets_the_thread_from_one_who_holds_it_and_nothing_else_changes() {
    let (letter, thread, case) = village();
    assert_eq!((thread.version, case.version), (SEALED_VERSION, SEALED_VERSION));
    let text = serde_json::to_string(&case.body).unwrap();
    assert!(!text.contains("đất") && text.contains("Lê Thị Hòa"));
    let standing: Case = case.view().unwrap();
    let at = letters(standing.member, id("xã"), standing.thread, &standing.messages);
    let (lan, ring) = (seal(20), keys(&[]));
    assert_eq!(read(&at, &own(20), &ring)[0].read.as_ref().unwrap_err(), &NotOpened::NotForThisDevice);
    let held = read(&at, &own(MAI), &ring).remove(0);
    let wrap = held.key.unwrap().wrap(&lan.public(), &held.place, &Dice::default()).unwrap();
    let added = |wrap: &Base64| -> Added {
        BTreeMap::from([(letter.message, BTreeMap::from([(recipient(&lan.public()), wrap.clone())]))])
    };
    let of = CaseWraps { member: id("Hòa"), thread: letter.thread, wraps: added(&wrap) };
    let wraps = on_case(WRAP_CASE, &letter, body(&of));
    assert_eq!(wraps.scopes(), [Scope::desk(id("xã")), Scope::member(id("Hòa"))]);
    let after = apply(Some(&case), &wraps, id("Mai")).unwrap();
    let now: Case = after.view().unwrap();
    let at = letters(now.member, id("xã"), now.thread, &now.messages);
    assert_eq!(read(&at, &own(20), &ring)[0].read.as_ref().unwrap().0.words, letter.words);
    assert_eq!(now.state, standing.state);
    assert_eq!(apply(Some(&after), &wraps, id("Mai")), Ok(after.clone()), "twice is once");
    // Another's wrap for the same device changes nothing, and the thread gets the same as the case.
    let again = CaseWraps { wraps: added(&Base64(vec![0; 80])), ..of };
    let again = on_case(WRAP_CASE, &letter, body(&again));
    assert_eq!(apply(Some(&after), &again, id("Sơn")), Ok(after.clone()));
    let other = mirror(Some(&thread.body), &wraps, id("Mai"), "", "").unwrap();
    assert_eq!(other["messages"], after.body["messages"]);
}

#[test]
fn a_thread_is_sealed_or_plain_from_its_beginning_to_its_end() {
    let (letter, thread, case) = village();
    let plain = Message {
        id: id("rõ"),
        side: Side::Member,
        at: day(2),
        words: "Lời rõ.".into(),
        attachments: vec![],
        sealed: None,
    };
    let row = RowRef::new(Scope::member(id("Hòa")), THREAD, letter.thread);
    let refused = |refusal: Refusal| Err(Rejection::Refused(refusal));
    let reply = Reply { desk: letter.desk, message: plain.clone() };
    let reply = command(crate::feedback::REPLY, row.clone(), body(&reply));
    assert_eq!(apply(Some(&thread), &reply, id("Hòa")), refused(Refusal::SealedOnly));
    let desk = Message { side: Side::Desk, ..plain.clone() };
    let answer = Answer { member: id("Hòa"), thread: letter.thread, message: Some(desk) };
    let answer = on_case(crate::feedback::ANSWER, &letter, body(&answer));
    assert_eq!(apply(Some(&case), &answer, id("Mai")), refused(Refusal::SealedOnly));
    // And letters do not go where words are plain.
    let open = Thread {
        desk: letter.desk,
        topic: "Đường".into(),
        messages: vec![plain.clone()],
        state: FeedbackState::Sent,
        sealed: false,
    };
    let open = apply(None, &command(SUBMIT, row.clone(), body(&open)), id("Hòa")).unwrap();
    let second = Letter { message: id("hai"), ..letter.clone() };
    let reply = Reply { desk: letter.desk, message: message(&second, hoas(&second)) };
    let reply = command(SEAL_REPLY, row.clone(), body(&reply));
    assert_eq!(apply(Some(&open), &reply, id("Hòa")), refused(Refusal::Malformed));
    assert!(apply(Some(&thread), &reply, id("Hòa")).is_ok());
    // What stands beside a letter would be read by all who carry it.
    for bent in [
        Message { words: "Lời rõ.".into(), ..message(&letter, hoas(&letter)) },
        Message { sealed: None, ..message(&letter, hoas(&letter)) },
        Message {
            attachments: vec![Attachment {
                name: "to-cao.jpg".into(),
                media: "image/jpeg".into(),
                size: 1,
                hash: "0".repeat(64),
            }],
            ..message(&letter, hoas(&letter))
        },
    ] {
        let mut begun = submit(&letter, hoas(&letter));
        begun.body.insert("messages".into(), serde_json::json!([bent]));
        assert_eq!(apply(None, &begun, id("Hòa")), refused(Refusal::Malformed));
    }
    let mut named = submit(&letter, hoas(&letter));
    named.body.insert("topic".into(), "Đất công".into());
    assert_eq!(apply(None, &named, id("Hòa")), refused(Refusal::Malformed));
}

#[test]
fn mai_answers_and_hoas_phone_reads_it() {
    let (letter, thread, case) = village();
    let standing: Case = case.view().unwrap();
    let at = letters(standing.member, id("xã"), standing.thread, &standing.messages);
    let to = [devices(&keys(&[])), answers_go_to(&read(&at, &own(MAI), &keys(&[])))].concat();
    let answer = mai_answers(&letter, "Xã sẽ thanh tra.");
    let of = Answer {
        member: id("Hòa"),
        thread: letter.thread,
        message: Some(message(&answer, sealed(&answer, &key(MAI), &to))),
    };
    let command = on_case(SEAL_ANSWER, &letter, body(&of));
    assert!(apply(Some(&case), &command, id("Mai")).is_ok());
    let thread = mirror(Some(&thread.body), &command, id("Mai"), "", "").unwrap();
    let thread: Thread = crate::row::view(&thread).unwrap();
    assert_eq!(thread.state, FeedbackState::Answered);
    let at = letters(id("Hòa"), thread.desk, letter.thread, &thread.messages);
    let turns = read(&at, &own(HOA), &keys(&[]));
    let words: Vec<&str> = turns.iter().map(|turn| turn.read.as_ref().unwrap().0.words.as_str()).collect();
    assert_eq!(words, ["Trưởng thôn bán đất công.", "Xã sẽ thanh tra."]);
}

#[test]
fn wraps_that_are_none_are_refused() {
    let (letter, thread, _) = village();
    let row = RowRef::new(Scope::member(id("Hòa")), THREAD, letter.thread);
    let given = |message: Id, name: &str, length: usize| {
        let wraps = BTreeMap::from([(message, BTreeMap::from([(name.to_owned(), Base64(vec![1; length]))]))]);
        let of = ThreadWraps { desk: letter.desk, wraps };
        apply(Some(&thread), &command(WRAP_THREAD, row.clone(), body(&of)), id("Hòa")).map(drop)
    };
    let name = "a".repeat(32);
    assert_eq!(given(letter.message, &name, 80), Ok(()));
    assert_eq!(given(letter.message, &name, 79), Err(Refusal::Malformed.into()));
    assert_eq!(given(letter.message, "A", 80), Err(Refusal::Malformed.into()));
    assert_eq!(given(id("nơi khác"), &name, 80), Err(Refusal::NoSuchRow.into()));
}
