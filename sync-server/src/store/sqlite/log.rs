//! Scopes and their logs.

use rusqlite::{OptionalExtension, Row, params};
use sotay_protocol::{
    env::Timestamp,
    planted::{self, Bug},
    row::RowRef,
    scope::Scope,
};

use super::{
    Link, failed,
    values::{hash_if_there, number, parsed, text, to_column},
};
use crate::store::{
    Head, NewEntry, ReadDevices, ReadLog, Result, StoreError, StoredEntry, WriteBlobs, WriteLog,
    drawn::{Drawn, drawn},
};

fn entry(row: &Row<'_>) -> rusqlite::Result<StoredEntry> {
    let body: Option<Vec<u8>> = row.get(6)?;
    let body = body.map(String::from_utf8).transpose().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(6, rusqlite::types::Type::Blob, Box::new(error))
    })?;
    Ok(StoredEntry {
        seq: number(row, 0)?,
        kind: row.get(1)?,
        id: parsed(row, 2)?,
        version: row.get(3)?,
        author: parsed(row, 4)?,
        made: hash_if_there(row, 5)?,
        body,
    })
}

impl Link<'_> {
    /// The scope's next number, which it now stands at.
    pub(super) fn next_number(&self, scope: Scope) -> Result<u64> {
        self.check_locked(scope)?;
        let seq = self
            .connection
            .prepare_cached("UPDATE scope SET head = head + 1 WHERE scope = ?1 RETURNING head")
            .and_then(|mut next| next.query_row([text(&scope)], |row| number(row, 0)).optional())
            .map_err(failed)?;
        if let Some(seq) = seq {
            return Ok(seq);
        }
        let epoch = self.server()?.map_or(1, |server| server.epoch);
        self.connection
            .prepare_cached("INSERT INTO scope (scope, epoch, head) VALUES (?1, ?2, 1)")
            .and_then(|mut first| first.execute(params![text(&scope), to_column(epoch)]))
            .map_err(failed)?;
        Ok(1)
    }

    /// Puts a tombstone in the place of the row, which stands.
    pub(super) fn tombstone(&self, row: &RowRef, at: Timestamp) -> Result<u64> {
        let seq = self.next_number(row.scope)?;
        self.connection
            .prepare_cached(
                "UPDATE entry SET seq = ?4, at = ?5, body = NULL, happened = NULL, dated = NULL, belongs_to = NULL
                 WHERE scope = ?1 AND kind = ?2 AND id = ?3",
            )
            .and_then(|mut update| {
                update.execute(params![
                    text(&row.scope),
                    row.kind,
                    text(&row.id),
                    to_column(seq),
                    at.millis()
                ])
            })
            .map_err(failed)?;
        Ok(seq)
    }
}

impl ReadLog for Link<'_> {
    fn head(&self, scope: Scope) -> Result<Head> {
        let head = self
            .connection
            .prepare_cached("SELECT epoch, head, floor, purges FROM scope WHERE scope = ?1")
            .and_then(|mut select| {
                let head = |row: &Row<'_>| {
                    Ok(Head {
                        epoch: number(row, 0)?,
                        head: number(row, 1)?,
                        floor: number(row, 2)?,
                        purges: number(row, 3)?,
                    })
                };
                select.query_row([text(&scope)], head).optional()
            })
            .map_err(failed)?;
        match head {
            Some(head) => Ok(head),
            None => {
                let epoch = self.server()?.map_or(1, |server| server.epoch);
                Ok(Head { epoch, head: 0, floor: 0, purges: 0 })
            }
        }
    }

    fn entry(&self, row: &RowRef) -> Result<Option<StoredEntry>> {
        self.connection
            .prepare_cached(
                "SELECT seq, kind, id, version, author, made, body FROM entry
                 WHERE scope = ?1 AND kind = ?2 AND id = ?3",
            )
            .and_then(|mut select| {
                select.query_row(params![text(&row.scope), row.kind, text(&row.id)], entry).optional()
            })
            .map_err(failed)
    }

    fn reading(&self, scope: Scope, after: u64, begun: u64, bytes: usize) -> Result<Vec<StoredEntry>> {
        let read = || {
            let mut select = self.connection.prepare_cached(
                "SELECT seq, kind, id, version, author, made, body FROM entry
                 WHERE scope = ?1 AND seq > ?2 AND (body IS NOT NULL OR seq > ?3) ORDER BY seq",
            )?;
            let mut rows = select.query(params![text(&scope), to_column(after), to_column(begun)])?;
            let (mut taken, mut entries) = (0, Vec::new());
            while let Some(row) = rows.next()? {
                let next = entry(row)?;
                taken += next.body.as_ref().map_or(0, String::len) + ENTRY_OVERHEAD;
                if taken > bytes && !entries.is_empty() {
                    break;
                }
                entries.push(next);
            }
            Ok(entries)
        };
        read().map_err(failed)
    }

    fn rows_of_kind(&self, scope: Scope, kind: &str) -> Result<Vec<StoredEntry>> {
        self.connection
            .prepare_cached(
                "SELECT seq, kind, id, version, author, made, body FROM entry
                 WHERE scope = ?1 AND kind = ?2 AND body IS NOT NULL ORDER BY seq",
            )
            .and_then(|mut select| select.query_map(params![text(&scope), kind], entry)?.collect())
            .map_err(failed)
    }

    fn scopes_to_purge(&self, before: Timestamp) -> Result<Vec<Scope>> {
        self.connection
            .prepare_cached("SELECT DISTINCT scope FROM entry WHERE body IS NULL AND at < ?1 ORDER BY scope")
            .and_then(|mut select| select.query_map([before.millis()], |row| parsed(row, 0))?.collect())
            .map_err(failed)
    }
}

