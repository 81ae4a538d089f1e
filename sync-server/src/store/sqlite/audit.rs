//! The chains of acts.

use rusqlite::{OptionalExtension, Row, params};
use sotay_protocol::{audit::Act, id::Id};

use super::{
    Link, failed,
    values::{number, parsed, text, time, to_column},
};
use crate::store::{Chained, ReadAudit, Result, WriteAudit};

fn act(row: &Row<'_>) -> rusqlite::Result<Chained> {
    let rows: String = row.get(5)?;
    let rows = rows.split_whitespace().map(str::parse).collect::<std::result::Result<_, _>>();
    let act = Act {
        organisation: parsed(row, 0)?,
        number: number(row, 1)?,
        at: time(row, 2)?,
        actor: parsed(row, 3)?,
        deed: row.get(4)?,
        // What nobody can read is no id: the hash tells that it was changed.
        rows: rows.unwrap_or_default(),
        previous: row.get(6)?,
    };
    Ok(Chained { act, hash: row.get(7)? })
}

impl ReadAudit for Link<'_> {
    fn audit_head(&self, organisation: Id) -> Result<Option<Chained>> {
        self.connection
            .prepare_cached(
                "SELECT organisation, number, at, actor, deed, rows, previous, hash FROM audit
                 WHERE organisation = ?1 ORDER BY number DESC LIMIT 1",
            )
            .and_then(|mut select| select.query_row([text(&organisation)], act).optional())
            .map_err(failed)
    }

    fn audit(&self, organisation: Id, after: u64, most: usize) -> Result<Vec<Chained>> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.connection
            .prepare_cached(
                "SELECT organisation, number, at, actor, deed, rows, previous, hash FROM audit
                 WHERE organisation = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
            )
            .and_then(|mut select| {
                select.query_map(params![text(&organisation), to_column(after), most], act)?.collect()
            })
            .map_err(failed)
    }

    fn audited(&self) -> Result<Vec<Id>> {
        self.connection
            .prepare_cached("SELECT DISTINCT organisation FROM audit ORDER BY organisation")
            .and_then(|mut select| select.query_map([], |row| parsed(row, 0))?.collect())
            .map_err(failed)
    }
}

impl WriteAudit for Link<'_> {
    fn append_audit(&mut self, link: &Chained) -> Result<()> {
        let Chained { act, hash } = link;
        let rows: Vec<String> = act.rows.iter().map(Id::to_string).collect();
        self.connection
            .prepare_cached(
                "INSERT INTO audit (organisation, number, at, actor, deed, rows, previous, hash)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    text(&act.organisation),
                    to_column(act.number),
                    act.at.millis(),
                    text(&act.actor),
                    act.deed,
                    rows.join(" "),
                    act.previous,
                    hash
                ])
            })
            .map_err(failed)?;
        Ok(())
    }
}
