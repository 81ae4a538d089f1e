//! What has left a scope's window.

use rusqlite::{OptionalExtension, Row, params};
use sotay_protocol::{
    env::Timestamp,
    id::Id,
    row::RowRef,
    scope::{Scope, ScopeKind},
};

use super::{
    Link, failed,
    values::{hash_if_there, parsed, parsed_if_there, text, time, to_column},
};
use crate::store::{Archived, ReadArchive, Result, WriteArchive, WriteLog};

/// In the order of [`archived`].
const COLUMNS: &str = "kind, id, happened, belongs_to, version, author, made, at, body";

fn archived(row: &Row<'_>) -> rusqlite::Result<Archived> {
    let body = String::from_utf8(row.get(8)?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(8, rusqlite::types::Type::Blob, Box::new(error))
    })?;
    Ok(Archived {
        kind: row.get(0)?,
        id: parsed(row, 1)?,
        happened: time(row, 2)?,
        belongs_to: parsed_if_there(row, 3)?,
        version: row.get(4)?,
        author: parsed(row, 5)?,
        made: hash_if_there(row, 6)?,
        at: time(row, 7)?,
        body,
    })
}

/// All scopes of a kind lie between these two.
fn between(kind: ScopeKind) -> (String, String) {
    let scope = text(&Scope { kind, id: Id::derived("", &[]) });
    let name = scope.split(':').next().unwrap_or_default().to_owned();
    (format!("{name}:"), format!("{name};"))
}

fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

impl ReadArchive for Link<'_> {
    fn archived(&self, row: &RowRef) -> Result<Option<Archived>> {
        let sql = format!("SELECT {COLUMNS} FROM archive WHERE scope = ?1 AND kind = ?2 AND id = ?3");
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut select| {
                select.query_row(params![text(&row.scope), row.kind, text(&row.id)], archived).optional()
            })
            .map_err(failed)
    }

    fn archive(
        &self,
        scope: Scope,
        kind: &str,
        before: Option<(Timestamp, Id)>,
        most: usize,
        bytes: usize,
    ) -> Result<Vec<Archived>> {
        let (happened, id) = match before {
            Some((happened, id)) => (happened.millis(), text(&id)),
            None => (i64::MAX, String::new()),
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM archive
             WHERE scope = ?1 AND kind = ?2 AND (happened, id) < (?3, ?4)
             ORDER BY happened DESC, id DESC LIMIT ?5"
        );
        let read = || {
            let mut select = self.connection.prepare_cached(&sql)?;
            let mut rows = select.query(params![text(&scope), kind, happened, id, limit(most)])?;
            let (mut taken, mut found) = (0, Vec::new());
            while taken <= bytes
                && let Some(row) = rows.next()?
            {
                let next = archived(row)?;
                taken += next.body.len();
                found.push(next);
            }
            Ok(found)
        };
        read().map_err(failed)
    }

    fn archive_belonging(&self, scope: Scope, to: Id) -> Result<Vec<Archived>> {
        let sql =
            format!("SELECT {COLUMNS} FROM archive WHERE scope = ?1 AND belongs_to = ?2 ORDER BY kind, id");
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut select| select.query_map(params![text(&scope), text(&to)], archived)?.collect())
            .map_err(failed)
    }

    fn belonging(&self, scope: Scope, to: Id) -> Result<Vec<RowRef>> {
        self.connection
            .prepare_cached(
                "SELECT kind, id FROM entry WHERE scope = ?1 AND belongs_to = ?2 ORDER BY kind, id",
            )
            .and_then(|mut select| {
                let row = |row: &Row<'_>| Ok(RowRef { scope, kind: row.get(0)?, id: parsed(row, 1)? });
                select.query_map(params![text(&scope), text(&to)], row)?.collect()
            })
            .map_err(failed)
    }

    fn scopes_to_clear(&self, kind: ScopeKind, before: Timestamp) -> Result<Vec<Scope>> {
        let (from, to) = between(kind);
        self.connection
            .prepare_cached(
                "SELECT scope FROM scope WHERE scope >= ?1 AND scope < ?2 AND (clearing = 1 OR EXISTS
                    (SELECT 1 FROM entry WHERE entry.scope = scope.scope AND happened < ?3)) ORDER BY scope",
            )
            .and_then(|mut select| {
                select.query_map(params![from, to, before.millis()], |row| parsed(row, 0))?.collect()
            })
            .map_err(failed)
    }

    fn leaving(&self, scope: Scope, before: Timestamp, most: usize) -> Result<Vec<(RowRef, Timestamp)>> {
        self.connection
            .prepare_cached(
                "SELECT kind, id, happened FROM entry WHERE scope = ?1 AND happened < ?2
                 ORDER BY happened LIMIT ?3",
            )
            .and_then(|mut select| {
                let row = |row: &Row<'_>| {
                    Ok((RowRef { scope, kind: row.get(0)?, id: parsed(row, 1)? }, time(row, 2)?))
                };
                select.query_map(params![text(&scope), before.millis(), limit(most)], row)?.collect()
            })
            .map_err(failed)
    }

    fn is_clearing(&self, scope: Scope) -> Result<bool> {
        let clearing = self
            .connection
            .prepare_cached("SELECT clearing = 1 FROM scope WHERE scope = ?1")
            .and_then(|mut select| select.query_row([text(&scope)], |row| row.get(0)).optional())
            .map_err(failed)?;
        Ok(clearing.unwrap_or(false))
    }

    fn count_leaving(&self, scope: Scope, before: Timestamp) -> Result<(u64, u64)> {
        let count = |sql: &str, before: Option<Timestamp>| -> rusqlite::Result<i64> {
            let mut select = self.connection.prepare_cached(sql)?;
            match before {
                Some(before) => select.query_row(params![text(&scope), before.millis()], |row| row.get(0)),
                None => select.query_row([text(&scope)], |row| row.get(0)),
            }
        };
        let leaving = "SELECT count(*) FROM entry WHERE scope = ?1 AND happened < ?2";
        let all = "SELECT count(*) FROM entry WHERE scope = ?1";
        let leaving = count(leaving, Some(before)).map_err(failed)?;
        let all = count(all, None).map_err(failed)?;
        let unsigned = |number: i64| u64::try_from(number).unwrap_or(0);
        Ok((unsigned(leaving), unsigned(all.saturating_sub(leaving))))
    }
}

