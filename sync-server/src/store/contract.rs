//! One suite that every store has to pass. A new implementation calls [`suite`] from a test of its own,
//! with a function that gives it an empty store each time.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a suite of tests, in the library so that other crates' tests can run it"
)]

mod archive;
mod blobs;
mod personal;
mod uploads;

use std::{sync::Arc, time::Duration};

use sotay_protocol::{
    env::Timestamp,
    exchange::{Outcome, PushAddress},
    id::Id,
    members::{Gender, Membership, Office, Profile, Role},
    organisations::{Level, Organisation},
    row::RowRef,
    scope::{Scope, ScopeKind},
};

use super::{
    Activation, ClaimLine, Device, Errand, Heard, NewEntry, OutboxLine, ServerRecord, Store, StoreError,
    StoredMember, StoredOrganisation, StoredOutcome, Transaction,
};

/// Every case, each on a store of its own.
///
/// # Panics
/// Where the store does not keep the contract.
pub fn suite(empty: &dyn Fn() -> Arc<dyn Store>) {
    for case in
        CASES.iter().chain(archive::CASES).chain(blobs::CASES).chain(personal::CASES).chain(uploads::CASES)
    {
        case(&*empty());
    }
}

const CASES: &[fn(&dyn Store)] = &[
    a_row_has_one_entry_under_the_scopes_next_number,
    numbers_are_each_scopes_own,
    pages_come_in_order_up_to_a_size_or_one_row,
    a_tombstone_takes_the_rows_place_and_goes_after_its_time,
    a_scope_that_was_not_named_is_not_written,
    what_fails_leaves_nothing,
    a_savepoint_takes_back_only_its_own,
    an_epoch_counts_for_the_server_and_all_scopes,
    a_device_and_its_outcomes_are_kept,
    a_device_is_poked_where_it_said_last,
    who_heard_of_a_number_when,
    codes_count_their_tries,
    members_and_what_they_hold,
    the_outbox_gives_each_line_once,
];

