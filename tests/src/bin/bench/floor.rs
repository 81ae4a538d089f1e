//! The floor: the same bytes over loopback HTTP, and the same rows into plain SQLite, from Rust, with the same
//! durability and nothing else: no encryption, no packing, no merge, one table of bodies.

use std::{io::Write as _, time::Instant};

use futures_util::StreamExt;
use rusqlite::Connection;
use sotay_core::transport::{HttpTransport, Transport};
use tokio::runtime::Runtime;

use crate::{
    Done,
    child::{self, FloorJob, Moved, Report},
    corpus,
    figures::median,
    sync::{self, Name},
};

/// Rows in one commit of the load.
const BATCH: usize = 500;

/// The core's own HTTP client, and nothing behind it.
pub(crate) struct Wire {
    transport: HttpTransport,
}

impl Wire {
    pub(crate) fn new() -> Done<Self> {
        Ok(Self { transport: HttpTransport::new()? })
    }

    /// Sends `up`, and lets go of what comes down as it comes.
    pub(crate) async fn exchange(&self, url: String, up: Vec<u8>) -> Done<()> {
        let mut answer = self.transport.post(url, "application/octet-stream", up).await?;
        sync::check(usize::from(answer.status / 100), 2)?;
        while let Some(piece) = answer.body.next().await {
            drop(piece?);
        }
        Ok(())
    }
}

struct Floor<'a> {
    job: &'a FloorJob,
    store: Connection,
    wire: Wire,
    runtime: Runtime,
}

pub(crate) fn run(job: &FloorJob) -> Done<Report> {
    let task = &job.task;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let floor = Floor { job, store: open(&task.folder.join("plain.db"))?, wire: Wire::new()?, runtime };
    let mut out = Report { traffic: job.traffic, ..Report::default() };
    let mut say = |name: Name, figure: f64| out.measured.insert(name.name().into(), figure);

    let readable = floor.load()?;
    say(Name::Readable, readable);
    say(Name::Searchable, readable + floor.index()?);
    if let Some(memory) = child::peak_memory() {
        say(Name::Memory, memory);
    }
    floor.store.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    say(Name::Size, child::size(&task.folder, "plain.db")?);
    say(Name::Nothing, floor.nothing()? * 1e3);
    say(Name::Changed, floor.one_changed()? * 1e3);
    say(Name::Made, floor.make()?);
    say(Name::Pushed, floor.push()?);
    say(Name::Down, floor.packed(task.directives, |index| corpus::directive(index, 0, task.committee))?);
    let words = floor.packed(task.feedbacks, |index| Ok(corpus::feedback(index).1))?;
    say(Name::PushUp, words);
    say(Name::PushDown, words);
    Ok(out)
}

