//! Hòa, a secretary, asks what is kept of her.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use sotay_protocol::{
    attendance::{Attendance, AttendanceState, Source, attendance_id},
    env::Env,
    kept,
    my_data::{MyData, Record},
    retention::{Retained, Rule},
    scope::Scope,
};

use super::*;
use crate::{
    attendance::ATTENDANCE,
    village::{CELL, Phone, december, id},
};

fn attended(hoa: &Phone, name: &str) {
    let meeting = id("cuộc họp");
    let of = Attendance {
        meeting,
        member: id(name),
        state: AttendanceState::Present,
        mode: None,
        source: Source::Claim,
        late: false,
        evidence: None,
        awaits_secretary: false,
    };
    hoa.has(&ATTENDANCE, Scope::cell(id(CELL)), attendance_id(meeting, id(name)), &of);
}

#[test]
fn hoa_is_told_what_is_hers_and_nothing_of_lan() {
    let hoa = Phone::of_hoa();
    attended(&hoa, "Lê Thị Hòa");
    attended(&hoa, "Nguyễn Thị Lan");
    let submit = |tx: &rusqlite::Transaction<'_>| {
        crate::feedback::submit(tx, hoa.env.as_ref(), None, "Điện", "Mất điện <b>cả tuần</b>")
    };
    hoa.store.write(submit).unwrap();
    let here = hoa.store.read(|store| of_phone(store, hoa.env.now())).unwrap().unwrap();
    let of = |kind: &str| here.records.iter().filter(|record| record.of == kind).count();
    assert_eq!((of("attendance"), of("thread"), of("command")), (1, 1, 1));
    let all = serde_json::to_string(&here).unwrap();
    assert!(!all.contains(&id("Nguyễn Thị Lan").to_string()));
    let seed: Vec<u8> = hoa
        .store
        .read(|store| {
            Ok::<_, StoreError>(store.query_row("SELECT key_seed FROM device", [], |row| row.get(0))?)
        })
        .unwrap();
    assert!(!all.contains(&String::from(sotay_protocol::signature::Base64(seed))));

    let words = hoa.words();
    let lines = hoa.store.read(|store| list(store, &words, None)).unwrap().unwrap();
    assert_eq!(lines.len(), ENTRIES.len());
    let feedback = lines.iter().find(|line| line.key == "feedback").unwrap();
    assert_eq!((feedback.here, feedback.at_server), (1, None));
    let page = page(&here, None, &lines, &words);
    assert!(
        page.contains("Mất điện &lt;b&gt;cả tuần") && !page.contains("<b>"),
        "what people write stays words"
    );
    assert!(page.contains("không có mạng để hỏi máy chủ"));
}

#[test]
fn how_long_is_said_as_the_server_says_it() {
    let hoa = Phone::of_hoa();
    let at = december(1, 8, 0);
    let rule = Rule {
        kind: Retained::Feedback,
        days: Some(1_826),
        from: at,
        basis: "Quy định 12-QĐ/ĐU".into(),
        set_by: "Mai".into(),
        set_at: at,
    };
    let body = serde_json::value::to_raw_value(&json!({"birth": "1970-08-07"})).unwrap();
    let records = vec![Record { entry: "profile".into(), of: "member".into(), body }];
    let member = id("Lê Thị Hòa");
    let server = MyData { member, at, records, mentions: vec![], rules: vec![rule] };
    let words = Words { now: december(20, 8, 0), ..hoa.words() };
    let lines = hoa.store.read(|store| list(store, &words, Some(&server))).unwrap().unwrap();
    let line = |key: &str| lines.iter().find(|line| line.key == key).unwrap();
    assert!(line("feedback").until.ends_with("1.826 ngày (Quy định 12-QĐ/ĐU)"), "{}", line("feedback").until);
    assert!(line("attendance").until.ends_with("chưa đặt thời hạn"));
    assert_eq!(line("profile").at_server, Some(1));
}

/// A table or a column that nobody has named would be kept without the person's being told.
#[test]
fn every_table_and_column_of_the_phone_is_named_in_what_is_said_to_be_kept() {
    const COMMON: [&str; 9] =
        ["scope", "id", "epoch", "seq", "generation", "version", "author", "pending", "body"];
    let hoa = Phone::of_hoa();
    let columns = |store: &Connection| -> Result<BTreeMap<String, BTreeSet<String>>, StoreError> {
        let mut select = store.prepare(
            "SELECT m.name, c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
        )?;
        let mut there: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in select.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))? {
            let (table, column) = row?;
            there.entry(table).or_default().insert(column);
        }
        Ok(there)
    };
    let mut there = hoa.store.read(columns).unwrap();
    for table in TABLES {
        let columns = there.remove(table.name).unwrap();
        assert!(COMMON.iter().all(|column| columns.contains(*column)), "{}", table.name);
        assert!(kept::KINDS.iter().any(|(kind, _)| *kind == table.kind), "kind {}", table.kind);
    }
    let named = kept::PHONE.iter().map(|table| {
        let columns = table.personal.split_whitespace().chain(table.other.split_whitespace());
        (table.name.to_owned(), columns.map(str::to_owned).collect())
    });
    assert_eq!(named.collect::<BTreeMap<String, BTreeSet<String>>>(), there);
}
