//! Rows that an older app could not read and this one can: from `unread` under whatever is folded over them.

use rusqlite::Connection;
use sotay_protocol::row::RowRef;

use super::{device, fold};
use crate::{
    release,
    store::{
        StoreError,
        table::{Kept, id, parsed},
    },
    tables,
};

/// Rows of one transaction; each may be as large as a row can be.
const ROWS: usize = 16;

/// Each app tries each row once.
pub(crate) fn is_due(store: &Connection) -> Result<bool, StoreError> {
    let mut statement = store.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM unread WHERE tried < ?1) AND EXISTS (SELECT 1 FROM device)",
    )?;
    Ok(statement.query_row([release::app()], |row| row.get(0))?)
}

/// Says how many rows were taken up. They keep the number and the generation under which they came, so that a reset
/// that goes on meanwhile finds them as it would have left them.
pub(crate) fn batch(store: &rusqlite::Transaction<'_>) -> Result<u64, StoreError> {
    let Some(of) = device::load(store)? else { return Ok(0) };
    let mut taken = 0;
    for (row, kept) in untried(store)? {
        let table = tables::of_kind(&row.kind).filter(|table| table.reads(kept.version));
        let readable = match table {
            Some(table) => fold::put_base(store, table, &row, Some(&kept), of.member)?,
            None => false,
        };
        let at = (row.scope.to_string(), &row.kind, row.id.to_string());
        if readable {
            store.execute("DELETE FROM unread WHERE scope = ?1 AND kind = ?2 AND id = ?3", at)?;
            taken += 1;
        } else {
            let sql = "UPDATE unread SET tried = ?4 WHERE scope = ?1 AND kind = ?2 AND id = ?3";
            store.execute(sql, (at.0, at.1, at.2, release::app()))?;
        }
    }
    Ok(taken)
}

fn untried(store: &Connection) -> Result<Vec<(RowRef, Kept)>, StoreError> {
    let sql = format!(
        "SELECT epoch, seq, generation, version, author, body, scope, kind, id FROM unread
         WHERE tried < ?1 ORDER BY scope, kind, id LIMIT {ROWS}"
    );
    let mut statement = store.prepare_cached(&sql)?;
    let rows = statement.query_map([release::app()], |row| {
        let at = RowRef { scope: parsed(row, 6)?, kind: row.get(7)?, id: id(row, 8)? };
        Ok((at, Kept::from_sql(row)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
