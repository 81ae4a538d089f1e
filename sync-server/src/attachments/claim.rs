//! The files that a command names: they must all have come from its own device, and become blobs of its rows.
//!
//! Only the device's own upload counts. That the row, its scope or another device of the same member has the bytes
//! already is not looked at: whether a command is held must tell nothing but what its device has sent.

use sotay_protocol::{
    attachment::{Attachment, named_by},
    command::Command,
    id::Id,
    limits,
    refusal::Refusal,
    row::RowRef,
    scope::ScopeKind,
};

use super::of_hex;
use crate::{
    commands::{Deed, Stop},
    store::{BlobHash, Reader, Result as Stored, Transaction, Upload},
};

/// Hashes of the files that a command names, each once; what is no hash is left out.
pub(crate) fn named(command: &Command) -> Vec<BlobHash> {
    let mut hashes: Vec<BlobHash> =
        command.attachments().iter().filter_map(|file| of_hex(&file.hash)).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// The command's files that this device has not sent to the end.
pub(crate) fn missing(reader: &(impl Reader + ?Sized), device: Id, command: &Command) -> Stored<Vec<String>> {
    let mut missing = Vec::new();
    for file in command.attachments() {
        let Some(hash) = of_hex(&file.hash) else { continue };
        if reader.upload(device, &hash)?.is_none_or(|upload| !upload.verified)
            && !missing.contains(&file.hash)
        {
            missing.push(file.hash);
        }
    }
    Ok(missing)
}

/// Called when the command has written `rows`: its files go with those that name them, in the same transaction, and
/// the uploads are done with, unless another command of this device waits for the same file.
///
/// # Errors
/// Held while a file has not come; refused where its size is another, or the member has no room.
pub(crate) fn claim(tx: &mut dyn Transaction, deed: &Deed<'_>, rows: &[&RowRef]) -> Result<(), Stop> {
    let files = deed.command.attachments();
    if files.is_empty() {
        return Ok(());
    }
    // What the desk answers with does not take the member's room from the member's own command.
    let own = Some(deed.command.row.scope).filter(|scope| scope.kind == ScopeKind::Member);
    let before = own.map_or(Ok(0), |scope| tx.blob_bytes_in(scope))?;
    if before >= limits::MEMBER_FILES {
        return Err(Refusal::NoRoom.into());
    }
    let missing = missing(tx, deed.device, deed.command)?;
    if !missing.is_empty() {
        return Err(Stop::Held { missing: Vec::new(), files: missing });
    }
    let uploads = uploads(tx, deed.device, &files)?;
    for row in rows {
        let entry = tx.entry(row)?;
        let body = entry.as_ref().and_then(|entry| entry.body.as_deref()).unwrap_or_default();
        let named = named_by(&row.kind, body);
        for (file, upload) in &uploads {
            if named.iter().any(|named| named.hash == file.hash) {
                tx.keep_upload(row, upload)?;
            }
        }
    }
    let after = own.map_or(Ok(0), |scope| tx.blob_bytes_in(scope))?;
    if after > limits::MEMBER_FILES && after > before {
        return Err(Refusal::NoRoom.into());
    }
    for (_, upload) in &uploads {
        let waits = tx.waiting_for(deed.device, &upload.hash)?;
        let done = waits.iter().all(|number| *number == deed.command.number);
        if done && !deed.named_later.contains(&upload.hash) {
            tx.drop_upload(deed.device, &upload.hash)?;
        }
    }
    Ok(())
}

fn uploads<'f>(
    reader: &(impl Reader + ?Sized),
    device: Id,
    files: &'f [Attachment],
) -> Result<Vec<(&'f Attachment, Upload)>, Stop> {
    let mut uploads = Vec::new();
    for file in files {
        let hash = of_hex(&file.hash).ok_or(Refusal::Malformed)?;
        // The bytes are those of the hash, so another size was never true.
        let upload = reader.upload(device, &hash)?.filter(|upload| upload.size == file.size);
        uploads.push((file, upload.ok_or(Refusal::Malformed)?));
    }
    Ok(uploads)
}
