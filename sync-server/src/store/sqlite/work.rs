//! The outbox, and the index from a meeting to the claims on it.

use rusqlite::{Row, params};
use sotay_protocol::{id::Id, scope::Scope};

use super::{
    Link, failed,
    values::{json, parsed, text, time, to_json},
};
use crate::store::{ClaimLine, OutboxLine, ReadWork, Result, WriteWork};

fn line(row: &Row<'_>) -> rusqlite::Result<OutboxLine> {
    Ok(OutboxLine { scope: parsed(row, 0)?, id: parsed(row, 1)?, errand: json(row, 2)?, at: time(row, 3)? })
}

fn claim(row: &Row<'_>) -> rusqlite::Result<ClaimLine> {
    Ok(ClaimLine { member: parsed(row, 0)?, position: row.get(1)?, claim: parsed(row, 2)? })
}

fn to_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

impl ReadWork for Link<'_> {
    fn outbox(&self, limit: usize) -> Result<Vec<OutboxLine>> {
        self.connection
            .prepare_cached("SELECT scope, id, errand, at FROM outbox ORDER BY at, id LIMIT ?1")
            .and_then(|mut select| select.query_map([to_limit(limit)], line)?.collect())
            .map_err(failed)
    }

    fn outbox_of(&self, scope: Scope, limit: usize) -> Result<Vec<OutboxLine>> {
        self.connection
            .prepare_cached("SELECT scope, id, errand, at FROM outbox WHERE scope = ?1 ORDER BY id LIMIT ?2")
            .and_then(|mut select| select.query_map(params![text(&scope), to_limit(limit)], line)?.collect())
            .map_err(failed)
    }

    fn claims(&self, cell: Id, meeting: Id) -> Result<Vec<ClaimLine>> {
        self.connection
            .prepare_cached(
                "SELECT member, position, claim FROM claim WHERE cell = ?1 AND meeting = ?2
                 ORDER BY member, position",
            )
            .and_then(|mut select| select.query_map(params![text(&cell), text(&meeting)], claim)?.collect())
            .map_err(failed)
    }

    fn claims_of(&self, cell: Id, meeting: Id, member: Id) -> Result<Vec<ClaimLine>> {
        self.connection
            .prepare_cached(
                "SELECT member, position, claim FROM claim
                 WHERE cell = ?1 AND meeting = ?2 AND member = ?3 ORDER BY position",
            )
            .and_then(|mut select| {
                select.query_map(params![text(&cell), text(&meeting), text(&member)], claim)?.collect()
            })
            .map_err(failed)
    }
}

impl WriteWork for Link<'_> {
    fn push_outbox(&mut self, line: &OutboxLine) -> Result<()> {
        self.connection
            .prepare_cached("INSERT INTO outbox (scope, id, errand, at) VALUES (?1, ?2, ?3, ?4)")
            .and_then(|mut insert| {
                insert.execute(params![
                    text(&line.scope),
                    text(&line.id),
                    to_json(&line.errand),
                    line.at.millis()
                ])
            })
            .map_err(failed)?;
        Ok(())
    }

    fn take_outbox(&mut self, scope: Scope, line: Id) -> Result<bool> {
        self.connection
            .prepare_cached("DELETE FROM outbox WHERE scope = ?1 AND id = ?2")
            .and_then(|mut delete| delete.execute(params![text(&scope), text(&line)]))
            .map(|gone| gone > 0)
            .map_err(failed)
    }

    fn put_claim(&mut self, cell: Id, meeting: Id, claim: &ClaimLine) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO claim (cell, meeting, member, position, claim) VALUES (?1, ?2, ?3, ?4, ?5)",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    text(&cell),
                    text(&meeting),
                    text(&claim.member),
                    claim.position,
                    text(&claim.claim)
                ])
            })
            .map_err(failed)?;
        Ok(())
    }
}
