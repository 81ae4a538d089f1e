//! A sync that goes on: its end to wait for, a handle to end it with, a listener who hears how far it is.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sotay_core::handbook as core;
use tokio::sync::watch;

use crate::{
    HandbookError, ListenerError,
    callbacks::Callbacks,
    handbook::Held,
    kinds::{SyncStage, SyncStop},
    runtime,
};

/// How far a sync is.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncProgress {
    /// What it is doing.
    pub stage: SyncStage,
    /// Deeds that went up.
    pub sent: u64,
    /// Rows that came.
    pub rows: u64,
    /// Of what was to come when the exchange began, how much came.
    pub came: u64,
    /// How much it was, where the server says.
    pub ahead: Option<u64>,
    /// Sent so far.
    pub bytes_up: u64,
    /// Received so far.
    pub bytes_down: u64,
    /// Directives whose signatures were looked at.
    pub verified: u64,
    /// Directives that became searchable.
    pub indexed: u64,
    /// The file that is under way: how far it is; 0 where none is.
    pub file_at: u64,
    /// Its size; 0 where none is.
    pub file_of: u64,
}

/// How a sync ended. No network is no error: it is an end like any other.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncEnd {
    /// Why it ended.
    pub stop: SyncStop,
    /// How often the server was asked.
    pub exchanges: u32,
    /// Rows that came.
    pub rows: u64,
    /// Sent.
    pub bytes_up: u64,
    /// Received.
    pub bytes_down: u64,
    /// Deeds that went up.
    pub sent: u64,
    /// Of these, accepted.
    pub applied: u64,
    /// Of these, refused.
    pub refused: u64,
    /// Of these, with two versions.
    pub conflicted: u64,
    /// Of these, waiting for something else.
    pub held: u64,
    /// Of these, at which the server failed each time.
    pub parked: u64,
    /// Directives that became searchable.
    pub indexed: u64,
    /// Files that are whole at the server now.
    pub files_up: u64,
    /// Files that are whole here now.
    pub files_down: u64,
}

/// Called from the callbacks' thread, in order. One that throws hears no more, and the sync goes on.
#[uniffi::export(foreign)]
pub trait SyncListener: Send + Sync {
    /// It has come so far.
    fn progress(&self, progress: SyncProgress) -> Result<(), ListenerError>;
}

pub(crate) type Outcome<T> = Result<T, HandbookError>;

/// A sync that was begun; it goes on whether anybody waits for it or not.
#[derive(Debug, uniffi::Object)]
pub struct SyncRun {
    handle: core::SyncHandle,
    ended: watch::Receiver<Option<Outcome<SyncEnd>>>,
}

impl SyncRun {
    pub(crate) fn begin(
        held: &Held,
        listener: Option<Arc<dyn SyncListener>>,
    ) -> Result<Arc<Self>, HandbookError> {
        let (tell, over) = teller(held, listener);
        let (handle, future) = held.core()?.sync(tell);
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

/// Once set, a listener hears no more.
#[derive(Clone, Default)]
pub(crate) struct Deaf(Arc<AtomicBool>);

impl Deaf {
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// What tells a listener of progress, and what ends that.
pub(crate) fn teller(
    held: &Held,
    listener: Option<Arc<dyn SyncListener>>,
) -> (impl Fn(&core::Progress) + Send + Sync + 'static, Deaf) {
    let deaf = Deaf::default();
    let (callbacks, over) = (held.callbacks.clone(), deaf.clone());
    let tell = move |progress: &core::Progress| {
        if let Some(listener) = &listener {
            post(&callbacks, listener, &over, progress.into());
        }
    };
    (tell, deaf)
}

pub(crate) async fn waited<T: Clone>(
    mut ended: watch::Receiver<Option<Outcome<T>>>,
) -> Result<T, HandbookError> {
    let outcome = ended.wait_for(Option::is_some).await.map_err(|_| HandbookError::Internal)?;
    outcome.clone().unwrap_or(Err(HandbookError::Internal))
}

/// Nothing is begun to be told once the sync is over, or the listener threw.
fn post(callbacks: &Callbacks, listener: &Arc<dyn SyncListener>, deaf: &Deaf, progress: SyncProgress) {
    let (listener, deaf) = (Arc::clone(listener), deaf.clone());
    callbacks.post(move || {
        if deaf.0.load(Ordering::SeqCst) {
            return;
        }
        if let Err(error) = listener.progress(progress) {
            tracing::warn!(%error, "a sync's listener threw and is detached");
            deaf.set();
        }
    });
}

#[uniffi::export(async_runtime = "tokio")]
impl SyncRun {
    /// Waits for the end; any number of times. Throws `SyncRunning` where another sync goes on, `NotEnrolled`,
    /// or what the store says.
    pub async fn end(&self) -> Result<SyncEnd, HandbookError> {
        waited(self.ended.clone()).await
    }
}

#[uniffi::export]
impl SyncRun {
    /// Ends it. What landed stays; `end` says `Cancelled`.
    pub fn cancel(&self) {
        self.handle.cancel();
    }
}

impl From<&core::Progress> for SyncProgress {
    fn from(of: &core::Progress) -> Self {
        Self {
            stage: of.stage,
            sent: of.sent,
            rows: of.rows,
            came: of.came,
            ahead: of.ahead,
            bytes_up: of.bytes_up,
            bytes_down: of.bytes_down,
            verified: of.verified,
            indexed: of.indexed,
            file_at: of.file_at,
            file_of: of.file_of,
        }
    }
}

impl From<core::SyncEnd> for SyncEnd {
    fn from(of: core::SyncEnd) -> Self {
        Self {
            stop: of.stop,
            exchanges: of.exchanges,
            rows: of.rows,
            bytes_up: of.bytes_up,
            bytes_down: of.bytes_down,
            sent: of.sent,
            applied: of.applied,
            refused: of.refused,
            conflicted: of.conflicted,
            held: of.held,
            parked: of.parked,
            indexed: of.indexed,
            files_up: of.files_up,
            files_down: of.files_down,
        }
    }
}
