//! `sim`: plays simulated histories and says what went wrong, with the seed that plays it again.

use std::{
    num::NonZero,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use clap::Parser;
use sotay_tests::{
    simulation::{
        self, History, Tally,
        players::{self, Player},
    },
    world::Seal,
};

/// Violations of one seed that are printed: the first says most.
const TOLD: usize = 8;

#[derive(Debug, Parser)]
#[command(about = "Simulated histories: a few phones, one server, and everything that can break")]
struct Arguments {
    /// How many histories.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The seed of the first of them.
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// One history alone.
    #[arg(long)]
    seed: Option<u64>,
    /// Print each event and the rows it carried.
    #[arg(long)]
    trace: bool,
    /// Plant known bugs, one after the other: each has to be found. Needs the feature `planted`.
    #[arg(long)]
    planted: bool,
    /// How often each planted bug is looked for, from other first seeds.
    #[arg(long, default_value_t = 3)]
    runs: u64,
    /// Phones have encrypted stores, as in the product.
    #[arg(long)]
    sqlcipher: bool,
    /// Histories at the same time, by a process each; as many as the machine has cores unless said.
    #[arg(long)]
    jobs: Option<usize>,
    /// Be one of these processes: play what comes in at the standard input.
    #[arg(long, hide = true)]
    player: bool,
    /// With this bug planted.
    #[arg(long, hide = true, requires = "player")]
    bug: Option<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    sotay_tests::disk::count_no_memory();
    let jobs = arguments.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, NonZero::get));
    let seal = if arguments.sqlcipher { Seal::Sqlcipher } else { Seal::Plain };
    let well = if arguments.player {
        arguments.bug.as_deref().is_none_or(planted::plant_named) && players::answer(seal).is_ok()
    } else if let Some(seed) = arguments.seed {
        one(seed, seal, arguments.trace)
    } else if arguments.planted {
        planted::find_all(arguments.seeds, arguments.runs, seal, jobs)
    } else {
        many(arguments.first, arguments.seeds, seal, jobs)
    };
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn one(seed: u64, seal: Seal, trace: bool) -> bool {
    let history = simulation::play(seed, seal, trace);
    for line in &history.trace {
        println!("{line}");
    }
    println!(
        "seed {seed}: {} phones of {} members, {} actions {:?}, {} commands, {} faults {:?}",
        history.devices,
        history.members,
        history.acted(),
        history.actions,
        history.commands,
        history.struck(),
        history.faults
    );
    report(&history);
    is_well(&history)
}

fn report(history: &History) {
    for violation in history.violations.iter().take(TOLD) {
        println!("seed {}: {violation}", history.seed);
    }
    if history.violations.len() > TOLD {
        println!("seed {}: and {} more", history.seed, history.violations.len() - TOLD);
    }
    if !history.violations.is_empty() {
        println!("again: cargo xtask sim --seed {} --trace", history.seed);
    }
}

/// Nothing wrong, and enough of everything.
fn is_well(history: &History) -> bool {
    if !history.is_full() && history.violations.is_empty() {
        println!(
            "seed {}: {} phones of {} members, {} actions and {} faults are too few",
            history.seed,
            history.devices,
            history.members,
            history.acted(),
            history.struck()
        );
    }
    history.is_full() && history.violations.is_empty()
}

#[expect(clippy::disallowed_methods, reason = "how long it took is only printed")]
fn many(first: u64, seeds: u64, seal: Seal, jobs: usize) -> bool {
    let start = std::time::Instant::now();
    let histories =
        play_all(first..=first.saturating_add(seeds).saturating_sub(1), &player(seal), jobs, |_| false);
    let took = start.elapsed();
    let sum = |of: fn(&History) -> u64| histories.iter().map(of).sum::<u64>();
    let least = |of: fn(&History) -> u64| histories.iter().map(of).min().unwrap_or(0);
    let devices = |history: &History| history.devices as u64;
    let members = |history: &History| history.members as u64;
    let bad: Vec<&History> = histories.iter().filter(|history| !is_well(history)).collect();
    println!("seeds       {}", histories.len());
    println!("phones      {} (at least {} of {} members)", sum(devices), least(devices), least(members));
    println!("actions     {} (at least {} in each seed)", sum(History::acted), least(History::acted));
    by_kind(histories.iter().map(|history| &history.actions));
    println!("commands    {} in {} runs", sum(|of| of.commands), sum(|of| of.runs));
    println!("faults      {} (at least {} in each seed)", sum(History::struck), least(History::struck));
    by_kind(histories.iter().map(|history| &history.faults));
    println!("violations  {}", sum(|of| u64::try_from(of.violations.len()).unwrap_or(u64::MAX)));
    println!("time        {:.1} s", took.as_secs_f64());
    bad.iter().for_each(|history| report(history));
    bad.is_empty()
}

