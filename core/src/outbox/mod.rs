//! What the person did and what became of it, as a screen shows it: in words, with what can be done next.

mod conflict;
mod deeds;
mod marks;
mod mend;

use rusqlite::Connection;
use serde::Serialize;
use serde_json::Value;
use sotay_protocol::{edit::Edit, env::Timestamp, exchange::Outcome, refusal::Refusal, row::RowRef};

pub(crate) use self::marks::is_outdated;
pub use self::{
    conflict::{Choice, Conflict, Field, FieldKind, Resolution, Theirs, conflict, resolve},
    marks::Marks,
    mend::{dismiss, keep_mine, mend_feedback, mend_meeting, retry},
};
use crate::{
    store::StoreError,
    sync::{
        commands::{self, CommandState, Entry},
        status::Tries,
    },
    words::Words,
};

/// The state of a row that a person made or changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RowState {
    Pending,
    Sending,
    Applied {
        at: Timestamp,
    },
    /// Waits for rows that others, or an earlier command of this person, must bring; each by its name.
    Held {
        missing: Vec<String>,
    },
    Refused {
        code: Refusal,
    },
    Conflicted {
        fields: Vec<TwoVersions>,
    },
    Parked,
    /// A newer form of the row has come, which this version of the app cannot read; what is shown is the older one.
    Outdated,
}

/// One field of a conflict, side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TwoVersions {
    pub field: String,
    pub mine: Value,
    pub current: Value,
}

impl RowState {
    fn on_its_way(words: &Words) -> Self {
        if words.in_transit { Self::Sending } else { Self::Pending }
    }

    pub(crate) fn of(store: &Connection, entry: &Entry, words: &Words) -> Result<Self, StoreError> {
        Ok(match (entry.state, &entry.outcome) {
            (CommandState::Waiting | CommandState::Retaken, _) => Self::Pending,
            (CommandState::Sent, _) => Self::on_its_way(words),
            // The words are there, and their photos on the way.
            (CommandState::Held, Some(Outcome::Held { missing, files }))
                if missing.is_empty() && !files.is_empty() =>
            {
                Self::on_its_way(words)
            }
            (CommandState::Held, Some(Outcome::Held { missing, .. })) => {
                let missing = missing.iter().map(|row| deeds::name_of_row(store, row, words));
                Self::Held { missing: missing.collect::<Result<_, _>>()? }
            }
            (CommandState::Held, _) => Self::Pending,
            (CommandState::Refused, Some(Outcome::Refused { code })) => Self::Refused { code: *code },
            (CommandState::Refused, _) => Self::Refused { code: Refusal::Other },
            (CommandState::Conflicted, outcome) => {
                Self::Conflicted { fields: two_versions(entry, outcome.as_ref()) }
            }
            (CommandState::Parked, _) => Self::Parked,
            (CommandState::Applied | CommandState::Settled, _) => {
                Self::Applied { at: entry.settled_at.unwrap_or(entry.command.made_at) }
            }
        })
    }

    #[must_use]
    pub fn needs_attention(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Conflicted { .. } | Self::Parked)
    }

    #[must_use]
    pub fn is_applied(&self) -> bool {
        matches!(self, Self::Applied { .. })
    }
}

fn two_versions(entry: &Entry, outcome: Option<&Outcome>) -> Vec<TwoVersions> {
    let Some(Outcome::Conflicted { current }) = outcome else { return Vec::new() };
    let mine: Edit = entry.command.view().unwrap_or_default();
    let version = |(field, current): (&String, &Value)| TwoVersions {
        field: field.clone(),
        mine: mine.fields.get(field).map_or(Value::Null, |change| change.now.clone()),
        current: current.clone(),
    };
    current.iter().map(version).collect()
}

/// A deed that waits for the server or for the person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// Names it to [`dismiss`], [`retry`] and the like.
    pub entry: u64,
    /// The command's kind, as in `meeting.create`.
    pub kind: String,
    pub row: RowRef,
    /// What was done, in words.
    pub deed: String,
    /// The person's own words, where they wrote some.
    pub written: Option<String>,
    pub made_at: Timestamp,
    #[serde(flatten)]
    pub state: RowState,
    /// What came of sending it, as long as there is no answer.
    #[serde(flatten)]
    pub tries: Tries,
    pub needs_attention: bool,
    /// How many others wait for this one.
    pub waiting_for_it: usize,
}

/// What waits, oldest first: needs attention, held, being sent, pending. What was applied is not in it.
///
/// # Errors
/// The store's own fault.
pub fn list(store: &Connection, words: &Words) -> Result<Vec<Item>, StoreError> {
    let entries = commands::open(store)?;
    let open: Vec<&Entry> = entries.iter().collect();
    open.iter().map(|entry| item(store, entry, &open, words)).collect()
}

fn item(store: &Connection, entry: &Entry, open: &[&Entry], words: &Words) -> Result<Item, StoreError> {
    let waits =
        |other: &&&Entry| other.state.is_pending() && other.command.needs.contains(&entry.command.row);
    let waiting_for_it = open.iter().filter(|other| other.entry != entry.entry).filter(waits).count();
    Ok(Item {
        entry: entry.entry,
        kind: entry.command.kind.clone(),
        row: entry.command.row.clone(),
        deed: deeds::in_words(store, &entry.command, words)?,
        written: deeds::written(store, &entry.command)?,
        made_at: entry.command.made_at,
        state: RowState::of(store, entry, words)?,
        tries: Tries::of(entry, words.now),
        needs_attention: entry.state.needs_attention(),
        waiting_for_it,
    })
}

/// How much waits, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// To be sent, or being sent.
    pub pending: usize,
    pub held: usize,
    pub needs_attention: usize,
}

/// # Errors
/// The store's own fault.
pub fn counts(store: &Connection) -> Result<Counts, StoreError> {
    let mut statement = store.prepare_cached(
        "SELECT state, count(*) FROM command
         WHERE state IN ('waiting', 'sent', 'held', 'refused', 'conflicted', 'parked') GROUP BY state",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    let mut counts = Counts::default();
    for row in rows {
        let (state, count) = row?;
        let count = usize::try_from(count).unwrap_or(0);
        match state.as_str() {
            "waiting" | "sent" => counts.pending += count,
            "held" => counts.held += count,
            "refused" | "conflicted" | "parked" => counts.needs_attention += count,
            _ => {}
        }
    }
    Ok(counts)
}
