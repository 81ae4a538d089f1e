//! A desk's window is what is open and 12 months, a cell's 24 months: what is older leaves for the archive, and who
//! wants it asks for it. A new officer does not download a province's history. A person's own scope, the directives and
//! what a cell says of its members have no window.
//!
//! What belongs to a meeting (attendance in the cell; reasons and openings at the cell's desk) leaves with it, in one
//! transaction, and comes back with it: no child is left without its parent on screen.
//!
//! **What people do to something old brings it back.** A member's further word in a case that the desk no longer has, an
//! officer's late mark on an old meeting: the row is recalled in the transaction of the command, and so each handler finds
//! it where it looks for it. What the command changes stays for a window's time from then on, what it only touches leaves
//! again with the next daily work. Importing a list again brings nothing back.
//!
//! **Two ways to leave.** A row that leaves is a change like any other: a tombstone. Where more leaves a desk at once than
//! stays in it (the first daily work after years without a window), as many tombstones would cost every phone and the
//! server more than reading the rest anew: then the floor rises above all cursors instead. It rises once, when the last of
//! them has left, which may be minutes after the first: until then a phone that reads goes on reading, and shows for as long
//! what has left meanwhile. That a clearing is under way stands in the store, so that one that is broken off is ended.
//!
//! **In small steps.** Others wait to write while one transaction lasts: each is a few hundred rows, fewer where they take
//! long, and whoever drives this lets the others in between two of them.

mod archive;
mod recall;

use sotay_protocol::{
    env::{Timestamp, days},
    id::Id,
    meetings::MEETING,
    row::RowRef,
    scope::{Scope, ScopeKind},
};

pub use self::archive::archive_cursor;
pub(crate) use self::recall::{recall_for, recall_meeting, stands_or_stood};
use crate::{
    error::ServerError,
    server::Server,
    store::{Result as Stored, Transaction},
};

/// Twelve months, and twenty-four; never a day less, whatever years they lie in.
const DESK: std::time::Duration = days(366);
const CELL: std::time::Duration = days(731);
/// Rows that leave in the first transaction of a call, and in any at most; what belongs to a row leaves with it, and counts.
const FIRST: usize = 100;
const MOST: usize = 400;
/// Others wait to write while a transaction lasts: the next one after one that took longer is half as large.
const LONG: i64 = 50;
/// Fewer than these are never worth reading a desk anew.
const FEW: u64 = 2_000;
/// Transactions in one call of [`Server::clear_windows`].
const TRANSACTIONS: usize = 16;

/// What one part of the work did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cleared {
    /// Rows that left, without those that belong to them.
    pub left: u64,
    /// There is more to do.
    pub more: bool,
}

impl Server {
    /// Moves what has left the windows to the archive, a bounded part of it in each call. May run as often as one likes,
    /// and be broken off anywhere. `between` is called after each transaction: the time for whoever waits to write.
    ///
    /// # Errors
    /// The store's; what left before stays where it is.
    pub fn clear_windows(&self, between: &mut dyn FnMut()) -> Result<Cleared, ServerError> {
        let now = self.env.now();
        let mut cleared = Cleared::default();
        let (mut transactions, mut rows) = (0, FIRST);
        for (kind, window) in [(ScopeKind::Desk, DESK), (ScopeKind::Cell, CELL)] {
            let before = now.minus(window);
            for scope in self.store.read_with(|reader| reader.scopes_to_clear(kind, before))? {
                let anew = self.is_read_anew(scope, before)?;
                loop {
                    if transactions == TRANSACTIONS {
                        return Ok(Cleared { more: true, ..cleared });
                    }
                    let begun = self.env.now();
                    let left = if anew {
                        self.clear(scope, before, rows)?
                    } else {
                        self.put_away(scope, before, now, rows)?
                    };
                    rows = next_size(rows, self.env.now().millis() - begun.millis());
                    between();
                    if left == 0 {
                        break;
                    }
                    cleared.left += left;
                    transactions += 1;
                }
            }
        }
        Ok(cleared)
    }

    /// Whether what leaves the scope leaves it without tombstones; where that has begun, it is ended so.
    fn is_read_anew(&self, scope: Scope, before: Timestamp) -> Result<bool, ServerError> {
        if scope.kind != ScopeKind::Desk {
            return Ok(false);
        }
        Ok(self.store.read_with(|reader| {
            if reader.is_clearing(scope)? {
                return Ok(true);
            }
            let (leaving, staying) = reader.count_leaving(scope, before)?;
            Ok(leaving >= FEW && leaving > staying)
        })?)
    }

    fn clear(&self, scope: Scope, before: Timestamp, most: usize) -> Result<u64, ServerError> {
        let left = self.store.write_with(&[scope], |tx| {
            let left = tx.clear(scope, before, most)?;
            if left == 0 {
                tx.end_clearing(scope)?;
            }
            Ok(left)
        })?;
        if left == 0 {
            self.tell(&std::iter::once(scope).collect(), None);
        }
        Ok(left)
    }

    fn put_away(
        &self,
        scope: Scope,
        before: Timestamp,
        now: Timestamp,
        most: usize,
    ) -> Result<u64, ServerError> {
        let scopes = with_desk(scope);
        let left = self.store.write_with(&scopes, |tx| {
            let (mut left, mut written) = (0, 0);
            for (row, happened) in &tx.leaving(scope, before, most)? {
                if written >= most {
                    break;
                }
                written += put_away(tx, row, *happened, now)?;
                left += 1;
            }
            Ok(left)
        })?;
        self.tell(&scopes.into_iter().collect(), None);
        Ok(left)
    }
}

/// How many rows the next transaction moves, after one of `rows` that took so many milliseconds.
fn next_size(rows: usize, took: i64) -> usize {
    match took {
        LONG.. => (rows / 2).max(1),
        took if took * 3 < LONG => (rows * 2).min(MOST),
        _ => rows,
    }
}

/// A cell's desk holds what belongs to the cell's meetings.
fn with_desk(scope: Scope) -> Vec<Scope> {
    match scope.kind {
        ScopeKind::Cell => vec![scope, Scope::desk(scope.id)],
        _ => vec![scope],
    }
}

/// The row and all that belongs to it; how many rows that is.
fn put_away(tx: &mut dyn Transaction, row: &RowRef, happened: Timestamp, now: Timestamp) -> Stored<usize> {
    let mut written = 1;
    for scope in with_desk(row.scope) {
        for belonging in tx.belonging(scope, row.id)? {
            tx.put_away(&belonging, happened, now)?;
            written += 1;
        }
    }
    tx.put_away(row, happened, now)?;
    Ok(written)
}

fn meeting(cell: Id, meeting: Id) -> RowRef {
    RowRef::new(Scope::cell(cell), MEETING, meeting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_as_large_as_others_can_bear() {
        assert_eq!(next_size(FIRST, 5), 2 * FIRST);
        assert_eq!([next_size(MOST, 0), next_size(MOST, 30), next_size(MOST, -5_000)], [MOST; 3]);
        assert_eq!(next_size(MOST, 80), MOST / 2);
        assert_eq!(next_size(1, 80), 1, "it always goes on");
    }
}
