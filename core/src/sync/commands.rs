//! The outbox: what the person did, in order, until the server has said what became of it.
//!
//! A command is accepted once: it is numbered without gaps, signed, kept and folded in one transaction. From
//! then on it is in time applied, or stands here as refused, conflicted, held or parked. Applied ones are
//! kept for 30 days, so that a restored server can be told again.

use std::cmp::Ordering;

use rusqlite::{Connection, OptionalExtension};
#[cfg(feature = "planted")]
use sotay_protocol::planted;
use sotay_protocol::{
    command::{self, Command},
    edit::Rejection,
    env::{Env, Timestamp, days},
    exchange::{Outcome, Signed},
    id::Id,
    limits,
    refusal::Refusal,
    row::{Body, Row, RowRef},
    signature::{Base64, SigningKey},
};

use super::{
    device::{self, Followed},
    fold,
};
use crate::{
    store::{StoreError, table::Kept},
    tables,
};

/// A deed about to become a command.
#[derive(Debug, Clone)]
pub struct Draft {
    pub kind: &'static str,
    pub row: RowRef,
    pub needs: Vec<RowRef>,
    pub body: Body,
}

#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    #[error("this device is not enrolled")]
    NotEnrolled,
    /// It would be refused: said at once, and nothing is kept.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// The row has changed since it was read.
    #[error("the row has changed since it was read")]
    Conflicted,
    #[error("no such entry")]
    NoSuchEntry,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for SubmitError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommandState {
    Waiting,
    /// On its way; no answer yet.
    Sent,
    Held,
    Applied,
    Refused,
    Conflicted,
    /// The server failed at it three times; waits for the person.
    Parked,
    /// Parked and taken up again under another number; its own number is still to be spent.
    Retaken,
    /// Dealt with by the person, or replaced by a mended one.
    Settled,
}

