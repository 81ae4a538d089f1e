//! The phone's half alone: frames written by hand land in a real store.

use std::sync::{Arc, Mutex};

use serde_json::{json, value::RawValue};
use sotay_protocol::{
    attendance::{self, AttendanceState, Mark, attendance_id},
    enrol::EnrolAnswer,
    env::{Env, SystemEnv, Timestamp},
    exchange::{
        ChangesHead, Deed, End, Entry as LogEntry, Outcome, OutcomeLine, PushAddress, ScopeLine, ScopesHead,
    },
    frame::Frame,
    id::Id,
    meetings,
    refusal::Refusal,
    row::{Body, RowRef, body},
    scope::Scope,
    signature::SigningKey,
};

use super::{
    commands::{self, CommandState, Draft},
    device,
    engine::{Action, Engine, Event, Stop},
};
use crate::{
    meetings::MEETINGS,
    store::{KeyUnavailable, Store, StoreError, StoreKey},
};

fn id(name: &str) -> Id {
    Id::derived(name, &[])
}

fn cell() -> Scope {
    Scope::cell(id("Đồi Chè"))
}

/// Hòa's phone, enrolled; the folder lives as long as the phone.
struct Phone {
    store: Store,
    folder: tempfile::TempDir,
}

impl Phone {
    fn of_hoa() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), &StoreKey::new([7; 32])).unwrap();
        let answer = EnrolAnswer {
            server: id("máy chủ"),
            device: id("máy của Hòa"),
            member: id("Hòa"),
            member_name: "Lê Thị Hòa".into(),
            epoch: 1,
            root: None,
            server_key: None,
        };
        let key = SigningKey::from_seed([1; 32]);
        store.write(|tx| device::enrolled(tx, "http://[::1]", &answer, &key)).unwrap();
        Self { store, folder }
    }

    /// One run whose answer is these frames; without an `end` among them the answer was cut.
    fn hears(&self, frames: &[Frame]) -> Action {
        let (mut engine, action) = Engine::begin(&self.store, &SystemEnv).unwrap();
        assert!(matches!(action, Action::Exchange(_)));
        let mut action = Action::Read;
        for frame in frames {
            if action != Action::Read {
                break;
            }
            action = engine.on(&self.store, &SystemEnv, Event::Bytes(&frame.pack().unwrap())).unwrap();
        }
        match action {
            Action::Read => engine.on(&self.store, &SystemEnv, Event::Finished).unwrap(),
            action => action,
        }
    }

    fn plans(&self, name: &str, title: &str) -> u64 {
        let draft = Draft {
            kind: meetings::CREATE,
            row: RowRef::new(cell(), meetings::MEETING, id(name)),
            needs: vec![],
            body: meeting(title),
        };
        self.store.write(|tx| commands::submit(tx, &SystemEnv, draft)).unwrap()
    }

    fn marks(&self, meeting: &str, member: &str) -> u64 {
        let (meeting, member) = (id(meeting), id(member));
        let mark = Mark {
            id: Id::random(&SystemEnv),
            meeting,
            member,
            state: AttendanceState::Present,
            mode: None,
            reason: None,
            pass: None,
            evidence: None,
        };
        let draft = Draft {
            kind: attendance::MARK,
            row: RowRef::new(cell(), attendance::ATTENDANCE, attendance_id(meeting, member)),
            needs: vec![RowRef::new(cell(), meetings::MEETING, meeting)],
            body: body(&mark),
        };
        self.store.write(|tx| commands::submit(tx, &SystemEnv, draft)).unwrap()
    }

    fn title(&self, name: &str) -> Option<String> {
        let row = self.store.read(|c| MEETINGS.get(c, cell(), id(name))).unwrap();
        row.map(|(kept, _)| kept.row().unwrap().body["title"].as_str().unwrap().to_owned())
    }

    fn state(&self, entry: u64) -> CommandState {
        let all = self.store.read(commands::list).unwrap();
        all.into_iter().find(|of| of.entry == entry).unwrap().state
    }
}

fn meeting(title: &str) -> Body {
    body(
        &json!({"title": title, "form": "regular", "starts_at": 1_764_760_000_000_i64, "place": "Nhà văn hóa"}),
    )
}

fn scopes(deed: Deed) -> Frame {
    let head = ScopesHead { epoch: 1, want_from: None, ahead: None, min_app: 1, wipe: None };
    Frame::Scopes(head, vec![ScopeLine { scope: cell(), deed, epoch: 1 }])
}

