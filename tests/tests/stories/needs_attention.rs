//! What the server does not take stands on the phone, in the person's own words, until they have dealt with it.

use std::sync::Arc;

use serde_json::json;
use sotay_core::sync::{
    commands::{self, CommandState},
    engine::Stop,
};
use sotay_protocol::{
    attendance::{ATTENDANCE, AttendanceState},
    env::days,
    exchange::Outcome,
    feedback::THREAD,
    members::Office,
    refusal::Refusal,
};
use sotay_tests::world::{DOI_CHE, Device, network::Fault};

use crate::village::{Village, assert_one_picture, rows_of, states, sync};

#[test]
fn marks_on_a_refused_meeting_go_through_as_they_were_once_it_is_mended() {
    let mut village = Village::new(7);
    let (env, cell) = (village.world.env.clone(), village.world.commune.organisation(DOI_CHE));
    let people = ["Lan", "Minh", "Tám"].map(|name| village.world.commune.person(name).id);
    // By the office's list Hòa is not the secretary when she plans this one.
    let hoa_id = village.hoa.member;
    village.world.server.end_role(hoa_id, cell, Office::Secretary).unwrap();
    env.pass(std::time::Duration::from_secs(60));
    let meeting = village.hoa.new_meeting(&*env, cell, "Sinh hoạt chuyên đề").unwrap();
    let made = village.hoa.outbox().unwrap().last().unwrap().clone();
    sync(&village.hoa, &mut village.world);
    assert_eq!(states(&village.hoa).last(), Some(&CommandState::Refused));
    assert!(!village.hoa.picture().contains_key(&meeting), "what was refused is not shown as a meeting");

    let store = village.hoa.store().clone();
    let group = || store.read(|c| commands::dependants(c, made.entry)).unwrap();

    // The list of members says that she is; she goes on as if nothing had happened.
    village.world.server.import_members(&sotay_tests::world::commune::members()).unwrap();
    env.pass(std::time::Duration::from_secs(60));
    for member in people {
        village.hoa.mark(&*env, &meeting, member, AttendanceState::Present, None).unwrap();
    }
    sync(&village.hoa, &mut village.world);
    assert_eq!(
        states(&village.hoa)[1..],
        [CommandState::Refused, CommandState::Held, CommandState::Held, CommandState::Held]
    );
    assert_eq!(group().len(), 3, "the group is all that needs the meeting");
    let texts = |of: Vec<commands::Entry>| of.into_iter().map(|entry| entry.signed.text).collect::<Vec<_>>();
    let held = texts(group());
    sync(&village.hoa, &mut village.world);
    assert_eq!(texts(group()), held, "they wait");

    let body = made.command.body.clone();
    store.write(|tx| commands::mend(tx, &*env, made.entry, body)).unwrap();
    sync(&village.hoa, &mut village.world);
    assert_eq!(group().len(), 0);
    let sent = texts(village.hoa.outbox().unwrap());
    assert!(held.iter().all(|text| sent.contains(text)), "they went through as they were");
    assert!(states(&village.hoa).iter().all(|state| *state != CommandState::Held));
    let standing = village.world.server_picture(hoa_id);
    assert!(standing.contains_key(&meeting));
    assert_one_picture(&village.hoa, &village.world);
}

fn topic_of(entry: &commands::Entry) -> &str {
    entry.command.body.get("topic").and_then(|topic| topic.as_str()).unwrap_or_default()
}

#[test]
fn a_command_at_which_the_server_always_fails_is_parked_and_the_others_arrive() {
    let mut village = Village::new(8);
    let (lan, env, committee) = (village.phone("Lan"), village.world.env.clone(), village.committee());
    let fails =
        |command: &sotay_protocol::command::Command| command.body.get("topic") == Some(&json!("Điện"));
    village.world.fail_at(Arc::new(fails));
    for topic in ["Cầu treo", "Điện", "Trạm y tế", "Trường học"] {
        lan.feedback(&*env, committee, topic, "Xin Đảng ủy xem xét.").unwrap();
    }
    sync(&lan, &mut village.world);
    let outbox = lan.outbox().unwrap();
    let parked: Vec<&str> =
        outbox.iter().filter(|of| of.state == CommandState::Parked).map(topic_of).collect();
    assert_eq!(parked, ["Điện"]);
    assert_eq!(rows_of(&village.world.server_picture(lan.member), THREAD), 3);

    // The server was mended; Lan taps to try again.
    village.world.fail_at(Arc::new(|_| false));
    let entry = outbox.iter().find(|of| of.state == CommandState::Parked).unwrap().entry;
    lan.store().write(|tx| commands::retry(tx, &*env, entry)).unwrap();
    sync(&lan, &mut village.world);
    assert_eq!(rows_of(&village.world.server_picture(lan.member), THREAD), 4);
    assert!(states(&lan).iter().all(|state| *state == CommandState::Applied));
    assert_one_picture(&lan, &village.world);
}

/// An answer of a server so broken that it gives no outcome at all for one command.
fn crash_when_it_carries(village: &mut Village, phone: &Device, topic: &str) -> Stop {
    let waits = |phone: &Device| {
        let outbox = phone.outbox().unwrap();
        outbox.iter().any(|of| of.state.is_pending() && topic_of(of) == topic)
    };
    if waits(phone) {
        village.world.network.next(Fault::CutUp(5));
    }
    phone.sync(&mut village.world)
}

