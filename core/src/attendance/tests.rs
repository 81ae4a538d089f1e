//! A meeting without a network: Hòa opens and marks, Lan checks in on the mountain.

mod scans;

use sotay_protocol::{
    attendance::{AttendanceState, Claim, ClaimState, Mode, Opening},
    env::Env,
    exchange::Outcome,
    meetings::{Form, MEETING, Meeting, MeetingState},
    refusal::Refusal,
    row::RowRef,
    scope::Scope,
};

use super::*;
use crate::{
    meetings::{self, MEETINGS, Mine, WhyNot},
    outbox::{self, RowState},
    shown,
    sync::commands::{self, SubmitError},
    village::{CELL, Phone, december, id},
};

fn with_meeting(phone: Phone) -> Phone {
    let meeting = Meeting {
        title: "Sinh hoạt thường kỳ tháng 12/2025".into(),
        form: Form::Regular,
        starts_at: december(3, 19, 30),
        place: "Nhà văn hóa thôn".into(),
        link: None,
        agenda: vec![],
        state: MeetingState::Planned,
        opened_at: None,
        closed_at: None,
    };
    phone.has(&MEETINGS, Scope::cell(id(CELL)), id("cuộc họp"), &meeting);
    phone
}

fn the_opening(phone: &Phone) -> Opening {
    phone.store.read(|store| shown::all::<Opening>(store, &OPENINGS, "", [])).unwrap().pop().unwrap().of
}

#[test]
fn hoa_opens_reads_the_code_out_and_closes() {
    let hoa = with_meeting(Phone::of_hoa());
    let meeting = id("cuộc họp");
    let env = hoa.env.as_ref();
    let first = hoa.store.write(|tx| open(tx, env, meeting)).unwrap();
    assert_eq!((first.code.len(), first.seconds_left), (6, 30));
    let shown_now = hoa.store.read(|store| current_code(store, meeting, env.now())).unwrap();
    assert_eq!(shown_now.as_ref(), Some(&first));
    let again = hoa.store.write(|tx| open(tx, env, meeting));
    assert!(matches!(again, Err(SubmitError::Refused(Refusal::WrongState))));

    hoa.env.set(3, 21, 0);
    hoa.store.write(|tx| close(tx, env, meeting)).unwrap();
    assert_eq!(hoa.store.read(|store| current_code(store, meeting, env.now())).unwrap(), None);
    let opening = the_opening(&hoa);
    assert_eq!((opening.opened_at, opening.closed_at), (december(3, 19, 25), Some(december(3, 21, 0))));
    assert!(opening.showed(&first.code, december(3, 21, 0)));

    let made = hoa.store.read(commands::list).unwrap();
    let kinds: Vec<&str> = made.iter().map(|entry| entry.command.kind.as_str()).collect();
    assert_eq!(kinds, ["meeting.edit", "opening.record", "meeting.edit", "opening.edit"]);
    let row = RowRef::new(Scope::cell(id(CELL)), MEETING, meeting);
    assert_eq!(made[1].command.needs, [row]);
    assert_eq!(made[3].command.needs, [made[1].command.row.clone()], "the log waits for its opening");

    // Opened again, there is another secret, and the first time of opening stays.
    hoa.env.set(3, 21, 10);
    let second = hoa.store.write(|tx| open(tx, env, meeting)).unwrap();
    assert_ne!(hoa.store.read(|store| current_code(store, meeting, env.now())).unwrap(), None);
    assert_ne!(second.code, opening.code_at(env.now()));
    let view = hoa.store.read(|store| meetings::show(store, meeting, &hoa.words())).unwrap().unwrap();
    assert_eq!((view.opened_at, view.closed_at), (Some(december(3, 19, 25)), None));
}

