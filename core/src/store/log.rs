//! The log in front of the file (SQLite's WAL): put back into the file in time, and begun anew however much is read.
//!
//! SQLite begins it anew only at a moment at which nobody reads from it. Somebody who reads on and on while a first sync
//! writes leaves no such moment, and the log of 100,000 directives grew to 1.4 GB, with memory to find a page in it. So
//! where it has become long the writer waits for those who began to read before: first for those who read an older state,
//! so that all of the log can go into the file, then for those who read from the log still. Nobody who begins meanwhile
//! waits: they read the newest, from the file once all is in it. A reader who takes long is let be, and asked again
//! when the log has grown further.

use std::{
    cell::Cell,
    sync::atomic::{AtomicI32, Ordering},
    time::Duration,
};

use rusqlite::Connection;

use super::life::{AtWork, Doors};

/// Pages of 16 KiB from which on it goes back into the file: 4 MB. SQLite's own 16 MB are much on a phone's last free
/// megabytes, where they decide whether a word can still be written.
const BACK: i32 = 256;
/// From which on it is begun anew, whoever reads: 8 MB.
const LONG: i32 = 2 * BACK;
/// The file is cut to this when it is begun anew after one large write.
const KEPT: i64 = 8 * 1024 * 1024;
/// For those who read: a screen's read takes milliseconds.
const PATIENCE: Duration = Duration::from_millis(100);

thread_local! {
    /// After the commit that this thread has just done; SQLite tells it before the commit returns.
    static LENGTH: Cell<i32> = const { Cell::new(0) };
}

#[derive(Debug)]
pub(super) struct Log {
    /// How long it is to be before anybody is waited for again.
    wait_at: AtomicI32,
}

impl Default for Log {
    fn default() -> Self {
        Self { wait_at: AtomicI32::new(LONG) }
    }
}

/// To be asked of the one connection that writes.
pub(super) fn watch(writer: &Connection) -> Result<(), rusqlite::Error> {
    writer.pragma_update(None, "journal_size_limit", KEPT)?;
    writer.wal_hook(Some(|_, pages| {
        LENGTH.set(pages);
        Ok(())
    }));
    Ok(())
}

impl Log {
    /// After a commit by this thread.
    pub(super) fn keep_short(&self, writer: &Connection, doors: &Doors, at_work: &AtWork<'_>) {
        let pages = LENGTH.take();
        if pages < BACK {
            return;
        }
        back(writer, "PASSIVE");
        if pages < self.wait_at.load(Ordering::Relaxed) {
            return;
        }
        let begun_anew = doors.others_left(at_work, PATIENCE) && {
            back(writer, "PASSIVE");
            doors.others_left(at_work, PATIENCE) && back(writer, "RESTART")
        };
        self.wait_at.store(if begun_anew { LONG } else { pages.saturating_add(BACK) }, Ordering::Relaxed);
    }
}

/// Whether it was done. What cannot go back into the file now, for lack of room or because of who reads, stays in the log.
fn back(writer: &Connection, how: &str) -> bool {
    let busy = writer.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |row| row.get::<_, bool>(0));
    busy.is_ok_and(|busy| !busy)
}

/// After a write that broke off. What fills a disk may be our own log: written back into the file, it is begun anew and
/// takes no more room. Without this no write would ever succeed again, for only a write that does brings us to it.
pub(super) fn make_room(writer: &Connection) {
    // Where this fails too, the disk is full of something else.
    back(writer, "PASSIVE");
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

    use super::*;
    use crate::store::{Store, StoreError, StoreKey};

    /// Reads again and again, and ends none before the other's next has begun.
    fn read_on(store: &Store, first: u64, begun: &AtomicU64, done: &AtomicBool) {
        let wait_for = |count: u64| {
            while begun.load(SeqCst) < count && !done.load(SeqCst) {
                std::thread::yield_now();
            }
        };
        let mut nth = first;
        while !done.load(SeqCst) {
            wait_for(nth);
            let read = |store: &Connection| {
                store.query_row("SELECT count(*) FROM opened", [], |_| Ok(()))?;
                begun.store(nth + 1, SeqCst);
                wait_for(nth + 2);
                Ok::<_, StoreError>(())
            };
            store.read(read).unwrap();
            nth += 2;
        }
    }

    #[test]
    fn the_log_stays_short_though_somebody_reads_at_every_moment_of_a_first_sync() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), &StoreKey::new([7; 32])).unwrap();
        let (begun, done) = (AtomicU64::new(0), AtomicBool::new(false));
        std::thread::scope(|threads| {
            for first in 0..2 {
                let (store, begun, done) = (&store, &begun, &done);
                threads.spawn(move || read_on(store, first, begun, done));
            }
            while begun.load(SeqCst) < 2 {
                std::thread::yield_now();
            }
            // 60 MB, half a megabyte at a time.
            for _ in 0..120 {
                let sql = "INSERT INTO opened (id) VALUES (hex(randomblob(250000)))";
                store.write(|tx| Ok::<_, StoreError>(tx.execute(sql, [])?)).unwrap();
            }
            done.store(true, SeqCst);
        });
        let log = std::fs::metadata(folder.path().join("handbook.db-wal")).unwrap().len();
        assert!(log < 2 * u64::try_from(KEPT).unwrap(), "the log has {log} bytes");
    }
}
