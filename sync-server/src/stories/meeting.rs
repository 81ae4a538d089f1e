//! The evening of the meeting: codes typed, the log that judges them, and counts without names.

use serde_json::{Value, json};
use sotay_protocol::{
    attendance::{
        ATTENDANCE, AttendanceState, CHECK_IN, CLAIM, EDIT_OPENING, OPENING, Opening, RECORD_OPENING,
        attendance_id,
    },
    command::Command,
    env::{Env, Timestamp},
    exchange::Outcome,
    id::Id,
    meetings::MEETING_REPORT,
    refusal::Refusal,
    row::RowRef,
    scope::Scope,
    signature::Base64,
};

use crate::testing::*;

struct Evening {
    village: Village,
    hoa: Phone,
    meeting: RowRef,
    opening: Opening,
    log: RowRef,
}

impl Evening {
    /// Hòa has planned the meeting and opened it; the log is still on her phone.
    fn new() -> Self {
        let village = Village::new();
        let mut hoa = village.phone("Hòa");
        let (meeting, create) = hoa.plans_a_meeting(&village);
        hoa.sync(&village.server, &[&create]);
        let opened_at = village.env.now();
        let opening = Opening {
            meeting: meeting.id,
            secret: Base64(vec![5; 32]),
            opened_at,
            closed_at: None,
            server_ahead: Some(0),
        };
        let log = RowRef::new(Scope::desk(village.cell), OPENING, Id::random(&*village.env));
        village.later(600);
        Self { village, hoa, meeting, opening, log }
    }

    fn code(&self) -> String {
        self.opening.code_at(self.village.env.now())
    }

    fn wrong_code(&self) -> String {
        let now = self.village.env.now();
        let shown = |code: &String| self.opening.showed(code, now + minutes(200));
        (0..).map(|number: u32| format!("{number:06}")).find(|code| !shown(code)).unwrap()
    }

    fn claims(&self, phone: &mut Phone, code: &str) -> Command {
        let row = RowRef::new(Scope::member(phone.member), CLAIM, Id::random(&*self.village.env));
        let claim = json!({"meeting": self.meeting.id, "cell": self.village.cell, "code": code,
            "at": self.village.env.now()});
        phone.command(CHECK_IN, row, &claim)
    }

    fn record(&mut self) -> Command {
        self.hoa.command(RECORD_OPENING, self.log.clone(), &self.opening)
    }

    fn close(&mut self) -> Command {
        let now = self.village.env.now();
        let fields = json!({"fields": {"closed_at": {"now": now}}});
        self.hoa.command(EDIT_OPENING, self.log.clone(), &fields)
    }

    fn attendance(&self, name: &str) -> Option<Value> {
        let id = attendance_id(self.meeting.id, self.village.people[name]);
        self.village.row(&RowRef::new(self.meeting.scope, ATTENDANCE, id)).map(Value::Object)
    }

    fn claim_state(&self, claim: &Command) -> Value {
        self.village.row(&claim.row).unwrap().get("state").cloned().unwrap_or(json!("recorded"))
    }

    fn report(&self) -> Value {
        let id = Id::derived("meeting_report", &[self.meeting.id]);
        let at = RowRef::new(Scope::desk(self.village.commune), MEETING_REPORT, id);
        Value::Object(self.village.row(&at).unwrap())
    }
}

#[test]
fn lan_types_the_code_and_is_confirmed_when_the_log_comes() {
    let mut evening = Evening::new();
    let mut lan = evening.village.phone("Lan");
    let claim = evening.claims(&mut lan, &evening.code());
    lan.sync(&evening.village.server, &[&claim]).applied(1);
    assert_eq!(evening.attendance("Lan").unwrap()["state"], "claimed", "in the same exchange");
    assert_eq!((&evening.report()["claimed"], &evening.report()["present"]), (&json!(1), &json!(0)));
    assert_eq!(lan.kinds(ATTENDANCE).len(), 1);

    let record = evening.record();
    evening.village.later(5400);
    let close = evening.close();
    evening.hoa.sync(&evening.village.server, &[&record, &close]).applied(3);
    let seen = evening.attendance("Lan").unwrap();
    assert_eq!(
        (&seen["state"], &seen["late"], &seen["source"]),
        (&json!("present"), &json!(true), &json!("claim"))
    );
    assert_eq!(evening.claim_state(&claim), "confirmed_later");
    assert_eq!(seen.get("code"), None, "the code stays Lan's");
    let report = evening.report();
    assert_eq!(
        (&report["present"], &report["claimed"], &report["strength"]),
        (&json!(1), &json!(0), &json!(4))
    );
    assert_eq!(evening.village.server.relay().unwrap(), 0, "nothing is left to do");
}

#[test]
fn a_log_that_a_copy_of_hoas_phone_sends_again_after_its_end_was_written_all_the_same() {
    let mut evening = Evening::new();
    let record = evening.record();
    evening.village.later(5400);
    let close = evening.close();
    evening.hoa.sync(&evening.village.server, &[&record, &close]).applied(3);
    let closed = evening.village.row(&evening.log);
    let mut copy = evening.village.phone("Hòa");
    let again = Command { device: copy.device, number: 1, ..record };
    copy.sync(&evening.village.server, &[&again]).applied(1);
    assert_eq!(evening.village.row(&evening.log), closed, "the end of it stands");
}

