//! Hòa plans, moves and cancels; Lan reads along; what was not accepted stands where it can be mended.

use sotay_protocol::{
    exchange::Outcome,
    meetings::{Form, Meeting, MeetingReport, MeetingState},
    refusal::Refusal,
    scope::Scope,
};

use super::*;
use crate::{
    outbox::{self, RowState},
    sync::commands::SubmitError,
    village::{CELL, COMMUNE, Phone, december, id},
};

fn planned(starts_at: sotay_protocol::env::Timestamp) -> NewMeeting {
    NewMeeting {
        cell: None,
        title: None,
        form: Form::Regular,
        starts_at,
        place: "Nhà văn hóa thôn".into(),
        link: None,
        agenda: vec!["Kế hoạch 17-KH/ĐU".into()],
    }
}

fn on_server(day: u32, state: MeetingState) -> Meeting {
    Meeting {
        title: format!("Sinh hoạt ngày {day}"),
        form: Form::Regular,
        starts_at: december(day, 19, 30),
        place: "Nhà văn hóa thôn".into(),
        link: None,
        agenda: vec![],
        state,
        opened_at: None,
        closed_at: None,
    }
}

#[test]
fn hoa_plans_a_meeting_without_a_network_and_moves_it() {
    let hoa = Phone::of_hoa();
    let words = hoa.words();
    let meeting =
        hoa.store.write(|tx| create(tx, hoa.env.as_ref(), planned(december(20, 19, 30)), &words)).unwrap();
    let view = hoa.store.read(|store| show(store, meeting, &words)).unwrap().unwrap();
    assert_eq!(view.line.title, "Sinh hoạt thường kỳ tháng 12/2025");
    assert_eq!(words.meeting_time(view.line.starts_at), "19:30 thứ Bảy 20/12");
    assert_eq!(view.line.sync, Some(RowState::Pending));
    assert_eq!(words.row_state(&RowState::Pending), "Đã ghi trên máy, sẽ gửi khi có mạng");
    assert_eq!((view.deeds.open, view.deeds.edit), (None, None));
    assert_eq!(view.deeds.close, Some(WhyNot::NotOpen));

    let moved = MeetingChange { place: Some("Trường học".into()), ..MeetingChange::default() };
    hoa.store.write(|tx| edit(tx, hoa.env.as_ref(), meeting, &moved)).unwrap();
    let items = hoa.store.read(|store| outbox::list(store, &words)).unwrap();
    let deeds: Vec<&str> = items.iter().map(|item| item.deed.as_str()).collect();
    assert_eq!(deeds, ["Lên lịch: cuộc họp 20/12", "Sửa: cuộc họp 20/12"]);
    assert_eq!(items[0].waiting_for_it, 1, "the edit waits for the meeting to be made");

    hoa.store.write(|tx| cancel(tx, hoa.env.as_ref(), meeting)).unwrap();
    let view = hoa.store.read(|store| show(store, meeting, &words)).unwrap().unwrap();
    assert_eq!((view.line.meeting_state, view.line.upcoming), (MeetingState::Cancelled, false));
    assert_eq!(view.line.place, "Trường học");
    let again = hoa.store.write(|tx| cancel(tx, hoa.env.as_ref(), meeting));
    assert!(matches!(again, Err(SubmitError::Refused(Refusal::WrongState))));
}

#[test]
fn lan_is_told_at_once_that_planning_is_not_hers_to_do() {
    let lan = Phone::of_lan();
    let words = lan.words();
    let tried = lan.store.write(|tx| create(tx, lan.env.as_ref(), planned(december(20, 19, 30)), &words));
    assert!(matches!(tried, Err(SubmitError::Refused(Refusal::NotAllowed))));
    let named = NewMeeting { cell: Some(id(CELL)), ..planned(december(20, 19, 30)) };
    let tried = lan.store.write(|tx| create(tx, lan.env.as_ref(), named, &words));
    assert!(matches!(tried, Err(SubmitError::Refused(Refusal::NotAllowed))));
    assert_eq!(lan.store.read(|store| outbox::list(store, &words)).unwrap(), []);

    let meeting = id("cuộc họp");
    lan.has(&MEETINGS, Scope::cell(id(CELL)), meeting, &on_server(3, MeetingState::Planned));
    let deeds = lan.store.read(|store| show(store, meeting, &words)).unwrap().unwrap().deeds;
    assert_eq!((deeds.check_in, deeds.mark), (None, Some(WhyNot::NotYourOffice)));
    assert_eq!(words.why_not(WhyNot::NotYourOffice), "việc của bí thư, phó bí thư hoặc cấp ủy viên chi bộ");
}