pub(crate) fn open(path: &std::path::Path) -> Done<Connection> {
    let store = Connection::open(path)?;
    store.execute_batch(
        "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;
         CREATE TABLE directive (key INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
         CREATE VIRTUAL TABLE search USING fts5 (body, content = 'directive', content_rowid = 'key');
         CREATE TABLE feedback (key INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
         CREATE TABLE cursor (one INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
         INSERT INTO cursor (one, seq) VALUES (1, 0);",
    )?;
    Ok(store)
}

impl Floor<'_> {
    fn exchange(&self, moved: Moved) -> Done<()> {
        let url = format!("{}/exchange/{}", self.job.task.bench_url, moved.down);
        self.runtime.block_on(self.wire.exchange(url, vec![b'x'; usize::try_from(moved.up)?]))
    }

    /// The bytes, the rows, and their list.
    fn load(&self) -> Done<f64> {
        let begun = Instant::now();
        self.exchange(self.job.traffic.first)?;
        let mut spent = begun.elapsed();
        let task = &self.job.task;
        for from in (0..task.directives).step_by(BATCH) {
            // Made a few at a time and outside the clock: they are the bench's, not the floor's.
            let range = from..task.directives.min(from + BATCH);
            let bodies =
                range.map(|index| corpus::directive(index, 0, task.committee)).collect::<Done<Vec<_>>>()?;
            let begun = Instant::now();
            let commit = self.store.unchecked_transaction()?;
            let mut insert = commit.prepare_cached("INSERT INTO directive (body) VALUES (?1)")?;
            for body in &bodies {
                insert.execute([body])?;
            }
            drop(insert);
            commit.commit()?;
            spent += begun.elapsed();
        }
        let begun = Instant::now();
        let mut list =
            self.store.prepare("SELECT key, substr(body, 1, 200) FROM directive ORDER BY key DESC")?;
        let heads = list
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<Vec<(i64, String)>, _>>()?;
        spent += begun.elapsed();
        sync::check(heads.len(), task.directives)?;
        Ok(spent.as_secs_f64())
    }

    fn index(&self) -> Done<f64> {
        let begun = Instant::now();
        self.store.execute("INSERT INTO search (search) VALUES ('rebuild')", [])?;
        let sql = "SELECT count(*) FROM search WHERE search MATCH ?1";
        let found: usize = self.store.query_row(sql, ["\"nội dung\""], |row| row.get(0))?;
        let spent = begun.elapsed();
        sync::check(found, self.job.task.directives)?;
        Ok(spent.as_secs_f64())
    }

    /// A round trip, and a commit that says when it was.
    fn nothing(&self) -> Done<f64> {
        self.repeat(|round| {
            let begun = Instant::now();
            self.exchange(self.job.traffic.nothing)?;
            self.store.execute("UPDATE cursor SET seq = ?1", [round])?;
            Ok(begun.elapsed().as_secs_f64())
        })
    }

    /// A round trip, and a commit of one row and the cursor.
    fn one_changed(&self) -> Done<f64> {
        self.repeat(|round| {
            let body = corpus::directive(round, 1, self.job.task.committee)?;
            let begun = Instant::now();
            self.exchange(self.job.traffic.one)?;
            let commit = self.store.unchecked_transaction()?;
            commit.execute("UPDATE directive SET body = ?2 WHERE key = ?1", (round + 1, body))?;
            commit.execute("UPDATE cursor SET seq = ?1", [round])?;
            commit.commit()?;
            Ok(begun.elapsed().as_secs_f64())
        })
    }

    /// A commit for each, as a person sends them one by one.
    fn make(&self) -> Done<f64> {
        let bodies: Vec<String> =
            (0..self.job.task.feedbacks).map(|index| corpus::feedback(index).1).collect();
        let begun = Instant::now();
        let mut insert = self.store.prepare("INSERT INTO feedback (body) VALUES (?1)")?;
        for body in &bodies {
            insert.execute([body])?;
        }
        Ok(begun.elapsed().as_secs_f64())
    }

    /// The bytes in as many requests as the phone made, and the rows into plain SQLite once.
    fn push(&self) -> Done<f64> {
        let bodies: Vec<String> =
            (0..self.job.task.feedbacks).map(|index| corpus::feedback(index).1).collect();
        let Moved { exchanges, up, down } = self.job.traffic.push;
        let exchanges = exchanges.max(1);
        let begun = Instant::now();
        for _ in 0..exchanges {
            self.exchange(Moved { exchanges: 1, up: up / exchanges, down: down / exchanges })?;
        }
        for part in bodies.chunks(BATCH) {
            let commit = self.store.unchecked_transaction()?;
            let mut insert = commit.prepare_cached("INSERT INTO feedback (body) VALUES (?1)")?;
            for body in part {
                insert.execute([body])?;
            }
            drop(insert);
            commit.commit()?;
        }
        Ok(begun.elapsed().as_secs_f64())
    }

    fn repeat(&self, once: impl Fn(usize) -> Done<f64>) -> Done<f64> {
        let figures = (0..self.job.task.repeats).map(once).collect::<Done<Vec<_>>>()?;
        Ok(median(&figures))
    }

    /// Size in MB of the bodies packed in one piece.
    fn packed(&self, many: usize, body: impl Fn(usize) -> Done<String>) -> Done<f64> {
        let mut packed = zstd::stream::write::Encoder::new(Counted(0), 3)?;
        for index in 0..many {
            packed.write_all(body(index)?.as_bytes())?;
        }
        #[expect(clippy::cast_precision_loss, reason = "a size in MB")]
        Ok(packed.finish()?.0 as f64 / 1e6)
    }
}

/// Counts bytes and forgets them.
struct Counted(usize);

impl std::io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