#[test]
fn it_does_not_matter_whether_the_claim_or_the_log_comes_first() {
    let mut evening = Evening::new();
    let (mut lan, mut minh) = (evening.village.phone("Lan"), evening.village.phone("Minh"));
    let (code, wrong) = (evening.code(), evening.wrong_code());
    let record = evening.record();
    evening.village.later(5400);
    let close = evening.close();
    let right = evening.claims(&mut lan, &code);
    let guess = evening.claims(&mut minh, &wrong);
    minh.sync(&evening.village.server, &[&guess]);
    assert_eq!(evening.attendance("Minh").unwrap()["state"], "claimed");
    evening.hoa.sync(&evening.village.server, &[&record, &close]);
    lan.sync(&evening.village.server, &[&right]);
    assert_eq!(evening.attendance("Lan").unwrap()["state"], "present");
    assert_eq!(evening.claim_state(&guess), "wrong");
    assert_eq!(evening.attendance("Minh"), None, "a wrong code says nothing about who came");
}

#[test]
fn after_three_wrong_codes_the_secretary_decides() {
    let mut evening = Evening::new();
    let mut lan = evening.village.phone("Lan");
    let (code, wrong) = (evening.code(), evening.wrong_code());
    let mut claims: Vec<_> = (0..3).map(|_| evening.claims(&mut lan, &wrong)).collect();
    claims.push(evening.claims(&mut lan, &code));
    lan.sync(&evening.village.server, &claims.iter().collect::<Vec<_>>());
    let record = evening.record();
    evening.village.later(5400);
    let close = evening.close();
    evening.hoa.sync(&evening.village.server, &[&record, &close]);
    let states: Vec<_> = claims.iter().map(|claim| evening.claim_state(claim)).collect();
    assert_eq!(states, ["wrong", "wrong", "wrong", "awaits_secretary"]);
    assert_eq!(evening.attendance("Lan").unwrap()["state"], "claimed");
    let meeting = evening.meeting.clone();
    let mark = evening.hoa.marks(&evening.village, &meeting, "Lan", AttendanceState::Present);
    evening.hoa.sync(&evening.village.server, &[&mark]);
    assert_eq!(evening.attendance("Lan").unwrap()["source"], "mark");
    assert_eq!(evening.report()["present"], 1);
}

#[test]
fn a_mark_stands_above_a_claim() {
    let mut evening = Evening::new();
    let mut lan = evening.village.phone("Lan");
    let meeting = evening.meeting.clone();
    let mark = evening.hoa.marks(&evening.village, &meeting, "Lan", AttendanceState::Excused);
    let record = evening.record();
    let code = evening.code();
    evening.hoa.sync(&evening.village.server, &[&mark, &record]);
    let claim = evening.claims(&mut lan, &code);
    lan.sync(&evening.village.server, &[&claim]);
    assert_eq!(evening.claim_state(&claim), "confirmed_later");
    assert_eq!(evening.attendance("Lan").unwrap()["state"], "excused");
}

#[test]
fn mai_sees_counts_and_never_names() {
    let mut evening = Evening::new();
    let meeting = evening.meeting.clone();
    let marks = [
        ("Lan", AttendanceState::Present),
        ("Hòa", AttendanceState::Present),
        ("Minh", AttendanceState::Excused),
        ("Tư", AttendanceState::Absent),
    ];
    let mut marks = marks.map(|(name, state)| evening.hoa.marks(&evening.village, &meeting, name, state));
    marks[2].body.insert("reason".into(), "ĐI VIỆN".into());
    evening.hoa.sync(&evening.village.server, &marks.iter().collect::<Vec<_>>());
    let mut mai = evening.village.phone("Mai");
    mai.sync(&evening.village.server, &[]);
    let report = mai.kinds(MEETING_REPORT)[0];
    let counts = ["strength", "present", "excused", "absent", "claimed"].map(|name| report[name].clone());
    assert_eq!(counts, [4, 2, 1, 1, 0].map(|count: u32| json!(count)));
    assert_eq!(report["cell_name"], CELL);
    for name in ["\"Lan\"", "\"Hòa\"", "\"Minh\"", "\"Tư\"", "ĐI VIỆN"] {
        assert!(!mai.heard().contains(name), "{name}");
    }
    let lans_id = evening.village.people["Lan"].to_string();
    assert!(!mai.heard().contains(&lans_id));
}

#[test]
fn who_is_not_of_the_cell_cannot_claim_there() {
    let evening = Evening::new();
    let mut son = evening.village.phone("Sơn");
    let claim = evening.claims(&mut son, &evening.code());
    let answer = son.sync(&evening.village.server, &[&claim]);
    assert_eq!(*answer.outcome(1), Outcome::Refused { code: Refusal::NotAllowed });
}

#[test]
fn work_left_undone_by_a_crash_is_done_by_the_relay() {
    let evening = Evening::new();
    let mut lan = evening.village.phone("Lan");
    let claim = evening.claims(&mut lan, &evening.code());
    let sent = vec![lan.sign(&claim)];
    let packed = lan.request(sent);
    let mut cut = evening.village.server.exchange(&packed).unwrap();
    cut.next().unwrap();
    cut.next().unwrap();
    drop(cut);
    assert_eq!(evening.attendance("Lan"), None);
    assert!(evening.village.server.relay().unwrap() > 0);
    assert_eq!(evening.attendance("Lan").unwrap()["state"], "claimed");
    assert_eq!(evening.village.server.relay().unwrap(), 0);
    assert_eq!(evening.report()["starts_at"], json!(Timestamp::from_millis(EVENING)));
}
