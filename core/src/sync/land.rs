//! Landing a frame: each in one transaction of the store, cursor and rows together.

use rusqlite::Connection;
use sotay_protocol::{
    env::Timestamp,
    exchange::{ChangesHead, Deed, End, Entry, ScopeLine, ScopesHead},
    id::Id,
    planted::{self, Bug},
    row::RowRef,
    scope::Scope,
};

use super::{
    again, delivery,
    device::{self, Followed},
    fold::{self, Base},
};
use crate::{
    search,
    store::{
        StoreError, execute,
        table::{Kept, Table},
    },
    tables::{self, TABLES},
    trust,
};

/// What a scope's row begins with when it is followed; each reset is one more.
const FIRST_GENERATION: u64 = 1;

#[derive(Debug, thiserror::Error)]
pub(super) enum LandError {
    /// `from` is not this phone's cursor, or the scope is not followed: nothing of the frame was taken.
    #[error("a frame does not begin where this phone stands")]
    OutOfPlace,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for LandError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

pub(super) fn scopes(
    store: &Connection,
    head: &ScopesHead,
    lines: &[ScopeLine],
    of: &device::Device,
) -> Result<(), LandError> {
    execute(
        store,
        "UPDATE device SET epoch = ?1, min_app = ?2 WHERE epoch <> ?1 OR min_app <> ?2",
        (head.epoch, head.min_app),
    )?;
    for line in lines {
        match line.deed {
            Deed::Follow => follow(store, line.scope, line.epoch, of.member)?,
            Deed::Leave => leave(store, line.scope)?,
            Deed::Reset => reset(store, line.scope, line.epoch)?,
        }
    }
    if lines.iter().any(|line| line.deed == Deed::Leave) {
        search::drop_what_went(store)?;
    }
    if let Some(number) = head.want_from {
        again::wanted_from(store, of.device, number, of.member)?;
    }
    Ok(())
}

fn follow(store: &Connection, scope: Scope, epoch: u64, member: Id) -> Result<(), StoreError> {
    let scope = scope.to_string();
    execute(
        store,
        "INSERT INTO scope (scope, epoch, resetting) VALUES (?1, ?2, 1) ON CONFLICT (scope) DO NOTHING",
        (&scope, epoch),
    )?;
    delivery::followed(store, &scope, member)
}

fn leave(store: &Connection, scope: Scope) -> Result<(), StoreError> {
    for table in TABLES {
        table.clear(store, scope)?;
    }
    let scope = scope.to_string();
    if !planted::is(Bug::LeaveKeepsBase) {
        execute(store, "DELETE FROM base WHERE scope = ?1", [&scope])?;
    }
    execute(store, "DELETE FROM unread WHERE scope = ?1", [&scope])?;
    execute(store, "DELETE FROM scope WHERE scope = ?1", [&scope])?;
    delivery::left(store, &scope)
}

/// The rows stay until the sweep at the end, so that none that stands before and after is ever missing.
fn reset(store: &Connection, scope: Scope, epoch: u64) -> Result<(), StoreError> {
    if planted::is(Bug::ResetClearsFirst) {
        for table in TABLES {
            table.clear(store, scope)?;
        }
    }
    execute(
        store,
        "UPDATE scope SET epoch = ?2, seq = 0, begun = 0, generation = generation + ?3, resetting = 1 WHERE scope = ?1",
        (scope.to_string(), epoch, u64::from(!planted::is(Bug::GenerationKept))),
    )?;
    Ok(())
}

/// Says how many rows landed.
pub(super) fn changes(
    store: &Connection,
    head: &ChangesHead,
    entries: &[Entry],
    member: Id,
) -> Result<usize, LandError> {
    let scope = head.scope.to_string();
    let at = device::cursor(store, &scope)?.ok_or(LandError::OutOfPlace)?;
    if at.epoch != head.epoch || at.seq != head.from || head.to < head.from {
        return Err(LandError::OutOfPlace);
    }
    let mut landing = Landing { store, at, member, plain: is_plain(store, &scope)? };
    for entry in entries {
        landing.land(entry)?;
    }
    execute(
        store,
        "UPDATE scope SET seq = ?2, begun = ?3 WHERE scope = ?1 AND (seq <> ?2 OR begun <> ?3)",
        (&scope, head.to, head.begun),
    )?;
    delivery::reached(store, &Followed { seq: head.to, ..at }, false, member)?;
    Ok(entries.len())
}

/// Whether none of the scope's rows has anything about it but the row itself: no command folded over it, nothing
/// set aside, nothing unread. Asked once for a frame instead of three times for each of its rows.
fn is_plain(store: &Connection, scope: &str) -> Result<bool, StoreError> {
    let mut statement = store.prepare_cached(
        "SELECT NOT EXISTS (SELECT 1 FROM command WHERE scope = ?1 AND folded = 1)
           AND NOT EXISTS (SELECT 1 FROM base WHERE scope = ?1) AND NOT EXISTS (SELECT 1 FROM unread WHERE scope = ?1)",
    )?;
    Ok(statement.query_row([scope], |row| row.get(0))?)
}

/// One frame of changes on its way into the store.
struct Landing<'a> {
    store: &'a Connection,
    at: Followed,
    member: Id,
    /// See [`is_plain`].
    plain: bool,
}

