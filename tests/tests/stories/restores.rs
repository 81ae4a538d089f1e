//! Yesterday's backup comes back: what was sent since is there again, once, and nobody is wiped.

use std::collections::BTreeSet;

use sotay_core::{
    outbox,
    sync::{commands::CommandState, device, engine::Stop},
};
use sotay_protocol::{
    attendance::{AttendanceState, PASS_KEY},
    devices::DEVICE,
    env::days,
    feedback::{THREAD, case_id},
    row::RowRef,
};
use sotay_tests::world::{DOI_CHE, Device, Run, Step, World};

use crate::village::{Village, assert_one_picture, rows_of, states, sync};

const PEOPLE: [&str; 7] = ["Lan", "Minh", "Hòa", "Tám", "Sơn", "Thảo", "Mai"];

fn shown(device: &Device) -> BTreeSet<RowRef> {
    device.picture().into_keys().collect()
}

/// A run to its end; of the rows that stand before and after it, none is missing at any step.
fn sync_and_watch(device: &Device, world: &mut World) -> Stop {
    let before = shown(device);
    let mut missed = BTreeSet::new();
    let mut run = Run::begin(device, &world.env).unwrap();
    let stop = loop {
        let step = run.step(device, &world.server, &world.env, &mut world.network).unwrap();
        let now = shown(device);
        missed.extend(before.difference(&now).cloned());
        if let Step::Over(stop) = step {
            break stop;
        }
    };
    let after = shown(device);
    let flickered: Vec<_> = missed.intersection(&after).collect();
    assert_eq!(flickered, Vec::<&RowRef>::new(), "{} misses rows for a while", device.person);
    stop
}

fn threads(world: &World) -> usize {
    PEOPLE.map(|name| rows_of(&world.server_picture(world.commune.person(name).id), THREAD)).iter().sum()
}

