//! The outbox: what the person did, in order, until the server has said what became of it.
//!
//! A command is accepted once: it is numbered without gaps, signed, kept and folded in one transaction. From
//! then on it is in time applied, or stands here as refused, conflicted, held or parked. Applied ones are
//! kept for 30 days, so that a restored server can be told again.

use rusqlite::Connection;
use sotay_protocol::{
    command::{self, Command},
    edit::Rejection,
    env::{Env, Timestamp},
    exchange::{Outcome, Signed},
    id::Id,
    limits,
    refusal::Refusal,
    row::{Body, Row, RowRef},
    signature::{Base64, SigningKey},
};

use super::{device, fold};
use crate::{
    attachments,
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
    /// When it last went up.
    pub tried_at: Option<Timestamp>,
}

const COLUMNS: &str = "entry, number, text, signature, state, failures, outcome, settled_at, tried_at";

fn entry(row: &rusqlite::Row<'_>) -> rusqlite::Result<Result<Entry, StoreError>> {
    let text: String = row.get(2)?;
    let (state, outcome): (String, Option<String>) = (row.get(4)?, row.get(6)?);
    let (number, signature) = (row.get(1)?, Base64(row.get(3)?));
    let (id, failures) = (row.get(0)?, row.get(5)?);
    let (settled_at, tried_at): (Option<i64>, Option<i64>) = (row.get(7)?, row.get(8)?);
    let read = || {
        let command = Command::kept(&text).map_err(|_| StoreError::Row("a command is not one"))?;
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
            tried_at: tried_at.map(Timestamp::from_millis),
        })
    };
    Ok(read())
}

pub(super) fn entries(
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

/// What waits for the server or for the person, oldest first.
///
/// # Errors
/// The store's own fault.
pub fn open(store: &Connection) -> Result<Vec<Entry>, StoreError> {
    entries(store, "state IN ('waiting', 'sent', 'held', 'refused', 'conflicted', 'parked')", [])
}

/// What this person did to the row with this id, wherever it lives.
///
/// # Errors
/// The store's own fault.
pub fn of_id(store: &Connection, row: Id) -> Result<Vec<Entry>, StoreError> {
    entries(store, "state NOT IN ('settled', 'retaken') AND row_id = ?1", [row.to_string()])
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
    attachments::brought_by(store, entry, command)?;
    store.prepare_cached("UPDATE device SET next_number = ?1")?.execute([command.number + 1])?;
    fold::refold(store, &command.row, maker)?;
    Ok(entry)
}

/// Commands of the kinds that are like `kinds` that never left this device.
pub(crate) fn unsent(store: &Connection, kinds: &str) -> Result<Vec<Entry>, StoreError> {
    entries(store, "state = 'waiting' AND tried_at IS NULL AND kind LIKE ?1", [kinds])
}

/// Gives a command that never left this device another body; all else of it stays.
pub(crate) fn rewrite(store: &Connection, of: &Entry, body: Body) -> Result<(), StoreError> {
    let Some(device) = device::load(store)? else { return Ok(()) };
    let command = Command { body, ..of.command.clone() };
    let signed = command.sign(&device.key);
    let sql = "UPDATE command SET text = ?2, signature = ?3
               WHERE entry = ?1 AND state = 'waiting' AND tried_at IS NULL";
    store.prepare_cached(sql)?.execute((of.entry, signed.text, signed.signature.0))?;
    fold::refold(store, &command.row, device.member)
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
    if !of.state.needs_attention() {
        return Err(SubmitError::NoSuchEntry);
    }
    let device = device::load(store)?.ok_or(SubmitError::NotEnrolled)?;
    let command =
        Command { device: device.device, number: device.next_number, made_at: env.now(), body, ..of.command };
    let shown = shown(store, &command.row)?;
    if let Err(Rejection::Refused(refusal)) = command::apply(shown.as_ref(), &command, device.member) {
        return Err(SubmitError::Refused(refusal));
    }
    // Before the old one goes, and its files with it.
    let new = keep(store, &command, &device.key, device.member)?;
    dismiss(store, env, entry)?;
    Ok(new)
}