fn id(name: &str) -> Id {
    Id::derived(name, &[])
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn row(scope: Scope, name: &str) -> RowRef {
    RowRef::new(scope, "meeting", id(name))
}

fn put(tx: &mut dyn Transaction, row: &RowRef, body: &str) -> Result<u64, StoreError> {
    tx.put(row, &NewEntry { version: 1, author: id("Hòa"), body, made: Some([7; 32]), at: at(1) })
}

fn write<T>(
    store: &dyn Store,
    scopes: &[Scope],
    mut work: impl FnMut(&mut dyn Transaction) -> Result<T, StoreError>,
) -> T {
    let mut done = None;
    store
        .transact(scopes, &mut |tx| {
            done = Some(work(tx)?);
            Ok(())
        })
        .expect("the transaction commits");
    done.expect("the work ran")
}

fn read<T>(store: &dyn Store, mut work: impl FnMut(&dyn super::Reader) -> Result<T, StoreError>) -> T {
    let mut done = None;
    store
        .read(&mut |reader| {
            done = Some(work(reader)?);
            Ok(())
        })
        .expect("the reading goes through");
    done.expect("the work ran")
}

fn a_row_has_one_entry_under_the_scopes_next_number(store: &dyn Store) {
    let scope = Scope::cell(id("Đồi Chè"));
    let one = row(scope, "một");
    write(store, &[scope], |tx| {
        assert_eq!(put(tx, &one, r#"{"a":1}"#)?, 1);
        assert_eq!(put(tx, &row(scope, "hai"), r#"{"a":2}"#)?, 2);
        assert_eq!(put(tx, &one, r#"{"a":"ba"}"#)?, 3);
        Ok(())
    });
    let entries = read(store, |reader| reader.entries(scope, 0, 1 << 20));
    assert_eq!(entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(entries[1].body.as_deref(), Some(r#"{"a":"ba"}"#));
    let entry = read(store, |reader| reader.entry(&one)).unwrap();
    assert_eq!((entry.seq, entry.author, entry.made, entry.version), (3, id("Hòa"), Some([7; 32]), 1));
    assert_eq!(read(store, |reader| reader.head(scope)).head, 3);
    assert_eq!(read(store, |reader| reader.rows_of_kind(scope, "meeting")).len(), 2);
    assert!(read(store, |reader| reader.rows_of_kind(scope, "claim")).is_empty());
}

fn numbers_are_each_scopes_own(store: &dyn Store) {
    let (cell, desk) = (Scope::cell(id("Đồi Chè")), Scope::desk(id("Đồi Chè")));
    write(store, &[cell, desk], |tx| {
        assert_eq!(put(tx, &row(cell, "một"), "{}")?, 1);
        assert_eq!(put(tx, &row(desk, "một"), "{}")?, 1);
        Ok(())
    });
    assert_eq!(read(store, |reader| reader.head(Scope::cell(id("Khe Nước")))).head, 0);
}

fn pages_come_in_order_up_to_a_size_or_one_row(store: &dyn Store) {
    let scope = Scope::org(id("xã"));
    let large = format!(r#"{{"a":"{}"}}"#, "ơ".repeat(5_000));
    write(store, &[scope], |tx| {
        for name in ["một", "hai", "ba"] {
            put(tx, &row(scope, name), &large)?;
        }
        Ok(())
    });
    let seqs = |after, bytes| {
        let entries = read(store, |reader| reader.entries(scope, after, bytes));
        entries.iter().map(|entry| entry.seq).collect::<Vec<_>>()
    };
    assert_eq!(seqs(0, 22_000), [1, 2]);
    assert_eq!(seqs(2, 22_000), [3]);
    assert_eq!(seqs(0, 10), [1], "one row whatever its size");
    assert!(seqs(3, 22_000).is_empty());
}

fn a_tombstone_takes_the_rows_place_and_goes_after_its_time(store: &dyn Store) {
    let scope = Scope::cell(id("Đồi Chè"));
    let gone = row(scope, "một");
    write(store, &[scope], |tx| {
        put(tx, &gone, "{}")?;
        put(tx, &row(scope, "hai"), "{}")?;
        assert_eq!(tx.bury(&gone, at(100))?, Some(3));
        assert_eq!(tx.bury(&gone, at(101))?, None, "it lies there already");
        assert_eq!(tx.bury(&row(scope, "không có"), at(101))?, None);
        put(tx, &row(scope, "ba"), "{}").map(drop)
    });
    assert_eq!(read(store, |reader| reader.entry(&gone)).unwrap().body, None);
    assert!(read(store, |reader| reader.scopes_to_purge(at(100))).is_empty());
    assert_eq!(read(store, |reader| reader.scopes_to_purge(at(101))), [scope]);
    assert_eq!(write(store, &[scope], |tx| tx.purge(scope, at(101), 1000)), 1);
    let head = read(store, |reader| reader.head(scope));
    assert_eq!((head.head, head.floor, head.purges), (4, 3, 1));
    assert_eq!(read(store, |reader| reader.entry(&gone)), None);
    assert_eq!(write(store, &[scope], |tx| tx.purge(scope, at(101), 1000)), 0);
    assert_eq!(read(store, |reader| reader.head(scope)).purges, 1);
}

fn a_scope_that_was_not_named_is_not_written(store: &dyn Store) {
    let (cell, desk) = (Scope::cell(id("Đồi Chè")), Scope::desk(id("Đồi Chè")));
    let refused = store.transact(&[cell], &mut |tx| put(tx, &row(desk, "một"), "{}").map(drop));
    assert!(matches!(refused, Err(StoreError::NotLocked(scope)) if scope == desk), "{refused:?}");
}

fn what_fails_leaves_nothing(store: &dyn Store) {
    let scope = Scope::cell(id("Đồi Chè"));
    let failed = store.transact(&[scope], &mut |tx| {
        put(tx, &row(scope, "một"), "{}")?;
        Err(StoreError::GivenUp("no".into()))
    });
    assert!(matches!(failed, Err(StoreError::GivenUp(_))));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.transact(&[scope], &mut |tx| {
            put(tx, &row(scope, "hai"), "{}")?;
            std::panic::resume_unwind(Box::new("a bug in a handler"))
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(read(store, |reader| reader.head(scope)).head, 0);
    write(store, &[scope], |tx| put(tx, &row(scope, "ba"), "{}"));
    assert_eq!(read(store, |reader| reader.entries(scope, 0, 1000)).len(), 1);
}

fn a_savepoint_takes_back_only_its_own(store: &dyn Store) {
    let scope = Scope::cell(id("Đồi Chè"));
    write(store, &[scope], |tx| {
        put(tx, &row(scope, "một"), "{}")?;
        let failed = tx.savepoint(&mut |tx| {
            put(tx, &row(scope, "hai"), "{}")?;
            Err(StoreError::GivenUp("no".into()))
        });
        assert!(matches!(failed, Err(StoreError::GivenUp(_))));
        tx.savepoint(&mut |tx| put(tx, &row(scope, "ba"), "{}").map(drop))
    });
    let entries = read(store, |reader| reader.entries(scope, 0, 10_000));
    assert_eq!(
        entries.iter().map(|entry| (entry.seq, entry.id)).collect::<Vec<_>>(),
        [(1, id("một")), (2, id("ba"))]
    );
}

fn an_epoch_counts_for_the_server_and_all_scopes(store: &dyn Store) {
    let scope = Scope::cell(id("Đồi Chè"));
    assert_eq!(read(store, |reader| reader.server()), None);
    let server = ServerRecord { id: id("máy chủ"), epoch: 1, key: vec![1, 2] };
    write(store, &[], |tx| tx.put_server(&server));
    write(store, &[scope], |tx| put(tx, &row(scope, "một"), "{}"));
    assert_eq!(read(store, |reader| reader.head(scope)).epoch, 1);
    assert_eq!(write(store, &[], |tx| tx.begin_epoch(0)), 2);
    assert_eq!(write(store, &[], |tx| tx.begin_epoch(40)), 40);
    assert_eq!(read(store, |reader| reader.server()), Some(ServerRecord { epoch: 40, ..server }));
    assert_eq!(read(store, |reader| reader.head(scope)).epoch, 40);
    assert_eq!(read(store, |reader| reader.head(Scope::org(id("xã")))).epoch, 40);
    assert_eq!(read(store, |reader| reader.backup_of()), None);
    write(store, &[], |tx| tx.mark_backup(Some(at(7))));
    assert_eq!(read(store, |reader| reader.backup_of()), Some(at(7)));
    write(store, &[], |tx| tx.mark_backup(None));
    assert_eq!(read(store, |reader| reader.backup_of()), None);
}

fn device(name: &str) -> Device {
    Device {
        id: id(name),
        member: id("Lan"),
        key: name.as_bytes().to_vec(),
        name: format!("Máy {name}"),
        count: 0,
        last_number: 0,
        forked_from: None,
        made_at: at(1),
        last_exchange_at: None,
        revoked_at: None,
    }
}

fn a_device_and_its_outcomes_are_kept(store: &dyn Store) {
    let first = device("một");
    let copy = Device { forked_from: Some(first.id), made_at: at(2), ..device("hai") };
    let outcome = StoredOutcome {
        hash: Some([1; 32]),
        text: Some("{\"đ\":1}".into()),
        signature: Some(vec![9; 64]),
        outcome: Outcome::Held { missing: vec![], files: vec![] },
        at: at(5),
    };
    let later = Outcome::Applied { scope: Scope::member(id("Lan")), epoch: 1, seq: 4 };
    write(store, &[], |tx| {
        tx.put_device(&first)?;
        tx.put_device(&copy)?;
        tx.put_outcome(first.id, 1, &outcome)?;
        let skipped =
            StoredOutcome { hash: None, text: None, signature: None, outcome: Outcome::Skipped, at: at(6) };
        tx.put_outcome(first.id, 2, &skipped)?;
        tx.put_outcome(first.id, 1, &StoredOutcome { outcome: later.clone(), ..outcome.clone() })
    });
    let used = Device {
        count: 3,
        last_number: 2,
        last_exchange_at: Some(at(9)),
        revoked_at: Some(at(10)),
        ..first.clone()
    };
    write(store, &[], |tx| {
        assert_eq!(tx.lock_device(first.id)?, Some(first.clone()));
        tx.put_device(&used)
    });
    assert_eq!(read(store, |reader| reader.device(first.id)), Some(used.clone()));
    assert_eq!(read(store, |reader| reader.device_with_key(b"ba")), None);
    assert_eq!(read(store, |reader| reader.device_with_key(b"hai")), Some(copy.clone()));
    assert_eq!(read(store, |reader| reader.revoked()), std::slice::from_ref(&used));
    assert_eq!(read(store, |reader| reader.devices_of(id("Lan"))), [used, copy]);
    let kept = read(store, |reader| reader.outcome(first.id, 1)).unwrap();
    assert_eq!(kept, StoredOutcome { outcome: later, ..outcome });
    assert_eq!(read(store, |reader| reader.outcome(first.id, 2)).unwrap().hash, None);
    assert_eq!(read(store, |reader| reader.outcome(first.id, 3)), None);
}

fn a_device_is_poked_where_it_said_last(store: &dyn Store) {
    let address = |token: &str| PushAddress { provider: "unifiedpush".into(), token: token.into() };
    let (one, two) = (id("một"), id("hai"));
    write(store, &[], |tx| {
        tx.put_push(one, Some(&address("a")))?;
        tx.put_push(one, Some(&address("b")))?;
        tx.put_push(two, Some(&address("c")))
    });
    assert_eq!(read(store, |reader| reader.push_address(one)), Some(address("b")));
    assert_eq!(read(store, |reader| reader.push_addresses()).len(), 2);
    // The phone enrolled anew: its address goes with it.
    write(store, &[], |tx| tx.put_push(two, Some(&address("b"))));
    assert_eq!(read(store, |reader| reader.push_addresses()), [(two, address("b"))]);
    write(store, &[], |tx| tx.put_push(two, None));
    assert!(read(store, |reader| reader.push_addresses()).is_empty());
}

fn who_heard_of_a_number_when(store: &dyn Store) {
    let device = id("máy");
    write(store, &[], |tx| {
        tx.put_heard(device, &Heard { highest: 3, not_heard_at: None, heard_at: at(10) })?;
        tx.put_heard(device, &Heard { highest: 8, not_heard_at: Some(at(20)), heard_at: at(30) })
    });
    let heard = |number| read(store, |reader| reader.heard(device, number));
    assert_eq!(heard(3).map(|heard| heard.heard_at), Some(at(10)));
    assert_eq!(heard(4), Some(Heard { highest: 8, not_heard_at: Some(at(20)), heard_at: at(30) }));
    assert_eq!(heard(9), None);
    assert_eq!(read(store, |reader| reader.highest_heard(device)), 8);
    assert_eq!(read(store, |reader| reader.highest_heard(id("máy khác"))), 0);
}

fn codes_count_their_tries(store: &dyn Store) {
    let code =
        Activation { hash: vec![1; 32], member: id("Lan"), until: at(99), tries: 0, key: None, device: None };
    write(store, &[], |tx| tx.put_activation(&code));
    let bound = Activation { tries: 2, key: Some(vec![4; 32]), device: Some(id("máy")), ..code };
    write(store, &[], |tx| tx.put_activation(&bound));
    assert_eq!(read(store, |reader| reader.activation(&[1; 32])), Some(bound.clone()));
    assert_eq!(read(store, |reader| reader.activations_of(id("máy"))), [bound]);
    assert!(read(store, |reader| reader.activations_of(id("máy khác"))).is_empty());
    assert_eq!(read(store, |reader| reader.activation(&[2; 32])), None);
}

fn members_and_what_they_hold(store: &dyn Store) {
    let born = |day| chrono::NaiveDate::from_ymd_opt(1985, 2, day).unwrap();
    let profile = Profile {
        name: "Lan".into(),
        birth: born(3),
        gender: Gender::Female,
        card: Some("10001".into()),
        joined: born(4),
        official: None,
        phone: None,
    };
    let lan = StoredMember { id: id("Lan"), profile };
    let organisation = |name: &str, level, parent: Option<Id>| StoredOrganisation {
        id: id(name),
        organisation: Organisation { name: name.into(), level, parent },
    };
    let commune = organisation("xã", Level::Commune, None);
    let cell = organisation("Đồi Chè", Level::Cell, Some(commune.id));
    let role = Role { organisation: cell.id, office: Office::Secretary, from: at(5), until: None };
    let stay = Membership { cell: cell.id, from: at(5), until: None };
    write(store, &[], |tx| {
        tx.put_organisation(&commune)?;
        tx.put_organisation(&cell)?;
        tx.put_member(&lan)?;
        tx.put_role(lan.id, &role)?;
        tx.put_membership(lan.id, &stay)
    });
    assert_eq!(read(store, |reader| reader.latest()), Some(at(5)));
    assert_eq!(read(store, |reader| reader.member(lan.id)), Some(lan.clone()));
    assert_eq!(read(store, |reader| reader.members_with_card("10001")), vec![lan.clone()]);
    assert_eq!(read(store, |reader| reader.members_born(born(3))), vec![lan.clone()]);
    assert!(read(store, |reader| reader.members_born(born(4))).is_empty());
    assert_eq!(read(store, |reader| reader.organisation(cell.id)), Some(cell.clone()));
    assert_eq!(read(store, |reader| reader.organisations()).len(), 2);
    assert_eq!(read(store, |reader| reader.holders(cell.id)), [(lan.id, role)]);
    assert!(read(store, |reader| reader.holders(commune.id)).is_empty());
    write(store, &[], |tx| {
        tx.end_role(lan.id, cell.id, Office::Secretary, at(8))?;
        tx.end_membership(lan.id, cell.id, at(9))
    });
    assert_eq!(read(store, |reader| reader.roles(lan.id)), [Role { until: Some(at(8)), ..role }]);
    assert_eq!(read(store, |reader| reader.latest()), Some(at(9)));
    let ended = Membership { until: Some(at(9)), ..stay };
    assert_eq!(read(store, |reader| reader.memberships(lan.id)), [ended]);
    assert_eq!(read(store, |reader| reader.members_of(cell.id)), [(lan.id, ended)]);
}

fn the_outbox_gives_each_line_once(store: &dyn Store) {
    let (cell, meeting) = (id("Đồi Chè"), id("họp"));
    let errand = Errand::Report { cell, meeting };
    let line =
        |name: &str, millis| OutboxLine { scope: errand.scope(), id: id(name), errand, at: at(millis) };
    let (late, early) = (line("một", 20), line("hai", 10));
    let claim = |position| ClaimLine { member: id("Lan"), position, claim: id(&format!("{position}")) };
    write(store, &[], |tx| {
        tx.push_outbox(&late)?;
        tx.push_outbox(&early)?;
        tx.put_claim(cell, meeting, &claim(1))?;
        tx.put_claim(cell, meeting, &claim(2))
    });
    assert_eq!(read(store, |reader| reader.outbox(1)), vec![early.clone()]);
    assert_eq!(read(store, |reader| reader.outbox_of(Scope::cell(cell), 10)).len(), 2);
    assert!(read(store, |reader| reader.outbox_of(Scope::cell(id("khác")), 10)).is_empty());
    assert!(write(store, &[], |tx| tx.take_outbox(early.scope, early.id)));
    assert!(!write(store, &[], |tx| tx.take_outbox(early.scope, early.id)));
    assert_eq!(read(store, |reader| reader.outbox(10)), [late]);
    assert_eq!(read(store, |reader| reader.claims(cell, meeting)), [claim(1), claim(2)]);
    assert_eq!(read(store, |reader| reader.claims_of(cell, meeting, id("Lan"))).len(), 2);
    assert!(read(store, |reader| reader.claims_of(cell, meeting, id("Minh"))).is_empty());
}

/// Readers see a whole state while another writes, and two writers come one after the other.
///
/// # Panics
/// Where the store does not keep the contract.
pub fn beside_each_other(store: &Arc<dyn Store>) {
    let scope = Scope::cell(id("Đồi Chè"));
    #[expect(clippy::disallowed_methods, reason = "this very case is about threads")]
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let store = Arc::clone(store);
            std::thread::spawn(move || {
                for number in 0..25 {
                    let name = format!("{writer} {number}");
                    write(&*store, &[scope], |tx| put(tx, &row(scope, &name), "{}"));
                    std::thread::sleep(Duration::from_micros(100));
                }
            })
        })
        .collect();
    loop {
        let (head, rows) = read(&**store, |reader| {
            let head = reader.head(scope)?;
            Ok((head.head, reader.entries(scope, 0, usize::MAX)?))
        });
        assert_eq!(rows.last().map_or(0, |row| row.seq), head, "one snapshot");
        assert!(rows.iter().map(|row| row.seq).eq(1..=head), "all up to the head");
        if head == 100 {
            break;
        }
    }
    for writer in writers {
        writer.join().expect("the writer ends well");
    }
}
