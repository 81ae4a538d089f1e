//! `bench ffi`: what a call costs an app. The same calls from Rust, Kotlin and Swift, each in a process of its own over a
//! fresh copy of one phone's store, through the library as it is released.
//!
//! `cargo xtask bench ffi` compiles the callers and names them to us. The floor is Rust, through the same bindings.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use sotay_core::handbook::SyncStop;

use crate::{
    Done, Output,
    child::{PhoneJob, Task},
    figures::{self, Line},
    machine,
    office::Office,
    phone,
    sync::check,
};

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Rounds; in each, every language has its turn
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=50))]
    rounds: u16,
    /// Directives of about 2 KB
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    directives: usize,
    /// Calls that count, of each kind in each round
    #[arg(long, value_name = "N", default_value_t = 300)]
    calls: usize,
    #[command(flatten)]
    output: Output,
    /// Where the callers find the store
    #[arg(long, hide = true)]
    folder: Option<PathBuf>,
    /// The callers, each a name, a command and `;`
    #[arg(last = true, hide = true)]
    callers: Vec<String>,
}

/// Calls before those that count: Java compiles on the way.
const WARM: usize = 300;
/// Fresh processes in each round.
const LOADS: usize = 5;
/// With marks and without, a number, a beginning.
const SEARCHES: [&str; 5] =
    ["phòng cháy chữa cháy", "ve sinh duong lang", "17-KH/ĐU", "cầu treo", "bao hiem y t"];

const LEGEND: &str = "\
ours   that language: p50 and p99 of its calls, the median over rounds; held: for how long at most any one of them held
       the single thread that waits for it, without a break (a frame has 16 ms)
floor  Rust, the same through the same bindings
load   a fresh process, until its own code runs (the JVM's start; Rust and Swift load the library in it), and its first
       call (Kotlin loads the library in it)
";

/// By figure, then by language.
type Gathered = BTreeMap<String, BTreeMap<String, Vec<f64>>>;

pub(crate) fn run(options: &Options) -> Done<()> {
    let folder = options.folder.as_ref().ok_or("the callers are compiled by: cargo xtask bench ffi")?;
    let own = tempfile::tempdir()?;
    println!("{}", machine::describe(folder.parent().unwrap_or(folder)));
    let filled = own.path().join("filled");
    fill(own.path(), &filled, options.directives)?;
    let callers: Vec<_> = options.callers.split(|word| word == ";").filter_map(<[_]>::split_first).collect();
    let mut gathered = Gathered::new();
    for round in 1..=options.rounds {
        for (language, words) in &callers {
            copy(&filled, folder)?;
            let mut say = |name: String, figure| {
                gathered.entry(name).or_default().entry((*language).clone()).or_default().push(figure);
            };
            for _ in 0..LOADS {
                for (name, calls) in told(words, &["load".into()])? {
                    say(format!("load: {name}"), at(&calls, |(spent, _)| *spent, 50));
                }
            }
            let mut ask = vec!["calls".to_owned(), WARM.to_string(), options.calls.to_string()];
            ask.extend(SEARCHES.map(str::to_owned));
            for (name, calls) in told(words, &ask)? {
                say(format!("{name}: p50"), at(&calls, |(spent, _)| *spent, 50));
                say(format!("{name}: p99"), at(&calls, |(spent, _)| *spent, 99));
                say(format!("{name}: thread held"), at(&calls, |(_, held)| *held, 100));
            }
            println!("round {round}: {language}");
        }
    }
    std::fs::remove_dir_all(folder)?;
    let lines = lines(&gathered, options.directives);
    println!("\n{}\n{LEGEND}", figures::table(&lines));
    options.output.json.as_ref().map_or(Ok(()), |file| figures::write(&lines, file))
}

fn lines(gathered: &Gathered, directives: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for (name, by_language) in gathered {
        let Some(floor) = by_language.get("rust") else { continue };
        for (language, ours) in by_language {
            lines.push(Line::of(format!("{directives} directives, {name}, {language}"), "ms", ours, floor));
        }
    }
    lines
}

/// The store of a phone that has everything.
fn fill(server: &Path, into: &Path, directives: usize) -> Done<()> {
    let mut office = Office::open(server, 1, directives)?;
    let newcomer = office.newcomer()?;
    std::fs::create_dir_all(into)?;
    let task = Task {
        folder: into.to_owned(),
        directives,
        feedbacks: 0,
        repeats: 0,
        committee: office.committee,
        bench_url: office.bench_url.clone(),
    };
    let job = PhoneJob { task, url: office.url.clone(), code: newcomer.code, birth: newcomer.birth };
    tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
        let handbook = phone::enrolled(&job).await?;
        let (_handle, run) = handbook.sync(|_| {});
        let end = run.await?;
        check(usize::from(end.stop == SyncStop::Done), 1)
    })
}

/// Opening a directive writes that it was read: each begins with what nobody has read.
fn copy(from: &Path, into: &Path) -> Done<()> {
    if into.exists() {
        std::fs::remove_dir_all(into)?;
    }
    std::fs::create_dir_all(into)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        std::fs::copy(entry.path(), into.join(entry.file_name()))?;
    }
    Ok(())
}

/// What a caller says: by what was called, milliseconds until the answer and those for which its thread was held.
fn told(words: &[String], ask: &[String]) -> Done<BTreeMap<String, Vec<(f64, f64)>>> {
    let (program, arguments) = words.split_first().ok_or("a caller without a command")?;
    let output = Command::new(program)
        .args(arguments)
        .args(ask)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("{program} ended with {}", output.status).into());
    }
    let mut calls: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        let mut words = line.split('\t');
        let (Some(name), Some(spent), Some(held)) = (words.next(), words.next(), words.next()) else {
            return Err(format!("a caller said: {line}").into());
        };
        calls.entry(name.to_owned()).or_default().push((spent.parse()?, held.parse()?));
    }
    Ok(calls)
}

fn at(calls: &[(f64, f64)], figure: impl Fn(&(f64, f64)) -> f64, percent: usize) -> f64 {
    let mut sorted: Vec<f64> = calls.iter().map(figure).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied().unwrap_or(f64::NAN)
}
