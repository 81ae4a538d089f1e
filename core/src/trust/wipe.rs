//! An order to forget all, as the server brings it: judged by what this phone believes itself, before anything else lands.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use sotay_protocol::{
    env::Timestamp,
    id::Id,
    signature::Base64,
    trust::{NotObeyed, WipeOrder},
};

use super::{keys, pin::pin};
use crate::{
    members, organisations,
    store::{StoreError, Why},
};

/// An order that was not obeyed: nothing was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedWipe {
    /// When it was last heard.
    pub at: Timestamp,
    pub why: NotObeyed,
}

/// Whose order it is, where it is one that this device, of that key, has to obey. Another is noted, and changes nothing. Call it
/// inside [`crate::store::Store::write`].
///
/// # Errors
/// The store's own fault.
pub(crate) fn ordered(
    store: &Connection,
    order: &WipeOrder,
    (device, key): (Id, &Base64),
    now: Timestamp,
) -> Result<Option<Why>, StoreError> {
    let compared = pin(store)?.is_none_or(|pin| pin.compared);
    let judged = order.judge((device, key), keys::keyring(store)?, &above(store)?, now);
    match judged.and_then(|by| compared.then_some(by).ok_or(NotObeyed::RootNotCompared)) {
        Ok(by) => Ok(Some(Why::Wiped {
            organisation: by.organisation,
            officer: by.officer,
            signed_at: by.at,
            reason: by.reason,
        })),
        Err(why) => {
            tracing::warn!(%why, "an order to forget all is not obeyed");
            let refused = RefusedWipe { at: now, why };
            store.execute("UPDATE trust SET refused_wipe = ?1", [json(&refused)?])?;
            Ok(None)
        }
    }
}

/// Keeps which organisations stand above this person. A phone that was taken off is told of none any more: those that it was
/// last told of stay.
///
/// # Errors
/// The store's own fault.
pub(crate) fn stands_below(store: &Connection) -> Result<(), StoreError> {
    let tree = organisations::tree(store)?;
    let mut above = BTreeSet::new();
    for cell in members::my_cells(store)? {
        above.insert(cell.id);
        above.extend(tree.upward(cell.id));
    }
    if !above.is_empty() {
        store.execute("UPDATE trust SET above = ?1 WHERE above <> ?1", [json(&above)?])?;
    }
    Ok(())
}

fn above(store: &Connection) -> Result<BTreeSet<Id>, StoreError> {
    let json: String = store.prepare_cached("SELECT above FROM trust")?.query_row([], |row| row.get(0))?;
    serde_json::from_str(&json).map_err(|_| StoreError::Row("the organisations above"))
}

pub(super) fn refused(store: &Connection) -> Result<Option<RefusedWipe>, StoreError> {
    let mut statement = store.prepare_cached("SELECT refused_wipe FROM trust")?;
    let json: Option<String> = statement.query_row([], |row| row.get(0))?;
    Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
}

fn json(of: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(of).map_err(|_| StoreError::Row("what is kept of a wipe cannot be written"))
}
