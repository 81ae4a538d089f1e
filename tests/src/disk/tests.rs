//! What the disk keeps and what it loses, shown by databases on it.

use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::*;

fn open(disk: &Disk) -> Connection {
    let name = disk.path("so.db");
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    Connection::open_with_flags_and_vfs(name, flags, VFS).unwrap()
}

fn set_up(connection: &Connection, synchronous: &str) {
    let settings = format!("PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous};");
    connection.execute_batch(&settings).unwrap();
}

/// A database whose commits are safe, as those of phone and server are.
fn safe(disk: &Disk) -> Connection {
    let connection = open(disk);
    set_up(&connection, "FULL");
    connection
}

fn with_table(disk: &Disk) -> Connection {
    let connection = safe(disk);
    connection.execute_batch("CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT) STRICT").unwrap();
    connection
}

fn write(connection: &Connection, text: &str) -> rusqlite::Result<()> {
    connection.execute("INSERT INTO word (text) VALUES (?1)", [text]).map(drop)
}

fn words(connection: &Connection) -> Vec<String> {
    let mut read = connection.prepare("SELECT text FROM word ORDER BY id").unwrap();
    read.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

fn is_sound(connection: &Connection) -> bool {
    connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap() == "ok"
}

#[test]
fn what_was_confirmed_survives_every_loss_of_power() {
    for loss in (0..40).map(Loss::Torn).chain([Loss::Nothing, Loss::Unsynced]) {
        let disk = Disk::new();
        let lan = with_table(&disk);
        write(&lan, "Đường bản").unwrap();
        disk.crash(loss);
        let after = safe(&disk);
        assert_eq!(words(&after), ["Đường bản"], "{loss:?}");
        assert!(is_sound(&after));
        drop(lan);
        assert_eq!(words(&after), ["Đường bản"], "a dead process takes nothing along");
    }
}

#[test]
fn what_was_only_written_is_lost() {
    for synchronous in ["NORMAL", "OFF"] {
        let disk = Disk::new();
        let lan = with_table(&disk);
        lan.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        set_up(&lan, synchronous);
        write(&lan, "Đường bản").unwrap();
        let copy = Disk::from_image(&disk.image());
        disk.crash(Loss::Unsynced);
        assert_eq!(words(&safe(&disk)), Vec::<String>::new(), "{synchronous}");
        assert_eq!(words(&safe(&copy)), ["Đường bản"], "it had been written");
    }
}

#[test]
fn a_killed_process_leaves_what_it_wrote() {
    let disk = Disk::new();
    let lan = with_table(&disk);
    lan.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    set_up(&lan, "OFF");
    write(&lan, "Đường bản").unwrap();
    disk.crash(Loss::Nothing);
    assert!(write(&lan, "Nước sạch").is_err(), "nobody writes after death");
    assert_eq!(words(&safe(&Disk::from_image(&disk.image()))), ["Đường bản"]);
    // It was not made safe by that: the power goes next.
    disk.crash(Loss::Unsynced);
    assert_eq!(words(&safe(&disk)), Vec::<String>::new());
}

/// A history of commits, checkpoints, large rows and rollbacks.
fn busy_day(connection: &Connection) -> rusqlite::Result<()> {
    for nth in 0..12usize {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for _ in 0..=nth % 3 {
            write(connection, &format!("{nth} {}", "dài ".repeat(nth * 900)))?;
        }
        connection.execute("UPDATE word SET text = 'mới' WHERE id % 5 = 4", [])?;
        connection.execute("DELETE FROM word WHERE id % 7 = 3", [])?;
        connection.execute_batch(if nth % 4 == 3 { "ROLLBACK" } else { "COMMIT" })?;
        if nth % 5 == 4 {
            connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()))?;
        }
    }
    Ok(())
}

fn prepared(key: Option<&str>, journal: &str) -> Image {
    let disk = Disk::new();
    let connection = keyed(&disk, key).unwrap();
    connection
        .execute_batch(&format!(
            "PRAGMA journal_mode = {journal}; PRAGMA synchronous = FULL;
             CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT) STRICT;"
        ))
        .unwrap();
    drop(connection);
    disk.image()
}

