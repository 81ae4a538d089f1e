//! How sync stands, for whoever shows it: its present value at once, then each change.

use std::sync::Arc;

use sotay_core::{sync::status as stands, words::Words};

use crate::{
    Handbook, HandbookError, ListenerError, SyncProgress, Watching,
    kinds::{ItemState, KeyTrouble, SyncStage, TryError, WaitReason},
    observe::Newest,
    runtime,
    values::Timestamp,
};

/// How sync stands.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncStatus {
    /// The one sentence for the screen.
    pub sentence: String,
    /// What is said beside it, one by one.
    pub notes: Vec<String>,
    /// What it is doing.
    pub activity: SyncActivity,
    /// When it last went through, if ever.
    pub last_sync: Option<Timestamp>,
    /// Nothing that the person did is missing at the server, words and files. Exactly.
    pub all_sent: bool,
    /// Deeds without a final answer.
    pub unsent_deeds: u64,
    /// Files that are not whole at the server.
    pub unsent_files: u64,
    /// What is missing of them there.
    pub unsent_bytes: u64,
    /// What needs the person.
    pub attention: SyncAttention,
}

/// What sync is doing.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum SyncActivity {
    /// All is done, or nobody keeps the handbook live.
    Idle,
    /// A sync goes on.
    Running {
        /// How far it is.
        progress: SyncProgress,
    },
    /// For something to happen, or for a time.
    Waiting {
        /// For what.
        reason: WaitReason,
        /// None: until something happens.
        until: Option<Timestamp>,
    },
}

/// What needs the person.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncAttention {
    /// Deeds that the server did not accept.
    pub refused: u64,
    /// Deeds with two versions.
    pub conflicted: u64,
    /// Deeds at which the server failed each time.
    pub parked: u64,
    /// Deeds that wait for something else; nothing to be done about them here.
    pub held: u64,
    /// Why the store cannot be opened, if it cannot.
    pub key: Option<KeyTrouble>,
    /// The server does not know this device: enrol again, everything is kept.
    pub enrol_again: bool,
    /// The office took this device off the handbook.
    pub taken_off: bool,
    /// The app is too old for the server; reading works, and what was written is kept.
    pub update_needed: bool,
    /// Milliseconds that this clock shows too much, or, below 0, too little; none where it is right enough.
    pub clock_fast_by: Option<i64>,
    /// Each of those deeds.
    pub items: Vec<SyncItem>,
}

/// One deed of those that need the person or wait for something else.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncItem {
    /// Names it to `Attention`.
    pub entry: u64,
    /// Of the deed, such as `feedback.submit`.
    pub kind: String,
    /// How it stands.
    pub state: ItemState,
    /// When the person did it.
    pub made_at: Timestamp,
    /// When it was last sent, if it was.
    pub last_try: Option<Timestamp>,
    /// What became of that, where it was no answer.
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
    /// How sync stands from now on.
    fn changed(&self, status: SyncStatus) -> Result<(), ListenerError>;
}

#[uniffi::export]
impl Handbook {
    /// Calls the observer with the status as it is, then with each that differs from the one before.
    pub fn observe_sync(&self, observer: Arc<dyn SyncObserver>) -> Result<Arc<Watching>, HandbookError> {
        let (newest, watch) = Newest::new(&self.0, move |status| observer.changed(status));
        let tell = move |status: &stands::SyncStatus, words: &Words| newest.is(SyncStatus::of(status, words));
        Ok(watch.holds(self.0.core()?.observe_sync(tell)))
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
