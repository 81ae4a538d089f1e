//! A handbook's life on a phone: to sleep, awake again, the end; and a window of time in the background.

use std::{sync::Arc, time::Duration};

use sotay_core::handbook as core;
use tokio::sync::watch;

use crate::{
    Handbook, HandbookError, SyncEnd, SyncListener,
    handbook::Held,
    runtime,
    sync::{Outcome, teller, waited},
};

#[uniffi::export(async_runtime = "tokio")]
impl Handbook {
    /// To be called when the system puts the app to sleep, and waited for: a sync is stopped, reads and writes under
    /// way end, and every file is closed; iOS kills an app that sleeps on an open one. It takes milliseconds, and at
    /// most a few seconds. Whatever is asked meanwhile throws `Paused`. Any number of times, from any thread.
    /// Throws `Shut`.
    pub async fn pause(&self) -> Result<(), HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move { core.pause().await }).await
    }

    /// Opens the files again, for which the key store is asked for the key. Observers go on observing. Throws
    /// `KeyLocked` and the other errors of `open`: it stays paused, and may be resumed again. Throws `Paused` where
    /// a pause was asked for meanwhile, and `Shut`.
    pub async fn resume(&self) -> Result<(), HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move { core.resume().await }).await
    }

    /// As `pause`, for good: afterwards everything throws `Shut`, and the folder may be opened anew.
    pub async fn shutdown(&self) -> Result<(), HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move { core.shutdown().await }).await
    }
}

#[uniffi::export]
impl Handbook {
    /// A sync for a window in the background, of so many seconds as the system gives: what the person wrote goes up
    /// first, and it is over before the window is. Resume first if the handbook sleeps, and pause afterwards.
    #[uniffi::method(default(listener = None))]
    pub fn sync_within(
        &self,
        seconds: u32,
        listener: Option<Arc<dyn SyncListener>>,
    ) -> Result<Arc<WindowRun>, HandbookError> {
        WindowRun::begin(&self.0, seconds, listener)
    }
}

/// What a window brought.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Window {
    /// Of its sync.
    pub end: SyncEnd,
    /// The window was over before the work was; `end` says `Cancelled`.
    pub out_of_time: bool,
    /// Something still waits: ask the system for another window.
    pub more: bool,
}

impl From<core::Window> for Window {
    fn from(of: core::Window) -> Self {
        Self { end: of.end.into(), out_of_time: of.out_of_time, more: of.more }
    }
}

/// A sync in a window; it goes on whether anybody waits for it or not.
#[derive(Debug, uniffi::Object)]
pub struct WindowRun {
    handle: core::SyncHandle,
    ended: watch::Receiver<Option<Outcome<Window>>>,
}

impl WindowRun {
    fn begin(
        held: &Held,
        seconds: u32,
        listener: Option<Arc<dyn SyncListener>>,
    ) -> Result<Arc<Self>, HandbookError> {
        let (tell, over) = teller(held, listener);
        let (handle, future) = held.core()?.sync_within(Duration::from_secs(seconds.into()), tell);
        let (end, ended) = watch::channel(None);
        let run = async move {
            let outcome = future.await.map(Into::into).map_err(Into::into);
            over.set();
            // Nobody may be waiting.
            let _ = end.send(Some(outcome));
        };
        drop(runtime::spawn(run)?);
        Ok(Arc::new(Self { handle, ended }))
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl WindowRun {
    /// Waits for the end; any number of times. Throws what `SyncRun.end` throws.
    pub async fn end(&self) -> Result<Window, HandbookError> {
        waited(self.ended.clone()).await
    }
}

#[uniffi::export]
impl WindowRun {
    /// The system takes the window back early. What landed stays.
    pub fn cancel(&self) {
        self.handle.cancel();
    }
}
