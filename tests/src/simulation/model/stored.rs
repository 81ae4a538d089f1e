//! A phone's tables as they lie in its store: who it is, what is set aside or cannot be read, and all text.

use rusqlite::types::ValueRef;
use serde_json::Value;
use sotay_core::store::{Store as Phone, StoreError};
use sotay_protocol::{id::Id, row::RowRef};

pub(super) fn identity(store: &Phone) -> Result<Id, StoreError> {
    store.read(|store| {
        let id =
            store.query_row("SELECT device FROM device", [], |row| sotay_core::store::table::id(row, 0))?;
        Ok(id)
    })
}

/// The server's rows that lie under pending commands.
pub(super) fn set_aside(store: &rusqlite::Connection) -> Result<Vec<(RowRef, Option<Value>)>, StoreError> {
    use sotay_core::store::table;
    let mut statement = store.prepare_cached("SELECT scope, kind, id, body FROM base")?;
    let rows = statement.query_map([], |row| {
        let kind: String = row.get(1)?;
        let body: Option<String> = row.get(3)?;
        let at = RowRef { scope: table::parsed(row, 0)?, kind, id: table::id(row, 2)? };
        Ok((at, body.map(|body| serde_json::from_str(&body).unwrap_or_default())))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn unread(store: &rusqlite::Connection) -> Result<u64, StoreError> {
    Ok(store.query_row("SELECT count(*) FROM unread", [], |row| row.get(0))?)
}

/// All text of every table, with the table's name. A command's own text is left out: it is what the person wrote,
/// with the values that they saw when they wrote it, and stands as it was signed.
pub(super) fn tables(store: &Phone) -> Result<Vec<(String, String)>, StoreError> {
    store.read(|store| {
        let mut names = store.prepare_cached(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'search%' AND name NOT LIKE 'sqlite_%'",
        )?;
        let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut all = Vec::new();
        for name in names {
            let mut statement = store.prepare(&format!("SELECT * FROM {name}"))?;
            let words = |column: &&str| (name.as_str(), *column) != ("command", "text");
            let columns: Vec<String> =
                statement.column_names().into_iter().filter(words).map(str::to_owned).collect();
            let mut rows = statement.query([])?;
            let mut text = String::new();
            while let Some(row) = rows.next()? {
                for column in &columns {
                    if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = row.get_ref(column.as_str())? {
                        text.push_str(&String::from_utf8_lossy(bytes));
                        text.push('\n');
                    }
                }
            }
            all.push((name, text));
        }
        Ok(all)
    })
}
