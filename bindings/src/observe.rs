//! Watching: a screen hears its present value at once, then each that differs; or which tables changed.
//!
//! All observers of a handbook are called from one thread, in order, with no lock held, so they may call back into it.
//! One that is slow hears the newest value and not all of those before it; one that throws is logged and detached.

use std::{
    any::Any,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use sotay_core::{handbook::Screen, store};

use crate::{HandbookError, ListenerError, callbacks::Callbacks, handbook::Held};

/// Called from the callbacks' thread once per transaction, in order, with no lock held: it may call back into
/// the handbook. One that throws is logged and detached.
#[uniffi::export(foreign)]
pub trait Observer: Send + Sync {
    /// The names of the tables that changed, such as `thread`.
    fn changed(&self, tables: Vec<String>) -> Result<(), ListenerError>;
}

/// What goes on being observed. Ends by `cancel()`; the languages' own end of the object is only the safety net.
#[derive(Debug, uniffi::Object)]
pub struct Watching(Arc<Watch>);

/// What the core gave, which ends when it is dropped.
type Guard = Box<dyn Any + Send>;

#[derive(Debug, Default)]
pub(crate) struct Watch {
    over: AtomicBool,
    of: Mutex<Option<Guard>>,
}

impl Watch {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
        let of = self.of.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(of);
    }

    /// What is told may have ended it already.
    pub(crate) fn holds(self: Arc<Self>, of: impl Any + Send) -> Arc<Watching> {
        *self.of.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(of));
        if self.is_over() {
            self.end();
        }
        Arc::new(Watching(self))
    }

    /// Tells in turn, unless it is over by then.
    fn post(
        self: &Arc<Self>,
        callbacks: &Callbacks,
        tell: impl FnOnce() -> Result<(), ListenerError> + Send + 'static,
    ) {
        let watch = Arc::clone(self);
        callbacks.post(move || {
            if watch.is_over() {
                return;
            }
            if let Err(error) = tell() {
                tracing::warn!(%error, "an observer threw and is detached");
                watch.end();
            }
        });
    }
}

/// The last word of what is observed, as long as nobody has been told it.
pub(crate) struct Newest<T> {
    watch: Arc<Watch>,
    callbacks: Callbacks,
    value: Arc<Mutex<Option<T>>>,
    tell: Arc<dyn Fn(T) -> Result<(), ListenerError> + Send + Sync>,
}

impl<T: Send + 'static> Newest<T> {
    pub(crate) fn new(
        held: &Held,
        tell: impl Fn(T) -> Result<(), ListenerError> + Send + Sync + 'static,
    ) -> (Self, Arc<Watch>) {
        let watch = Arc::new(Watch::default());
        let newest = Self {
            watch: Arc::clone(&watch),
            callbacks: held.callbacks.clone(),
            value: Arc::new(Mutex::new(None)),
            tell: Arc::new(tell),
        };
        (newest, watch)
    }

    pub(crate) fn is(&self, value: T) {
        let waits = self.value.lock().unwrap_or_else(PoisonError::into_inner).replace(value).is_some();
        if waits {
            // It is told in its place.
            return;
        }
        let (value, tell) = (Arc::clone(&self.value), Arc::clone(&self.tell));
        self.watch.post(&self.callbacks, move || {
            let value = value.lock().unwrap_or_else(PoisonError::into_inner).take();
            value.map_or(Ok(()), |value| tell(value))
        });
    }
}

/// Tells what a screen shows, and each change of it.
pub(crate) fn screen<T, U>(
    held: &Held,
    screen: &Screen<T>,
    tell: impl Fn(U) -> Result<(), ListenerError> + Send + Sync + 'static,
) -> Result<Arc<Watching>, HandbookError>
where
    T: Clone + PartialEq + Send + 'static,
    U: From<T> + Send + 'static,
{
    let (newest, watch) = Newest::new(held, tell);
    Ok(watch.holds(screen.watch(move |value| newest.is(value.into()))))
}

impl Watching {
    pub(crate) fn begin(held: &Held, observer: Arc<dyn Observer>) -> Result<Arc<Self>, HandbookError> {
        let watch = Arc::new(Watch::default());
        let (callbacks, watched) = (held.callbacks.clone(), Arc::clone(&watch));
        let tell = move |changes: &store::Changes| {
            let tables = changes.iter().cloned().collect();
            let observer = Arc::clone(&observer);
            watched.post(&callbacks, move || observer.changed(tables));
        };
        Ok(watch.holds(held.core()?.observe(tell)))
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[uniffi::export]
impl Watching {
    /// No call begins after this; one that has begun ends.
    pub fn cancel(&self) {
        self.0.end();
    }
}
