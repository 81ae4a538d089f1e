//! What a store must know of one person, and forget when it is told to.

use sotay_protocol::{
    refusal::Refusal,
    retention::{Retained, Rule},
    row::Body,
};

use super::*;

pub(super) const CASES: &[fn(&dyn Store)] = &[
    rules_are_kept_as_they_were_set,
    all_that_has_to_do_with_a_person_is_found,
    commands_lose_their_words_and_keep_what_became_of_them,
    a_row_is_gone_from_the_archive_with_its_files,
    a_member_is_forgotten_and_nobody_else,
    whoever_left_is_found_by_the_end_of_the_last_stay_and_office,
];

fn rules_are_kept_as_they_were_set(store: &dyn Store) {
    let rule = |days, set_at| Rule {
        kind: Retained::CheckIns,
        days,
        from: at(5),
        basis: "12-QĐ/ĐU".into(),
        set_by: "Mai".into(),
        set_at: at(set_at),
    };
    let (first, second) = (rule(Some(90), 1), rule(None, 2));
    write(store, &[], |tx| [&second, &first, &first].into_iter().try_for_each(|rule| tx.put_rule(rule)));
    assert_eq!(read(store, |reader| reader.rules()), [first, second]);
    assert_eq!(read(store, |reader| reader.unscrubbed()), None);
    write(store, &[], |tx| tx.mark_scrub(Some(at(3))).and_then(|()| tx.mark_scrub(Some(at(4)))));
    assert_eq!(read(store, |reader| reader.unscrubbed()), Some(at(3)));
    assert!(store.scrub().unwrap());
    write(store, &[], |tx| tx.mark_scrub(None));
    assert_eq!(read(store, |reader| reader.unscrubbed()), None);
}

