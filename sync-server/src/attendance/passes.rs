//! Members' passes: what the cell's desk is told of its members' devices, and what a pass that was scanned is worth.

use sotay_protocol::{
    attendance::{Evidence, Mark, PASS_KEY, Pass, PassFound, PassKey},
    env::Timestamp,
    id::Id,
    row::{Row, RowRef, body},
    scope::Scope,
    signature::Base64,
};

use super::logs;
use crate::{
    commands::Deed,
    rows::put_if_changed,
    store::{Errand, OutboxLine, Reader, Result, Transaction},
};

const EVERY_LINE: usize = 1_000_000;

/// A device of the member's came or lost its rights, or they came to a cell or left it: the desks of their cells are told.
pub(crate) fn devices_changed(tx: &mut dyn Transaction, member: Id, now: Timestamp) -> Result<()> {
    if tx.devices_of(member)?.is_empty() {
        return Ok(());
    }
    for stay in tx.memberships(member)? {
        let errand = Errand::PassKeys { cell: stay.cell, member };
        let scope = errand.scope();
        // One that waits already will look at what stands then.
        if tx.outbox_of(scope, EVERY_LINE)?.iter().all(|line| line.errand != errand) {
            let id = Id::derived("pass_keys", &[stay.cell, member]);
            tx.push_outbox(&OutboxLine { scope, id, errand, at: now })?;
        }
    }
    Ok(())
}

/// Sets what the cell's desk knows of the member's devices: all that may act for one who belongs to the cell.
pub(crate) fn pass_keys(
    tx: &mut dyn Transaction,
    server: Id,
    (cell, member): (Id, Id),
    now: Timestamp,
) -> Result<Vec<Errand>> {
    let belongs = tx.memberships(member)?.iter().any(|stay| stay.cell == cell && stay.holds(now));
    for device in tx.devices_of(member)? {
        let at = RowRef::new(Scope::desk(cell), PASS_KEY, device.id);
        if belongs && device.revoked_at.is_none() {
            let of = body(&PassKey { member, key: Base64(device.key) });
            put_if_changed(tx, &at, &Row { version: 1, author: server, body: of }, now)?;
        } else {
            tx.bury(&at, now)?;
        }
    }
    Ok(Vec::new())
}

/// What a mark by a pass rests on: a pass counts that a device of the member's signed, scanned while a log of the meeting
/// ran, by the clock of who scanned it. `None` for a mark by hand.
pub(super) fn worth(
    reader: &(impl Reader + ?Sized),
    deed: &Deed<'_>,
    mark: &Mark,
) -> Result<Option<Evidence>> {
    let Some(pass) = mark.pass.as_deref().and_then(|text| Pass::read(text).ok()) else { return Ok(None) };
    let (cell, at) = (deed.command.row.scope.id, deed.command.made_at);
    let device = reader.device(pass.device)?.filter(|device| device.revoked_at.is_none_or(|end| end > at));
    let known = device.map(|device| PassKey { member: device.member, key: Base64(device.key) });
    let is_theirs = pass.found(known.as_ref()) == Ok(PassFound::Verified);
    let is_open = |opened_at: Timestamp, closed_at: Option<Timestamp>| {
        opened_at <= at && closed_at.is_none_or(|closed_at| at <= closed_at)
    };
    let logs = logs(reader, cell, mark.meeting)?;
    let in_time = logs.iter().any(|log| is_open(log.opening.opened_at, log.opening.closed_at));
    let seen = mark.evidence == Some(Evidence::Pass) && is_theirs && in_time;
    Ok(Some(if seen { Evidence::Pass } else { Evidence::PassByHand }))
}
