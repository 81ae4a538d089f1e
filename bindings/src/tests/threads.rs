//! Whoever calls only waits: not a line of SQL, no parsing and no cryptography runs on the thread that draws.

use std::collections::BTreeSet;

use sotay_protocol::witness::{self, Work};

use super::{commune, *};
use crate::{
    Choice, ConsoleFailure, ConsoleRequest, DirectiveFilter, FieldChoice, Photo, RowFile, SyncEnd,
    kinds::{AttendanceState, SyncStop},
};

/// Every async export, as `bindings/surface.txt` has them.
fn exported() -> BTreeSet<String> {
    let mut object = "";
    let mut names = BTreeSet::new();
    for line in include_str!("../../surface.txt").lines() {
        if let Some(name) = line.strip_prefix("object ") {
            object = name;
        } else if line.contains(") async") {
            let call = line.trim().trim_start_matches("constructor ");
            names.insert(format!("{object}.{}", call.split('(').next().unwrap_or_default()));
        }
    }
    names
}

/// Calls made from this one thread, by their names.
#[derive(Default)]
struct Calls(BTreeSet<String>);

impl Calls {
    fn made<T>(&mut self, name: &str, call: impl Future<Output = T>) -> T {
        self.0.insert(name.to_owned());
        wait(call)
    }
}

fn png() -> Vec<u8> {
    let chunk = |name: &[u8; 4], inner: &[u8]| -> Vec<u8> {
        let length = u32::try_from(inner.len()).unwrap().to_be_bytes();
        [&length[..], name, inner, &[0; 4]].concat()
    };
    let start = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a].to_vec();
    [start, chunk(b"IHDR", &[0; 13]), chunk(b"IDAT", &[0; 300]), chunk(b"IEND", &[])].concat()
}

#[test]
fn no_call_works_on_the_thread_that_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    let key = || Arc::new(Keychain(Ok(vec![7; 32]))) as Arc<dyn KeyStore>;
    let mut calls = Calls::default();
    let lan = calls.made("Handbook.open", Handbook::open(path.clone(), key(), Lang::Vi)).unwrap();
    let refused = calls.made(
        "Handbook.open_with_pin",
        Handbook::open_with_pin(path.clone(), key(), Lang::Vi, "123456".into()),
    );
    assert!(refused.is_err());
    let refused = Handbook::open_in_closed_network(path.clone(), key(), Lang::Vi, None, None);
    assert!(calls.made("Handbook.open_in_closed_network", refused).is_err());

    let birth = Day("1985-02-03".parse().unwrap());
    let server = commune::open();
    let enrol = lan.enrol(server.clone(), "ABCD-EFGH-JKMN".into(), birth, "Máy của Lan".into());
    assert!(calls.made("Handbook.enrol", enrol).unwrap().enrolled.is_some());
    let again = lan.enrol_again(server, "ABCD-EFGH-JKMN".into(), birth, "Máy của Lan".into());
    assert!(calls.made("Handbook.enrol_again", again).is_ok());
    let SyncEnd { stop, rows, .. } = calls.made("SyncRun.end", lan.sync(None).unwrap().end()).unwrap();
    assert_eq!((stop, rows), (SyncStop::Done, 4));
    reading(&lan, &mut calls);
    writing(&lan, &mut calls);
    office(&lan, &mut calls);
    let out = folder.path().join("ho-so").to_str().unwrap().to_owned();
    let _ = calls.made("Handbook.my_data", lan.my_data());
    let _ = calls.made("Handbook.export_my_data", lan.export_my_data(out));
    life(&lan, &mut calls);
    let _ = calls.made(".set_aside", crate::set_aside(path.clone(), key()));
    let _ = calls.made(".forget_unopened", crate::forget_unopened(path, key()));

    assert_eq!(calls.0, exported(), "a call of the surface was not made here");
    let here = std::thread::current().id();
    let seen = witness::seen();
    let mine: Vec<_> = seen.iter().filter(|(_, thread, _)| *thread == here).collect();
    assert!(mine.is_empty(), "on the thread that draws: {mine:?}");
    for work in [Work::Sql, Work::Parsing, Work::Cryptography] {
        assert!(seen.iter().any(|(seen, ..)| *seen == work), "{work:?} was noted nowhere");
    }
}

