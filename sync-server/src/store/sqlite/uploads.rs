//! Files on their way up, in parts like those of the blobs that they become.

use rusqlite::{OptionalExtension, Row, params};
use sotay_protocol::{env::Timestamp, id::Id, row::RowRef, scope::Scope};

use super::{
    Link,
    blobs::PART,
    failed,
    values::{number, parsed, text, time, to_column},
};
use crate::store::{BlobHash, ReadUploads, Result, StoreError, Upload, WriteUploads};

fn upload(row: &Row<'_>) -> rusqlite::Result<Upload> {
    Ok(Upload {
        device: parsed(row, 0)?,
        hash: row.get(1)?,
        id: parsed(row, 2)?,
        size: number(row, 3)?,
        have: number(row, 4)?,
        verified: row.get(5)?,
        at: time(row, 6)?,
    })
}

/// Where the bytes of this try stand, also once they are blobs.
fn kept_by(upload: &Upload) -> String {
    format!("{}/{}", upload.device, upload.id)
}

impl Link<'_> {
    /// Puts bytes where the upload's last part ends, filling that part up first.
    fn append(&self, kept_by: &str, hash: &BlobHash, mut at: u64, mut bytes: &[u8]) -> rusqlite::Result<()> {
        while !bytes.is_empty() {
            let inside = usize::try_from(at % PART as u64).unwrap_or_default();
            let (now, rest) = bytes.split_at(bytes.len().min(PART - inside));
            let begin = to_column(at - inside as u64);
            if inside == 0 {
                self.connection
                    .prepare_cached(
                        "INSERT INTO blob_part (kept_by, hash, at, bytes) VALUES (?1, ?2, ?3, ?4)",
                    )?
                    .execute(params![kept_by, hash, begin, now])?;
            } else {
                let mut part: Vec<u8> = self
                    .connection
                    .prepare_cached(
                        "SELECT bytes FROM blob_part WHERE kept_by = ?1 AND hash = ?2 AND at = ?3",
                    )?
                    .query_row(params![kept_by, hash, begin], |row| row.get(0))?;
                part.truncate(inside);
                part.extend_from_slice(now);
                self.connection
                    .prepare_cached(
                        "UPDATE blob_part SET bytes = ?4 WHERE kept_by = ?1 AND hash = ?2 AND at = ?3",
                    )?
                    .execute(params![kept_by, hash, begin, part])?;
            }
            at += now.len() as u64;
            bytes = rest;
        }
        Ok(())
    }
}

impl ReadUploads for Link<'_> {
    fn upload(&self, device: Id, hash: &BlobHash) -> Result<Option<Upload>> {
        self.connection
            .prepare_cached(
                "SELECT device, hash, id, size, have, verified, at FROM upload WHERE device = ?1 AND hash = ?2",
            )
            .and_then(|mut select| select.query_row(params![text(&device), hash], upload).optional())
            .map_err(failed)
    }

    fn uploads_of(&self, device: Id) -> Result<Vec<Upload>> {
        self.connection
            .prepare_cached(
                "SELECT device, hash, id, size, have, verified, at FROM upload WHERE device = ?1
                 ORDER BY at, hash",
            )
            .and_then(|mut select| select.query_map([text(&device)], upload)?.collect())
            .map_err(failed)
    }

    fn uploads_before(&self, before: Timestamp, limit: usize) -> Result<Vec<Upload>> {
        self.connection
            .prepare_cached(
                "SELECT device, hash, id, size, have, verified, at FROM upload WHERE at < ?1
                 ORDER BY at, device, hash LIMIT ?2",
            )
            .and_then(|mut select| {
                select.query_map(params![before.millis(), to_column(limit as u64)], upload)?.collect()
            })
            .map_err(failed)
    }

    fn upload_bytes(&self, upload: &Upload, from: u64) -> Result<Vec<u8>> {
        self.connection
            .prepare_cached(
                "SELECT substr(bytes, ?4 - at + 1) FROM blob_part
                 WHERE kept_by = (SELECT kept_by FROM upload WHERE device = ?1 AND hash = ?2 AND id = ?3)
                   AND hash = ?2 AND at <= ?4
                 ORDER BY at DESC LIMIT 1",
            )
            .and_then(|mut select| {
                let of = params![text(&upload.device), upload.hash, text(&upload.id), to_column(from)];
                select.query_row(of, |row| row.get(0)).optional()
            })
            .map(Option::unwrap_or_default)
            .map_err(failed)
    }

    fn waiting_for(&self, device: Id, hash: &BlobHash) -> Result<Vec<u64>> {
        self.connection
            .prepare_cached("SELECT number FROM upload_wait WHERE device = ?1 AND hash = ?2 ORDER BY number")
            .and_then(|mut select| {
                select.query_map(params![text(&device), hash], |row| number(row, 0))?.collect()
            })
            .map_err(failed)
    }

    fn blob_bytes_in(&self, scope: Scope) -> Result<u64> {
        self.connection
            .prepare_cached("SELECT coalesce(sum(size), 0) FROM blob WHERE scope = ?1")
            .and_then(|mut select| select.query_row([text(&scope)], |row| number(row, 0)))
            .map_err(failed)
    }
}

