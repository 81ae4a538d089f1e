//! The board on which the state of sync stands, for whoever looks: its present value at once, then each change, in
//! order and with no lock held.
//!
//! The value is worked out on the workers, one job at a time; what changes meanwhile is taken in by the same job, so a
//! first sync that tells of every frame costs a screen no more than it can look at.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use super::{Handbook, HandbookError, Inner, Progress, Stage, SyncStop};
use crate::{
    store::{Changes, Observation, StoreError},
    sync::status::{self, GoingOn, KeyTrouble, Running, Stored, SyncStatus},
    transport::{Answer, Broken, Distrust},
    words::Words,
};

type Tell = Arc<dyn Fn(&SyncStatus, &Words) + Send + Sync>;

/// Tables out of which the status is read.
const TABLES: [&str; 5] = ["command", "device", "upload", "brought", "blob"];

#[derive(Default)]
pub(super) struct Board(Mutex<State>);

#[derive(Default)]
struct State {
    going_on: GoingOn,
    stored: Stored,
    /// The store was written since it was read for this.
    stale: bool,
    /// Something changed since the status was worked out.
    due: bool,
    /// A job works it out.
    at_work: bool,
    next: u64,
    watching: BTreeMap<u64, (Tell, Option<SyncStatus>)>,
    /// Lasts as long as anybody watches.
    observation: Option<Observation>,
    /// How long the server asked to be left alone when it last said so.
    later: Option<Duration>,
    distrust: Option<Distrust>,
}

/// Ends when dropped or cancelled.
pub struct StatusObservation {
    inner: Weak<Inner>,
    number: u64,
}

impl std::fmt::Debug for StatusObservation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StatusObservation").field("number", &self.number).finish_non_exhaustive()
    }
}

impl StatusObservation {
    pub fn cancel(&self) {
        if let Some(inner) = self.inner.upgrade() {
            let (gone, last) = {
                let mut state = inner.board.lock();
                let gone = state.watching.remove(&self.number);
                (gone, state.watching.is_empty().then(|| state.observation.take()))
            };
            drop((gone, last));
        }
    }
}

impl Drop for StatusObservation {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl Handbook {
    /// How sync stands.
    ///
    /// # Errors
    /// The store's own fault. While the handbook is paused there is none: it is told from what was last known.
    pub async fn sync_status(&self) -> Result<SyncStatus, HandbookError> {
        match self.inner.read(|store, _| status::stored(store)).await {
            Ok(stored) => {
                let mut state = self.inner.board.lock();
                state.stored = stored;
                Ok(status::status(&state.stored, &state.going_on))
            }
            Err(HandbookError::Paused) => {
                let state = self.inner.board.lock();
                let going_on = GoingOn { paused: true, ..state.going_on.clone() };
                Ok(status::status(&state.stored, &going_on))
            }
            Err(error) => Err(error),
        }
    }

    /// Calls `tell` with the status as it is, and then with each that differs from the one before, until the
    /// observation is dropped or cancelled; with words to say it in. `tell` is called on a thread of the workers and may call back into the
    /// handbook; what takes long belongs elsewhere.
    #[must_use]
    pub fn observe_sync(
        &self,
        tell: impl Fn(&SyncStatus, &Words) + Send + Sync + 'static,
    ) -> StatusObservation {
        let inner = &self.inner;
        let number = {
            let mut state = inner.board.lock();
            let number = state.next;
            state.next += 1;
            state.watching.insert(number, (Arc::new(tell), None));
            state.stale = true;
            number
        };
        inner.watch_store();
        inner.refresh();
        StatusObservation { inner: Arc::downgrade(inner), number }
    }
}

impl Inner {
    pub(super) fn going_on(&self) -> GoingOn {
        self.board.lock().going_on.clone()
    }

    /// Notes what goes on, and has it told.
    pub(super) fn goes_on(self: &Arc<Self>, note: impl FnOnce(&mut GoingOn)) {
        note(&mut self.board.lock().going_on);
        self.refresh();
    }

