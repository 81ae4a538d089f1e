//! A window that the system gives an app in the background: on iOS about half a minute, on Android a job's time.
//!
//! What is worth most comes first, as in every exchange: what the person wrote goes up, then the small scopes come
//! down, and the long ones last. When the time is nearly over the sync ends between two transactions, and the next one
//! goes on from there.

use std::{sync::Arc, time::Duration};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Either, select},
};
use serde::Serialize;

use super::{Handbook, HandbookError, Inner, Progress, SyncEnd, SyncHandle, SyncStop};
use crate::{attachments, feedback::sealed, outbox, search, store::StoreError};

/// Kept for the end: what is being written is finished, and the app still has to say that it is done, and to pause.
const MARGIN: Duration = Duration::from_secs(3);

/// What a window brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Window {
    #[serde(flatten)]
    pub end: SyncEnd,
    /// The window was over before the work was; `end` says [`SyncStop::Cancelled`].
    pub out_of_time: bool,
    /// Something still waits that another window, or the open app, would bring on.
    pub more: bool,
}

impl Handbook {
    /// A sync that is over, with nothing of it left to be done, before the window is. Wake the handbook first with
    /// [`Handbook::resume`] if it sleeps, and pause it afterwards.
    ///
    /// The handle is for a system that takes the window back early. The future's errors are those of
    /// [`Handbook::sync`].
    pub fn sync_within(
        &self,
        window: Duration,
        tell: impl Fn(&Progress) + Send + Sync + 'static,
    ) -> (SyncHandle, BoxFuture<'static, Result<Window, HandbookError>>) {
        let inner = Arc::clone(&self.inner);
        let (handle, sync) = self.sync(tell);
        let stop = handle.clone();
        let run = async move {
            let time = inner.timer.sleep(window.saturating_sub(MARGIN.min(window / 2)));
            let (end, out_of_time) = match select(sync, time).await {
                Either::Left((end, _)) => (end?, false),
                Either::Right(((), sync)) => {
                    stop.cancel();
                    let end = sync.await?;
                    let out_of_time = end.stop == SyncStop::Cancelled;
                    (end, out_of_time)
                }
            };
            inner.sync_has_left().await;
            let more = end.stop != SyncStop::Done || inner.something_waits().await?;
            Ok(Window { end, out_of_time, more })
        };
        (handle, run.boxed())
    }
}

impl Inner {
    async fn something_waits(&self) -> Result<bool, HandbookError> {
        let waits = self.read(|store, _| {
            let up = attachments::waiting(store)?.0;
            let down = u64::from(attachments::comes_over_any_network(store)?);
            let below = search::waiting(store)? + sealed::waiting(store)?;
            Ok::<_, StoreError>((outbox::counts(store)?.pending, below, up + down))
        });
        match waits.await {
            Ok(waits) => Ok(waits != (0, 0, 0)),
            // It was put to sleep meanwhile: that is no fault of the sync's.
            Err(HandbookError::Paused | HandbookError::Shut) => Ok(true),
            Err(error) => Err(error),
        }
    }
}