fn row(seq: u64, kind: &str, name: &str, body: Option<&Body>) -> LogEntry {
    let body = body.map(|body| RawValue::from_string(serde_json::to_string(body).unwrap()).unwrap());
    LogEntry { seq, kind: kind.into(), version: 1, id: id(name), author: id("Hòa"), body }
}

fn planned(seq: u64, name: &str, title: &str) -> LogEntry {
    row(seq, meetings::MEETING, name, Some(&meeting(title)))
}

fn changes(from: u64, to: u64, entries: Vec<LogEntry>) -> Frame {
    Frame::Changes(ChangesHead { scope: cell(), epoch: 1, from, to, begun: 0 }, entries)
}

fn outcomes(lines: &[(u64, Outcome)]) -> Frame {
    Frame::Outcomes(
        lines
            .iter()
            .map(|(number, outcome)| OutcomeLine { number: *number, outcome: outcome.clone() })
            .collect(),
    )
}

fn applied(seq: u64) -> Outcome {
    Outcome::Applied { scope: cell(), epoch: 1, seq }
}

fn end() -> Frame {
    Frame::End(End { now: Timestamp::MIN, ..End::default() })
}

#[test]
fn what_hoa_wrote_is_shown_from_the_first_moment_until_the_server_has_it() {
    let hoa = Phone::of_hoa();
    hoa.hears(&[scopes(Deed::Follow), changes(0, 1, vec![planned(1, "tháng 11", "Họp tháng 11")]), end()]);
    let entry = hoa.plans("tháng 12", "Họp tháng 12");
    assert_eq!(hoa.title("tháng 12").as_deref(), Some("Họp tháng 12"));
    // Applied, but the answer is cut before its row: it must not vanish in between.
    assert_eq!(hoa.hears(&[outcomes(&[(1, applied(5))])]), Action::Stop(Stop::Cut));
    assert_eq!(hoa.state(entry), CommandState::Applied);
    assert_eq!(hoa.title("tháng 12").as_deref(), Some("Họp tháng 12"));
    hoa.hears(&[changes(1, 5, vec![planned(5, "tháng 12", "Họp tháng 12 (đã duyệt)")]), end()]);
    assert_eq!(hoa.title("tháng 12").as_deref(), Some("Họp tháng 12 (đã duyệt)"));
    let aside: u32 = hoa
        .store
        .read(|c| c.query_row("SELECT count(*) FROM base", [], |r| r.get(0)).map_err(StoreError::from))
        .unwrap();
    assert_eq!(aside, 0);
}

#[test]
fn a_refused_deed_is_taken_off_the_screen_and_stands_with_its_reason() {
    let hoa = Phone::of_hoa();
    hoa.hears(&[scopes(Deed::Follow), end()]);
    let entry = hoa.plans("tháng 12", "Họp tháng 12");
    hoa.hears(&[outcomes(&[(1, Outcome::Refused { code: Refusal::NotAllowed })]), end()]);
    assert_eq!(hoa.title("tháng 12"), None);
    let all = hoa.store.read(commands::list).unwrap();
    assert_eq!(all[0].outcome, Some(Outcome::Refused { code: Refusal::NotAllowed }));
    assert!(all[0].state.needs_attention());
    hoa.store.write(|tx| commands::dismiss(tx, &SystemEnv, entry)).unwrap();
    assert!(hoa.store.read(commands::list).unwrap().is_empty());
}

#[test]
fn marks_on_a_refused_meeting_wait_as_one_group_until_it_is_mended() {
    let hoa = Phone::of_hoa();
    hoa.hears(&[scopes(Deed::Follow), end()]);
    let create = hoa.plans("tháng 12", "Họp tháng 12");
    let marks = [hoa.marks("tháng 12", "Lan"), hoa.marks("tháng 12", "Minh")];
    let missing = vec![RowRef::new(cell(), meetings::MEETING, id("tháng 12"))];
    let held = Outcome::Held { missing, files: vec![] };
    let refused = Outcome::Refused { code: Refusal::TooLarge };
    hoa.hears(&[outcomes(&[(1, refused), (2, held.clone()), (3, held)]), end()]);
    let group = hoa.store.read(|c| commands::dependants(c, create)).unwrap();
    assert_eq!(group.iter().map(|of| of.entry).collect::<Vec<_>>(), marks);
    let mended = hoa.store.write(|tx| commands::mend(tx, &SystemEnv, create, meeting("Họp"))).unwrap();
    let answer = [(2, applied(2)), (3, applied(3)), (4, applied(1))];
    hoa.hears(&[outcomes(&answer), changes(0, 3, vec![planned(1, "tháng 12", "Họp")]), end()]);
    for entry in [mended, marks[0], marks[1]] {
        assert_eq!(hoa.state(entry), CommandState::Applied);
    }
}

