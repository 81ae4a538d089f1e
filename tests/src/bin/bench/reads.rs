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
    let memory = child::peak_memory().unwrap_or_default();
    let syncing = Arc::new(AtomicBool::new(true));
    let (of, done) = (handbook.clone(), Arc::clone(&syncing));
    let sync = tokio::spawn(async move {
        let (_handle, run) = of.sync(|_| {});
        let end = run.await;
        done.store(false, Ordering::SeqCst);
        end
    });
    let during = Reads::take(&handbook, |_| syncing.load(Ordering::SeqCst)).await?;
    sync.await??;
    let peak = child::peak_memory().unwrap_or_default();
    let idle = Reads::take(&handbook, |reads| reads < job.task.repeats).await?;
    let mut report = Report::default();
    #[expect(clippy::cast_precision_loss, reason = "a count of reads")]
    let count = during.list.len() as f64;
    let figures = [
        idle.at(&idle.list, 50),
        during.at(&during.list, 50),
        during.at(&during.list, 99),
        idle.at(&idle.open, 50),
        during.at(&during.open, 50),
        during.at(&during.open, 99),
        count,
        memory,
        peak - memory,
    ];
    for ((name, _), figure) in FIGURES.into_iter().zip(figures) {
        report.measured.insert(name.into(), figure);
    }
    Ok(report)
}

/// Times in milliseconds.
#[derive(Default)]
struct Reads {
    list: Vec<f64>,
    open: Vec<f64>,
}

impl Reads {
    /// Lists a screen and opens one of it, again and again. What an empty phone answers is not counted.
    async fn take(handbook: &Handbook, go_on: impl Fn(usize) -> bool) -> Done<Self> {
        let mut reads = Self::default();
        let mut turn = 0;
        while go_on(reads.list.len()) {
            let begun = Instant::now();
            let page = Page { skip: 0, take: SCREEN };
            let list = handbook.directives().list(Filter::default(), page).await?;
            let spent = begun.elapsed();
            let Some(line) = list.get(turn % list.len().max(1)) else {
                tokio::task::yield_now().await;
                continue;
            };
            reads.list.push(spent.as_secs_f64() * 1e3);
            let begun = Instant::now();
            handbook.directives().read(line.id).await?;
            reads.open.push(begun.elapsed().as_secs_f64() * 1e3);
            turn += 1;
        }
        Ok(reads)
    }

    fn at(&self, of: &[f64], percent: usize) -> f64 {
        let mut sorted = of.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
    }
}
