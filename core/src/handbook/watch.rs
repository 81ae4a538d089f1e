//! Screens that are watched: the present value at once, then each that differs from the one before.
//!
//! A value is worked out on the workers, of one watcher by one job at a time, so each hears in order; what changes
//! meanwhile is taken in by the same job. Every watcher looks again when a sync begins or ends, after a pause, and when the
//! language changes, for then the same rows are told in other words.

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use rusqlite::Connection;

use super::{Handbook, HandbookError, Inner, on_workers};
use crate::{
    store::{Changes, Observation, Store, StoreError},
    sync::status::GoingOn,
    words::Words,
};
use sotay_protocol::env::Env;

type Read<T> = Arc<dyn Fn(&Connection, &GoingOn, &Words) -> Result<T, HandbookError> + Send + Sync>;
type Before = Arc<dyn Fn(&Store, &dyn Env) -> Result<(), StoreError> + Send + Sync>;
type Look = Arc<dyn Fn(&Inner) + Send + Sync>;
pub(super) type Tables = &'static [&'static str];

/// What a screen shows, to be asked for or watched.
#[derive(Clone)]
pub struct Screen<T> {
    inner: Arc<Inner>,
    tables: Tables,
    read: Read<T>,
    /// What has to be done in the store before it is first read.
    before: Option<Before>,
}

impl<T> std::fmt::Debug for Screen<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Screen").field("tables", &self.tables).finish_non_exhaustive()
    }
}

impl<T: Clone + PartialEq + Send + 'static> Screen<T> {
    pub(super) fn new(
        handbook: &Handbook,
        tables: Tables,
        read: impl Fn(&Connection, &GoingOn, &Words) -> Result<T, HandbookError> + Send + Sync + 'static,
    ) -> Self {
        Self { inner: Arc::clone(&handbook.inner), tables, read: Arc::new(read), before: None }
    }

    pub(super) fn after(
        self,
        before: impl Fn(&Store, &dyn Env) -> Result<(), StoreError> + Send + Sync + 'static,
    ) -> Self {
        Self { before: Some(Arc::new(before)), ..self }
    }

    /// As it is now.
    ///
    /// # Errors
    /// The store's own fault, and [`HandbookError::NotFound`] for one of a single thing.
    pub async fn now(&self) -> Result<T, HandbookError> {
        if let Some(before) = self.before.clone() {
            let (store, env) = (self.inner.store.clone(), Arc::clone(&self.inner.env));
            on_workers(self.inner.workers.as_ref(), move || before(&store, env.as_ref())).await??;
        }
        let (read, going_on) = (Arc::clone(&self.read), self.inner.going_on());
        self.inner.read(move |store, words| read(store, &going_on, words)).await
    }

    /// Calls `tell` with the present value, then with each that differs from the one before, until the watch is dropped or
    /// cancelled. While it cannot be read, for the handbook is paused or the thing is not there, nothing is told. `tell` is
    /// called on a thread of the workers; what takes long belongs elsewhere.
    #[must_use]
    pub fn watch(&self, tell: impl Fn(T) + Send + Sync + 'static) -> Watch {
        let (read, last) = (Arc::clone(&self.read), Mutex::new(None));
        let first = Mutex::new(self.before.clone());
        let look = move |inner: &Inner| {
            let before = first.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(Err(error)) = before.map(|before| before(&inner.store, inner.env.as_ref())) {
                tracing::debug!(%error, "a screen is read without what was to come before");
            }
            let (words, going_on) = (inner.words(), inner.going_on());
            let Ok(now) = inner.store.read(|store| read(store, &going_on, &words)) else { return };
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.as_ref() == Some(&now) {
                return;
            }
            *last = Some(now.clone());
            drop(last);
            tell(now);
        };
        self.inner.begin_watch(self.tables, Arc::new(look))
    }
}

/// Ends when dropped or cancelled.
pub struct Watch {
    inner: Weak<Inner>,
    number: u64,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Watch {
    pub fn cancel(&self) {
        if let Some(inner) = self.inner.upgrade() {
            let (gone, last) = {
                let mut state = inner.watchers.lock();
                let gone = state.all.remove(&self.number);
                (gone, state.all.is_empty().then(|| state.observation.take()))
            };
            drop((gone, last));
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.cancel();
    }
}

#[derive(Default)]
pub(super) struct Watchers(Mutex<State>);

#[derive(Default)]
struct State {
    next: u64,
    all: BTreeMap<u64, Watcher>,
    /// Lasts as long as anybody watches.
    observation: Option<Observation>,
}

struct Watcher {
    tables: Tables,
    look: Look,
    /// Something changed since it last looked.
    due: bool,
    /// A job of it is on the workers.
    at_work: bool,
}

impl Watchers {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    fn is_idle(&self) -> bool {
        let state = self.lock();
        state.all.is_empty() && state.observation.is_none()
    }
}

impl Inner {
    fn begin_watch(self: &Arc<Self>, tables: Tables, look: Look) -> Watch {
        let number = {
            let mut state = self.watchers.lock();
            let number = state.next;
            state.next += 1;
            state.all.insert(number, Watcher { tables, look, due: false, at_work: false });
            number
        };
        self.hear_of_changes();
        self.look(|other, _| other == number);
        Watch { inner: Arc::downgrade(self), number }
    }

    fn hear_of_changes(self: &Arc<Self>) {
        if self.watchers.lock().observation.is_some() {
            return;
        }
        let inner = Arc::downgrade(self);
        let observation = self.store.observe(move |changes: &Changes| {
            if let Some(inner) = inner.upgrade() {
                inner.look(|_, tables| tables.iter().any(|table| changes.contains(*table)));
            }
        });
        let second = self.watchers.lock().observation.replace(observation);
        drop(second);
    }

    /// The same rows are told in other words now.
    pub(super) fn look_again(self: &Arc<Self>) {
        self.look(|_, _| true);
    }

    fn look(self: &Arc<Self>, whose: impl Fn(u64, Tables) -> bool) {
        let mut begun = Vec::new();
        for (number, watcher) in &mut self.watchers.lock().all {
            if whose(*number, watcher.tables) {
                watcher.due = true;
                if !std::mem::replace(&mut watcher.at_work, true) {
                    begun.push(*number);
                }
            }
        }
        for number in begun {
            let inner = Arc::clone(self);
            self.workers.run(Box::new(move || {
                let at_work = AtWork { watchers: &inner.watchers, number };
                while let Some(look) = at_work.due() {
                    look(&inner);
                }
            }));
        }
    }
}

/// Gives the work back even if a watcher panics; where it came to its end it has been given back already.
struct AtWork<'a> {
    watchers: &'a Watchers,
    number: u64,
}

impl AtWork<'_> {
    fn due(&self) -> Option<Look> {
        let mut state = self.watchers.lock();
        let watcher = state.all.get_mut(&self.number)?;
        if std::mem::take(&mut watcher.due) {
            return Some(Arc::clone(&watcher.look));
        }
        watcher.at_work = false;
        None
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(watcher) = self.watchers.lock().all.get_mut(&self.number)
        {
            watcher.at_work = false;
        }
    }
}
