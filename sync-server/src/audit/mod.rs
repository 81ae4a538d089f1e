//! The audit chains: every act by a right is written down in the transaction in which it is done, see
//! [`sotay_protocol::audit`].
//!
//! An act stands in the chain of the organisation whose right it is; what is nobody's (a member without a cell) in that of the
//! server itself. What members do in their own affairs, and what anybody reads, is not written down: this is about the use of
//! power, not about people.

mod heads;
mod verify;

use sotay_protocol::{
    audit::{Act, BEGINNING},
    env::Timestamp,
    id::Id,
    scope::{Scope, ScopeKind},
};

pub(crate) use self::heads::lost;
pub use self::verify::{AuditFault, AuditReport, ToldHead};
use crate::{
    error::ServerError,
    server::Server,
    store::{Chained, Reader, Result as Stored, Transaction},
};

pub(crate) const PUBLISH: &str = "directive.publish";
pub(crate) const PREPARE: &str = "draft.prepare";
pub(crate) const WITHDRAW: &str = "directive.withdraw";
pub(crate) const REPLACE: &str = "directive.replace";
pub(crate) const CODE: &str = "code.issue";
pub(crate) const ENROL: &str = "device.enrol";
pub(crate) const FORK: &str = "device.fork";
pub(crate) const REVOKE: &str = "device.revoke";
pub(crate) const WIPE: &str = "device.wipe";
pub(crate) const TRUST: &str = "trust.import";
pub(crate) const MOVE: &str = "server.move";
pub(crate) const RESTORE: &str = "server.restore";
/// Rows that were kept long enough, or were a member's who is forgotten; also words of commands, codes and names of devices.
pub(crate) const PURGE: &str = "purge.rows";
pub(crate) const PURGE_COMMANDS: &str = "purge.commands";
pub(crate) const PURGE_CODES: &str = "purge.codes";
pub(crate) const PURGE_NAMES: &str = "purge.names";
pub(crate) const FORGET: &str = "member.forget";

/// Ids in one entry; a longer list goes on in the next.
const IDS: usize = 500;

/// Who did what, at what time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deed<'a> {
    /// A member, or the server for its operator.
    pub(crate) actor: Id,
    pub(crate) deed: &'a str,
    pub(crate) at: Timestamp,
}

/// Appends an act to the chain of `organisation`, in the transaction that does it.
pub(crate) fn note(
    tx: &mut dyn Transaction,
    organisation: Id,
    Deed { actor, deed, at }: Deed<'_>,
    rows: &[Id],
) -> Stored<()> {
    let head = tx.audit_head(organisation)?;
    let (mut number, mut previous) = head.map_or((0, BEGINNING), |head| (head.act.number, head.hash));
    let empty: &[Id] = &[];
    let parts = rows.chunks(IDS).chain(rows.is_empty().then_some(empty));
    for rows in parts {
        number += 1;
        let act =
            Act { organisation, number, at, actor, deed: deed.to_owned(), rows: rows.to_vec(), previous };
        let hash = act.hash();
        tx.append_audit(&Chained { act, hash })?;
        previous = hash;
    }
    Ok(())
}

/// The organisation in whose chain stands what is done to a member: their cell, or else the server.
pub(crate) fn home(reader: &(impl Reader + ?Sized), member: Id, server: Id, now: Timestamp) -> Stored<Id> {
    let memberships = reader.memberships(member)?;
    let cell = memberships.iter().rfind(|membership| membership.holds(now)).map(|membership| membership.cell);
    Ok(cell.unwrap_or(server))
}

/// The organisation in whose chain stands what is done in a scope: its own, or the [`home`] of the member whose it is.
pub(crate) fn of_scope(
    reader: &(impl Reader + ?Sized),
    scope: Scope,
    server: Id,
    now: Timestamp,
) -> Stored<Id> {
    if scope.kind == ScopeKind::Member { home(reader, scope.id, server, now) } else { Ok(scope.id) }
}

impl Server {
    /// Entries of a chain above `after`, ascending, at most `most`.
    ///
    /// # Errors
    /// The store's.
    pub fn audit(&self, organisation: Id, after: u64, most: usize) -> Result<Vec<Act>, ServerError> {
        let entries = self.store.read_with(|reader| reader.audit(organisation, after, most))?;
        Ok(entries.into_iter().map(|entry| entry.act).collect())
    }

    /// Organisations that have a chain; the server's own id among them, for what belongs to none.
    ///
    /// # Errors
    /// The store's.
    pub fn audited(&self) -> Result<Vec<Id>, ServerError> {
        Ok(self.store.read_with(|reader| reader.audited())?)
    }
}