#[test]
fn during_a_reset_no_row_that_stands_before_and_after_is_missing() {
    let hoa = Phone::of_hoa();
    let first = vec![planned(1, "a", "A"), planned(2, "b", "B"), planned(3, "c", "C")];
    hoa.hears(&[scopes(Deed::Follow), changes(0, 3, first), end()]);
    let pending = hoa.plans("d", "D");
    assert_eq!(
        hoa.hears(&[scopes(Deed::Reset), changes(0, 1, vec![planned(1, "a", "cũ")])]),
        Action::Stop(Stop::Cut)
    );
    assert_eq!(hoa.title("a").as_deref(), Some("cũ"));
    for name in ["b", "c", "d"] {
        assert!(hoa.title(name).is_some(), "{name}");
    }
    // Resumed: c comes again, b does not.
    hoa.hears(&[changes(1, 9, vec![planned(9, "c", "C2")]), end()]);
    assert_eq!(hoa.title("b"), None);
    assert_eq!(hoa.title("c").as_deref(), Some("C2"));
    assert_eq!(hoa.title("d").as_deref(), Some("D"), "what is pending outlives the sweep");
    assert_ne!(hoa.state(pending), CommandState::Applied);
}

#[test]
fn within_an_epoch_a_cached_page_never_brings_back_an_older_picture() {
    let hoa = Phone::of_hoa();
    hoa.hears(&[scopes(Deed::Follow), changes(0, 7, vec![planned(7, "a", "mới")]), end()]);
    hoa.hears(&[scopes(Deed::Reset), changes(0, 2, vec![planned(2, "a", "cũ")]), end()]);
    assert_eq!(hoa.title("a").as_deref(), Some("mới"));
}

#[test]
fn a_scope_that_is_left_takes_its_rows_along_and_leaves_the_persons_own_words() {
    let hoa = Phone::of_hoa();
    hoa.hears(&[scopes(Deed::Follow), changes(0, 1, vec![planned(1, "a", "A")]), end()]);
    let entry = hoa.plans("b", "B");
    hoa.hears(&[scopes(Deed::Leave), end()]);
    assert_eq!((hoa.title("a"), hoa.title("b")), (None, None));
    let all = hoa.store.read(commands::list).unwrap();
    assert_eq!((all[0].entry, all[0].command.body["title"].as_str()), (entry, Some("B")));
}

#[test]
fn a_device_that_was_taken_off_knows_it_until_it_is_enrolled_again() {
    let hoa = Phone::of_hoa();
    let taken_off = || hoa.store.read(device::identity).unwrap().is_some_and(|of| of.taken_off);
    assert!(!taken_off(), "nothing was heard yet");
    hoa.hears(&[scopes(Deed::Follow), changes(0, 1, vec![planned(1, "a", "A")]), end()]);
    assert!(!taken_off());
    hoa.hears(&[scopes(Deed::Leave), end()]);
    assert!(taken_off());
    let write = |tx: &rusqlite::Transaction<'_>| crate::feedback::submit(tx, &SystemEnv, None, "Cầu", "Gãy");
    let refused = hoa.store.write(write);
    assert!(
        matches!(refused, Err(commands::SubmitError::Refused(Refusal::DeviceRevoked))),
        "not a word of rights"
    );
    let answer = EnrolAnswer {
        server: id("máy chủ"),
        device: id("máy mới của Hòa"),
        member: id("Hòa"),
        member_name: "Lê Thị Hòa".into(),
        epoch: 1,
        root: None,
        server_key: None,
    };
    let key = SigningKey::from_seed([2; 32]);
    hoa.store.write(|tx| device::enrolled(tx, "http://[::1]", &answer, &key)).unwrap();
    assert!(!taken_off(), "its first exchange is still to come");
}

#[test]
fn what_this_app_cannot_read_is_kept_newest_only() {
    let hoa = Phone::of_hoa();
    let lunar = body(&json!({"trăng": 15}));
    let mut newer = planned(2, "a", "A");
    newer.version = 9;
    hoa.hears(&[
        scopes(Deed::Follow),
        changes(0, 2, vec![row(1, "lunar_day", "rằm", Some(&lunar)), newer]),
        changes(2, 3, vec![row(3, "lunar_day", "rằm", Some(&lunar))]),
        end(),
    ]);
    let unread = |phone: &Phone| {
        let sql = "SELECT kind, seq FROM unread ORDER BY seq";
        phone.store.read(|c| -> Result<Vec<(String, u64)>, StoreError> {
            Ok(c.prepare(sql)?.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect::<Result<_, _>>()?)
        })
    };
    assert_eq!(unread(&hoa).unwrap(), [("meeting".to_owned(), 2), ("lunar_day".to_owned(), 3)]);
    hoa.hears(&[changes(3, 4, vec![row(4, "lunar_day", "rằm", None)]), end()]);
    assert_eq!(unread(&hoa).unwrap().len(), 1);
}

