//! Who is sent what: follow, leave, reset, pages; and a newer exchange before an older one.

use sotay_protocol::{
    attendance::AttendanceState,
    directives::{DirectiveType, Urgency},
    document::{Block, Document},
    env::days,
    exchange::{Deed, Outcome},
    limits, meetings,
    members::Office,
    problem::ProblemCode,
    refusal::Refusal,
    scope::Scope,
};

use super::commands::meeting;
use crate::{
    directives::{Issuer, Publication},
    testing::*,
};

pub(super) fn plan(number: u32, words: &str, audience: Option<Office>) -> Publication {
    Publication {
        issuer: Issuer::Name(COMMUNE.into()),
        directive_type: DirectiveType::KeHoach,
        number: format!("{number}-KH/ĐU").parse().unwrap(),
        date: chrono::NaiveDate::from_ymd_opt(2025, 12, 1).unwrap(),
        abstract_: "Kế hoạch làm đường thôn".into(),
        urgency: Urgency::Normal,
        document: Document::new(vec![Block::paragraph(words)]),
        original: None,
        audience,
    }
}

fn deeds(answer: &Answer, deed: Deed) -> Vec<Scope> {
    answer.lines.iter().filter(|line| line.deed == deed).map(|line| line.scope).collect()
}

#[test]
fn everyone_reads_what_is_addressed_to_them_and_nothing_else() {
    let village = Village::new();
    village.server.publish(&plan(17, "CHO MỌI ĐẢNG VIÊN", None)).unwrap();
    village.server.publish(&plan(18, "CHO BÍ THƯ", Some(Office::Secretary))).unwrap();
    let (mut hoa, mut son) = (village.phone("Hòa"), village.phone("Sơn"));
    let (row, mut create) = hoa.plans_a_meeting(&village);
    create.body.insert("title".into(), "TRONG CHI BỘ".into());
    let mut mark = hoa.marks(&village, &row, "Tư", AttendanceState::Excused);
    mark.body.insert("reason".into(), "LÝ DO VẮNG".into());
    let feedback = hoa.writes(&village, "GỬI RIÊNG ĐẢNG ỦY");
    hoa.sync(&village.server, &[&create, &mark, &feedback]);
    let (mut lan, mut mai) = (village.phone("Lan"), village.phone("Mai"));
    for phone in [&mut lan, &mut son, &mut mai] {
        assert!(phone.sync(&village.server, &[]).ended);
    }
    for (phone, heard, not_heard) in [
        (&lan, vec!["CHO MỌI", "TRONG CHI BỘ"], vec!["CHO BÍ THƯ", "LÝ DO", "GỬI RIÊNG", "1970-08-07"]),
        (&hoa, vec!["CHO MỌI", "CHO BÍ THƯ", "LÝ DO", "GỬI RIÊNG"], vec!["1985-02-03", "10001"]),
        // The committee sees the meeting's title and counts, and never a name of who was there.
        (&mai, vec!["CHO MỌI", "GỬI RIÊNG", "TRONG CHI BỘ"], vec!["CHO BÍ THƯ", "LÝ DO", "\"Tư\""]),
        (&son, vec!["CHO MỌI", "CHO BÍ THƯ"], vec!["TRONG CHI BỘ", "LÝ DO", "GỬI RIÊNG", "\"Tư\""]),
    ] {
        let all = phone.heard();
        for marker in heard {
            assert!(all.contains(marker), "{marker}");
        }
        for marker in not_heard {
            assert!(!all.contains(marker), "{marker}");
        }
    }
}

#[test]
fn after_her_transfer_lan_leaves_the_old_cell_and_follows_the_new() {
    let village = Village::new();
    let (mut hoa, mut lan) = (village.phone("Hòa"), village.phone("Lan"));
    let (row, create) = hoa.plans_a_meeting(&village);
    hoa.sync(&village.server, &[&create]);
    lan.sync(&village.server, &[]);
    assert!(lan.sees(&row).is_some());
    village.later(60);
    village.server.transfer(lan.member, village.other_cell).unwrap();
    village.later(60);
    let mut later = meeting();
    later["title"] = "SAU KHI CHUYỂN".into();
    let id = sotay_protocol::id::Id::random(&*village.env);
    let next =
        hoa.command(meetings::CREATE, sotay_protocol::row::RowRef::new(row.scope, "meeting", id), &later);
    hoa.sync(&village.server, &[&next]).applied(2);
    let answer = lan.sync(&village.server, &[]);
    let [left, followed] = [village.cell, village.other_cell];
    assert!(deeds(&answer, Deed::Leave).contains(&Scope::cell(left)));
    assert!(deeds(&answer, Deed::Follow).contains(&Scope::cell(followed)));
    assert!(lan.rows.keys().all(|at| at.scope != Scope::cell(left)));
    assert!(!lan.heard().contains("SAU KHI CHUYỂN"));
    assert_eq!(lan.kinds("roster_entry").len(), 3, "Sơn, Mai and herself");
    hoa.sync(&village.server, &[]);
    assert_eq!(hoa.kinds("roster_entry").len(), 3, "and she is gone from the old roster");
}

