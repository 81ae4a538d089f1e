//! One command judged: rights of its time, what it needs, what stands already, what fails by itself.

use std::sync::Arc;

use serde_json::{Value, json};
use sotay_protocol::{
    attendance::{self, AttendanceState, Mark, attendance_id},
    command::Command,
    edit::Edit,
    exchange::{Outcome, Sent, Signed},
    id::Id,
    meetings,
    refusal::Refusal,
    row::{RowRef, body},
    scope::Scope,
};

use crate::{Server, testing::*};

fn refused(code: Refusal) -> Outcome {
    Outcome::Refused { code }
}

pub(super) fn edit(phone: &mut Phone, row: &RowRef, was: &Value, now: &Value) -> Command {
    phone.command(meetings::EDIT, row.clone(), &Edit::between(&body(was), &body(now)))
}

#[test]
fn hoa_plans_a_meeting_and_lan_sees_it() {
    let village = Village::new();
    let (mut hoa, mut lan) = (village.phone("Hòa"), village.phone("Lan"));
    let (row, create) = hoa.plans_a_meeting(&village);
    let answer = hoa.sync(&village.server, &[&create]);
    assert!(answer.ended);
    answer.applied(1);
    assert!(hoa.sees(&row).is_some());
    lan.sync(&village.server, &[]);
    assert_eq!(lan.sees(&row).unwrap()["title"], "Sinh hoạt tháng 12");
    let again = lan.sync(&village.server, &[]);
    assert!(again.pages.is_empty() && again.lines.is_empty() && again.ended);
}

#[test]
fn fields_nobody_knows_yet_are_kept() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (row, mut create) = hoa.plans_a_meeting(&village);
    create.body.insert("câu_hỏi".into(), json!({"mới": [1, 2]}));
    hoa.sync(&village.server, &[&create]).applied(1);
    assert_eq!(hoa.sees(&row).unwrap()["câu_hỏi"], json!({"mới": [1, 2]}));
}

#[test]
fn a_mark_waits_for_its_meeting_and_goes_through_as_it_was() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (row, mut create) = hoa.plans_a_meeting(&village);
    create.body.insert("title".into(), json!("  "));
    let mut mark = hoa.marks(&village, &row, "Tư", AttendanceState::Present);
    mark.needs = vec![row.clone()];
    let answer = hoa.sync(&village.server, &[&create, &mark]);
    assert_eq!(*answer.outcome(1), refused(Refusal::Empty));
    assert_eq!(*answer.outcome(2), Outcome::Held { missing: vec![row.clone()], files: vec![] });

    let mended = hoa.command(meetings::CREATE, row, &meeting());
    let answer = hoa.sync(&village.server, &[&mark, &mended]);
    assert!(matches!(answer.outcome(2), Outcome::Held { .. }), "held ones are judged before new ones");
    answer.applied(3);
    let answer = hoa.sync(&village.server, &[&mark]);
    answer.applied(2);
    assert!(hoa.sees(&mark.row).is_some());
    let seq = answer.applied(2);
    assert_eq!(hoa.sync(&village.server, &[&mark]).applied(2), seq, "and is answered from its outcome then");
}

#[test]
fn without_its_meeting_a_mark_that_does_not_ask_to_wait_is_refused() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let nowhere = RowRef::new(Scope::cell(village.cell), "meeting", Id::random(&*village.env));
    let mark = hoa.marks(&village, &nowhere, "Tư", AttendanceState::Present);
    assert_eq!(*hoa.sync(&village.server, &[&mark]).outcome(1), refused(Refusal::NoSuchRow));
}

#[test]
fn two_places_for_one_meeting_are_a_conflict_that_brings_the_current_one() {
    let village = Village::new();
    let (mut hoa, mut tablet) = (village.phone("Hòa"), village.phone("Hòa"));
    let (row, create) = hoa.plans_a_meeting(&village);
    hoa.sync(&village.server, &[&create]);
    tablet.sync(&village.server, &[]);
    let seen = meeting();
    let mut school = seen.clone();
    school["place"] = json!("Trường học");
    let mut clinic = seen.clone();
    clinic["place"] = json!("Trạm y tế");
    let first = edit(&mut hoa, &row, &seen, &school);
    let second = edit(&mut tablet, &row, &seen, &clinic);
    hoa.sync(&village.server, &[&first]).applied(2);
    let answer = tablet.sync(&village.server, &[&second]);
    assert_eq!(*answer.outcome(1), Outcome::Conflicted { current: body(&json!({"place": "Trường học"})) });
    let same = edit(&mut tablet, &row, &seen, &school);
    let head = village.store.read_with(|reader| reader.head(row.scope)).unwrap().head;
    assert_eq!(
        tablet.sync(&village.server, &[&same]).applied(2),
        6,
        "after four of the roster and the meeting"
    );
    let now = village.store.read_with(|reader| reader.head(row.scope)).unwrap().head;
    assert_eq!(now, head, "what stands already writes nothing");
}