#[test]
fn a_frame_that_begins_elsewhere_is_refused_whole() {
    let hoa = Phone::of_hoa();
    hoa.hears(&[scopes(Deed::Follow), changes(0, 1, vec![planned(1, "a", "A")]), end()]);
    assert_eq!(hoa.hears(&[changes(0, 2, vec![planned(2, "a", "A2")])]), Action::Stop(Stop::NotUnderstood));
    assert_eq!(hoa.title("a").as_deref(), Some("A"));
}

#[test]
fn an_observer_hears_of_the_tables_that_changed_once_per_transaction_and_of_no_others() {
    let hoa = Phone::of_hoa();
    hoa.hears(&[scopes(Deed::Follow), end()]);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&heard);
    let observation = hoa.store.observe(move |changes| tell.lock().unwrap().push(changes.clone()));
    let page = vec![planned(1, "a", "A"), planned(2, "b", "B")];
    hoa.hears(&[changes(0, 2, page.clone())]);
    let told = |of: &str| heard.lock().unwrap().iter().filter(|changes| changes.contains(of)).count();
    assert_eq!((told("meeting"), told("scope")), (1, 1));
    assert_eq!(["directive", "attendance", "command", "thread"].map(told), [0; 4]);
    // The same rows once more, under new numbers: the cursor moves, and the rows' numbers with it.
    heard.lock().unwrap().clear();
    hoa.hears(&[end()]);
    assert_eq!((told("meeting"), told("device")), (0, 2));
    observation.cancel();
    hoa.plans("c", "C");
    assert_eq!(told("command"), 0);
}

#[test]
fn a_command_that_breaks_the_server_is_parked_and_its_number_skipped() {
    let hoa = Phone::of_hoa();
    hoa.hears(&[scopes(Deed::Follow), end()]);
    let bad = hoa.plans("a", "A");
    let good = hoa.plans("b", "B");
    let (mut engine, _) = Engine::begin(&hoa.store, &SystemEnv).unwrap();
    let fails = [outcomes(&[(1, Outcome::Failed)]), end()];
    let answer = [
        outcomes(&[(1, Outcome::Skipped), (2, applied(1))]),
        changes(0, 1, vec![planned(1, "b", "B")]),
        end(),
    ];
    for frames in [&fails[..], &fails, &fails, &answer] {
        for frame in frames {
            assert_eq!(
                engine.on(&hoa.store, &SystemEnv, Event::Bytes(&frame.pack().unwrap())).unwrap(),
                Action::Read
            );
        }
        engine.on(&hoa.store, &SystemEnv, Event::Finished).unwrap();
    }
    assert_eq!((hoa.state(bad), hoa.state(good)), (CommandState::Parked, CommandState::Applied));
    let again = hoa.store.write(|tx| commands::retry(tx, &SystemEnv, bad)).unwrap();
    assert_eq!(hoa.state(again), CommandState::Waiting);
    assert_eq!(hoa.title("a").as_deref(), Some("A"));
}

/// Held at first, then applied by an exchange whose answer was lost; the gateway fails until it is parked.
#[test]
fn what_was_parked_after_it_had_been_held_learns_what_became_of_it() {
    for (answer, state) in [
        (applied(3), CommandState::Applied),
        (Outcome::Held { missing: vec![], files: vec![] }, CommandState::Parked),
    ] {
        let hoa = Phone::of_hoa();
        let mark = hoa.marks("tháng 12", "Lan");
        let held = Outcome::Held { missing: vec![], files: vec![] };
        hoa.hears(&[scopes(Deed::Follow), outcomes(&[(1, held)]), end()]);
        for _ in 0..3 {
            let (mut engine, _) = Engine::begin(&hoa.store, &SystemEnv).unwrap();
            engine.on(&hoa.store, &SystemEnv, Event::Problem { status: 502, problem: None }).unwrap();
            hoa.store
                .write(|tx| tx.execute("UPDATE device SET suspect = NULL", []).map_err(StoreError::from))
                .unwrap();
        }
        assert_eq!(hoa.state(mark), CommandState::Parked);
        hoa.hears(&[outcomes(&[(1, answer)]), end()]);
        assert_eq!(hoa.state(mark), state);
        let (_, action) = Engine::begin(&hoa.store, &SystemEnv).unwrap();
        let Action::Exchange(packed) = action else { panic!("{action:?}") };
        let (_, text) = sotay_protocol::frame::unpack_request(&packed).unwrap();
        assert!(sotay_protocol::frame::parse_request(&text).unwrap().commands.is_empty(), "asked once");
    }
}

