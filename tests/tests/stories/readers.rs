//! Nobody reads what is not theirs: marks planted in one cell's rows are looked for in another member's stream and
//! store.

use serde_json::json;
use sotay_core::store::StoreError;
use sotay_protocol::attendance::AttendanceState;
use sotay_tests::world::{DOI_CHE, Device, KHE_NUOC, Run, Step};

use crate::village::{Village, assert_one_picture, sync};

/// Words that only some may read: (where they were planted, the words).
const CELL: &str = "dau-cua-chi-bo-doi-che";
const DESK: &str = "dau-cua-ban-lam-viec";
const MEMBER: &str = "dau-cua-rieng-lan";

/// A village in which Đồi Chè's cell, its desk, the committee's desk and Lan's own scope hold planted words.
fn village() -> (Village, Device) {
    let mut village = Village::new(17);
    let (env, meeting) = (village.world.env.clone(), village.meeting.clone());
    let (lan, minh) = (village.phone("Lan"), village.world.commune.person("Minh").id);
    village.hoa.edit_meeting(&*env, &meeting, &json!({ "place": CELL })).unwrap();
    village.hoa.mark(&*env, &meeting, minh, AttendanceState::Excused, Some(DESK)).unwrap();
    lan.feedback(&*env, village.committee(), MEMBER, DESK).unwrap();
    sync(&village.hoa, &mut village.world);
    sync(&lan, &mut village.world);
    village.world.relay();
    (village, lan)
}

/// Everything that came down in a sync, unpacked.
fn stream(device: &Device, village: &mut Village) -> String {
    let world = &mut village.world;
    let mut run = Run::begin(device, &world.env).unwrap();
    let mut all = Vec::new();
    loop {
        match run.step(device, &world.server, &world.env, &mut world.network).unwrap() {
            Step::Landed(bytes) => all.extend(bytes),
            Step::Over(_) => return String::from_utf8(all).unwrap(),
            _ => {}
        }
    }
}

/// Every value of every table of the opened store, the full text's own tables among them.
pub(crate) fn everything_in(device: &Device) -> String {
    let read = |store: &rusqlite::Connection| -> Result<String, StoreError> {
        let tables: Vec<String> = store
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'search'")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut all = String::new();
        for table in tables {
            let mut statement = store.prepare(&format!("SELECT * FROM {table}"))?;
            let columns = statement.column_count();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                for column in 0..columns {
                    match row.get_ref(column)? {
                        rusqlite::types::ValueRef::Text(text) | rusqlite::types::ValueRef::Blob(text) => {
                            all.push_str(&String::from_utf8_lossy(text));
                        }
                        _ => {}
                    }
                    all.push('\n');
                }
            }
        }
        Ok(all)
    };
    device.store().read(read).unwrap()
}

#[test]
fn thao_of_another_cell_gets_no_byte_of_it() {
    let (mut village, lan) = village();
    let thao = village.world.enrol("Thảo");
    let came = stream(&thao, &mut village);
    let kept = everything_in(&thao);
    for mark in [CELL, DESK, MEMBER, "Quàng Thị Hòa", "Lò Thị Lan"] {
        assert!(!came.contains(mark), "{mark} came down to Thảo");
        assert!(!kept.contains(mark), "{mark} stands in Thảo's store");
    }
    // The marks do stand where they belong, or this test would prove nothing.
    assert!(everything_in(&lan).contains(CELL) && everything_in(&lan).contains(MEMBER));
    assert!(everything_in(&village.hoa).contains(DESK));
    // Mai, of the committee's office, sees the feedback at her desk; of the meeting counts, and never names.
    let mai = village.world.enrol("Mai");
    let came = stream(&mai, &mut village);
    assert!(came.contains(DESK) && came.contains("meeting_report"));
    assert!(!came.contains(CELL) && !came.contains("Lường Văn Minh"));
    assert_one_picture(&mai, &village.world);
}

#[test]
fn after_a_transfer_the_old_cell_is_gone_by_the_end_of_the_next_exchange() {
    let (mut village, lan) = village();
    let env = village.world.env.clone();
    // What she writes and cannot send stays hers.
    let own = lan.feedback(&*env, village.committee(), "Ghi chú riêng", "Chưa kịp gửi.").unwrap();
    let khe_nuoc = village.world.commune.organisation(KHE_NUOC);
    village.world.server.transfer(lan.member, khe_nuoc).unwrap();
    sync(&lan, &mut village.world);
    let kept = everything_in(&lan);
    for mark in [CELL, "Quàng Thị Hòa", "Lường Văn Minh"] {
        assert!(!kept.contains(mark), "{mark} still stands in Lan's store");
    }
    assert!(kept.contains(MEMBER) && lan.picture().contains_key(&own));
    assert_one_picture(&lan, &village.world);
    // And what happens in the old cell later does not come.
    village.hoa.edit_meeting(&*env, &village.meeting, &json!({ "place": format!("{CELL} 2") })).unwrap();
    sync(&village.hoa, &mut village.world);
    assert!(!stream(&lan, &mut village).contains(CELL));
    assert_ne!(village.world.commune.organisation(DOI_CHE), khe_nuoc);
}

#[test]
fn a_revoked_phone_keeps_nothing_but_its_owners_own_unsent_words() {
    let (mut village, lan) = village();
    let env = village.world.env.clone();
    lan.feedback(&*env, village.committee(), "Chưa gửi", "Lời của Lan chưa gửi được.").unwrap();
    village.world.server.revoke_device(lan.id).unwrap();
    lan.sync(&mut village.world);
    assert!(lan.picture().is_empty());
    assert!(everything_in(&lan).contains("Lời của Lan chưa gửi được."));
}
