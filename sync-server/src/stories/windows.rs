//! What has left a desk's or a cell's window: who still finds it, and what brings it back.

use std::collections::BTreeSet;

use serde_json::json;
use sotay_protocol::{
    attendance::{ATTENDANCE, ATTENDANCE_NOTE, AttendanceState},
    command::Command,
    env::Env,
    exchange::{ChangesHead, Deed, Outcome},
    feedback::{CASE, REPLY, case_id},
    id::Id,
    meetings::{MEETING, MEETING_REPORT},
    refusal::Refusal,
    row::RowRef,
    scope::Scope,
};

use super::{feedback::message, http::Host};
use crate::{
    store::{NewEntry, Store},
    testing::*,
};

impl Village {
    fn later_by_days(&self, days: i64) {
        self.later(days * 24 * 60 * 60);
    }

    fn case_of(&self, thread: &Command) -> RowRef {
        RowRef::new(Scope::desk(self.commune), CASE, case_id(thread.row.id))
    }

    fn is_archived(&self, row: &RowRef) -> bool {
        self.store.read_with(|reader| reader.archived(row)).unwrap().is_some()
    }
}

fn words(phone: &Phone, case: &RowRef) -> usize {
    phone.sees(case).map_or(0, |case| case["messages"].as_array().unwrap().len())
}

#[test]
fn what_a_copy_of_hoas_phone_sends_again_years_after_her_term_stands_as_made() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (meeting, create) = hoa.plans_a_meeting(&village);
    let mark = hoa.marks(&village, &meeting, "Tư", AttendanceState::Present);
    hoa.sync(&village.server, &[&create, &mark]).applied(2);
    village.end_secretary("Hòa");
    village.later_by_days(3 * 366);
    while village.server.clear_windows(&mut || ()).unwrap().more {}
    assert!(village.is_archived(&meeting) && village.is_archived(&mark.row));
    let mut copy = village.phone("Hòa");
    let again = |of: &Command, number| Command { device: copy.device, number, ..of.clone() };
    let (create, mark) = (again(&create, 1), again(&mark, 2));
    let mut other = again(&mark, 3);
    other.body.insert("state".into(), json!("absent"));
    let answer = copy.sync(&village.server, &[&create, &mark, &other]);
    answer.applied(2);
    assert_eq!(*answer.outcome(3), Outcome::Refused { code: Refusal::NotAllowed }, "it was never made");
}

#[test]
fn an_answered_case_leaves_the_desk_after_a_year_and_an_open_one_never() {
    let village = Village::new();
    let (mut lan, mut mai) = (village.phone("Lan"), village.phone("Mai"));
    let (bridge, lamp) = (lan.writes(&village, "Cầu hỏng."), lan.writes(&village, "Đèn hỏng."));
    lan.sync(&village.server, &[&bridge, &lamp]);
    let answer = mai.answers(&village, &bridge.row, "Xã sẽ sửa.");
    mai.sync(&village.server, &[&answer]).applied(1);
    lan.sync(&village.server, &[]);
    village.later_by_days(360);
    village.server.daily().unwrap();
    mai.sync(&village.server, &[]);
    assert_eq!(mai.kinds(CASE).len(), 2);
    village.later_by_days(10);
    village.server.daily().unwrap();
    village.server.daily().unwrap();
    let answer = mai.sync(&village.server, &[]);
    assert!(answer.lines.is_empty(), "a change like any other");
    assert_eq!(mai.kinds(CASE).len(), 1, "what waits for an answer stays, however old");
    assert!(mai.sees(&village.case_of(&lamp)).is_some());
    assert!(village.is_archived(&village.case_of(&bridge)));
    lan.sync(&village.server, &[]);
    assert_eq!(lan.kinds("thread").len(), 2, "a person's own scope has no window");
}

#[test]
fn a_further_word_of_lans_brings_her_case_back_from_the_archive() {
    let village = Village::new();
    let (mut lan, mut mai) = (village.phone("Lan"), village.phone("Mai"));
    let thread = lan.writes(&village, "Cầu hỏng.");
    lan.sync(&village.server, &[&thread]);
    let answer = mai.answers(&village, &thread.row, "Xã sẽ sửa.");
    mai.sync(&village.server, &[&answer]).applied(1);
    // Its tombstone is gone, too, when she writes again.
    for days in [370, 190] {
        village.later_by_days(days);
        village.server.daily().unwrap();
    }
    let case = village.case_of(&thread);
    mai.sync(&village.server, &[]);
    assert!(mai.sees(&case).is_none());

    let reply = message(&village, "member", "Cầu vẫn chưa sửa.");
    let reply = lan.command(REPLY, thread.row.clone(), &json!({"desk": village.commune, "message": reply}));
    lan.sync(&village.server, &[&reply]).applied(2);
    mai.sync(&village.server, &[]);
    assert_eq!(words(&mai, &case), 3, "with all that was said before");
    assert!(!village.is_archived(&case));
    village.server.daily().unwrap();
    mai.sync(&village.server, &[]);
    assert_eq!(words(&mai, &case), 3, "and it is open again");
}

