//! Lan writes to the commune, Mai answers; each sees her own row of it.

use serde_json::json;
use sotay_protocol::{
    command::Command,
    exchange::Outcome,
    feedback::{ANSWER, CASE, RECEIVE, REPLY, SUBMIT, THREAD, case_id},
    id::Id,
    members::Office,
    refusal::Refusal,
    row::RowRef,
    scope::Scope,
};

use crate::testing::*;

impl Phone {
    pub(super) fn writes(&mut self, village: &Village, words: &str) -> Command {
        let row = RowRef::new(Scope::member(self.member), THREAD, Id::random(&*village.env));
        let message = message(village, "member", words);
        let thread = json!({"desk": village.commune, "topic": "Đường thôn", "messages": [message]});
        self.command(SUBMIT, row, &thread)
    }

    pub(super) fn answers(&mut self, village: &Village, thread: &RowRef, words: &str) -> Command {
        let row = RowRef::new(Scope::desk(village.commune), CASE, case_id(thread.id));
        let message = message(village, "desk", words);
        self.command(
            ANSWER,
            row,
            &json!({"member": thread.scope.id, "thread": thread.id, "message": message}),
        )
    }
}

pub(super) fn message(village: &Village, side: &str, words: &str) -> serde_json::Value {
    json!({"id": Id::random(&*village.env), "side": side, "at": EVENING, "words": words})
}

#[test]
fn lan_writes_mai_answers_and_lan_reads_it() {
    let village = Village::new();
    let (mut lan, mut mai) = (village.phone("Lan"), village.phone("Mai"));
    let thread = lan.writes(&village, "Cầu qua suối đã hỏng.");
    lan.sync(&village.server, &[&thread]).applied(1);
    mai.sync(&village.server, &[]);
    let case = RowRef::new(Scope::desk(village.commune), CASE, case_id(thread.row.id));
    let seen = mai.sees(&case).unwrap();
    assert_eq!((&seen["member_name"], &seen["cell_name"]), (&json!("Lan"), &json!(CELL)));
    let receive = mai.command(RECEIVE, case.clone(), &json!({"member": lan.member, "thread": thread.row.id}));
    let answer = mai.answers(&village, &thread.row, "Xã sẽ sửa trong tháng này.");
    let done = mai.sync(&village.server, &[&receive, &answer]);
    done.applied(1);
    done.applied(2);
    lan.sync(&village.server, &[]);
    let seen = lan.sees(&thread.row).unwrap();
    assert_eq!(seen["state"], "answered");
    assert_eq!(seen["messages"][1]["words"], "Xã sẽ sửa trong tháng này.");
    let reply = message(&village, "member", "Cảm ơn đồng chí.");
    let reply = lan.command(REPLY, thread.row, &json!({"desk": village.commune, "message": reply}));
    lan.sync(&village.server, &[&reply]).applied(2);
    mai.sync(&village.server, &[]);
    assert_eq!(mai.sees(&case).unwrap()["messages"].as_array().unwrap().len(), 3);
}

#[test]
fn an_answer_that_a_copy_sends_again_after_the_term_stands_as_given() {
    let village = Village::new();
    let (mut lan, mut mai) = (village.phone("Lan"), village.phone("Mai"));
    let thread = lan.writes(&village, "Cầu qua suối đã hỏng.");
    lan.sync(&village.server, &[&thread]).applied(1);
    let answer = mai.answers(&village, &thread.row, "Xã sẽ sửa trong tháng này.");
    mai.sync(&village.server, &[&answer]).applied(1);
    village.server.end_role(mai.member, village.commune, Office::Staff).unwrap();
    village.later(40 * 86_400);
    let mut copy = village.phone("Mai");
    let again = Command { device: copy.device, number: 1, ..answer.clone() };
    let new = copy.answers(&village, &thread.row, "Xã đã sửa xong.");
    let new = Command { number: 2, ..new };
    let done = copy.sync(&village.server, &[&again, &new]);
    done.applied(1);
    assert_eq!(*done.outcome(2), Outcome::Refused { code: Refusal::NotAllowed });
    assert_eq!(village.row(&thread.row).unwrap()["messages"].as_array().unwrap().len(), 2);
}

#[test]
fn nobody_speaks_in_anothers_case_by_choosing_their_thread_id() {
    let village = Village::new();
    let (mut lan, mut son) = (village.phone("Lan"), village.phone("Sơn"));
    let thread = lan.writes(&village, "Cầu qua suối đã hỏng.");
    lan.sync(&village.server, &[&thread]).applied(1);
    let mut forged = son.writes(&village, "Tôi là Lan.");
    forged.row.id = thread.row.id;
    let answer = son.sync(&village.server, &[&forged]);
    assert_eq!(*answer.outcome(1), Outcome::Refused { code: Refusal::IdTaken });
    assert_eq!(village.row(&forged.row), None);
    let case = RowRef::new(Scope::desk(village.commune), CASE, case_id(thread.row.id));
    assert_eq!(village.row(&case).unwrap()["messages"].as_array().unwrap().len(), 1);
}

#[test]
fn an_answer_to_a_thread_that_is_not_there_writes_nothing() {
    let village = Village::new();
    let mut mai = village.phone("Mai");
    let nowhere = RowRef::new(Scope::member(village.people["Lan"]), THREAD, Id::random(&*village.env));
    let answer = mai.answers(&village, &nowhere, "Xã sẽ sửa.");
    let outcome = mai.sync(&village.server, &[&answer]);
    assert_eq!(*outcome.outcome(1), Outcome::Refused { code: Refusal::NoSuchRow });
    assert_eq!(village.row(&answer.row), None);
}

#[test]
fn lan_writes_upward_only() {
    let village = Village::new();
    let mut lan = village.phone("Lan");
    let mut thread = lan.writes(&village, "Gửi chi bộ khác.");
    thread.body.insert("desk".into(), json!(village.other_cell));
    let answer = lan.sync(&village.server, &[&thread]);
    assert_eq!(*answer.outcome(1), Outcome::Refused { code: Refusal::NotAllowed });
}

#[test]
fn nobody_learns_by_waiting_for_a_row_whether_it_stands_where_they_may_not_look() {
    let village = Village::new();
    let (mut lan, mut minh) = (village.phone("Lan"), village.phone("Minh"));
    let hers = lan.writes(&village, "Đèn đường hỏng.");
    lan.sync(&village.server, &[&hers]).applied(1);
    let outcomes = [hers.row.id, Id::random(&*village.env)].map(|id| {
        let mut probe = minh.writes(&village, "Dò xem.");
        probe.needs = vec![RowRef { id, ..hers.row.clone() }];
        let number = probe.number;
        minh.sync(&village.server, &[&probe]).outcome(number).clone()
    });
    assert_eq!(outcomes[0], Outcome::Refused { code: Refusal::NotAllowed });
    assert_eq!(outcomes[0], outcomes[1]);
}
