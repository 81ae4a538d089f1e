//! Where the app is called back: one thread for each handbook, in order, with no lock of the core held.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Sender, channel},
    thread::Builder,
};

use crate::HandbookError;

/// A listener or observer threw. It is detached, and what it listened to goes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum ListenerError {
    /// With whatever it said.
    #[error("{reason}")]
    Failed {
        /// For the log.
        reason: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for ListenerError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed { reason: error.reason }
    }
}

type Call = Box<dyn FnOnce() + Send>;

/// The thread ends with the last clone.
#[derive(Debug, Clone)]
pub(crate) struct Callbacks {
    calls: Sender<Call>,
}

impl Callbacks {
    pub(crate) fn start() -> Result<Self, HandbookError> {
        let (calls, queue) = channel::<Call>();
        let take_turns = move || {
            for call in queue {
                // A panic costs the one call, not the thread.
                let _ = catch_unwind(AssertUnwindSafe(call));
            }
        };
        let started = Builder::new().name("sotay-callbacks".into()).spawn(take_turns);
        started.map_err(|error| {
            tracing::error!(%error, "no thread for callbacks");
            HandbookError::Internal
        })?;
        Ok(Self { calls })
    }

    /// Calls in turn, and does not wait for it.
    pub(crate) fn post(&self, call: impl FnOnce() + Send + 'static) {
        // The thread outlives every sender.
        let _ = self.calls.send(Box::new(call));
    }

    /// Calls in turn and waits for the answer; never from the callbacks' own thread. `None` after a panic.
    pub(crate) fn ask<T: Send + 'static>(&self, question: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (tell, told) = channel();
        self.post(move || {
            let _ = tell.send(question());
        });
        told.recv().ok()
    }
}