#[test]
fn two_hundred_phones_meet_a_server_of_yesterday() {
    let mut village = Village::new(71);
    let (env, committee) = (village.world.env.clone(), village.committee());
    let cell = village.world.commune.organisation(DOI_CHE);
    let mut phones: Vec<Device> = Vec::new();
    for nth in 0..199 {
        phones.push(village.phone(PEOPLE[nth % PEOPLE.len()]));
    }
    for phone in phones.iter().step_by(3) {
        phone.feedback(&*env, committee, "Hôm qua", "Viết trước khi sao lưu.").unwrap();
        sync(phone, &mut village.world);
    }
    env.pass(days(1));
    let backup = village.world.back_up_server().unwrap();

    // A day goes by. Everyone writes; Hòa plans a meeting and calls the roll; Mai answers what she sees.
    let meeting = phones[2].new_meeting(&*env, cell, "Họp chi ủy").unwrap();
    sync(&phones[2], &mut village.world);
    let (secretary, roll) = (&phones[9], phones[0].member);
    sync(secretary, &mut village.world);
    secretary.mark(&*env, &meeting, roll, AttendanceState::Present, None).unwrap();
    let mut written = Vec::new();
    for phone in &phones {
        written.push(phone.feedback(&*env, committee, "Hôm nay", "Viết sau khi sao lưu.").unwrap());
        sync(phone, &mut village.world);
    }
    let (stolen, of_stolen) = (phones.remove(3), written.remove(3));
    assert_eq!(stolen.person, "Tám");
    village.world.server.revoke_device(stolen.id).unwrap();
    let (mai, lan) = (&phones[5], &phones[6]);
    assert_eq!((mai.person, lan.person), ("Mai", "Lan"));
    sync(mai, &mut village.world);
    for case in mai.cases().into_iter().take(60) {
        mai.answer(&*env, &case, Some("Đảng ủy đã nhận.")).unwrap();
    }
    sync(mai, &mut village.world);
    // Lan marks a roll that is not hers to mark, sees that it is refused, and lets it go.
    lan.mark(&*env, &meeting, lan.member, AttendanceState::Present, None).unwrap();
    sync(lan, &mut village.world);
    let entry = lan.outbox().unwrap().last().unwrap().entry;
    assert_eq!(states(lan).last(), Some(&CommandState::Refused));
    lan.store().write(|store| outbox::dismiss(store, &*env, entry)).unwrap();
    let mut newcomer = village.phone("Thảo");
    newcomer.feedback(&*env, committee, "Máy mới", "Viết trên máy kích hoạt sau khi sao lưu.").unwrap();
    sync(&newcomer, &mut village.world);
    let unsent = phones[8].feedback(&*env, committee, "Chưa gửi", "Viết khi không có mạng.").unwrap();
    for phone in phones.iter().chain([&newcomer]).filter(|phone| phone.id != phones[8].id) {
        sync(phone, &mut village.world);
    }
    let before = threads(&village.world);
    let standing: Vec<_> =
        PEOPLE.map(|name| village.world.server_picture(village.world.commune.person(name).id)).into();

    village.world.restore_server(&backup).unwrap();
    assert!(threads(&village.world) < before);

    // The phone that the backup does not know is told to enrol again, and keeps everything.
    let kept = newcomer.picture();
    assert_eq!(newcomer.sync(&mut village.world), Stop::EnrolAgain);
    assert_eq!(newcomer.picture(), kept);
    village.world.enrol_again(&mut newcomer);
    assert_eq!(newcomer.picture(), kept);

    // Mai's phone comes first: what she answered waits for those who asked.
    for phone in phones[5..].iter().chain(&phones[..5]).chain([&village.hoa]) {
        assert_eq!(sync_and_watch(phone, &mut village.world), Stop::Done);
        let identity = phone.store().read(device::identity).unwrap().unwrap();
        assert_eq!((identity.device, identity.taken_off), (phone.id, false), "nobody enrols again");
    }
    assert_eq!(sync_and_watch(&newcomer, &mut village.world), Stop::Done);
    // Twice: what the first round brought may free what others hold, and that is for all to read.
    for _ in 0..2 {
        for phone in phones.iter().chain([&newcomer, &village.hoa]) {
            sync(phone, &mut village.world);
        }
    }

    // All that stood stands, once; and what had not been sent is there too.
    // But for what a thief's phone would have to send.
    for (name, mut old) in PEOPLE.into_iter().zip(standing) {
        let mut new = village.world.server_picture(village.world.commune.person(name).id);
        // A phone that enrolled anew is another device, with another key for its passes.
        let of_devices = |row: &RowRef| row.kind == DEVICE || row.kind == PASS_KEY;
        new.retain(|row, _| !of_devices(row));
        old.retain(|row, _| !of_devices(row) && *row != of_stolen && row.id != case_id(of_stolen.id));
        for row in old.keys() {
            assert!(new.contains_key(row), "{name} has lost {row:?}");
        }
        let newly = new.len() - old.len();
        assert!(newly <= 1, "{name}: once, and what was not sent yet");
    }
    assert_eq!(threads(&village.world), before - 1 + 1);
    assert!(village.world.server_picture(phones[8].member).contains_key(&unsent));
    for phone in phones.iter().chain([&newcomer, &village.hoa]) {
        assert!(states(phone).iter().all(|state| *state == CommandState::Applied), "{:?}", states(phone));
        assert_one_picture(phone, &village.world);
    }
    // A revoked phone stays revoked.
    assert_eq!(stolen.sync(&mut village.world), Stop::Done);
    assert!(stolen.picture().is_empty());
    assert!(stolen.store().read(device::identity).unwrap().unwrap().taken_off);
}

#[test]
fn what_was_held_in_the_backup_and_applied_since_is_there_again() {
    let mut village = Village::new(72);
    let (env, cell) = (village.world.env.clone(), village.world.commune.organisation(DOI_CHE));
    // Hòa plans a meeting on her phone; her tablet, a copy of it, calls the roll first.
    let (phone, lan) = (village.phone("Hòa"), village.phone("Lan"));
    let meeting = phone.new_meeting(&*env, cell, "Họp bất thường").unwrap();
    let tablet = village.phone("Hòa");
    tablet.mark(&*env, &meeting, lan.member, AttendanceState::Present, None).unwrap();
    tablet.sync(&mut village.world);
    assert_eq!(states(&tablet), [CommandState::Held]);
    let backup = village.world.back_up_server().unwrap();
    for device in [&phone, &tablet, &lan] {
        sync(device, &mut village.world);
    }
    assert_eq!(states(&tablet), [CommandState::Applied]);
    village.world.restore_server(&backup).unwrap();
    for device in [&tablet, &phone, &tablet, &lan] {
        assert_eq!(sync_and_watch(device, &mut village.world), Stop::Done);
    }
    assert_eq!(states(&tablet), [CommandState::Applied]);
    sync(&phone, &mut village.world);
    for device in [&phone, &tablet, &lan] {
        assert_one_picture(device, &village.world);
    }
    assert_eq!(rows_of(&lan.picture(), "attendance"), 1);
}

