//! The simulation itself, and stories of what it found, each reduced to the few steps that matter.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::json;
use sotay_core::sync::{commands, commands::CommandState, engine::Stop};
use sotay_protocol::{attendance::AttendanceState, command::Command, env::Env, meetings, members::Office};
use sotay_server::members::import::{Level, OfficeRecord};

use super::play;
use crate::world::{COMMITTEE, DOI_CHE, Device, KHE_NUOC, Run, Seal, Step, World, commune, network::Fault};

#[test]
fn a_seed_tells_the_same_history_each_time() {
    let [once, again] = [7, 7].map(|seed| play(seed, Seal::Plain, true));
    assert!(once.trace.len() > 200, "{} lines", once.trace.len());
    assert_eq!(once, again);
    assert_ne!(once.trace, play(8, Seal::Plain, true).trace);
}

#[test]
fn histories_are_full_of_faults_and_end_well() {
    for seed in 1..=4 {
        let history = play(seed, Seal::Plain, false);
        assert!(history.is_full(), "{history:?}");
        assert_eq!(history.violations, Vec::<String>::new(), "seed {seed}");
    }
}

#[test]
fn a_server_that_lies_is_believed_in_nothing_that_nobody_signed() {
    let (mut signed, mut lies) = (0, 0);
    // A share of the histories has keys, and not in each of them does somebody sign and somebody lie.
    for seed in 10..60 {
        if signed > 0 && lies > 0 {
            break;
        }
        let history = play(seed, Seal::Plain, false);
        assert_eq!(history.violations, Vec::<String>::new(), "seed {seed}");
        signed += history.actions.get("signs a draft").copied().unwrap_or(0);
        lies += history
            .faults
            .iter()
            .filter(|(kind, _)| kind.starts_with("lie: "))
            .map(|(_, of)| of)
            .sum::<u64>();
    }
    assert!(signed > 0 && lies > 0, "{signed} signatures and {lies} lies");
}

fn state(device: &Device, kind: &str) -> CommandState {
    let outbox = device.outbox().unwrap();
    outbox.iter().rfind(|entry| entry.command.kind == kind).unwrap().state
}

#[test]
fn a_stuck_edit_of_a_meeting_keeps_no_mark_from_it() {
    let mut world = World::new(11);
    let hoa = world.enrol("Hòa");
    hoa.sync(&mut world);
    let env = world.env.clone();
    let creating = Arc::new(AtomicBool::new(true));
    let fails = Arc::clone(&creating);
    world.fail_at(Arc::new(move |command: &Command| match command.kind.as_str() {
        meetings::CREATE => fails.load(Ordering::SeqCst),
        kind => kind == meetings::EDIT,
    }));
    let meeting = hoa.new_meeting(&*env, world.commune.organisation(DOI_CHE), "Sinh hoạt").unwrap();
    hoa.edit_meeting(&*env, &meeting, &json!({ "place": "Sân kho" })).unwrap();
    let lan = world.commune.person("Lan").id;
    hoa.mark(&*env, &meeting, lan, AttendanceState::Present, None).unwrap();
    for _ in 0..4 {
        hoa.sync(&mut world);
    }
    assert_eq!(state(&hoa, meetings::CREATE), CommandState::Parked);

    creating.store(false, Ordering::SeqCst);
    let parked = hoa.outbox().unwrap().into_iter().find(|of| of.state == CommandState::Parked).unwrap();
    hoa.store().write(|store| commands::retry(store, &*env, parked.entry)).unwrap();
    for _ in 0..8 {
        hoa.sync(&mut world);
    }
    assert_eq!(state(&hoa, meetings::CREATE), CommandState::Applied);
    assert_eq!(state(&hoa, meetings::EDIT), CommandState::Parked);
    assert_eq!(state(&hoa, "attendance.mark"), CommandState::Applied);
}

