//! What a store must keep of rows that have left their scope's window.

use super::*;
use crate::store::Archived;

pub(super) const CASES: &[fn(&dyn Store)] = &[
    a_row_is_in_the_log_or_in_the_archive,
    the_archive_is_turned_from_the_newest_to_the_oldest,
    reports_are_turned_by_their_meetings_whenever_they_came,
    what_belongs_together_is_found_on_both_sides,
    a_desk_that_is_cleared_has_its_floor_above_every_cursor,
    a_reading_leaves_out_the_tombstones_from_before_it_began,
    tombstones_go_a_few_at_a_time,
    what_was_taken_out_of_a_row_counts_as_a_purge,
];

fn desk() -> Scope {
    Scope::desk(id("xã"))
}

fn case(name: &str) -> RowRef {
    RowRef::new(desk(), "case", id(name))
}

const ANSWERED: &str = r#"{"state":"answered"}"#;

fn put_case(tx: &mut dyn Transaction, name: &str, body: &str, happened: i64) -> Result<u64, StoreError> {
    tx.put(
        &case(name),
        &NewEntry { version: 1, author: id("Lan"), body, made: Some([7; 32]), at: at(happened) },
    )
}

fn answered(store: &dyn Store, names: &[(&str, i64)]) {
    write(store, &[desk()], |tx| {
        for (name, happened) in names {
            put_case(tx, name, ANSWERED, *happened)?;
        }
        Ok(())
    });
}

