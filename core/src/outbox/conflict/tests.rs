//! Hòa and her deputy both changed the meeting, each without a network.

use serde_json::json;
use sotay_protocol::{
    env::Timestamp,
    exchange::Outcome,
    meetings::{Form, Meeting, MeetingState},
    refusal::Refusal,
    row::body,
    scope::Scope,
};

use super::*;
use crate::{
    meetings::{self, MEETINGS, MeetingChange},
    store::StoreError,
    village::{CELL, Phone, december, id},
    words::Lang,
};

fn cell() -> Scope {
    Scope::cell(id(CELL))
}

fn planned() -> Meeting {
    Meeting {
        title: "Sinh hoạt thường kỳ tháng 12".into(),
        form: Form::Regular,
        starts_at: december(5, 19, 30),
        place: "Nhà văn hóa".into(),
        link: None,
        agenda: vec!["Thu đảng phí".into(), "Làm đường".into()],
        state: MeetingState::Planned,
        opened_at: None,
        closed_at: None,
    }
}

/// The server's row as it now is.
fn stands(hoa: &Phone, change: impl FnOnce(&mut Meeting)) -> Body {
    let mut meeting = planned();
    change(&mut meeting);
    hoa.has(&MEETINGS, cell(), id("họp"), &meeting);
    body(&meeting)
}

fn edits(hoa: &Phone, change: &MeetingChange) -> u64 {
    let edit = |tx: &rusqlite::Transaction<'_>| {
        meetings::edit(tx, hoa.env.as_ref(), id("họp"), change)?;
        Ok::<_, SubmitError>(commands::list(tx)?.last().unwrap().entry)
    };
    hoa.store.write(edit).unwrap()
}

fn place_and_hour() -> MeetingChange {
    MeetingChange {
        place: Some("Trường tiểu học".into()),
        starts_at: Some(december(5, 20, 0)),
        agenda: Some(vec!["Làm đường".into(), "Kết nạp đảng viên".into()]),
        ..MeetingChange::default()
    }
}

/// Her command as conflicted; the deputy moved the place and added a point.
fn conflicted(hoa: &Phone) -> u64 {
    stands(hoa, |_| {});
    let entry = edits(hoa, &place_and_hour());
    let current = stands(hoa, deputys);
    hears_of_conflict(hoa, 1, &current);
    // What the frame of changes would bring in the same exchange.
    stands(hoa, deputys);
    entry
}

fn deputys(meeting: &mut Meeting) {
    meeting.place = "Trạm y tế".into();
    meeting.agenda.push("Bầu tổ trưởng".into());
}

fn hears_of_conflict(hoa: &Phone, number: u64, current: &Body) {
    let current = ["place", "starts_at", "agenda"].map(|name| (name.to_owned(), current[name].clone()));
    hoa.hears(vec![(number, Outcome::Conflicted { current: current.into_iter().collect() })]);
}

fn look(hoa: &Phone, entry: u64) -> Conflict {
    hoa.store.read(|store| conflict(store, entry, &hoa.words())).unwrap()
}

fn choose(
    hoa: &Phone,
    entry: u64,
    chosen: &Resolution,
    seen: Option<&str>,
) -> Result<Option<u64>, SubmitError> {
    hoa.store.write(|tx| resolve(tx, hoa.env.as_ref(), entry, chosen, seen))
}

fn shown(hoa: &Phone) -> Meeting {
    let kept = hoa.store.read(|store| MEETINGS.get(store, cell(), id("họp"))).unwrap().unwrap().0;
    kept.row().unwrap().view().unwrap()
}

fn waiting(hoa: &Phone) -> Vec<(CommandState, Edit)> {
    let all = hoa.store.read(commands::list).unwrap();
    all.into_iter().map(|of| (of.state, of.command.view().unwrap())).collect()
}

