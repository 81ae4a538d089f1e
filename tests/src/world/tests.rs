//! The harness itself: what the whole-system tests lean on.

use sotay_core::sync::{commands::CommandState, engine::Stop};
use sotay_protocol::{
    attendance::{ATTENDANCE, AttendanceState},
    meetings::MEETING,
};

use super::{network::Fault, *};

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
