//! The directives of this phone that a paper may be.

use rusqlite::{Connection, Params};
use sotay_protocol::{
    directives::{Directive, Number},
    id::Id,
    printed::Printed,
};

use crate::{
    directives::{DirectiveLine, LINE_COLUMNS, LINE_WIDTH, line},
    store::{StoreError, table::drawn},
};

/// One that stands here.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) line: DirectiveLine,
    /// Of its statement, in lower-case hex.
    pub(super) sha256: String,
    pub(super) replaced_by: Option<Id>,
}

/// Those that bear the paper's number, and those of its issuer and day: a paper with one thing changed is one of these.
pub(super) fn like(store: &Connection, paper: &Printed) -> Result<Vec<Held>, StoreError> {
    let values = (paper.number.to_string(), paper.issuer.to_string(), paper.date.to_string());
    all(store, "d.number = ?1 OR (d.issuer = ?2 AND d.date = ?3)", values)
}

pub(super) fn numbered(store: &Connection, number: &Number) -> Result<Vec<Held>, StoreError> {
    all(store, "d.number = ?1", [number.to_string()])
}

pub(super) fn line_of(store: &Connection, of: Id) -> Result<Option<DirectiveLine>, StoreError> {
    Ok(all(store, "d.id = ?1", [of.to_string()])?.into_iter().next().map(|of| of.line))
}

fn all(store: &Connection, which: &str, values: impl Params) -> Result<Vec<Held>, StoreError> {
    let sql = format!(
        "SELECT {LINE_COLUMNS}, d.body FROM directive AS d
         WHERE d.scope IN (SELECT scope FROM scope) AND ({which}) ORDER BY d.date DESC, d.id, d.scope"
    );
    let mut statement = store.prepare_cached(&sql)?;
    let rows = statement.query_map(values, |row| Ok((line(row)?, row.get::<_, String>(LINE_WIDTH)?)))?;
    rows.map(|row| {
        let (line, body) = row?;
        let of: Directive = drawn(&body).map_err(|_| StoreError::Row("a body is not of its kind"))?;
        Ok(Held { line, sha256: of.statement_sha256(), replaced_by: of.replaced_by })
    })
    .collect()
}
