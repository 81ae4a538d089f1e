//! Every device of a member comes to show just what the server has for that member, however it got there.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use proptest::prelude::*;
use serde_json::json;
use sotay_core::{directives::DIRECTIVES, store::StoreError, sync::engine::Stop};
use sotay_protocol::{attendance::AttendanceState, scope::Scope};
use sotay_tests::world::{Device, Run, Step, World, network::Fault};

use crate::village::{Village, assert_one_picture, directive, sync};

#[test]
fn two_phones_of_one_member_converge() {
    let mut village = Village::new(14);
    let (env, meeting) = (village.world.env.clone(), village.meeting.clone());
    let tablet = village.phone("Hòa");
    let (lan, minh) = (village.phone("Lan"), village.world.commune.person("Minh").id);
    village.hoa.open_meeting(&*env, &meeting).unwrap();
    let code = village.hoa.code(&*env, &meeting).unwrap().unwrap();
    lan.check_in(&*env, &meeting, &code).unwrap();
    tablet.mark(&*env, &meeting, minh, AttendanceState::Excused, Some("Đi viện")).unwrap();
    village.hoa.mark(&*env, &meeting, minh, AttendanceState::Present, None).unwrap();
    for _ in 0..2 {
        for phone in [&tablet, &lan, &village.hoa] {
            sync(phone, &mut village.world);
        }
        village.world.relay();
    }
    for phone in [&tablet, &lan, &village.hoa] {
        sync(phone, &mut village.world);
        assert_one_picture(phone, &village.world);
    }
    assert_eq!(tablet.picture(), village.hoa.picture());
}

/// What happens on the server or on the way while Lan's phone pages through it.
#[derive(Debug, Clone)]
enum Happens {
    Published(u32),
    Moved(u8),
    Wrote,
    Cut(usize),
    Steps(u8),
    Died,
    EpochBegan,
}

fn history() -> impl Strategy<Value = Vec<Happens>> {
    let happens = prop_oneof![
        4 => (1u32..40).prop_map(Happens::Published),
        3 => any::<u8>().prop_map(Happens::Moved),
        2 => Just(Happens::Wrote),
        3 => (0usize..4_000).prop_map(Happens::Cut),
        6 => (1u8..9).prop_map(Happens::Steps),
        1 => Just(Happens::Died),
        1 => Just(Happens::EpochBegan),
    ];
    prop::collection::vec(happens, 5..40)
}

/// A sync that goes on while things happen.
fn step(run: &mut Option<Run>, lan: &Device, world: &mut World) {
    let mut going = match run.take() {
        Some(going) => going,
        None => Run::begin(lan, &world.env).unwrap(),
    };
    match going.step(lan, &world.server, &world.env, &mut world.network).unwrap() {
        Step::Over(_) => {}
        _ => *run = Some(going),
    }
}

fn play(history: &[Happens]) {
    let mut village = Village::new(15);
    let mut lan = village.world.enrol("Lan");
    let (env, committee) = (village.world.env.clone(), village.committee());
    let mut run = None;
    for happens in history {
        env.pass(std::time::Duration::from_secs(60));
        match happens {
            Happens::Published(ordinal) => {
                // The same number again says the same: nothing changes then.
                let words = format!("{ordinal} ").repeat(3_000);
                village.world.server.publish(&directive(committee, *ordinal, &words)).unwrap();
            }
            Happens::Moved(place) => {
                let fields = json!({ "place": format!("Nhà số {place}") });
                village.hoa.edit_meeting(&*env, &village.meeting, &fields).unwrap();
                let cuts = std::mem::take(&mut village.world.network.coming);
                sync(&village.hoa, &mut village.world);
                village.world.network.coming = cuts;
            }
            Happens::Wrote => {
                lan.feedback(&*env, committee, "Cầu treo", "Ván đã mục.").unwrap();
            }
            Happens::Cut(after) => village.world.network.next(Fault::CutDown { after: *after, beyond: 1 }),
            Happens::Steps(count) => (0..*count).for_each(|_| step(&mut run, &lan, &mut village.world)),
            Happens::Died => {
                run = None;
                lan.die().unwrap();
            }
            Happens::EpochBegan => {
                village.world.server.begin_epoch().unwrap();
            }
        }
    }
    drop(run);
    village.world.network.coming.clear();
    for _ in 0..3 {
        assert_ne!(lan.sync(&mut village.world), Stop::NotUnderstood);
    }
    sync(&lan, &mut village.world);
    assert_one_picture(&lan, &village.world);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_paged_while_it_goes_on_and_cut_anywhere_gives_the_same_picture(history in history()) {
        play(&history);
    }
}

const MANY: u32 = 10_000;

fn count(lan: &Device) -> u32 {
    let sql = format!("SELECT count(*) FROM {}", DIRECTIVES.name);
    lan.store().read(|c| -> Result<u32, StoreError> { Ok(c.query_row(&sql, [], |row| row.get(0))?) }).unwrap()
}

#[test]
fn during_a_reset_of_ten_thousand_rows_a_reader_never_misses_one() {
    let mut village = Village::new(16);
    let committee = village.committee();
    village.put_directives(MANY);
    let lan = village.world.enrol("Lan");
    let (_, whole) = lan.sync_reporting(&mut village.world).unwrap();
    assert_eq!(count(&lan), MANY);
    village.world.server.begin_epoch().unwrap();
    village.world.server.publish(&directive(committee, MANY + 1, "Văn bản mới.")).unwrap();

    let (over, least) = (AtomicBool::new(false), std::sync::Mutex::new(u32::MAX));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let now = count(&lan);
                let mut least = least.lock().unwrap();
                *least = (*least).min(now);
            }
        });
        // Cut half-way through, and resumed.
        let after = usize::try_from(whole.bytes_down / 2).unwrap();
        village.world.network.next(Fault::CutDown { after, beyond: 0 });
        let (stop, first) = lan.sync_reporting(&mut village.world).unwrap();
        let (end, second) = lan.sync_reporting(&mut village.world).unwrap();
        over.store(true, Ordering::Relaxed);
        assert_eq!((stop, end), (Stop::Cut, Stop::Done));
        assert!(first.rows > 1_000, "{} rows came before the cut", first.rows);
        let rows_in_all = u64::from(MANY) + 100;
        assert!(first.rows + second.rows < rows_in_all, "the second run went on where the first was cut");
    });
    assert_eq!(*least.lock().unwrap(), MANY);
    assert_eq!(count(&lan), MANY + 1);
    let org = village.world.standing_in(&[Scope::org(committee)].into());
    let shown = lan.picture().into_iter().filter(|(row, _)| row.scope == Scope::org(committee)).collect();
    assert_eq!(org, shown);
}
