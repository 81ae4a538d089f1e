//! Whose a file is: of the device that sends it, then of the rows that name it; a hash opens nothing.

use sotay_protocol::{
    directives::DIRECTIVE, enrol::ForkRequest, env::Env, members::Office, signature::SigningKey,
};

use super::*;

/// Every answer to an upload of `bytes` from the first question to the last part, and what the command meets.
fn heard(village: &Village, phone: &mut Phone, file: &Attachment, bytes: &[u8]) -> Vec<String> {
    let server = &village.server;
    let thread = phone.writes_with(village, &[file]);
    let mut heard = vec![format!("{:?}", phone.sync(server, &[&thread]).outcome(1))];
    heard.push(format!("{:?}", phone.part(server, file, 0, &[])));
    heard.push(format!("{:?}", phone.part(server, file, 100, &bytes[100..200])));
    for (number, part) in bytes.chunks(limits::PART).enumerate() {
        heard.push(format!("{:?}", phone.part(server, file, number * limits::PART, part)));
    }
    phone.sync(server, &[&thread]).applied(1);
    heard
}

#[test]
fn nobody_learns_by_sending_it_whether_somebody_has_a_file() {
    let village = Village::new();
    let (bridge, bytes) = photo("cầu", limits::PART + 1000);
    // Lan's photograph lies in her own scope, at the desk, and on its way from her other phone.
    let mut first = village.phone("Lan");
    let as_new = heard(&village, &mut first, &bridge, &bytes);
    let other = village.phone("Lan");
    other.uploads(&village.server, &bridge, &bytes).unwrap();
    for name in ["Minh", "Mai", "Lan", "Sơn"] {
        let mut phone = village.phone(name);
        assert_eq!(heard(&village, &mut phone, &bridge, &bytes), as_new, "{name}");
    }
}

#[test]
fn a_file_is_read_through_its_own_row_alone() {
    let village = Village::new();
    let server = &village.server;
    let (mut lan, mut minh, mut mai) = (village.phone("Lan"), village.phone("Minh"), village.phone("Mai"));
    let (hoa, son) = (village.phone("Hòa"), village.phone("Sơn"));
    let (bridge, bytes) = photo("cầu", 1000);
    let thread = lan.writes_with(&village, &[&bridge]);
    lan.uploads(server, &bridge, &bytes).unwrap();
    lan.sync(server, &[&thread]).applied(1);
    // Minh names the same hash, of which he has sent nothing; and writes without files.
    let probe = minh.writes_with(&village, &[&bridge]);
    let bare = minh.writes_with(&village, &[]);
    let answer = minh.sync(server, &[&probe, &bare]);
    assert_eq!(*answer.outcome(1), held(&[&bridge]));
    answer.applied(2);
    let case = case_of(&village, &thread.row);
    let other_kind = RowRef { kind: DIRECTIVE.into(), ..thread.row.clone() };
    let other_scope = RowRef { scope: Scope::org(village.commune), ..case.clone() };
    for (name, phone, row) in [
        ("Minh, Lan's thread", &minh, &thread.row),
        ("Minh, Lan's case", &minh, &case),
        ("Minh, his own row", &minh, &bare.row),
        ("Minh, the row that is held", &minh, &probe.row),
        ("Mai, Lan's thread", &mai, &thread.row),
        ("Mai, Minh's case", &mai, &case_of(&village, &bare.row)),
        ("Lan, the desk's case", &lan, &case),
        ("Lan, another kind", &lan, &other_kind),
        ("Lan, another scope", &lan, &other_scope),
        ("Hòa, of Lan's cell", &hoa, &thread.row),
        ("Sơn", &son, &case),
    ] {
        assert_eq!(phone.reads(server, row, &bridge), None, "{name}");
    }
    assert_eq!(
        lan.reads(server, &thread.row, &Attachment { hash: sha256_hex(b"khac"), ..bridge.clone() }),
        None
    );
    assert!(lan.reads(server, &thread.row, &bridge).unwrap() == bytes);
    assert!(mai.reads(server, &case, &bridge).unwrap() == bytes);

    // Mai leaves the office, and what she had begun to read ends.
    mai.sync(server, &[]);
    let begun = server.readable(mai.device, &case, &bridge.hash).unwrap().unwrap();
    server.end_role(mai.member, village.commune, Office::Staff).unwrap();
    assert_eq!(mai.reads(server, &case, &bridge), None);
    // The row goes: nobody reads it any longer, nor goes on reading.
    village.store.write_with(&[case.scope], |tx| tx.bury(&case, now(&village))).unwrap();
    assert!(server.read_on(&begun, 0).unwrap().is_empty());
    assert!(lan.reads(server, &thread.row, &bridge).unwrap() == bytes, "hers is her own");
    village.store.write_with(&[thread.row.scope], |tx| tx.drop_blobs(&thread.row)).unwrap();
    assert_eq!(lan.reads(server, &thread.row, &bridge), None, "a row that lost its files");
}

#[test]
fn a_revoked_device_sends_nothing_more() {
    let village = Village::new();
    let server = &village.server;
    let mut lan = village.phone("Lan");
    let (bridge, bytes) = photo("cầu", limits::PART + 1000);
    let thread = lan.writes_with(&village, &[&bridge]);
    assert_eq!(lan.part(server, &bridge, 0, &bytes[..100]), Ok(100));
    server.revoke_device(lan.device).unwrap();
    assert_eq!(code(lan.part(server, &bridge, 100, &bytes[100..200])), ProblemCode::UnknownDevice);
    assert_eq!(code(lan.part(server, &bridge, 0, &[])), ProblemCode::UnknownDevice, "not even a question");
    let refused = Outcome::Refused { code: Refusal::NotAllowed };
    assert_eq!(*lan.sync(server, &[&thread]).outcome(1), refused);
    village.later(31 * 24 * 3600);
    server.daily().unwrap();
    assert!(village.store.read_with(|reader| reader.uploads_of(lan.device)).unwrap().is_empty());
}

