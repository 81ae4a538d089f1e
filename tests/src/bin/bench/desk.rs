//! `bench desk`: a desk that grew for years, and an officer who comes to it today.
//!
//! The first desk is cleared as the daily work does it after an upgrade: most of it leaves at once. The second has been
//! cleared day by day: as many tombstones lie in it. In both the officer is a phone in a process of its own, over real
//! HTTP, that has to carry no more than what stands in the window. There is no floor: the figure to compare with is the
//! desk itself, of which the phone gets a small part.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::NaiveDate;
use serde_json::json;
use sotay_protocol::{
    env::{Env, SystemEnv, Timestamp, days},
    feedback::CASE,
    id::Id,
    members::{Gender, Office, Role},
    organisations::Level,
    row::RowRef,
    scope::Scope,
};
use sotay_server::{
    Server,
    members::import::MemberRecord,
    organisations::import::{OrganisationRecord, Parent},
    store::{NewEntry, Store, Transaction, sqlite::SqliteStore},
};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::{
    Done,
    child::{self, PhoneJob, Report, Task},
    machine, phone,
};

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Cases that were ever sent to the desk
    #[arg(long, default_value_t = 1_000_000)]
    rows: u32,
    /// Over how many years they came; one of these is in the window
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..))]
    years: u32,
    /// Tombstones in the second desk; none leaves it out
    #[arg(long, default_value_t = 1_000_000)]
    tombstones: u32,
    /// Has an officer come to the first desk before it is cleared, too
    #[arg(long)]
    before: bool,
}

/// One case in so many waits for an answer, however old it is.
const OPEN: u32 = 500;
/// Rows in one commit when they are put there; this is not measured.
const BATCH: u32 = 10_000;
/// What a server waits between two transactions of its daily work.
const PAUSE: Duration = Duration::from_millis(30);
/// How long others write alone, to compare with.
const CONTROL: Duration = Duration::from_secs(10);
/// A server that starts has begun its daily work by then.
const DAILY_WORK: Duration = Duration::from_secs(4);
const CELL: &str = "Chi bộ bản Đồi Chè";
const DESKS: [&str; 2] = ["Tỉnh ủy Sơn La", "Đảng ủy xã Mường La"];

pub(crate) fn run(options: &Options) -> Done<()> {
    let folder = tempfile::tempdir()?;
    println!("{}", machine::describe(folder.path()));
    let mut archive = Archive::open(folder.path())?;
    let inside = archive.fill(DESKS[0], options.rows, options.years)?;
    println!("a desk of {} cases over {} years, {inside} of them in its window", options.rows, options.years);
    println!("server's store: {:.0} MB", child::size(folder.path(), "sotay.db")?);
    if options.before {
        let (report, _) = archive.newcomer(DESKS[0])?;
        tell("first sync before it is cleared", &report);
    }
    archive.clear(DESKS[0])?;
    archive.look(DESKS[0])?;
    let (report, rows) = archive.newcomer(DESKS[0])?;
    tell("first sync of a new officer", &report);
    println!("  {rows} cases on the phone, {inside} in the window");
    if options.tombstones > 0 {
        archive.bury(DESKS[1], options.tombstones)?;
        println!("a desk with {} tombstones and a hundredth as many cases", options.tombstones);
        archive.look(DESKS[1])?;
        let (report, rows) = archive.newcomer(DESKS[1])?;
        tell("first sync of a new officer", &report);
        println!("  {rows} cases on the phone, {} in the window", options.tombstones / 100);
        archive.drop_tombstones()?;
    }
    Ok(())
}

fn tell(what: &str, report: &Report) {
    let figures: Vec<String> =
        report.measured.iter().map(|(name, figure)| format!("{name} {figure:.2}")).collect();
    println!("{what}: {}", figures.join(", "));
}

