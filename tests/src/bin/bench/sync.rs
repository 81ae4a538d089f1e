//! `bench sync`: what a phone waits for, with 1,000 and with 10,000 directives of 2 KB.

use std::path::Path;

use crate::{
    Done, Output,
    child::{self, FloorJob, PhoneJob, Report, Task},
    figures::{self, Figures, Kind, Line},
    machine,
    office::Office,
};

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Runs that count for each figure
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=50))]
    rounds: u16,
    /// Directives on the server, one table for each number
    #[arg(long, value_name = "N", value_delimiter = ',', default_values_t = [1_000, 10_000])]
    directives: Vec<usize>,
    /// Feedback written offline
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    feedbacks: usize,
    #[command(flatten)]
    output: Output,
}

/// Runs at most, for one that counts: where the machine has no quiet moment, we say so and end.
const TRIES: usize = 3;
/// A short thing is done so often in each run.
const REPEATS: usize = 20;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Name {
    Readable,
    Searchable,
    Nothing,
    Changed,
    Made,
    Pushed,
    Memory,
    Size,
    Down,
    PushUp,
    PushDown,
}

/// Name and unit, in the order of [`Name`].
const KINDS: &[Kind] = &[
    Kind { name: "first sync, readable", unit: "s" },
    Kind { name: "first sync, searchable", unit: "s" },
    Kind { name: "nothing new", unit: "ms" },
    Kind { name: "one changed", unit: "ms" },
    Kind { name: "feedback made offline", unit: "s" },
    Kind { name: "feedback pushed", unit: "s" },
    Kind { name: "peak memory", unit: "MB" },
    Kind { name: "store size", unit: "MB" },
    Kind { name: "first sync, bytes down", unit: "MB" },
    Kind { name: "feedback, bytes up", unit: "MB" },
    Kind { name: "feedback, bytes down", unit: "MB" },
];

const LEGEND: &str = "\
ours   a phone in a process of its own (encrypted store, real HTTP client) and the real server in ours
floor  the same bytes over loopback HTTP with the same client, and the same bodies into one table of plain SQLite
       (same build without key, WAL, synchronous=FULL, 16 KiB pages, a commit per 500 rows); searchable: and FTS5's
       rebuild; nothing new: a round trip and a commit; one changed: a round trip and a commit of that row; made:
       a commit for each; bytes: the bodies packed by zstd in one piece. Bytes are bodies of requests and answers.
runs   that count / that were made: a run counts where the floor after it is within 1.3× of the floor before it
";

impl Name {
    pub(crate) fn name(self) -> &'static str {
        KINDS.get(self as usize).map_or("", |kind| kind.name)
    }
}

/// A bench that measures something other than it says is worse than none.
pub(crate) fn check(found: usize, expected: usize) -> Done<()> {
    if found == expected { Ok(()) } else { Err(format!("{found} where {expected} were expected").into()) }
}

pub(crate) fn run(options: &Options) -> Done<()> {
    let folder = tempfile::tempdir()?;
    println!("{}", machine::describe(folder.path()));
    let mut lines = Vec::new();
    for directives in &options.directives {
        let folder = folder.path().join(directives.to_string());
        lines.extend(with(*directives, options, &folder)?);
    }
    println!("\n{}\n{LEGEND}", figures::table(&lines));
    match &options.output.json {
        Some(file) => figures::write(&lines, file),
        None => Ok(()),
    }
}

fn with(directives: usize, options: &Options, folder: &Path) -> Done<Vec<Line>> {
    let wanted = usize::from(options.rounds);
    let (server_folder, runs) = (folder.join("server"), folder.join("runs"));
    std::fs::create_dir_all(&server_folder)?;
    let mut office = Office::open(&server_folder, wanted * TRIES + 1, directives)?;
    let mut bench = Bench { office: &mut office, directives, feedbacks: options.feedbacks, folder: &runs };
    // The first phone warms the server, and tells how much there is to carry.
    let traffic = bench.phone()?.traffic;
    println!(
        "{directives} directives: nothing new moves {} bytes up and {} down",
        traffic.nothing.up, traffic.nothing.down
    );
    let mut figures = Figures::new(KINDS);
    for tried in 1..=wanted * TRIES {
        let before = bench.floor(&traffic)?;
        let ours = bench.phone()?;
        let after = bench.floor(&traffic)?;
        figures.add(&ours.measured, &before.measured, &after.measured);
        println!("{directives} directives: run {tried}");
        if figures.stand_on(wanted) {
            break;
        }
    }
    let (lines, missing) = figures.lines(&format!("{directives} directives"));
    for name in missing {
        println!("{directives} directives: no quiet run for “{name}” in {} tries", wanted * TRIES);
    }
    Ok(lines)
}

struct Bench<'a> {
    office: &'a mut Office,
    directives: usize,
    feedbacks: usize,
    folder: &'a Path,
}

impl Bench<'_> {
    fn phone(&mut self) -> Done<Report> {
        let newcomer = self.office.newcomer()?;
        let (task, url) = (self.task()?, self.office.url.clone());
        child::start("phone", &PhoneJob { task, url, code: newcomer.code, birth: newcomer.birth })
    }

    fn floor(&self, traffic: &child::Traffic) -> Done<Report> {
        child::start("floor", &FloorJob { task: self.task()?, traffic: *traffic })
    }

    /// With a folder in which nothing lies.
    fn task(&self) -> Done<Task> {
        if self.folder.exists() {
            std::fs::remove_dir_all(self.folder)?;
        }
        std::fs::create_dir_all(self.folder)?;
        Ok(Task {
            folder: self.folder.to_owned(),
            directives: self.directives,
            feedbacks: self.feedbacks,
            repeats: REPEATS,
            committee: self.office.committee,
            bench_url: self.office.bench_url.clone(),
        })
    }
}