/// What an entry's line holds beside its body, at most: seq, version, author, id, kind and their names.
const ENTRY_OVERHEAD: usize = 256;

impl WriteLog for Link<'_> {
    fn put(&mut self, row: &RowRef, new: &NewEntry<'_>) -> Result<u64> {
        let seq = self.next_number(row.scope)?;
        self.forget_archived(row)?;
        let Drawn { happened, dated, belongs_to } = drawn(row, new.body, new.at);
        self.connection
            .prepare_cached(
                "INSERT INTO entry (scope, kind, id, seq, version, author, made, at, body, happened, belongs_to, dated)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
                 ON CONFLICT (scope, kind, id) DO UPDATE SET
                    seq = excluded.seq, version = excluded.version, author = excluded.author,
                    made = excluded.made, at = excluded.at, body = excluded.body,
                    happened = excluded.happened, belongs_to = excluded.belongs_to, dated = excluded.dated",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    text(&row.scope),
                    row.kind,
                    text(&row.id),
                    to_column(seq),
                    new.version,
                    text(&new.author),
                    new.made,
                    new.at.millis(),
                    new.body.as_bytes(),
                    happened.map(Timestamp::millis),
                    belongs_to.as_ref().map(text),
                    dated.map(Timestamp::millis)
                ])
            })
            .map_err(failed)?;
        Ok(seq)
    }

    fn bury(&mut self, row: &RowRef, at: Timestamp) -> Result<Option<u64>> {
        self.check_locked(row.scope)?;
        if self.entry(row)?.is_none_or(|entry| entry.body.is_none()) {
            return Ok(None);
        }
        self.drop_blobs(row)?;
        self.tombstone(row, at).map(Some)
    }

    fn purge(&mut self, scope: Scope, before: Timestamp, most: usize) -> Result<u64> {
        const OLD: &str =
            "FROM entry WHERE scope = ?1 AND body IS NULL AND at < ?2 ORDER BY at, rowid LIMIT ?3";
        self.check_locked(scope)?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let purge = || {
            let highest: Option<i64> = self.connection.query_row(
                &format!("SELECT max(seq) FROM (SELECT seq {OLD})"),
                params![text(&scope), before.millis(), most],
                |row| row.get(0),
            )?;
            let Some(highest) = highest else { return Ok(0) };
            let gone = self.connection.execute(
                &format!("DELETE FROM entry WHERE rowid IN (SELECT rowid {OLD})"),
                params![text(&scope), before.millis(), most],
            )?;
            let highest = if planted::is(Bug::FloorNotRaised) { 0 } else { highest };
            self.connection.execute(
                "UPDATE scope SET floor = max(floor, ?2), purges = purges + 1 WHERE scope = ?1",
                params![text(&scope), highest],
            )?;
            Ok(u64::try_from(gone).unwrap_or(0))
        };
        purge().map_err(failed)
    }

    fn begin_epoch(&mut self, at_least: u64) -> Result<u64> {
        let epoch = self
            .server()?
            .map(|server| at_least.max(server.epoch + 1))
            .ok_or_else(|| StoreError::GivenUp("the server has no epoch yet".into()))?;
        self.connection.execute("UPDATE server SET epoch = ?1", [to_column(epoch)]).map_err(failed)?;
        self.connection.execute("UPDATE scope SET epoch = ?1", [to_column(epoch)]).map_err(failed)?;
        Ok(epoch)
    }
}