#[test]
fn a_cut_alone_never_counts_against_a_command() {
    let hoa = Phone::of_hoa();
    let entry = hoa.plans("a", "A");
    for _ in 0..9 {
        assert_eq!(hoa.hears(&[]), Action::Stop(Stop::Cut));
    }
    assert_eq!(hoa.state(entry), CommandState::Sent);
}

#[test]
fn another_key_is_told_from_a_damaged_file_and_a_newer_store_is_left_alone() {
    let hoa = Phone::of_hoa();
    let Phone { store, folder } = hoa;
    store.write(|tx| tx.pragma_update(None, "user_version", 99).map_err(StoreError::from)).unwrap();
    drop(store);
    let other = Store::open(folder.path(), &StoreKey::new([8; 32]));
    assert!(matches!(other, Err(StoreError::Key(KeyUnavailable::Lost))));
    let key = StoreKey::new([7; 32]);
    assert!(matches!(Store::open(folder.path(), &key), Err(StoreError::Newer)));
    let path = folder.path().join("handbook.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let half = bytes.len() / 2 + 100;
    std::fs::write(&path, &bytes[..half]).unwrap();
    let halved = Store::open(folder.path(), &key).map(drop);
    assert!(matches!(halved, Err(StoreError::Corrupt)), "{halved:?}");
    for byte in &mut bytes[64..4096] {
        *byte = !*byte;
    }
    std::fs::write(&path, bytes).unwrap();
    let damaged = Store::open(folder.path(), &key).map(drop);
    assert!(matches!(damaged, Err(StoreError::Corrupt)), "{damaged:?}");
}

#[test]
fn where_the_phone_may_be_poked_is_said_with_each_exchange() {
    let hoa = Phone::of_hoa();
    let said = || {
        let (_, action) = Engine::begin(&hoa.store, &SystemEnv).unwrap();
        let Action::Exchange(packed) = action else { panic!("{action:?}") };
        let (_, text) = sotay_protocol::frame::unpack_request(&packed).unwrap();
        sotay_protocol::frame::parse_request(&text).unwrap().push
    };
    assert_eq!(said(), None);
    let token = "https://push.example.vn/UP?id=1".to_owned();
    let address = PushAddress { provider: "unifiedpush".into(), token };
    hoa.store.write(|tx| device::set_push(tx, Some(&address))).unwrap();
    assert_eq!((said(), said()), (Some(address.clone()), Some(address)));
    hoa.store.write(|tx| device::set_push(tx, None)).unwrap();
    assert_eq!(said(), None);
}

#[test]
fn a_copied_store_takes_a_new_number_for_what_waits() {
    let hoa = Phone::of_hoa();
    hoa.hears(&[scopes(Deed::Follow), end()]);
    hoa.plans("a", "A");
    let entry = hoa.plans("b", "B");
    let (mut engine, _) = Engine::begin(&hoa.store, &SystemEnv).unwrap();
    let frame = outcomes(&[(1, applied(1)), (2, Outcome::Forked)]).pack().unwrap();
    engine.on(&hoa.store, &SystemEnv, Event::Bytes(&frame)).unwrap();
    let Action::Fork(request) = engine.on(&hoa.store, &SystemEnv, Event::Finished).unwrap() else { panic!() };
    assert!(request.verifies(&SigningKey::from_seed([1; 32]).public()));
    drop(engine);
    // The app is killed before the answer: the same key asks again.
    let (mut engine, action) = Engine::begin(&hoa.store, &SystemEnv).unwrap();
    assert!(matches!(action, Action::Fork(again) if again.key == request.key));
    let forked = sotay_protocol::enrol::ForkAnswer { device: id("máy thứ hai"), epoch: None };
    assert!(matches!(engine.on(&hoa.store, &SystemEnv, Event::Forked(forked)).unwrap(), Action::Exchange(_)));
    let waiting = hoa.store.read(commands::list).unwrap().into_iter().find(|of| of.entry == entry).unwrap();
    assert_eq!((waiting.number, waiting.command.device), (1, id("máy thứ hai")));
    assert!(waiting.signed.verifies(&request.key));
    assert!(SystemEnv.now() > Timestamp::MIN);
}