#[test]
fn what_is_refused_brings_nothing_back() {
    let village = Village::new();
    let (mut lan, mut mai, mut son) = (village.phone("Lan"), village.phone("Mai"), village.phone("Sơn"));
    let thread = lan.writes(&village, "Cầu hỏng.");
    lan.sync(&village.server, &[&thread]);
    let answer = mai.answers(&village, &thread.row, "Xã sẽ sửa.");
    mai.sync(&village.server, &[&answer]).applied(1);
    village.later_by_days(370);
    village.server.daily().unwrap();
    let mut forged = son.writes(&village, "Tôi là Lan.");
    forged.row.id = thread.row.id;
    let outcome = son.sync(&village.server, &[&forged]);
    assert!(matches!(outcome.outcome(1), Outcome::Refused { .. }));
    assert!(village.is_archived(&village.case_of(&thread)));
}

/// Hòa's meeting with a mark on old Tư, two years and some days ago.
fn an_old_meeting(village: &Village, hoa: &mut Phone) -> (RowRef, Command) {
    let (meeting, create) = hoa.plans_a_meeting(village);
    let mut mark = hoa.marks(village, &meeting, "Tư", AttendanceState::Excused);
    mark.body.insert("reason".into(), "Ốm".into());
    let answer = hoa.sync(&village.server, &[&create, &mark]);
    answer.applied(create.number);
    answer.applied(mark.number);
    (meeting, mark)
}

#[test]
fn a_meeting_leaves_after_two_years_with_all_that_belongs_to_it() {
    let village = Village::new();
    let (mut hoa, mut mai) = (village.phone("Hòa"), village.phone("Mai"));
    let (meeting, mark) = an_old_meeting(&village, &mut hoa);
    mai.sync(&village.server, &[]);
    assert_eq!(mai.kinds(MEETING_REPORT).len(), 1);
    village.later_by_days(400);
    village.server.daily().unwrap();
    hoa.sync(&village.server, &[]);
    mai.sync(&village.server, &[]);
    assert!(mai.kinds(MEETING_REPORT).is_empty(), "the committee's desk keeps twelve months");
    assert_eq!((hoa.kinds(MEETING).len(), hoa.kinds(ATTENDANCE_NOTE).len()), (1, 1), "the cell twenty-four");
    village.later_by_days(340);
    village.server.daily().unwrap();
    hoa.sync(&village.server, &[]);
    for kind in [MEETING, ATTENDANCE, ATTENDANCE_NOTE] {
        assert!(hoa.kinds(kind).is_empty(), "{kind}");
    }
    assert_eq!(hoa.kinds("roster_entry").len(), 4, "who belongs to the cell stays");
    assert!(village.is_archived(&meeting) && village.is_archived(&mark.row));
    village.server.relay().unwrap();
    mai.sync(&village.server, &[]);
    assert!(mai.kinds(MEETING_REPORT).is_empty(), "nobody counts it anew");
}

#[test]
fn a_late_mark_on_an_old_meeting_brings_it_back_whole_for_a_day() {
    let village = Village::new();
    let (mut hoa, mut lan) = (village.phone("Hòa"), village.phone("Lan"));
    let (meeting, first) = an_old_meeting(&village, &mut hoa);
    village.later_by_days(740);
    village.server.daily().unwrap();
    let mut late = hoa.marks(&village, &meeting, "Lan", AttendanceState::Present);
    late.needs = vec![meeting.clone()];
    hoa.sync(&village.server, &[&late]).applied(late.number);
    lan.sync(&village.server, &[]);
    assert!(lan.sees(&meeting).is_some(), "no mark without its meeting");
    assert!(lan.sees(&first.row).is_some() && lan.sees(&late.row).is_some());
    hoa.sync(&village.server, &[]);
    assert_eq!(hoa.kinds(ATTENDANCE_NOTE).len(), 2);
    village.later_by_days(1);
    village.server.daily().unwrap();
    lan.sync(&village.server, &[]);
    assert!(lan.kinds(MEETING).is_empty() && lan.kinds(ATTENDANCE).is_empty());
    assert!(village.is_archived(&late.row));
}