fn reading(lan: &Handbook, calls: &mut Calls) {
    calls.made("Handbook.status", lan.status()).unwrap();
    calls.made("Handbook.sync_status", lan.sync_status()).unwrap();
    calls.made("Handbook.home", lan.home()).unwrap();
    let (directives, nothing) = (lan.directives(), DirectiveFilter::default);
    calls.made("Directives.list", directives.list(nothing(), 0, 10)).unwrap();
    calls.made("Directives.grouped", directives.grouped(nothing(), 0, 10)).unwrap();
    calls.made("Directives.search", directives.search("vệ sinh".into(), 10)).unwrap();
    calls.made("Directives.scan", directives.scan("17-KH/ĐU".into())).unwrap();
    let no_row = commune_id().into();
    assert!(calls.made("Directives.read", directives.read(no_row)).is_err());
    let meetings = lan.meetings();
    let of = calls.made("Meetings.list", meetings.list()).unwrap().remove(0);
    calls.made("Meetings.grouped", meetings.grouped()).unwrap();
    calls.made("Meetings.show", meetings.show(of.id)).unwrap();
    assert!(calls.made("Meetings.older", meetings.older(of.cell, None)).is_err());
    let attendance = lan.attendance();
    calls.made("Attendance.check_in", attendance.check_in(of.id, "123456".into())).unwrap();
    calls.made("Attendance.check_in_scanned", attendance.check_in_scanned("?".into())).unwrap();
    let _ = calls.made("Attendance.my_pass", attendance.my_pass(of.id));
    let _ = calls.made("Attendance.roll", attendance.roll(of.id));
    assert!(calls.made("Attendance.open", attendance.open(of.id)).is_err());
    assert!(calls.made("Attendance.close", attendance.close(of.id)).is_err());
    calls.made("Attendance.current_code", attendance.current_code(of.id)).unwrap();
    calls.made("Attendance.scan", attendance.scan("?".into())).unwrap();
    let mark = attendance.mark(of.id, commune_id().into(), AttendanceState::Present, None, None);
    assert!(calls.made("Attendance.mark", mark).is_err());
}

fn commune_id() -> sotay_protocol::id::Id {
    "00000000-0000-7000-8000-000000000000".parse().unwrap()
}

fn writing(lan: &Handbook, calls: &mut Calls) {
    let feedback = lan.feedback();
    calls.made("Feedback.desks", feedback.desks()).unwrap();
    let id = calls
        .made("Feedback.submit", feedback.submit(None, "Đường thôn".into(), "Lở sau mưa.".into()))
        .unwrap();
    let photo = || vec![Photo { name: "cau.png".into(), bytes: png() }];
    let sent = feedback.submit_with_photos(None, "Cầu".into(), "Gãy.".into(), photo());
    let of_photo = calls.made("Feedback.submit_with_photos", sent).unwrap();
    assert!(calls.made("Feedback.seal", feedback.seal(None, "Riêng".into(), "Kín.".into(), vec![])).is_err());
    calls.made("Feedback.reply", feedback.reply(id, "Hôm nay lở thêm.".into(), vec![])).unwrap();
    calls.made("Feedback.threads", feedback.threads()).unwrap();
    calls.made("Feedback.rows", feedback.rows()).unwrap();
    calls.made("Feedback.thread", feedback.thread(id)).unwrap();
    calls.made("Feedback.read", feedback.read(id)).unwrap();

    let files = lan.files();
    calls.made("Files.of_directive", files.of_directive(commune_id().into())).unwrap();
    let file: RowFile = calls.made("Files.of_thread", files.of_thread(of_photo)).unwrap().remove(0);
    let opened = calls.made("Files.open", files.open(file.clone())).unwrap().unwrap();
    calls.made("OpenFile.piece", opened.piece(0)).unwrap();
    assert!(calls.made("OpenFile.save", opened.save("/nowhere/at/all".into())).is_err());
    calls.made("Files.want", files.want(file, true)).unwrap();
    calls.made("Files.usage", files.usage()).unwrap();
    calls.made("Files.set_room", files.set_room(200_000_000, true)).unwrap();
    calls.made("Files.clear", files.clear()).unwrap();

    let attention = lan.attention();
    calls.made("Attention.list", attention.list()).unwrap();
    let none = u64::MAX >> 1;
    assert!(calls.made("Attention.conflict", attention.conflict(none)).is_err());
    assert!(calls.made("Attention.retry", attention.retry(none)).is_err());
    assert!(calls.made("Attention.keep_mine", attention.keep_mine(none, String::new())).is_err());
    let choice =
        FieldChoice { field: "place".into(), choice: Choice::Value { json: "\"Trường học\"".into() } };
    assert!(calls.made("Attention.resolve", attention.resolve(none, vec![choice], String::new())).is_err());
    let _ = calls.made("Attention.dismiss", attention.dismiss(none));
}