impl CommandState {
    const ALL: [(Self, &'static str); 9] = [
        (Self::Waiting, "waiting"),
        (Self::Sent, "sent"),
        (Self::Held, "held"),
        (Self::Applied, "applied"),
        (Self::Refused, "refused"),
        (Self::Conflicted, "conflicted"),
        (Self::Parked, "parked"),
        (Self::Retaken, "retaken"),
        (Self::Settled, "settled"),
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    fn named(name: &str) -> Result<Self, StoreError> {
        let found = Self::ALL.into_iter().find(|(_, known)| *known == name);
        found.map(|(state, _)| state).ok_or(StoreError::Row("a command's state"))
    }

    /// Waits for the person: shown under *needs attention*.
    #[must_use]
    pub fn needs_attention(self) -> bool {
        matches!(self, Self::Refused | Self::Conflicted | Self::Parked)
    }

    /// Waits for the server.
    #[must_use]
    pub fn is_pending(self) -> bool {
        matches!(self, Self::Waiting | Self::Sent | Self::Held)
    }
}

/// A command with what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub entry: u64,
    pub number: u64,
    pub command: Command,
    pub signed: Signed,
    pub state: CommandState,
    pub failures: u32,
    pub outcome: Option<Outcome>,
    pub settled_at: Option<Timestamp>,
}

const COLUMNS: &str = "entry, number, text, signature, state, failures, outcome, settled_at";

fn entry(row: &rusqlite::Row<'_>) -> rusqlite::Result<Result<Entry, StoreError>> {
    let text: String = row.get(2)?;
    let (state, outcome): (String, Option<String>) = (row.get(4)?, row.get(6)?);
    let (number, signature) = (row.get(1)?, Base64(row.get(3)?));
    let (id, failures, settled_at) = (row.get(0)?, row.get(5)?, row.get::<_, Option<i64>>(7)?);
    let read = || {
        let command = Command::parse(&text).map_err(|_| StoreError::Row("a command is not one"))?;
        let outcome = outcome.map(|json| serde_json::from_str(&json)).transpose();
        Ok(Entry {
            entry: id,
            number,
            command,
            signed: Signed { text, signature },
            state: CommandState::named(&state)?,
            failures,
            outcome: outcome.map_err(|_| StoreError::Row("an outcome is not one"))?,
            settled_at: settled_at.map(Timestamp::from_millis),
        })
    };
    Ok(read())
}

fn entries(
    store: &Connection,
    filter: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<Entry>, StoreError> {
    let mut statement =
        store.prepare_cached(&format!("SELECT {COLUMNS} FROM command WHERE {filter} ORDER BY entry"))?;
    statement.query_map(values, entry)?.map(|row| row?).collect()
}

/// Everything that is not dealt with, oldest first, applied commands included.
///
/// # Errors
/// The store's own fault.
pub fn list(store: &Connection) -> Result<Vec<Entry>, StoreError> {
    entries(store, "state NOT IN ('settled', 'retaken')", [])
}

/// What this person did to one row.
///
/// # Errors
/// The store's own fault.
pub fn of_row(store: &Connection, row: &RowRef) -> Result<Vec<Entry>, StoreError> {
    let filter = "state NOT IN ('settled', 'retaken') AND scope = ?1 AND row_kind = ?2 AND row_id = ?3";
    entries(store, filter, (row.scope.to_string(), &row.kind, row.id.to_string()))
}

/// The group that waits for one entry: every pending command that needs its row.
///
/// # Errors
/// [`SubmitError::NoSuchEntry`], or the store's own fault.
pub fn dependants(store: &Connection, entry: u64) -> Result<Vec<Entry>, SubmitError> {
    let of = one(store, entry)?;
    let waiting = entries(store, "state IN ('waiting', 'sent', 'held')", [])?;
    Ok(waiting.into_iter().filter(|entry| entry.command.needs.contains(&of.command.row)).collect())
}

fn one(store: &Connection, entry: u64) -> Result<Entry, SubmitError> {
    entries(store, "entry = ?1", [entry])?.pop().ok_or(SubmitError::NoSuchEntry)
}

/// Accepts a deed: checks it as the server will, numbers, signs, keeps and folds it. Call it inside
/// [`crate::store::Store::write`]; several in one transaction are all or nothing.
///
/// # Errors
/// [`SubmitError::Refused`] for what the server would refuse; nothing is kept then.
pub fn submit(store: &Connection, env: &dyn Env, draft: Draft) -> Result<u64, SubmitError> {
    let device = device::load(store)?.ok_or(SubmitError::NotEnrolled)?;
    let command = Command {
        device: device.device,
        number: device.next_number,
        kind: draft.kind.to_owned(),
        version: 1,
        row: draft.row,
        made_at: env.now(),
        needs: draft.needs,
        body: draft.body,
    };
    let shown = shown(store, &command.row)?;
    command::apply(shown.as_ref(), &command, device.member).map_err(|rejection| match rejection {
        Rejection::Refused(refusal) => SubmitError::Refused(refusal),
        Rejection::Conflicted(_) => SubmitError::Conflicted,
    })?;
    keep(store, &command, &device.key, device.member)
}

fn shown(store: &Connection, row: &RowRef) -> Result<Option<Row>, StoreError> {
    let Some(table) = tables::of_kind(&row.kind) else { return Ok(None) };
    table.get(store, row.scope, row.id)?.map(|(kept, _)| Kept::row(&kept)).transpose()
}

fn keep(store: &Connection, command: &Command, key: &SigningKey, maker: Id) -> Result<u64, SubmitError> {
    let signed = command.sign(key);
    if signed.text.len() > limits::COMMAND {
        return Err(SubmitError::Refused(Refusal::TooLarge));
    }
    let mut statement = store.prepare_cached(
        "INSERT INTO command (device, number, kind, scope, row_kind, row_id, needs, text, signature, made_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    statement.execute((
        command.device.to_string(),
        command.number,
        &command.kind,
        command.row.scope.to_string(),
        &command.row.kind,
        command.row.id.to_string(),
        serde_json::to_string(&command.needs).unwrap_or_default(),
        &signed.text,
        &signed.signature.0,
        command.made_at.millis(),
    ))?;
    let entry = u64::try_from(store.last_insert_rowid()).unwrap_or(0);
    store.prepare_cached("UPDATE device SET next_number = ?1")?.execute([command.number + 1])?;
    fold::refold(store, &command.row, maker)?;
    Ok(entry)
}

/// The person has seen it and lets it go; what they wrote is no longer shown as waiting.
///
/// # Errors
/// [`SubmitError::NoSuchEntry`] for what does not need attention.
pub fn dismiss(store: &Connection, env: &dyn Env, entry: u64) -> Result<(), SubmitError> {
    let of = one(store, entry)?;
    if !of.state.needs_attention() {
        return Err(SubmitError::NoSuchEntry);
    }
    let state = if spent(&of) { CommandState::Settled } else { CommandState::Retaken };
    store.execute(
        "UPDATE command SET state = ?2, settled_at = ?3 WHERE entry = ?1",
        (entry, state.name(), env.now().millis()),
    )?;
    Ok(())
}

/// Whether the server knows the number; a parked one that never had an outcome is still to be skipped.
fn spent(of: &Entry) -> bool {
    of.state != CommandState::Parked || of.outcome.is_some()
}

/// Takes up again what needs attention, as it was, under a new number.
///
/// # Errors
/// As [`submit`].
pub fn retry(store: &Connection, env: &dyn Env, entry: u64) -> Result<u64, SubmitError> {
    let body = one(store, entry)?.command.body;
    mend(store, env, entry, body)
}

/// Takes up again what needs attention with another body: the same row, a new number, and what waits for
/// the row goes through as it was.
///
/// # Errors
/// As [`submit`].
pub fn mend(store: &Connection, env: &dyn Env, entry: u64, body: Body) -> Result<u64, SubmitError> {
    let of = one(store, entry)?;
    dismiss(store, env, entry)?;
    let device = device::load(store)?.ok_or(SubmitError::NotEnrolled)?;
    let command =
        Command { device: device.device, number: device.next_number, made_at: env.now(), body, ..of.command };
    let shown = shown(store, &command.row)?;
    match command::apply(shown.as_ref(), &command, device.member) {
        Err(Rejection::Refused(refusal)) => Err(SubmitError::Refused(refusal)),
        _ => keep(store, &command, &device.key, device.member),
    }
}

/// What the next exchange carries up.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub entries: Vec<Entry>,
}

