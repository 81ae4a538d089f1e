//! A handbook's life on a phone: paused when the system puts the app to sleep, resumed when it comes back, shut
//! down for good at its end. All three may be called at any instant, from any thread, any number of times.
//!
//! While paused, reads and writes are told [`HandbookError::Paused`] rather than left waiting: a suspended app
//! that waits is an app that hangs. Those that come while a resume is under way wait for it.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use futures_channel::oneshot;
use futures_util::{
    FutureExt,
    future::{BoxFuture, Either, select},
    task::AtomicWaker,
};

use super::{Handbook, HandbookError, Inner, on_workers};
use crate::store::{Pass, StoreError, Turn};

/// What is being read or written has this long to end by itself; then it is broken off. iOS gives an app five
/// seconds to go to sleep.
const GRACE: Duration = Duration::from_millis(1_500);
/// So often it is waited for before one gives up; no statement goes on for that long after it was broken off.
const GRACES: u32 = 3;

impl Handbook {
    /// Stops a sync, lets reads and writes under way end, and closes every file. Afterwards this process holds
    /// neither a lock nor a handle on the store. Dropping the future does not take it back.
    ///
    /// # Errors
    /// [`HandbookError::Shut`]; [`HandbookError::Internal`] where something did not end within five seconds: it
    /// closes what it holds when it does.
    pub async fn pause(&self) -> Result<(), HandbookError> {
        self.inner.alive.paused();
        self.inner.goes_on(|going_on| going_on.paused = true);
        self.inner.life.stop_all();
        self.inner.close(false).await?;
        if self.inner.store.is_shut() { Err(HandbookError::Shut) } else { Ok(()) }
    }

    /// Opens the files again, for which the key is asked anew. Observers go on observing.
    ///
    /// # Errors
    /// [`HandbookError::KeyLocked`] and the other errors of [`Handbook::open`]: it stays paused, and may be
    /// resumed again. [`HandbookError::Paused`] where a pause was asked for meanwhile, [`HandbookError::Shut`].
    pub async fn resume(&self) -> Result<(), HandbookError> {
        loop {
            let (store, keys) = (self.inner.store.clone(), Arc::clone(&self.inner.keys));
            let turn =
                on_workers(self.inner.workers.as_ref(), move || store.resume_by(|| keys.key())).await?;
            match turn.map_err(|error| self.inner.cannot_resume(error))? {
                Turn::Done => {
                    self.inner.alive.resumed();
                    self.inner.is_awake();
                    return Ok(());
                }
                // Whoever does it may fail, and then it is tried again with a key of ours.
                Turn::Wait(told) => {
                    let _ = told.await;
                }
            }
        }
    }

    /// As [`Handbook::pause`], for good: everything asked afterwards is told [`HandbookError::Shut`].
    ///
    /// # Errors
    /// [`HandbookError::Internal`] as of [`Handbook::pause`].
    pub async fn shutdown(&self) -> Result<(), HandbookError> {
        self.inner.alive.shut();
        self.inner.life.stop_all();
        self.inner.close(true).await
    }

    /// The same from where nothing can be awaited, at the end of the process: closes the door and breaks off what
    /// is inside. The files are closed when it has left.
    pub fn shut_now(&self) {
        self.inner.alive.shut();
        self.inner.life.stop_all();
        self.inner.store.begin_shut();
        self.inner.store.interrupt();
        self.inner.store.close_if_empty();
    }

    /// Whether the files are closed: nothing of this handbook touches the store any more.
    #[must_use]
    pub fn has_left(&self) -> bool {
        matches!(self.inner.store.settled(), Turn::Done)
    }
}

impl Inner {
    /// The right to one read or write, taken when it is asked for, so that a pause waits for it wherever its turn
    /// has come to.
    pub(super) async fn enter(&self) -> Result<Pass, HandbookError> {
        loop {
            match self.store.enter() {
                Err(StoreError::Paused) => {}
                other => return Ok(other?),
            }
            match self.store.resuming() {
                Some(told) => {
                    let _ = told.await;
                }
                None => return Err(HandbookError::Paused),
            }
        }
    }

    pub(super) async fn close(&self, for_good: bool) -> Result<(), HandbookError> {
        let store = self.store.clone();
        // The door closes here and now, whether this future is polled on or not; the files are closed by the last
        // one inside, or over there where nobody is.
        if for_good {
            store.begin_shut();
        } else {
            store.begin_pause();
        }
        let closing = store.clone();
        self.workers.run(Box::new(move || closing.close_if_empty()));
        let mut graces = 0;
        while let Turn::Wait(told) = store.settled() {
            if let Either::Right(_) = select(told, self.timer.sleep(GRACE)).await {
                graces += 1;
                if graces > GRACES {
                    return Err(HandbookError::Internal);
                }
                store.interrupt();
            }
        }
        Ok(())
    }

