//! What somebody finds in the files of Lan's phone who has its files and not its key: after a week, at any moment of it, after
//! its end. And what is left in them when the server has taken the phone off.

mod phone;
mod secrets;
mod week;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use ring::hmac;
use rusqlite::Connection;
use sotay_core::{
    handbook::{Handbook, HandbookError, SyncStop},
    store::{KeyProvider, StoreKey},
};
use tokio::runtime::Builder;
use zeroize::Zeroizing;

use self::{
    phone::{PIN, Play},
    secrets::{PLACES, Search, files, forms_of, secret},
};

/// Sealed, it stays so in the store, and is opened when somebody looks at it.
const OPENED_WHEN_LOOKED_AT: &str = "trong ảnh niêm phong";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The same store without its seal, as who has the key could write it out.
fn unsealed(folder: &Path, key: &StoreKey, to: &Path) -> Vec<u8> {
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.bytes()), b"sotay/salt/1\n");
    let key = format!("x'{}{}'", hex(key.bytes()), hex(&mac.as_ref()[..16]));
    let store = Connection::open(folder.join("handbook.db")).unwrap();
    store.pragma_update(None, "key", key).unwrap();
    let sql = "PRAGMA cipher_plaintext_header_size = 32; PRAGMA cipher_page_size = 16384;";
    store.execute_batch(sql).unwrap();
    store.execute("ATTACH ?1 AS plain KEY ''", [to.to_str().unwrap()]).unwrap();
    store.query_row("SELECT sqlcipher_export('plain')", [], |_| Ok(())).unwrap();
    store.execute_batch("DETACH plain").unwrap();
    fs::read(to).unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for (name, bytes) in files(from) {
        fs::write(to.join(name), bytes).unwrap();
    }
}

/// What nobody may find beside the words: the PIN, and keys.
fn keys_of(play: &Play) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("mã PIN", PIN.as_bytes().to_vec()),
        ("khóa của máy", play.keystore.key().unwrap().bytes().to_vec()),
        ("khóa của kho", play.store_key.bytes().to_vec()),
    ]
}

/// Looks through every byte, and says how many there were.
fn nothing_is_found(search: &Search, folder: &Path, when: &str) -> u64 {
    let (found, size) = search.in_folder(folder);
    assert!(found.is_empty(), "{when}: {found:?}");
    size
}

fn play(seed: u64, story: impl AsyncFnOnce(Play)) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { story(Play::begin(seed).await).await });
}

/// What is found in the store once it is opened with its key.
fn with_the_key(play: &Play, search: &Search, name: &str) -> BTreeSet<String> {
    let (to, copied) = (play.room().join(format!("{name}.db")), play.room().join(name));
    copy(&play.folder(), &copied);
    let found = search.in_bytes(&unsealed(&copied, &play.store_key, &to));
    fs::remove_file(to).unwrap();
    fs::remove_dir_all(copied).unwrap();
    found
}

async fn night(play: &mut Play) {
    let search = Search::new(&keys_of(play));
    let folder = play.folder();
    nothing_is_found(&search, &folder, "đang mở");
    play.lan().pause().await.unwrap();
    nothing_is_found(&search, &folder, "đang nghỉ");
    play.village.world.env.pass(sotay_protocol::env::days(1));
    play.lan().resume().await.unwrap();
}

#[test]
fn nobody_finds_a_word_of_lans_week_in_her_phones_files_who_has_not_its_key() {
    play(141, async |mut play| {
        play.a_week(night).await;
        let (search, folder) = (Arc::new(Search::new(&keys_of(&play))), play.folder());
        let mut size = nothing_is_found(&search, &folder, "sau một tuần");
        let names: BTreeSet<String> = files(&folder).into_keys().collect();
        assert!(names.contains("handbook.db") && names.contains("handbook.db-wal"), "{names:?}");

        // The process is killed, at every step of a sync: what lies there then is what the next start, or a thief, finds.
        let killed = Arc::new(Mutex::new(Vec::new()));
        let (at, looks, hears) = (folder.clone(), Arc::clone(&search), Arc::clone(&killed));
        let tell = move |_: &_| hears.lock().unwrap().push(looks.in_folder(&at));
        let room = play.room().join("lúc bị tắt");
        copy(&folder, &room);
        play.lan().sync_all(tell).1.await.unwrap();
        let killed = std::mem::take(&mut *killed.lock().unwrap());
        assert!(killed.len() >= 3, "{}", killed.len());
        for (found, looked_at) in &killed {
            assert_eq!(found, &BTreeMap::new());
            size += looked_at;
        }

        // That this means something: who has the key and the PIN finds all of it in the same files.
        let found = with_the_key(&play, &search, "có khóa");
        let missing: Vec<&str> = PLACES.into_iter().filter(|place| !found.contains(*place)).collect();
        assert_eq!(missing, [OPENED_WHEN_LOOKED_AT]);
        let opened = lan_opens_the_sealed_photo(&play).await;
        assert!(search.in_bytes(&opened).contains(OPENED_WHEN_LOOKED_AT));
        let copied = Handbook::open_with_pin(play.setup(&room), Zeroizing::new(PIN.into())).await.unwrap();
        assert_eq!(copied.status().await.unwrap().counts.pending, 1, "what was killed goes on");
        copied.shutdown().await.unwrap();

        play.lan().shutdown().await.unwrap();
        size += nothing_is_found(&search, &folder, "đã tắt");
        println!("{size} bytes, {} times, {} words in {} forms", killed.len() + 2, PLACES.len(), forms());
    });
}

fn forms() -> usize {
    PLACES.iter().map(|place| forms_of(&secret(place)).len()).sum()
}