#[test]
fn feedback_does_not_vanish_while_a_restored_server_is_read_anew() {
    let mut world = World::new(12);
    let lan = world.enrol("Lan");
    lan.sync(&mut world);
    let env = world.env.clone();
    let desk = world.commune.organisation(COMMITTEE);
    let thread = lan.feedback(&*env, desk, "Đường bản", "Cầu đã hỏng.").unwrap();
    world.network.next(Fault::LostAnswer);
    assert_eq!(lan.sync(&mut world), Stop::Cut);
    world.server.begin_epoch().unwrap();
    let mut run = Run::begin(&lan, &env).unwrap();
    loop {
        let step = run.step(&lan, &world.server, &env, &mut world.network).unwrap();
        assert!(lan.picture().contains_key(&thread), "gone after {step:?}");
        if step == Step::Over(Stop::Done) {
            break;
        }
    }
    assert_eq!(lan.picture(), world.server_picture(lan.member));
    assert_eq!(state(&lan, "thread.submit"), CommandState::Applied);
}

#[test]
fn what_a_conflict_told_goes_with_the_scope() {
    let mut world = World::new(13);
    let mut lan_leads = commune::members();
    lan_leads.retain(|record| record.birth == world.commune.person("Lan").birth);
    lan_leads[0].offices = Some(vec![OfficeRecord { office: Office::DeputySecretary, of: Level::Cell }]);
    world.server.import_members(&lan_leads).unwrap();
    let [hoa, lan] = ["Hòa", "Lan"].map(|name| world.enrol(name));
    let env = world.env.clone();
    hoa.sync(&mut world);
    let meeting = hoa.new_meeting(&*env, world.commune.organisation(DOI_CHE), "Sinh hoạt").unwrap();
    hoa.sync(&mut world);
    lan.sync(&mut world);
    hoa.edit_meeting(&*env, &meeting, &json!({ "place": "Nhà bà Hòa" })).unwrap();
    lan.edit_meeting(&*env, &meeting, &json!({ "place": "Trường học" })).unwrap();
    hoa.sync(&mut world);
    lan.sync(&mut world);
    assert_eq!(state(&lan, meetings::EDIT), CommandState::Conflicted);
    let told = || format!("{:?}", lan.outbox().unwrap());
    assert!(told().contains("Nhà bà Hòa"));

    world.server.transfer(lan.member, world.commune.organisation(KHE_NUOC)).unwrap();
    lan.sync(&mut world);
    assert!(!told().contains("Nhà bà Hòa"));
    assert!(told().contains("Trường học"), "her own words stay");
    assert_eq!(state(&lan, meetings::EDIT), CommandState::Conflicted);
}

#[test]
fn a_phone_whose_clock_stands_in_1970_has_the_rights_of_its_enrolment() {
    let mut world = World::new(14);
    world.env.pass(std::time::Duration::from_secs(60));
    let hoa = world.enrol("Hòa");
    hoa.sync(&mut world);
    let second = world.enrol("Hòa");
    let wrong = world.env.skewed(-world.env.now().millis());
    // What a secretary does before the phone has followed anything is listed, not folded; it goes up all the same.
    second.new_meeting(&wrong, world.commune.organisation(DOI_CHE), "Sinh hoạt").unwrap();
    assert_eq!(second.sync(&mut world), Stop::Done);
    assert_eq!(state(&second, meetings::CREATE), CommandState::Applied);
}

#[test]
fn what_a_copied_phone_held_back_is_heard_of_before_what_comes_after_it() {
    let mut world = World::new(15);
    let lan = world.enrol("Lan");
    lan.sync(&mut world);
    let env = world.env.clone();
    let [cell, desk] = [DOI_CHE, COMMITTEE].map(|name| world.commune.organisation(name));
    // Not hers to do: refused, and the mark waits for what becomes of the meeting.
    let meeting = lan.new_meeting(&*env, cell, "Sinh hoạt").unwrap();
    lan.mark(&*env, &meeting, lan.member, AttendanceState::Present, None).unwrap();
    lan.mark(&*env, &meeting, world.commune.person("Minh").id, AttendanceState::Present, None).unwrap();
    lan.sync(&mut world);
    lan.sync(&mut world);
    let copy = lan.copy().unwrap();
    lan.feedback(&*env, desk, "Đường bản", "Cầu đã hỏng.").unwrap();
    assert_eq!(lan.sync(&mut world), Stop::Done);
    copy.feedback(&*env, desk, "Nước sạch", "Bể nước đã cạn.").unwrap();
    assert_eq!(copy.sync(&mut world), Stop::Done);
    assert_eq!(state(&copy, "thread.submit"), CommandState::Applied);
}
