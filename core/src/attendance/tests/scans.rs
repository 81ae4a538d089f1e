//! What is scanned in a meeting without a network: Lan scans Hòa's screen, Hòa scans Lan's pass.

use sotay_protocol::{
    attendance::{AttendanceState, Claim, Evidence, Mark, Pass, PassKey},
    env::Env,
    id::Id,
    meetings::{Meeting, MeetingState},
    refusal::Refusal,
    scope::Scope,
};

use super::{super::*, with_meeting};
use crate::{
    meetings::MEETINGS,
    shown,
    sync::{
        commands::{self, SubmitError},
        device,
    },
    village::{CELL, Phone, december, id},
};

const LAN: &str = "Nguyễn Thị Lan";

fn opened(hoa: &Phone) -> CodeView {
    hoa.store.write(|tx| open(tx, hoa.env.as_ref(), id("cuộc họp"))).unwrap()
}

fn scans(phone: &Phone, text: &str) -> CodeScan {
    phone.store.write(|tx| check_in_scanned(tx, phone.env.as_ref(), text)).unwrap()
}

fn reads(phone: &Phone, text: &str) -> PassScan {
    phone.store.write(|tx| scan(tx, phone.env.as_ref(), text)).unwrap()
}

fn pass_of(phone: &Phone) -> String {
    phone.store.write(|tx| my_pass(tx, phone.env.as_ref(), id("cuộc họp"))).unwrap().qr
}

fn found(scan: &PassScan) -> Option<PassWorth> {
    match scan {
        PassScan::Marked { found, .. } => Some(*found),
        _ => None,
    }
}

/// Hòa's phone has heard of Lan's.
fn knows_lans(hoa: &Phone, lan: &Phone) {
    let device = lan.store.read(device::load).unwrap().unwrap();
    let key = PassKey { member: device.member, key: device.key.public() };
    hoa.has(&PASS_KEYS, Scope::desk(id(CELL)), device.device, &key);
}

#[test]
fn lan_scans_hoas_screen_and_it_is_recorded_with_what_she_saw() {
    let (hoa, lan) = (with_meeting(Phone::of_hoa()), with_meeting(Phone::of_lan()));
    let shown_now = opened(&hoa);
    assert_eq!(shown_now.believed, Believed::NoKeys);
    let text = shown_now.qr.unwrap();
    let told = scans(&lan, &format!(" {text}\n"));
    let CodeScan::Recorded { meeting, title, shown_by, shown_at } = &told else { panic!("{told:?}") };
    assert_eq!((*meeting, shown_by, *shown_at), (id("cuộc họp"), &None, december(3, 19, 25)));
    assert_eq!(title.as_deref(), Some("Sinh hoạt thường kỳ tháng 12/2025"));
    assert!(lan.words().code_scan(&told).contains("như sáu chữ số"), "never called verified");
    scans(&lan, &text);
    let made = lan.store.read(commands::list).unwrap();
    assert_eq!(made.len(), 1, "the same code twice is one check-in");
    let claim: Claim = made[0].command.view().unwrap();
    assert_eq!((claim.code, claim.qr), (shown_now.code, Some(text)));
    assert_eq!(
        made[0].command.needs,
        [sotay_protocol::row::RowRef::new(Scope::cell(id(CELL)), "meeting", *meeting)]
    );
}

#[test]
fn a_meeting_that_lans_phone_never_heard_of_is_claimed_all_the_same() {
    let (hoa, lan, mai) = (with_meeting(Phone::of_hoa()), Phone::of_lan(), Phone::of_mai());
    let text = opened(&hoa).qr.unwrap();
    assert!(matches!(scans(&lan, &text), CodeScan::Recorded { title: None, .. }));
    assert_eq!(scans(&mai, &text), CodeScan::OtherCell);
    assert!(mai.store.read(commands::list).unwrap().is_empty());
}

#[test]
fn what_is_no_check_in_code_is_told_and_nothing_is_kept() {
    let (hoa, lan) = (with_meeting(Phone::of_hoa()), with_meeting(Phone::of_lan()));
    let text = opened(&hoa).qr.unwrap();
    for (scanned, why) in [
        ("https://sotay.xa.vn", Unread::Strange),
        (&*pass_of(&lan), Unread::OtherKind),
        (&*text.replace("C1", "C2"), Unread::Newer),
        (&text[..60], Unread::Damaged),
    ] {
        assert_eq!(scans(&lan, scanned), CodeScan::NotRead { why }, "{scanned}");
    }
    let known =
        lan.store.read(|store| shown::one::<Meeting>(store, &MEETINGS, id("cuộc họp"))).unwrap().unwrap();
    let cancelled = Meeting { state: MeetingState::Cancelled, ..known.of };
    lan.has(&MEETINGS, Scope::cell(id(CELL)), id("cuộc họp"), &cancelled);
    let refused = lan.store.write(|tx| check_in_scanned(tx, lan.env.as_ref(), &text));
    assert!(matches!(refused, Err(SubmitError::Refused(Refusal::WrongState))));
    assert!(lan.store.read(commands::list).unwrap().is_empty());
}