#[test]
fn a_list_of_meetings_imported_again_brings_no_old_one_back() {
    use crate::{meetings::import::read, spreadsheet::sheets};
    let village = Village::new();
    let file = format!(
        "Chi bộ;Tên cuộc họp;Hình thức;Ngày;Giờ;Địa điểm;Nội dung\n{CELL};Tháng 12;Thường kỳ;03/12/2025;19:30;Nhà văn hóa;\n"
    );
    let meetings = read(&sheets(file.as_bytes()).unwrap()).unwrap().records;
    village.server.import_meetings(&meetings).unwrap();
    for days in [740, 190] {
        village.later_by_days(days);
        village.server.daily().unwrap();
    }
    let mut lan = village.phone("Lan");
    village.server.import_meetings(&meetings).unwrap();
    lan.sync(&village.server, &[]);
    assert!(lan.kinds(MEETING).is_empty());
}

/// Answered cases as of years ago, faster than by writing each.
fn fill_desk(village: &Village, count: u32) {
    let desk = Scope::desk(village.commune);
    let (author, at) = (village.server.id(), village.env.now());
    let put = |tx: &mut dyn crate::store::Transaction| {
        for number in 0..count {
            let row = RowRef::new(desk, CASE, Id::derived(&format!("vụ việc {number}"), &[]));
            let body = json!({"member": author, "member_name": "Lan", "cell_name": CELL, "thread": author,
                "topic": format!("Việc số {number}"), "messages": [], "state": "answered"});
            tx.put(&row, &NewEntry { version: 1, author, body: &body.to_string(), made: None, at })?;
        }
        Ok(())
    };
    let store: &dyn Store = &*village.store;
    store.write_with(&[desk], put).unwrap();
}

fn pages(answer: &Answer, scope: Scope) -> Vec<ChangesHead> {
    answer.pages.iter().filter(|page| page.scope == scope).copied().collect()
}

#[test]
fn a_desk_that_years_leave_at_once_is_read_anew_instead_of_line_by_line() {
    let village = Village::new();
    let (mut lan, mut mai) = (village.phone("Lan"), village.phone("Mai"));
    fill_desk(&village, 2_500);
    mai.sync(&village.server, &[]);
    assert_eq!(mai.kinds(CASE).len(), 2_500);
    village.later_by_days(370);
    let thread = lan.writes(&village, "Cầu hỏng.");
    lan.sync(&village.server, &[&thread]);
    village.server.daily().unwrap();
    let desk = Scope::desk(village.commune);
    let answer = mai.sync(&village.server, &[]);
    let reset: Vec<Scope> =
        answer.lines.iter().filter(|line| line.deed == Deed::Reset).map(|line| line.scope).collect();
    assert_eq!(reset, [desk]);
    assert_eq!(pages(&answer, desk).len(), 1, "no tombstone came");
    assert_eq!(mai.kinds(CASE).len(), 1);
    assert!(mai.sees(&village.case_of(&thread)).is_some());
    let mut newcomer = village.phone("Mai");
    newcomer.sync(&village.server, &[]);
    assert_eq!(newcomer.kinds(CASE).len(), 1);
    assert!(!newcomer.heard().contains("Việc số"), "a new officer is not sent what was before");
}

#[test]
fn an_exchange_under_way_while_the_desk_is_cleared_ends_with_the_desk_as_it_is() {
    let village = Village::new();
    let mut mai = village.phone("Mai");
    fill_desk(&village, 2_500);
    village.later_by_days(370);
    let packed = mai.request(vec![]);
    let mut exchange = village.server.exchange(&packed).unwrap();
    let mut answer = Answer::default();
    let desk = Scope::desk(village.commune);
    while pages(&answer, desk).is_empty() {
        let frame = exchange.next().unwrap().unwrap();
        mai.take(&frame, &mut answer);
    }
    village.server.daily().unwrap();
    mai.take_all(&mut exchange, &mut answer).unwrap();
    assert!(answer.ended && mai.kinds(CASE).is_empty());
}

