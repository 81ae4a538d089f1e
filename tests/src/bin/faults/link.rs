//! `faults badnet`: the work of `kill` over a bad network. `faults link`: turns and time over a far one.

use std::{
    sync::atomic::Ordering,
    thread::sleep,
    time::{Duration, Instant},
};

use clap::Args;
use sotay_core::{
    enrolment::Enrolment,
    handbook::{EnrolOptions, Handbook, SyncEnd},
};

use crate::{
    Done, client, kill,
    load::Load,
    office::{Newcomer, Office},
    proxy::{FAR, Proxy, Weather},
    tally::Tally,
};

/// Records written without a network and sent in one go.
const RECORDS: usize = 1_000;

#[derive(Debug, Args)]
pub(crate) struct BadOptions {
    /// How long phones write and sync through it, in seconds.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, default_value_t = 3)]
    phones: usize,
}

pub(crate) fn bad(options: &BadOptions) -> Done<bool> {
    let folder = tempfile::tempdir()?;
    let mut office = Office::found(folder.path(), options.phones.max(2))?;
    let weather = Weather { loss: 5, cut_every: Duration::from_secs(1), ..FAR };
    let proxy = Proxy::open(office.open()?, weather, options.seed)?;
    let mut load = Load::begin(folder.path(), &proxy.url, &office.people, true)?;
    let (begun, mut fallen) = (Instant::now(), 0);
    while begun.elapsed() < Duration::from_secs(options.seconds) {
        sleep(Duration::from_millis(200));
        fallen += load.look_after()? + u64::from(!office.is_well()?);
    }
    // Far and slow, but whole: everything has to come through now.
    proxy.set(FAR);
    let late = load.come_to_an_end(kill::LAST)?;
    office.close()?;
    let tally = Tally::take(&office, &load)?;
    let count = |of: &std::sync::atomic::AtomicU64| of.load(Ordering::Relaxed);
    println!("weather           150 ms, 8 Mbit/s, 5 % loss, cut each second");
    println!("connections       {} ({} cut)", count(&proxy.traffic.connections), count(&proxy.traffic.cuts));
    println!("bytes up, down    {} {}", count(&proxy.traffic.up), count(&proxy.traffic.down));
    println!("syncs             {:?}", load.said(|said| said.syncs.clone()));
    tally.print();
    println!("ended by itself   {fallen}");
    println!("did not come to rest {late}");
    println!("time              {:.1} s", begun.elapsed().as_secs_f64());
    let well = tally.is_well() && fallen == 0 && late == 0 && count(&proxy.traffic.cuts) > 0;
    if !well {
        eprintln!("{}", office.last_words());
    }
    Ok(well)
}

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How often each is done; the figures are of the slowest.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
}

/// A handbook enrolled through the proxy; enrolment is not measured.
pub(crate) async fn enrolled(folder: &std::path::Path, url: &str, person: &Newcomer) -> Done<Handbook> {
    let handbook = client::open(folder).await?;
    let enrolment = Enrolment {
        url: url.to_owned(),
        code: person.code.clone(),
        birth: person.birth,
        device_name: "Máy thử".into(),
    };
    handbook.enrol(enrolment, EnrolOptions::default()).await?;
    Ok(handbook)
}

pub(crate) async fn synced(handbook: &Handbook) -> Done<SyncEnd> {
    let (_handle, run) = handbook.sync(|_| {});
    Ok(run.await?)
}

/// Measures one sync through the proxy.
async fn measured(what: &str, most_turns: u64, proxy: &Proxy, handbook: &Handbook) -> Done<bool> {
    proxy.traffic.forget();
    let begun = Instant::now();
    let end = synced(handbook).await?;
    let took = begun.elapsed();
    let traffic = &proxy.traffic;
    let turns = traffic.take(&traffic.turns);
    let (up, down) = (traffic.take(&traffic.up), traffic.take(&traffic.down));
    println!(
        "{what:34} {turns} turns, {} exchanges, {:.2} s, {up} bytes up, {down} down, rows {}, applied {}",
        end.exchanges,
        took.as_secs_f64(),
        end.rows,
        end.applied
    );
    Ok(turns <= most_turns && end.stop == sotay_core::handbook::SyncStop::Done)
}

pub(crate) fn run(options: &Options) -> Done<bool> {
    let folder = tempfile::tempdir()?;
    let mut office = Office::found(folder.path(), 2)?;
    let proxy = Proxy::open(office.open()?, FAR, 1)?;
    let [member, officer] = office.people.as_slice() else { return Err("two people".into()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut well = true;
        let lan = enrolled(&folder.path().join("lan"), &proxy.url, member).await?;
        let mai = enrolled(&folder.path().join("mai"), &proxy.url, officer).await?;
        println!("a link of 150 ms and 8 Mbit/s; a connection that was open is used again");
        well &= measured("first sync of an empty commune", u64::MAX, &proxy, &lan).await?;
        synced(&mai).await?;
        for _ in 0..options.rounds {
            well &= measured("nothing new", 1, &proxy, &lan).await?;
        }
        for nth in 0..options.rounds {
            lan.feedback().submit(None, "Đường bản".into(), format!("Cầu hỏng {nth}")).await?;
            synced(&lan).await?;
            well &= measured("one changed row", 2, &proxy, &mai).await?;
        }
        for nth in 0..RECORDS {
            lan.feedback()
                .submit(None, "Nước sạch".into(), format!("Bể nước {nth} đã cạn từ tháng trước."))
                .await?;
        }
        well &= measured("push of 1,000 records", 3, &proxy, &lan).await?;
        // A connection that nobody has used for weeks is none.
        drop(lan);
        let lan = client::open(&folder.path().join("lan")).await?;
        well &= measured("nothing new, on a new connection", 1, &proxy, &lan).await?;
        Ok(well)
    })
}
