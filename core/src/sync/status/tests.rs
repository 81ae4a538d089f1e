//! What Hòa's phone says of itself.

use sotay_protocol::{
    env::Env,
    exchange::{End, Outcome},
    frame::Frame,
    refusal::Refusal,
};

use super::*;
use crate::{
    feedback,
    store::StoreError,
    sync::{
        commands::SubmitError,
        engine::{Engine, Event},
        schedule::{FilesDown, Plan},
    },
    village::{Phone, december},
};

fn writes(lan: &Phone, topic: &str) {
    let submit = |tx: &rusqlite::Transaction<'_>| {
        feedback::submit(tx, lan.env.as_ref(), None, topic, "Xe không qua được.")
    };
    lan.store.write::<_, SubmitError>(submit).unwrap();
}

fn said(lan: &Phone) -> Stored {
    lan.store.read(stored).unwrap()
}

fn items(lan: &Phone) -> Vec<crate::outbox::Item> {
    lan.store.read(|store| crate::outbox::list(store, &lan.words())).unwrap()
}

#[test]
fn all_is_uploaded_only_when_all_was_answered() {
    let lan = Phone::of_lan();
    assert!(said(&lan).unsent.is_all_sent());
    writes(&lan, "Đường thôn");
    writes(&lan, "Nước sạch");
    assert_eq!(said(&lan).unsent, Unsent { deeds: 2, ..Unsent::default() });
    let (scope, epoch) = (items(&lan)[0].row.scope, 1);
    let held = Outcome::Held { missing: vec![items(&lan)[0].row.clone()], files: Vec::new() };
    lan.hears(vec![(1, Outcome::Applied { scope, epoch, seq: 1 }), (2, held)]);
    let stored = said(&lan);
    assert_eq!((stored.unsent.deeds, stored.attention.held), (1, 1), "held is not there yet");
    lan.hears(vec![(2, Outcome::Refused { code: Refusal::NotAllowed })]);
    let stored = said(&lan);
    assert!(stored.unsent.is_all_sent(), "answered, if not as she hoped");
    assert_eq!((stored.attention.refused, stored.attention.deeds()), (1, 1));
    let [item] = stored.attention.items.as_slice() else { panic!("{:?}", stored.attention.items) };
    assert_eq!((item.state, item.entry), (ItemState::Refused, 2));
    assert_eq!(item.tries.last_try, Some(lan.env.now()));
}

#[test]
fn what_was_sent_without_an_answer_says_so_after_a_restart_as_well() {
    let lan = Phone::of_lan();
    writes(&lan, "Đường thôn");
    assert_eq!(items(&lan)[0].tries, Tries::default(), "never tried");
    // The request goes out, and nothing comes back.
    let (mut engine, _) = Engine::begin(&lan.store, lan.env.as_ref()).unwrap();
    let begun = lan.env.now();
    let on_its_way = Tries { last_try: Some(begun), last_error: None };
    assert_eq!(items(&lan)[0].tries, on_its_way);
    engine.on(&lan.store, lan.env.as_ref(), Event::Cut).unwrap();
    lan.env.set(3, 20, 0);
    let lost = Tries { last_error: Some(TryError::NoAnswer), ..on_its_way };
    assert_eq!(items(&lan)[0].tries, lost);
    lan.hears(vec![(1, Outcome::Failed)]);
    assert_eq!(items(&lan)[0].tries, Tries { last_error: Some(TryError::ServerFailed), ..on_its_way });
}

/// An exchange that ends with the server's clock at this time, and its word whether that can be trusted.
fn hears_the_time(lan: &Phone, now: Timestamp, clock_unsure: bool) {
    let end = End {
        now,
        clock_unsure,
        token: Some("t".into()),
        token_until: Some(now + Duration::from_secs(3_600)),
        ..End::default()
    };
    let (mut engine, _) = Engine::begin(&lan.store, lan.env.as_ref()).unwrap();
    engine.on(&lan.store, lan.env.as_ref(), Event::Bytes(&Frame::End(end).pack().unwrap())).unwrap();
    engine.on(&lan.store, lan.env.as_ref(), Event::Finished).unwrap();
}

