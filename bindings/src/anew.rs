//! To begin anew where a handbook cannot be opened: the PIN is forgotten, or the key is lost.

use std::sync::Arc;

use sotay_core::{handbook as core, transport::ServerTrust, words::Lang};

use crate::{HandbookError, KeyStore, handbook::open, runtime};

/// Deletes a handbook without opening it: the key first, then the files. What waited to be sent is gone too. Throws
/// `KeyLocked` where the key store did not erase the key (the next `open` asks it again), `InUse`, `Folder`.
#[uniffi::export(async_runtime = "tokio")]
pub async fn forget_unopened(folder: String, key_store: Arc<dyn KeyStore>) -> Result<(), HandbookError> {
    let setup = set_up(folder, key_store).await?;
    runtime::run(async move { core::Handbook::forget_unopened(&setup).await }).await
}

/// Sets a handbook aside for which `open` threw `KeyLost`, so that its person may begin anew in the same folder. Nothing
/// is deleted. Whether there was one. Throws `Folder`.
#[uniffi::export(async_runtime = "tokio")]
pub async fn set_aside(folder: String, key_store: Arc<dyn KeyStore>) -> Result<bool, HandbookError> {
    let setup = set_up(folder, key_store).await?;
    runtime::run(async move { core::Handbook::set_aside(&setup).await }).await
}

async fn set_up(folder: String, key_store: Arc<dyn KeyStore>) -> Result<core::Setup, HandbookError> {
    let open = move || open(folder, key_store, Lang::Vi, &ServerTrust::default());
    Ok(runtime::run_blocking(open).await?.0)
}