#[test]
fn lan_checks_in_on_the_mountain_and_is_told_that_it_is_to_be_confirmed() {
    let lan = with_meeting(Phone::of_lan());
    let meeting = id("cuộc họp");
    let env = lan.env.as_ref();
    let refused = lan.store.write(|tx| check_in(tx, env, meeting, "49 30"));
    assert!(matches!(refused, Err(SubmitError::Refused(Refusal::Malformed))));
    lan.store.write(|tx| check_in(tx, env, meeting, "493 027")).unwrap();
    lan.store.write(|tx| check_in(tx, env, meeting, "493-027")).unwrap();
    let made = lan.store.read(commands::list).unwrap();
    assert_eq!(made.len(), 1, "the same digits twice are one check-in");
    assert_eq!(made[0].command.row.scope, Scope::member(id("Nguyễn Thị Lan")));

    let words = lan.words();
    let view = lan.store.read(|store| meetings::show(store, meeting, &words)).unwrap().unwrap();
    assert_eq!(view.line.mine, Mine::Claim(ClaimState::Recorded));
    assert_eq!(words.mine(view.line.mine), "Đã ghi, chờ xác nhận");
    assert_eq!(view.deeds.check_in, None, "a wrong digit can be mended by another try");

    // The server has judged it by Hòa's log.
    lan.hears(vec![(1, Outcome::Applied { scope: made[0].command.row.scope, epoch: 1, seq: 5 })]);
    let claim: Claim = made[0].command.view().unwrap();
    let confirmed = Claim { state: ClaimState::ConfirmedLater, ..claim };
    lan.has(&CLAIMS, made[0].command.row.scope, made[0].command.row.id, &confirmed);
    let view = lan.store.read(|store| meetings::show(store, meeting, &words)).unwrap().unwrap();
    assert_eq!(words.mine(view.line.mine), "Đã xác nhận sau");
    assert_eq!(view.deeds.check_in, Some(WhyNot::AlreadyCounted));

    let marked =
        lan.store.write(|tx| mark(tx, env, meeting, id("Phạm Văn Tư"), AttendanceState::Present, None, None));
    assert!(matches!(marked, Err(SubmitError::Refused(Refusal::NotAllowed))));
}

#[test]
fn hoa_marks_an_old_man_without_a_phone_and_an_excused_absence() {
    let hoa = with_meeting(Phone::of_hoa());
    let meeting = id("cuộc họp");
    let words = hoa.words();
    let give = |name: &str, state, mode, reason: Option<&str>| {
        let reason = reason.map(str::to_owned);
        hoa.store.write(|tx| mark(tx, hoa.env.as_ref(), meeting, id(name), state, mode, reason))
    };
    give("Phạm Văn Tư", AttendanceState::Present, Some(Mode::InPerson), None).unwrap();
    give("Hoàng Thị Cúc", AttendanceState::Absent, None, None).unwrap();
    give("Hoàng Thị Cúc", AttendanceState::Excused, None, Some("Đi viện")).unwrap();
    let stranger = give("Người lạ", AttendanceState::Present, None, None);
    assert!(matches!(stranger, Err(SubmitError::Refused(Refusal::NotAMember))));

    let roll = hoa.store.read(|store| roll(store, meeting, &words)).unwrap().unwrap();
    assert_eq!(roll.counts, Counts { strength: 5, present: 1, excused: 1, unknown: 3, ..Counts::default() });
    let names: Vec<&str> = roll.lines.iter().map(|line| line.name.as_str()).collect();
    assert_eq!(names, ["Hoàng Thị Cúc", "Lê Thị Hòa", "Nguyễn Thị Lan", "Trần Văn Minh", "Phạm Văn Tư"]);
    let cuc = &roll.lines[0];
    assert_eq!((cuc.attendance, cuc.reason.as_deref()), (Some(AttendanceState::Excused), Some("Đi viện")));
    assert_eq!(cuc.sync, Some(RowState::Pending));
    assert_eq!(roll.lines[4].mode, Some(Mode::InPerson));

    let items = hoa.store.read(|store| outbox::list(store, &words)).unwrap();
    assert_eq!(items[0].deed, "Điểm danh, cuộc họp 3/12: Phạm Văn Tư có mặt");
    assert_eq!(items[2].deed, "Điểm danh, cuộc họp 3/12: Hoàng Thị Cúc vắng có lý do");
    assert_eq!(items[2].written.as_deref(), Some("Đi viện"));
}

#[test]
fn hoas_own_check_in_that_waits_on_her_phone_is_not_called_missing() {
    let hoa = with_meeting(Phone::of_hoa());
    let (meeting, env, words) = (id("cuộc họp"), hoa.env.as_ref(), hoa.words());
    let code = hoa.store.write(|tx| open(tx, env, meeting)).unwrap().code;
    hoa.store.write(|tx| check_in(tx, env, meeting, &code)).unwrap();
    let roll = hoa.store.read(|store| roll(store, meeting, &words)).unwrap().unwrap();
    let own = roll.lines.iter().find(|line| line.name == "Lê Thị Hòa").unwrap();
    assert_eq!(own.attendance, Some(AttendanceState::Claimed));
    assert_eq!(roll.counts.claimed, 1);
}
