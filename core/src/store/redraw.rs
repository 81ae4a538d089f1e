//! Columns drawn anew out of the bodies they were drawn from, and the files these name, after an update of the app that draws otherwise.

use rusqlite::{Connection, OptionalExtension, ToSql, params_from_iter};

use sotay_protocol::{id::Id, scope::Scope};

use super::{
    StoreError, named,
    table::{Table, id, parsed},
};

/// Rows, and bytes of bodies, of one transaction: a phone does not hold a table in memory.
const ROWS: usize = 500;
const BYTES: usize = 1024 * 1024;

/// Where a row stands in its table, which it is, and its body.
type Row = (i64, Scope, Id, String);

/// How far a kind is: drawn as in `drawing`, and on the way to `toward` up to the row `after`.
struct Drawn {
    drawing: u32,
    toward: u32,
    after: i64,
}

fn drawn(store: &Connection, table: &Table) -> Result<Drawn, StoreError> {
    let mut statement = store.prepare_cached("SELECT drawing, toward, after FROM drawn WHERE kind = ?1")?;
    let found = statement
        .query_row([table.kind], |row| {
            Ok(Drawn { drawing: row.get(0)?, toward: row.get(1)?, after: row.get(2)? })
        })
        .optional()?;
    // No word of it: as the first release drew.
    Ok(found.unwrap_or(Drawn { drawing: 1, toward: 1, after: 0 }))
}

fn keep(store: &Connection, table: &Table, of: &Drawn) -> Result<(), StoreError> {
    store.execute(
        "INSERT INTO drawn (kind, drawing, toward, after) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (kind) DO UPDATE SET drawing = excluded.drawing, toward = excluded.toward, after = excluded.after",
        (table.kind, of.drawing, of.toward, of.after),
    )?;
    Ok(())
}

pub(crate) fn is_due(store: &Connection, table: &Table) -> Result<bool, StoreError> {
    Ok(drawn(store, table)?.drawing != table.drawing)
}

/// Says how many rows were drawn. A body that cannot be read any more keeps the columns it has.
pub(crate) fn batch(store: &Connection, table: &Table) -> Result<u64, StoreError> {
    let of = drawn(store, table)?;
    let after = if of.toward == table.drawing { of.after } else { 0 };
    let rows = rows_after(store, table, after)?;
    let Some((last, ..)) = rows.last() else {
        keep(store, table, &Drawn { drawing: table.drawing, toward: table.drawing, after: 0 })?;
        return Ok(0);
    };
    let sets: Vec<String> =
        table.columns.iter().zip(2..).map(|(column, nth)| format!("{column} = ?{nth}")).collect();
    let sql = format!("UPDATE {} SET {} WHERE rowid = ?1", table.name, sets.join(", "));
    let mut redrawn = 0;
    for (rowid, scope, id, body) in &rows {
        let Ok(values) = (table.draw)(body) else { continue };
        if !values.is_empty() {
            let all =
                std::iter::once(rowid as &dyn ToSql).chain(values.iter().map(|value| value as &dyn ToSql));
            store.prepare_cached(&sql)?.execute(params_from_iter(all))?;
        }
        named::draw(store, table.kind, *scope, *id, body)?;
        redrawn += 1;
    }
    keep(store, table, &Drawn { toward: table.drawing, after: *last, ..of })?;
    Ok(redrawn)
}

fn rows_after(store: &Connection, table: &Table, after: i64) -> Result<Vec<Row>, StoreError> {
    let sql = format!(
        "SELECT rowid, scope, id, body FROM {} WHERE rowid > ?1 ORDER BY rowid LIMIT {ROWS}",
        table.name
    );
    let mut statement = store.prepare(&sql)?;
    let mut found = statement.query([after])?;
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while let Some(row) = found.next()? {
        let body: String = row.get(3)?;
        bytes += body.len();
        rows.push((row.get(0)?, parsed(row, 1)?, id(row, 2)?, body));
        if bytes >= BYTES {
            break;
        }
    }
    Ok(rows)
}
