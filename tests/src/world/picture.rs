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
    picture_of(store, |_| true)
}

/// What they show of some kinds.
///
/// # Errors
/// The store's own fault.
pub fn picture_of(store: &Store, kind: impl Fn(&str) -> bool) -> Result<Picture, StoreError> {
    store.read(|store| -> Result<Picture, StoreError> {
        let mut picture = Picture::new();
        for table in TABLES.iter().filter(|table| kind(table.kind)) {
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

/// All that they show and what became of each command, as it stands in the store: equal as long as nothing has changed,
/// and several times as fast to take as what it says.
///
/// # Errors
/// The store's own fault.
pub fn imprint(store: &Store) -> Result<Vec<u8>, StoreError> {
    let sqls = TABLES.iter().map(|table| format!("SELECT scope, id, body FROM {}", table.name));
    let outbox =
        "SELECT entry || '', state FROM command WHERE state NOT IN ('settled', 'retaken') ORDER BY entry";
    store.read(|store| -> Result<_, StoreError> {
        let mut imprint = Vec::new();
        for sql in sqls.chain([outbox.to_owned()]) {
            let mut statement = store.prepare_cached(&sql)?;
            let columns = statement.column_count();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                for column in 0..columns {
                    imprint.extend_from_slice(row.get_ref(column)?.as_bytes().unwrap_or_default());
                    imprint.push(0);
                }
            }
            imprint.push(0);
        }
        Ok(imprint)
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