#[test]
fn the_next_meeting_stands_first_and_the_last_one_follows_those_ahead() {
    let lan = Phone::of_lan();
    for (day, state) in [
        (1, MeetingState::Closed),
        (2, MeetingState::Planned),
        (3, MeetingState::Open),
        (10, MeetingState::Planned),
        (12, MeetingState::Cancelled),
    ] {
        let meeting = on_server(day, state);
        lan.has(&MEETINGS, Scope::cell(id(CELL)), id(&meeting.title), &meeting);
    }
    let words = lan.words();
    let lines = lan.store.read(|store| list(store, &words)).unwrap();
    let order: Vec<(String, &str, bool)> = lines
        .iter()
        .map(|line| {
            let day = words.short_date(words.date_of(line.starts_at));
            (day, words.meeting_state(line.meeting_state, line.starts_at), line.upcoming)
        })
        .collect();
    let expected = [
        ("3/12", "đang điểm danh", true),
        ("10/12", "sắp họp", true),
        ("12/12", "đã hủy", false),
        ("2/12", "đã qua ngày họp, chưa mở điểm danh", false),
        ("1/12", "đã đóng điểm danh", false),
    ];
    assert_eq!(order, expected.map(|(day, state, ahead)| (day.to_owned(), state, ahead)));
}

#[test]
fn a_meeting_that_was_not_accepted_is_mended_and_what_waits_for_it_follows() {
    let hoa = Phone::of_hoa();
    let words = hoa.words();
    let env = hoa.env.as_ref();
    let meeting = hoa.store.write(|tx| create(tx, env, planned(december(20, 19, 30)), &words)).unwrap();
    let moved = MeetingChange { title: Some("Họp cuối năm".into()), ..MeetingChange::default() };
    hoa.store.write(|tx| edit(tx, env, meeting, &moved)).unwrap();
    let row = hoa.store.read(|store| outbox::list(store, &words)).unwrap()[0].row.clone();
    hoa.hears(vec![
        (1, Outcome::Refused { code: Refusal::TooLarge }),
        (2, Outcome::Held { missing: vec![row], files: vec![] }),
    ]);
    assert_eq!(hoa.store.read(|store| show(store, meeting, &words)).unwrap(), None);
    let items = hoa.store.read(|store| outbox::list(store, &words)).unwrap();
    assert_eq!(
        words.row_state(&items[0].state),
        "Chưa được nhận: nội dung quá dài; mời đồng chí rút ngắn rồi gửi lại"
    );
    assert_eq!((items[0].needs_attention, items[0].waiting_for_it), (true, 1));
    assert_eq!(words.row_state(&items[1].state), "Chờ: “cuộc họp 20/12” chưa được nhận");

    let shorter = MeetingChange { agenda: Some(vec![]), ..MeetingChange::default() };
    let entry = items[0].entry;
    hoa.store.write(|tx| outbox::mend_meeting(tx, env, entry, &shorter)).unwrap();
    let view = hoa.store.read(|store| show(store, meeting, &words)).unwrap().unwrap();
    assert!(view.agenda.is_empty());
    let items = hoa.store.read(|store| outbox::list(store, &words)).unwrap();
    assert!(items.iter().all(|item| !item.needs_attention));
}

