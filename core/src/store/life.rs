//! A store's life: open, paused, open again, shut for good. iOS kills a suspended app that holds a lock on a
//! file (0xdead10cc), so a paused store has no connection, no lock and no key.
//!
//! Whoever reads or writes goes in through a door and out again. Pausing closes the door; the last one out closes
//! the files. So nobody has to wait for a pause to come about, and no future has to be polled for it.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

use futures_channel::oneshot;
use rusqlite::InterruptHandle;

use super::{Changes, Inner, KeyUnavailable, Store, StoreError, StoreKey, lock, open::Opener};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Open,
    Paused,
    Shut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Now {
    Open,
    /// The door is closed; some are still inside.
    Draining,
    Closing,
    Closed,
    Opening,
}

pub(super) struct Doors {
    state: Mutex<State>,
    /// One who was at work is not any more.
    left: Condvar,
}

struct State {
    wanted: Wanted,
    now: Now,
    inside: u64,
    /// Connections at work, by number, to be interrupted.
    busy: BTreeMap<u64, InterruptHandle>,
    next: u64,
    waiting: Vec<oneshot::Sender<()>>,
}

impl std::fmt::Debug for Doors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = lock(&self.state);
        f.debug_struct("Doors")
            .field("now", &state.now)
            .field("inside", &state.inside)
            .finish_non_exhaustive()
    }
}

impl State {
    fn wake(&mut self) {
        for waiting in self.waiting.drain(..) {
            // Nobody may be waiting any more.
            let _ = waiting.send(());
        }
    }

    /// Whether the caller is the one who has to close the files.
    fn is_last(&mut self) -> bool {
        let last = self.now == Now::Draining && self.inside == 0;
        if last {
            self.now = Now::Closing;
        }
        last
    }
}

impl Doors {
    pub(super) fn open() -> Self {
        let (busy, waiting) = (BTreeMap::new(), Vec::new());
        let state = State { wanted: Wanted::Open, now: Now::Open, inside: 0, busy, next: 0, waiting };
        Self { state: Mutex::new(state), left: Condvar::new() }
    }

    pub(super) fn is_open(&self) -> bool {
        lock(&self.state).now == Now::Open
    }

    pub(super) fn at_work(&self, handle: InterruptHandle) -> AtWork<'_> {
        let mut state = lock(&self.state);
        let number = state.next;
        state.next += 1;
        state.busy.insert(number, handle);
        AtWork { doors: self, number }
    }

    /// Waits for all who are at work now but `me`; `false` where one of them takes longer than `patience`.
    pub(super) fn others_left(&self, me: &AtWork<'_>, patience: Duration) -> bool {
        let state = lock(&self.state);
        let next = state.next;
        let others = |state: &mut State| state.busy.range(..next).any(|(number, _)| *number != me.number);
        let waited = self.left.wait_timeout_while(state, patience, others);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

/// For as long as a connection works for somebody.
pub(super) struct AtWork<'a> {
    doors: &'a Doors,
    number: u64,
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        lock(&self.doors.state).busy.remove(&self.number);
        self.doors.left.notify_all();
    }
}

/// The right to one read or one write, which a pause waits for.
#[derive(Debug)]
pub struct Pass(pub(super) Arc<Inner>);

impl Drop for Pass {
    fn drop(&mut self) {
        let last = {
            let mut state = lock(&self.0.doors.state);
            state.inside -= 1;
            state.is_last()
        };
        if last {
            self.0.close();
        }
    }
}

/// What came of asking for a turn in a store's life.
#[derive(Debug)]
pub enum Turn {
    Done,
    /// It is under way: ask again when this says so.
    Wait(oneshot::Receiver<()>),
}

impl Store {
    /// Goes in, for one read or write: what is inside is done before the store closes.
    ///
    /// # Errors
    /// [`StoreError::Paused`], [`StoreError::Shut`].
    pub fn enter(&self) -> Result<Pass, StoreError> {
        let mut state = lock(&self.inner.doors.state);
        match (state.wanted, state.now) {
            (Wanted::Shut, _) => Err(StoreError::Shut),
            (_, Now::Open) => {
                state.inside += 1;
                Ok(Pass(Arc::clone(&self.inner)))
            }
            _ => Err(StoreError::Paused),
        }
    }

    /// Closes the door, and the files once nobody is inside: at once, or when the last one leaves.
    pub fn pause(&self) -> Turn {
        self.begin_pause();
        self.close_if_empty();
        self.settled()
    }

    /// As [`Store::pause`], for good.
    pub fn shut(&self) -> Turn {
        self.begin_shut();
        self.close_if_empty();
        self.settled()
    }

    /// Closes the door alone, which takes no time; then [`Store::close_if_empty`], where it may block.
    pub fn begin_pause(&self) {
        self.want(Wanted::Paused);
    }

    pub fn begin_shut(&self) {
        self.want(Wanted::Shut);
    }

    fn want(&self, wanted: Wanted) {
        let mut state = lock(&self.inner.doors.state);
        if state.wanted != Wanted::Shut {
            state.wanted = wanted;
        }
        if state.now == Now::Open {
            state.now = Now::Draining;
        }
    }

    /// Closes the files where the door is closed and nobody is inside.
    pub fn close_if_empty(&self) {
        let last = lock(&self.inner.doors.state).is_last();
        if last {
            self.inner.close();
        }
    }

    #[must_use]
    pub fn is_shut(&self) -> bool {
        lock(&self.inner.doors.state).wanted == Wanted::Shut
    }

