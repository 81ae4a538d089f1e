//! Organisations that this member stands in or below.

use rusqlite::{Connection, types::Value};
use serde::Serialize;
use sotay_protocol::{
    id::Id,
    organisations::{Level, ORGANISATION, Organisation, Tree},
};

use crate::{
    shown,
    store::{
        StoreError,
        table::{Table, drawn, text},
    },
};

pub static ORGANISATIONS: Table = Table {
    kind: ORGANISATION,
    name: "organisation",
    version: 1,
    drawing: 1,
    columns: &["name", "level", "parent"],
    draw: |body| {
        let of: Organisation = drawn(body)?;
        let parent = of.parent.map_or(Value::Null, |parent| Value::Text(parent.to_string()));
        Ok(vec![Value::Text(of.name), text(&of.level), parent])
    },
};

/// An organisation as a screen names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrganisationView {
    pub id: Id,
    pub name: String,
    pub level: Level,
    pub parent: Option<Id>,
}

/// The organisations that this member stands in or below, from the top down.
///
/// # Errors
/// The store's own fault.
pub fn list(store: &Connection) -> Result<Vec<OrganisationView>, StoreError> {
    let rows = shown::all::<Organisation>(store, &ORGANISATIONS, "ORDER BY name, id", [])?;
    let mut views: Vec<OrganisationView> = rows
        .into_iter()
        .map(|row| OrganisationView {
            id: row.id,
            name: row.of.name,
            level: row.of.level,
            parent: row.of.parent,
        })
        .collect();
    views.sort_by_key(|view| view.level);
    Ok(views)
}

/// Its name; `None` for one that this phone has not been told of.
///
/// # Errors
/// The store's own fault.
pub fn name(store: &Connection, organisation: Id) -> Result<Option<String>, StoreError> {
    Ok(shown::one::<Organisation>(store, &ORGANISATIONS, organisation)?.map(|row| row.of.name))
}

/// The organisation and what stands above it, as far as this phone knows: at least itself.
///
/// # Errors
/// The store's own fault.
pub(crate) fn upward(store: &Connection, of: Id) -> Result<Vec<Id>, StoreError> {
    let known: Vec<Id> = tree(store)?.upward(of).collect();
    Ok(if known.is_empty() { vec![of] } else { known })
}

/// # Errors
/// The store's own fault.
pub fn tree(store: &Connection) -> Result<Tree, StoreError> {
    Ok(Tree::new(list(store)?.into_iter().map(|view| (view.id, view.parent))))
}