impl Landing<'_> {
    fn land(&mut self, entry: &Entry) -> Result<(), StoreError> {
        let (store, at) = (self.store, &self.at);
        let row = RowRef { scope: at.scope, kind: entry.kind.clone(), id: entry.id };
        let table = tables::of_kind(&entry.kind);
        let Some(body) = &entry.body else {
            self.forget_unread(&row)?;
            return table.map_or(Ok(()), |table| self.put(table, &row, None).map(drop));
        };
        let kept = Kept {
            epoch: at.epoch,
            seq: entry.seq,
            generation: at.generation,
            version: entry.version,
            author: entry.author,
            body: body.get().to_owned(),
        };
        if let Some(table) = table.filter(|table| table.reads(entry.version)) {
            if has_older_rows(at) && stands_higher(store, table, &row, &kept)? {
                return touch(store, table, &row, at.generation);
            }
            if self.put(table, &row, Some(&kept))? {
                return self.forget_unread(&row);
            }
        }
        self.plain = false;
        keep_unread(store, &row, &kept)
    }

    fn put(&self, table: &Table, row: &RowRef, server: Option<&Kept>) -> Result<bool, StoreError> {
        if self.plain {
            return fold::put_alone(self.store, table, row, server);
        }
        fold::put_base(self.store, table, row, server, self.member)
    }

    fn forget_unread(&self, row: &RowRef) -> Result<(), StoreError> {
        if self.plain {
            return Ok(());
        }
        let mut statement =
            self.store.prepare_cached("DELETE FROM unread WHERE scope = ?1 AND kind = ?2 AND id = ?3")?;
        statement.execute((row.scope.to_string(), &row.kind, row.id.to_string()))?;
        Ok(())
    }
}

/// Whether rows may stand there from before this reading of the scope. One that is read for the first time has
/// none to compare with or to sweep, and is where all the rows are.
fn has_older_rows(at: &Followed) -> bool {
    at.resetting && at.generation > FIRST_GENERATION
}

/// Within one epoch, a page of a reset may bring an older picture of a row than the one that stands.
fn stands_higher(store: &Connection, table: &Table, row: &RowRef, new: &Kept) -> Result<bool, StoreError> {
    let base = fold::base(store, table, row)?;
    Ok(base.row().is_some_and(|old| old.epoch == new.epoch && old.seq > new.seq))
}

fn touch(store: &Connection, table: &Table, row: &RowRef, generation: u64) -> Result<(), StoreError> {
    if let Base::Aside(_) = fold::base(store, table, row)? {
        store
            .prepare_cached("UPDATE base SET generation = ?4 WHERE scope = ?1 AND kind = ?2 AND id = ?3")?
            .execute((row.scope.to_string(), &row.kind, row.id.to_string(), generation))?;
    }
    table.touch(store, row.scope, row.id, generation)
}

fn keep_unread(store: &Connection, row: &RowRef, kept: &Kept) -> Result<(), StoreError> {
    let mut statement = store.prepare_cached(
        "INSERT OR REPLACE INTO unread (scope, kind, id, epoch, seq, generation, version, author, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    statement.execute((
        row.scope.to_string(),
        &row.kind,
        row.id.to_string(),
        kept.epoch,
        kept.seq,
        kept.generation,
        kept.version,
        kept.author.to_string(),
        &kept.body,
    ))?;
    Ok(())
}

/// Every scope stands at its head: what a reset did not bring again goes, unless a restored server still waits for what
/// makes it.
pub(super) fn end(store: &Connection, end: &End, member: Id, now: Timestamp) -> Result<(), LandError> {
    if !again::is_sending(store)? {
        for at in device::cursors(store)?.iter().filter(|at| at.resetting) {
            sweep(store, at, member)?;
        }
    }
    execute(
        store,
        "UPDATE device SET last_sync = ?1, token = ?2, token_until = ?3, clock_off = ?4, clock_unsure = ?5",
        (
            now.millis(),
            &end.token,
            end.token_until.map(Timestamp::millis),
            end.now.millis().saturating_sub(now.millis()),
            end.clock_unsure,
        ),
    )?;
    trust::key_told(store, end.server_key.as_ref())?;
    trust::heard(store, now)?;
    trust::stands_below(store)?;
    Ok(again::forget_old(store, end.now, now)?)
}

fn sweep(store: &Connection, at: &Followed, member: Id) -> Result<(), StoreError> {
    if has_older_rows(at) {
        sweep_rows(store, at, member)?;
    }
    execute(store, "UPDATE scope SET resetting = 0 WHERE scope = ?1", [at.scope.to_string()])?;
    delivery::reached(store, at, true, member)
}

fn sweep_rows(store: &Connection, at: &Followed, member: Id) -> Result<(), StoreError> {
    let scope = at.scope.to_string();
    for table in TABLES {
        table.sweep(store, at.scope, at.generation)?;
    }
    execute(store, "DELETE FROM unread WHERE scope = ?1 AND generation < ?2", (&scope, at.generation))?;
    let gone: Vec<(String, String)> = store
        .prepare_cached(
            "SELECT kind, id FROM base WHERE scope = ?1 AND body IS NOT NULL AND generation < ?2",
        )?
        .query_map((&scope, at.generation), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (kind, id) in gone {
        let id = id.parse().map_err(|_| StoreError::Row("a base row's id"))?;
        if let Some(table) = tables::of_kind(&kind) {
            fold::put_base(store, table, &RowRef { scope: at.scope, kind, id }, None, member)?;
        }
    }
    Ok(())
}

/// The planted bug: moves the cursor in a transaction of its own, and gives the frame as if it began there.
#[cfg(feature = "planted")]
pub(super) fn cursor_first(
    store: &crate::store::Store,
    frame: &sotay_protocol::frame::Frame,
) -> Result<sotay_protocol::frame::Frame, LandError> {
    use sotay_protocol::frame::Frame;
    let Frame::Changes(head, entries) = frame else { return Ok(frame.clone()) };
    if !planted::is(Bug::CursorBeforeCommit) {
        return Ok(frame.clone());
    }
    store.write(|store| changes(store, head, &[], head.scope.id))?;
    Ok(Frame::Changes(ChangesHead { from: head.to, ..*head }, entries.clone()))
}