fn per_field(choices: impl IntoIterator<Item = (&'static str, Choice)>) -> Resolution {
    Resolution::Fields(choices.into_iter().map(|(name, choice)| (name.to_owned(), choice)).collect())
}

#[test]
fn both_versions_stand_side_by_side() {
    let hoa = Phone::of_hoa();
    let entry = conflicted(&hoa);
    let seen = look(&hoa, entry);
    assert_eq!((seen.theirs, seen.deed.as_str()), (Theirs::Standing, "Sửa: cuộc họp 5/12"));
    let [agenda, place, hour] = seen.fields.as_slice() else { panic!("{:?}", seen.fields) };
    assert_eq!((agenda.name.as_str(), agenda.kind, agenda.differs), ("Nội dung", FieldKind::List, true));
    let together = json!(["Làm đường", "Bầu tổ trưởng", "Kết nạp đảng viên"]);
    assert_eq!(agenda.together, Some(together), "what she struck out is out, what both added is in");
    assert_eq!((place.name.as_str(), place.kind, place.differs), ("Địa điểm", FieldKind::Text, true));
    assert_eq!(place.was, Some(json!("Nhà văn hóa")));
    assert_eq!((&place.mine, &place.theirs), (&json!("Trường tiểu học"), &json!("Trạm y tế")));
    assert_eq!((hour.name.as_str(), hour.kind, hour.differs), ("Giờ họp", FieldKind::Moment, false));
    assert_eq!(shown(&hoa).place, "Trạm y tế", "until she has chosen, the server's stands");
}

#[test]
fn hoa_takes_the_deputys_place_and_keeps_her_hour_and_both_agendas() {
    let hoa = Phone::of_hoa();
    let entry = conflicted(&hoa);
    let seen = look(&hoa, entry);
    let undecided = per_field([("place", Choice::Theirs)]);
    assert!(matches!(choose(&hoa, entry, &undecided, None), Err(SubmitError::Conflicted)), "nor the agenda");
    let together = seen.fields[0].together.clone().unwrap();
    let merged = per_field([("place", Choice::Theirs), ("agenda", Choice::Value(together))]);
    choose(&hoa, entry, &merged, Some(&seen.seen)).unwrap().unwrap();
    let meeting = shown(&hoa);
    assert_eq!((meeting.place.as_str(), meeting.starts_at), ("Trạm y tế", december(5, 20, 0)));
    assert_eq!(meeting.agenda, ["Làm đường", "Bầu tổ trưởng", "Kết nạp đảng viên"]);
    let [(state, edit)] = waiting(&hoa).try_into().unwrap();
    assert_eq!(state, CommandState::Waiting);
    assert_eq!(edit.fields.keys().collect::<Vec<_>>(), ["agenda", "starts_at"], "the place is not touched");
    // On the deputy's row it stands.
    let mut row = planned();
    deputys(&mut row);
    assert!(edit.apply(&body(&row), &["agenda", "starts_at"]).is_ok());
}

#[test]
fn hers_alone_or_the_deputys_alone() {
    let hoa = Phone::of_hoa();
    let entry = conflicted(&hoa);
    choose(&hoa, entry, &Resolution::Mine, None).unwrap().unwrap();
    assert_eq!(shown(&hoa).place, "Trường tiểu học");
    assert_eq!(shown(&hoa).agenda, ["Làm đường", "Kết nạp đảng viên"]);

    let hoa = Phone::of_hoa();
    let entry = conflicted(&hoa);
    assert_eq!(choose(&hoa, entry, &Resolution::Theirs, None).unwrap(), None);
    assert_eq!(waiting(&hoa), []);
    assert!(matches!(choose(&hoa, entry, &Resolution::Theirs, None), Err(SubmitError::NoSuchEntry)));
    // To take theirs in each field is the same.
    let hoa = Phone::of_hoa();
    let entry = conflicted(&hoa);
    let all = ["place", "agenda", "starts_at"].map(|name| (name, Choice::Theirs));
    assert_eq!(choose(&hoa, entry, &per_field(all), None).unwrap(), None);
    assert_eq!(waiting(&hoa), []);
}

#[test]
fn the_deputy_changes_it_again_while_hoa_looks() {
    let hoa = Phone::of_hoa();
    let entry = conflicted(&hoa);
    let before = look(&hoa, entry);
    stands(&hoa, |meeting| meeting.place = "Sân đình".into());
    let mine = Resolution::Mine;
    assert!(matches!(choose(&hoa, entry, &mine, Some(&before.seen)), Err(SubmitError::Conflicted)));
    assert_eq!(look(&hoa, entry).fields[1].theirs, json!("Sân đình"), "she looks again");
    // What is none of her business does not make her look again.
    let seen = look(&hoa, entry).seen;
    stands(&hoa, |meeting| {
        meeting.place = "Sân đình".into();
        meeting.title = "Họp bất thường".into();
    });
    choose(&hoa, entry, &mine, Some(&seen)).unwrap().unwrap();
    // And where it conflicts once more, it begins anew.
    let current = stands(&hoa, |meeting| meeting.place = "Trạm y tế".into());
    hears_of_conflict(&hoa, 2, &current);
    let [again] = hoa.store.read(commands::list).unwrap().try_into().unwrap();
    assert_eq!(again.state, CommandState::Conflicted);
    let seen = look(&hoa, again.entry);
    choose(&hoa, again.entry, &mine, Some(&seen.seen)).unwrap().unwrap();
}

#[test]
fn a_meeting_that_is_gone_can_only_be_let_go() {
    let hoa = Phone::of_hoa();
    let entry = conflicted(&hoa);
    let gone = |tx: &rusqlite::Transaction<'_>| MEETINGS.delete(tx, cell(), id("họp"));
    hoa.store.write::<_, StoreError>(gone).unwrap();
    assert_eq!(look(&hoa, entry).theirs, Theirs::Gone);
    let mine = choose(&hoa, entry, &Resolution::Mine, None);
    assert!(matches!(mine, Err(SubmitError::Refused(Refusal::NoSuchRow))));
    assert_eq!(waiting(&hoa).len(), 1, "and nothing of it is lost by trying");
    assert_eq!(choose(&hoa, entry, &Resolution::Theirs, None).unwrap(), None);
    assert_eq!(waiting(&hoa), []);
}

#[test]
fn of_a_cell_that_was_left_there_is_what_the_server_told() {
    let hoa = Phone::of_hoa();
    let entry = conflicted(&hoa);
    let leave = |tx: &rusqlite::Transaction<'_>| {
        MEETINGS.delete(tx, cell(), id("họp"))?;
        Ok::<_, StoreError>(tx.execute("DELETE FROM scope WHERE scope = ?1", [cell().to_string()])?)
    };
    hoa.store.write(leave).unwrap();
    let told = look(&hoa, entry);
    assert_eq!((told.theirs, &told.fields[1].theirs), (Theirs::Told, &json!("Trạm y tế")));
    assert!(choose(&hoa, entry, &Resolution::Mine, None).is_err());
    assert_eq!(choose(&hoa, entry, &Resolution::Theirs, None).unwrap(), None);
}

