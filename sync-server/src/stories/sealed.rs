//! Hòa seals what she tells the commune; the server carries it to both rows and reads nothing of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sotay_protocol::{
    command::Command,
    exchange::Outcome,
    feedback::{
        CASE, THREAD, case_id,
        sealed::{SEAL, SEAL_ANSWER, SEALED_VERSION, WRAP_CASE, WRAP_THREAD},
    },
    id::Id,
    refusal::Refusal,
    row::RowRef,
    scope::Scope,
    signature::Base64,
};

use super::feedback::message;
use crate::testing::*;

fn bytes(length: usize) -> String {
    Base64(vec![7; length]).into()
}

fn letter(village: &Village, side: &str, reader: &str) -> Value {
    let sealed = json!({"format": 1, "body": bytes(300), "commit": bytes(32), "wraps": {reader: bytes(80)}});
    json!({"id": Id::random(&*village.env), "side": side, "at": EVENING, "sealed": sealed})
}

fn device(digit: char) -> String {
    digit.to_string().repeat(32)
}

impl Phone {
    fn seals(&mut self, village: &Village) -> Command {
        let row = RowRef::new(Scope::member(self.member), THREAD, Id::random(&*village.env));
        let message = letter(village, "member", &device('a'));
        self.command(SEAL, row, &json!({"desk": village.commune, "messages": [message], "sealed": true}))
    }
}

fn case(village: &Village, thread: &RowRef) -> RowRef {
    RowRef::new(Scope::desk(village.commune), CASE, case_id(thread.id))
}

fn wraps(message: &Value, reader: &str) -> Value {
    json!({message["id"].as_str().unwrap(): BTreeMap::from([(reader, bytes(80))])})
}

#[test]
fn both_rows_have_the_letter_and_a_form_of_their_own() {
    let village = Village::new();
    let (mut hoa, mut mai) = (village.phone("Hòa"), village.phone("Mai"));
    let thread = hoa.seals(&village);
    hoa.sync(&village.server, &[&thread]).applied(1);
    let case = case(&village, &thread.row);
    let versions = [&thread.row, &case].map(|row| {
        let entry = village.store.read_with(|reader| reader.entry(row)).unwrap();
        entry.unwrap().row().unwrap().unwrap().version
    });
    assert_eq!(versions, [SEALED_VERSION; 2]);
    let answer = json!({
        "member": hoa.member, "thread": thread.row.id, "message": letter(&village, "desk", &device('b')),
    });
    let answer = mai.command(SEAL_ANSWER, case.clone(), &answer);
    mai.sync(&village.server, &[&answer]).applied(1);
    hoa.sync(&village.server, &[]);
    let seen = hoa.sees(&thread.row).unwrap();
    assert_eq!((&seen["state"], seen["messages"].as_array().unwrap().len()), (&json!("answered"), 2));
    // Who sends plain words there, by an older app, is refused, and they are kept nowhere.
    let plain = json!({
        "member": hoa.member, "thread": thread.row.id, "message": message(&village, "desk", "Lời rõ."),
    });
    let plain = mai.command(sotay_protocol::feedback::ANSWER, case.clone(), &plain);
    let done = mai.sync(&village.server, &[&plain]);
    assert_eq!(*done.outcome(2), Outcome::Refused { code: Refusal::SealedOnly });
    assert_eq!(village.row(&case).unwrap()["messages"], village.row(&thread.row).unwrap()["messages"]);
}

#[test]
fn wraps_are_added_by_who_follows_the_row_and_change_nothing_that_stands() {
    let village = Village::new();
    let (mut hoa, mut mai) = (village.phone("Hòa"), village.phone("Mai"));
    let mut son = village.phone("Sơn");
    let thread = hoa.seals(&village);
    hoa.sync(&village.server, &[&thread]).applied(1);
    let case = case(&village, &thread.row);
    let letter = village.row(&thread.row).unwrap()["messages"][0].clone();
    let by_desk = |phone: &mut Phone, reader: &str| {
        let of = json!({"member": hoa.member, "thread": thread.row.id, "wraps": wraps(&letter, reader)});
        phone.command(WRAP_CASE, case.clone(), &of)
    };
    let given = by_desk(&mut mai, &device('c'));
    let seq = mai.sync(&village.server, &[&given]).applied(1);
    let again = by_desk(&mut mai, &device('c'));
    assert_eq!(mai.sync(&village.server, &[&again]).applied(2), seq, "nothing was written");
    let strange = by_desk(&mut son, &device('d'));
    let refused = Outcome::Refused { code: Refusal::NotAllowed };
    assert_eq!(*son.sync(&village.server, &[&strange]).outcome(1), refused);
    let own = json!({"desk": village.commune, "wraps": wraps(&letter, &device('e'))});
    let own = hoa.command(WRAP_THREAD, thread.row.clone(), &own);
    hoa.sync(&village.server, &[&own]).applied(2);
    for row in [&thread.row, &case] {
        let after = village.row(row).unwrap();
        let wraps = after["messages"][0]["sealed"]["wraps"].as_object().unwrap();
        assert_eq!(
            wraps.keys().map(String::as_str).collect::<Vec<_>>(),
            [device('a'), device('c'), device('e')]
        );
        assert_eq!(wraps[&device('a')], letter["sealed"]["wraps"][&device('a')]);
        assert!(after.get("state").is_none_or(|state| state == "sent"));
    }
}