#[test]
fn hoa_scans_lans_pass_and_sees_her_name() {
    let (hoa, lan) = (with_meeting(Phone::of_hoa()), with_meeting(Phone::of_lan()));
    assert_eq!(reads(&hoa, &pass_of(&lan)), PassScan::NotOpen);
    opened(&hoa);
    knows_lans(&hoa, &lan);
    let told = reads(&hoa, &pass_of(&lan));
    let expected = PassScan::Marked {
        meeting: id("cuộc họp"),
        member: id(LAN),
        name: LAN.into(),
        found: PassWorth::Verified,
    };
    assert_eq!(told, expected);
    assert!(hoa.words().pass_scan(&told).starts_with(LAN));
    assert_eq!(found(&reads(&hoa, &pass_of(&lan))), Some(PassWorth::Already));

    let made = hoa.store.read(commands::list).unwrap();
    let mark = &made.last().unwrap().command;
    assert_eq!(mark.needs.last(), Some(&made[1].command.row), "the log that bears it out goes first");
    assert!(Pass::read(&mark.view::<Mark>().unwrap().pass.unwrap()).is_ok());
    let roll = hoa.store.read(|store| roll(store, id("cuộc họp"), &hoa.words())).unwrap().unwrap();
    let line = roll.lines.iter().find(|line| line.name == LAN).unwrap();
    assert_eq!((line.attendance, line.evidence), (Some(AttendanceState::Present), Some(Evidence::Pass)));
    assert_eq!(hoa.words().known_by(line), "quét thẻ tại chỗ");
    assert!(line.trail[0].scanned);
}

#[test]
fn a_phone_that_hoas_has_not_heard_of_is_marked_by_hand() {
    let (hoa, lan) = (with_meeting(Phone::of_hoa()), with_meeting(Phone::of_lan()));
    opened(&hoa);
    let told = reads(&hoa, &pass_of(&lan));
    assert_eq!(found(&told), Some(PassWorth::UnknownDevice));
    assert!(hoa.words().pass_scan(&told).contains("chưa chứng minh gì"));
    assert_eq!(found(&reads(&hoa, &pass_of(&lan))), Some(PassWorth::Already));
    let roll = hoa.store.read(|store| roll(store, id("cuộc họp"), &hoa.words())).unwrap().unwrap();
    let line = roll.lines.iter().find(|line| line.name == LAN).unwrap();
    assert_eq!(
        (line.evidence, hoa.words().known_by(line)),
        (Some(Evidence::PassByHand), "cho xem thẻ, chưa kiểm tra được")
    );
    // Once its key has come, the same phone is verified, and stands above that.
    knows_lans(&hoa, &lan);
    assert_eq!(found(&reads(&hoa, &pass_of(&lan))), Some(PassWorth::Verified));
}

#[test]
fn an_old_pass_and_one_of_another_meeting_or_cell_or_phone_mark_nobody() {
    let (hoa, lan) = (with_meeting(Phone::of_hoa()), with_meeting(Phone::of_lan()));
    opened(&hoa);
    knows_lans(&hoa, &lan);
    let refused = |text: &str| match reads(&hoa, text) {
        PassScan::NoPass { why } => Some(why),
        _ => None,
    };
    let old = pass_of(&lan);
    let of = Pass::read(&old).unwrap();
    let as_tu = Pass { member: id("Phạm Văn Tư"), ..of.clone() };
    assert_eq!(refused(&as_tu.text()), Some(PassRefused::Forged), "Lan's phone speaks for her alone");
    let stranger = Pass { member: id("Đỗ Thị Mai"), device: id("máy của Mai"), ..of.clone() };
    assert_eq!(reads(&hoa, &stranger.text()), PassScan::NotAMember);
    let elsewhere = Pass { meeting: Id::derived("cuộc khác", &[]), ..of };
    assert_eq!(refused(&elsewhere.text()), Some(PassRefused::OtherMeeting));
    hoa.env.set(3, 19, 30);
    assert_eq!(refused(&old), Some(PassRefused::Expired));
    hoa.env.set(3, 19, 20);
    assert_eq!(refused(&old), Some(PassRefused::Ahead));
    let roll = hoa.store.read(|store| roll(store, id("cuộc họp"), &hoa.words())).unwrap().unwrap();
    assert_eq!((roll.counts.present, hoa.env.now()), (0, december(3, 19, 20)));
    let lans = lan.store.write(|tx| scan(tx, lan.env.as_ref(), &old)).unwrap();
    assert_eq!(lans, PassScan::NotOpen, "who leads no cell scans nobody");
}

#[test]
fn a_correction_leaves_its_trail() {
    let hoa = with_meeting(Phone::of_hoa());
    let give = |state, reason: Option<&str>| {
        let reason = reason.map(str::to_owned);
        hoa.store
            .write(|tx| mark(tx, hoa.env.as_ref(), id("cuộc họp"), id("Phạm Văn Tư"), state, None, reason))
    };
    give(AttendanceState::Absent, None).unwrap();
    hoa.env.set(4, 8, 0);
    give(AttendanceState::Excused, Some("Đi viện")).unwrap();
    let roll = hoa.store.read(|store| roll(store, id("cuộc họp"), &hoa.words())).unwrap().unwrap();
    let line = roll.lines.iter().find(|line| line.name == "Phạm Văn Tư").unwrap();
    let states: Vec<_> = line.trail.iter().map(|of| (of.state, of.at, of.reason.as_deref())).collect();
    let first = (AttendanceState::Absent, december(3, 19, 25), None);
    assert_eq!(states, [first, (AttendanceState::Excused, december(4, 8, 0), Some("Đi viện"))]);
    assert_eq!(line.trail[0].by_name.as_deref(), Some("Lê Thị Hòa"));
    assert_eq!(line.reason.as_deref(), Some("Đi viện"));
}