fn a_row_is_in_the_log_or_in_the_archive(store: &dyn Store) {
    answered(store, &[("cầu", 5)]);
    write(store, &[desk()], |tx| put_case(tx, "đèn", r#"{"state":"sent"}"#, 1));
    assert_eq!(read(store, |reader| reader.scopes_to_clear(ScopeKind::Desk, at(5))), []);
    assert_eq!(read(store, |reader| reader.scopes_to_clear(ScopeKind::Desk, at(6))), [desk()]);
    assert_eq!(read(store, |reader| reader.scopes_to_clear(ScopeKind::Cell, at(6))), []);
    assert_eq!(read(store, |reader| reader.leaving(desk(), at(6), 10)), [(case("cầu"), at(5))]);
    assert_eq!(read(store, |reader| reader.count_leaving(desk(), at(6))), (1, 1));
    let blob = [1; 32];
    write(store, &[desk()], |tx| tx.put_blob(&case("cầu"), &blob, b"anh"));

    assert_eq!(write(store, &[desk()], |tx| tx.put_away(&case("cầu"), at(5), at(9))), Some(3));
    assert_eq!(write(store, &[desk()], |tx| tx.put_away(&case("cầu"), at(5), at(9))), None);
    assert_eq!(write(store, &[desk()], |tx| tx.put_away(&case("không có"), at(5), at(9))), None);
    assert_eq!(read(store, |reader| reader.entry(&case("cầu"))).unwrap().body, None);
    let old: Archived = read(store, |reader| reader.archived(&case("cầu"))).unwrap();
    assert_eq!((old.body.as_str(), old.at, old.made), (ANSWERED, at(5), Some([7; 32])));
    assert_eq!(read(store, |reader| reader.blob_size(&case("cầu"), &blob)), Some(3), "it keeps its files");

    assert_eq!(write(store, &[desk()], |tx| tx.recall(&case("cầu"))), Some(4));
    assert_eq!(read(store, |reader| reader.archived(&case("cầu"))), None);
    assert_eq!(read(store, |reader| reader.entry(&case("cầu"))).unwrap().body.as_deref(), Some(ANSWERED));
    assert_eq!(read(store, |reader| reader.leaving(desk(), at(6), 10)).len(), 1, "as old as it was");
    assert_eq!(write(store, &[desk()], |tx| tx.recall(&case("cầu"))), None);
    write(store, &[desk()], |tx| tx.put_away(&case("cầu"), at(5), at(9)));
    write(store, &[desk()], |tx| put_case(tx, "cầu", "{}", 10));
    assert_eq!(
        read(store, |reader| reader.archived(&case("cầu"))),
        None,
        "what is written is no longer there"
    );
    let refused = store.transact(&[], &mut |tx| tx.put_away(&case("cầu"), at(5), at(9)).map(drop));
    assert!(matches!(refused, Err(StoreError::NotLocked(_))));
}

fn the_archive_is_turned_from_the_newest_to_the_oldest(store: &dyn Store) {
    let names = ["một", "hai", "ba", "bốn", "năm"];
    answered(store, &[("một", 1), ("hai", 2), ("ba", 2), ("bốn", 2), ("năm", 3)]);
    write(store, &[desk()], |tx| {
        for name in names {
            let happened =
                tx.leaving(desk(), at(9), 10)?.iter().find(|(row, _)| *row == case(name)).unwrap().1;
            tx.put_away(&case(name), happened, at(9))?;
        }
        Ok(())
    });
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = read(store, |reader| reader.archive(desk(), "case", before, 2, 1 << 20));
        let Some(last) = page.last() else { break };
        before = Some((last.happened, last.id));
        seen.extend(page.into_iter().map(|row| (row.happened, row.id)));
    }
    assert_eq!(seen.len(), 5, "each once");
    assert!(seen.is_sorted_by(|newer, older| newer > older));
    assert!(read(store, |reader| reader.archive(desk(), "meeting_report", None, 2, 0)).is_empty());
    let of_size = |bytes| read(store, |reader| reader.archive(desk(), "case", None, 5, bytes)).len();
    let one = ANSWERED.len();
    assert_eq!([of_size(0), of_size(one), of_size(2 * one), of_size(1 << 20)], [1, 2, 3, 5]);
}

/// In a ward where all organisations meet on the third; reports come weeks later, and one while Mai turns the pages.
fn reports_are_turned_by_their_meetings_whenever_they_came(store: &dyn Store) {
    let report = |name: &str| RowRef::new(desk(), "meeting_report", id(name));
    let came = |name: &str, starts_at: i64, when: i64| {
        let body = format!(r#"{{"starts_at":{starts_at}}}"#);
        let new = NewEntry { version: 1, author: id("xã"), body: &body, made: None, at: at(when) };
        write(store, &[desk()], |tx| tx.put(&report(name), &new));
    };
    let leave_singly = || {
        write(store, &[desk()], |tx| {
            for (row, happened) in tx.leaving(desk(), at(90), 99)? {
                tx.put_away(&row, happened, at(99))?;
            }
            Ok(())
        });
    };
    let mut seen: Vec<(Timestamp, Id)> = Vec::new();
    let turn = |before: Option<(Timestamp, Id)>| -> Vec<(Timestamp, Id)> {
        let page = read(store, |reader| reader.archive(desk(), "meeting_report", before, 3, 1 << 20));
        page.into_iter().map(|row| (row.happened, row.id)).collect()
    };
    for (name, starts_at, when) in [
        ("Đồi Chè 3/5", 3, 60),
        ("Đồi Chè 3/6", 30, 40),
        ("Khe Nước 3/5", 3, 20),
        ("Khe Nước 3/6", 30, 50),
        ("Bản Mây 3/5", 3, 10),
    ] {
        came(name, starts_at, when);
    }
    // Some leave with a tombstone each, the others together.
    assert_eq!(read(store, |reader| reader.leaving(desk(), at(20), 9)), [(report("Bản Mây 3/5"), at(10))]);
    leave_singly();
    came("Bản Mây 3/6", 30, 70);
    write(store, &[desk()], |tx| tx.clear(desk(), at(90), 99));
    seen.extend(turn(None));
    assert!(seen.iter().all(|(starts_at, _)| *starts_at == at(30)), "June before May: {seen:?}");
    came("Nà Ngà 3/5", 3, 80);
    came("Nà Ngà 3/6", 30, 80);
    leave_singly();
    while let Some(last) = seen.last().copied() {
        let page = turn(Some(last));
        if page.is_empty() {
            break;
        }
        seen.extend(page);
    }
    assert!(seen.is_sorted_by(|newer, older| newer > older), "each once: {seen:?}");
    let of = |starts_at: i64| seen.iter().filter(|(at_, _)| *at_ == at(starts_at)).count();
    assert!(of(3) == 4 && of(30) >= 3, "what came meanwhile hides nothing of what stood: {seen:?}");
}

fn what_belongs_together_is_found_on_both_sides(store: &dyn Store) {
    let cell = Scope::cell(id("Đồi Chè"));
    let attendance = RowRef::new(cell, "attendance", id("Tư"));
    let body = format!(r#"{{"meeting":"{}"}}"#, id("cuộc họp"));
    write(store, &[cell], |tx| put(tx, &attendance, &body));
    let belonging = |store: &dyn Store| read(store, |reader| reader.belonging(cell, id("cuộc họp")));
    assert_eq!(belonging(store), std::slice::from_ref(&attendance));
    assert_eq!(read(store, |reader| reader.leaving(cell, at(9), 10)), [], "it leaves with its meeting alone");
    write(store, &[cell], |tx| tx.put_away(&attendance, at(5), at(9)));
    assert!(belonging(store).is_empty());
    let old = read(store, |reader| reader.archive_belonging(cell, id("cuộc họp")));
    assert_eq!(old.iter().map(|row| (row.id, row.happened)).collect::<Vec<_>>(), [(attendance.id, at(5))]);
}

fn a_desk_that_is_cleared_has_its_floor_above_every_cursor(store: &dyn Store) {
    answered(store, &[("một", 1), ("hai", 2), ("ba", 3)]);
    assert!(!read(store, |reader| reader.is_clearing(desk())));
    assert_eq!(write(store, &[desk()], |tx| tx.clear(desk(), at(3), 1)), 1, "the oldest first");
    assert!(read(store, |reader| reader.archived(&case("một"))).is_some());
    assert_eq!(write(store, &[desk()], |tx| tx.clear(desk(), at(3), 10)), 1);
    assert_eq!(write(store, &[desk()], |tx| tx.clear(desk(), at(3), 10)), 0);
    let head = read(store, |reader| reader.head(desk()));
    assert_eq!((head.head, head.floor, head.purges), (3, 0, 0), "who reads on goes on");
    assert!(read(store, |reader| reader.is_clearing(desk())));
    let unfinished = read(store, |reader| reader.scopes_to_clear(ScopeKind::Desk, at(0)));
    assert_eq!(unfinished, [desk()], "a server that starts anew finds it");
    write(store, &[desk()], |tx| tx.end_clearing(desk()));
    assert!(!read(store, |reader| reader.is_clearing(desk())));
    assert_eq!(read(store, |reader| reader.scopes_to_clear(ScopeKind::Desk, at(0))), []);
    let head = read(store, |reader| reader.head(desk()));
    assert_eq!((head.head, head.floor, head.purges), (4, 4, 1));
    let left = read(store, |reader| reader.entries(desk(), 0, 1 << 20));
    assert_eq!(left.iter().map(|entry| entry.id).collect::<Vec<_>>(), [id("ba")], "and no tombstone");
}

fn a_reading_leaves_out_the_tombstones_from_before_it_began(store: &dyn Store) {
    answered(store, &[("một", 1), ("hai", 2), ("ba", 3)]);
    write(store, &[desk()], |tx| tx.bury(&case("một"), at(9)));
    write(store, &[desk()], |tx| tx.bury(&case("hai"), at(9)));
    let seqs = |begun| {
        let entries = read(store, |reader| reader.reading(desk(), 0, begun, 1 << 20));
        entries.iter().map(|entry| entry.seq).collect::<Vec<_>>()
    };
    assert_eq!((seqs(0), seqs(4), seqs(5)), (vec![3, 4, 5], vec![3, 5], vec![3]));
}

fn tombstones_go_a_few_at_a_time(store: &dyn Store) {
    answered(store, &[("một", 1), ("hai", 2), ("ba", 3)]);
    for (name, when) in [("ba", 9), ("một", 10), ("hai", 11)] {
        write(store, &[desk()], |tx| tx.bury(&case(name), at(when)));
    }
    assert_eq!(write(store, &[desk()], |tx| tx.purge(desk(), at(11), 1)), 1);
    assert_eq!(read(store, |reader| reader.head(desk())).floor, 4);
    assert_eq!(write(store, &[desk()], |tx| tx.purge(desk(), at(11), 5)), 1);
    assert_eq!(read(store, |reader| reader.head(desk())).floor, 5);
    assert_eq!(read(store, |reader| reader.entries(desk(), 0, 1 << 20)).len(), 1);
}

fn what_was_taken_out_of_a_row_counts_as_a_purge(store: &dyn Store) {
    answered(store, &[("một", 1)]);
    write(store, &[desk()], |tx| tx.count_purge(desk()));
    let head = read(store, |reader| reader.head(desk()));
    assert_eq!((head.head, head.floor, head.purges), (1, 0, 1));
}
