//! Rows that the server itself writes.

use sotay_protocol::{
    env::Timestamp,
    row::{Body, Row, RowRef},
};

use crate::store::{NewEntry, Result, StoreError, Transaction};

pub(crate) fn put(
    tx: &mut dyn Transaction,
    at: &RowRef,
    row: &Row,
    made: Option<[u8; 32]>,
    now: Timestamp,
) -> Result<u64> {
    let body =
        serde_json::to_string(&row.body).map_err(|_| StoreError::GivenUp("a body is not JSON".into()))?;
    tx.put(at, &NewEntry { version: row.version, author: row.author, body: &body, made, at: now })
}

/// Whether the row had to be written: a row that stands so already keeps its number, and nobody is sent
/// it again.
pub(crate) fn put_if_changed(
    tx: &mut dyn Transaction,
    at: &RowRef,
    row: &Row,
    now: Timestamp,
) -> Result<bool> {
    let entry = tx.entry(at)?;
    let standing = entry.as_ref().and_then(|entry| entry.row().ok().flatten());
    if standing.as_ref() == Some(row) {
        return Ok(false);
    }
    // What has left its window just so does not come back.
    let archived = if standing.is_none() { tx.archived(at)? } else { None };
    if archived.is_some_and(|old| serde_json::from_str(&old.body).is_ok_and(|body: Body| body == row.body)) {
        return Ok(false);
    }
    put(tx, at, row, entry.and_then(|entry| entry.made), now)?;
    Ok(true)
}