async fn lan_opens_the_sealed_photo(play: &Play) -> Vec<u8> {
    let lan = play.lan();
    let file = lan.attachments().of("thread", play.sealed_thread.unwrap()).await.unwrap().remove(0);
    let opened = lan.attachments().open(file.row, file.hash).await.unwrap().unwrap();
    opened.piece(0).await.unwrap()
}

#[test]
fn the_search_finds_each_word_in_each_form() {
    let search = Search::new(&[("khóa", (0..32).collect())]);
    for place in PLACES {
        for form in forms_of(&secret(place)) {
            let file = [&[0x55; 4_099], form.as_slice(), &[0xaa; 17]].concat();
            assert_eq!(search.in_bytes(&file), BTreeSet::from([place.to_owned()]), "{form:?}");
        }
    }
    assert_eq!(search.in_bytes(hex(&(0..32).collect::<Vec<u8>>()).as_bytes()).len(), 1);
    assert!(search.in_bytes("Xoài bạc, ròng".as_bytes()).is_empty());
}

#[test]
fn after_lan_forgot_her_handbook_nothing_of_it_opens_nor_is_found() {
    play(142, async |mut play| {
        play.a_week(async |_| ()).await;
        let (search, folder) = (Search::new(&keys_of(&play)), play.folder());
        let stolen = play.room().join("chép trộm");
        copy(&folder, &stolen);
        play.lan().forget().await.unwrap();
        nothing_is_found(&search, &folder, "sau khi quên");
        let size: u64 = files(&folder).values().map(|bytes| bytes.len() as u64).sum();
        assert_eq!(size, 0, "{:?}", files(&folder).keys());
        assert_eq!(play.lan().status().await.err(), Some(HandbookError::Shut));
        // Somebody copied the files before, has the phone with its keystore, and knows the PIN.
        nothing_is_found(&search, &stolen, "bản chép trộm");
        let opened = Handbook::open_with_pin(play.setup(&stolen), Zeroizing::new(PIN.into())).await;
        assert_eq!(opened.err(), Some(HandbookError::KeyLost));
        nothing_is_found(&search, &stolen, "bản chép trộm, thử mở");
    });
}

#[test]
fn after_lans_stolen_phone_was_wiped_nothing_of_it_opens_nor_is_found() {
    play(144, async |mut play| {
        play.a_week(async |_| ()).await;
        let (search, folder) = (Search::new(&keys_of(&play)), play.folder());
        let stolen = play.room().join("chép trộm");
        copy(&folder, &stolen);
        let device = play.lan().status().await.unwrap().enrolled.unwrap().device;
        play.village.world.server.revoke_device(device).unwrap();
        play.orders_it_wiped(device);
        let end = play.lan().sync_all(|_| {}).1.await.unwrap();
        assert_eq!(end.stop, SyncStop::Wiped);
        assert_eq!(play.lan().status().await.err(), Some(HandbookError::Shut));
        nothing_is_found(&search, &folder, "sau khi bị xóa theo lệnh");
        let left: BTreeMap<String, Vec<u8>> = files(&folder);
        let left: Vec<&str> =
            left.iter().filter(|(_, of)| !of.is_empty()).map(|(name, _)| name.as_str()).collect();
        assert_eq!(left, ["handbook.ending"], "by whose order, and nothing else");
        let opened = Handbook::open_with_pin(play.setup(&stolen), Zeroizing::new(PIN.into())).await;
        assert_eq!(opened.err(), Some(HandbookError::KeyLost));
        nothing_is_found(&search, &stolen, "bản chép trộm");
    });
}

/// What Lan wrote and the server does not have yet: it stays hers.
const UNSENT: [&str; 3] = ["chủ đề chưa gửi", "lời chưa gửi", "chỗ Lan sửa bị vướng"];
/// What she wrote in the last thirty days, with what she changed by it: a server that comes back from a backup, or under which
/// she enrols anew, may want it again. And what she calls her phone, and whom it believes.
const HER_OWN: [&str; 16] = [
    "tên ảnh chưa gửi",
    "trong ảnh chưa gửi",
    "chủ đề phản ánh",
    "lời phản ánh",
    "tên ảnh phản ánh",
    "trong ảnh phản ánh",
    "lời gửi thêm",
    "lời Lan trả lời",
    "lý do Lan ghi",
    "tên cuộc họp Lan tạo",
    "nơi họp Lan chọn",
    "nội dung họp Lan soạn",
    "nơi họp",
    "tên máy lúc kích hoạt",
    "tên máy đặt lại",
    "địa chỉ đánh thức",
];
const BELIEVED: &str = "tên cơ quan gốc";

#[test]
fn of_a_phone_that_was_taken_off_who_has_its_key_finds_its_owners_own_words_and_no_others() {
    play(143, async |mut play| {
        play.a_week(async |_| ()).await;
        let (search, folder) = (Search::new(&keys_of(&play)), play.folder());
        let device = play.lan().status().await.unwrap().enrolled.unwrap().device;
        play.village.world.server.revoke_device(device).unwrap();
        play.lan().sync_all(|_| {}).1.await.unwrap();
        assert!(play.lan().status().await.unwrap().enrolled.unwrap().taken_off);
        nothing_is_found(&search, &folder, "sau khi bị thu hồi");
        let found = with_the_key(&play, &search, "có khóa");
        let own = |place: &&str| UNSENT.contains(place) || HER_OWN.contains(place) || *place == BELIEVED;
        let others: Vec<&str> = found.iter().map(String::as_str).filter(|place| !own(place)).collect();
        assert!(others.is_empty(), "{others:?}");
        assert!(UNSENT.iter().all(|place| found.contains(*place)), "{found:?}");
    });
}
