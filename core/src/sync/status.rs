//! The state of sync as one value, worked out of what the store holds and of what goes on: what every screen's line
//! about it, and the screen “Đồng bộ”, are drawn from.
//!
//! Nothing is remembered here: the same store and the same goings-on give the same status, so it says the truth after
//! a restart as well.

use std::time::Duration;

use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::{env::Timestamp, row::RowRef};

use super::{
    commands::{self, CommandState, Entry},
    device,
    schedule::{Facts, FilesLeft, Next, Why},
};
use crate::{
    attachments,
    store::StoreError,
    trust::{self, Lists},
};

/// A clock that is off by more than this is told of. Nothing leans on it: rights are judged by the server's own.
pub const CLOCK_OFF: Duration = Duration::from_secs(10 * 60);
/// A connection on which nothing comes for this long is broken; before that, no answer is no error.
const IN_TRANSIT: Duration = Duration::from_secs(60);
/// Of what needs the person, so many are named; the rest is counted.
const NAMED: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SyncStatus {
    #[serde(flatten)]
    pub activity: Activity,
    pub last_sync: Option<Timestamp>,
    pub unsent: Unsent,
    pub attention: Attention,
    pub listening: Listening,
}

/// Whether the server can poke this phone: news come at once then, else when they are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Listening {
    /// Nobody keeps the handbook live, or there is no need.
    #[default]
    No,
    Yes,
    /// The connection is gone, or could not be made; it is tried again by itself.
    Lost,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(tag = "activity", rename_all = "snake_case")]
pub enum Activity {
    #[default]
    Idle,
    Running(Running),
    Waiting {
        why: Why,
        /// `None`: until something happens.
        until: Option<Timestamp>,
    },
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Running {
    pub stage: Stage,
    pub sent: u64,
    pub rows: u64,
    /// Of `ahead` numbers that were to come, so many came; the server of an earlier release does not say.
    pub came: u64,
    pub ahead: Option<u64>,
    pub bytes_up: u64,
    pub bytes_down: u64,
    pub verified: u64,
    pub indexed: u64,
    /// The file that is under way: how far it is, and its size; 0 where none is.
    pub file_at: u64,
    pub file_of: u64,
}

impl Running {
    fn just_begun() -> Self {
        Self {
            stage: Stage::Connecting,
            sent: 0,
            rows: 0,
            came: 0,
            ahead: None,
            bytes_up: 0,
            bytes_down: 0,
            verified: 0,
            indexed: 0,
            file_at: 0,
            file_of: 0,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Connecting,
    Exchanging,
    Files,
    Verifying,
    Indexing,
}

/// What the person did that the server has not taken yet. Exactly: nothing of it means that all is uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Unsent {
    /// Deeds without a final answer, held ones among them.
    pub deeds: u64,
    /// Files of theirs that are not whole at the server, and the bytes that are missing there.
    pub files: u64,
    pub bytes: u64,
}

impl Unsent {
    #[must_use]
    pub fn is_all_sent(&self) -> bool {
        self.deeds == 0 && self.files == 0
    }
}

/// What needs the person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Attention {
    pub refused: u64,
    pub conflicted: u64,
    pub parked: u64,
    /// Wait for something else; nothing to be done about them here.
    pub held: u64,
    pub key: Option<KeyTrouble>,
    /// The server does not know this device: enrol again, everything is kept.
    pub enrol_again: bool,
    /// The office took this device off the handbook.
    pub taken_off: bool,
    pub update_needed: bool,
    pub clock: Option<ClockOff>,
    /// The lists of revoked certificates: how old, and whether the server has older ones than were seen here.
    pub lists: Lists,
    /// The first of the refused, conflicted, parked and held, oldest first.
    pub items: Vec<Item>,
}

impl Attention {
    /// This device can send nothing any more until it is enrolled again.
    #[must_use]
    pub fn cut_off(&self) -> bool {
        self.taken_off || self.enrol_again
    }

