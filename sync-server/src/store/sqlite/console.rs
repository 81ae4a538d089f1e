//! Requests, links and sessions of the console.

use rusqlite::{OptionalExtension, params};
use sotay_protocol::env::Timestamp;

use super::{Link, failed};
use crate::store::{ReadConsole, Result, WriteConsole};

impl ReadConsole for Link<'_> {
    fn console(&self, kind: &str, key: &str, now: Timestamp) -> Result<Option<String>> {
        self.connection
            .prepare_cached("SELECT value FROM console WHERE kind = ?1 AND key = ?2 AND until > ?3")
            .and_then(|mut select| {
                select.query_row(params![kind, key, now.millis()], |row| row.get(0)).optional()
            })
            .map_err(failed)
    }
}

impl WriteConsole for Link<'_> {
    fn put_console(&mut self, kind: &str, key: &str, value: &str, until: Timestamp) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO console (kind, key, value, until) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, until = excluded.until",
            )
            .and_then(|mut insert| insert.execute(params![kind, key, value, until.millis()]))
            .map_err(failed)?;
        Ok(())
    }

    fn drop_console(&mut self, kind: &str, key: &str) -> Result<()> {
        self.connection
            .prepare_cached("DELETE FROM console WHERE kind = ?1 AND key = ?2")
            .and_then(|mut delete| delete.execute(params![kind, key]))
            .map_err(failed)?;
        Ok(())
    }

    fn drop_console_before(&mut self, now: Timestamp) -> Result<()> {
        self.connection
            .prepare_cached("DELETE FROM console WHERE until <= ?1")
            .and_then(|mut delete| delete.execute([now.millis()]))
            .map_err(failed)?;
        Ok(())
    }
}