impl WriteUploads for Link<'_> {
    fn put_part(&mut self, upload: &Upload, bytes: &[u8]) -> Result<()> {
        let put = || {
            let begin = upload.have.saturating_sub(bytes.len() as u64);
            let kept_by = kept_by(upload);
            self.append(&kept_by, &upload.hash, begin, bytes)?;
            self.connection
                .prepare_cached(
                    "INSERT INTO upload (device, hash, id, size, have, verified, at, kept_by)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                     ON CONFLICT (device, hash) DO UPDATE SET
                        have = excluded.have, verified = excluded.verified, at = excluded.at",
                )?
                .execute(params![
                    text(&upload.device),
                    upload.hash,
                    text(&upload.id),
                    to_column(upload.size),
                    to_column(upload.have),
                    upload.verified,
                    upload.at.millis(),
                    kept_by,
                ])
        };
        put().map(drop).map_err(failed)
    }

    fn drop_upload(&mut self, device: Id, hash: &BlobHash) -> Result<()> {
        let sql = "DELETE FROM upload WHERE device = ?1 AND hash = ?2 RETURNING kept_by";
        let drop = || {
            let kept_by: Option<String> = self
                .connection
                .prepare_cached(sql)?
                .query_row(params![text(&device), hash], |row| row.get(0))
                .optional()?;
            kept_by.map_or(Ok(()), |kept_by| self.drop_bytes(&kept_by, hash))
        };
        drop().map_err(failed)
    }

    fn put_waits(&mut self, device: Id, number: u64, hashes: &[BlobHash]) -> Result<()> {
        let put = || {
            let (device, number) = (text(&device), to_column(number));
            self.connection
                .prepare_cached("DELETE FROM upload_wait WHERE device = ?1 AND number = ?2")?
                .execute(params![device, number])?;
            for hash in hashes {
                self.connection
                    .prepare_cached(
                        "INSERT OR IGNORE INTO upload_wait (device, hash, number) VALUES (?1, ?2, ?3)",
                    )?
                    .execute(params![device, hash, number])?;
            }
            Ok(())
        };
        put().map_err(failed)
    }

    fn keep_upload(&mut self, row: &RowRef, upload: &Upload) -> Result<()> {
        self.check_locked(row.scope)?;
        if !upload.verified {
            return Err(StoreError::GivenUp("a file was not verified".into()));
        }
        let scope = text(&row.scope);
        let keep = || {
            // Also where the scope has the file: who waits for the answer could tell by the time.
            self.connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO unused (kept_by, hash)
                     SELECT kept_by, hash FROM blob WHERE scope = ?1 AND hash = ?2",
                )?
                .execute(params![scope, upload.hash])?;
            self.connection
                .prepare_cached(
                    "INSERT INTO blob (scope, hash, size, kept_by) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (scope, hash) DO UPDATE SET kept_by = excluded.kept_by",
                )?
                .execute(params![scope, upload.hash, to_column(upload.size), kept_by(upload)])?;
            self.connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO blob_use (scope, kind, id, hash) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![scope, row.kind, text(&row.id), upload.hash])?;
            Ok(())
        };
        keep().map_err(failed)
    }

    fn drop_unused(&mut self) -> Result<bool> {
        let drop = || {
            let next: Option<(String, BlobHash)> = self
                .connection
                .prepare_cached("SELECT kept_by, hash FROM unused ORDER BY kept_by, hash LIMIT 1")?
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((kept_by, hash)) = next else { return Ok(false) };
            self.connection
                .prepare_cached("DELETE FROM unused WHERE kept_by = ?1 AND hash = ?2")?
                .execute(params![kept_by, hash])?;
            self.drop_bytes(&kept_by, &hash)?;
            Ok(true)
        };
        drop().map_err(failed)
    }
}
