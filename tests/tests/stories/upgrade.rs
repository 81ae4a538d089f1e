//! Lan's phone gets the new app, with all that it had written and not sent under the old one. So does the server.

use std::{collections::BTreeMap, fs, io::Read, path::Path, sync::Arc};

use rusqlite::Connection;
use serde_json::{Value, json};
use sotay_core::{
    directives, feedback, meetings, members, outbox, search,
    store::{Store, StoreError, StoreKey},
    sync::{
        commands::{self, CommandState},
        device,
        engine::{Action, Engine, Event, Stop},
    },
    upgrade::{self, Upgraded},
    words::{Lang, Words},
};
use sotay_protocol::{env::Env, meetings::MEETING, row::RowRef};
use sotay_server::{
    Server,
    store::{Store as ServerStore, sqlite::SqliteStore},
};
use sotay_tests::world::{
    Picture, SetEnv, picture,
    picture::{follows, standing_in},
};

const KEY: [u8; 32] = [7; 32];
/// As 0.1.0 handed it to SQLCipher: the key, and a salt that was derived from it.
const PRAGMA: &str =
    "x'07070707070707070707070707070707070707070707070707070707070707076d66cda8539be35f1cb392c00d798672'";

fn kept(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("files/stores/0.1.0").join(name);
    let bytes = fs::read(path).unwrap();
    if !name.ends_with(".zst") {
        return bytes;
    }
    let mut plain = Vec::new();
    zstd::stream::read::Decoder::new(&bytes[..]).unwrap().read_to_end(&mut plain).unwrap();
    plain
}

/// The phone of that evening, under its cipher again.
fn unpack_phone(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("key.check"), kept("key.check")).unwrap();
    let (plain, cipher) = (folder.join("plain.db"), folder.join("handbook.db"));
    fs::write(&plain, kept("handbook.db.zst")).unwrap();
    let store = Connection::open(&plain).unwrap();
    let version: i64 = store.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    store.execute("ATTACH ?1 AS phone KEY ?2", [cipher.to_str().unwrap(), PRAGMA]).unwrap();
    store
        .execute_batch(&format!(
            "PRAGMA phone.cipher_plaintext_header_size = 32; PRAGMA phone.cipher_page_size = 16384;
             SELECT sqlcipher_export('phone'); PRAGMA phone.user_version = {version};"
        ))
        .unwrap();
    drop(store);
    fs::remove_file(plain).unwrap();
}

/// That evening, an hour later.
struct Evening {
    env: Arc<SetEnv>,
    phone: Store,
    server: Server,
    store: Arc<dyn ServerStore>,
    done: Upgraded,
    _folder: tempfile::TempDir,
}

impl Evening {
    fn begin() -> Self {
        let folder = sotay_tests::world::folder();
        let at = folder.path().join("phone");
        unpack_phone(&at);
        let phone = Store::open(&at, &StoreKey::new(KEY)).unwrap();
        let done = upgrade::run(&phone).unwrap();
        let database = folder.path().join("server.db");
        fs::write(&database, kept("server.db.zst")).unwrap();
        let env = Arc::new(SetEnv::new(11));
        env.pass(std::time::Duration::from_secs(4 * 3600));
        let store: Arc<dyn ServerStore> = Arc::new(SqliteStore::open(&database).unwrap());
        let server = Server::new(Arc::clone(&store), env.clone()).unwrap();
        Self { env, phone, server, store, done, _folder: folder }
    }

    fn words(&self) -> Words {
        Words::new(Lang::Vi, self.env.now())
    }

    fn states(&self) -> BTreeMap<CommandState, usize> {
        let mut states = BTreeMap::new();
        for entry in self.phone.read(commands::list).unwrap() {
            *states.entry(entry.state).or_default() += 1;
        }
        states
    }

    fn sync(&self) -> Stop {
        let (mut engine, mut action) = Engine::begin(&self.phone, &*self.env).unwrap();
        let mut answer = None;
        loop {
            match action {
                Action::Stop(stop) => return stop,
                Action::Exchange(packed) => answer = Some(self.server.exchange(&packed).unwrap()),
                Action::Read => {}
                Action::Fork(_) => panic!("nobody copied the phone"),
            }
            let frame = answer.as_mut().unwrap().next().unwrap();
            let event = frame.as_deref().map_or(Event::Finished, Event::Bytes);
            action = engine.on(&self.phone, &*self.env, event).unwrap();
        }
    }

    fn shown(&self) -> Picture {
        picture(&self.phone).unwrap()
    }

    fn meeting(&self, title: &str) -> (RowRef, Value) {
        let named = |(row, body): &(RowRef, Value)| row.kind == MEETING && body["title"] == json!(title);
        self.shown().into_iter().find(named).unwrap_or_else(|| panic!("no meeting is called {title}"))
    }
}

#[test]
fn a_file_under_the_cipher_of_0_1_0_is_read_by_this_app() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key.check"), kept("key.check")).unwrap();
    fs::write(folder.path().join("handbook.db"), kept("cipher.db")).unwrap();
    let store = Store::open(folder.path(), &StoreKey::new(KEY)).unwrap();
    let said: String = store
        .read(|store| {
            store.query_row("SELECT said FROM word", [], |row| row.get(0)).map_err(StoreError::from)
        })
        .unwrap();
    assert_eq!(said, "Chào đồng chí");
}