#[test]
fn phones_read_on_while_a_desk_is_cleared_and_read_it_anew_once() {
    let village = Village::new();
    let (mut lan, mut mai) = (village.phone("Lan"), village.phone("Mai"));
    fill_desk(&village, 2_500);
    mai.sync(&village.server, &[]);
    village.later_by_days(370);
    let desk = Scope::desk(village.commune);
    let resets = |answer: &Answer| answer.lines.iter().filter(|line| line.deed == Deed::Reset).count();
    let mut newcomer = village.phone("Mai");
    let packed = newcomer.request(vec![]);
    let mut exchange = village.server.exchange(&packed).unwrap();
    let mut first = Answer::default();
    let mut thread = None;
    let mut steps = 0;
    // Between two steps of the clearing: a word of Lan's comes to Mai, and the newcomer reads a page.
    let cleared = village.server.clear_windows(&mut || {
        steps += 1;
        if steps == 2 {
            let written = lan.writes(&village, "Cầu hỏng.");
            lan.sync(&village.server, &[&written]);
            let answer = mai.sync(&village.server, &[]);
            assert!(answer.ended && resets(&answer) == 0);
            assert!(mai.sees(&village.case_of(&written)).is_some());
            thread = Some(written);
        }
        if let Some(frame) = exchange.next().unwrap().filter(|_| steps < 6) {
            newcomer.take(&frame, &mut first);
        }
    });
    assert_eq!(cleared.unwrap().left, 2_500);
    assert!(steps > 5, "{steps}");
    newcomer.take_all(&mut exchange, &mut first).unwrap();
    let (answer, after) = (mai.sync(&village.server, &[]), newcomer.sync(&village.server, &[]));
    assert_eq!((resets(&answer), resets(&first) + resets(&after)), (1, 1), "once each");
    for phone in [&mai, &newcomer] {
        assert_eq!(phone.kinds(CASE).len(), 1);
        assert!(phone.sees(&village.case_of(thread.as_ref().unwrap())).is_some());
    }
    let answer = mai.sync(&village.server, &[]);
    assert!(answer.lines.is_empty() && pages(&answer, desk).is_empty());
}

#[test]
fn a_clearing_that_was_broken_off_is_ended_by_the_next_daily_work() {
    let village = Village::new();
    let (mut lan, mut mai) = (village.phone("Lan"), village.phone("Mai"));
    fill_desk(&village, 2_500);
    mai.sync(&village.server, &[]);
    village.later_by_days(370);
    let desk = Scope::desk(village.commune);
    let last = village.store.read_with(|reader| reader.leaving(desk, village.env.now(), 2_500)).unwrap();
    // The process dies between the last step and the end: all have left, and no floor has risen.
    let before = village.env.now();
    while village.store.write_with(&[desk], |tx| tx.clear(desk, before, 900)).unwrap() > 0 {}
    let reply = {
        let thread = lan.writes(&village, "Cầu hỏng.");
        lan.sync(&village.server, &[&thread]);
        thread
    };
    mai.sync(&village.server, &[]);
    assert_eq!(mai.kinds(CASE).len(), 2_501, "shown a little longer");
    // One of them is brought back meanwhile, by a hand that answers it.
    village.store.write_with(&[desk], |tx| tx.recall(&last[0].0)).unwrap();
    village.server.daily().unwrap();
    mai.sync(&village.server, &[]);
    assert_eq!(mai.kinds(CASE).len(), 1);
    assert!(mai.sees(&village.case_of(&reply)).is_some());
    let archived = |row: &RowRef| village.is_archived(row);
    assert!(last.iter().all(|(row, _)| archived(row)));
    assert!(!village.store.read_with(|reader| reader.is_clearing(desk)).unwrap());
}

