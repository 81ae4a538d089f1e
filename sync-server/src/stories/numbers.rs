//! Exactly once: resends, lost answers, copies of stores, requests that start too high.

use sotay_protocol::{
    enrol::ForkRequest,
    exchange::{Outcome, Sent},
    feedback,
    id::Id,
    limits, meetings,
    problem::ProblemCode,
    refusal::Refusal,
    row::RowRef,
    scope::Scope,
    signature::SigningKey,
};

use super::commands::meeting;
use crate::testing::*;

#[test]
fn the_same_batch_twice_and_the_answer_lost_once() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (row, create) = hoa.plans_a_meeting(&village);
    let mut empty =
        hoa.command(meetings::CREATE, RowRef { id: Id::random(&*village.env), ..row }, &meeting());
    empty.body.insert("title".into(), "".into());
    let sent = vec![hoa.sign(&create), hoa.sign(&empty)];
    let packed = hoa.request(sent);
    let mut lost = village.server.exchange(&packed).unwrap();
    while lost.next().unwrap().is_some() {}
    let answer = hoa.sync(&village.server, &[&create, &empty]);
    let seq = answer.applied(1);
    assert_eq!(*answer.outcome(2), Outcome::Refused { code: Refusal::Empty }, "a refusal is still shown");
    let answer = hoa.sync(&village.server, &[&create, &empty]);
    assert_eq!(answer.applied(1), seq);
    assert_eq!(hoa.kinds("meeting").len(), 1);
}

#[test]
fn a_replayed_request_is_refused_and_told_the_last_count() {
    let village = Village::new();
    let mut lan = village.phone("Lan");
    let packed = lan.request(vec![]);
    village.server.exchange(&packed).unwrap();
    let problem = village.server.exchange(&packed).unwrap_err();
    assert_eq!((problem.code, problem.status, problem.last), (ProblemCode::CountReplayed, 409, Some(1)));
}

#[test]
fn counts_that_no_device_comes_to_are_refused_and_lock_nobody_out() {
    let village = Village::new();
    let mut lan = village.phone("Lan");
    lan.count = u64::MAX - 1;
    let packed = lan.request(vec![]);
    assert_eq!(village.server.exchange(&packed).unwrap_err().code, ProblemCode::Malformed);
    (lan.count, lan.highest) = (0, u64::MAX);
    let packed = lan.request(vec![]);
    assert_eq!(village.server.exchange(&packed).unwrap_err().code, ProblemCode::Malformed);
    lan.highest = 0;
    lan.sync(&village.server, &[]);
}

#[test]
fn a_copied_store_is_told_apart_and_loses_nothing() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    hoa.sync(&village.server, &[]);
    let mut copy = hoa.copy();
    let (row, create) = hoa.plans_a_meeting(&village);
    hoa.sync(&village.server, &[&create]).applied(1);
    let (others, same_number) = copy.plans_a_meeting(&village);
    let next = copy.marks(&village, &others, "Tư", sotay_protocol::attendance::AttendanceState::Present);
    copy.count = hoa.count;
    let answer = copy.sync(&village.server, &[&same_number, &next]);
    assert_eq!(answer.outcomes, [(1, Outcome::Forked)], "nothing after it is taken");
    assert!(answer.ended, "and it goes on reading");

    let new_key = SigningKey::from_seed([77; 32]);
    let request =
        ForkRequest::new(copy.device, &copy.key, &new_key, sotay_protocol::env::Env::now(&*village.env));
    let forked = village.server.fork(&request).unwrap();
    assert_eq!(village.server.fork(&request).unwrap(), forked, "a lost answer is given again");
    let mut fork = copy.copy();
    (fork.device, fork.key, fork.count, fork.highest) = (forked.device, new_key, 0, 0);
    let create = fork.command(meetings::CREATE, others.clone(), &meeting());
    let mark = fork.marks(&village, &others, "Tư", sotay_protocol::attendance::AttendanceState::Present);
    let answer = fork.sync(&village.server, &[&create, &mark]);
    answer.applied(1);
    answer.applied(2);
    assert!(fork.sees(&row).is_some() && fork.sees(&others).is_some());
}

#[test]
fn what_stands_before_the_fork_is_still_answered() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (row, create) = hoa.plans_a_meeting(&village);
    let mark = hoa.marks(&village, &row, "Tư", sotay_protocol::attendance::AttendanceState::Present);
    hoa.sync(&village.server, &[&create, &mark]);
    let mut other = hoa.marks(&village, &row, "Lan", sotay_protocol::attendance::AttendanceState::Present);
    other.number = 2;
    let answer = hoa.sync(&village.server, &[&create, &other]);
    answer.applied(1);
    assert_eq!(*answer.outcome(2), Outcome::Forked);
}

