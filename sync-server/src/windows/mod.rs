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
//! server more than reading the rest anew: then the floor rises above all cursors instead.

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
/// Rows that leave in one transaction with a tombstone each, besides those that belong to them.
const TOGETHER: usize = 200;
/// Rows that leave in one transaction without one: others wait to write for as long as it takes.
const MANY: usize = 5_000;
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
    /// and be broken off anywhere.
    ///
    /// # Errors
    /// The store's; what left before stays where it is.
    pub fn clear_windows(&self) -> Result<Cleared, ServerError> {
        let now = self.env.now();
        let mut cleared = Cleared::default();
        let mut transactions = 0;
        for (kind, window) in [(ScopeKind::Desk, DESK), (ScopeKind::Cell, CELL)] {
            let before = now.minus(window);
            for scope in self.store.read_with(|reader| reader.scopes_to_clear(kind, before))? {
                let (leaving, staying) =
                    self.store.read_with(|reader| reader.count_leaving(scope, before))?;
                let anew = kind == ScopeKind::Desk && leaving >= FEW && leaving > staying;
                loop {
                    if transactions == TRANSACTIONS {
                        return Ok(Cleared { more: true, ..cleared });
                    }
                    let left =
                        if anew { self.clear(scope, before)? } else { self.put_away(scope, before, now)? };
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

    fn clear(&self, scope: Scope, before: Timestamp) -> Result<u64, ServerError> {
        let left = self.store.write_with(&[scope], |tx| tx.clear(scope, before, MANY))?;
        self.tell(&std::iter::once(scope).collect(), None);
        Ok(left)
    }

    fn put_away(&self, scope: Scope, before: Timestamp, now: Timestamp) -> Result<u64, ServerError> {
        let scopes = with_desk(scope);
        let left = self.store.write_with(&scopes, |tx| {
            let leaving = tx.leaving(scope, before, TOGETHER)?;
            for (row, happened) in &leaving {
                put_away(tx, row, *happened, now)?;
            }
            Ok(leaving.len() as u64)
        })?;
        self.tell(&scopes.into_iter().collect(), None);
        Ok(left)
    }
}

/// A cell's desk holds what belongs to the cell's meetings.
fn with_desk(scope: Scope) -> Vec<Scope> {
    match scope.kind {
        ScopeKind::Cell => vec![scope, Scope::desk(scope.id)],
        _ => vec![scope],
    }
}

/// The row and all that belongs to it.
fn put_away(tx: &mut dyn Transaction, row: &RowRef, happened: Timestamp, now: Timestamp) -> Stored<()> {
    for scope in with_desk(row.scope) {
        for belonging in tx.belonging(scope, row.id)? {
            tx.put_away(&belonging, happened, now)?;
        }
    }
    tx.put_away(row, happened, now).map(drop)
}

fn meeting(cell: Id, meeting: Id) -> RowRef {
    RowRef::new(Scope::cell(cell), MEETING, meeting)
}
