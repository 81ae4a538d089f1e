//! The suite over both kinds of SQLite, and what only a file can suffer.

use std::sync::Arc;

use super::*;
use crate::store::{ServerRecord, contract};

#[test]
fn in_memory() {
    contract::suite(&|| Arc::new(SqliteStore::in_memory().unwrap()));
    contract::beside_each_other(&(Arc::new(SqliteStore::in_memory().unwrap()) as Arc<dyn Store>));
}

#[test]
fn in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let number = std::sync::atomic::AtomicU32::new(0);
    let empty = || {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Arc::new(SqliteStore::open(&folder.path().join(format!("{number}.db"))).unwrap()) as Arc<dyn Store>
    };
    contract::suite(&empty);
    contract::beside_each_other(&empty());
}

#[test]
fn what_was_committed_is_there_when_the_file_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("xa.db");
    let server = ServerRecord { id: sotay_protocol::id::Id::derived("m", &[]), epoch: 1, key: vec![1] };
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path).unwrap());
    store.write_with(&[], |tx| tx.put_server(&server)).unwrap();
    drop(store);
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path).unwrap());
    assert_eq!(store.read_with(|reader| reader.server()).unwrap(), Some(server));
}

#[test]
fn the_settings_are_those_that_were_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("xa.db")).unwrap();
    let writer = store.writer();
    let setting = |name: &str| {
        let ask = format!("PRAGMA {name}");
        writer.query_row(&ask, [], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap()
    };
    assert_eq!(setting("journal_mode"), rusqlite::types::Value::Text("wal".into()));
    assert_eq!(setting("synchronous"), rusqlite::types::Value::Integer(2));
    assert_eq!(setting("page_size"), rusqlite::types::Value::Integer(16384));
    assert_eq!(setting("foreign_keys"), rusqlite::types::Value::Integer(1));
    assert_eq!(setting("temp_store"), rusqlite::types::Value::Integer(2));
}

/// The file of the first release, with a row in it.
#[test]
fn an_older_database_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("xa.db");
    let older = Connection::open(&path).unwrap();
    older.execute_batch(include_str!("migrations/0001_first.sql")).unwrap();
    older
        .execute_batch(
            "INSERT INTO server (one, id, epoch, key) VALUES (1, '018f3c2e-0000-7000-8000-000000000000', 3, x'01');
             PRAGMA user_version=1;",
        )
        .unwrap();
    drop(older);
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path).unwrap());
    assert_eq!(store.read_with(|reader| reader.server()).unwrap().map(|server| server.epoch), Some(3));
    let scope = Scope::org(sotay_protocol::id::Id::derived("xã", &[]));
    let row = sotay_protocol::row::RowRef::new(scope, "directive", scope.id);
    store.write_with(&[scope], |tx| tx.put_blob(&row, &[1; 32], b"a")).unwrap();
    assert_eq!(store.read_with(|reader| reader.blob_size(&row, &[1; 32])).unwrap(), Some(1));
}