/// Median, the slowest of a hundred, the slowest of all.
fn spread(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |part: usize| {
        let place = (times.len() * part / 100).min(times.len().saturating_sub(1));
        times.get(place).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    format!("p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms", at(50), at(99), at(100))
}

/// A server whose desks have a past.
struct Archive {
    folder: PathBuf,
    store: Arc<dyn Store>,
    server: Server,
    url: String,
    members: Vec<Id>,
    runtime: Runtime,
}

/// What the daily work did.
#[derive(Default)]
struct Work {
    left: u64,
    transactions: Vec<Duration>,
    floor_rose: usize,
}

/// The machine's clock, so much later.
#[derive(Debug)]
struct Later(Duration);

impl Env for Later {
    fn now(&self) -> Timestamp {
        SystemEnv.now() + self.0
    }
    fn fill(&self, bytes: &mut [u8]) {
        SystemEnv.fill(bytes);
    }
}

impl Archive {
    fn open(folder: &Path) -> Done<Self> {
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&folder.join("sotay.db"))?);
        let server = Server::new(Arc::clone(&store), Arc::new(SystemEnv))?;
        server.import_organisations(&organisations()).map_err(|error| error.to_string())?;
        server.import_members(&people()).map_err(|error| error.to_string())?;
        let cell = server.organisation_named(CELL)?.id;
        let members = server.members_of(cell)?.into_iter().map(|member| member.id).collect();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
        let url = format!("http://{}", listener.local_addr()?);
        runtime.spawn(sotay_server::http::serve(server.clone(), listener, std::future::pending()));
        // It does its daily work when it starts, and then not before tomorrow: here it has nothing to do yet.
        std::thread::sleep(DAILY_WORK);
        Ok(Self { folder: folder.to_owned(), store, server, url, members, runtime })
    }

    fn desk(&self, name: &str) -> Done<Scope> {
        Ok(Scope::desk(self.server.organisation_named(name)?.id))
    }

    /// Puts cases there as they came, year after year; how many of them the window holds.
    fn fill(&self, name: &str, rows: u32, years: u32) -> Done<usize> {
        let desk = self.desk(name)?;
        let now = SystemEnv.now();
        let span = days(365) * years;
        let mut inside = 0;
        self.batches(desk, rows, |tx, number| {
            let at = now.minus(span / rows * (rows - number));
            let open = number % OPEN == 0;
            inside += usize::from(open || at >= now.minus(days(366)));
            put(tx, desk, number, at, open)
        })?;
        Ok(inside)
    }

    /// A desk from which so many have left with a tombstone each, while a hundredth as many stand in it.
    fn bury(&self, name: &str, tombstones: u32) -> Done<()> {
        let desk = self.desk(name)?;
        let (now, past) = (SystemEnv.now(), SystemEnv.now().minus(days(400)));
        self.batches(desk, tombstones, |tx, number| put(tx, desk, number, past, false))?;
        let begun = Instant::now();
        self.batches(desk, tombstones, |tx, number| tx.put_away(&case(desk, number), past, now).map(drop))?;
        println!("{tombstones} rows left with a tombstone each: {:.1} s", begun.elapsed().as_secs_f64());
        self.batches(desk, tombstones / 100, |tx, number| put(tx, desk, tombstones + number, now, true))
    }

    fn batches(
        &self,
        desk: Scope,
        rows: u32,
        mut each: impl FnMut(&mut dyn Transaction, u32) -> sotay_server::store::Result<()>,
    ) -> Done<()> {
        for from in (0..rows).step_by(BATCH as usize) {
            self.store.write_with(&[desk], |tx| {
                (from..rows.min(from + BATCH)).try_for_each(|number| each(tx, number))
            })?;
        }
        Ok(())
    }

    /// The daily work, as far as it concerns windows, at the pace of a server: with a pause after each transaction, in
    /// which others write. One of them stands beside, as a phone that sends something does, and is timed.
    fn clear(&self, name: &str) -> Done<()> {
        let (desk, mut work) = (self.desk(name)?, Work::default());
        let (_, mut alone) = self.beside(|| {
            std::thread::sleep(CONTROL);
            Ok(())
        })?;
        let (spent, mut waits) = self.beside(|| self.clear_timed(desk, &mut work))?;
        let (left, transactions, times) = (work.left, work.transactions.len(), work.floor_rose);
        println!("daily work: {left} rows left in {spent:.1} s, the desk's floor rose {times} times");
        println!("  {transactions} transactions: {}", spread(&mut work.transactions));
        println!("  {} commits of another beside it: {}", waits.len(), spread(&mut waits));
        println!("  {} of the same with nothing beside: {}", alone.len(), spread(&mut alone));
        let again = Instant::now();
        self.server.clear_windows(&mut || ())?;
        println!("daily work with nothing to do: {:.1} ms", again.elapsed().as_secs_f64() * 1e3);
        Ok(())
    }

    fn clear_timed(&self, desk: Scope, work: &mut Work) -> Done<()> {
        let floor = || self.store.read_with(|reader| reader.head(desk)).map_or(0, |head| head.floor);
        let mut last_floor = floor();
        loop {
            let mut step = Instant::now();
            let cleared = self.server.clear_windows(&mut || {
                work.transactions.push(step.elapsed());
                let now = floor();
                work.floor_rose += usize::from(now > last_floor);
                last_floor = now;
                std::thread::sleep(PAUSE);
                step = Instant::now();
            })?;
            work.left += cleared.left;
            if !cleared.more {
                return Ok(());
            }
        }
    }

    /// How many seconds `work` took, and how long each small commit of another thread.
    fn beside(&self, work: impl FnOnce() -> Done<()>) -> Done<(f64, Vec<Duration>)> {
        let (waits, done) = (Mutex::new(Vec::new()), AtomicBool::new(false));
        let begun = Instant::now();
        std::thread::scope(|threads| -> Done<()> {
            threads.spawn(|| self.write_beside(&done, &waits));
            let worked = work();
            done.store(true, Ordering::Relaxed);
            worked
        })?;
        Ok((begun.elapsed().as_secs_f64(), waits.into_inner().unwrap_or_default()))
    }

    /// A small commit, again and again.
    fn write_beside(&self, done: &AtomicBool, waits: &Mutex<Vec<Duration>>) {
        let scope = Scope::member(Id::derived("beside", &[]));
        let row = RowRef::new(scope, "thread", scope.id);
        while !done.load(Ordering::Relaxed) {
            let begun = Instant::now();
            let new = NewEntry { version: 1, author: scope.id, body: "{}", made: None, at: SystemEnv.now() };
            if self.store.write_with(&[scope], |tx| tx.put(&row, &new)).is_err() {
                return;
            }
            if let Ok(mut waits) = waits.lock() {
                waits.push(begun.elapsed());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What the scope's head and its first page cost.
    fn look(&self, name: &str) -> Done<()> {
        let desk = self.desk(name)?;
        let begun = Instant::now();
        let head = self.store.read_with(|reader| reader.head(desk))?;
        let read = begun.elapsed();
        let begun = Instant::now();
        let page = self.store.read_with(|reader| reader.reading(desk, 0, head.head, 256 * 1024))?;
        println!(
            "head of the desk: {:.2} ms; its first page of {} rows: {:.1} ms",
            read.as_secs_f64() * 1e3,
            page.len(),
            begun.elapsed().as_secs_f64() * 1e3
        );
        Ok(())
    }

    fn drop_tombstones(&self) -> Done<()> {
        let later = Server::new(Arc::clone(&self.store), Arc::new(Later(days(181))))?;
        let begun = Instant::now();
        let gone = later.drop_old(&mut || ())?;
        println!("{gone} tombstones go after 180 days: {:.1} s", begun.elapsed().as_secs_f64());
        Ok(())
    }

    /// A member gets an office at the desk and a phone; its report, and how many cases it shows.
    fn newcomer(&mut self, name: &str) -> Done<(Report, usize)> {
        let member = self.members.pop().ok_or("the cell has no more members")?;
        let organisation = self.server.organisation_named(name)?.id;
        let role = Role { organisation, office: Office::Staff, from: Timestamp::MIN, until: None };
        self.store.write_with(&[], |tx| tx.put_role(member, &role))?;
        let folder = self.folder.join(format!("phone {member}"));
        std::fs::create_dir_all(&folder)?;
        let task = Task {
            folder,
            directives: 0,
            feedbacks: 0,
            repeats: 1,
            committee: organisation,
            bench_url: String::new(),
        };
        let code = self.server.issue_code(member)?;
        let job = PhoneJob { task, url: self.url.clone(), code, birth: birth() };
        let mut report = child::start("desk-phone", &job)?;
        let cases = report.measured.remove("cases").unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        Ok((report, cases as usize))
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        if let Ok(idle) = tokio::runtime::Builder::new_current_thread().build() {
            std::mem::replace(&mut self.runtime, idle).shutdown_timeout(Duration::from_secs(2));
        }
    }
}

fn case(desk: Scope, number: u32) -> RowRef {
    RowRef::new(desk, CASE, Id::derived(&format!("case {number}"), &[desk.id]))
}

fn put(
    tx: &mut dyn Transaction,
    desk: Scope,
    number: u32,
    at: Timestamp,
    open: bool,
) -> sotay_server::store::Result<()> {
    let of = |what: &str| Id::derived(&format!("{what} {number}"), &[desk.id]);
    let message = |side: &str, words: &str| json!({"id": of(side), "side": side, "at": at, "words": words});
    let mut messages = vec![message(
        "member",
        "Đoạn đường từ ngã ba bản lên nhà văn hóa lở sau trận mưa đêm qua, các cháu đi học phải lội qua suối; đề nghị xã cho sửa sớm.",
    )];
    if !open {
        messages.push(message("desk", "Xã đã giao bản và tổ giao thông khắc phục, xong trước ngày 15."));
    }
    let body = json!({"member": of("member"), "member_name": "Lò Thị Lan", "cell_name": CELL, "thread": of("thread"),
        "topic": format!("Đường bản hỏng, việc số {number}"), "messages": messages,
        "state": if open { "sent" } else { "answered" }});
    let new = NewEntry { version: 1, author: of("member"), body: &body.to_string(), made: None, at };
    tx.put(&case(desk, number), &new).map(drop)
}

fn birth() -> NaiveDate {
    NaiveDate::from_ymd_opt(1985, 2, 3).unwrap_or_default()
}

fn organisations() -> Vec<OrganisationRecord> {
    let below = |name: &str| Some(Parent { name: name.into(), in_file: true });
    let record = |place: u64, name: &str, level, parent| OrganisationRecord {
        place: place.into(),
        name: name.into(),
        level,
        parent,
    };
    vec![
        record(2, DESKS[0], Level::Province, None),
        record(3, DESKS[1], Level::Commune, below(DESKS[0])),
        record(4, CELL, Level::Cell, below(DESKS[1])),
    ]
}

fn people() -> Vec<MemberRecord> {
    let admitted = NaiveDate::from_ymd_opt(2012, 5, 19).unwrap_or_default();
    let person = |line: u64| MemberRecord {
        place: line.into(),
        name: format!("Lò Thị Lan {line}"),
        birth: birth(),
        gender: Gender::Female,
        card: Some(format!("{:012}", 14_000_000_000 + line)),
        joined: admitted,
        official: Some(admitted),
        cell: CELL.into(),
        offices: Some(Vec::new()),
        phone: Some(None),
    };
    (2..6).map(person).collect()
}

/// The officer's phone: its first sync.
pub(crate) fn officer(job: &PhoneJob) -> Done<Report> {
    tokio::runtime::Builder::new_current_thread().build()?.block_on(first_sync(job))
}

async fn first_sync(job: &PhoneJob) -> Done<Report> {
    let handbook = phone::enrolled(job).await?;
    let mut out = Report::default();
    let begun = Instant::now();
    let end = handbook.sync(|_| ()).1.await?;
    let spent = begun.elapsed();
    let mut say = |name: &str, figure: f64| out.measured.insert(name.to_owned(), figure);
    // Before the list of all cases is looked at.
    if let Some(memory) = child::peak_memory() {
        say("MB peak memory", memory);
    }
    #[expect(clippy::cast_precision_loss, reason = "counts and sizes")]
    {
        say("rows", end.rows as f64);
        say("MB down", end.bytes_down as f64 / 1e6);
        say("cases", handbook.feedback().cases().await?.len() as f64);
    }
    say("seconds", spent.as_secs_f64());
    handbook.shutdown().await?;
    say("MB store", child::size(&job.task.folder, "handbook.db")?);
    Ok(out)
}
