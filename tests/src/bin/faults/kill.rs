//! `faults kill`: `kill -9` of the server and of phones at any moment of their work, on real files.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use clap::Args;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use crate::{Done, load::Load, office::Office, tally::Tally};

/// How long phones may take to send everything when all is well again.
pub(crate) const LAST: Duration = Duration::from_secs(120);
/// Between two kills, in milliseconds: in that time things start, write, sync.
const LEAST: u64 = 5;
const MOST: u64 = 400;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many kills.
    #[arg(long, default_value_t = 30)]
    count: u64,
    /// Decides who is killed and when; what the machine makes of it differs from run to run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Phones; the last is an officer's.
    #[arg(long, default_value_t = 3)]
    phones: usize,
}

pub(crate) fn run(options: &Options) -> Done<bool> {
    let folder = tempfile::tempdir()?;
    let mut office = Office::found(folder.path(), options.phones.max(2))?;
    let url = format!("http://{}", office.open()?);
    let mut load = Load::begin(folder.path(), &url, &office.people, true)?;
    let (mut chance, begun) = (ChaCha8Rng::seed_from_u64(options.seed), Instant::now());
    let (mut servers, mut phones, mut fallen) = (0, 0, 0);
    for nth in 1..=options.count {
        sleep(Duration::from_millis(LEAST + chance.next_u64() % (MOST - LEAST)));
        fallen += load.look_after()? + u64::from(!office.is_well()?);
        let victim = usize::try_from(chance.next_u64() % (load.phones.len() as u64 + 1)).unwrap_or(0);
        match load.phones.get_mut(victim) {
            Some(phone) => {
                phone.kill()?;
                phones += 1;
            }
            None => {
                office.kill()?;
                servers += 1;
            }
        }
        if nth.is_multiple_of(100) {
            println!("{nth} kills, {} confirmed writes", load.said(|said| said.kept.len()));
        }
    }
    let late = load.come_to_an_end(LAST)?;
    office.close()?;
    let tally = Tally::take(&office, &load)?;
    println!("kills             {} (server {servers}, phones {phones})", servers + phones);
    println!("syncs             {:?}", load.said(|said| said.syncs.clone()));
    tally.print();
    println!("ended by itself   {fallen}");
    println!("did not come to rest {late}");
    println!("time              {:.1} s", begun.elapsed().as_secs_f64());
    let well = tally.is_well() && fallen == 0 && late == 0;
    if !well {
        eprintln!("{}", office.last_words());
    }
    Ok(well)
}