/// Hòa moves a meeting on one device; on her tablet, which has not heard of it, she moved it elsewhere.
fn moved_on_two_devices(village: &Village, ours: &str) -> (Phone, Command) {
    let (mut hoa, mut tablet) = (village.phone("Hòa"), village.phone("Hòa"));
    let (row, create) = hoa.plans_a_meeting(village);
    hoa.sync(&village.server, &[&create]);
    tablet.sync(&village.server, &[]);
    let moved = |to: &str| {
        let mut moved = meeting();
        moved["place"] = json!(to);
        moved
    };
    let late = edit(&mut tablet, &row, &meeting(), &moved("Trạm y tế"));
    let first = edit(&mut hoa, &row, &meeting(), &moved(ours));
    hoa.sync(&village.server, &[&first]).applied(2);
    (tablet, late)
}

#[test]
fn the_current_values_of_a_conflict_do_not_reach_a_device_that_was_revoked_since() {
    let village = Village::new();
    let (mut tablet, late) = moved_on_two_devices(&village, "Trường học");
    let told = tablet.sync(&village.server, &[&late]);
    assert_eq!(*told.outcome(1), Outcome::Conflicted { current: body(&json!({"place": "Trường học"})) });
    // That answer never arrived; then the tablet is lost, and whoever has it sends the same again.
    village.server.revoke_device(tablet.device).unwrap();
    let answer = tablet.sync(&village.server, &[&late]);
    assert_eq!(*answer.outcome(1), Outcome::Conflicted { current: body(&json!({})) });
}

#[test]
fn the_current_values_of_a_conflict_do_not_reach_who_left_the_cell() {
    let village = Village::new();
    let (mut tablet, late) = moved_on_two_devices(&village, "NƠI HỌP MỚI");
    village.later(60);
    village.server.transfer(tablet.member, village.other_cell).unwrap();
    let answer = tablet.sync(&village.server, &[&late]);
    assert_eq!(*answer.outcome(1), Outcome::Conflicted { current: body(&json!({})) });
    assert!(!tablet.heard().contains("NƠI HỌP MỚI"));
}

#[test]
fn a_create_sent_under_another_number_stands_also_after_an_edit() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (row, create) = hoa.plans_a_meeting(&village);
    let mut moved = meeting();
    moved["place"] = json!("Trường học");
    let change = edit(&mut hoa, &row, &meeting(), &moved);
    hoa.sync(&village.server, &[&create, &change]);
    let again = hoa.command(meetings::CREATE, row.clone(), &meeting());
    let seq = hoa.sync(&village.server, &[&again]).applied(3);
    assert_eq!(village.row(&row).unwrap()["place"], "Trường học");
    let other = hoa.command(meetings::CREATE, row, &moved);
    let answer = hoa.sync(&village.server, &[&other]);
    assert_eq!(answer.applied(4), seq, "the row as it now is");
}

#[test]
fn a_create_that_a_copy_sends_again_after_the_term_was_made_all_the_same() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (row, create) = hoa.plans_a_meeting(&village);
    hoa.sync(&village.server, &[&create]).applied(1);
    village.end_secretary("Hòa");
    village.later(40 * 86_400);
    let mut copy = village.phone("Hòa");
    let again = Command { device: copy.device, number: 1, ..create.clone() };
    let other = Command { body: body(&json!({"title": "Cuộc họp khác"})), number: 2, ..again.clone() };
    let answer = copy.sync(&village.server, &[&again, &other]);
    answer.applied(1);
    assert_eq!(*answer.outcome(2), refused(Refusal::NotAllowed));
    assert_eq!(village.row(&row).unwrap()["title"], "Sinh hoạt tháng 12");
}

#[test]
fn a_mark_that_a_copy_sends_again_after_the_term_stands_as_made() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (row, create) = hoa.plans_a_meeting(&village);
    let mark = hoa.marks(&village, &row, "Tư", AttendanceState::Present);
    hoa.sync(&village.server, &[&create, &mark]).applied(2);
    village.end_secretary("Hòa");
    village.later(40 * 86_400);
    let mut copy = village.phone("Hòa");
    let again = Command { device: copy.device, number: 1, ..mark.clone() };
    let mut other = Command { number: 2, ..again.clone() };
    other.body.insert("state".into(), json!("absent"));
    let answer = copy.sync(&village.server, &[&again, &other]);
    answer.applied(1);
    assert_eq!(*answer.outcome(2), refused(Refusal::NotAllowed), "the same id with something else in it");
    assert_eq!(village.row(&mark.row).unwrap()["state"], "present");
}