fn keyed(disk: &Disk, key: Option<&str>) -> rusqlite::Result<Connection> {
    let connection = open(disk);
    if let Some(key) = key {
        connection.execute_batch(&format!("PRAGMA cipher_log_level = NONE; PRAGMA key = \"{key}\";"))?;
        connection.execute_batch("PRAGMA cipher_page_size = 4096;")?;
    }
    connection.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA cache_spill = 2;")?;
    Ok(connection)
}

/// The day ends at its n-th operation, if it has so many.
fn dies_at(image: &Image, key: Option<&str>, nth: u32) -> Option<Disk> {
    let disk = Disk::from_image(image);
    let connection = keyed(&disk, key).unwrap();
    connection.execute_batch("PRAGMA synchronous = FULL").unwrap();
    disk.doom(Some(Doom { nth, at: None, takes_effect: nth.is_multiple_of(2) }));
    let came = busy_day(&connection);
    if disk.is_dead() {
        return Some(disk);
    }
    came.unwrap();
    None
}

/// Dies at each of its operations, before and after it, and loses power in many ways: what is found is sound.
fn dies_everywhere(key: Option<&str>, journal: &str) {
    let image = prepared(key, journal);
    for nth in 1u32.. {
        let seeds = [0, 10_000].map(|of| Loss::Torn(of + u64::from(nth)));
        for loss in seeds.into_iter().chain([if nth % 3 == 0 { Loss::Nothing } else { Loss::Unsynced }]) {
            let Some(disk) = dies_at(&image, key, nth) else {
                assert!(nth > 60, "it died {nth} times");
                return;
            };
            disk.crash(loss);
            let after = keyed(&disk, key).unwrap();
            assert!(is_sound(&after), "{journal} {loss:?} at {nth}");
            write(&after, "sau").unwrap();
            after.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
            assert!(is_sound(&after), "{journal} {loss:?} at {nth}, and later");
        }
    }
}

#[test]
fn the_same_death_leaves_the_same_disk() {
    let image = prepared(None, "DELETE");
    let left = |seed| {
        let disk = dies_at(&image, None, 60).unwrap();
        disk.crash(Loss::Torn(seed));
        // A journal's bytes hold a number of SQLite's own choice.
        let file = disk.image().files["so.db"].clone();
        let mut bytes = vec![0; usize::try_from(file.len()).unwrap()];
        file.read(0, &mut bytes);
        (disk.files(), bytes)
    };
    assert_eq!(left(3), left(3));
    assert!((4..40).any(|seed| left(seed) != left(3)));
}

#[test]
fn without_syncs_a_loss_of_power_breaks_databases() {
    let image = prepared(None, "DELETE");
    let breaks = |seed| {
        let disk = Disk::from_image(&image);
        let connection = keyed(&disk, None).unwrap();
        connection.execute_batch("PRAGMA synchronous = OFF").unwrap();
        busy_day(&connection).unwrap();
        disk.crash(Loss::Torn(seed));
        let checked = keyed(&disk, None).unwrap().query_row("PRAGMA integrity_check", [], |row| row.get(0));
        checked.map_or(true, |said: String| said != "ok")
    };
    assert!((0..10).any(breaks));
}

#[test]
fn torn_writes_never_break_a_database() {
    dies_everywhere(None, "WAL");
}

#[test]
fn torn_writes_never_break_a_database_with_a_journal() {
    dies_everywhere(None, "DELETE");
    dies_everywhere(None, "TRUNCATE");
}

#[test]
fn torn_writes_never_break_an_encrypted_database() {
    dies_everywhere(Some(&format!("x'{}'", "5a".repeat(48))), "WAL");
}

#[test]
fn a_commit_stands_once_its_last_sync_was_done() {
    let image = prepared(None, "WAL");
    let dies_at_sync = |takes_effect| {
        let disk = Disk::from_image(&image);
        let lan = safe(&disk);
        write(&lan, "trước").unwrap();
        disk.doom(Some(Doom { nth: 1, at: Some(Act::Sync), takes_effect }));
        write(&lan, "sau").unwrap_err();
        assert!(disk.is_dead());
        disk.crash(Loss::Unsynced);
        words(&safe(&disk))
    };
    assert_eq!(dies_at_sync(false), ["trước"]);
    assert_eq!(dies_at_sync(true), ["trước", "sau"]);
}

