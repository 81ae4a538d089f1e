//! The harness itself: what the whole-system tests lean on.

use sotay_core::sync::{commands::CommandState, engine::Stop};
use sotay_protocol::{
    attendance::{ATTENDANCE, AttendanceState},
    meetings::MEETING,
};

use super::{network::Fault, *};
use crate::disk::{Act, Doom};

/// What stands in the outbox, by kind and state.
fn states(device: &Device) -> Vec<(String, CommandState)> {
    device.outbox().unwrap().into_iter().map(|entry| (entry.command.kind, entry.state)).collect()
}

#[test]
fn hoa_opens_lan_checks_in_and_mai_sees_counts() {
    let mut world = World::new(1);
    let [hoa, lan, mai] = ["Hòa", "Lan", "Mai"].map(|name| world.enrol(name));
    for device in [&hoa, &lan, &mai] {
        assert_eq!(device.sync(&mut world), Stop::Done);
        assert_eq!(device.picture(), world.server_picture(device.member));
    }
    let env = world.env.clone();
    let meeting = hoa.new_meeting(&*env, world.commune.organisation(DOI_CHE), "Sinh hoạt tháng 12").unwrap();
    assert_eq!(hoa.sync(&mut world), Stop::Done);
    assert_eq!(lan.sync(&mut world), Stop::Done);
    assert_eq!(lan.rows(MEETING), std::slice::from_ref(&meeting));

    hoa.open_meeting(&*env, &meeting).unwrap();
    let code = hoa.code(&*env, &meeting).unwrap().unwrap();
    lan.check_in(&*env, &meeting, &code).unwrap();
    let tam = world.commune.person("Tám").id;
    hoa.mark(&*env, &meeting, tam, AttendanceState::Excused, Some("Đồng chí Tám ốm")).unwrap();
    let thread =
        lan.feedback(&*env, world.commune.organisation(COMMITTEE), "Đường bản", "Cầu đã hỏng.").unwrap();
    env.pass(std::time::Duration::from_secs(3600));
    hoa.close_meeting(&*env, &meeting).unwrap();
    for device in [&lan, &hoa, &mai, &lan, &hoa] {
        assert_eq!(device.sync(&mut world), Stop::Done);
        world.relay();
    }
    for device in [&lan, &hoa, &mai] {
        assert_eq!(device.sync(&mut world), Stop::Done);
        assert_eq!(device.picture(), world.server_picture(device.member), "{}", device.person);
        assert!(
            states(device).iter().all(|(_, state)| *state == CommandState::Applied),
            "{:?}",
            states(device)
        );
    }
    assert_eq!(lan.rows(ATTENDANCE).len(), 2);
    let case = mai.cases().pop().unwrap();
    mai.answer(&*env, &case, Some("Xã sẽ sửa cầu trong tháng này.")).unwrap();
    assert_eq!(mai.sync(&mut world), Stop::Done);
    assert_eq!(lan.sync(&mut world), Stop::Done);
    assert!(lan.picture()[&thread].to_string().contains("sửa cầu"));
}

#[test]
fn a_phone_and_a_server_that_die_come_back_as_they_were() {
    let mut world = World::new(2);
    let mut hoa = world.enrol("Hòa");
    let env = world.env.clone();
    hoa.sync(&mut world);
    let meeting = hoa.new_meeting(&*env, world.commune.organisation(DOI_CHE), "Sinh hoạt").unwrap();
    hoa.die().unwrap();
    assert_eq!(hoa.rows(MEETING), [meeting]);
    world.network.next(Fault::LostAnswer);
    assert_eq!(hoa.sync(&mut world), Stop::Cut);
    world.restart_server();
    assert_eq!(hoa.sync(&mut world), Stop::Done);
    assert_eq!(hoa.picture(), world.server_picture(hoa.member));
    assert_eq!(states(&hoa), [("meeting.create".into(), CommandState::Applied)]);
}

const AT_THE_SYNC: Doom = Doom { nth: 1, at: Some(Act::Sync), takes_effect: false };

#[test]
fn what_lan_reads_after_a_kill_is_there_after_a_loss_of_power_too() {
    for seal in [Seal::Plain, Seal::Sqlcipher] {
        let mut world = World::sealed(3, seal);
        let mut lan = world.enrol("Lan");
        let env = world.env.clone();
        let desk = world.commune.organisation(COMMITTEE);
        lan.sync(&mut world);
        let before = lan.picture();
        lan.disk().doom(Some(AT_THE_SYNC));
        lan.feedback(&*env, desk, "Đường bản", "Cầu đã hỏng.").unwrap_err();
        assert!(lan.disk().is_dead());
        lan.die().unwrap();
        let read = lan.picture();
        assert_eq!(read.len(), before.len() + 1, "the process was killed after its last write");
        for loss in [Loss::Unsynced, Loss::Torn(1), Loss::Torn(2)] {
            lan.crash(loss).unwrap();
            assert_eq!(lan.picture(), read, "{loss:?}");
        }
    }
}

#[test]
fn what_a_killed_server_told_is_there_after_a_loss_of_power_too() {
    let mut world = World::new(4);
    let (hoa, lan) = (world.enrol("Hòa"), world.enrol("Lan"));
    let env = world.env.clone();
    for device in [&hoa, &lan] {
        device.sync(&mut world);
    }
    hoa.new_meeting(&*env, world.commune.organisation(DOI_CHE), "Sinh hoạt").unwrap();
    // Hòa's command is applied by the third commit of the exchange, or thereabouts.
    for nth in 1.. {
        world.disk().doom(Some(Doom { nth, ..AT_THE_SYNC }));
        hoa.sync(&mut world);
        let died = world.disk().is_dead();
        world.crash_server(Loss::Nothing).unwrap();
        lan.sync(&mut world);
        let told = lan.picture();
        world.crash_server(Loss::Unsynced).unwrap();
        assert_eq!(world.server_picture(lan.member), told, "after its {nth}. sync");
        if !died {
            break;
        }
    }
    assert_eq!(lan.rows(MEETING).len(), 1);
}

#[test]
fn a_full_phone_refuses_to_write_and_goes_on_with_room() {
    let mut world = World::new(5);
    let mut lan = world.enrol("Lan");
    lan.sync(&mut world);
    let env = world.env.clone();
    let desk = world.commune.organisation(COMMITTEE);
    lan.disk().limit(Some(0));
    lan.feedback(&*env, desk, "Đường bản", "Cầu đã hỏng.").unwrap_err();
    assert_eq!(lan.outbox().unwrap().len(), 0);
    lan.crash(Loss::Unsynced).unwrap();
    lan.disk().limit(None);
    lan.feedback(&*env, desk, "Đường bản", "Cầu đã hỏng.").unwrap();
    assert_eq!(lan.sync(&mut world), Stop::Done);
    assert_eq!(lan.picture(), world.server_picture(lan.member));
}
