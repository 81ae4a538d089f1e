//! Phản ánh, kiến nghị: the thread in the member's scope and the case at the desk, written together.

use serde::Deserialize;
use sotay_protocol::{
    feedback::{Answer, CASE, Case, THREAD, case_id, mirror, sealed::WRAP_THREAD},
    id::Id,
    refusal::Refusal,
    row::{Body, RowRef},
    scope::Scope,
};

use crate::{
    attachments::claim,
    commands::{Deed, Stop},
    standing::{cell_of, standing},
    store::{Result as Stored, StoredEntry, Transaction},
};

/// What every command of a member's says, and every one of a desk's.
#[derive(Deserialize)]
struct Of {
    desk: Id,
}
#[derive(Deserialize)]
struct To {
    member: Id,
    thread: Id,
}

/// A new thread, a further word in one, or wraps for a device that came later: the case at the desk follows. Of what is
/// sealed this reads nothing.
pub(crate) fn from_member(tx: &mut dyn Transaction, deed: &mut Deed<'_>) -> Result<u64, Stop> {
    let command = deed.command;
    let Of { desk } = command.view()?;
    let row = RowRef::new(Scope::desk(desk), CASE, case_id(command.row.id));
    let other = tx.entry(&row)?;
    // Thread ids are the members' own choice: nobody may speak in another's case by choosing theirs.
    if let Some(case) = body(other.as_ref())? {
        let case: Case = sotay_protocol::row::view(&case)?;
        if case.member != deed.maker || case.thread != command.row.id {
            return Err(Refusal::IdTaken.into());
        }
    }
    let (member_name, cell_name) = names(tx, deed)?;
    let written = deed.write(tx)?;
    if command.kind == WRAP_THREAD && body(other.as_ref())?.is_none() {
        // The case has left the desk's window: the member's devices read on, and nobody there is given anything.
        return Ok(written.seq);
    }
    let case = mirror(body(other.as_ref())?.as_ref(), command, deed.maker, &member_name, &cell_name)?;
    deed.write_other(tx, &row, other.as_ref(), case)?;
    claim(tx, deed, &[&command.row, &row])?;
    Ok(written.seq)
}

/// The desk takes a case up or answers it: the member's thread follows.
pub(crate) fn from_desk(tx: &mut dyn Transaction, deed: &mut Deed<'_>) -> Result<u64, Stop> {
    let answer: To = deed.command.view()?;
    let row = RowRef::new(Scope::member(answer.member), THREAD, answer.thread);
    let other = tx.entry(&row)?;
    let written = deed.write(tx)?;
    let thread = mirror(body(other.as_ref())?.as_ref(), deed.command, deed.maker, "", "")?;
    deed.write_other(tx, &row, other.as_ref(), thread)?;
    claim(tx, deed, &[&deed.command.row, &row])?;
    Ok(written.seq)
}

/// Whether this very answer stands in the case already.
pub(crate) fn is_answered(deed: &Deed<'_>, case: &StoredEntry) -> Result<bool, Stop> {
    let answer: Answer = deed.command.view()?;
    let Some(body) = body(Some(case))? else { return Ok(false) };
    let case: Case = sotay_protocol::row::view(&body)?;
    Ok(answer.message.is_some_and(|message| case.messages.contains(&message)))
}

fn body(entry: Option<&StoredEntry>) -> Result<Option<Body>, Refusal> {
    Ok(entry.map(StoredEntry::row).transpose()?.flatten().map(|row| row.body))
}

/// What the desk is told of the sender: the server's own knowledge, never the command's.
fn names(tx: &dyn Transaction, deed: &Deed<'_>) -> Stored<(String, String)> {
    let member = tx.member(deed.maker)?.map(|member| member.profile.name).unwrap_or_default();
    let (standing, _) = standing(tx, deed.maker)?;
    let cell: Option<Id> = cell_of(&standing, deed.now);
    let cell = cell.map(|cell| tx.organisation(cell)).transpose()?.flatten();
    Ok((member, cell.map(|cell| cell.organisation.name).unwrap_or_default()))
}