#[test]
fn a_clock_that_is_wrong_is_told_of_and_hinders_nothing() {
    let lan = Phone::of_lan();
    let hour = Duration::from_secs(3_600);
    for (server, off) in [
        (december(3, 19, 25), None),
        (december(3, 19, 35), None),
        (december(3, 19, 14), Some(ClockOff { fast: true, millis: 11 * 60_000 })),
        (december(6, 19, 25), Some(ClockOff { fast: false, millis: 3 * 24 * 3_600_000 })),
    ] {
        hears_the_time(&lan, server, false);
        assert_eq!(said(&lan).attention.clock, off);
        // A token is good for an hour from now, whatever the hour is thought to be.
        let facts = lan.store.read(facts).unwrap();
        assert_eq!(facts.token_until, Some(lan.env.now() + hour));
    }
    // Of a server that does not know the time itself Lan is told nothing.
    hears_the_time(&lan, december(1, 19, 25), true);
    assert_eq!(said(&lan).attention.clock, None);
    assert_eq!(lan.store.read(facts).unwrap().token_until, Some(lan.env.now() + hour));
    writes(&lan, "Đường thôn");
    let facts = lan.store.read(facts).unwrap();
    assert_eq!((facts.pending, facts.last_sync), (1, Some(lan.env.now())));
}

#[test]
fn what_goes_on_is_said_in_its_order() {
    let lan = Phone::of_lan();
    let enrolled = said(&lan);
    let plan = Plan { files_up: true, files_down: FilesDown::Rest };
    let running = Running {
        stage: Stage::Exchanging,
        sent: 1,
        rows: 200,
        came: 200,
        ahead: Some(1_000),
        bytes_up: 900,
        bytes_down: 80_000,
        verified: 0,
        indexed: 0,
        file_at: 0,
        file_of: 0,
    };
    let is = |stored: &Stored, going_on: GoingOn| status(stored, &going_on).activity;
    let waits = |why, until| Activity::Waiting { why, until };
    let at = december(3, 19, 30);
    let next = |next| GoingOn { next: Some(next), ..GoingOn::default() };
    assert_eq!(is(&enrolled, GoingOn::default()), Activity::Idle);
    assert_eq!(is(&enrolled, next(Next::At(at, Why::Idle))), Activity::Idle);
    assert_eq!(is(&enrolled, next(Next::Run(plan))), Activity::Idle);
    let begins = is(&enrolled, next(Next::Running));
    assert!(
        matches!(begins, Activity::Running(_)),
        "between two words of a run nobody is told that all is done"
    );
    assert_eq!(is(&enrolled, next(Next::At(at, Why::BackOff))), waits(Why::BackOff, Some(at)));
    assert_eq!(is(&enrolled, next(Next::Wait(Why::NoNetwork))), waits(Why::NoNetwork, None));
    assert_eq!(is(&Stored::default(), next(Next::Wait(Why::NoNetwork))), waits(Why::NotEnrolled, None));
    let runs = GoingOn { running: Some(running.clone()), ..next(Next::Running) };
    assert_eq!(is(&enrolled, runs.clone()), Activity::Running(running));
    assert_eq!(is(&enrolled, GoingOn { paused: true, ..runs }), waits(Why::Paused, None));
    let unknown = GoingOn { unknown: true, key: Some(KeyTrouble::Locked), ..GoingOn::default() };
    let attention = status(&enrolled, &unknown).attention;
    assert!(attention.enrol_again && attention.key == Some(KeyTrouble::Locked));
}

#[test]
fn of_a_heap_the_first_hundred_are_named_and_all_counted() {
    let lan = Phone::of_lan();
    for number in 0..105 {
        lan.env.set(3, 8 + number / 60, number % 60);
        writes(&lan, &format!("Việc {number}"));
    }
    let refused = |number| (number, Outcome::Refused { code: Refusal::NotAllowed });
    lan.hears((1..=105).map(refused).collect());
    let attention = said(&lan).attention;
    assert_eq!((attention.refused, attention.items.len(), attention.items[0].entry), (105, 100, 1));
    let given = lan.store.read::<_, StoreError>(given_out).unwrap();
    assert_eq!(given, 105);
}