#[test]
fn an_id_that_another_member_chose_first_is_taken() {
    let village = Village::new();
    let (mut hoa, mut son) = (village.phone("Hòa"), village.phone("Sơn"));
    let (row, create) = hoa.plans_a_meeting(&village);
    hoa.sync(&village.server, &[&create]).applied(1);
    village
        .server
        .import_members(&read_members(&MEMBERS.replace(
            "Lan;03/02/1985;Nữ;10001;03/02/2010;03/02/2011;Chi bộ thôn Đồi Chè;;",
            "Lan;03/02/1985;Nữ;10001;03/02/2010;03/02/2011;Chi bộ thôn Đồi Chè;Phó bí thư;",
        )))
        .unwrap();
    village.later(1);
    let mut lan = village.phone("Lan");
    let taken = lan.command(meetings::CREATE, row.clone(), &meeting());
    assert_eq!(*lan.sync(&village.server, &[&taken]).outcome(1), refused(Refusal::IdTaken));
    let elsewhere = RowRef::new(Scope::cell(village.other_cell), "meeting", row.id);
    let own = son.command(meetings::CREATE, elsewhere, &meeting());
    son.sync(&village.server, &[&own]).applied(1);
}

#[test]
fn nobody_does_what_is_not_theirs() {
    let village = Village::new();
    let (mut lan, mut son) = (village.phone("Lan"), village.phone("Sơn"));
    for phone in [&mut lan, &mut son] {
        let (_, create) = phone.plans_a_meeting(&village);
        assert_eq!(*phone.sync(&village.server, &[&create]).outcome(1), refused(Refusal::NotAllowed));
    }
    let mut hoa = village.phone("Hòa");
    let (row, create) = hoa.plans_a_meeting(&village);
    let stranger = hoa.marks(&village, &row, "Sơn", AttendanceState::Present);
    let answer = hoa.sync(&village.server, &[&create, &stranger]);
    assert_eq!(*answer.outcome(2), refused(Refusal::NotAMember));
}

#[test]
fn a_command_nobody_knows_is_refused_by_itself_and_the_rest_goes_on() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (row, create) = hoa.plans_a_meeting(&village);
    let unknown = hoa.command("meeting.sing", row.clone(), &json!({}));
    let mut newer = hoa.command(meetings::CREATE, row.clone(), &meeting());
    newer.version = 2;
    let mut wrong_type = hoa.command(meetings::CREATE, row.clone(), &meeting());
    wrong_type.body.insert("starts_at".into(), json!("bảy giờ"));
    let mark = hoa.marks(&village, &row, "Tư", AttendanceState::Excused);
    let answer = hoa.sync(&village.server, &[&create, &unknown, &newer, &wrong_type, &mark]);
    answer.applied(1);
    assert_eq!(*answer.outcome(2), refused(Refusal::UnknownKind));
    assert_eq!(*answer.outcome(3), refused(Refusal::UnknownKind));
    assert_eq!(*answer.outcome(4), refused(Refusal::Malformed));
    answer.applied(5);
}

