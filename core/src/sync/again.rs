//! After a restore: what the server has lost is sent again.
//!
//! What was applied is kept for 30 days, counted by the server's clock and the phone's (either may jump). When the
//! server says from which number it lacks what this device sent, all of it waits again, in its old bytes and order,
//! and is shown as before. What was applied under lower numbers goes along: the backup may hold a number as *held*
//! that was applied later, and whatever else it has it answers from its store. So does what was refused: this phone may have
//! been put back to a copy, and the restored server have taken it since. Numbers that are no longer kept are
//! skipped, since numbers have no gaps. What the person has dealt with is skipped too, and stays dealt with.
//!
//! Until the server has answered all of it, no reset is swept: a row that the server makes of what is sent again (a
//! case at the desk, an attendance) must not vanish and come back.

use rusqlite::Connection;
use sotay_protocol::{
    env::{Timestamp, days},
    id::Id,
    planted::{self, Bug},
};

use super::{
    commands::{Entry, entries},
    fold,
};
use crate::store::{StoreError, execute};

const KEPT: std::time::Duration = days(30);

/// The server wants all from `number` on.
pub(super) fn wanted_from(store: &Connection, device: Id, number: u64, maker: Id) -> Result<(), StoreError> {
    execute(
        store,
        "UPDATE device SET want_from = CASE WHEN ?1 < next_number THEN ?1 END WHERE device = ?2",
        (number, device.to_string()),
    )?;
    execute(store, "UPDATE command SET state = CASE state WHEN 'settled' THEN 'retaken' ELSE state END, outcome = NULL, kept_until = NULL
         WHERE device = ?1 AND number >= ?2 AND state IN ('settled', 'parked')",
        (device.to_string(), number),
    )?;
    if planted::is(Bug::AppliedNotSentAgain) {
        return Ok(());
    }
    let filter = "device = ?1 AND (state IN ('applied', 'refused', 'conflicted') OR (number >= ?2 AND state = 'held'))";
    wait_again(store, entries(store, filter, (device.to_string(), number))?, maker)
}

/// This phone has another name with a server that was restored, because it enrolled anew or heard before that it is a
/// copy. It will not be asked for what it sent under the old one, so all that is kept waits again, for a number under
/// the new one.
pub(super) fn under_another_name(store: &Connection, maker: Id) -> Result<(), StoreError> {
    wait_again(store, entries(store, "state = 'applied'", [])?, maker)
}

fn wait_again(store: &Connection, again: Vec<Entry>, maker: Id) -> Result<(), StoreError> {
    let sql =
        "UPDATE command SET state = 'waiting', again = 1, outcome = NULL, folded = 1, effect_epoch = NULL,
                 effect_seq = NULL, settled_at = NULL, kept_until = NULL WHERE entry = ?1";
    for of in again {
        store.prepare_cached(sql)?.execute([of.entry])?;
        fold::refold(store, &of.command.row, maker)?;
    }
    Ok(())
}

/// The numbers that the server lacks, if it was restored and does not have all of them again.
pub(super) fn lacking(store: &Connection) -> Result<Option<std::ops::Range<u64>>, StoreError> {
    let mut statement =
        store.prepare_cached("SELECT coalesce(want_from, next_number), next_number FROM device")?;
    let (from, next): (u64, u64) = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((from < next).then_some(from..next))
}

/// Whether something that the server once had is still on its way there.
pub(super) fn is_sending(store: &Connection) -> Result<bool, StoreError> {
    let mut statement = store.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM command WHERE state IN ('waiting', 'sent') AND again = 1)",
    )?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// The server has an outcome for `number`; they come in order.
pub(super) fn spent(store: &Connection, number: u64) -> Result<(), StoreError> {
    let sql = "UPDATE device SET want_from = CASE WHEN want_from + 1 < next_number THEN want_from + 1 END
               WHERE want_from = ?1";
    store.prepare_cached(sql)?.execute([number])?;
    Ok(())
}

/// Forgets what was dealt with or applied more than 30 days ago by both clocks: neither alone, set wrong for a day, may
/// take away what a restored server will want. A time that lies ahead of this phone's clock says nothing.
pub(super) fn forget_old(
    store: &Connection,
    server_now: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    execute(
        store,
        "UPDATE command SET kept_until = ?1 WHERE state IN ('applied', 'settled') AND kept_until IS NULL",
        [(server_now + KEPT).millis()],
    )?;
    execute(
        store,
        "DELETE FROM command INDEXED BY command_kept
         WHERE state IN ('applied', 'settled') AND folded = 0 AND kept_until < ?1
           AND NOT coalesce(settled_at BETWEEN ?2 AND ?3, 0)",
        [server_now.millis(), now.minus(KEPT).millis(), now.millis()],
    )?;
    Ok(())
}
