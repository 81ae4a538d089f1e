//! Reading what is shown: rows of one kind as their types. Features say only which and in what order.

use rusqlite::{Connection, Params};
use serde::de::DeserializeOwned;
use sotay_protocol::{id::Id, row::RowRef, scope::Scope};

use crate::store::{
    StoreError,
    table::{Table, drawn, id, parsed},
};

/// A row with pending commands folded over it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown<T> {
    pub scope: Scope,
    pub id: Id,
    /// Whether the server has the row; else it stands on this phone alone so far.
    pub at_server: bool,
    /// Commands of this person that are folded over it.
    pub pending: u32,
    pub of: T,
}

impl<T> Shown<T> {
    #[must_use]
    pub fn row(&self, kind: &str) -> RowRef {
        RowRef::new(self.scope, kind, self.id)
    }

    /// What a command on this row must name, so that it waits for the row instead of being refused.
    #[must_use]
    pub fn needed(&self, kind: &str) -> Vec<RowRef> {
        if self.at_server { Vec::new() } else { vec![self.row(kind)] }
    }
}

/// The rows that `tail` names: conditions and order, in SQL over the table's columns.
pub(crate) fn all<T: DeserializeOwned>(
    store: &Connection,
    table: &Table,
    tail: &str,
    values: impl Params,
) -> Result<Vec<Shown<T>>, StoreError> {
    let sql = format!("SELECT scope, id, seq, pending, body FROM {} {tail}", table.name);
    let mut statement = store.prepare_cached(&sql)?;
    let rows = statement.query_map(values, |row| {
        Ok((parsed(row, 0)?, id(row, 1)?, row.get::<_, i64>(2)?, row.get(3)?, row.get::<_, String>(4)?))
    })?;
    rows.map(|row| {
        let (scope, id, seq, pending, body) = row?;
        let of = drawn(&body).map_err(|_| StoreError::Row("a body is not of its kind"))?;
        Ok(Shown { scope, id, at_server: seq > 0, pending, of })
    })
    .collect()
}

/// Rows live in followed scopes, and a table's key begins with the scope.
const BY_ID: &str = "WHERE scope IN (SELECT scope FROM scope) AND id = ?1 ORDER BY scope LIMIT 1";

/// The row with this id, wherever it lives.
pub(crate) fn one<T: DeserializeOwned>(
    store: &Connection,
    table: &Table,
    id: Id,
) -> Result<Option<Shown<T>>, StoreError> {
    Ok(all(store, table, BY_ID, [id.to_string()])?.pop())
}

/// A page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub skip: u32,
    pub take: u32,
}

impl Default for Page {
    /// Everything.
    fn default() -> Self {
        Self { skip: 0, take: u32::MAX }
    }
}
