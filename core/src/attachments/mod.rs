//! Files that go with rows: the originals of directives, the photos of feedback.
//!
//! - `kept`: the bytes, in the same encrypted store as the rows.
//! - [`room`]: how much they may take, and what goes first.
//! - `plan`: which file comes next.
//! - [`transfer`]: a state machine that sends and fetches parts, driven like the sync engine.
//! - [`photo`]: what is taken out of a photo before it is kept.
//!
//! A shown row names its files (`store/named.rs`), and a file is asked for through a row. What a command brings belongs
//! to the scope of the command's row and stays until the command is forgotten: a restored server may want it again.

mod kept;
pub mod photo;
mod plan;
pub mod room;
#[cfg(test)]
mod tests;
pub mod transfer;
mod view;

use rusqlite::Connection;
use sotay_protocol::{attachment::Attachment, command::Command, env::Timestamp, scope::Scope};

pub use self::{
    photo::{Photo, PhotoError},
    plan::{Terms, comes_over_any_network, to_fetch, waiting},
    room::{Reading, Readings, Settings, Usage},
    view::{
        FileState, FileView, Opened, is_kept_apart, list, of_id, of_row, open, piece, save, unwant, want,
    },
};
use crate::store::StoreError;

/// Keeps the bytes of a file that a command is about to bring.
pub(crate) fn keep(
    store: &Connection,
    scope: Scope,
    file: &Attachment,
    bytes: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    kept::keep(store, scope, &file.hash, bytes, now)
}

/// Notes which files a command brings.
pub(crate) fn brought_by(store: &Connection, entry: u64, command: &Command) -> Result<(), StoreError> {
    for file in command.attachments() {
        let sql = "INSERT INTO brought (entry, scope, hash, size) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (entry, hash) DO NOTHING";
        store.prepare_cached(sql)?.execute((entry, command.row.scope.to_string(), file.hash, file.size))?;
    }
    Ok(())
}

/// The server holds a command for these files: it has not all of them, whatever it said before.
pub(crate) fn not_there(store: &Connection, files: &[String]) -> Result<(), StoreError> {
    for hash in files {
        store.prepare_cached("UPDATE upload SET sure = 0 WHERE hash = ?1")?.execute([hash])?;
    }
    Ok(())
}

/// A scope was left: what was sent to it goes. What the person could not send stays with their words.
pub(crate) fn left(store: &Connection, scope: &str) -> Result<(), StoreError> {
    store.execute(
        "DELETE FROM brought WHERE scope = ?1
           AND entry IN (SELECT entry FROM command WHERE scope = ?1 AND state = 'applied')",
        [scope],
    )?;
    Ok(())
}