#[test]
fn what_is_written_anew_must_stand() {
    let hoa = Phone::of_hoa();
    let entry = conflicted(&hoa);
    for (bad, refusal) in [(json!(" "), Refusal::Empty), (json!(7), Refusal::Malformed)] {
        let written = per_field([("place", Choice::Value(bad)), ("agenda", Choice::Theirs)]);
        let tried = choose(&hoa, entry, &written, None);
        assert!(matches!(tried, Err(SubmitError::Refused(code)) if code == refusal), "{tried:?}");
    }
    let written =
        per_field([("place", Choice::Value(json!("Trạm y tế, phòng họp"))), ("agenda", Choice::Theirs)]);
    choose(&hoa, entry, &written, None).unwrap().unwrap();
    assert_eq!(shown(&hoa).place, "Trạm y tế, phòng họp");
}

#[test]
fn a_long_value_of_before_is_told_where_it_can_be_known() {
    let long = |agenda: &[&str]| json!(agenda.iter().map(|item| item.repeat(9)).collect::<Vec<_>>());
    let change = Change::new(&long(&["Thu đảng phí"]), long(&["Làm đường"]));
    let words = Words::new(Lang::En, Timestamp::MIN);
    let of = |theirs: Value| {
        let current = Body::from_iter([("agenda".to_owned(), theirs)]);
        field("agenda", &change, &current, &words)
    };
    assert_eq!(of(long(&["Thu đảng phí"])).was, Some(long(&["Thu đảng phí"])), "it stands as it was");
    let other = of(long(&["Bầu tổ trưởng"]));
    assert_eq!((other.was, other.differs, other.name.as_str()), (None, true, "Agenda"));
    assert!(!of(long(&["Làm đường"])).differs, "both want the same");
}