#[test]
fn a_full_disk_takes_nothing_and_goes_on_with_room() {
    let disk = Disk::new();
    let lan = with_table(&disk);
    write(&lan, "trước").unwrap();
    disk.limit(Some(2_000));
    let full = write(&lan, &"dài ".repeat(30_000)).unwrap_err();
    assert_eq!(full.sqlite_error_code(), Some(rusqlite::ErrorCode::DiskFull));
    assert_eq!(words(&lan), ["trước"]);
    disk.limit(None);
    write(&lan, "sau").unwrap();
    disk.crash(Loss::Unsynced);
    let after = safe(&disk);
    assert_eq!(words(&after), ["trước", "sau"]);
    assert!(is_sound(&after));
}

#[test]
fn disks_do_not_see_each_other_and_end_with_their_last_holder() {
    let [mine, yours] = [Disk::new(), Disk::new()];
    let (lan, minh) = (with_table(&mine), with_table(&yours));
    write(&lan, "của Lan").unwrap();
    write(&minh, "của Minh").unwrap();
    mine.crash(Loss::Unsynced);
    assert_eq!(words(&minh), ["của Minh"]);
    assert_eq!(words(&safe(&mine)), ["của Lan"]);
    let number = mine.shared.number;
    drop(mine);
    assert!(find(number).is_some(), "a connection still holds it");
    drop(lan);
    assert!(find(number).is_none());
}

#[test]
fn a_reader_sees_its_moment_while_another_writes() {
    let disk = Disk::new();
    let (writer, reader) = (with_table(&disk), open(&disk));
    write(&writer, "trước").unwrap();
    let moment = reader.unchecked_transaction().unwrap();
    assert_eq!(words(&reader), ["trước"]);
    write(&writer, "sau").unwrap();
    assert_eq!(words(&reader), ["trước"]);
    drop(moment);
    assert_eq!(words(&reader), ["trước", "sau"]);
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let busy = reader.execute_batch("BEGIN IMMEDIATE").unwrap_err();
    assert_eq!(busy.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseBusy));
}

#[test]
fn many_write_and_read_one_file_at_once() {
    let disk = Disk::new();
    drop(with_table(&disk));
    std::thread::scope(|scope| {
        for name in ["Lan", "Minh", "Hòa"] {
            let disk = &disk;
            scope.spawn(move || {
                let connection = safe(disk);
                connection.busy_timeout(Duration::from_secs(60)).unwrap();
                for nth in 0..50 {
                    write(&connection, &format!("{name} {nth}")).unwrap();
                    let own = words(&connection).into_iter().filter(|word| word.starts_with(name)).count();
                    assert_eq!(own, nth + 1);
                }
            });
        }
    });
    let after = open(&disk);
    assert_eq!(words(&after).len(), 150);
    assert!(is_sound(&after));
}

#[test]
fn a_deletion_may_come_undone() {
    let image = prepared(None, "WAL");
    let disk = Disk::from_image(&image);
    let connection = safe(&disk);
    write(&connection, "Đường bản").unwrap();
    assert!(disk.files().contains_key("so.db-wal"));
    drop(connection);
    assert_eq!(
        disk.files().keys().collect::<Vec<_>>(),
        ["so.db"],
        "the last to close puts all into the file"
    );
    disk.crash(Loss::Unsynced);
    assert!(disk.files().contains_key("so.db-wal"), "its folder was not synced");
    assert_eq!(words(&safe(&disk)), ["Đường bản"]);
}

#[test]
fn an_image_is_shared_until_written() {
    let image = prepared(None, "WAL");
    let disks = [Disk::from_image(&image), Disk::from_image(&image)];
    write(&safe(&disks[0]), "chỉ ở đây").unwrap();
    assert_eq!(words(&safe(&disks[0])), ["chỉ ở đây"]);
    assert_eq!(words(&safe(&disks[1])), Vec::<String>::new());
    assert!(disks[0].counts().syncs > 0 && disks[1].counts().acts() == 0 || disks[1].counts().bytes == 0);
}
