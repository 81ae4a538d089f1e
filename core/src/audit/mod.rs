//! Heads of audit chains, on the phones of officers above: a witness that the server's operator does not reach.

use rusqlite::{Connection, types::Value};
use sotay_protocol::audit::{AUDIT_HEAD, AuditHead};

use crate::store::{
    StoreError,
    table::{Table, drawn},
};

pub static AUDIT_HEADS: Table = Table {
    kind: AUDIT_HEAD,
    name: "audit_head",
    version: 1,
    drawing: 1,
    columns: &["number"],
    draw: |body| {
        let of: AuditHead = drawn(body)?;
        Ok(vec![Value::Integer(of.number.try_into().unwrap_or(i64::MAX))])
    },
};

/// The heads that this phone was told, by organisation.
///
/// # Errors
/// The store's own fault.
pub fn heads(store: &Connection) -> Result<Vec<AuditHead>, StoreError> {
    let mut select = store.prepare_cached("SELECT body FROM audit_head ORDER BY id")?;
    let bodies = select.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(bodies.iter().filter_map(|body| serde_json::from_str(body).ok()).collect())
}