impl Link<'_> {
    fn copy_to_archive(&self, row: &RowRef, happened: Timestamp) -> Result<usize> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO archive
                    (scope, kind, id, happened, belongs_to, version, author, made, at, body)
                 SELECT scope, kind, id, coalesce(dated, ?4), belongs_to, version, author, made, at, body FROM entry
                 WHERE scope = ?1 AND kind = ?2 AND id = ?3 AND body IS NOT NULL",
            )
            .and_then(|mut insert| {
                insert.execute(params![text(&row.scope), row.kind, text(&row.id), happened.millis()])
            })
            .map_err(failed)
    }

    /// A row that is written is no longer in the archive.
    pub(super) fn forget_archived(&self, row: &RowRef) -> Result<()> {
        if !matches!(row.scope.kind, ScopeKind::Cell | ScopeKind::Desk) {
            return Ok(());
        }
        self.connection
            .prepare_cached("DELETE FROM archive WHERE scope = ?1 AND kind = ?2 AND id = ?3")
            .and_then(|mut delete| delete.execute(params![text(&row.scope), row.kind, text(&row.id)]))
            .map_err(failed)?;
        Ok(())
    }
}

impl WriteArchive for Link<'_> {
    fn put_away(&mut self, row: &RowRef, happened: Timestamp, at: Timestamp) -> Result<Option<u64>> {
        self.check_locked(row.scope)?;
        if self.copy_to_archive(row, happened)? == 0 {
            return Ok(None);
        }
        self.tombstone(row, at).map(Some)
    }

    fn clear(&mut self, scope: Scope, before: Timestamp, most: usize) -> Result<u64> {
        self.check_locked(scope)?;
        let of = params![text(&scope), before.millis(), limit(most)];
        let moved = self
            .connection
            .prepare_cached(
                "INSERT OR REPLACE INTO archive
                    (scope, kind, id, happened, belongs_to, version, author, made, at, body)
                 SELECT scope, kind, id, coalesce(dated, happened), belongs_to, version, author, made, at, body
                 FROM entry WHERE scope = ?1 AND happened < ?2 ORDER BY happened, rowid LIMIT ?3",
            )
            .and_then(|mut insert| insert.execute(of))
            .map_err(failed)?;
        if moved == 0 {
            return Ok(0);
        }
        self.connection
            .prepare_cached(
                "DELETE FROM entry WHERE rowid IN
                    (SELECT rowid FROM entry WHERE scope = ?1 AND happened < ?2
                     ORDER BY happened, rowid LIMIT ?3)",
            )
            .and_then(|mut delete| delete.execute(of))
            .map_err(failed)?;
        self.connection
            .prepare_cached("UPDATE scope SET clearing = 1 WHERE scope = ?1 AND clearing = 0")
            .and_then(|mut update| update.execute([text(&scope)]))
            .map_err(failed)?;
        Ok(u64::try_from(moved).unwrap_or(0))
    }

    fn end_clearing(&mut self, scope: Scope) -> Result<()> {
        let floor = self.next_number(scope)?;
        self.connection
            .prepare_cached("UPDATE scope SET floor = ?2, purges = purges + 1, clearing = 0 WHERE scope = ?1")
            .and_then(|mut update| update.execute(params![text(&scope), to_column(floor)]))
            .map_err(failed)?;
        Ok(())
    }

    fn recall(&mut self, row: &RowRef) -> Result<Option<u64>> {
        self.check_locked(row.scope)?;
        let Some(of) = self.archived(row)? else { return Ok(None) };
        let new = crate::store::NewEntry {
            version: of.version,
            author: of.author,
            body: &of.body,
            made: of.made,
            at: of.at,
        };
        self.put(row, &new).map(Some)
    }

    fn count_purge(&mut self, scope: Scope) -> Result<()> {
        self.check_locked(scope)?;
        self.connection
            .prepare_cached("UPDATE scope SET purges = purges + 1 WHERE scope = ?1")
            .and_then(|mut update| update.execute([text(&scope)]))
            .map_err(failed)?;
        Ok(())
    }
}
