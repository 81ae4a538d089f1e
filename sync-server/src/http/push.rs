//! Drives [`crate::push`]: looks whom to poke after commits and now and then, and pokes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt, future, stream};
use sotay_protocol::{
    exchange::PushAddress,
    id::Id,
    problem::{Problem, ProblemCode},
};
use tokio::task::JoinHandle;

use super::{Driver, until_stopping};
use crate::{
    error::ServerError,
    push::{Push, PushError, Stand, Waiting},
};

/// What other processes wrote (the command line) is found this late at most.
const LOOK: Duration = Duration::from_secs(15);
/// Commits come in groups: a look after the first of them waits for the others.
const GATHER: Duration = Duration::from_secs(1);
/// Connections of one device: an app that came back finds its old one not yet noticed as gone, twice.
const STREAMS: usize = 4;
/// Pushes under way at a time.
const AT_ONCE: usize = 8;

/// Devices that hold a connection to `/v1/events`, with how many.
#[derive(Debug, Default)]
pub(super) struct Connected(Mutex<BTreeMap<Id, usize>>);

/// Held by each connection.
pub(super) struct Connection {
    all: Arc<Connected>,
    device: Id,
}

impl Connected {
    /// # Errors
    /// `too_many_tries` where the device holds as many as it may.
    pub(super) fn hold(self: &Arc<Self>, device: Id) -> Result<Connection, Problem> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = all.entry(device).or_default();
        if *held >= STREAMS {
            let held = "Thiết bị này đã giữ đủ số kết nối chờ tin.";
            return Err(Problem { wait: Some(30), ..Problem::new(ProblemCode::TooManyTries, held) });
        }
        *held += 1;
        Ok(Connection { all: Arc::clone(self), device })
    }

    fn devices(&self) -> BTreeSet<Id> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.device) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.device);
            }
        }
    }
}

#[derive(Clone)]
pub(super) struct Pushing {
    push: Arc<dyn Push>,
    waiting: Arc<Mutex<Waiting>>,
}

impl Pushing {
    pub(super) fn new(push: Arc<dyn Push>) -> Self {
        Self { push, waiting: Arc::default() }
    }

    /// An exchange of this device came to its end.
    pub(super) fn told(&self, device: Id, stands: BTreeSet<Stand>) {
        self.waiting().told(device, stands);
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn start(self, driver: Driver) -> JoinHandle<()> {
        #[expect(clippy::disallowed_methods, reason = "the driver brings the one task of pushes")]
        tokio::spawn(async move {
            let stopping = Box::pin(until_stopping(driver.stopping.clone()));
            future::select(stopping, Box::pin(self.run(driver))).await;
        })
    }

    async fn run(self, driver: Driver) {
        loop {
            // Listened to before the look, so that nothing falls between two looks.
            let mut commits = driver.pokes.subscribe();
            if let Err(error) = self.look(&driver).await {
                tracing::error!(%error, "whom to poke could not be looked up");
            }
            if tokio::time::timeout(LOOK, commits.recv()).await.is_ok() {
                tokio::time::sleep(GATHER).await;
            }
        }
    }

    async fn look(&self, driver: &Driver) -> Result<(), ServerError> {
        let (server, provider) = (driver.server.clone(), self.push.provider());
        let found = driver.blocking(move || {
            let mut addresses: BTreeMap<Id, PushAddress> = server.push_addresses()?.into_iter().collect();
            addresses.retain(|_, address| address.provider == provider);
            let stands = server.stands(&addresses.keys().copied().collect::<Vec<_>>())?;
            Ok::<_, ServerError>((addresses, stands))
        });
        let (addresses, stands) = found.await.map_err(|problem| ServerError::refused(problem.title))??;
        let due = self.waiting().look(stands, &driver.connected.devices(), driver.server.env.now());
        let due = due.into_iter().filter_map(|device| Some((device, addresses.get(&device)?)));
        stream::iter(due)
            .for_each_concurrent(AT_ONCE, |(device, address)| self.poke(driver, device, address))
            .await;
        Ok(())
    }

    async fn poke(&self, driver: &Driver, device: Id, address: &PushAddress) {
        let done = self.push.poke(address).await;
        // The address is a secret of the phone's: whoever knows it can wake it.
        tracing::debug!(%device, ?done, "push");
        match done {
            Ok(()) => self.waiting().went_out(device),
            Err(PushError::Later(asked)) => self.waiting().failed(device, asked, driver.server.env.now()),
            Err(PushError::Gone | PushError::Refused) => {
                let (server, address) = (driver.server.clone(), address.clone());
                let forgotten = driver.blocking(move || server.forget_address(device, &address)).await;
                if let Ok(Err(error)) = forgotten {
                    tracing::warn!(%error, "an address that is gone is still kept");
                }
            }
        }
    }
}
