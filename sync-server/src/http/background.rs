//! What runs beside the requests: the relay after exchanges and every few seconds, and the daily work.

use std::{sync::Arc, time::Duration};

use futures_util::future;
use sotay_protocol::env::{Timestamp, days};
use tokio::{sync::watch, task::JoinHandle};

use super::{Driver, until_stopping};
use crate::tls::Tls;

/// Errands that another process left (the command line) wait this long at most.
const EVERY: Duration = Duration::from_secs(2);
/// Until the operator is told anew of what is still so.
const AGAIN: Duration = Duration::from_secs(60 * 60);
/// Between two transactions of the daily work: whoever waits to write comes in, also from another process.
const PAUSE: Duration = Duration::from_millis(30);

pub(super) fn start(driver: Driver) -> JoinHandle<()> {
    #[expect(clippy::disallowed_methods, reason = "the driver brings the one task of the background")]
    tokio::spawn(run(driver))
}

/// Tells the operator of a clock that was set back, at once and then each hour.
fn watch_clock(driver: &Driver, told_at: &mut Option<Timestamp>) {
    match driver.server.behind() {
        Some(behind) if told_at.is_none_or(|at| behind.now >= at + AGAIN) => {
            tracing::warn!("{behind}");
            *told_at = Some(behind.now);
        }
        None if told_at.take().is_some() => tracing::info!("đồng hồ của máy đã theo kịp giờ của máy chủ"),
        _ => {}
    }
}

/// How often is looked whether the files of the certificate have changed.
const RELOAD: Duration = Duration::from_secs(30);

/// Takes up a renewed certificate without anybody's doing.
pub(super) fn reload(tls: Arc<Tls>, stopping: watch::Receiver<bool>) -> JoinHandle<()> {
    #[expect(clippy::disallowed_methods, reason = "the driver brings the one task that looks at files")]
    tokio::spawn(async move {
        let mut stopping = Box::pin(until_stopping(stopping));
        loop {
            match future::select(stopping, Box::pin(tokio::time::sleep(RELOAD))).await {
                future::Either::Left(_) => return,
                future::Either::Right(((), waiting)) => stopping = waiting,
            }
            match tls.reload() {
                Ok(true) => tracing::info!("chứng chỉ TLS mới được dùng từ nay"),
                Ok(false) => {}
                Err(error) => tracing::error!("chứng chỉ TLS cũ vẫn được dùng: {error}"),
            }
        }
    })
}

async fn run(driver: Driver) {
    let mut stopping = Box::pin(until_stopping(driver.stopping.clone()));
    let mut last_daily = Timestamp::MIN;
    let mut wait = EVERY;
    let mut told_at = None;
    loop {
        let work = Box::pin(tokio::time::timeout(wait, driver.work.notified()));
        match future::select(stopping, work).await {
            future::Either::Left(_) => return,
            future::Either::Right((_, waiting)) => stopping = waiting,
        }
        let now = driver.server.env.now();
        watch_clock(&driver, &mut told_at);
        let daily = now >= last_daily + days(1);
        let server = driver.server.clone();
        let done = driver
            .blocking(move || {
                server.relay()?;
                if !daily {
                    return Ok::<_, crate::ServerError>(true);
                }
                let mut between = || std::thread::sleep(PAUSE);
                let cleared = server.clear_windows(&mut between)?;
                if !cleared.more {
                    server.note_contacts(&mut between)?;
                }
                let gone = if cleared.more { 0 } else { server.drop_old(&mut between)? };
                if cleared.left + gone > 0 {
                    tracing::info!(left = cleared.left, gone, "rows left their windows, old tombstones went");
                }
                if !cleared.more {
                    let purged = server.purge(&mut between)?;
                    let gone: u64 = purged.gone.values().sum();
                    if gone > 0 || !purged.scrubbed {
                        tracing::info!(gone, scrubbed = purged.scrubbed, "what was kept long enough went");
                    }
                }
                Ok(!cleared.more)
            })
            .await;
        // A large window is cleared bit by bit, with the relay in between.
        let more = matches!(done, Ok(Ok(false)));
        wait = if more { PAUSE } else { EVERY };
        match done {
            Ok(Ok(false)) => {}
            Ok(Err(error)) => {
                last_daily = if daily { now } else { last_daily };
                tracing::error!(%error, "background work failed; it is taken up again");
            }
            _ => last_daily = if daily { now } else { last_daily },
        }
    }
}