fn all_that_has_to_do_with_a_person_is_found(store: &dyn Store) {
    let (lan, minh, cell) = (id("Lan"), id("Minh"), Scope::cell(id("Đồi Chè")));
    let put = |kind: &str, scope: Scope, name: &str, author: Id, body: String| {
        let row = RowRef::new(scope, kind, id(name));
        write(store, &[scope], |tx| {
            tx.put(&row, &NewEntry { version: 1, author, body: &body, made: None, at: at(7) })
        });
        row
    };
    put("thread", Scope::member(lan), "cầu", lan, "{}".into());
    put("thread", Scope::member(minh), "đèn", minh, "{}".into());
    let named = put("attendance", cell, "có mặt", minh, format!(r#"{{"member":"{lan}"}}"#));
    put("roster_entry", cell, "Lan", minh, r#"{"name":"Lan"}"#.into());
    put("meeting", cell, "họp", lan, "{}".into());
    put("meeting", cell, "họp khác", minh, "{}".into());
    put("directive", cell, "văn bản", lan, format!(r#"{{"signer":"{lan}"}}"#));
    write(store, &[cell], |tx| tx.put_away(&named, at(5), at(9)));
    let about = read(store, |reader| reader.rows_about(lan));
    let kinds: Vec<(&str, bool)> = about.iter().map(|about| (&*about.row.kind, about.archived)).collect();
    let expected = [("attendance", true), ("meeting", false), ("roster_entry", false), ("thread", false)];
    assert_eq!(kinds, expected);
    assert_eq!(about[0].at, at(7));
}

fn outcome(number: u64, row: Id, outcome: Outcome) -> StoredOutcome {
    let text = format!(r#"{{"number":{number},"row":{{"id":"{row}"}},"body":"lời"}}"#);
    let number = i64::try_from(number).unwrap();
    StoredOutcome { hash: Some([3; 32]), text: Some(text), signature: Some(vec![1]), outcome, at: at(number) }
}

fn commands_lose_their_words_and_keep_what_became_of_them(store: &dyn Store) {
    let (phone, bridge, lamp) = (id("máy"), id("cầu"), id("đèn"));
    let mut current = Body::new();
    current.insert("place".into(), "Nhà văn hóa".into());
    let refused = Outcome::Refused { code: Refusal::NotAllowed };
    let held = Outcome::Held { missing: vec![], files: vec![] };
    write(store, &[], |tx| {
        tx.put_outcome(phone, 1, &outcome(1, bridge, Outcome::Conflicted { current: current.clone() }))?;
        tx.put_outcome(phone, 2, &outcome(2, lamp, refused.clone()))?;
        tx.put_outcome(phone, 3, &outcome(3, lamp, held.clone()))?;
        let skipped =
            StoredOutcome { text: None, signature: None, hash: None, ..outcome(4, lamp, Outcome::Skipped) };
        tx.put_outcome(phone, 4, &skipped)
    });
    assert_eq!(read(store, |reader| reader.commands_of(phone)).len(), 4);
    assert_eq!(write(store, &[], |tx| tx.forget_commands_on(bridge)), 1);
    assert_eq!(write(store, &[], |tx| tx.forget_commands_on(bridge)), 0);
    let of = |number| read(store, |reader| reader.outcome(phone, number)).unwrap();
    assert_eq!((of(1).text, of(1).signature, of(1).hash), (None, None, Some([3; 32])));
    assert_eq!(
        of(1).outcome,
        Outcome::Conflicted { current: Body::new() },
        "nor the values that others wrote"
    );
    assert_eq!(read(store, |reader| reader.words_before(at(9))), 2);
    assert_eq!(
        write(store, &[], |tx| tx.forget_commands_before(at(9), 10)),
        1,
        "what is held is judged anew"
    );
    assert_eq!((of(2).text, of(2).outcome), (None, refused));
    assert!(of(3).text.is_some());
    assert_eq!(write(store, &[], |tx| tx.forget_commands_of(phone)), 1);
    assert_eq!(of(3).outcome, held);
}

fn a_row_is_gone_from_the_archive_with_its_files(store: &dyn Store) {
    let scope = Scope::desk(id("xã"));
    let row = RowRef::new(scope, "case", id("cầu"));
    write(store, &[scope], |tx| {
        let new = NewEntry {
            version: 1,
            author: id("Lan"),
            body: r#"{"state":"answered"}"#,
            made: None,
            at: at(5),
        };
        tx.put(&row, &new)?;
        tx.put_blob(&row, &[1; 32], b"anh")
    });
    let happened = |after| read(store, |reader| reader.happened_before("case", at(6), after, 10));
    assert_eq!(happened(None), std::slice::from_ref(&row));
    write(store, &[scope], |tx| tx.put_away(&row, at(5), at(9)));
    assert_eq!(happened(None), std::slice::from_ref(&row), "in the archive too");
    assert!(happened(Some((scope, row.id))).is_empty());
    assert!(read(store, |reader| reader.happened_before("case", at(5), None, 10)).is_empty());
    assert!(write(store, &[scope], |tx| tx.forget_archived(&row)));
    assert!(!write(store, &[scope], |tx| tx.forget_archived(&row)));
    assert!(read(store, |reader| reader.archived(&row)).is_none() && happened(None).is_empty());
    assert_eq!(read(store, |reader| reader.blob_size(&row, &[1; 32])), None);
    assert_eq!(read(store, |reader| reader.entry(&row)).unwrap().body, None, "its tombstone stands");
}

fn member(tx: &mut dyn Transaction, name: &str) -> Result<(), StoreError> {
    let profile = Profile {
        name: name.into(),
        birth: chrono::NaiveDate::from_ymd_opt(1985, 2, 3).unwrap(),
        gender: Gender::Female,
        card: None,
        joined: chrono::NaiveDate::from_ymd_opt(2010, 2, 3).unwrap(),
        official: None,
        phone: None,
    };
    tx.put_member(&StoredMember { id: id(name), profile })?;
    tx.put_membership(id(name), &Membership { cell: id("Đồi Chè"), from: at(1), until: None })
}

fn a_member_is_forgotten_and_nobody_else(store: &dyn Store) {
    write(store, &[], |tx| {
        for name in ["Lan", "Minh"] {
            member(tx, name)?;
            let hash = name.as_bytes().to_vec();
            let until = at(9);
            tx.put_activation(&Activation {
                hash,
                member: id(name),
                until,
                tries: 0,
                key: None,
                device: None,
            })?;
        }
        Ok(())
    });
    assert_eq!(read(store, |reader| reader.activations_for(id("Lan"))).len(), 1);
    assert!(write(store, &[], |tx| tx.forget_member(id("Lan"))));
    assert!(!write(store, &[], |tx| tx.forget_member(id("Lan"))));
    assert!(read(store, |reader| reader.member(id("Lan"))).is_none());
    assert!(read(store, |reader| reader.memberships(id("Lan"))).is_empty());
    assert!(read(store, |reader| reader.activation(b"Lan")).is_none());
    assert!(read(store, |reader| reader.member(id("Minh"))).is_some());
    assert_eq!(read(store, |reader| reader.codes_before(at(10))), 1);
    assert_eq!(write(store, &[], |tx| tx.forget_codes_before(at(10))), 1);
    assert!(read(store, |reader| reader.activation(b"Minh")).is_none());
}

fn whoever_left_is_found_by_the_end_of_the_last_stay_and_office(store: &dyn Store) {
    let left = |before| read(store, |reader| reader.left_before(at(before)));
    write(store, &[], |tx| ["Lan", "Minh"].into_iter().try_for_each(|name| member(tx, name)));
    write(store, &[], |tx| {
        tx.put_role(
            id("Lan"),
            &Role { organisation: id("xã"), office: Office::Staff, from: at(2), until: None },
        )?;
        tx.end_membership(id("Lan"), id("Đồi Chè"), at(5))
    });
    assert!(left(100).is_empty(), "still in office");
    write(store, &[], |tx| tx.end_role(id("Lan"), id("xã"), Office::Staff, at(8)));
    assert!(left(8).is_empty());
    assert_eq!(left(9), [id("Lan")]);
}