#[test]
fn of_two_versions_hoa_chooses_hers() {
    let hoa = Phone::of_hoa();
    let words = hoa.words();
    let meeting = id("cuộc họp");
    hoa.has(&MEETINGS, Scope::cell(id(CELL)), meeting, &on_server(10, MeetingState::Planned));
    let mine = MeetingChange { place: Some("Trường học".into()), ..MeetingChange::default() };
    hoa.store.write(|tx| edit(tx, hoa.env.as_ref(), meeting, &mine)).unwrap();
    let current = sotay_protocol::row::body(&serde_json::json!({ "place": "Trạm y tế" }));
    hoa.hears(vec![(1, Outcome::Conflicted { current })]);
    let items = hoa.store.read(|store| outbox::list(store, &words)).unwrap();
    assert_eq!(words.row_state(&items[0].state), "Có hai bản, mời đồng chí chọn");
    let RowState::Conflicted { fields } = &items[0].state else { panic!("{:?}", items[0].state) };
    assert_eq!(
        (words.field("place"), words.field_value("place", &fields[0].mine), fields[0].current.as_str()),
        ("Địa điểm".into(), "Trường học".into(), Some("Trạm y tế"))
    );
    // Meanwhile the other version has come down.
    let theirs = Meeting { place: "Trạm y tế".into(), ..on_server(10, MeetingState::Planned) };
    hoa.has(&MEETINGS, Scope::cell(id(CELL)), meeting, &theirs);
    let entry = items[0].entry;
    hoa.store.write(|tx| outbox::keep_mine(tx, hoa.env.as_ref(), entry)).unwrap();
    let view = hoa.store.read(|store| show(store, meeting, &words)).unwrap().unwrap();
    assert_eq!((view.line.place.as_str(), view.line.sync), ("Trường học", Some(RowState::Pending)));
}

#[test]
fn mai_sees_counts_of_the_cells_meetings() {
    let mai = Phone::of_mai();
    let report = MeetingReport {
        cell: id(CELL),
        cell_name: CELL.into(),
        title: "Sinh hoạt thường kỳ".into(),
        form: Form::Regular,
        starts_at: december(3, 19, 30),
        state: MeetingState::Closed,
        strength: 5,
        present: 2,
        excused: 1,
        absent: 0,
        claimed: 1,
    };
    mai.has(&REPORTS, Scope::desk(id(COMMUNE)), id("cuộc họp"), &report);
    let words = mai.words();
    let views = mai.store.read(|store| reports(store, &words)).unwrap();
    assert_eq!((views.len(), views[0].unknown, views[0].own), (1, 1, false));
}

#[test]
fn a_report_stands_by_month_and_within_it_cell_by_cell() {
    let mai = Phone::of_mai();
    let met = |cell: &str, day: u64| {
        let starts_at = december(1, 19, 0) + sotay_protocol::env::days(day - 1);
        let report = MeetingReport {
            cell: id(cell),
            cell_name: cell.into(),
            title: "Sinh hoạt thường kỳ".into(),
            form: Form::Regular,
            starts_at,
            state: MeetingState::Planned,
            strength: 5,
            present: 0,
            excused: 0,
            absent: 0,
            claimed: 0,
        };
        mai.has(&REPORTS, Scope::desk(id(COMMUNE)), id(&format!("{cell} {day}")), &report);
    };
    for (cell, day) in [("Đồi Chè", 20), ("Xóm Mới", 2), ("Dốc Lim", 9), ("Đồi Chè", 3), ("Xóm Mới", 41)]
    {
        met(cell, day);
    }
    let words = mai.words();
    let views = mai.store.read(|store| reports(store, &words)).unwrap();
    let order = views.iter().map(|view| {
        let day = words.short_date(words.date_of(view.counts.starts_at));
        format!("{} {day}", view.counts.cell_name)
    });
    let expected = ["Xóm Mới 10/1/2026", "Dốc Lim 9/12", "Đồi Chè 3/12", "Đồi Chè 20/12", "Xóm Mới 2/12"];
    assert_eq!(order.collect::<Vec<_>>(), expected);
}
