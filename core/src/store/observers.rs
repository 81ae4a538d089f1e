//! Those who watch the store: a screen is told which tables changed, and asks again.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, Weak},
};

use super::lock;

/// The names of the tables that one transaction changed.
pub type Changes = BTreeSet<String>;

type Tell = Arc<dyn Fn(&Changes) + Send + Sync>;

#[derive(Default)]
pub(super) struct Observers {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    next: u64,
    tells: BTreeMap<u64, Tell>,
    queue: VecDeque<Changes>,
    /// One thread delivers at a time, so that changes arrive in the order of their commits.
    delivering: bool,
}

impl std::fmt::Debug for Observers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Observers").field("count", &lock(&self.state).tells.len()).finish()
    }
}

/// Ends when dropped or cancelled.
pub struct Observation {
    state: Weak<Mutex<State>>,
    number: u64,
}

impl std::fmt::Debug for Observation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Observation").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Observation {
    pub fn cancel(&self) {
        if let Some(state) = self.state.upgrade() {
            let gone = lock(&state).tells.remove(&self.number);
            drop(gone);
        }
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// Tables no screen shows: the full text and its bookkeeping, the rows set aside under pending commands, the bytes of
/// files and what they are kept for, what is still to be judged and by what.
fn is_inner(table: &str) -> bool {
    const INNER: [&str; 8] =
        ["to_index", "base", "named", "blob_part", "brought", "to_judge", "taken_in", "trust"];
    table.starts_with("search") || table.starts_with("sqlite_") || INNER.contains(&table)
}

impl Observers {
    pub(super) fn add(&self, tell: Tell) -> Observation {
        let mut state = lock(&self.state);
        let number = state.next;
        state.next += 1;
        state.tells.insert(number, tell);
        Observation { state: Arc::downgrade(&self.state), number }
    }

    /// Called under the writer's lock, so that the queue has the order of the commits.
    pub(super) fn queue(&self, mut changes: Changes) {
        // What a phone finds of a directive is a part of it to whoever watches.
        if changes.remove("verdict") | changes.remove("quarantine") {
            changes.insert("directive".to_owned());
        }
        changes.retain(|table| !is_inner(table));
        if !changes.is_empty() {
            lock(&self.state).queue.push_back(changes);
        }
    }

    pub(super) fn deliver(&self) {
        loop {
            let (changes, tells) = {
                let mut state = lock(&self.state);
                if state.delivering {
                    return;
                }
                let Some(changes) = state.queue.pop_front() else { return };
                state.delivering = true;
                (changes, state.tells.values().cloned().collect::<Vec<_>>())
            };
            let _done = Delivering(&self.state);
            for tell in tells {
                tell(&changes);
            }
        }
    }
}

/// Gives delivery back even if an observer panics.
struct Delivering<'a>(&'a Mutex<State>);

impl Drop for Delivering<'_> {
    fn drop(&mut self) {
        lock(self.0).delivering = false;
    }
}
