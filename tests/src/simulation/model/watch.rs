//! One phone as it is seen from outside, step by step: its cursors, and which rows it shows.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use sotay_core::{
    store::{Store, StoreError, table},
    tables::TABLES,
};
use sotay_protocol::{
    exchange::{ChangesHead, Entry},
    row::RowRef,
    scope::Scope,
};

use super::log::Log;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) epoch: u64,
    pub(crate) seq: u64,
    pub(crate) generation: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Watch {
    pub(crate) cursors: BTreeMap<Scope, At>,
    /// Every (scope, epoch, generation, to) that was applied since the scope was followed.
    pages: BTreeSet<(Scope, u64, u64, u64)>,
    shown: BTreeSet<RowRef>,
    /// The same as it stands in the store, so that it is read only where it has changed.
    imprint: String,
    /// Rows that the server has given this phone, or has said to be applied by it, with their newest sequence: these
    /// never go for a while.
    given: BTreeMap<RowRef, u64>,
    /// Rows that are no longer shown, with the sequence at which they stood on the server then.
    gone: BTreeMap<RowRef, u64>,
}

/// The scopes that a phone follows, and how far it has them.
pub(crate) fn cursors(store: &Connection) -> Result<BTreeMap<Scope, At>, StoreError> {
    let mut statement = store.prepare_cached("SELECT scope, epoch, seq, generation FROM scope")?;
    let rows = statement.query_map([], |row| {
        let at = At { epoch: row.get(1)?, seq: row.get(2)?, generation: row.get(3)? };
        Ok((table::parsed(row, 0)?, at))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Kind, scope and id of each row that is shown, a line each.
fn imprint(store: &Connection) -> Result<String, StoreError> {
    let mut imprint = String::new();
    for of in TABLES {
        let mut statement = store.prepare_cached(&format!("SELECT scope, id FROM {}", of.name))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let as_text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
            let parts = [of.kind, " ", as_text(0)?, " ", as_text(1)?, "\n"];
            imprint.extend(parts);
        }
    }
    Ok(imprint)
}

fn rows(imprint: &str) -> Option<BTreeSet<RowRef>> {
    let row = |line: &str| {
        let (kind, rest) = line.split_once(' ')?;
        let (scope, id) = rest.split_once(' ')?;
        Some(RowRef::new(scope.parse().ok()?, kind, id.parse().ok()?))
    };
    imprint.lines().map(row).collect()
}

/// Rows that wait to be made: they are shown from the first moment, wherever their scope is followed.
fn pending(store: &Connection) -> Result<Vec<RowRef>, StoreError> {
    let mut statement = store.prepare_cached(
        "SELECT scope, row_kind, row_id FROM command WHERE state IN ('waiting', 'sent', 'held')
         AND kind IN ('meeting.create', 'thread.submit', 'claim.check_in', 'opening.record', 'attendance.mark')",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(RowRef { scope: table::parsed(row, 0)?, kind: row.get(1)?, id: table::id(row, 2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl Watch {
    /// Looks at the phone again, and says what should not be.
    pub(crate) fn look(&mut self, store: &Store, log: &Log) -> Vec<String> {
        let now = store.read(|store| -> Result<_, StoreError> {
            Ok((cursors(store)?, imprint(store)?, pending(store)?))
        });
        let (cursors, imprint, pending) = match now {
            Ok(now) => now,
            Err(error) => return vec![format!("the phone's store cannot be read: {error}")],
        };
        let mut wrong = Vec::new();
        if imprint != self.imprint {
            let Some(shown) = rows(&imprint) else {
                return vec![format!("the phone's store has what is no row: {imprint}")];
            };
            wrong.extend(self.shows(shown, &cursors, log));
            self.imprint = imprint;
        }
        let hidden = |row: &&RowRef| cursors.contains_key(&row.scope) && !self.shown.contains(row);
        for row in pending.iter().filter(hidden) {
            wrong.push(format!("no loss: {row:?} waits to be made and is not shown"));
        }
        for (scope, old) in &self.cursors {
            let Some(new) = cursors.get(scope) else { continue };
            let back = new.generation < old.generation
                || (new.generation == old.generation && (new.epoch, new.seq) < (old.epoch, old.seq));
            if back {
                wrong.push(format!("monotonic: the cursor of {scope} went from {old:?} back to {new:?}"));
            }
        }
        self.given.retain(|row, _| cursors.contains_key(&row.scope));
        self.pages.retain(|(scope, ..)| cursors.contains_key(scope));
        self.gone.retain(|row, _| cursors.contains_key(&row.scope));
        self.cursors = cursors;
        wrong
    }

    /// Other rows are shown than before.
    fn shows(&mut self, shown: BTreeSet<RowRef>, cursors: &BTreeMap<Scope, At>, log: &Log) -> Vec<String> {
        let mut wrong = Vec::new();
        let followed =
            |row: &RowRef| self.cursors.contains_key(&row.scope) && cursors.contains_key(&row.scope);
        for row in self.shown.difference(&shown).filter(|row| followed(row)) {
            let Some(given) = self.given.get(row) else { continue };
            let (buried, at) = (log.last_buried(row), cursors.get(&row.scope).map_or(0, |at| at.seq));
            // One that went since the phone read it may go, though it stands anew; so may one that went in the log as
            // far as the phone has it, and was brought back by a change of its own that is still to come down.
            let brought_back = |stood: u64| 0 < buried && buried <= at && at < stood;
            if let Some(version) = log.stands(row).filter(|of| buried <= *given && !brought_back(of.seq)) {
                self.gone.insert(row.clone(), version.seq);
            }
        }
        for row in &shown {
            let Some(stood) = self.gone.remove(row) else { continue };
            if log.last_buried(row) < stood {
                wrong.push(format!("monotonic: {row:?} stood all the time and was missing for a while"));
            }
        }
        self.shown = shown;
        wrong
    }

    /// What a page that came down brings.
    pub(crate) fn brought(&mut self, head: &ChangesHead, entries: &[Entry]) {
        for entry in entries {
            let row = RowRef::new(head.scope, &entry.kind, entry.id);
            if entry.body.is_some() {
                self.applied(&row, entry.seq);
            } else {
                self.given.remove(&row);
            }
        }
    }

    /// A command of this phone made or changed the row, as the server says.
    pub(crate) fn applied(&mut self, row: &RowRef, seq: u64) {
        let newest = self.given.entry(row.clone()).or_default();
        *newest = seq.max(*newest);
    }

    /// A page has landed, as the phone says.
    pub(crate) fn landed(&mut self, head: &ChangesHead) -> Vec<String> {
        let Some(at) = self.cursors.get(&head.scope) else {
            return vec![format!("a page of {} landed, which is not followed", head.scope)];
        };
        let mut wrong = Vec::new();
        if (at.epoch, at.seq) != (head.epoch, head.to) {
            wrong.push(format!("resumable: after the page {head:?} the cursor stands at {at:?}"));
        }
        if !self.pages.insert((head.scope, head.epoch, at.generation, head.to)) {
            wrong.push(format!(
                "resumable: the page {head:?} of generation {} was applied twice",
                at.generation
            ));
        }
        wrong
    }

    /// The server has begun anew from an older picture: which rows stood before does not count.
    pub(crate) fn server_restored(&mut self) {
        self.given.clear();
        self.gone.clear();
    }

    /// The phone was put back to an older copy of itself: what it knew since does not count.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}
