//! Files that go with rows, in parts, so that one is read without holding more than a part of it.

use rusqlite::{OptionalExtension, params};
use sotay_protocol::row::RowRef;

use super::{
    Link, failed,
    values::{number, text, to_column},
};
use crate::store::{BlobHash, ReadBlobs, Result, WriteBlobs};

/// Of the file, one after another. Sixteen pages of the database.
pub(super) const PART: usize = 256 * 1024;

impl Link<'_> {
    /// The bytes go, unless a scope's blob or an upload still names them.
    pub(super) fn drop_bytes(&self, kept_by: &str, hash: &BlobHash) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "DELETE FROM blob_part WHERE kept_by = ?1 AND hash = ?2
                   AND NOT EXISTS (SELECT 1 FROM blob WHERE kept_by = ?1 AND hash = ?2)
                   AND NOT EXISTS (SELECT 1 FROM upload WHERE kept_by = ?1 AND hash = ?2)",
            )?
            .execute(params![kept_by, hash])
            .map(drop)
    }
}

impl ReadBlobs for Link<'_> {
    fn blob_size(&self, row: &RowRef, hash: &BlobHash) -> Result<Option<u64>> {
        self.connection
            .prepare_cached(
                "SELECT blob.size FROM blob_use JOIN blob USING (scope, hash)
                 WHERE blob_use.scope = ?1 AND blob_use.kind = ?2 AND blob_use.id = ?3 AND blob_use.hash = ?4",
            )
            .and_then(|mut select| {
                let of = params![text(&row.scope), row.kind, text(&row.id), hash];
                select.query_row(of, |row| number(row, 0)).optional()
            })
            .map_err(failed)
    }

    fn blob_bytes(&self, row: &RowRef, hash: &BlobHash, from: u64) -> Result<Vec<u8>> {
        self.connection
            .prepare_cached(
                "SELECT substr(bytes, ?5 - at + 1) FROM blob_part
                 WHERE kept_by = (SELECT blob.kept_by FROM blob_use JOIN blob USING (scope, hash)
                                  WHERE blob_use.scope = ?1 AND blob_use.kind = ?2 AND blob_use.id = ?3
                                    AND blob_use.hash = ?4)
                   AND hash = ?4 AND at <= ?5
                 ORDER BY at DESC LIMIT 1",
            )
            .and_then(|mut select| {
                let of = params![text(&row.scope), row.kind, text(&row.id), hash, to_column(from)];
                select.query_row(of, |row| row.get(0)).optional()
            })
            .map(Option::unwrap_or_default)
            .map_err(failed)
    }
}

impl WriteBlobs for Link<'_> {
    fn put_blob(&mut self, row: &RowRef, hash: &BlobHash, bytes: &[u8]) -> Result<()> {
        self.check_locked(row.scope)?;
        let scope = text(&row.scope);
        let put = || {
            let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
            let new = self
                .connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO blob (scope, hash, size, kept_by) VALUES (?1, ?2, ?3, ?1)",
                )?
                .execute(params![scope, hash, size])?;
            self.connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO blob_use (scope, kind, id, hash) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![scope, row.kind, text(&row.id), hash])?;
            if new == 0 {
                return Ok(());
            }
            // What the scope once kept itself may wait to be looked at.
            self.connection
                .prepare_cached("DELETE FROM blob_part WHERE kept_by = ?1 AND hash = ?2")?
                .execute(params![scope, hash])?;
            let mut part = self
                .connection
                .prepare_cached("INSERT INTO blob_part (kept_by, hash, at, bytes) VALUES (?1, ?2, ?3, ?4)")?;
            let mut at = 0_i64;
            for bytes in bytes.chunks(PART) {
                part.execute(params![scope, hash, at, bytes])?;
                at += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
            }
            Ok(())
        };
        put().map_err(failed)
    }

    fn drop_blobs(&mut self, row: &RowRef) -> Result<()> {
        self.check_locked(row.scope)?;
        let scope = text(&row.scope);
        let drop = || {
            let hashes: Vec<BlobHash> = self
                .connection
                .prepare_cached("SELECT hash FROM blob_use WHERE scope = ?1 AND kind = ?2 AND id = ?3")?
                .query_map(params![scope, row.kind, text(&row.id)], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            self.connection
                .prepare_cached("DELETE FROM blob_use WHERE scope = ?1 AND kind = ?2 AND id = ?3")?
                .execute(params![scope, row.kind, text(&row.id)])?;
            for hash in hashes {
                let kept_by: Option<String> = self
                    .connection
                    .prepare_cached(
                        "DELETE FROM blob WHERE scope = ?1 AND hash = ?2 AND NOT EXISTS
                            (SELECT 1 FROM blob_use WHERE scope = ?1 AND hash = ?2) RETURNING kept_by",
                    )?
                    .query_row(params![scope, hash], |row| row.get(0))
                    .optional()?;
                if let Some(kept_by) = kept_by {
                    self.drop_bytes(&kept_by, &hash)?;
                }
            }
            Ok(())
        };
        drop().map_err(failed)
    }
}
