//! The Rust side of `cargo xtask bench ffi`: the surface called as an app calls it. Each line says what was called, the
//! milliseconds until its answer, and those for which the thread that waits was held without a break.
//!
//! `android/handbook/src/bench` and `ios/HandbookKit/Tests/Calls` do the same in their languages.
#![expect(clippy::disallowed_methods, reason = "a bench measures by the machine's own clock")]

use std::{
    error::Error,
    future::poll_fn,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use sotay_core::words::Lang;
use sotay_ffi::{DirectiveFilter, Handbook, KeyStore, KeyUnavailable, why_empty};

type Done<T = ()> = Result<T, Box<dyn Error>>;

#[derive(Debug)]
struct Keychain;

impl KeyStore for Keychain {
    fn key(&self) -> Result<Vec<u8>, KeyUnavailable> {
        Ok(vec![7; 32])
    }
    fn replace(&self, _: Vec<u8>) -> Result<(), KeyUnavailable> {
        Err(KeyUnavailable::Temporary)
    }
    fn erase(&self) -> Result<(), KeyUnavailable> {
        Err(KeyUnavailable::Temporary)
    }
}

fn milliseconds(of: Duration) -> f64 {
    of.as_secs_f64() * 1e3
}

async fn timed<T, E>(name: &str, counts: bool, call: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let (begun, mut longest, mut call) = (Instant::now(), Duration::ZERO, pin!(call));
    let answer = poll_fn(|context| {
        let polled = Instant::now();
        let answer = call.as_mut().poll(context);
        longest = longest.max(polled.elapsed());
        answer
    })
    .await;
    if counts {
        println!("{name}\t{}\t{}", milliseconds(begun.elapsed()), milliseconds(longest));
    }
    answer
}

async fn calls(folder: &str, warm: usize, times: usize, searches: &[String]) -> Done {
    let handbook = Handbook::open(folder.to_owned(), Arc::new(Keychain), Lang::Vi).await?;
    let (directives, all) = (handbook.directives(), DirectiveFilter::default);
    for nth in 0..warm + times {
        let counts = nth >= warm;
        let lines = timed("list 100 directives", counts, directives.list(all(), 0, 100)).await?;
        let typed = searches.get(nth % searches.len()).cloned().unwrap_or_default();
        timed("search", counts, directives.search(typed, 20)).await?;
        let line = lines.get(nth % lines.len()).ok_or("no directives")?;
        timed("open", counts, directives.read(line.id)).await?;
        timed("home", counts, handbook.home()).await?;
        timed("100 under headings", counts, directives.grouped(all(), 0, 100)).await?;
        if nth % 10 == 0 {
            timed("list all directives", counts, directives.list(all(), 0, u32::MAX)).await?;
        }
    }
    Ok(handbook.shutdown().await?)
}

fn load(folder: &str) -> Done {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH);
    let started = Duration::from_nanos(std::env::var("STARTED")?.parse()?);
    let begun = now()?;
    let _ = why_empty(folder.to_owned(), Lang::Vi);
    let answered = now()?;
    println!("process, until its code runs\t{}\t0", milliseconds(begun.saturating_sub(started)));
    println!("first call\t{}\t0", milliseconds(answered.saturating_sub(begun)));
    Ok(())
}

fn main() -> Done {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.as_slice() {
        [folder, load_it] if load_it == "load" => load(folder),
        [folder, _, warm, times, searches @ ..] => {
            let runtime = tokio::runtime::Builder::new_current_thread().build()?;
            runtime.block_on(calls(folder, warm.parse()?, times.parse()?, searches))
        }
        _ => Err("for cargo xtask bench ffi".into()),
    }
}
