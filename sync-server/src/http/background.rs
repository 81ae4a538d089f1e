//! What runs beside the requests: the relay after exchanges and every few seconds, and the daily work.

use std::time::Duration;

use futures_util::future;
use sotay_protocol::env::{Timestamp, days};
use tokio::task::JoinHandle;

use super::{Driver, until_stopping};

/// Errands that another process left (the command line) wait this long at most.
const EVERY: Duration = Duration::from_secs(2);

pub(super) fn start(driver: Driver) -> JoinHandle<()> {
    #[expect(clippy::disallowed_methods, reason = "the driver brings the one task of the background")]
    tokio::spawn(run(driver))
}

async fn run(driver: Driver) {
    let mut stopping = Box::pin(until_stopping(driver.stopping.clone()));
    let mut last_daily = Timestamp::MIN;
    loop {
        let work = Box::pin(tokio::time::timeout(EVERY, driver.work.notified()));
        match future::select(stopping, work).await {
            future::Either::Left(_) => return,
            future::Either::Right((_, waiting)) => stopping = waiting,
        }
        let now = driver.server.env.now();
        let daily = now >= last_daily + days(1);
        if daily {
            last_daily = now;
        }
        let server = driver.server.clone();
        let done = driver
            .blocking(move || {
                server.relay()?;
                if daily {
                    let gone = server.daily()?;
                    if gone > 0 {
                        tracing::info!(gone, "old tombstones were dropped");
                    }
                }
                Ok::<_, crate::ServerError>(())
            })
            .await;
        if let Ok(Err(error)) = done {
            tracing::error!(%error, "background work failed; it is taken up again");
        }
    }
}