/// How often each kind came, the most frequent first.
fn by_kind<'a>(counts: impl Iterator<Item = &'a Tally>) {
    let mut all = Tally::new();
    for (kind, count) in counts.flatten() {
        *all.entry(kind.clone()).or_default() += count;
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (kind, count) in all {
        println!("  {kind:32} {count}");
    }
}

/// The words that make this program a player.
fn player(seal: Seal) -> Vec<String> {
    let sealed = (seal == Seal::Sqlcipher).then_some("--sqlcipher");
    ["--player"].into_iter().chain(sealed).map(str::to_owned).collect()
}

/// Histories in the order of their seeds; no further ones are begun once `enough` says so.
fn play_all(
    seeds: std::ops::RangeInclusive<u64>,
    player: &[String],
    jobs: usize,
    enough: impl Fn(&History) -> bool + Sync,
) -> Vec<History> {
    let (next, done) = (AtomicU64::new(*seeds.start()), Mutex::new(Vec::new()));
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                let mut player = Player::new(player.to_vec());
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > *seeds.end() || stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let history = player.play(seed);
                    if enough(&history) {
                        stop.store(true, Ordering::Relaxed);
                    }
                    done.lock().unwrap_or_else(PoisonError::into_inner).push(history);
                }
            });
        }
    });
    let mut histories = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    histories.sort_by_key(|history| history.seed);
    histories
}

#[cfg(feature = "planted")]
mod planted {
    use sotay_protocol::planted::{Bug, plant};

    use super::Seal;

    /// How far the first seeds of a bug's runs lie apart.
    const APART: u64 = 100_000;

    /// In a player; false for a name that no bug has.
    pub(super) fn plant_named(name: &str) -> bool {
        let bug = Bug::ALL.into_iter().find(|bug| format!("{bug:?}") == name);
        plant(bug);
        bug.is_some()
    }

    /// Looks for each bug several times, from other first seeds; says in how many seeds it was found.
    pub(super) fn find_all(seeds: u64, runs: u64, seal: Seal, jobs: usize) -> bool {
        let found: Vec<bool> = Bug::ALL.into_iter().map(|bug| find(bug, seeds, runs, seal, jobs)).collect();
        println!("{} of {} bugs were found", found.iter().filter(|found| **found).count(), found.len());
        found.into_iter().all(|found| found)
    }

    fn find(bug: Bug, seeds: u64, runs: u64, seal: Seal, jobs: usize) -> bool {
        let mut took = Vec::new();
        let mut by = String::new();
        let name = format!("{bug:?}");
        let player: Vec<String> =
            super::player(seal).into_iter().chain(["--bug".into(), name.clone()]).collect();
        for run in 0..runs {
            let first = run * APART + 1;
            let histories = super::play_all(first..=run * APART + seeds, &player, jobs, |history| {
                !history.violations.is_empty()
            });
            let Some(found) = histories.iter().find(|history| !history.violations.is_empty()) else { break };
            took.push(found.seed - first + 1);
            by = found.violations.first().cloned().unwrap_or_default();
        }
        let all = u64::try_from(took.len()).unwrap_or(0) == runs;
        took.sort_unstable();
        let by: String = by.chars().take(110).collect();
        match took.get(took.len() / 2) {
            Some(median) if all => {
                println!("{name:22} found within {median} seeds (median of {took:?}): {by}");
            }
            _ => println!("{name:22} NOT found within {seeds} seeds ({took:?})"),
        }
        all
    }
}

#[cfg(not(feature = "planted"))]
mod planted {
    pub(super) fn plant_named(_: &str) -> bool {
        false
    }

    pub(super) fn find_all(_: u64, _: u64, _: super::Seal, _: usize) -> bool {
        println!(
            "built without the bugs: cargo run -p sotay-tests --features planted --bin sim -- --planted"
        );
        false
    }
}
