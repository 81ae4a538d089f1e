//! How sync stands, for whoever shows it: its present value at once, then each change.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use sotay_core::{handbook as core, sync::status as stands, words::Words};

use crate::{
    Handbook, HandbookError, ListenerError, SyncProgress,
    handbook::Held,
    kinds::{ItemState, KeyTrouble, SyncStage, TryError, WaitReason},
    runtime,
    values::Timestamp,
};

#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncStatus {
    /// The one sentence for the screen, and what is said beside it.
    pub sentence: String,
    pub notes: Vec<String>,
    pub activity: SyncActivity,
    pub last_sync: Option<Timestamp>,
    /// Nothing that the person did is missing at the server, words and files. Exactly.
    pub all_sent: bool,
    /// What is missing there: deeds without a final answer, files, and the bytes of these.
    pub unsent_deeds: u64,
    pub unsent_files: u64,
    pub unsent_bytes: u64,
    pub attention: SyncAttention,
}

#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum SyncActivity {
    Idle,
    Running {
        progress: SyncProgress,
    },
    Waiting {
        reason: WaitReason,
        /// None: until something happens.
        until: Option<Timestamp>,
    },
}

/// What needs the person.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncAttention {
    pub refused: u64,
    pub conflicted: u64,
    pub parked: u64,
    /// Wait for something else; nothing to be done about them here.
    pub held: u64,
    pub key: Option<KeyTrouble>,
    /// The server does not know this device: enrol again, everything is kept.
    pub enrol_again: bool,
    pub taken_off: bool,
    pub update_needed: bool,
    /// Milliseconds that this clock shows too much, or, below 0, too little; none where it is right enough.
    pub clock_fast_by: Option<i64>,
    pub items: Vec<SyncItem>,
}

/// One deed of those that need the person or wait for something else.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncItem {
    pub entry: u64,
    pub kind: String,
    pub state: ItemState,
    pub made_at: Timestamp,
    pub last_try: Option<Timestamp>,
    pub last_error: Option<TryError>,
}

impl SyncStatus {
    fn of(status: &stands::SyncStatus, words: &Words) -> Self {
        Self {
            sentence: words.sync_status(status),
            notes: words.sync_notes(status),
            activity: (&status.activity).into(),
            last_sync: status.last_sync,
            all_sent: status.unsent.is_all_sent(),
            unsent_deeds: status.unsent.deeds,
            unsent_files: status.unsent.files,
            unsent_bytes: status.unsent.bytes,
            attention: (&status.attention).into(),
        }
    }
}

impl From<&stands::Activity> for SyncActivity {
    fn from(of: &stands::Activity) -> Self {
        match of {
            stands::Activity::Idle => Self::Idle,
            stands::Activity::Running(running) => Self::Running { progress: running.into() },
            stands::Activity::Waiting { why, until } => Self::Waiting { reason: *why, until: *until },
        }
    }
}

impl From<&stands::Running> for SyncProgress {
    fn from(of: &stands::Running) -> Self {
        Self {
            stage: match of.stage {
                stands::Stage::Connecting => SyncStage::Connecting,
                stands::Stage::Exchanging => SyncStage::Exchanging,
                stands::Stage::Files => SyncStage::Files,
                stands::Stage::Verifying => SyncStage::Verifying,
                stands::Stage::Indexing => SyncStage::Indexing,
            },
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

impl From<&stands::Attention> for SyncAttention {
    fn from(of: &stands::Attention) -> Self {
        Self {
            refused: of.refused,
            conflicted: of.conflicted,
            parked: of.parked,
            held: of.held,
            key: of.key,
            enrol_again: of.enrol_again,
            taken_off: of.taken_off,
            update_needed: of.update_needed,
            clock_fast_by: of.clock.map(stands::ClockOff::signed),
            items: of.items.iter().map(Into::into).collect(),
        }
    }
}

impl From<&stands::Item> for SyncItem {
    fn from(of: &stands::Item) -> Self {
        Self {
            entry: of.entry,
            kind: of.kind.clone(),
            state: of.state,
            made_at: of.made_at,
            last_try: of.tries.last_try,
            last_error: of.tries.last_error,
        }
    }
}

/// Called from the callbacks' thread, in order, with no lock held. One that throws is logged and detached.
#[uniffi::export(foreign)]
pub trait SyncObserver: Send + Sync {
    fn changed(&self, status: SyncStatus) -> Result<(), ListenerError>;
}

/// Ends by `cancel()`; the languages' own end of the object is only the safety net.
#[derive(Debug, uniffi::Object)]
pub struct SyncObservation(Arc<Watch>);

#[derive(Debug, Default)]
struct Watch {
    over: AtomicBool,
    of: Mutex<Option<core::StatusObservation>>,
}

impl Watch {
    fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
        let of = self.of.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(of);
    }
}

impl SyncObservation {
    fn begin(held: &Held, observer: Arc<dyn SyncObserver>) -> Result<Arc<Self>, HandbookError> {
        let watch = Arc::new(Watch::default());
        let (callbacks, watched) = (held.callbacks.clone(), Arc::clone(&watch));
        let tell = move |status: &stands::SyncStatus, words: &Words| {
            let status = SyncStatus::of(status, words);
            let (observer, watch) = (Arc::clone(&observer), Arc::clone(&watched));
            callbacks.post(move || {
                if watch.over.load(Ordering::SeqCst) {
                    return;
                }
                if let Err(error) = observer.changed(status) {
                    tracing::warn!(%error, "a sync's observer threw and is detached");
                    watch.end();
                }
            });
        };
        let of = held.core()?.observe_sync(tell);
        *watch.of.lock().unwrap_or_else(PoisonError::into_inner) = Some(of);
        Ok(Arc::new(Self(watch)))
    }
}

impl Drop for SyncObservation {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[uniffi::export]
impl SyncObservation {
    /// No call begins after this; one that has begun ends.
    pub fn cancel(&self) {
        self.0.end();
    }
}

#[uniffi::export]
impl Handbook {
    /// Calls the observer with the status as it is, then with each that differs from the one before.
    pub fn observe_sync(
        &self,
        observer: Arc<dyn SyncObserver>,
    ) -> Result<Arc<SyncObservation>, HandbookError> {
        SyncObservation::begin(&self.0, observer)
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Handbook {
    /// How sync stands now. While the handbook is paused, from what was last known.
    pub async fn sync_status(&self) -> Result<SyncStatus, HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move { Ok(SyncStatus::of(&core.sync_status().await?, &core.words())) }).await
    }
}
