//! What goes up in an exchange.

use sotay_protocol::{
    exchange::{Cursor, Envelope, Request, Sent},
    frame,
    signature::{Base64, sha256},
    trust,
};

use super::super::{
    commands::CommandState,
    delivery::{Batch, Item},
    device::{self, Device, Followed},
};
use crate::{release, store::StoreError};

pub(super) fn request(
    store: &rusqlite::Connection,
    device: &Device,
    keys: Option<trust::Signed>,
    batch: &Batch,
) -> Result<Vec<u8>, StoreError> {
    let cursors = device::cursors(store)?;
    let request = Request {
        app: release::app(),
        epoch: device.epoch,
        highest: device.next_number - 1,
        cursors: cursors.iter().map(cursor).collect(),
        push: device::push(store)?,
        keys,
        commands: batch.items.iter().map(sent).collect(),
    };
    let text = serde_json::to_string(&request).map_err(|_| StoreError::Row("a request cannot be written"))?;
    let envelope = Envelope::seal(device.server, device.device, device.count + 1, &text, &device.key);
    frame::pack_request(&envelope, &text).map_err(|_| StoreError::Row("a request cannot be packed"))
}

fn cursor(at: &Followed) -> Cursor {
    let begun = if at.resetting { at.begun } else { 0 };
    Cursor { scope: at.scope, epoch: at.epoch, seq: at.seq, begun }
}

fn sent(item: &Item) -> Sent {
    let entry = match item {
        Item::Forgotten(number) => return Sent::Skip { skip: *number, hash: None },
        Item::Kept(entry) => entry,
    };
    match entry.state {
        CommandState::Parked | CommandState::Retaken => {
            let hash = Base64(sha256(entry.signed.text.as_bytes()).to_vec());
            Sent::Skip { skip: entry.number, hash: Some(hash) }
        }
        _ => Sent::Command(entry.signed.clone()),
    }
}
