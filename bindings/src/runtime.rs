//! The thread on which the core's futures run: whoever polls an export from Kotlin or Swift only waits for it.

use std::sync::LazyLock;

use sotay_core::handbook::HandbookError as Core;
use tokio::runtime::{Builder, Runtime};

use crate::HandbookError;

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
    let task = runtime()?.spawn(work);
    task.await.map_err(|_| HandbookError::Internal)?.map_err(Into::into)
}

/// Runs what blocks, likewise.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HandbookError> + Send + 'static,
) -> Result<T, HandbookError> {
    let task = runtime()?.spawn_blocking(work);
    task.await.map_err(|_| HandbookError::Internal)?
}
