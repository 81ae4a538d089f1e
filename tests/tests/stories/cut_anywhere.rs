//! An exchange cut at every byte, up and down, and tried again: the same end, and nothing taken in twice.

use std::collections::BTreeSet;

use sotay_core::sync::{
    commands::CommandState,
    engine::{Action, Engine, Event, Stop},
};
use sotay_protocol::attendance::AttendanceState;
use sotay_tests::world::{Device, Run, Step, World};

use crate::village::{Village, assert_one_picture, cursors, directive, states, sync};

/// Lan, enrolled and never synced, has answered a roll call's worth of things on a mountain: her next exchange
/// brings every kind of frame, several scopes, and carries three commands of which one is refused and one held.
fn village() -> (Village, Device) {
    let mut village = Village::new(2);
    let lan = village.world.enrol("Lan");
    let committee = village.committee();
    village
        .world
        .server
        .publish(&directive(committee, 17, "Dọn vệ sinh đường làng vào sáng thứ Bảy."))
        .unwrap();
    let env = village.world.env.clone();
    let elsewhere = sotay_protocol::row::RowRef { id: lan.member, ..village.meeting.clone() };
    lan.feedback(&*env, committee, "Cầu treo", "Ván cầu treo đã mục ba tấm.").unwrap();
    lan.mark(&*env, &village.meeting, lan.member, AttendanceState::Present, None).unwrap();
    lan.check_in(&*env, &elsewhere, "123456").unwrap();
    (village, lan)
}

fn expected(device: &Device) {
    use CommandState::{Applied, Held, Refused};
    assert_eq!(states(device), [Applied, Refused, Held]);
}

/// Syncs to the end, and checks that no (scope, epoch, generation, to) is taken in twice.
fn finish(device: &Device, world: &mut World, taken: &mut BTreeSet<(String, u64, u64, u64)>) {
    let mut before = cursors(device);
    let mut run = Run::begin(device, &world.env).unwrap();
    loop {
        let step = run.step(device, &world.server, &world.env, &mut world.network).unwrap();
        let now = cursors(device);
        for cursor in now.iter().filter(|cursor| cursor.3 > 0 && !before.contains(cursor)) {
            assert!(taken.insert(cursor.clone()), "taken in twice: {cursor:?}");
        }
        before = now;
        if let Step::Over(stop) = step {
            assert_eq!(stop, Stop::Done);
            return;
        }
    }
}

#[test]
fn half_a_request_does_nothing() {
    let (mut village, lan) = village();
    let (_, Action::Exchange(packed)) = Engine::begin(lan.store(), &*village.world.env).unwrap() else {
        panic!()
    };
    let before = village.world.server_picture(lan.member);
    for after in 0..packed.len() {
        assert!(village.world.server.exchange(&packed[..after]).is_err(), "{after} bytes were taken");
    }
    let mut longer = packed.clone();
    longer.push(0);
    assert!(village.world.server.exchange(&longer).is_err());
    assert_eq!(village.world.server_picture(lan.member), before);
    finish(&lan, &mut village.world, &mut BTreeSet::new());
    expected(&lan);
    assert_one_picture(&lan, &village.world);
}

/// The bytes of one whole answer, frame by frame.
fn answer(world: &World, packed: &[u8]) -> Vec<Vec<u8>> {
    let mut exchange = world.server.exchange(packed).unwrap();
    std::iter::from_fn(|| exchange.next().unwrap()).collect()
}

/// Every fourth byte from `first` on; the states that the cuts end in.
fn cut_after(first: usize) -> BTreeSet<String> {
    let (mut village, lan) = village();
    let env = village.world.env.clone();
    let (_, Action::Exchange(packed)) = Engine::begin(lan.store(), &*env).unwrap() else { panic!() };
    let frames = answer(&village.world, &packed);
    let stream = frames.concat();
    assert!(frames.len() >= 6, "scopes, outcomes, several changes, end");
    let mut ends = BTreeSet::new();
    for after in (first..stream.len()).step_by(4) {
        // The phone as it was before the exchange; the request leaves it anew and the answer breaks off.
        let phone = lan.copy().unwrap();
        let (mut engine, _) = Engine::begin(phone.store(), &*env).unwrap();
        for bytes in stream[..after].chunks(1_000) {
            assert_eq!(engine.on(phone.store(), &*env, Event::Bytes(bytes)).unwrap(), Action::Read);
        }
        assert_eq!(engine.on(phone.store(), &*env, Event::Cut).unwrap(), Action::Stop(Stop::Cut));
        let mut taken = cursors(&phone).into_iter().filter(|cursor| cursor.3 > 0).collect();
        finish(&phone, &mut village.world, &mut taken);
        expected(&phone);
        assert_one_picture(&phone, &village.world);
        ends.insert(format!("{:?}", cursors(&phone)));
    }
    ends
}

#[test]
fn an_answer_cut_at_any_byte_costs_at_most_the_frame_it_falls_into() {
    let ends = std::thread::scope(|scope| {
        let shares = [0, 1, 2, 3].map(|first| scope.spawn(move || cut_after(first)));
        shares.into_iter().flat_map(|share| share.join().unwrap()).collect::<BTreeSet<_>>()
    });
    assert_eq!(ends.len(), 1, "every cut ends in the same state");
}

#[test]
fn a_server_that_stops_between_any_two_frames_has_done_what_it_said_and_no_more() {
    for frames in 0..12 {
        let (mut village, lan) = village();
        let mut run = Run::begin(&lan, &village.world.env).unwrap();
        for _ in 0..=frames {
            run.step(&lan, &village.world.server, &village.world.env, &mut village.world.network).unwrap();
        }
        let said = states(&lan);
        drop(run);
        village.world.restart_server();
        sync(&lan, &mut village.world);
        expected(&lan);
        if said.contains(&CommandState::Applied) {
            assert_eq!(said[0], states(&lan)[0], "what was confirmed stands");
        }
        assert_one_picture(&lan, &village.world);
    }
}
