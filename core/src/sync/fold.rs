//! What is shown: the server's row with this person's pending commands folded over it.
//!
//! A feature's table holds the folded row, so that every list, count and search reads that table alone. The
//! server's own row is set aside in `base`, only while commands touch it. Folded are commands that wait, are
//! sent or held, and applied ones until the cursor of their row's scope has reached their effect: feedback
//! must not vanish between "sent" and its row.

use rusqlite::{Connection, OptionalExtension};
use sotay_protocol::{
    command::{self, Command},
    id::Id,
    row::{Row, RowRef},
};

use super::device;
use crate::{
    store::{
        StoreError,
        table::{Kept, Table},
    },
    tables,
};

/// The server's side of a row on which commands are folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Base {
    /// Nothing is set aside: the feature's table has the server's own row, if it has any.
    Shown(Option<Kept>),
    /// Set aside; `None` where the server has no such row.
    Aside(Option<Kept>),
}

impl Base {
    pub(super) fn row(&self) -> Option<&Kept> {
        let (Self::Shown(row) | Self::Aside(row)) = self;
        row.as_ref()
    }
}

pub(super) fn base(store: &Connection, table: &Table, row: &RowRef) -> Result<Base, StoreError> {
    let mut statement = store.prepare_cached(
        "SELECT epoch, seq, generation, version, author, body FROM base WHERE scope = ?1 AND kind = ?2 AND id = ?3",
    )?;
    let aside = statement
        .query_row((row.scope.to_string(), &row.kind, row.id.to_string()), |sql| {
            let present = sql.get_ref(5)? != rusqlite::types::ValueRef::Null;
            Ok((Kept::from_sql(sql)?, present))
        })
        .optional()?;
    Ok(match aside {
        Some((kept, present)) => Base::Aside(present.then_some(kept)),
        None => Base::Shown(table.get(store, row.scope, row.id)?.map(|(kept, _)| kept)),
    })
}

fn set_aside(store: &Connection, row: &RowRef, kept: Option<&Kept>) -> Result<(), StoreError> {
    let nothing = Kept { epoch: 0, seq: 0, generation: 0, version: 0, author: row.id, body: String::new() };
    let of = kept.unwrap_or(&nothing);
    let mut statement = store.prepare_cached(
        "INSERT INTO base (scope, kind, id, epoch, seq, generation, version, author, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (scope, kind, id) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq,
           generation = excluded.generation, version = excluded.version, author = excluded.author, body = excluded.body",
    )?;
    statement.execute((
        row.scope.to_string(),
        &row.kind,
        row.id.to_string(),
        of.epoch,
        of.seq,
        of.generation,
        of.version,
        of.author.to_string(),
        kept.map(|kept| &kept.body),
    ))?;
    Ok(())
}

fn drop_aside(store: &Connection, row: &RowRef) -> Result<(), StoreError> {
    let mut statement =
        store.prepare_cached("DELETE FROM base WHERE scope = ?1 AND kind = ?2 AND id = ?3")?;
    statement.execute((row.scope.to_string(), &row.kind, row.id.to_string()))?;
    Ok(())
}

fn folded(store: &Connection, row: &RowRef) -> Result<Vec<Command>, StoreError> {
    let mut statement = store.prepare_cached(
        "SELECT text FROM command WHERE scope = ?1 AND row_kind = ?2 AND row_id = ?3 AND folded = 1 ORDER BY entry",
    )?;
    let texts = statement
        .query_map((row.scope.to_string(), &row.kind, row.id.to_string()), |sql| sql.get::<_, String>(0))?;
    texts.map(|text| Command::parse(&text?).map_err(|_| StoreError::Row("a command is not one"))).collect()
}

/// Puts the server's row, or its absence, under whatever is folded over it. `false` where this version of
/// the app cannot read the row's body; nothing was written then.
pub(super) fn put_base(
    store: &Connection,
    table: &Table,
    row: &RowRef,
    server: Option<&Kept>,
    maker: Id,
) -> Result<bool, StoreError> {
    let commands = folded(store, row)?;
    if commands.is_empty() {
        let readable = put_alone(store, table, row, server)?;
        if readable {
            drop_aside(store, row)?;
        }
        return Ok(readable);
    }
    if server.is_some_and(|kept| (table.draw)(&kept.body).is_err()) {
        return Ok(false);
    }
    show(store, table, row, server, &commands, maker)?;
    Ok(true)
}

/// The same for a row of which the caller knows that no command is folded over it and nothing is set aside.
pub(super) fn put_alone(
    store: &Connection,
    table: &Table,
    row: &RowRef,
    server: Option<&Kept>,
) -> Result<bool, StoreError> {
    match server {
        Some(kept) => table.put(store, row.scope, row.id, kept, 0),
        None => table.delete(store, row.scope, row.id).map(|()| true),
    }
}

/// Works out anew what is shown of a row, after its commands changed. A command on a scope that is not
/// followed, or on a kind that this app does not know, is listed and never folded.
pub(super) fn refold(store: &Connection, row: &RowRef, maker: Id) -> Result<(), StoreError> {
    let Some(table) = tables::of_kind(&row.kind) else { return Ok(()) };
    if device::cursor(store, &row.scope.to_string())?.is_none() {
        return Ok(());
    }
    let base = base(store, table, row)?;
    show(store, table, row, base.row(), &folded(store, row)?, maker)
}

fn show(
    store: &Connection,
    table: &Table,
    row: &RowRef,
    server: Option<&Kept>,
    commands: &[Command],
    maker: Id,
) -> Result<(), StoreError> {
    if commands.is_empty() {
        drop_aside(store, row)?;
        return put_alone(store, table, row, server).map(drop);
    }
    set_aside(store, row, server)?;
    let start = server.map(Kept::row).transpose()?;
    let shown = commands.iter().fold(start, |row, command| fold_one(row, command, maker));
    let pending = u32::try_from(commands.len()).unwrap_or(u32::MAX);
    let Some(shown) = shown else { return table.delete(store, row.scope, row.id) };
    let (epoch, seq, generation) = server.map_or((0, 0, 0), |kept| (kept.epoch, kept.seq, kept.generation));
    let body = serde_json::Value::Object(shown.body).to_string();
    let kept = Kept { epoch, seq, generation, version: shown.version, author: shown.author, body };
    table.put(store, row.scope, row.id, &kept, pending).map(drop)
}

/// A command that no longer fits the server's row leaves it as it is: the server will say what became of it.
fn fold_one(row: Option<Row>, command: &Command, maker: Id) -> Option<Row> {
    match command::apply(row.as_ref(), command, maker) {
        Ok(changed) => Some(changed),
        Err(_) => row,
    }
}