/// Hòa's tablet was told of a conflict; a restored server met the tablet's word first and took it. Then the tablet breaks, and a
/// copy of it from before the restore goes on.
#[test]
fn what_a_restored_server_took_is_no_conflict_on_a_phone_that_was_put_back() {
    let mut village = Village::new(78);
    let (env, meeting) = (village.world.env.clone(), village.meeting.clone());
    let (phone, tablet) = (village.phone("Hòa"), village.phone("Hòa"));
    let backup = village.world.back_up_server().unwrap();
    for (device, place) in [(&phone, "Trường học"), (&tablet, "Nhà sàn ông Tám")] {
        device.edit_meeting(&*env, &meeting, &serde_json::json!({ "place": place })).unwrap();
        sync(device, &mut village.world);
    }
    assert_eq!(states(&tablet), [CommandState::Conflicted]);
    let copy = tablet.copy().unwrap();
    village.world.restore_server(&backup).unwrap();
    sync(&tablet, &mut village.world);
    assert_eq!(states(&tablet), [CommandState::Applied]);
    drop(tablet);
    for device in [&copy, &phone, &copy] {
        sync_and_watch(device, &mut village.world);
    }
    assert_eq!(
        (states(&copy), states(&phone)),
        (vec![CommandState::Applied], vec![CommandState::Conflicted])
    );
    assert_one_picture(&copy, &village.world);
}

#[test]
fn numbers_that_no_phone_keeps_any_longer_are_skipped() {
    let mut village = Village::new(73);
    let (env, committee) = (village.world.env.clone(), village.committee());
    let lan = village.phone("Lan");
    let backup = village.world.back_up_server().unwrap();
    for nth in 0..620 {
        lan.feedback(&*env, committee, "Mùa trước", &format!("Ý kiến {nth}")).unwrap();
    }
    sync(&lan, &mut village.world);
    env.pass(days(31));
    sync(&lan, &mut village.world);
    assert!(states(&lan).is_empty(), "kept for 30 days");
    lan.feedback(&*env, committee, "Mùa này", "Một").unwrap();
    sync(&lan, &mut village.world);
    lan.feedback(&*env, committee, "Mùa này", "Hai").unwrap();
    village.world.restore_server(&backup).unwrap();
    let (stop, report) = lan.sync_reporting(&mut village.world).unwrap();
    assert_eq!(stop, Stop::Done);
    assert!(report.exchanges <= 4, "{report:?}");
    assert_eq!(states(&lan), [CommandState::Applied; 2]);
    assert_eq!(rows_of(&village.world.server_picture(lan.member), THREAD), 2);
    assert_one_picture(&lan, &village.world);
    // Nothing is skipped a second time.
    let (_, report) = lan.sync_reporting(&mut village.world).unwrap();
    assert_eq!((report.exchanges, report.sent), (1, 0));
}

#[test]
fn a_clock_that_ran_ahead_takes_nothing_away_that_a_restore_will_want() {
    // The phone's by ten months, or the server's by two.
    for (phone_ahead, server_ahead) in [(300, 0), (0, 60)] {
        let mut village = Village::new(74);
        let (env, committee) = (village.world.env.clone(), village.committee());
        let lan = village.phone("Lan");
        let backup = village.world.back_up_server().unwrap();
        let millis = |of: i64| of * i64::try_from(days(1).as_millis()).unwrap();
        lan.feedback(&env.skewed(millis(phone_ahead)), committee, "Đồng hồ sai", "Ngày tháng không đúng.")
            .unwrap();
        sync(&lan, &mut village.world);
        env.pass(days(2 + server_ahead));
        let clock = env.skewed(millis(phone_ahead) - millis(i64::try_from(server_ahead).unwrap()));
        let mut run = Run::begin(&lan, &clock).unwrap();
        let world = &mut village.world;
        while !matches!(run.step(&lan, &world.server, &clock, &mut world.network).unwrap(), Step::Over(_)) {}
        drop(run);
        village.world.restore_server(&backup).unwrap();
        sync(&lan, &mut village.world);
        assert_eq!(rows_of(&village.world.server_picture(lan.member), THREAD), 1);
    }
}

