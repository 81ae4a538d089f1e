//! `bench reads`: what a person waits for who reads while the first sync goes on, and how much memory that sync takes.
//!
//! The floor of a read is the same read on the same phone when nothing else goes on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use sotay_core::{directives::Filter, handbook::Handbook, shown::Page};

use crate::{
    Done, Output,
    child::{self, PhoneJob, Report, Task},
    figures::median,
    machine,
    office::Office,
    phone,
};

/// Lines of a screen.
const SCREEN: u32 = 20;
/// Reads of an idle phone.
const IDLE: usize = 2_000;

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Runs, each on a fresh phone
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=50))]
    rounds: u16,
    /// Directives of about 2 KB
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    directives: usize,
    #[command(flatten)]
    output: Output,
}

/// Name, unit, and whether the slowest of all runs is said rather than the median.
const FIGURES: [(&str, &str); 9] = [
    ("list, idle p50", "ms"),
    ("list, in sync p50", "ms"),
    ("list, in sync p99", "ms"),
    ("open, idle p50", "ms"),
    ("open, in sync p50", "ms"),
    ("open, in sync p99", "ms"),
    ("reads in sync", "reads"),
    ("memory, open and idle", "MB"),
    ("memory, peak above that", "MB"),
];

pub(crate) fn run(options: &Options) -> Done<()> {
    let folder = tempfile::tempdir()?;
    println!("{}", machine::describe(folder.path()));
    let mut office = Office::open(folder.path(), usize::from(options.rounds), options.directives)?;
    let mut runs = Vec::new();
    for round in 0..options.rounds {
        let newcomer = office.newcomer()?;
        let task = Task {
            folder: folder.path().join(format!("phone-{round}")),
            directives: options.directives,
            feedbacks: 0,
            repeats: IDLE,
            committee: office.committee,
            bench_url: office.bench_url.clone(),
        };
        let job = PhoneJob { task, url: office.url.clone(), code: newcomer.code, birth: newcomer.birth };
        runs.push(child::start("reads-phone", &job)?);
    }
    println!(
        "first sync of {} directives, {} runs; median, smallest to largest",
        options.directives,
        runs.len()
    );
    let mut lines = Vec::new();
    for (name, unit) in FIGURES {
        let of: Vec<f64> = runs.iter().filter_map(|run| run.measured.get(name).copied()).collect();
        let (least, most) =
            of.iter().fold((f64::MAX, 0.0), |(least, most): (f64, f64), of| (least.min(*of), most.max(*of)));
        println!("{name:26} {:>10.3} {unit:6} {least:.3} to {most:.3}", median(&of));
        lines.push(
            serde_json::json!({"name": name, "unit": unit, "ours": median(&of), "spread": [least, most]}),
        );
    }
    if let Some(path) = &options.output.json {
        std::fs::write(path, serde_json::to_vec_pretty(&lines)?)?;
    }
    Ok(())
}

/// The phone's side, in a process of its own.
pub(crate) fn phone(job: &PhoneJob) -> Done<Report> {
    // A thread for the sync's future and one for the reader's, as an app has them.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    runtime.block_on(measure(job))
}

async fn measure(job: &PhoneJob) -> Done<Report> {
    let handbook = phone::enrolled(job).await?;
    let (mut during, mut idle) = (Reads::default(), Reads::default());
    let memory = child::peak_memory().unwrap_or_default();
    let syncing = Arc::new(AtomicBool::new(true));
    let (of, done) = (handbook.clone(), Arc::clone(&syncing));
    let sync = tokio::spawn(async move {
        let (_handle, run) = of.sync(|_| {});
        let end = run.await;
        done.store(false, Ordering::SeqCst);
        end
    });
    during.take(&handbook, |_| syncing.load(Ordering::SeqCst)).await?;
    sync.await??;
    let peak = child::peak_memory().unwrap_or_default();
    idle.take(&handbook, |reads| reads < job.task.repeats).await?;
    let mut report = Report::default();
    #[expect(clippy::cast_precision_loss, reason = "a count of reads")]
    let count = during.list.seen as f64;
    let figures = [
        idle.list.at(50),
        during.list.at(50),
        during.list.at(99),
        idle.open.at(50),
        during.open.at(50),
        during.open.at(99),
        count,
        memory,
        peak - memory,
    ];
    for ((name, _), figure) in FIGURES.into_iter().zip(figures) {
        report.measured.insert(name.into(), figure);
    }
    Ok(report)
}

/// Times in milliseconds. They take their room before anything is measured: a longer sync has more reads, and what is
/// kept of them must not count as memory that the sync takes.
struct Times {
    kept: Vec<f64>,
    /// Each so-manieth is kept.
    every: usize,
    seen: usize,
}

/// So many at most, and at least half of that once they were so many.
const KEPT: usize = 1 << 15;

impl Default for Times {
    fn default() -> Self {
        let mut kept = vec![f64::MAX; KEPT];
        kept.clear();
        Self { kept, every: 1, seen: 0 }
    }
}

impl Times {
    fn push(&mut self, spent: std::time::Duration) {
        if self.seen.is_multiple_of(self.every) {
            if self.kept.len() == KEPT {
                let mut nth = 0;
                self.kept.retain(|_| {
                    nth += 1;
                    nth % 2 == 1
                });
                self.every *= 2;
            }
            self.kept.push(spent.as_secs_f64() * 1e3);
        }
        self.seen += 1;
    }

    fn at(&self, percent: usize) -> f64 {
        let mut sorted = self.kept.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
    }
}

#[derive(Default)]
struct Reads {
    list: Times,
    open: Times,
}

impl Reads {
    /// Lists a screen and opens one of it, again and again. What an empty phone answers is not counted.
    async fn take(&mut self, handbook: &Handbook, go_on: impl Fn(usize) -> bool) -> Done<()> {
        while go_on(self.list.seen) {
            let begun = Instant::now();
            let page = Page { skip: 0, take: SCREEN };
            let list = handbook.directives().list(Filter::default(), page).await?;
            let spent = begun.elapsed();
            let Some(line) = list.get(self.list.seen % list.len().max(1)) else {
                tokio::task::yield_now().await;
                continue;
            };
            self.list.push(spent);
            let begun = Instant::now();
            handbook.directives().read(line.id).await?;
            self.open.push(begun.elapsed());
        }
        Ok(())
    }
}