    /// Whether a pause or the end that was asked for has come about; a later [`Store::resume`] ends it too.
    pub fn settled(&self) -> Turn {
        let mut state = lock(&self.inner.doors.state);
        let done = state.now == Now::Closed || (state.now == Now::Open && state.wanted == Wanted::Open);
        if done { Turn::Done } else { Turn::Wait(waiting(&mut state)) }
    }

    /// Breaks off what is still inside of a store that is to close: it is rolled back and told
    /// [`StoreError::Paused`].
    pub fn interrupt(&self) {
        let state = lock(&self.inner.doors.state);
        if state.now == Now::Draining {
            state.busy.values().for_each(InterruptHandle::interrupt);
        }
    }

    /// Opens the files again; `key` is asked only if they are closed. Those who observe go on observing.
    ///
    /// # Errors
    /// As [`Store::open`], in which case the store stays paused; [`StoreError::Paused`] where a pause was asked for
    /// meanwhile; [`StoreError::Shut`].
    pub fn resume(&self, key: impl FnOnce() -> Result<StoreKey, KeyUnavailable>) -> Result<Turn, StoreError> {
        self.resume_by(|| Ok(key()?))
    }

    /// As [`Store::resume`], by a way to the key that may fail as the store does.
    ///
    /// # Errors
    /// As there.
    pub fn resume_by(&self, key: impl FnOnce() -> Result<StoreKey, StoreError>) -> Result<Turn, StoreError> {
        {
            let mut state = lock(&self.inner.doors.state);
            if state.wanted == Wanted::Shut {
                return Err(StoreError::Shut);
            }
            state.wanted = Wanted::Open;
            match state.now {
                Now::Open => return Ok(Turn::Done),
                Now::Draining => {
                    state.now = Now::Open;
                    state.wake();
                    return Ok(Turn::Done);
                }
                Now::Closing | Now::Opening => return Ok(Turn::Wait(waiting(&mut state))),
                Now::Closed => state.now = Now::Opening,
            }
        }
        let mut opening = Opening { inner: &self.inner, opened: false };
        let key = key()?;
        self.inner.open(&key)?;
        opened(&mut opening)?;
        self.inner.observers.deliver();
        Ok(Turn::Done)
    }

    /// `Some` while a resume is under way: a read that comes then may wait for it.
    #[must_use]
    pub fn resuming(&self) -> Option<oneshot::Receiver<()>> {
        let mut state = lock(&self.inner.doors.state);
        (state.wanted == Wanted::Open && state.now != Now::Open).then(|| waiting(&mut state))
    }
}

fn waiting(state: &mut State) -> oneshot::Receiver<()> {
    let (tell, told) = oneshot::channel();
    state.waiting.push(tell);
    told
}

/// A resume under way; one that fails leaves the store paused.
struct Opening<'a> {
    inner: &'a Inner,
    opened: bool,
}

fn opened(opening: &mut Opening<'_>) -> Result<(), StoreError> {
    let wanted = {
        let mut state = lock(&opening.inner.doors.state);
        opening.opened = true;
        state.now = if state.wanted == Wanted::Open { Now::Open } else { Now::Closing };
        if state.now == Now::Open {
            state.wake();
        }
        state.wanted
    };
    match wanted {
        Wanted::Open => return Ok(()),
        Wanted::Paused | Wanted::Shut => opening.inner.close(),
    }
    Err(if wanted == Wanted::Shut { StoreError::Shut } else { StoreError::Paused })
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        if !self.opened {
            let mut state = lock(&self.inner.doors.state);
            state.now = Now::Closed;
            if state.wanted == Wanted::Open {
                state.wanted = Wanted::Paused;
            }
            state.wake();
        }
    }
}

impl Inner {
    fn open(&self, key: &StoreKey) -> Result<(), StoreError> {
        let opener = (self.prepare)(key)?;
        let (then, now) = (lock(&self.left_as).take(), Left::seen(opener.path()));
        let writer = super::writer(&opener, &self.touched)?;
        *lock(&self.writer) = Some(writer);
        *lock(&self.opener) = Some(Arc::new(opener));
        if then != now {
            // Somebody else had the store meanwhile: nothing on a screen is sure any more.
            self.observers.queue(every_table());
        }
        Ok(())
    }

    /// Called by the one who found nobody inside.
    fn close(&self) {
        lock(&self.readers).clear();
        let opener = lock(&self.opener).take();
        if let Some(writer) = lock(&self.writer).take() {
            if let Err(error) = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
                // What is in the log stays in the log.
                tracing::warn!(%error, "the log was not written back");
            }
            if let Err((_, error)) = writer.close() {
                tracing::warn!(%error, "a connection was not closed");
            }
        }
        *lock(&self.left_as) = opener.as_ref().and_then(|opener| Left::seen(opener.path()));
        // Its lock goes last.
        drop(opener);
        let mut state = lock(&self.doors.state);
        state.now = Now::Closed;
        state.wake();
    }
}

/// How a file looked when it was left.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Left {
    length: u64,
    written: Option<std::time::SystemTime>,
}

impl Left {
    fn seen(path: &Path) -> Option<Self> {
        let of = fs::metadata(path).ok()?;
        Some(Self { length: of.len(), written: of.modified().ok() })
    }
}

fn every_table() -> Changes {
    let more = ["command", "device", "scope", "unread"];
    crate::tables::TABLES.iter().map(|table| table.name).chain(more).map(str::to_owned).collect()
}

impl Opener {
    /// Where a store lies in a folder.
    pub(super) fn in_folder(folder: &Path) -> super::Prepare {
        let folder = folder.to_owned();
        Box::new(move |key| Self::prepare(&folder, key))
    }
}
