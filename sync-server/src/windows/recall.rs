//! Bringing back from the archive what somebody does something to.

use serde::Deserialize;
use sotay_protocol::{
    attendance::{MARK, Mark},
    command::Command,
    feedback::{
        CASE, REPLY, SUBMIT, case_id,
        sealed::{SEAL, SEAL_REPLY, WRAP_THREAD},
    },
    id::Id,
    meetings::MEETING,
    row::RowRef,
    scope::{Scope, ScopeKind},
};

use super::meeting;
use crate::store::{Reader, Result, Transaction};

/// What every command of a member's on a thread says.
#[derive(Deserialize)]
struct Of {
    desk: Id,
}

/// The rows that `command` writes, or writes beside. Called once the command is known to be allowed, or may have been applied
/// before; where it is refused after all, the caller takes this back with the rest.
pub(crate) fn recall_for(tx: &mut dyn Transaction, command: &Command) -> Result<()> {
    let (row, locked) = (&command.row, command.scopes());
    let cell = row.scope.id;
    match command.kind.as_str() {
        WRAP_THREAD => {}
        SUBMIT | REPLY | SEAL | SEAL_REPLY => {
            if let Ok(Of { desk }) = command.view() {
                tx.recall(&RowRef::new(Scope::desk(desk), CASE, case_id(row.id)))?;
            }
        }
        MARK => {
            if let Ok(mark) = command.view::<Mark>() {
                recall_meeting(tx, cell, mark.meeting, &locked)?;
            }
        }
        _ if row.kind == MEETING => recall_meeting(tx, cell, row.id, &locked)?,
        _ if matches!(row.scope.kind, ScopeKind::Cell | ScopeKind::Desk) => drop(tx.recall(row)?),
        _ => {}
    }
    Ok(())
}

/// A meeting of the cell with all that belongs to it in those of `scopes` that are the cell's.
pub(crate) fn recall_meeting(tx: &mut dyn Transaction, cell: Id, of: Id, scopes: &[Scope]) -> Result<()> {
    if scopes.contains(&Scope::cell(cell)) {
        tx.recall(&meeting(cell, of))?;
    }
    for scope in [Scope::cell(cell), Scope::desk(cell)] {
        if !scopes.contains(&scope) {
            continue;
        }
        for belonging in tx.archive_belonging(scope, of)? {
            tx.recall(&RowRef::new(scope, &belonging.kind, belonging.id))?;
        }
    }
    Ok(())
}

/// Whether the row is in the log or in the archive: what has left a window is not gone.
pub(crate) fn stands_or_stood(reader: &(impl Reader + ?Sized), row: &RowRef) -> Result<bool> {
    let stands = reader.entry(row)?.is_some_and(|entry| entry.body.is_some());
    Ok(stands || reader.archived(row)?.is_some())
}
