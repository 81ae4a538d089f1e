//! A handbook that syncs by itself, for as long as an app wants it to.

use std::{sync::Arc, time::Duration};

use sotay_core::handbook::{self as core, Signal};
use tokio::sync::watch;

use crate::{Handbook, HandbookError, handbook::Held, kinds::NetworkKind, runtime};

type Outcome = Result<(), HandbookError>;

/// What an app tells of the phone. It need not tell anything: without, it counts as in the foreground, on a network that
/// may be paid by the byte. Ends by `cancel()`, or with the handbook's `shutdown()`; a pause only suspends it.
#[derive(Debug, uniffi::Object)]
pub struct LiveHandbook {
    handle: core::LiveHandle,
    ended: watch::Receiver<Option<Outcome>>,
}

impl LiveHandbook {
    fn begin(held: &Held) -> Result<Arc<Self>, HandbookError> {
        let (handle, future) = held.core()?.live();
        let (end, ended) = watch::channel(None);
        let live = async move {
            let outcome = future.await.map_err(Into::into);
            // Nobody may be waiting.
            let _ = end.send(Some(outcome));
        };
        drop(runtime::spawn(live)?);
        Ok(Arc::new(Self { handle, ended }))
    }
}

#[uniffi::export]
impl LiveHandbook {
    /// What the phone is connected to now.
    pub fn network(&self, kind: NetworkKind) {
        self.handle.tell(Signal::Network(kind));
    }

    /// The person's own wish: large things and news not on a network that is paid by the byte.
    pub fn unmetered_only(&self, only: bool) {
        self.handle.tell(Signal::UnmeteredOnly(only));
    }

    /// Whether it is low.
    pub fn battery(&self, low: bool) {
        self.handle.tell(Signal::Battery { low });
    }

    /// Whether the person has it on.
    pub fn power_saver(&self, on: bool) {
        self.handle.tell(Signal::PowerSaver(on));
    }

    /// The app is looked at.
    pub fn foreground(&self) {
        self.handle.tell(Signal::Foreground);
    }

    /// It is not any more.
    pub fn background(&self) {
        self.handle.tell(Signal::Background);
    }

    /// In the background, the system gives leave to work for so many seconds.
    pub fn window(&self, seconds: u32) {
        self.handle.tell(Signal::Window(Duration::from_secs(seconds.into())));
    }

    /// That time is over.
    pub fn window_ended(&self) {
        self.handle.tell(Signal::WindowEnded);
    }

    /// A push without content has come.
    pub fn poked(&self) {
        self.handle.tell(Signal::Poked);
    }

    /// Cập nhật ngay.
    pub fn sync_now(&self) {
        self.handle.tell(Signal::SyncNow);
    }

    /// Ends it; a sync under way ends too, and what landed stays.
    pub fn cancel(&self) {
        self.handle.cancel();
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl LiveHandbook {
    /// Waits for the end; any number of times. Throws `SyncRunning` where another one keeps the handbook live.
    pub async fn end(&self) -> Result<(), HandbookError> {
        let mut ended = self.ended.clone();
        let outcome = ended.wait_for(Option::is_some).await.map_err(|_| HandbookError::Internal)?;
        (*outcome).unwrap_or(Err(HandbookError::Internal))
    }
}

#[uniffi::export]
impl Handbook {
    /// Keeps the handbook live: it syncs when the person has done something, when the server says that something is
    /// new, and now and then; where there is no network it waits for better times.
    pub fn keep_live(&self) -> Result<Arc<LiveHandbook>, HandbookError> {
        LiveHandbook::begin(&self.0)
    }
}