#[test]
fn access_lost_while_pages_travel_ends_them() {
    let village = Village::new();
    let mut lan = village.phone("Lan");
    let packed = lan.request(vec![]);
    let mut exchange = village.server.exchange(&packed).unwrap();
    let mut answer = Answer::default();
    let first = exchange.next().unwrap().unwrap();
    lan.take(&first, &mut answer);
    village.later(1);
    village.server.transfer(lan.member, village.other_cell).unwrap();
    village.later(1);
    lan.take_all(&mut exchange, &mut answer).unwrap();
    assert!(answer.ended);
    assert!(deeds(&answer, Deed::Leave).contains(&Scope::cell(village.cell)));
    assert!(answer.pages.iter().all(|page| page.scope != Scope::cell(village.cell)));
    assert!(!lan.cursors.contains_key(&Scope::cell(village.cell)));
}

#[test]
fn a_revoked_device_loses_everything_and_may_do_nothing() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (_, create) = hoa.plans_a_meeting(&village);
    hoa.sync(&village.server, &[]);
    assert_eq!(village.server.revoke_device(hoa.device).unwrap(), 1);
    assert_eq!(village.server.revoke_device(hoa.device).unwrap(), 0);
    let answer = hoa.sync(&village.server, &[&create]);
    assert_eq!(*answer.outcome(1), Outcome::Refused { code: Refusal::NotAllowed });
    assert!(answer.ended && answer.token.is_none());
    assert!(hoa.rows.is_empty() && hoa.cursors.is_empty());
}

#[test]
fn the_newer_exchange_wins_and_the_older_ends_without_end() {
    let village = Village::new();
    let mut hoa = village.phone("Hòa");
    let (row, create) = hoa.plans_a_meeting(&village);
    let sent = vec![hoa.sign(&create)];
    let packed = hoa.request(sent);
    let mut older = village.server.exchange(&packed).unwrap();
    older.next().unwrap().unwrap();
    let newer = hoa.request(vec![]);
    let mut newer = village.server.exchange(&newer).unwrap();
    assert_eq!(older.next().unwrap(), None);
    assert_eq!(village.row(&row), None, "it took no command any more");
    let mut answer = Answer::default();
    hoa.take_all(&mut newer, &mut answer).unwrap();
    assert!(answer.ended);
}

#[test]
fn who_was_away_longer_than_tombstones_are_kept_reads_the_scope_anew() {
    let village = Village::new();
    let (mut hoa, mut minh) = (village.phone("Hòa"), village.phone("Minh"));
    hoa.sync(&village.server, &[]);
    minh.sync(&village.server, &[]);
    let cell = Scope::cell(village.cell);
    village.server.transfer(village.people["Lan"], village.other_cell).unwrap();
    village.later(60);
    minh.sync(&village.server, &[]);
    assert_eq!(village.server.daily().unwrap(), 0);
    village.later(i64::try_from(days(181).as_secs()).unwrap());
    assert!(village.server.daily().unwrap() > 0);
    assert_eq!(village.server.daily().unwrap(), 0);
    let answer = minh.sync(&village.server, &[]);
    assert!(deeds(&answer, Deed::Reset).is_empty(), "he has seen the tombstone");
    let answer = hoa.sync(&village.server, &[]);
    assert_eq!(deeds(&answer, Deed::Reset), [cell]);
    assert_eq!(hoa.kinds("roster_entry").len(), 3, "the end of the reset sweeps Lan away");
    assert_eq!(hoa.cursors[&cell], minh.cursors[&cell]);
}

