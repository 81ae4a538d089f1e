//! Lan writes to the commune; Mai answers; both see how it stands.

use sotay_protocol::{
    exchange::Outcome,
    feedback::{Case, FeedbackState, Message, Side, Thread, case_id},
    refusal::Refusal,
    scope::Scope,
};

use super::*;
use crate::{
    outbox::{self, RowState},
    shown::Page,
    sync::commands::{self, SubmitError},
    village::{CELL, COMMUNE, Phone, december, id},
};

#[test]
fn lan_writes_without_a_network_and_the_words_are_there_until_answered() {
    let lan = Phone::of_lan();
    let words = lan.words();
    let env = lan.env.as_ref();
    let desks = lan.store.read(|store| desks(store, words.now)).unwrap();
    let names: Vec<(&str, bool)> = desks.iter().map(|desk| (desk.name.as_str(), desk.usual)).collect();
    assert_eq!(names, [(CELL, false), (COMMUNE, true)]);

    let empty = lan.store.write(|tx| submit(tx, env, None, "Đường thôn", "  "));
    assert!(matches!(empty, Err(SubmitError::Refused(Refusal::Empty))));
    let stranger = lan.store.write(|tx| submit(tx, env, Some(id("xã khác")), "Đường thôn", "Lở"));
    assert!(matches!(stranger, Err(SubmitError::Refused(Refusal::NotAllowed))));

    let first = lan.store.write(|tx| submit(tx, env, None, "Đường thôn hỏng", "Lở sau mưa.")).unwrap();
    lan.env.set(3, 19, 40);
    lan.store.write(|tx| submit(tx, env, None, "Đèn đường", "Ba bóng cháy.")).unwrap();
    lan.env.set(3, 19, 50);
    lan.store.write(|tx| reply(tx, env, first, "Hôm nay lở thêm.")).unwrap();
    let lines = lan.store.read(|store| threads(store, &words)).unwrap();
    let topics: Vec<&str> = lines.iter().map(|line| line.topic.as_str()).collect();
    assert_eq!(topics, ["Đường thôn hỏng", "Đèn đường"], "the last word first");
    assert_eq!((lines[0].desk_name.as_str(), &lines[0].sync), (COMMUNE, &Some(RowState::Pending)));

    // Sent, and its row not here yet: it does not vanish in between.
    let made = lan.store.read(commands::list).unwrap();
    let scope = made[0].command.row.scope;
    lan.env.set(3, 20, 5);
    lan.hears(vec![(1, Outcome::Applied { scope, epoch: 1, seq: 2_000_000 })]);
    let words = lan.words();
    let view = lan.store.read(|store| thread(store, first, &words)).unwrap().unwrap();
    assert_eq!(view.messages.len(), 2);
    let items = lan.store.read(|store| outbox::list(store, &words)).unwrap();
    assert_eq!(
        items.iter().map(|item| item.deed.as_str()).collect::<Vec<_>>(),
        ["Phản ánh “Đèn đường”", "Viết thêm về “Đường thôn hỏng”"]
    );

    let answered = Thread {
        desk: id(COMMUNE),
        topic: "Đường thôn hỏng".into(),
        messages: vec![
            view.messages[0].clone(),
            Message {
                id: id("lời đáp"),
                side: Side::Desk,
                at: december(4, 8, 0),
                words: "Tuần này sửa.".into(),
                attachments: vec![],
                sealed: None,
            },
        ],
        state: FeedbackState::Answered,
        sealed: false,
    };
    lan.hears(vec![(3, Outcome::Applied { scope, epoch: 1, seq: 3 })]);
    lan.has(&THREADS, scope, first, &answered);
    let view = lan.store.read(|store| thread(store, first, &words)).unwrap().unwrap();
    assert_eq!(words.feedback_state(view.line.feedback_state), "đã trả lời");
    assert_eq!(words.row_state(view.line.sync.as_ref().unwrap()), "Đã gửi lúc 20:05");
}

#[test]
fn words_that_were_not_accepted_stay_and_can_be_rewritten() {
    let lan = Phone::of_lan();
    let words = lan.words();
    let long = lan.store.write(|tx| submit(tx, lan.env.as_ref(), None, "Đường", "Rất dài")).unwrap();
    lan.hears(vec![(1, Outcome::Refused { code: Refusal::TooLarge })]);
    let item = lan.store.read(|store| outbox::list(store, &words)).unwrap().remove(0);
    assert_eq!((item.deed.as_str(), item.written.as_deref()), ("Phản ánh “Đường”", Some("Rất dài")));
    lan.store.write(|tx| outbox::mend_feedback(tx, lan.env.as_ref(), item.entry, "Ngắn")).unwrap();
    let view = lan.store.read(|store| thread(store, long, &words)).unwrap().unwrap();
    assert_eq!(view.messages[0].words, "Ngắn");
    assert_eq!(lan.store.read(outbox::counts).unwrap().needs_attention, 0);
}

#[test]
fn mai_answers_the_oldest_first() {
    let mai = Phone::of_mai();
    let words = mai.words();
    for (name, day, state) in [
        ("Đèn đường", 2, FeedbackState::Sent),
        ("Đường thôn", 1, FeedbackState::Received),
        ("Chợ", 1, FeedbackState::Answered),
    ] {
        let message = Message {
            id: id(name),
            side: Side::Member,
            at: december(day, 8, 0),
            words: name.into(),
            attachments: vec![],
            sealed: None,
        };
        let case = Case {
            member: id("Nguyễn Thị Lan"),
            member_name: "Nguyễn Thị Lan".into(),
            cell_name: CELL.into(),
            thread: id(name),
            topic: name.into(),
            messages: vec![message],
            state,
            sealed: false,
        };
        mai.has(&CASES, Scope::desk(id(COMMUNE)), case_id(id(name)), &case);
    }
    let topics = || -> Vec<String> {
        let lines = mai.store.read(|store| cases(store, &words)).unwrap();
        lines.into_iter().map(|line| line.topic).collect()
    };
    assert_eq!(topics(), ["Đường thôn", "Đèn đường", "Chợ"]);
    for (skip, take) in [(0, 1), (0, 2), (1, 1), (1, 5), (2, 1), (2, 5), (3, 5), (0, 0)] {
        let page = Page { skip, take };
        let lines = mai.store.read(|store| cases_page(store, &words, page)).unwrap();
        let page: Vec<String> = lines.into_iter().map(|line| line.topic).collect();
        let all = topics();
        let end = all.len().min((skip + take) as usize);
        assert_eq!(page, all[(skip as usize).min(end)..end], "{skip} {take}");
    }
    let case_of = case_id(id("Đường thôn"));
    mai.store.write(|tx| receive(tx, mai.env.as_ref(), case_of)).unwrap();
    mai.store.write(|tx| answer(tx, mai.env.as_ref(), case_of, "Tuần này sửa.")).unwrap();
    assert_eq!(topics(), ["Đèn đường", "Đường thôn", "Chợ"]);
    let view = mai.store.read(|store| case(store, case_of, &words)).unwrap().unwrap();
    assert_eq!((view.messages.len(), view.line.feedback_state), (2, FeedbackState::Answered));
    assert_eq!(view.line.since, december(1, 8, 0));

    let lan = Phone::of_lan();
    let tried = lan.store.write(|tx| answer(tx, lan.env.as_ref(), case_of, "Tôi trả lời"));
    assert!(matches!(tried, Err(SubmitError::Refused(Refusal::NoSuchRow))));
}