    /// A sync has come so far.
    pub(super) fn progresses(self: &Arc<Self>, of: &Progress) {
        let running = Running {
            stage: match of.stage {
                Stage::Connecting => status::Stage::Connecting,
                Stage::Exchanging => status::Stage::Exchanging,
                Stage::Files => status::Stage::Files,
                Stage::Verifying => status::Stage::Verifying,
                Stage::Indexing => status::Stage::Indexing,
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
        };
        let begins = self.board.lock().going_on.running.is_none();
        self.goes_on(|going_on| going_on.running = Some(running));
        if begins {
            self.look_again();
        }
    }

    /// The store could not be opened again; the person may have to do something about it.
    pub(super) fn cannot_resume(self: &Arc<Self>, error: StoreError) -> HandbookError {
        let error = HandbookError::from(error);
        let trouble = match error {
            HandbookError::KeyLocked => Some(KeyTrouble::Locked),
            HandbookError::KeyLost => Some(KeyTrouble::Lost),
            _ => None,
        };
        self.goes_on(|going_on| going_on.key = trouble);
        error
    }

    pub(super) fn is_awake(self: &Arc<Self>) {
        self.board.lock().stale = true;
        self.goes_on(|going_on| (going_on.paused, going_on.key) = (false, None));
        self.look_again();
    }

    /// To be held by a sync: whatever becomes of it, it does not run for ever.
    pub(super) fn on_the_board(self: &Arc<Self>) -> OnTheBoard {
        self.board.lock().later = None;
        OnTheBoard(Arc::clone(self))
    }

    fn watch_store(self: &Arc<Self>) {
        if self.board.lock().observation.is_some() {
            return;
        }
        let inner = Arc::downgrade(self);
        let observation = self.store.observe(move |changes: &Changes| {
            if TABLES.iter().any(|table| changes.contains(*table))
                && let Some(inner) = inner.upgrade()
            {
                inner.board.lock().stale = true;
                inner.refresh();
            }
        });
        let second = self.board.lock().observation.replace(observation);
        drop(second);
    }

    fn refresh(self: &Arc<Self>) {
        {
            let mut state = self.board.lock();
            if state.watching.is_empty() {
                return;
            }
            state.due = true;
            if std::mem::replace(&mut state.at_work, true) {
                return;
            }
        }
        let inner = Arc::clone(self);
        self.workers.run(Box::new(move || {
            let at_work = AtWork(&inner.board);
            while inner.tell_once() {}
            drop(at_work);
        }));
    }

    /// Works the status out and tells those who have not heard it; `false` where nothing was due.
    fn tell_once(&self) -> bool {
        let stale = {
            let mut state = self.board.lock();
            if !std::mem::take(&mut state.due) {
                state.at_work = false;
                return false;
            }
            std::mem::take(&mut state.stale)
        };
        let read = if stale { self.store.read::<_, StoreError>(status::stored).ok() } else { None };
        let mut state = self.board.lock();
        if let Some(stored) = read {
            state.stored = stored;
        }
        let now = status::status(&state.stored, &state.going_on);
        let fresh: Vec<Tell> = state
            .watching
            .values_mut()
            .filter(|(_, last)| last.as_ref() != Some(&now))
            .map(|(tell, last)| {
                *last = Some(now.clone());
                Arc::clone(tell)
            })
            .collect();
        drop(state);
        let words = self.words();
        for tell in fresh {
            tell(&now, &words);
        }
        true
    }
}

/// Gives the work back even if a watcher panics; where it came to its end it has been given back already.
struct AtWork<'a>(&'a Board);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().at_work = false;
        }
    }
}

/// A sync that goes on. What it came to is said before it is dropped, or it was ended.
pub(super) struct OnTheBoard(Arc<Inner>);

impl OnTheBoard {
    pub(super) fn ended(&self, stop: SyncStop) {
        // That the server could not be asked says nothing about whether it knows this device.
        match stop {
            SyncStop::EnrolAgain => self.0.board.lock().going_on.unknown = true,
            SyncStop::Done => self.0.board.lock().going_on.unknown = false,
            _ => {}
        }
    }
}

impl Drop for OnTheBoard {
    fn drop(&mut self) {
        self.0.goes_on(|going_on| going_on.running = None);
    }
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn asked_for(&self, later: Option<Duration>) {
        let mut state = self.lock();
        state.later = later.or(state.later);
    }

    /// Why the last request found nobody whom this phone believes, where that is why.
    pub(super) fn note(&self, answer: &Result<Answer, Broken>) {
        self.lock().distrust = match answer {
            Err(Broken::Untrusted(why)) => Some(*why),
            _ => None,
        };
    }

    pub(super) fn distrust(&self) -> Option<Distrust> {
        self.lock().distrust
    }

    pub(super) fn later(&self) -> Option<Duration> {
        self.lock().later
    }
}