fn office(lan: &Handbook, calls: &mut Calls) {
    let (drafts, of) = (lan.drafts(), commune_id());
    calls.made("Drafts.list", drafts.list()).unwrap();
    calls.made("Drafts.rows", drafts.rows()).unwrap();
    calls.made("Drafts.trust", drafts.trust()).unwrap();
    assert!(calls.made("Drafts.open", drafts.open(of.into())).is_err());
    assert!(calls.made("Drafts.sign", drafts.sign(of.into())).is_err());
    assert!(calls.made("Drafts.hand_back", drafts.hand_back(of.into(), "Sai".into())).is_err());
    assert!(calls.made("Drafts.request_certificate", drafts.request_certificate(of.into())).is_err());
    assert!(calls.made("Drafts.ask_server_at", drafts.ask_server_at("http://127.0.0.1:1".into())).is_err());
    let devices = lan.devices();
    calls.made("Devices.list", devices.list()).unwrap();
    assert!(calls.made("Devices.rename", devices.rename(of.into(), "Máy bảng".into())).is_err());
    assert!(calls.made("Devices.revoke", devices.revoke(of.into())).is_err());
    assert!(calls.made("Devices.compared", devices.compared(of.into())).is_err());
    let looked = calls.made("Handbook.console_look", lan.console_look("?".into()));
    assert_eq!(looked, Err(ConsoleFailure::NotACode));
    let asking = ConsoleRequest {
        request: of.into(),
        browser: "Firefox".into(),
        address: "10.0.0.1".into(),
        site: "http://xa.vn".into(),
        at: crate::values::Timestamp::from_millis(0),
        numbers: vec![11, 22, 33],
        own_site: false,
    };
    assert!(calls.made("Handbook.console_approve", lan.console_approve(asking, 22)).is_err());
    calls.made("Handbook.poke_at", lan.poke_at(None)).unwrap();
}

fn life(lan: &Handbook, calls: &mut Calls) {
    calls.made("WindowRun.end", lan.sync_within(20, None).unwrap().end()).unwrap();
    let live = lan.keep_live().unwrap();
    live.cancel();
    calls.made("LiveHandbook.end", live.end()).unwrap();
    let _ = calls.made("Handbook.set_pin", lan.set_pin(None, "123456".into()));
    let _ = calls.made("Handbook.remove_pin", lan.remove_pin("123456".into()));
    calls.made("Handbook.pause", lan.pause()).unwrap();
    let _ = calls.made("Handbook.unlock", lan.unlock("123456".into()));
    calls.made("Handbook.resume", lan.resume()).unwrap();
    let _ = calls.made("Handbook.forget", lan.forget());
    let _ = calls.made("Handbook.shutdown", lan.shutdown());
}
