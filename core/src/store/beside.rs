//! Small files beside the store: there whole or not at all, and there after a power cut.

use std::{fs, io, path::Path};

use super::StoreError;

/// Under its own name only once it is whole.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut half = path.to_owned().into_os_string();
    half.push(".half");
    let write = || {
        fs::write(&half, bytes)?;
        fs::File::open(&half)?.sync_all()?;
        fs::rename(&half, path)
    };
    write().map_err(StoreError::of_folder)?;
    if let Some(folder) = path.parent() {
        sync(folder);
    }
    Ok(())
}

pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::Folder(error)),
        _ => Ok(()),
    }
}

/// Names in a folder are durable only when the folder itself was synced; where that cannot be done, they soon are.
pub(super) fn sync(folder: &Path) {
    #[cfg(unix)]
    if let Err(error) = fs::File::open(folder).and_then(|folder| folder.sync_all()) {
        tracing::warn!(%error, "the store's folder was not synced");
    }
    #[cfg(not(unix))]
    let _ = folder;
}