#[test]
fn a_cut_alone_parks_nothing() {
    let mut village = Village::new(9);
    let (lan, env, committee) = (village.phone("Lan"), village.world.env.clone(), village.committee());
    lan.feedback(&*env, committee, "Cầu treo", "Ván đã mục.").unwrap();
    for _ in 0..3 {
        village.world.network.partitioned = true;
        assert_eq!(lan.sync(&mut village.world), Stop::Cut);
        assert_eq!(crash_when_it_carries(&mut village, &lan, "Cầu treo"), Stop::Cut);
    }
    assert_eq!(states(&lan), [CommandState::Sent]);
    village.world.network.partitioned = false;
    village.world.network.coming.clear();
    sync(&lan, &mut village.world);
    assert_eq!(states(&lan), [CommandState::Applied]);
}

#[test]
fn what_hoa_did_before_her_term_ended_is_applied_and_what_she_did_after_is_refused() {
    let mut village = Village::new(10);
    let (env, cell) = (village.world.env.clone(), village.world.commune.organisation(DOI_CHE));
    let hoa = village.hoa.member;
    let [lan, minh, tam] = ["Lan", "Minh", "Tám"].map(|name| village.world.commune.person(name).id);
    let meeting = village.meeting.clone();
    // Offline on the mountain: Hòa holds the meeting and marks who came; the server hears of the numbers, and no more.
    village.hoa.open_meeting(&*env, &meeting).unwrap();
    village.hoa.mark(&*env, &meeting, lan, AttendanceState::Present, None).unwrap();
    env.pass(std::time::Duration::from_secs(3600));
    // Meanwhile, in the valley, her term ends.
    village.world.server.end_role(hoa, cell, Office::Secretary).unwrap();
    env.pass(std::time::Duration::from_secs(3600));
    village.hoa.mark(&*env, &meeting, minh, AttendanceState::Excused, Some("Đi viện")).unwrap();
    // Two batches with a cut between: the first answer breaks off after its outcomes began.
    village.world.network.next(Fault::CutDown { after: 700, beyond: 0 });
    village.hoa.sync(&mut village.world);
    village.hoa.mark(&*env, &meeting, tam, AttendanceState::Present, None).unwrap();
    sync(&village.hoa, &mut village.world);
    let outbox = village.hoa.outbox().unwrap();
    let made: Vec<_> = outbox.iter().skip(1).map(|of| (of.state, of.outcome.clone())).collect();
    let states: Vec<_> = made.iter().map(|(state, _)| *state).collect();
    use CommandState::{Applied, Refused};
    assert_eq!(states, [Applied, Applied, Applied, Refused, Refused]);
    assert_eq!(made[3].1, Some(Outcome::Refused { code: Refusal::NotAllowed }));
    village.world.relay();
    let cell_rows = village.world.standing_in(&[meeting.scope].into());
    assert_eq!(rows_of(&cell_rows, ATTENDANCE), 1, "Lan's, and neither Minh's nor Tám's");
    assert_eq!(cell_rows[&meeting]["state"], json!("open"));
}

#[test]
fn a_clock_set_back_by_years_brings_no_right_back() {
    let mut village = Village::new(11);
    let (env, cell) = (village.world.env.clone(), village.world.commune.organisation(DOI_CHE));
    let hoa = village.hoa.member;
    village.world.server.end_role(hoa, cell, Office::Secretary).unwrap();
    env.pass(days(40));
    sync(&village.hoa, &mut village.world);
    // Hòa's phone thinks it is two months ago.
    let early = sotay_tests::world::SetEnv::new(99);
    village.hoa.new_meeting(&early, cell, "Họp lùi ngày").unwrap();
    sync(&village.hoa, &mut village.world);
    assert_eq!(states(&village.hoa).last(), Some(&CommandState::Refused));
}

#[test]
fn two_officers_answers_both_stand_and_two_places_for_one_meeting_are_a_conflict() {
    let mut village = Village::new(12);
    let env = village.world.env.clone();
    let other = village.phone("Hòa");
    let (hoa, meeting) = (&village.hoa, village.meeting.clone());
    hoa.edit_meeting(&*env, &meeting, &json!({ "place": "Trường tiểu học" })).unwrap();
    other.edit_meeting(&*env, &meeting, &json!({ "place": "Trạm y tế" })).unwrap();
    other.edit_meeting(&*env, &meeting, &json!({ "title": "Họp chi bộ" })).unwrap();
    sync(hoa, &mut village.world);
    sync(&other, &mut village.world);
    let outbox = other.outbox().unwrap();
    assert_eq!(outbox[0].state, CommandState::Conflicted);
    let Some(Outcome::Conflicted { current }) = &outbox[0].outcome else { panic!("{outbox:?}") };
    assert_eq!(current["place"], json!("Trường tiểu học"));
    assert_eq!(outbox[1].state, CommandState::Applied, "another field of the same row is no conflict");
    sync(hoa, &mut village.world);
    for phone in [hoa, &other] {
        assert_one_picture(phone, &village.world);
    }
}
