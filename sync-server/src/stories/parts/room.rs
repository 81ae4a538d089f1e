//! How much a device may have on its way, and a member on the server; and what goes by itself.

use super::*;

/// `count` small photographs.
fn photos(count: usize) -> Vec<(Attachment, Vec<u8>)> {
    (0..count).map(|number| photo(&format!("ảnh {number}"), 40)).collect()
}

#[test]
fn a_phone_has_so_many_files_on_their_way_and_goes_on_after_an_exchange() {
    let village = Village::new();
    let server = &village.server;
    let mut lan = village.phone("Lan");
    let photos = photos(limits::UPLOADS + 1);
    let threads: Vec<Command> = photos.iter().map(|(file, _)| lan.writes_with(&village, &[file])).collect();
    let all: Vec<&Command> = threads.iter().collect();
    lan.sync(server, &all);
    let ((last, last_bytes), rest) = photos.split_last().unwrap();
    for (file, bytes) in rest {
        lan.uploads(server, file, bytes).unwrap();
    }
    assert_eq!(code(lan.part(server, last, 0, last_bytes)), ProblemCode::NoRoom);
    assert_eq!(lan.asks(server, last), 0, "a question is free");
    village.phone("Lan").uploads(server, last, last_bytes).unwrap();
    // What a command waits for stays, however long it has been there.
    village.later(3 * 24 * 3600);
    assert_eq!(code(lan.part(server, last, 0, last_bytes)), ProblemCode::NoRoom);
    lan.sync(server, &all[..1]).applied(1);
    lan.uploads(server, last, last_bytes).unwrap();
    let answer = lan.sync(server, &all[1..]);
    assert!(answer.outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::Applied { .. })));
}

#[test]
fn what_is_begun_counts_whole_and_can_be_finished() {
    let village = Village::new();
    let server = &village.server;
    let lan = village.phone("Lan");
    let large = |number: u64| {
        let hash = sha256_hex(&number.to_be_bytes());
        Attachment { size: limits::ATTACHMENT, hash, ..photo("to", 1).0 }
    };
    let fit = limits::UPLOADS_BYTES / limits::ATTACHMENT;
    for number in 0..fit {
        assert_eq!(lan.part(server, &large(number), 0, b"a"), Ok(1));
        village.later(1);
    }
    let (small, bytes) = photo("nhỏ", 40);
    assert_eq!(code(lan.part(server, &small, 0, &bytes)), ProblemCode::NoRoom);
    assert_eq!(lan.part(server, &large(0), 1, b"b"), Ok(2), "one that was let in goes on");
    // Nothing waits for them, and since yesterday nothing came: the oldest makes room.
    village.later(2 * 24 * 3600);
    assert_eq!(lan.part(server, &large(1), 1, b"b"), Ok(2));
    lan.uploads(server, &small, &bytes).unwrap();
    assert_eq!([0, 1, 2, 3].map(|number| lan.asks(server, &large(number))), [2, 2, 0, 1]);
}

#[test]
fn a_member_who_has_filled_their_room_is_told_before_sending_more() {
    let village = Village::new();
    let server = &village.server;
    let (mut lan, mut mai) = (village.phone("Lan"), village.phone("Mai"));
    let (bridge, bytes) = photo("cầu", 1000);
    let thread = lan.writes_with(&village, &[&bridge]);
    lan.uploads(server, &bridge, &bytes).unwrap();
    lan.sync(server, &[&thread]).applied(1);
    let device = lan.device;
    let fill = |size: u64| {
        let (hash, id) = (sha256(&size.to_be_bytes()), village.commune);
        let upload = Upload { device, hash, id, size, have: size, verified: true, at: now(&village) };
        village.store.write_with(&[thread.row.scope], |tx| tx.keep_upload(&thread.row, &upload)).unwrap();
    };
    fill(limits::MEMBER_FILES - 1999);
    let (road, road_bytes) = photo("đường", 1000);
    let refused = Outcome::Refused { code: Refusal::NoRoom };
    let writes = |files: &[&Attachment], lan: &mut Phone| {
        let reply = lan.replies_with(&village, &thread.row, files);
        (reply.number, lan.sync(server, &[&reply]).outcome(reply.number).clone())
    };
    lan.uploads(server, &road, &road_bytes).unwrap();
    assert_eq!(writes(&[&road], &mut lan).1, refused);
    lan.uploads(server, &bridge, &bytes).unwrap();
    let (_, outcome) = writes(&[&bridge], &mut lan);
    assert!(
        matches!(outcome, Outcome::Applied { .. }),
        "one that is hers already takes no room: {outcome:?}"
    );
    assert!(matches!(writes(&[], &mut lan).1, Outcome::Applied { .. }));
    fill(2000);
    let (sea, sea_bytes) = photo("biển", 1000);
    assert_eq!(writes(&[&sea], &mut lan).1, refused, "and not asked for the file");
    // The desk can still answer.
    let answer = mai.answers_with(&village, &thread.row, &[&sea]);
    mai.uploads(server, &sea, &sea_bytes).unwrap();
    mai.sync(server, &[&answer]).applied(1);
}

#[test]
fn what_nobody_claims_goes_after_thirty_days() {
    let village = Village::new();
    let server = &village.server;
    let mut lan = village.phone("Lan");
    let ((bridge, bytes), (road, road_bytes)) = (photo("cầu", 1000), photo("đường", 1000));
    let thread = lan.writes_with(&village, &[&bridge, &road]);
    lan.sync(server, &[&thread]);
    lan.uploads(server, &bridge, &bytes).unwrap();
    lan.part(server, &road, 0, &road_bytes[..10]).unwrap();
    village.later(29 * 24 * 3600);
    server.daily().unwrap();
    assert_eq!((lan.asks(server, &bridge), lan.asks(server, &road)), (1000, 10));
    lan.part(server, &road, 10, &road_bytes[10..20]).unwrap();
    village.later(2 * 24 * 3600);
    server.daily().unwrap();
    assert_eq!((lan.asks(server, &bridge), lan.asks(server, &road)), (0, 20), "by each one's last part");
    // The command still says what it lacks, and goes through when that is there again.
    assert_eq!(*lan.sync(server, &[&thread]).outcome(1), held(&[&bridge, &road]));
    lan.uploads(server, &bridge, &bytes).unwrap();
    lan.uploads(server, &road, &road_bytes).unwrap();
    lan.sync(server, &[&thread]).applied(1);
}
