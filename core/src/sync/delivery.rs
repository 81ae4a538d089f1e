//! The engine's side of the outbox: what goes up next, and what became of it.

use std::{cmp::Ordering, ops::Range};

use rusqlite::{Connection, OptionalExtension};
use sotay_protocol::{
    command::{self, Command},
    env::Timestamp,
    exchange::Outcome,
    id::Id,
    limits,
    planted::{self, Bug},
    refusal::Refusal,
    signature::SigningKey,
};

use super::{
    again,
    commands::{CommandState, Entry, entries},
    device::{self, Followed},
    fold,
};
use crate::{
    attachments,
    store::{StoreError, execute},
};

/// What the next exchange carries up.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub items: Vec<Item>,
}

#[derive(Debug)]
pub(super) enum Item {
    /// A command, or its number to be skipped.
    Kept(Box<Entry>),
    /// A number that a restored server lacks and this phone no longer keeps: to be skipped.
    Forgotten(u64),
}

impl Item {
    pub(super) fn number(&self) -> u64 {
        match self {
            Self::Kept(entry) => entry.number,
            Self::Forgotten(number) => *number,
        }
    }
}

impl Batch {
    /// Held commands first, unless the row they wait for needs attention here, then the new ones, to the
    /// limits of one exchange. Parked and retaken ones stand in it as numbers to be skipped, and so does, after a
    /// restore, each number between them of which nothing is kept: no exchange carries more of these than commands.
    pub(super) fn next(store: &Connection, device: Id, most: usize) -> Result<Self, StoreError> {
        // By state: by device it would go through all that was applied in 30 days.
        let filter = "state IN ('waiting', 'sent', 'held', 'retaken', 'parked') AND (state <> 'parked' OR outcome IS NULL)
                      AND +device = ?1";
        let mut candidates = entries(store, filter, [device.to_string()])?;
        candidates.sort_by_key(|entry| entry.number);
        // Only the maker of a row keeps back what needs the row: a stuck edit of one that stands does not.
        let mut makers = entries(store, "state IN ('refused', 'conflicted', 'parked')", [])?;
        makers.retain(|entry| command::apply(None, &entry.command, device).is_ok());
        let waits_for_person = |entry: &Entry| {
            entry.state == CommandState::Held
                && makers.iter().any(|maker| entry.command.needs.contains(&maker.command.row))
        };
        candidates.retain(|entry| !waits_for_person(entry));
        candidates.retain(|entry| match entry.state {
            CommandState::Held => !planted::is(Bug::HeldNeverSentAgain),
            CommandState::Parked => !planted::is(Bug::ParkedNotSkipped),
            _ => true,
        });
        let mut bytes = 0;
        let fits = |item: &Item| {
            bytes += if let Item::Kept(entry) = item { entry.signed.text.len() } else { 0 };
            bytes <= limits::COMMANDS_BYTES
        };
        let most = most.min(limits::COMMANDS);
        let items = without_gaps(candidates, again::lacking(store)?, most);
        Ok(Self { items: items.into_iter().take_while(fits).collect() })
    }
}

/// At most `most` of the commands, and of the numbers in `lacking` that none of them has.
fn without_gaps(commands: Vec<Entry>, lacking: Option<Range<u64>>, most: usize) -> Vec<Item> {
    let mut lacking = lacking.unwrap_or_default();
    let mut commands = commands.into_iter().peekable();
    let mut items = Vec::new();
    while items.len() < most {
        let in_turn = |entry: &Entry| lacking.is_empty() || entry.number <= lacking.start;
        if let Some(entry) = commands.next_if(in_turn) {
            lacking.start = lacking.start.max(entry.number + 1);
            items.push(Item::Kept(Box::new(entry)));
        } else if lacking.is_empty() {
            break;
        } else {
            items.push(Item::Forgotten(lacking.start));
            lacking.start += 1;
        }
    }
    items
}