#[test]
fn a_cursor_beyond_the_head_is_reset() {
    let village = Village::new();
    let mut lan = village.phone("Lan");
    lan.sync(&village.server, &[]);
    let cell = Scope::cell(village.cell);
    lan.cursors.insert(cell, (1, 999));
    let answer = lan.sync(&village.server, &[]);
    assert_eq!(deeds(&answer, Deed::Reset), [cell]);
    assert_eq!(lan.kinds("roster_entry").len(), 4);
}

#[test]
fn a_long_scope_comes_in_pages_that_are_the_same_for_all() {
    let village = Village::new();
    for number in 1..=60 {
        village.server.publish(&plan(number, &"việc ".repeat(4_000), None)).unwrap();
    }
    let large = plan(61, &"việc ".repeat(100_000), None);
    village.server.publish(&large).unwrap();
    let (mut lan, mut son) = (village.phone("Lan"), village.phone("Sơn"));
    let (for_lan, for_son) = (lan.sync(&village.server, &[]), son.sync(&village.server, &[]));
    let org = Scope::org(village.commune);
    let pages =
        |answer: &Answer| answer.pages.iter().filter(|page| page.scope == org).copied().collect::<Vec<_>>();
    assert!(pages(&for_lan).len() > 4);
    assert_eq!(pages(&for_lan), pages(&for_son));
    assert_eq!(lan.kinds("directive").len(), 61);
}

#[test]
fn rows_that_move_on_while_they_are_paged_are_not_missed() {
    let village = Village::new();
    for number in 1..=40 {
        village.server.publish(&plan(number, &"việc ".repeat(4_000), None)).unwrap();
    }
    let mut lan = village.phone("Lan");
    let packed = lan.request(vec![]);
    let mut exchange = village.server.exchange(&packed).unwrap();
    let (mut answer, mut number) = (Answer::default(), 41);
    while let Some(frame) = exchange.next().unwrap() {
        lan.take(&frame, &mut answer);
        if number < 50 {
            village.server.publish(&plan(number, "thêm", None)).unwrap();
            number += 1;
        }
    }
    assert!(answer.ended);
    lan.sync(&village.server, &[]);
    assert_eq!(lan.kinds("directive").len(), 49);
}

#[test]
fn bad_requests_are_typed_problems_and_nothing_is_counted() {
    let village = Village::new();
    let (mut lan, mut minh) = (village.phone("Lan"), village.phone("Minh"));
    let good = lan.request(vec![]);
    let code = |packed: &[u8]| village.server.exchange(packed).unwrap_err().code;
    assert_eq!(code(b""), ProblemCode::Malformed);
    assert_eq!(code(b"{}"), ProblemCode::Malformed);
    assert_eq!(code(&good[..good.len() - 1]), ProblemCode::Malformed);
    assert_eq!(code(&vec![0; limits::REQUEST_PACKED + 1]), ProblemCode::TooLarge);
    assert_eq!(code(&lan.packed(&" ".repeat(limits::REQUEST + 1))), ProblemCode::TooLarge, "unpacked");
    for text in ["", "[]", r#"{"app":1}"#, r#"{"app":1,"epoch":"một","highest":0,"cursors":[]}"#] {
        assert_eq!(code(&lan.packed(text)), ProblemCode::Malformed, "{text}");
    }
    assert_eq!(code(&lan.packed(&"[".repeat(100))), ProblemCode::Malformed);
    let cursors: Vec<_> = (0..=limits::SCOPES)
        .map(|_| serde_json::json!({"scope": format!("org:{}", village.commune), "epoch": 1, "seq": 0}))
        .collect();
    let many = serde_json::json!({"app": 1, "epoch": 0, "highest": 0, "cursors": cursors}).to_string();
    assert_eq!(code(&lan.packed(&many)), ProblemCode::TooLarge);
    let mut elsewhere = lan.copy();
    elsewhere.server = village.commune;
    assert_eq!(code(&elsewhere.request(vec![])), ProblemCode::WrongServer);
    let mut unknown = lan.copy();
    unknown.device = village.commune;
    assert_eq!(code(&unknown.request(vec![])), ProblemCode::UnknownDevice);
    minh.device = lan.device;
    assert_eq!(code(&minh.request(vec![])), ProblemCode::BadSignature);
    assert!(village.server.exchange(&good).is_ok(), "the count is still free");
}