    /// Deeds that the person has to look at.
    #[must_use]
    pub fn deeds(&self) -> u64 {
        self.refused + self.conflicted + self.parked
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyTrouble {
    /// Unlock the phone once.
    Locked,
    Lost,
}

/// How this clock stands against the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ClockOff {
    /// It shows a later time than it is; else an earlier one.
    pub fast: bool,
    pub millis: u64,
}

impl ClockOff {
    /// Milliseconds that the clock shows too much; below 0, too little.
    #[must_use]
    pub fn signed(self) -> i64 {
        let millis = i64::try_from(self.millis).unwrap_or(i64::MAX);
        if self.fast { millis } else { -millis }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    pub entry: u64,
    pub kind: String,
    pub row: RowRef,
    pub state: ItemState,
    pub made_at: Timestamp,
    #[serde(flatten)]
    pub tries: Tries,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    Refused,
    Conflicted,
    Parked,
    Held,
}

/// What came of sending something, as far as it is without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tries {
    pub last_try: Option<Timestamp>,
    pub last_error: Option<TryError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TryError {
    /// It was sent, and the connection broke before an answer came.
    NoAnswer,
    /// The server failed at it.
    ServerFailed,
}

impl Tries {
    #[must_use]
    pub fn of(entry: &Entry, now: Timestamp) -> Self {
        let in_transit = entry.tried_at.is_some_and(|at| now.minus(IN_TRANSIT) < at);
        let last_error = match entry.state {
            _ if entry.failures > 0 && entry.outcome.is_none() => Some(TryError::ServerFailed),
            CommandState::Sent if !in_transit => Some(TryError::NoAnswer),
            _ => None,
        };
        Self { last_try: entry.tried_at, last_error }
    }
}

/// What the store says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stored {
    pub enrolled: bool,
    pub last_sync: Option<Timestamp>,
    pub unsent: Unsent,
    pub attention: Attention,
}

/// What goes on in this process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GoingOn {
    pub running: Option<Running>,
    /// What the schedule says, where there is one.
    pub next: Option<Next>,
    pub paused: bool,
    pub key: Option<KeyTrouble>,
    /// The last run was told that the server does not know this device.
    pub unknown: bool,
    pub listening: Listening,
}

/// The status: all of it is in its two arguments.
#[must_use]
pub fn status(stored: &Stored, going_on: &GoingOn) -> SyncStatus {
    let attention = Attention {
        key: going_on.key,
        enrol_again: going_on.unknown && stored.enrolled,
        ..stored.attention.clone()
    };
    SyncStatus {
        activity: activity(stored, going_on),
        last_sync: stored.last_sync,
        unsent: stored.unsent,
        attention,
        listening: going_on.listening,
    }
}

fn activity(stored: &Stored, going_on: &GoingOn) -> Activity {
    if going_on.paused {
        return Activity::Waiting { why: Why::Paused, until: None };
    }
    if let Some(running) = &going_on.running {
        return Activity::Running(running.clone());
    }
    if !stored.enrolled {
        return Activity::Waiting { why: Why::NotEnrolled, until: None };
    }
    match going_on.next {
        Some(Next::At(until, why)) if why != Why::Idle => Activity::Waiting { why, until: Some(until) },
        Some(Next::Wait(why)) if why != Why::Idle => Activity::Waiting { why, until: None },
        // It has begun and not spoken yet, or has ended and is still to be judged: neither is rest.
        Some(Next::Running | Next::Stop(_)) => Activity::Running(Running::just_begun()),
        _ => Activity::Idle,
    }
}

/// # Errors
/// The store's own fault.
pub fn stored(store: &Connection) -> Result<Stored, StoreError> {
    let Some(of) = device::identity(store)? else { return Ok(Stored::default()) };
    let mut attention = Attention {
        taken_off: of.taken_off,
        update_needed: of.needs_update,
        clock: clock(store)?,
        lists: trust::lists(store)?,
        ..Attention::default()
    };
    let filter = "state IN ('refused', 'conflicted', 'parked', 'held')";
    for entry in commands::entries(store, filter, [])? {
        let state = match entry.state {
            CommandState::Refused => ItemState::Refused,
            CommandState::Conflicted => ItemState::Conflicted,
            CommandState::Parked => ItemState::Parked,
            _ => ItemState::Held,
        };
        *match state {
            ItemState::Refused => &mut attention.refused,
            ItemState::Conflicted => &mut attention.conflicted,
            ItemState::Parked => &mut attention.parked,
            ItemState::Held => &mut attention.held,
        } += 1;
        if attention.items.len() < NAMED {
            attention.items.push(item(&entry, state));
        }
    }
    Ok(Stored { enrolled: true, last_sync: of.last_sync, unsent: unsent(store)?, attention })
}

fn item(entry: &Entry, state: ItemState) -> Item {
    Item {
        entry: entry.entry,
        kind: entry.command.kind.clone(),
        row: entry.command.row.clone(),
        state,
        made_at: entry.command.made_at,
        // None of these is on its way.
        tries: Tries::of(entry, Timestamp::MAX),
    }
}

/// Deeds that wait for the server, and files that come with them.
fn unsent(store: &Connection) -> Result<Unsent, StoreError> {
    let mut statement =
        store.prepare_cached("SELECT count(*) FROM command WHERE state IN ('waiting', 'sent', 'held')")?;
    let deeds = statement.query_row([], |row| row.get(0))?;
    let (files, bytes) = attachments::waiting(store)?;
    Ok(Unsent { deeds, files, bytes })
}

fn clock(store: &Connection) -> Result<Option<ClockOff>, StoreError> {
    let mut statement = store.prepare_cached("SELECT clock_off, clock_unsure FROM device")?;
    let (off, unsure): (Option<i64>, bool) = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(off.filter(|_| !unsure).and_then(clock_off))
}

/// `off` is the server's clock less this one.
fn clock_off(off: i64) -> Option<ClockOff> {
    let millis = off.unsigned_abs();
    (u128::from(millis) > CLOCK_OFF.as_millis()).then_some(ClockOff { fast: off < 0, millis })
}

/// The same store as the schedule sees it.
///
/// # Errors
/// The store's own fault.
pub fn facts(store: &Connection) -> Result<Facts, StoreError> {
    let Some(of) = device::identity(store)? else { return Ok(Facts::default()) };
    let mut statement = store.prepare_cached("SELECT token_until, clock_off FROM device")?;
    let (until, off): (Option<i64>, Option<i64>) =
        statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut statement = store.prepare_cached(
        "SELECT count(*) FROM command WHERE state IN ('waiting', 'sent', 'retaken')
           OR (state = 'parked' AND outcome IS NULL)",
    )?;
    let pending = statement.query_row([], |row| row.get(0))?;
    let files = FilesLeft { up: attachments::waiting(store)?.0 > 0, down: attachments::to_fetch(store)? };
    Ok(Facts {
        enrolled: true,
        last_sync: of.last_sync,
        // The server's moment, by this phone's clock.
        token_until: until.map(|at| Timestamp::from_millis(at.saturating_sub(off.unwrap_or(0)))),
        pending,
        files,
    })
}

/// The newest deed: a newer one means that the person did something.
///
/// # Errors
/// The store's own fault.
pub fn given_out(store: &Connection) -> Result<u64, StoreError> {
    let mut statement = store.prepare_cached("SELECT coalesce(max(entry), 0) FROM command")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

#[cfg(test)]
mod tests;