#[test]
fn only_the_device_itself_adds_to_its_file() {
    let village = Village::new();
    let server = &village.server;
    let (lan, minh) = (village.phone("Lan"), village.phone("Minh"));
    let (bridge, bytes) = photo("cầu", 1000);
    let mut forged = minh.copy();
    forged.device = lan.device;
    assert_eq!(code(forged.part(server, &bridge, 0, &bytes)), ProblemCode::BadSignature);
    let mut elsewhere = lan.copy();
    elsewhere.server = village.commune;
    assert_eq!(code(elsewhere.part(server, &bridge, 0, &bytes)), ProblemCode::WrongServer);
    let mut nobody = lan.copy();
    nobody.device = village.commune;
    assert_eq!(code(nobody.part(server, &bridge, 0, &bytes)), ProblemCode::UnknownDevice);
    // Bytes changed on their way, or put elsewhere.
    let mut sealed = lan.sealed(&bridge, 0, &bytes[..500]);
    *sealed.last_mut().unwrap() ^= 1;
    assert_eq!(code(server.part(&sealed)), ProblemCode::BadSignature);
    let head = PartHead::seal(server.id(), lan.device, &bridge, 0, &bytes[..500], &lan.key);
    let moved = PartHead { at: 500, ..head }.packed(&bytes[..500]);
    assert_eq!(code(server.part(&moved)), ProblemCode::BadSignature);
    assert_eq!(lan.asks(server, &bridge), 0);
}

#[test]
fn a_forked_phone_sends_its_files_under_its_own_name() {
    let village = Village::new();
    let server = &village.server;
    let mut lan = village.phone("Lan");
    let (bridge, bytes) = photo("cầu", limits::PART + 1000);
    let (road, road_bytes) = photo("đường", 1000);
    let sent = lan.writes_with(&village, &[&bridge]);
    let waits = lan.writes_with(&village, &[&road]);
    lan.sync(server, &[&sent, &waits]);
    lan.uploads(server, &bridge, &bytes).unwrap();
    lan.uploads(server, &road, &road_bytes).unwrap();
    lan.sync(server, &[&sent]).applied(1);
    // Her store is a copy from before: it makes a key of its own, and numbers anew what it has.
    let key = SigningKey::generate(&*village.env);
    let fork = ForkRequest::new(lan.device, &lan.key, &key, village.env.now());
    let device = server.fork(&fork).unwrap().device;
    let mut copy = Phone::new(lan.server, device, lan.member, village.env.clone(), key);
    let again: Vec<Command> =
        [&sent, &waits].map(|old| copy.command(&old.kind, old.row.clone(), &old.body)).into();
    let answer = copy.sync(server, &[&again[0], &again[1]]);
    assert_eq!(*answer.outcome(1), held(&[&bridge]), "the other's upload is not hers");
    assert_eq!(*answer.outcome(2), held(&[&road]));
    copy.uploads(server, &bridge, &bytes).unwrap();
    copy.uploads(server, &road, &road_bytes).unwrap();
    let answer = copy.sync(server, &[&again[0], &again[1]]);
    answer.applied(1);
    answer.applied(2);
    assert!(copy.reads(server, &waits.row, &road).unwrap() == road_bytes);
    // The first phone comes with what was done by the other: it stands, and its upload is done with.
    lan.sync(server, &[&waits]).applied(2);
    assert_eq!((lan.asks(server, &road), copy.asks(server, &road)), (0, 0));
}

#[test]
fn a_case_that_left_the_desk_keeps_its_photographs_and_comes_back_with_them() {
    let village = Village::new();
    let server = &village.server;
    let (mut lan, mut mai) = (village.phone("Lan"), village.phone("Mai"));
    let ((bridge, bytes), (road, road_bytes)) = (photo("cầu", 1000), photo("đường", 1000));
    let thread = lan.writes_with(&village, &[&bridge]);
    lan.uploads(server, &bridge, &bytes).unwrap();
    lan.sync(server, &[&thread]).applied(1);
    let answer = mai.answers_with(&village, &thread.row, &[]);
    mai.sync(server, &[&answer]).applied(1);
    village.later(400 * 24 * 3600);
    server.clear_windows(&mut || ()).unwrap();
    mai.sync(server, &[]);
    let case = case_of(&village, &thread.row);
    assert_eq!(mai.sees(&case), None);
    assert!(mai.reads(server, &case, &bridge).unwrap() == bytes, "through the archive");
    assert_eq!(village.phone("Minh").reads(server, &case, &bridge), None);
    // While the further word waits for its file the case stays where it is.
    let reply = lan.replies_with(&village, &thread.row, &[&road]);
    assert_eq!(*lan.sync(server, &[&reply]).outcome(2), held(&[&road]));
    mai.sync(server, &[]);
    assert_eq!(mai.sees(&case), None);
    lan.uploads(server, &road, &road_bytes).unwrap();
    lan.sync(server, &[&reply]).applied(2);
    mai.sync(server, &[]);
    assert!(mai.sees(&case).is_some());
    assert!(mai.reads(server, &case, &bridge).unwrap() == bytes);
    assert!(mai.reads(server, &case, &road).unwrap() == road_bytes);
}