#[test]
fn a_request_that_starts_too_high_is_left_untouched() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    hoa.highest = 4;
    let (row, create) = hoa.plans_a_meeting(&village);
    let answer = hoa.sync(&village.server, &[&create]);
    assert_eq!((answer.want_from, answer.outcomes.len(), answer.ended), (Some(1), 0, true));
    assert_eq!(village.row(&row), None);
    let mut first = create.clone();
    first.number = 1;
    let mut gap = create;
    gap.number = 3;
    let sent = vec![hoa.sign(&first), hoa.sign(&gap)];
    assert_eq!(hoa.send(&village.server, sent).unwrap_err().code, ProblemCode::Malformed);
    assert_eq!(village.row(&row), None);
}

#[test]
fn after_a_restore_everyone_is_asked_from_where_the_backup_ends() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (row, create) = hoa.plans_a_meeting(&village);
    let first = hoa.sync(&village.server, &[&create]);
    assert_eq!((hoa.epoch, first.want_from), (1, None));
    let epoch = village.server.begin_epoch().unwrap();
    assert!(village.server.begin_epoch().unwrap() > epoch, "also within one millisecond");
    let mark = hoa.marks(&village, &row, "Tư", sotay_protocol::attendance::AttendanceState::Present);
    let answer = hoa.sync(&village.server, &[&mark]);
    assert_eq!((answer.want_from, answer.outcomes.len()), (Some(2), 0));
    assert!(answer.lines.iter().all(|line| line.deed == sotay_protocol::exchange::Deed::Reset));
    assert!(hoa.sees(&row).is_some(), "read anew");
    hoa.sync(&village.server, &[&mark]).applied(2);
}

#[test]
fn many_feedbacks_go_up_in_groups_of_fifty() {
    let village = Village::new();
    let mut lan = village.phone("Lan");
    let commands: Vec<_> = (0..120).map(|number| lan.writes(&village, &format!("Việc {number}"))).collect();
    let sent: Vec<Sent> = commands.iter().map(|command| lan.sign(command)).collect();
    let packed = lan.request(sent);
    let mut exchange = village.server.exchange(&packed).unwrap();
    let mut answer = Answer::default();
    let mut frames = Vec::new();
    while let Some(frame) = exchange.next().unwrap() {
        let before = answer.outcomes.len();
        lan.take(&frame, &mut answer);
        frames.push(answer.outcomes.len() - before);
    }
    assert_eq!(frames[..4], [0, 50, 50, 20]);
    assert!(answer.outcomes.iter().map(|(number, _)| *number).eq(1..=120));
    assert_eq!(lan.kinds(feedback::THREAD).len(), 120);
}

#[test]
fn fifty_large_conflicts_come_in_frames_that_fit() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (row, mut create) = hoa.plans_a_meeting(&village);
    let item = "việc ".repeat(250);
    create.body.insert("agenda".into(), vec![item.clone(); 20].into());
    let answer = hoa.sync(&village.server, &[&create]);
    answer.applied(1);
    let edits: Vec<_> = (0..60)
        .map(|number| {
            let fields = serde_json::json!({"fields": {"agenda": {"was": ["không phải"], "now": [number.to_string()]}}});
            hoa.command(meetings::EDIT, row.clone(), &fields)
        })
        .collect();
    let answer = hoa.sync(&village.server, &edits.iter().collect::<Vec<_>>());
    assert_eq!(answer.outcomes.len(), 60);
    assert!(answer.outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::Conflicted { .. })));
    assert!(answer.ended);
}

#[test]
fn numbers_and_sizes_out_of_bounds_are_typed_problems() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (_, create) = hoa.plans_a_meeting(&village);
    let twice = vec![hoa.sign(&create), hoa.sign(&create)];
    assert_eq!(hoa.send(&village.server, twice).unwrap_err().code, ProblemCode::Malformed);
    let zero = vec![Sent::Skip { skip: 0, hash: None }];
    assert_eq!(hoa.send(&village.server, zero).unwrap_err().code, ProblemCode::Malformed);
    let many = (1..=501).map(|skip| Sent::Skip { skip, hash: None }).collect();
    assert_eq!(hoa.send(&village.server, many).unwrap_err().code, ProblemCode::TooLarge);
    let mut large = create.clone();
    large.body.insert("ghi_chú".into(), "a".repeat(limits::COMMAND).into());
    let answer = hoa.sync(&village.server, &[&large]);
    assert_eq!(*answer.outcome(1), Outcome::Refused { code: Refusal::TooLarge }, "one too large, by itself");
    assert_eq!(hoa.count, 4);
    let cell = Scope::cell(village.cell);
    assert_eq!(village.store.read_with(|reader| reader.rows_of_kind(cell, "meeting")).unwrap(), []);
}

#[test]
fn an_exchange_does_not_go_on_into_a_new_epoch() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (row, create) = hoa.plans_a_meeting(&village);
    let sent = vec![hoa.sign(&create)];
    let packed = hoa.request(sent);
    let mut exchange = village.server.exchange(&packed).unwrap();
    exchange.next().unwrap().unwrap();
    village.server.begin_epoch().unwrap();
    assert_eq!(exchange.next().unwrap(), None);
    assert_eq!(village.row(&row), None);
}
