//! Watching the store: a screen hears which tables changed, and asks again.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use sotay_core::store;

use crate::{HandbookError, ListenerError, handbook::Held};

/// Called from the callbacks' thread once per transaction, in order, with no lock held: it may call back into
/// the handbook. One that throws is logged and detached.
#[uniffi::export(foreign)]
pub trait Observer: Send + Sync {
    /// The names of the tables that changed, such as `thread`.
    fn changed(&self, tables: Vec<String>) -> Result<(), ListenerError>;
}

/// Ends by `cancel()`; the languages' own end of the object is only the safety net.
#[derive(Debug, uniffi::Object)]
pub struct Observation(Arc<Watch>);

#[derive(Debug, Default)]
struct Watch {
    over: AtomicBool,
    of: Mutex<Option<store::Observation>>,
}

impl Watch {
    fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
        let of = self.of.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(of);
    }
}

impl Observation {
    pub(crate) fn begin(held: &Held, observer: Arc<dyn Observer>) -> Result<Arc<Self>, HandbookError> {
        let watch = Arc::new(Watch::default());
        let (callbacks, watched) = (held.callbacks.clone(), Arc::clone(&watch));
        let tell = move |changes: &store::Changes| {
            let tables = changes.iter().cloned().collect();
            let (observer, watch) = (Arc::clone(&observer), Arc::clone(&watched));
            callbacks.post(move || {
                if watch.over.load(Ordering::SeqCst) {
                    return;
                }
                if let Err(error) = observer.changed(tables) {
                    tracing::warn!(%error, "an observer threw and is detached");
                    watch.end();
                }
            });
        };
        let of = held.core()?.observe(tell);
        *watch.of.lock().unwrap_or_else(PoisonError::into_inner) = Some(of);
        Ok(Arc::new(Self(watch)))
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[uniffi::export]
impl Observation {
    /// No call begins after this; one that has begun ends.
    pub fn cancel(&self) {
        self.0.end();
    }
}