pub(super) fn mark_sent(store: &Connection, batch: &Batch, now: Timestamp) -> Result<(), StoreError> {
    let mut statement = store.prepare_cached(
        "UPDATE command SET tried_at = ?2, state = CASE state WHEN 'waiting' THEN 'sent' ELSE state END WHERE entry = ?1",
    )?;
    for item in &batch.items {
        if let Item::Kept(entry) = item {
            statement.execute((entry.entry, now.millis()))?;
        }
    }
    Ok(())
}

/// Keeps an outcome and folds the row anew. `reached` says whether the row's scope already stands at the effect.
pub(super) fn settle(
    store: &Connection,
    device: Id,
    maker: Id,
    number: u64,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<Option<CommandState>, StoreError> {
    let found = entries(store, "device = ?1 AND number = ?2", (device.to_string(), number))?.pop();
    let Some(of) = found else { return Ok(None) };
    let revoked = Outcome::Refused { code: Refusal::DeviceRevoked };
    let outcome = if is_of_a_revoked_device(store, outcome)? { &revoked } else { outcome };
    let state = match outcome {
        Outcome::Applied { .. } => CommandState::Applied,
        Outcome::Refused { .. } => CommandState::Refused,
        Outcome::Conflicted { .. } => CommandState::Conflicted,
        Outcome::Held { files, .. } => {
            attachments::not_there(store, files)?;
            // What is parked waits for the person, though the server would still take it.
            if of.state == CommandState::Parked { CommandState::Parked } else { CommandState::Held }
        }
        Outcome::Skipped if of.state == CommandState::Parked => CommandState::Parked,
        Outcome::Skipped => CommandState::Settled,
        Outcome::Failed | Outcome::Forked => return Ok(None),
    };
    // Taken up again meanwhile: whatever became of the old number, the new one stands for it.
    let state = if of.state == CommandState::Retaken { CommandState::Settled } else { state };
    let (epoch, seq, reached) = match outcome {
        Outcome::Applied { scope, epoch, seq } => {
            let cursor = device::cursor(store, &scope.to_string())?;
            let ahead = |at: Followed| match at.epoch.cmp(epoch) {
                Ordering::Less => true,
                Ordering::Equal => at.seq < *seq,
                Ordering::Greater => at.resetting,
            };
            let ahead = cursor.is_some_and(ahead);
            (Some(*epoch), Some(*seq), !ahead)
        }
        _ => (None, None, true),
    };
    let folded = state.is_pending() || (state == CommandState::Applied && !reached);
    let folded = folded && (state.is_pending() || !planted::is(Bug::FoldEndsAtOutcome));
    let json = serde_json::to_string(outcome).map_err(|_| StoreError::Row("an outcome cannot be written"))?;
    let mut statement = store.prepare_cached(
        "UPDATE command SET state = ?2, outcome = ?3, effect_epoch = ?4, effect_seq = ?5, folded = ?6, settled_at = ?7
         WHERE entry = ?1",
    )?;
    let settled_at = (!state.is_pending()).then(|| now.millis());
    statement.execute((of.entry, state.name(), json, epoch, seq, folded, settled_at))?;
    if planted::is(Bug::OutcomeOfTheWholeRow) {
        execute(
            store,
            "UPDATE command SET state = ?2, folded = 0 WHERE row_id = ?1 AND state IN ('waiting', 'sent')",
            (of.command.row.id.to_string(), state.name()),
        )?;
    }
    fold::refold(store, &of.command.row, maker)?;
    Ok(Some(state))
}

/// A device that follows nothing has no rights, whoever holds it: the person is told that, and not of rights. The scopes
/// of an exchange come before its outcomes.
fn is_of_a_revoked_device(store: &Connection, outcome: &Outcome) -> Result<bool, StoreError> {
    if *outcome != (Outcome::Refused { code: Refusal::NotAllowed }) {
        return Ok(false);
    }
    let mut statement = store.prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM scope)")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Counts a failure of the server at one command; the third parks it. Says whether it did. Its number is skipped then,
/// also where it was held: it may have been applied by an exchange whose answer was lost.
pub(super) fn failed(store: &Connection, device: Id, maker: Id, number: u64) -> Result<bool, StoreError> {
    let values = (device.to_string(), number);
    execute(
        store,
        "UPDATE command SET failures = failures + 1 WHERE device = ?1 AND number = ?2",
        values.clone(),
    )?;
    let parked = store
        .query_row(
            "UPDATE command SET state = 'parked', folded = 0, outcome = NULL
             WHERE device = ?1 AND number = ?2 AND failures >= 3 AND state IN ('waiting', 'sent', 'held') RETURNING entry",
            values,
            |row| row.get::<_, u64>(0),
        )
        .optional()?;
    let Some(entry) = parked else { return Ok(false) };
    if let Some(of) = entries(store, "entry = ?1", [entry])?.pop() {
        fold::refold(store, &of.command.row, maker)?;
    }
    Ok(true)
}

/// Unfolds applied commands whose effect the scope's cursor `at` has reached. An effect of another epoch has no
/// place in this one's order: it is reached when the scope was read in from its beginning to its end.
pub(super) fn reached(
    store: &Connection,
    at: &Followed,
    to_its_end: bool,
    maker: Id,
) -> Result<(), StoreError> {
    // By what is folded: by state it would go through all that was applied in 30 days.
    let filter = "scope = ?1 AND +state = 'applied' AND folded = 1
                  AND CASE WHEN effect_epoch = ?2 THEN effect_seq <= ?3 ELSE ?4 END";
    let arrived = entries(store, filter, (at.scope.to_string(), at.epoch, at.seq, to_its_end))?;
    for of in arrived {
        store.prepare_cached("UPDATE command SET folded = 0 WHERE entry = ?1")?.execute([of.entry])?;
        fold::refold(store, &of.command.row, maker)?;
    }
    Ok(())
}

/// A scope was left: effects in it count as reached, and what a conflict told of its rows goes with them. What
/// the person wrote and could not send stays listed.
pub(super) fn left(store: &Connection, scope: &str) -> Result<(), StoreError> {
    execute(store, "UPDATE command SET folded = 0 WHERE scope = ?1 AND state = 'applied'", [scope])?;
    execute(
        store,
        "UPDATE command SET outcome = json_set(outcome, '$.current', json('{}'))
         WHERE scope = ?1 AND json_extract(outcome, '$.outcome') = 'conflicted'",
        [scope],
    )?;
    attachments::left(store, scope)
}

/// A scope is followed (again): folds what waits on its rows.
pub(super) fn followed(store: &Connection, scope: &str, maker: Id) -> Result<(), StoreError> {
    for of in entries(store, "scope = ?1 AND folded = 1", [scope])? {
        fold::refold(store, &of.command.row, maker)?;
    }
    Ok(())
}

/// Gives every command that waits for the server a number of the new device and signs it anew. One that was held
/// waits again: the server has not heard of its new number, and takes none after it before that.
pub(super) fn renumber(store: &Connection, device: Id, key: &SigningKey) -> Result<(), StoreError> {
    let filter =
        "device <> ?1 AND (state IN ('waiting', 'sent', 'held') OR (state = 'parked' AND outcome IS NULL))";
    let mut number = 0;
    for of in entries(store, filter, [device.to_string()])? {
        if matches!(of.state, CommandState::Sent | CommandState::Held) && planted::is(Bug::ForkForgetsSent) {
            continue;
        }
        number += 1;
        let signed = Command { device, number, ..of.command }.sign(key);
        store
            .prepare_cached(
                "UPDATE command SET device = ?2, number = ?3, text = ?4, signature = ?5, outcome = NULL,
                   state = CASE state WHEN 'held' THEN 'waiting' ELSE state END WHERE entry = ?1",
            )?
            .execute((of.entry, device.to_string(), number, signed.text, signed.signature.0))?;
    }
    // A retaken command's old number belongs to the copy now, and needs no skip.
    execute(
        store,
        "UPDATE command SET state = 'settled' WHERE device <> ?1 AND state = 'retaken'",
        [device.to_string()],
    )?;
    execute(store, "UPDATE device SET next_number = ?1, want_from = NULL", [number + 1])?;
    Ok(())
}