impl Batch {
    /// Held commands first, unless the row they wait for needs attention here, then the new ones, to the
    /// limits of one exchange. Parked and retaken ones stand in it as numbers to be skipped.
    pub(super) fn next(store: &Connection, device: Id, most: usize) -> Result<Self, StoreError> {
        let filter = "device = ?1 AND (state IN ('waiting', 'sent', 'held', 'retaken') OR (state = 'parked' AND outcome IS NULL))";
        let mut candidates = entries(store, filter, [device.to_string()])?;
        candidates.sort_by_key(|entry| entry.number);
        // Only the maker of a row keeps back what needs the row: a stuck edit of one that stands does not.
        let mut makers = entries(store, "state IN ('refused', 'conflicted', 'parked')", [])?;
        makers.retain(|entry| command::apply(None, &entry.command, device).is_ok());
        let waits_for_person = |entry: &Entry| {
            entry.state == CommandState::Held
                && makers.iter().any(|maker| entry.command.needs.contains(&maker.command.row))
        };
        let mut bytes = 0;
        let most = most.min(limits::COMMANDS);
        let fits = |entry: &Entry| {
            bytes += entry.signed.text.len();
            bytes <= limits::COMMANDS_BYTES
        };
        let entries = candidates
            .into_iter()
            .filter(|entry| !waits_for_person(entry))
            .take(most)
            .take_while(fits)
            .collect();
        Ok(Self { entries })
    }
}