    /// Waits until nothing of a sync that was ended is left in the store.
    pub(super) async fn sync_has_left(&self) {
        loop {
            let told = match lock(&self.life.syncing).as_mut() {
                Some(waiting) if waiting.ended => {
                    let (tell, told) = oneshot::channel();
                    waiting.next.push(tell);
                    told
                }
                _ => return,
            };
            let _ = told.await;
        }
    }

    /// The right to be the one sync that goes on. One that was ended, and has yet to leave the store, is waited for.
    pub(super) async fn begin_sync(self: &Arc<Self>) -> Result<Arc<Syncing>, HandbookError> {
        loop {
            let told = {
                let mut syncing = lock(&self.life.syncing);
                match syncing.as_mut() {
                    None => {
                        *syncing = Some(Waiting::default());
                        return Ok(Arc::new(Syncing(Arc::clone(self))));
                    }
                    Some(waiting) if waiting.ended => {
                        let (tell, told) = oneshot::channel();
                        waiting.next.push(tell);
                        told
                    }
                    Some(_) => return Err(HandbookError::SyncRunning),
                }
            };
            let _ = told.await;
        }
    }
}

/// Held by the one sync that goes on, and by its work on the store, which may outlive it by a moment.
pub(super) struct Syncing(Arc<Inner>);

impl Drop for Syncing {
    fn drop(&mut self) {
        let waiting = lock(&self.0.life.syncing).take();
        drop(waiting);
        self.0.look_again();
    }
}

#[derive(Default)]
struct Waiting {
    /// The sync was ended and its future is gone.
    ended: bool,
    next: Vec<oneshot::Sender<()>>,
}

/// What of a handbook goes on by itself and has to stop when it sleeps.
#[derive(Default)]
pub(super) struct Life {
    running: Mutex<Vec<Weak<dyn Stop>>>,
    syncing: Mutex<Option<Waiting>>,
}

impl Life {
    pub(super) fn is_syncing(&self) -> bool {
        lock(&self.syncing).is_some()
    }

    /// `future` as one that a pause ends, and the handle that ends it. It gives `None` then, and what it held is
    /// dropped at once, whoever polls it and whenever.
    pub(super) fn stoppable<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> (Stopper, Stoppable<T>) {
        let of = Arc::new(Running {
            future: Mutex::new(Some(future.boxed())),
            stopped: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        });
        let stop: Arc<dyn Stop> = Arc::clone(&of) as Arc<dyn Stop>;
        let mut running = lock(&self.running);
        running.retain(|of| of.strong_count() > 0);
        running.push(Arc::downgrade(&stop));
        (Stopper(stop), Stoppable(of))
    }

    pub(super) fn stop_all(&self) {
        let running: Vec<_> = lock(&self.running).drain(..).collect();
        for of in running {
            if let Some(of) = of.upgrade() {
                of.stop();
            }
        }
    }

    /// To be held by the sync's future alone. Once it is gone, who wants the next sync waits for what of this one is
    /// still in the store.
    pub(super) fn ends_with_this(&self) -> Ending<'_> {
        Ending(self)
    }
}

pub(super) struct Ending<'a>(&'a Life);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        if let Some(syncing) = lock(&self.0.syncing).as_mut() {
            syncing.ended = true;
        }
    }
}

/// Ends what goes on by itself.
#[derive(Clone)]
pub(super) struct Stopper(Arc<dyn Stop>);

impl std::fmt::Debug for Stopper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stopper")
    }
}

impl Stopper {
    pub(super) fn stop(&self) {
        self.0.stop();
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

trait Stop: Send + Sync {
    fn stop(&self);
}

struct Running<T> {
    /// `None` once it is over or was stopped.
    future: Mutex<Option<BoxFuture<'static, T>>>,
    stopped: AtomicBool,
    waker: AtomicWaker,
}

impl<T> Stop for Running<T> {
    fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Where it is being polled at this moment, whoever polls it drops it.
        let gone = self.future.try_lock().ok().and_then(|mut future| future.take());
        drop(gone);
        self.waker.wake();
    }
}

/// See [`Life::stoppable`].
pub(super) struct Stoppable<T>(Arc<Running<T>>);

impl<T> Future for Stoppable<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let of = &self.0;
        of.waker.register(context.waker());
        let mut slot = lock(&of.future);
        let go_on = !of.stopped.load(Ordering::SeqCst);
        let polled = slot.as_mut().filter(|_| go_on).map(|future| future.as_mut().poll(context));
        let done = match polled {
            Some(Poll::Pending) if !of.stopped.load(Ordering::SeqCst) => return Poll::Pending,
            Some(Poll::Ready(done)) => Some(done),
            _ => None,
        };
        let gone = slot.take();
        drop(slot);
        drop(gone);
        Poll::Ready(done)
    }
}

impl<T> Drop for Stoppable<T> {
    fn drop(&mut self) {
        drop(lock(&self.0.future).take());
    }
}

#[cfg(test)]
mod tests;