/// One backup, restored twice: what a phone learnt of the first life must not be taken for the second's.
#[test]
fn one_backup_restored_twice_is_two_servers() {
    let mut village = Village::new(75);
    let (env, committee) = (village.world.env.clone(), village.committee());
    let (lan, minh) = (village.phone("Lan"), village.phone("Minh"));
    let backup = village.world.back_up_server().unwrap();
    let epoch = |phone: &Device| crate::village::cursors(phone)[0].1;
    let mut epochs = vec![epoch(&lan)];
    for topic in ["Lần một", "Lần hai", "Lần ba"] {
        village.world.restore_server(&backup).unwrap();
        minh.feedback(&*env, committee, topic, "Gửi rồi lại gửi.").unwrap();
        lan.feedback(&*env, committee, topic, "Gửi rồi lại gửi.").unwrap();
        for phone in [&minh, &lan, &minh] {
            assert_eq!(sync_and_watch(phone, &mut village.world), Stop::Done);
        }
        epochs.push(epoch(&lan));
        for phone in [&lan, &minh] {
            assert_one_picture(phone, &village.world);
        }
    }
    assert!(epochs.is_sorted_by(|one, next| one < next), "{epochs:?}");
    assert_eq!(rows_of(&village.world.server_picture(lan.member), THREAD), 3);
}

/// Two copies of one store, each with a word of its own under the same number. The server fails at the second's, and
/// its phone asks to spend the number: it must not be told that its words arrived because the first's did.
#[test]
fn a_copy_that_skips_a_number_does_not_take_the_others_outcome() {
    let mut village = Village::new(76);
    let (env, committee) = (village.world.env.clone(), village.committee());
    let lan = village.phone("Lan");
    let copy = lan.copy().unwrap();
    let lost = copy.feedback(&*env, committee, "Trên bản sao", "Viết trên bản sao.").unwrap();
    village.world.fail_at(std::sync::Arc::new(move |command| command.row == lost));
    let mut run = Run::begin(&copy, &village.world.env).unwrap();
    while states(&copy) != [CommandState::Parked] {
        run.step(&copy, &village.world.server, &village.world.env, &mut village.world.network).unwrap();
    }
    // The app is closed before it could say that the number is spent.
    drop(run);
    lan.feedback(&*env, committee, "Trên máy cũ", "Viết trên máy cũ.").unwrap();
    sync(&lan, &mut village.world);
    assert_eq!(states(&lan), [CommandState::Applied]);
    sync(&copy, &mut village.world);
    assert_eq!(states(&copy), [CommandState::Parked], "its words did not arrive");
}

/// Lan's phone breaks, and a copy of it goes on. The copy hears that it needs a name of its own; before it has one the server
/// is restored to a day on which it had nothing of hers. Nobody will ask the old name for what it had sent.
#[test]
fn a_copy_that_gets_its_name_from_a_restored_server_sends_all_again() {
    let mut village = Village::new(77);
    let (env, committee) = (village.world.env.clone(), village.committee());
    let lan = village.phone("Lan");
    let backup = village.world.back_up_server().unwrap();
    lan.feedback(&*env, committee, "Hôm qua", "Viết sau khi sao lưu.").unwrap();
    sync(&lan, &mut village.world);
    let copy = lan.copy().unwrap();
    lan.feedback(&*env, committee, "Trên máy cũ", "Mất cùng với máy.").unwrap();
    sync(&lan, &mut village.world);
    copy.feedback(&*env, committee, "Trên bản sao", "Viết trên bản sao.").unwrap();

    let mut run = Run::begin(&copy, &village.world.env).unwrap();
    while !run.is_about_to_fork() {
        run.step(&copy, &village.world.server, &village.world.env, &mut village.world.network).unwrap();
    }
    village.world.restore_server(&backup).unwrap();
    while !matches!(
        run.step(&copy, &village.world.server, &village.world.env, &mut village.world.network).unwrap(),
        Step::Over(_)
    ) {}
    sync(&copy, &mut village.world);
    assert_eq!(states(&copy), [CommandState::Applied; 2]);
    assert_eq!(rows_of(&village.world.server_picture(lan.member), THREAD), 2);
    assert_one_picture(&copy, &village.world);
}
