//! `faults resume`: a cut in the middle, and how much travels again.

use std::sync::atomic::Ordering;

use clap::Args;
use sotay_core::handbook::SyncStop;
use sotay_protocol::{
    directives::{DIRECTIVE, directive_id},
    env::{Env, SystemEnv},
    id::Id,
    row::RowRef,
    scope::Scope,
};
use sotay_server::store::NewEntry;
use sotay_tests::corpus;

use crate::{
    Done,
    link::{enrolled, synced},
    office::Office,
    proxy::{Proxy, Weather},
};

/// Where the cut comes, in percent of all that comes down.
const CUTS: [u64; 3] = [10, 50, 90];
/// What may be sent again, in percent of the whole.
const AGAIN: f64 = 5.0;
const BATCH: usize = 500;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Directives of about 2 KB.
    #[arg(long, default_value_t = 10_000)]
    directives: usize,
}

pub(crate) fn run(options: &Options) -> Done<bool> {
    let folder = tempfile::tempdir()?;
    let mut office = Office::found(folder.path(), 2 + CUTS.len())?;
    publish(&office, options.directives)?;
    let proxy = Proxy::open(office.open()?, Weather::default(), 1)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(first_sync(folder.path(), &office, &proxy))
}

/// Cut at each place, on a fresh phone each time.
async fn first_sync(folder: &std::path::Path, office: &Office, proxy: &Proxy) -> Done<bool> {
    let mut people = office.people.iter();
    let person = people.next().ok_or("nobody")?;
    let whole = enrolled(&folder.join("whole"), &proxy.url, person).await?;
    proxy.traffic.forget();
    let end = synced(&whole).await?;
    let all = proxy.traffic.take(&proxy.traffic.down);
    println!("first sync: {} rows, {all} bytes down", end.rows);
    let mut well = end.stop == SyncStop::Done;
    for percent in CUTS {
        let person = people.next().ok_or("too few people")?;
        let phone = enrolled(&folder.join(percent.to_string()), &proxy.url, person).await?;
        proxy.traffic.forget();
        proxy.traffic.cut_at_down.store(all * percent / 100, Ordering::Relaxed);
        let cut = synced(&phone).await?;
        let then = synced(&phone).await?;
        let down = proxy.traffic.take(&proxy.traffic.down);
        #[expect(clippy::cast_precision_loss, reason = "a share in percent")]
        let again = (down as f64 - all as f64) * 100.0 / all as f64;
        println!(
            "  cut at {percent} %: {} rows before it, {} after it; {down} bytes down, again {again:.2} %",
            cut.rows, then.rows
        );
        well &= cut.stop == SyncStop::Cut && then.stop == SyncStop::Done && again <= AGAIN;
    }
    Ok(well)
}

/// Directives as publishing would put them there, many in one commit.
fn publish(office: &Office, count: usize) -> Done<()> {
    let store = office.store()?;
    let scope = Scope::org(office.committee);
    let author = Id::random(&SystemEnv);
    for from in (0..count).step_by(BATCH) {
        let rows: Vec<(RowRef, String)> = (from..count.min(from + BATCH))
            .map(|nth| directive(nth, office.committee))
            .collect::<Done<_>>()?;
        store.write_with(&[scope], |tx| {
            for (row, body) in &rows {
                tx.put(row, &NewEntry { version: 1, author, body, made: None, at: SystemEnv.now() })?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn directive(nth: usize, committee: Id) -> Done<(RowRef, String)> {
    let id = directive_id(&corpus::statement(nth, 0, committee));
    Ok((RowRef::new(Scope::org(committee), DIRECTIVE, id), corpus::directive(nth, 0, committee)?))
}
