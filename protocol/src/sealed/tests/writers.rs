//! To whom one seals, and whose word a letter is.

use super::*;

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