#[test]
fn lan_finds_everything_after_the_update_and_what_she_had_not_sent_arrives() {
    let evening = Evening::begin();
    let (phone, words) = (&evening.phone, evening.words());
    use CommandState::{Applied, Conflicted, Held, Parked, Refused, Sent, Waiting};
    assert_eq!(
        evening.states(),
        BTreeMap::from([
            (Waiting, 8),
            (Sent, 1),
            (Held, 1),
            (Applied, 11),
            (Refused, 1),
            (Conflicted, 1),
            (Parked, 1),
        ])
    );
    let listed = phone.read(|store| outbox::list(store, &words)).unwrap();
    assert_eq!(listed.len(), 13);
    assert!(listed.iter().all(|item| !item.deed.is_empty()));
    assert_eq!(listed.iter().filter(|item| item.needs_attention).count(), 3);

    // Folded, as she last saw it.
    evening.meeting("Sinh hoạt chi bộ tháng 01/2026");
    let (_, december) = evening.meeting("Sinh hoạt chi bộ tháng 12");
    assert_eq!(december["agenda"], json!(["Học tập Nghị quyết", "Bàn việc làm đường"]));
    assert_eq!(phone.read(|store| meetings::list(store, &words)).unwrap().len(), 3);
    let threads = phone.read(|store| feedback::threads(store, &words)).unwrap();
    assert_eq!(threads.len(), 3, "one answered, and two on their way");
    let cases = phone.read(|store| feedback::cases(store, &words)).unwrap();
    assert_eq!(cases.len(), 3);
    let me = phone.read(members::me).unwrap().unwrap();
    assert_eq!(me.name, "Lò Thị Lan");

    // Searchable without indexing anew, and read as before.
    assert_eq!(phone.read(search::waiting).unwrap(), 0);
    let found = phone.read(|store| search::find(store, "van cau treo", 9)).unwrap();
    assert_eq!(found.hits.len(), 1);
    assert_eq!(phone.read(directives::count_unread).unwrap(), 2);
    // The file that came with the second directive is known of, though 0.1.0 kept none.
    assert_eq!(count(phone, "SELECT count(*) FROM named"), 1);
    // The row of a kind that this app does not know either waits for one that does.
    assert_eq!(evening.done.taken_up, 0);
    assert_eq!(count(phone, "SELECT count(*) FROM unread WHERE kind = 'poll'"), 1);
    assert_eq!(upgrade::run(phone).unwrap(), Upgraded::default(), "nothing is done twice");

    assert_eq!(evening.sync(), Stop::Done);
    while evening.server.relay().unwrap() > 0 {}
    assert_eq!(evening.sync(), Stop::Done);
    assert_eq!(
        evening.states(),
        BTreeMap::from([(Held, 1), (Applied, 20), (Refused, 1), (Conflicted, 1), (Parked, 1)])
    );

    // She deals with the one that was refused, and what waited for it goes through as it was.
    let refused = phone.read(commands::list).unwrap().into_iter().find(|of| of.state == Refused).unwrap();
    phone.write(|store| commands::retry(store, &*evening.env, refused.entry)).unwrap();
    assert_eq!(evening.sync(), Stop::Done);
    while evening.server.relay().unwrap() > 0 {}
    assert_eq!(evening.sync(), Stop::Done);
    assert_eq!(evening.states(), BTreeMap::from([(Applied, 22), (Conflicted, 1), (Parked, 1)]));

    // One picture.
    let member = phone.read(device::identity).unwrap().unwrap().member;
    let scopes = follows(&evening.store, member, evening.env.now()).unwrap();
    let mut standing = standing_in(&evening.store, &scopes).unwrap();
    standing.retain(|row, _| row.kind != "poll");
    assert_eq!(evening.shown(), standing);
    let thread = standing.values().find(|body| body["topic"] == json!("Đường lên nương")).unwrap();
    assert_eq!(thread["messages"].as_array().unwrap().len(), 3);
}

#[test]
fn an_upgraded_store_is_built_like_a_new_one() {
    let evening = Evening::begin();
    let folder = sotay_tests::world::folder();
    let new = Store::open(folder.path(), &StoreKey::new(KEY)).unwrap();
    let built = |store: &Store| -> Vec<(String, String)> {
        store
            .read(|store| -> Result<Vec<_>, StoreError> {
                let sql = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
                let mut statement = store.prepare(sql)?;
                let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .unwrap()
    };
    assert_eq!(built(&evening.phone), built(&new));
}

#[test]
fn columns_are_drawn_anew_where_the_new_app_draws_otherwise_and_a_kill_costs_one_batch() {
    let evening = Evening::begin();
    let phone = &evening.phone;
    let columns = || -> Vec<String> {
        phone
            .read(|store| -> Result<Vec<String>, StoreError> {
                let mut statement =
                    store.prepare("SELECT title || place || starts_at FROM meeting ORDER BY id")?;
                Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
            })
            .unwrap()
    };
    let drawn = columns();
    // As if the old app had drawn nothing, and two kinds were drawn otherwise since.
    phone
        .write(|store| {
            store.execute_batch(
                "UPDATE meeting SET title = '', place = '', starts_at = 0; UPDATE thread SET topic = '';
                 INSERT OR REPLACE INTO drawn (kind, drawing, toward, after) VALUES ('meeting', 0, 0, 0), ('thread', 0, 0, 0);",
            )
            .map_err(StoreError::from)
        })
        .unwrap();
    let mut first = Upgraded::default();
    assert!(upgrade::step(phone, &mut first).unwrap());
    assert_eq!(first, Upgraded { redrawn: 3, taken_up: 0 });
    // Killed here; the next start goes on.
    let rest = upgrade::run(phone).unwrap();
    assert_eq!(rest, Upgraded { redrawn: 3, taken_up: 0 });
    assert_eq!(columns(), drawn);
    assert_eq!(count(phone, "SELECT count(*) FROM thread WHERE topic = ''"), 0);
}

fn count(store: &Store, sql: &str) -> u64 {
    store.read(|store| store.query_row(sql, [], |row| row.get(0)).map_err(StoreError::from)).unwrap()
}