#[test]
fn texts_that_cannot_be_commands_are_refused_under_their_numbers() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (_, create) = hoa.plans_a_meeting(&village);
    let own_key = |text: &str| {
        let text = text.to_owned();
        let signature = hoa.key.sign(sotay_protocol::signature::Purpose::Command, text.as_bytes());
        Sent::Command(Signed { text, signature })
    };
    let twice = own_key(r#"{"number":2,"kind":"a","device":1,"body":{"a":1,"a":2}}"#);
    let deep = own_key(&format!(r#"{{"number":3,"body":{}{}}}"#, "[".repeat(40), "]".repeat(40)));
    let foreign = {
        let mut command = create.clone();
        (command.number, command.device) = (4, Id::random(&*village.env));
        hoa.sign(&command)
    };
    let forged = {
        let mut command = create.clone();
        command.number = 5;
        Sent::Command(command.sign(&sotay_protocol::signature::SigningKey::from_seed([8; 32])))
    };
    let sent = vec![hoa.sign(&create), twice, deep, foreign, forged];
    hoa.highest = 5;
    let answer = hoa.send(&village.server, sent).unwrap();
    answer.applied(1);
    assert_eq!(*answer.outcome(2), refused(Refusal::Malformed));
    assert_eq!(*answer.outcome(3), refused(Refusal::Malformed));
    assert_eq!(*answer.outcome(4), refused(Refusal::BadSignature));
    assert_eq!(*answer.outcome(5), refused(Refusal::BadSignature));
    assert!(answer.ended);
}

#[test]
fn what_hoa_did_in_office_stands_in_two_batches_and_what_came_after_is_refused() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    hoa.sync(&village.server, &[]);
    village.later(3600);
    let (row, create) = hoa.plans_a_meeting(&village);
    let marks: Vec<_> =
        ["Lan", "Minh", "Tư"].map(|name| hoa.marks(&village, &row, name, AttendanceState::Present)).into();
    village.later(3600);
    village.end_secretary("Hòa");
    village.later(3600);
    let after = hoa.marks(&village, &row, "Hòa", AttendanceState::Present);

    // The first batch arrives, its answer is cut; the second comes a day later.
    let sent = vec![hoa.sign(&create), hoa.sign(&marks[0])];
    let packed = hoa.request(sent);
    let mut cut = village.server.exchange(&packed).unwrap();
    cut.next().unwrap();
    cut.next().unwrap();
    drop(cut);
    village.later(24 * 3600);
    let answer = hoa.sync(&village.server, &[&create, &marks[0], &marks[1], &marks[2], &after]);
    for number in 1..=4 {
        answer.applied(number);
    }
    assert_eq!(*answer.outcome(5), refused(Refusal::NotAllowed));
    let mut backdated = hoa.marks(&village, &row, "Hòa", AttendanceState::Present);
    backdated.made_at = create.made_at;
    assert_eq!(
        *hoa.sync(&village.server, &[&backdated]).outcome(6),
        refused(Refusal::NotAllowed),
        "a number that yesterday's exchange had not heard of was not made before it"
    );
}

#[test]
fn a_command_at_which_the_server_fails_stops_nothing_for_good() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (row, create) = hoa.plans_a_meeting(&village);
    let cursed = hoa.marks(&village, &row, "Lan", AttendanceState::Present);
    let good = hoa.marks(&village, &row, "Tư", AttendanceState::Present);
    for panics in [false, true] {
        let failing = failing_at(&village.server, cursed.number, panics);
        let answer = hoa.sync(&failing, &[&create, &cursed, &good]);
        answer.applied(1);
        assert_eq!(*answer.outcome(2), Outcome::Failed);
        assert_eq!(answer.outcomes.len(), 2, "no later one is taken");
        assert!(answer.ended);
        assert_eq!(village.row(&cursed.row), None, "nothing of it is kept");
    }
    let sent = vec![Sent::Skip { skip: 2, hash: None }, hoa.sign(&good)];
    let answer = hoa.send(&village.server, sent).unwrap();
    assert_eq!(*answer.outcome(2), Outcome::Skipped);
    answer.applied(3);
    let answer = hoa
        .send(&village.server, vec![Sent::Skip { skip: 1, hash: None }, Sent::Skip { skip: 2, hash: None }])
        .unwrap();
    assert!(matches!(answer.outcome(1), Outcome::Applied { .. }), "a skip brings what was applied");
    assert_eq!(*answer.outcome(2), Outcome::Skipped);
}

fn failing_at(server: &Server, number: u64, panics: bool) -> Server {
    server.clone().with_fault(Arc::new(move |command: &Command| {
        let strikes = command.number == number;
        assert!(!(strikes && panics), "a planted panic");
        strikes
    }))
}

#[test]
fn the_same_mark_under_another_number_does_not_undo_a_later_one() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (row, create) = hoa.plans_a_meeting(&village);
    let present = hoa.marks(&village, &row, "Tư", AttendanceState::Present);
    let absent = hoa.marks(&village, &row, "Tư", AttendanceState::Absent);
    hoa.sync(&village.server, &[&create, &present, &absent]);
    let again = hoa.command(attendance::MARK, present.row.clone(), &present.body);
    hoa.sync(&village.server, &[&again]).applied(4);
    assert_eq!(village.row(&present.row).unwrap()["state"], "absent");
    let note = RowRef::new(Scope::desk(village.cell), attendance::ATTENDANCE_NOTE, present.row.id);
    assert_eq!(hoa.sees(&note).unwrap()["marks"].as_array().unwrap().len(), 2, "the trail holds each once");
}

impl Phone {
    pub(super) fn plans_a_meeting(&mut self, village: &Village) -> (RowRef, Command) {
        let row = RowRef::new(Scope::cell(village.cell), "meeting", Id::random(&*village.env));
        let create = self.command(meetings::CREATE, row.clone(), &meeting());
        (row, create)
    }

    pub(super) fn marks(
        &mut self,
        village: &Village,
        meeting: &RowRef,
        name: &str,
        state: AttendanceState,
    ) -> Command {
        let member = village.people[name];
        let mark = Mark {
            id: Id::random(&*village.env),
            meeting: meeting.id,
            member,
            state,
            mode: None,
            reason: None,
            pass: None,
            evidence: None,
        };
        let row = RowRef::new(meeting.scope, attendance::ATTENDANCE, attendance_id(meeting.id, member));
        self.command(attendance::MARK, row, &mark)
    }
}

pub(super) fn meeting() -> Value {
    json!({"title": "Sinh hoạt tháng 12", "form": "regular", "starts_at": EVENING, "place": "Nhà văn hóa"})
}