pub(super) fn mark_sent(store: &Connection, batch: &Batch) -> Result<(), StoreError> {
    let mut statement =
        store.prepare_cached("UPDATE command SET state = 'sent' WHERE entry = ?1 AND state = 'waiting'")?;
    for entry in &batch.entries {
        statement.execute([entry.entry])?;
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
    let state = match outcome {
        Outcome::Applied { .. } => CommandState::Applied,
        Outcome::Refused { .. } => CommandState::Refused,
        Outcome::Conflicted { .. } => CommandState::Conflicted,
        Outcome::Held { .. } => CommandState::Held,
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
    #[cfg(feature = "planted")]
    let folded = folded && (state.is_pending() || !planted::is(planted::Bug::FoldEndsAtOutcome));
    let json = serde_json::to_string(outcome).map_err(|_| StoreError::Row("an outcome cannot be written"))?;
    let mut statement = store.prepare_cached(
        "UPDATE command SET state = ?2, outcome = ?3, effect_epoch = ?4, effect_seq = ?5, folded = ?6, settled_at = ?7
         WHERE entry = ?1",
    )?;
    let settled_at = (!state.is_pending()).then(|| now.millis());
    statement.execute((of.entry, state.name(), json, epoch, seq, folded, settled_at))?;
    fold::refold(store, &of.command.row, maker)?;
    Ok(Some(state))
}

/// Counts a failure of the server at one command; the third parks it. Says whether it did.
pub(super) fn failed(store: &Connection, device: Id, maker: Id, number: u64) -> Result<bool, StoreError> {
    let values = (device.to_string(), number);
    store.execute(
        "UPDATE command SET failures = failures + 1 WHERE device = ?1 AND number = ?2",
        values.clone(),
    )?;
    let parked = store
        .query_row(
            "UPDATE command SET state = 'parked', folded = 0
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
    let filter = "scope = ?1 AND state = 'applied' AND folded = 1
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
    store.execute("UPDATE command SET folded = 0 WHERE scope = ?1 AND state = 'applied'", [scope])?;
    store.execute(
        "UPDATE command SET outcome = json_set(outcome, '$.current', json('{}'))
         WHERE scope = ?1 AND json_extract(outcome, '$.outcome') = 'conflicted'",
        [scope],
    )?;
    Ok(())
}

/// A scope is followed (again): folds what waits on its rows.
pub(super) fn followed(store: &Connection, scope: &str, maker: Id) -> Result<(), StoreError> {
    for of in entries(store, "scope = ?1 AND folded = 1", [scope])? {
        fold::refold(store, &of.command.row, maker)?;
    }
    Ok(())
}

/// The server was restored and wants all from `number` on again.
pub(super) fn wanted_from(store: &Connection, device: Id, number: u64, maker: Id) -> Result<(), StoreError> {
    // What the person has dealt with is not sent again: its number is spent anew. A parked one likewise.
    store.execute(
        "UPDATE command SET state = CASE state WHEN 'settled' THEN 'retaken' ELSE state END, outcome = NULL
         WHERE device = ?1 AND number >= ?2 AND state IN ('settled', 'parked')",
        (device.to_string(), number),
    )?;
    let filter = "device = ?1 AND number >= ?2 AND state IN ('applied', 'refused', 'conflicted', 'held')";
    for of in entries(store, filter, (device.to_string(), number))? {
        let sql = "UPDATE command SET state = 'waiting', outcome = NULL, folded = 1, effect_epoch = NULL,
                     effect_seq = NULL, settled_at = NULL WHERE entry = ?1";
        store.prepare_cached(sql)?.execute([of.entry])?;
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
    store.execute(
        "UPDATE command SET state = 'settled' WHERE device <> ?1 AND state = 'retaken'",
        [device.to_string()],
    )?;
    store.execute("UPDATE device SET next_number = ?1", [number + 1])?;
    Ok(())
}

/// Forgets what was dealt with or applied more than 30 days ago.
pub(super) fn forget_old(store: &Connection, now: Timestamp) -> Result<(), StoreError> {
    store.execute(
        "DELETE FROM command WHERE state IN ('applied', 'settled') AND folded = 0 AND settled_at < ?1",
        [now.minus(days(30)).millis()],
    )?;
    Ok(())
}
