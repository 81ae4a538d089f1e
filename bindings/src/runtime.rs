//! The thread on which the core's futures run: whoever polls an export from Kotlin or Swift only waits for it.

use std::sync::LazyLock;

use sotay_core::handbook::HandbookError as Core;
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
};

use crate::{HandbookError, ending::Busy};

/// One for the process: the futures on it wait for the store's threads and the transport, and do little else.
static RUNTIME: LazyLock<Option<Runtime>> = LazyLock::new(|| {
    let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("sotay-drive").build();
    runtime.inspect_err(|error| tracing::error!(%error, "no thread to run on")).ok()
});

pub(crate) fn runtime() -> Result<&'static Runtime, HandbookError> {
    RUNTIME.as_ref().ok_or(HandbookError::Internal)
}

/// Runs `work` over there and waits for its end. Whoever stops waiting does not stop the work.
pub(crate) async fn run<T: Send + 'static>(
    work: impl Future<Output = Result<T, Core>> + Send + 'static,
) -> Result<T, HandbookError> {
    spawn(work)?.await.map_err(|_| HandbookError::Internal)?.map_err(Into::into)
}

/// Begins `work` over there.
pub(crate) fn spawn<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<JoinHandle<T>, HandbookError> {
    let busy = Busy::begin();
    Ok(runtime()?.spawn(async move {
        let done = work.await;
        drop(busy);
        done
    }))
}

/// Runs what blocks, likewise.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HandbookError> + Send + 'static,
) -> Result<T, HandbookError> {
    let busy = Busy::begin();
    let task = runtime()?.spawn_blocking(move || {
        let done = work();
        drop(busy);
        done
    });
    task.await.map_err(|_| HandbookError::Internal)?
}