#[test]
fn a_first_reading_passes_below_the_floor_without_tombstones_also_after_cuts() {
    let village = Village::new();
    let mut mai = village.phone("Mai");
    fill_desk(&village, 3_000);
    let desk = Scope::desk(village.commune);
    let buried = |from: u32, to: u32| {
        let now = village.env.now();
        let bury = |tx: &mut dyn crate::store::Transaction| {
            for number in from..to {
                tx.bury(&RowRef::new(desk, CASE, Id::derived(&format!("vụ việc {number}"), &[])), now)?;
            }
            Ok(())
        };
        village.store.write_with(&[desk], bury).unwrap();
    };
    buried(0, 50);
    village.later_by_days(190);
    village.server.daily().unwrap();
    buried(50, 100);
    // Each exchange is cut after its first page of the desk.
    let mut begun = BTreeSet::new();
    for _ in 0..50 {
        let packed = mai.request(vec![]);
        let mut exchange = village.server.exchange(&packed).unwrap();
        let mut answer = Answer::default();
        while let Some(frame) = exchange.next().unwrap() {
            mai.take(&frame, &mut answer);
            if !pages(&answer, desk).is_empty() {
                break;
            }
        }
        assert!(answer.lines.iter().all(|line| line.deed != Deed::Reset), "it goes on where it was cut");
        begun.extend(pages(&answer, desk).iter().map(|page| page.begun));
        if answer.ended {
            break;
        }
    }
    assert_eq!(mai.kinds(CASE).len(), 2_900);
    assert_eq!(begun.len(), 1, "one reading: {begun:?}");
    let heard = mai.heard();
    let gone = Id::derived("vụ việc 60", &[]).to_string();
    assert!(!heard.contains(&gone), "who never had a row needs no tombstone of it");
    buried(100, 101);
    mai.sync(&village.server, &[]);
    assert_eq!(mai.kinds(CASE).len(), 2_899, "and what goes later is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn mai_turns_the_pages_of_her_desks_archive_and_nobody_elses() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let (mut mai, mut lan) = (village.phone("Mai"), village.phone("Lan"));
    fill_desk(&village, 120);
    village.later_by_days(370);
    village.server.daily().unwrap();
    let desk = Scope::desk(village.commune);
    let token = format!("Bearer {}", host.sync(&mut mai).await.token.unwrap());
    let (mut seen, mut before) = (BTreeSet::new(), String::new());
    let mut turned = 0;
    loop {
        let path = format!("/v1/archive/{desk}?kind=case{before}");
        let page = host.ask("GET", &path, &[("authorization", &token)], &[]).await;
        assert_eq!(page.status, 200);
        let page = page.json();
        seen.extend(page["rows"].as_array().unwrap().iter().map(|row| row["body"]["topic"].to_string()));
        turned += 1;
        match page["next"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    assert_eq!((seen.len(), turned), (120, 3));
    let lans = format!("Bearer {}", host.sync(&mut lan).await.token.unwrap());
    let no_desk = Scope::desk(village.cell);
    for (token, path, expected) in [
        (&lans, format!("/v1/archive/{desk}?kind=case"), (404, "not_found")),
        (&token, format!("/v1/archive/{no_desk}?kind=case"), (404, "not_found")),
        (&token, "/v1/archive/desk:nobody?kind=case".to_owned(), (404, "not_found")),
        (&token, format!("/v1/archive/{desk}"), (400, "malformed")),
        (&token, format!("/v1/archive/{desk}?kind=case&before=last"), (400, "malformed")),
        (&"Bearer x".to_owned(), format!("/v1/archive/{desk}?kind=case"), (401, "token_invalid")),
    ] {
        let reply = host.ask("GET", &path, &[("authorization", token)], &[]).await;
        assert_eq!(reply.problem(), (expected.0, expected.1.to_owned()), "{path}");
    }
    host.stop().await;
}

#[test]
fn an_old_meeting_is_read_with_who_was_there() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (meeting, mark) = an_old_meeting(&village, &mut hoa);
    village.later_by_days(740);
    village.server.daily().unwrap();
    let page = village.server.archive(hoa.device, meeting.scope, MEETING, None).unwrap();
    let rows: Vec<(&str, Id)> = page.rows.iter().map(|row| (row.kind.as_str(), row.id)).collect();
    assert_eq!(rows, [(MEETING, meeting.id), (ATTENDANCE, mark.row.id)]);
    assert_eq!(page.rows[1].belongs_to, Some(meeting.id));
    assert_eq!(page.next, None);
}

#[test]
fn a_page_of_long_cases_ends_where_it_is_large_enough_and_the_next_goes_on_there() {
    let village = Village::new();
    let mai = village.phone("Mai");
    let desk = Scope::desk(village.commune);
    let words = "Dài dòng. ".repeat(8_000);
    for number in 0..9 {
        let (author, at) = (village.server.id(), village.env.now());
        let row = RowRef::new(desk, CASE, Id::derived(&format!("vụ dài {number}"), &[]));
        let body = json!({"topic": format!("Vụ {number}"), "words": words, "state": "answered"}).to_string();
        let new = NewEntry { version: 1, author, body: &body, made: None, at };
        village.store.write_with(&[desk], |tx| tx.put(&row, &new)).unwrap();
        village.later(1);
    }
    village.later_by_days(370);
    village.server.daily().unwrap();
    let (mut seen, mut sizes, mut before) = (BTreeSet::new(), Vec::new(), None);
    loop {
        let page = village.server.archive(mai.device, desk, CASE, before).unwrap();
        sizes.push(page.rows.len());
        seen.extend(page.rows.iter().map(|row| row.id));
        let Some(next) = page.next else { break };
        before = Some(crate::windows::archive_cursor(&next).unwrap());
    }
    assert_eq!((seen.len(), sizes.iter().sum::<usize>()), (9, 9), "{sizes:?}");
    assert!(sizes.iter().all(|rows| (1..=3).contains(rows)), "{sizes:?}");
}