/// What the migration draws out of rows that stood before it is what is drawn out of new ones.
#[test]
fn rows_from_before_the_windows_know_when_they_happened() {
    use sotay_protocol::{env::Timestamp, id::Id, row::RowRef};
    let (cell, desk) = (Scope::cell(Id::derived("chi bộ", &[])), Scope::desk(Id::derived("chi bộ", &[])));
    let of_meeting = format!(r#"{{"meeting":"{}"}}"#, Id::derived("cuộc họp", &[]));
    let trail = format!(r#"{{"marks":[{of_meeting},{of_meeting}]}}"#);
    let rows = [
        (desk, "case", r#"{"state":"answered"}"#, true),
        (desk, "case", r#"{"state":"sent"}"#, true),
        (desk, "case", "{}", true),
        (desk, "meeting_report", r#"{"starts_at":7000}"#, true),
        (cell, "meeting", r#"{"starts_at":3}"#, true),
        (cell, "meeting", r#"{"starts_at":3}"#, false),
        (cell, "attendance", &of_meeting, true),
        (desk, "opening", &of_meeting, true),
        (desk, "attendance_note", &trail, true),
        (cell, "roster_entry", r#"{"state":"answered"}"#, true),
        (Scope::member(cell.id), "thread", r#"{"state":"answered"}"#, true),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("xa.db");
    let older = Connection::open(&path).unwrap();
    older.execute_batch(include_str!("migrations/0001_first.sql")).unwrap();
    for (number, (scope, kind, body, stands)) in rows.iter().enumerate() {
        let id = Id::derived(&format!("{number}"), &[]);
        let body = stands.then(|| body.as_bytes());
        older
            .execute(
                "INSERT INTO entry (scope, kind, id, seq, version, author, at, body) VALUES (?1, ?2, ?3, ?4, 1, ?3, 500, ?5)",
                (scope.to_string(), kind, id.to_string(), number, body),
            )
            .unwrap();
    }
    older.execute_batch("PRAGMA user_version=1").unwrap();
    drop(older);
    let store = SqliteStore::open(&path).unwrap();
    for (number, (scope, kind, body, stands)) in rows.iter().enumerate() {
        let row = RowRef::new(*scope, kind, Id::derived(&format!("{number}"), &[]));
        let sql = "SELECT happened, dated, belongs_to FROM entry WHERE id = ?1";
        let found: (Option<i64>, Option<i64>, Option<String>) = store
            .writer()
            .query_row(sql, [row.id.to_string()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .unwrap();
        let drawn = crate::store::drawn::drawn(&row, body, Timestamp::from_millis(500));
        let [happened, dated] = [drawn.happened, drawn.dated].map(|time| time.map(Timestamp::millis));
        let expected = (happened, dated, drawn.belongs_to.map(|of| of.to_string()));
        assert_eq!(found, if *stands { expected } else { (None, None, None) }, "{kind} {body}");
    }
}

#[test]
fn a_newer_database_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("xa.db");
    let newer = Connection::open(&path).unwrap();
    newer.execute_batch("CREATE TABLE of_the_future (a); PRAGMA user_version=99;").unwrap();
    drop(newer);
    let before = std::fs::read(&path).unwrap();
    let refused = SqliteStore::open(&path).unwrap_err();
    assert!(matches!(refused, StoreError::Newer));
    assert!(refused.to_string().contains("hãy cập nhật"));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no journal beside it");
}

#[test]
fn each_trouble_is_a_sentence_that_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let missing = SqliteStore::open(&folder.path().join("không có/xa.db")).unwrap_err();
    assert!(missing.to_string().contains("hãy tạo thư mục"), "{missing}");
    let rubbish = folder.path().join("rac.db");
    std::fs::write(&rubbish, "không phải cơ sở dữ liệu, ".repeat(100)).unwrap();
    let rubbish = SqliteStore::open(&rubbish).unwrap_err();
    assert!(matches!(rubbish, StoreError::NotADatabase(_)), "{rubbish:?}");
    let folder_as_file = SqliteStore::open(folder.path()).unwrap_err();
    assert!(matches!(folder_as_file, StoreError::NoAccess(_)), "{folder_as_file:?}");
}

#[test]
fn a_full_disk_is_said_and_keeps_nothing() {
    let store = SqliteStore::in_memory().unwrap();
    let pages: i64 = store.writer().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    store.writer().execute_batch(&format!("PRAGMA max_page_count={}", pages + 2)).unwrap();
    let store: Arc<dyn Store> = Arc::new(store);
    let scope = Scope::org(sotay_protocol::id::Id::derived("xã", &[]));
    let row = sotay_protocol::row::RowRef::new(scope, "directive", scope.id);
    let body = format!(r#"{{"a":"{}"}}"#, "a".repeat(200_000));
    let new = crate::store::NewEntry {
        version: 1,
        author: scope.id,
        body: &body,
        made: None,
        at: sotay_protocol::env::Timestamp::MIN,
    };
    let full = store.write_with(&[scope], |tx| tx.put(&row, &new)).unwrap_err();
    assert!(matches!(full, StoreError::Full), "{full:?}");
    assert!(full.to_string().contains("hãy giải phóng"));
    assert_eq!(store.read_with(|reader| reader.head(scope)).unwrap().head, 0);
}

/// Every index that a page, a resend and the relay lean on; a scan in its place would only show in years.
#[test]
fn the_statements_of_every_exchange_use_their_indexes() {
    let store = SqliteStore::in_memory().unwrap();
    let plan = |sql: &str| {
        let writer = store.writer();
        let mut explain = writer.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let lines: Vec<String> =
            explain.query_map([], |row| row.get(3)).unwrap().collect::<rusqlite::Result<_>>().unwrap();
        lines.join("; ")
    };
    for sql in [
        "SELECT body FROM entry WHERE scope = 'a' AND seq > 5 ORDER BY seq",
        "SELECT body FROM entry WHERE scope = 'a' AND kind = 'b' AND id = 'c'",
        "SELECT scope FROM scope WHERE scope >= 'desk:' AND scope < 'desk;' AND (clearing = 1 OR EXISTS \
         (SELECT 1 FROM entry WHERE entry.scope = scope.scope AND happened < 5)) ORDER BY scope",
        "SELECT kind FROM entry WHERE scope = 'a' AND happened < 5 ORDER BY happened, rowid LIMIT 5",
        "SELECT count(*) FROM entry WHERE scope = 'a'",
        "SELECT kind FROM entry WHERE scope = 'a' AND belongs_to = 'b' ORDER BY kind, id",
        "SELECT body FROM archive WHERE scope = 'a' AND kind = 'b' AND (happened, id) < (5, 'c') \
         ORDER BY happened DESC, id DESC LIMIT 5",
        "SELECT body FROM archive WHERE scope = 'a' AND belongs_to = 'b' ORDER BY kind, id",
        "SELECT seq FROM entry WHERE scope = 'a' AND body IS NULL AND at < 5 ORDER BY at, rowid LIMIT 5",
        "SELECT outcome FROM outcome WHERE device = 'a' AND number = 1",
        "SELECT heard_at FROM heard WHERE device = 'a' AND highest >= 1 ORDER BY highest LIMIT 1",
        "SELECT id FROM device WHERE member = 'a'",
        "SELECT id FROM outbox ORDER BY at, id LIMIT 5",
        "SELECT member FROM membership WHERE cell = 'a' ORDER BY member, from_at",
        "SELECT claim FROM claim WHERE cell = 'a' AND meeting = 'b' ORDER BY member, position",
        "SELECT bytes FROM blob_part WHERE kept_by = 'a' AND hash = x'00' AND at <= 5 ORDER BY at DESC LIMIT 1",
        "SELECT 1 FROM blob WHERE kept_by = 'a' AND hash = x'00'",
        "SELECT 1 FROM upload WHERE kept_by = 'a' AND hash = x'00'",
        "SELECT hash FROM blob_use WHERE scope = 'a' AND kind = 'b' AND id = 'c'",
        "DELETE FROM blob WHERE scope = 'a' AND hash = x'00' AND NOT EXISTS \
         (SELECT 1 FROM blob_use WHERE scope = 'a' AND hash = x'00')",
    ] {
        let plan = plan(sql);
        assert!(plan.contains("USING") && plan.contains("INDEX"), "{sql}: {plan}");
        assert!(!plan.contains("SCAN entry") && !plan.contains("SCAN archive"), "{sql}: {plan}");
        let sorts = plan.contains("TEMP B-TREE") && (sql.contains("happened") || sql.contains("rowid"));
        assert!(!sorts, "{sql}: {plan}");
    }
}

/// Everybody waits for the transaction that takes files over.
#[test]
fn a_file_becomes_a_blob_where_it_lies_and_goes_with_the_last_who_names_it() {
    use sotay_protocol::{env::Timestamp, id::Id, row::RowRef};
    let sqlite = Arc::new(SqliteStore::in_memory().unwrap());
    let store: Arc<dyn Store> = Arc::clone(&sqlite) as _;
    let id = |name: &str| Id::derived(name, &[]);
    let (member, desk) = (Scope::member(id("Lan")), Scope::desk(id("xã")));
    let [thread, case] = [RowRef::new(member, "thread", id("một")), RowRef::new(desk, "case", id("hai"))];
    let file = vec![7; 3_000_000];
    let upload = crate::store::Upload {
        device: id("máy của Lan"),
        hash: [1; 32],
        id: id("lần một"),
        size: 3_000_000,
        have: 3_000_000,
        verified: true,
        at: Timestamp::MIN,
    };
    let parts = || -> i64 {
        sqlite.writer().query_row("SELECT count(*) FROM blob_part", [], |row| row.get(0)).unwrap()
    };
    store.write_with(&[], |tx| tx.put_part(&upload, &file)).unwrap();
    let (before, changes) = (parts(), sqlite.writer().total_changes());
    store
        .write_with(&[member, desk], |tx| {
            tx.keep_upload(&thread, &upload)?;
            tx.keep_upload(&case, &upload)?;
            tx.drop_upload(upload.device, &upload.hash)
        })
        .unwrap();
    assert!(sqlite.writer().total_changes() - changes <= 6, "no part of it was written again");
    assert_eq!(parts(), before);
    store.write_with(&[member], |tx| tx.drop_blobs(&thread)).unwrap();
    assert_eq!(parts(), before);
    store.write_with(&[desk], |tx| tx.drop_blobs(&case)).unwrap();
    assert_eq!(parts(), 0);
}

/// Between any two steps of a copy somebody writes, in this process and in another: nobody waits, and the copy is of
/// the moment at which it began.
#[test]
fn a_copy_made_amid_writes_is_of_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("xa.db");
    let store = Arc::new(SqliteStore::open(&path).unwrap());
    let beside: Arc<dyn Store> = Arc::new(SqliteStore::open(&path).unwrap());
    let scope = Scope::org(sotay_protocol::id::Id::derived("xã", &[]));
    let body = format!(r#"{{"a":"{}"}}"#, "ơ".repeat(10_000));
    let write = |store: &Arc<dyn Store>, nth: u64| {
        let id = sotay_protocol::id::Id::derived(&nth.to_string(), &[]);
        let row = sotay_protocol::row::RowRef::new(scope, "directive", id);
        let at = sotay_protocol::env::Timestamp::MIN;
        let new = crate::store::NewEntry { version: 1, author: scope.id, body: &body, made: None, at };
        store.write_with(&[scope], |tx| tx.put(&row, &new)).unwrap();
    };
    let live = Arc::clone(&store) as Arc<dyn Store>;
    (0..600).for_each(|nth| write(&live, nth));
    let mut steps = 0;
    let copy = folder.path().join("sao-luu.db");
    let at = sotay_protocol::env::Timestamp::from_millis(7);
    store
        .back_up_into(&copy, at, &mut |progress| {
            steps += 1;
            assert!(progress.done <= progress.of);
            write(&live, 1_000 + steps);
            write(&beside, 2_000 + steps);
        })
        .unwrap();
    assert!(steps > 2, "{steps} steps");
    assert!(!folder.path().join("sao-luu.db-wal").exists());
    let copy: Arc<dyn Store> = Arc::new(SqliteStore::open(&copy).unwrap());
    let rows = |store: &Arc<dyn Store>| {
        store.read_with(|reader| reader.rows_of_kind(scope, "directive")).unwrap().len()
    };
    assert_eq!((rows(&copy), rows(&live)), (600, 600 + usize::try_from(steps).unwrap() * 2));
    assert_eq!(copy.read_with(|reader| reader.backup_of()).unwrap(), Some(at));
}

/// A table or a column that nobody has named would be kept of people without their being told.
#[test]
fn every_table_and_column_is_named_in_what_is_said_to_be_kept() {
    use std::collections::{BTreeMap, BTreeSet};

    let store = SqliteStore::in_memory().unwrap();
    let writer = store.writer();
    let mut select = writer
        .prepare("SELECT m.name, c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'")
        .unwrap();
    let mut there: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in select.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?))).unwrap() {
        let (table, column) = row.unwrap();
        there.entry(table).or_default().insert(column);
    }
    let named = sotay_protocol::kept::SERVER.iter().map(|table| {
        let columns = table.personal.split_whitespace().chain(table.other.split_whitespace());
        (table.name.to_owned(), columns.map(str::to_owned).collect())
    });
    assert_eq!(named.collect::<BTreeMap<String, BTreeSet<String>>>(), there);
}
