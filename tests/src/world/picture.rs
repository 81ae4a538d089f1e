//! What a device shows and what the server has for a member, in the same form, to be compared.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::Value;
use sotay_core::{
    store::{Store, StoreError, table},
    tables::TABLES,
};
use sotay_protocol::{
    env::Timestamp, id::Id, organisations::Tree, rights::Standing, row::RowRef, scope::Scope,
};
use sotay_server::store::{Result as Stored, Store as ServerStore};

/// Rows with their bodies, read as JSON.
pub type Picture = BTreeMap<RowRef, Value>;

/// Everything that the tables of a phone's features show.
///
/// # Errors
/// The store's own fault.
pub fn picture(store: &Store) -> Result<Picture, StoreError> {
    store.read(|store| -> Result<Picture, StoreError> {
        let mut picture = Picture::new();
        for table in TABLES {
            let sql = format!("SELECT scope, id, body FROM {}", table.name);
            let mut statement = store.prepare_cached(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let at = RowRef::new(table::parsed(row, 0)?, table.kind, table::id(row, 1)?);
                let body = serde_json::from_str(row.get_ref(2)?.as_str().unwrap_or_default());
                picture.insert(at, body.unwrap_or(Value::Null));
            }
        }
        Ok(picture)
    })
}

/// Every scope that the member's devices are to follow.
///
/// # Errors
/// The store's own fault.
pub fn follows(store: &Arc<dyn ServerStore>, member: Id, at: Timestamp) -> Stored<BTreeSet<Scope>> {
    store.read_with(|reader| {
        let organisations = reader.organisations()?;
        let tree = Tree::new(organisations.iter().map(|of| (of.id, of.organisation.parent)));
        let standing =
            Standing { member, roles: reader.roles(member)?, memberships: reader.memberships(member)? };
        Ok(standing.follows(&tree, at))
    })
}

/// Everything that stands in the logs of `scopes`.
///
/// # Errors
/// The store's own fault.
pub fn standing_in(store: &Arc<dyn ServerStore>, scopes: &BTreeSet<Scope>) -> Stored<Picture> {
    store.read_with(|reader| {
        let mut picture = Picture::new();
        for scope in scopes.iter().copied() {
            for entry in reader.entries(scope, 0, usize::MAX)? {
                let Some(body) = &entry.body else { continue };
                let body = serde_json::from_str(body).unwrap_or(Value::Null);
                picture.insert(RowRef::new(scope, &entry.kind, entry.id), body);
            }
        }
        Ok(picture)
    })
}
