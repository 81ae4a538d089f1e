//! Mai leaves the committee's office and her cell: what her phone then has, what it has no longer, and what became of what she
//! wrote before she heard of it.

use sotay_core::{outbox, search};

use super::*;
use crate::{
    readers::everything_in,
    village::{assert_one_picture, rows_of},
};

/// Of the cell that she leaves.
const OLD: &str = "dau-cua-khe-nuoc";
const TOO_LATE: &str = "Ủy ban sẽ trả lời mãnão sau tết.";

/// Rows of these scopes in every table that has a scope, but what the person wrote herself: by name, how many.
fn left_of(phone: &Device, scopes: &[Scope]) -> BTreeMap<String, u64> {
    let read = |store: &rusqlite::Connection| -> Result<BTreeMap<String, u64>, StoreError> {
        let sql = "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
                   WHERE m.type = 'table' AND c.name = 'scope' AND m.name <> 'command'";
        let tables: Vec<String> =
            store.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        assert!(tables.len() > 20, "{tables:?}");
        let mut left = BTreeMap::new();
        for table in tables {
            for scope in scopes {
                let sql = format!("SELECT count(*) FROM {table} WHERE scope = ?1");
                let count: u64 = store.query_row(&sql, [scope.to_string()], |row| row.get(0))?;
                if count > 0 {
                    *left.entry(table.clone()).or_default() += count;
                }
            }
        }
        Ok(left)
    };
    phone.store().read(read).unwrap()
}

fn count(phone: &Device, table: &str) -> u64 {
    let sql = format!("SELECT count(*) FROM {table}");
    let read =
        |store: &rusqlite::Connection| Ok::<u64, StoreError>(store.query_row(&sql, [], |row| row.get(0))?);
    phone.store().read(read).unwrap()
}

#[test]
fn mai_is_transferred_with_unsent_work_and_a_desk_full_of_sealed_letters() {
    let mut play = Play::begin(97);
    let (mai, son) = (play.village.phone("Mai"), play.village.phone("Sơn"));
    let env = play.village.world.env.clone();
    play.certifies(&mai, play.committee, OF_COMMITTEE);
    play.hoa_syncs();
    let thread = play.hoa_seals(&[photo(PHOTO_NAME, IN_THE_PHOTO)]);
    play.hoa_syncs();
    let meeting = son.new_meeting(&*env, play.khe_nuoc, OLD).unwrap();
    sync(&son, &mut play.village.world);
    play.syncs(&mai);
    while search::index_pending(mai.store(), 10).unwrap() > 0 {}
    let row = play.case_row(&thread);
    assert_eq!(play.case(&mai, &thread).messages[0].words, WORDS);
    assert_eq!(opened(&mai, &play.village.world, &row).0, PHOTO_NAME);
    assert!(mai.picture().contains_key(&meeting));
    let old = [Scope::cell(play.khe_nuoc), Scope::org(play.khe_nuoc), Scope::desk(play.committee)];
    assert!(left_of(&mai, &old).len() > 3, "it is there, or nothing would be shown by its absence");

    // Without a network she writes of her own affairs, and answers; before she hears of it the office ends, and she is transferred.
    let own = mai.feedback(&*env, play.committee, "Đường lầy", "Mưa xuống là lầy.").unwrap();
    let doi_che = play.village.world.commune.organisation(sotay_tests::world::DOI_CHE);
    play.village.world.server.end_role(mai.member, play.committee, Office::Staff).unwrap();
    play.village.world.server.transfer(mai.member, doi_che).unwrap();
    // So long after that no request of before can have been on its way.
    env.pass(days(1));
    mai.store().write(|tx| feedback::answer(tx, &*env, row.id, TOO_LATE)).unwrap();
    play.syncs(&mai);

    // By what its screens show.
    assert_one_picture(&mai, &play.village.world);
    let shown = mai.picture();
    assert!(shown.keys().all(|at| !old.contains(&at.scope)));
    assert_eq!(rows_of(&shown, CASE), 0);
    assert!(
        shown.contains_key(&own) && shown.contains_key(&play.village.meeting),
        "her own, and the new cell's"
    );
    assert!(!shown.contains_key(&meeting));
    let words = play.words();
    let gone = mai.store().read(|store| feedback::case(store, row.id, &words));
    assert!(!gone.is_ok_and(|case| case.is_some()));
    for typed in ["xanhbiếc", "nghĩa trang", OLD] {
        let sealed = mai.store().read(|store| sealed::find(store, typed, 10, &words)).unwrap();
        assert!(sealed.is_empty(), "{typed}");
        assert_eq!(mai.store().read(|store| search::find(store, typed, 10)).unwrap().total, 0, "{typed}");
    }
    assert!(mai.store().read(|store| attachments::of_row(store, &row)).unwrap().is_empty());
    // By what stands in its tables.
    assert_eq!(left_of(&mai, &old), BTreeMap::new());
    let all = everything_in(&mai);
    for mark in [OLD, "xanhbiếc", TOPIC, PHOTO_NAME, IN_THE_PHOTO, "Vì Thị Thảo"] {
        assert!(!all.contains(mark), "{mark} still stands in Mai's store");
    }
    for table in ["letter", "sealed_file", "blob", "blob_part", "named"] {
        assert_eq!(count(&mai, table), 0, "{table}");
    }

    // What was unsent: her own affair has come to its place; the answer is hers to read and to deal with, and came to nobody.
    let items = mai.store().read(|store| outbox::list(store, &words)).unwrap();
    let [item] = items.as_slice() else { panic!("{items:?}") };
    assert!(item.needs_attention);
    assert_eq!(item.written.as_deref(), Some(TOO_LATE));
    let standing = play.village.world.standing_in(&BTreeSet::from([own.scope]));
    assert!(standing.contains_key(&own));
    let case = RowRef::new(Scope::desk(play.committee), CASE, case_id(own.id));
    play.village.world.relay();
    assert!(play.village.world.standing_in(&BTreeSet::from([case.scope])).contains_key(&case));
    play.hoa_syncs();
    assert_eq!(play.thread(&thread).messages.len(), 1);

    // What happens there later does not come.
    son.edit_meeting(&*env, &meeting, &json!({ "place": OLD })).unwrap();
    sync(&son, &mut play.village.world);
    play.hoa_seals(&[]);
    play.hoa_syncs();
    play.syncs(&mai);
    assert_eq!(left_of(&mai, &old), BTreeMap::new());
    assert_one_picture(&mai, &play.village.world);
}
