//! Each command once, whatever comes twice or gets lost.

use sotay_core::sync::commands::CommandState;
use sotay_protocol::{attendance::AttendanceState, feedback::THREAD};
use sotay_tests::world::network::Fault;

use crate::village::{Village, assert_one_picture, rows_of, states, sync};

#[test]
fn lan_sends_the_same_batch_twice_and_it_is_applied_once() {
    for fault in [Fault::Duplicate, Fault::DuplicateHeard] {
        let mut village = Village::new(3);
        let (lan, committee) = (village.phone("Lan"), village.committee());
        for topic in ["Cầu treo", "Điện", "Trạm y tế"] {
            lan.feedback(&*village.world.env, committee, topic, "Xin Đảng ủy xem xét.").unwrap();
        }
        village.world.network.next(fault);
        sync(&lan, &mut village.world);
        assert_eq!(states(&lan), [CommandState::Applied; 3]);
        assert_eq!(rows_of(&village.world.server_picture(lan.member), THREAD), 3);
        assert_one_picture(&lan, &village.world);
    }
}

#[test]
fn a_refusal_in_a_lost_answer_is_still_shown() {
    let mut village = Village::new(4);
    let (lan, env) = (village.phone("Lan"), village.world.env.clone());
    lan.feedback(&*env, village.committee(), "Cầu treo", "Ván đã mục.").unwrap();
    lan.mark(&*env, &village.meeting, lan.member, AttendanceState::Present, None).unwrap();
    village.world.network.next(Fault::LostAnswer);
    lan.sync(&mut village.world);
    assert_eq!(states(&lan), [CommandState::Sent; 2]);
    sync(&lan, &mut village.world);
    assert_eq!(states(&lan), [CommandState::Applied, CommandState::Refused]);
    assert_eq!(rows_of(&village.world.server_picture(lan.member), THREAD), 1);
    assert_one_picture(&lan, &village.world);
}

#[test]
fn a_copied_store_becomes_a_device_of_its_own_and_nothing_is_dropped_or_twice() {
    let mut village = Village::new(5);
    let (lan, env, committee) = (village.phone("Lan"), village.world.env.clone(), village.committee());
    lan.feedback(&*env, committee, "Trước khi sao", "Viết trước khi máy được sao lại.").unwrap();
    let copy = lan.copy().unwrap();
    lan.feedback(&*env, committee, "Trên máy cũ", "Viết trên máy cũ.").unwrap();
    copy.feedback(&*env, committee, "Trên bản sao", "Viết trên bản sao.").unwrap();
    copy.feedback(&*env, committee, "Cũng trên bản sao", "Thêm một ý nữa.").unwrap();
    sync(&lan, &mut village.world);
    sync(&copy, &mut village.world);
    sync(&lan, &mut village.world);
    assert_eq!(states(&lan), [CommandState::Applied; 2]);
    assert_eq!(states(&copy), [CommandState::Applied; 3]);
    let devices = |phone: &sotay_tests::world::Device| {
        phone.store().read(sotay_core::sync::device::identity).unwrap().unwrap().device
    };
    assert_ne!(devices(&lan), devices(&copy));
    assert_eq!(rows_of(&village.world.server_picture(lan.member), THREAD), 4);
    for phone in [&lan, &copy] {
        assert_one_picture(phone, &village.world);
    }
}

#[test]
fn a_copy_whose_fork_answer_is_lost_asks_again_with_the_same_key() {
    let mut village = Village::new(6);
    let (lan, env, committee) = (village.phone("Lan"), village.world.env.clone(), village.committee());
    let copy = lan.copy().unwrap();
    lan.feedback(&*env, committee, "Trên máy cũ", "Viết trên máy cũ.").unwrap();
    copy.feedback(&*env, committee, "Trên bản sao", "Viết trên bản sao.").unwrap();
    sync(&lan, &mut village.world);
    // The copy hears that it is one, and dies before it has an id of its own.
    let mut run = sotay_tests::world::Run::begin(&copy, &env).unwrap();
    for _ in 0..40 {
        if run.is_about_to_send()
            && village.world.network.last_request.is_some()
            && run.engine().report().frames > 1
        {
            break;
        }
        run.step(&copy, &village.world.server, &env, &mut village.world.network).unwrap();
    }
    drop(run);
    let before = village.world.server.devices_of(lan.member).unwrap().len();
    sync(&copy, &mut village.world);
    assert_eq!(village.world.server.devices_of(lan.member).unwrap().len(), before + 1);
    assert_eq!(states(&copy), [CommandState::Applied]);
    sync(&lan, &mut village.world);
    assert_one_picture(&lan, &village.world);
}
