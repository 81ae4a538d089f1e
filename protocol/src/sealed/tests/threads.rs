//! Letters in threads and cases: what the commands of sealing make of the rows, on the phone and on the server alike.

use super::*;

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
