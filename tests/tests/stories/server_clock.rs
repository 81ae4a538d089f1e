//! The clock of the server's machine is set back by three days, as a flat battery does it.

use std::{sync::Arc, time::Duration};

use sotay_core::{
    store::Store,
    sync::{commands::CommandState, engine::Stop, status},
};
use sotay_protocol::{
    attendance::{ATTENDANCE, AttendanceState},
    env::{Env, days},
    members::Office,
    scope::ScopeKind,
};
use sotay_server::members::import::{Level, MemberRecord, OfficeRecord};
use sotay_tests::world::{Device, Run, SetEnv, Step, World, commune};

use crate::village::{Village, assert_one_picture, states};

/// The list of members in which Lan is the cell's deputy secretary.
fn with_lan_as_deputy() -> Vec<MemberRecord> {
    let mut members = commune::members();
    let lan = members.iter_mut().find(|of| of.name == "Lò Thị Lan").unwrap();
    lan.offices = Some(vec![OfficeRecord { office: Office::DeputySecretary, of: Level::Cell }]);
    members
}

/// With phones whose clocks are right.
fn sync(phone: &Device, world: &mut World, time: &SetEnv) {
    let mut run = Run::begin(phone, time).unwrap();
    let stop = loop {
        if let Step::Over(stop) = run.step(phone, &world.server, time, &mut world.network).unwrap() {
            break stop;
        }
    };
    assert_eq!(stop, Stop::Done, "{} syncs", phone.person);
}

fn is_told_of_its_clock(store: &Store) -> bool {
    store.read(status::stored).unwrap().attention.clock.is_some()
}

#[test]
fn the_servers_clock_goes_back_three_days_and_lans_office_and_check_in_stand() {
    let mut village = Village::new(23);
    let lan = village.phone("Lan");
    // What the phones' clocks show, which nobody sets.
    let time: Arc<SetEnv> = Arc::new(village.world.env.skewed(0));
    time.pass(days(3));
    village.world.server.import_members(&with_lan_as_deputy()).unwrap();
    time.pass(Duration::from_secs(60));
    let meeting = village.meeting.clone();
    village.hoa.open_meeting(&*time, &meeting).unwrap();
    let code = village.hoa.code(&*time, &meeting).unwrap().unwrap();
    sync(&lan, &mut village.world, &time);
    lan.check_in(&*time, &meeting, &code).unwrap();
    for _ in 0..2 {
        sync(&village.hoa, &mut village.world, &time);
        sync(&lan, &mut village.world, &time);
        village.world.relay();
    }
    sync(&lan, &mut village.world, &time);
    let before = lan.picture();
    assert_eq!(lan.rows(ATTENDANCE).len(), 1, "Lan's check-in was confirmed");
    assert!(before.keys().any(|row| row.scope.kind == ScopeKind::Desk), "Lan sees the cell's desk");

    village.world.env.jump(-3 * 24 * 3_600_000);
    let behind = village.world.server.behind().unwrap();
    assert!(behind.to_string().contains("chậm hơn 3 ngày"), "{behind}");
    for restarted in [false, true] {
        if restarted {
            village.world.restart_server();
        }
        time.pass(Duration::from_secs(600));
        sync(&lan, &mut village.world, &time);
        assert_eq!(lan.picture().keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
        assert!(!is_told_of_its_clock(lan.store()), "Lan's clock is right");
    }

    // A day later, and the office has not noticed: Lan holds the meeting in Hòa's place.
    time.pass(days(1));
    let [minh, tam] = ["Minh", "Tám"].map(|name| village.world.commune.person(name).id);
    for member in [minh, tam] {
        lan.mark(&*time, &meeting, member, AttendanceState::Present, None).unwrap();
    }
    sync(&lan, &mut village.world, &time);
    assert!(states(&lan).iter().all(|state| *state == CommandState::Applied), "{:?}", states(&lan));
    assert!(!is_told_of_its_clock(lan.store()));
    assert_one_picture(&lan, &village.world);

    // What is recorded now counts from now: her term ends, and with it what she sees of the desk.
    village.world.server.end_role(lan.member, meeting.scope.id, Office::DeputySecretary).unwrap();
    sync(&lan, &mut village.world, &time);
    assert!(lan.picture().keys().all(|row| row.scope.kind != ScopeKind::Desk));

    // The clock is set right, and the server goes by it again.
    village.world.env.jump(3 * 24 * 3_600_000);
    assert_eq!(village.world.server.behind(), None);
    assert_eq!(village.world.server.now(), time.now());
    sync(&village.hoa, &mut village.world, &time);
    assert_one_picture(&village.hoa, &village.world);
}
