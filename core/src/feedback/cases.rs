//! The desk of a committee: cases by age, and answering them.

use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::{
    env::{Env, Timestamp},
    feedback::{ANSWER, Answer, CASE, Case, FeedbackState, Message, RECEIVE, Side},
    id::Id,
    row::{RowRef, body},
};

use super::{
    CASES,
    sealed::{self, LetterView},
    threads::{keep, message},
};
use crate::{
    attachments::{self, FileView, photo::Clean},
    deed::{give, stands},
    organisations,
    outbox::{Marks, RowState},
    shown::{self, Page, Shown},
    store::StoreError,
    sync::commands::{Draft, SubmitError},
    words::Words,
};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseLine {
    pub id: Id,
    /// The committee whose case it is.
    pub desk: Id,
    pub desk_name: String,
    pub member_name: String,
    pub cell_name: String,
    /// Of what is sealed and not openable on this device: that it is sealed.
    pub topic: String,
    pub sealed: bool,
    pub feedback_state: FeedbackState,
    /// When the member first wrote.
    pub since: Timestamp,
    pub last_at: Timestamp,
    pub sync: Option<RowState>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseView {
    #[serde(flatten)]
    pub line: CaseLine,
    /// Of sealed ones what could be opened here.
    pub messages: Vec<Message>,
    /// Of a sealed case: how each message's letter stands.
    pub letters: Vec<LetterView>,
    /// The files that the messages name, with where each is.
    pub files: Vec<FileView>,
}

/// Cases of the desks that this person serves: those that wait for an answer, the oldest first; then the
/// answered ones, the last one first.
///
/// # Errors
/// The store's own fault.
pub fn cases(store: &Connection, words: &Words) -> Result<Vec<CaseLine>, StoreError> {
    let marks = Marks::load(store, words)?;
    let mut lines = Vec::new();
    // One body after the other: a desk holds a year of them, and a line is a small part of what was said.
    for key in keys(store, Page::default())? {
        lines.extend(
            by_key(store, key)?.map(|row| view(store, row, &marks, words)).transpose()?.map(|view| view.line),
        );
    }
    Ok(lines)
}

/// A part of [`cases`].
///
/// # Errors
/// As there.
pub fn cases_page(store: &Connection, words: &Words, page: Page) -> Result<Vec<CaseLine>, StoreError> {
    let mut lines = Vec::new();
    for key in keys(store, page)? {
        let Some(row) = by_key(store, key)? else { continue };
        let marks = Marks::of_row(store, &row.row(CASE), words)?;
        lines.push(view(store, row, &marks, words)?.line);
    }
    Ok(lines)
}

/// Where the rows of a page stand in the table.
fn keys(store: &Connection, page: Page) -> Result<Vec<i64>, StoreError> {
    let of = |sql: &str, skip: u32, take: u32| -> Result<Vec<i64>, StoreError> {
        let mut select = store.prepare_cached(sql)?;
        Ok(select.query_map((take, skip), |row| row.get(0))?.collect::<Result<_, _>>()?)
    };
    let waiting =
        "SELECT rowid FROM feedback_case WHERE state <> 'answered' ORDER BY last_at, id LIMIT ?1 OFFSET ?2";
    let answered = "SELECT rowid FROM feedback_case WHERE state = 'answered' ORDER BY last_at DESC, id DESC LIMIT ?1 OFFSET ?2";
    let mut keys = of(waiting, page.skip, page.take)?;
    let found = u32::try_from(keys.len()).unwrap_or(u32::MAX);
    if found == page.take {
        return Ok(keys);
    }
    // A page that begins behind all that waits: how many those are says where it begins among the answered.
    let skipped = if found == 0 && page.skip > 0 {
        let sql = "SELECT count(*) FROM feedback_case WHERE state <> 'answered'";
        let waiting: u32 = store.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        page.skip.saturating_sub(waiting)
    } else {
        0
    };
    keys.extend(of(answered, skipped, page.take - found)?);
    Ok(keys)
}

fn by_key(store: &Connection, key: i64) -> Result<Option<Shown<Case>>, StoreError> {
    Ok(shown::all::<Case>(store, &CASES, "WHERE rowid = ?1", [key])?.pop())
}

/// `None` for a case that is not on this phone.
///
/// # Errors
/// The store's own fault.
pub fn case(store: &Connection, case: Id, words: &Words) -> Result<Option<CaseView>, StoreError> {
    let Some(row) = shown::one::<Case>(store, &CASES, case)? else { return Ok(None) };
    let files = attachments::of_row(store, &row.row(CASE))?;
    let marks = Marks::of_row(store, &row.row(CASE), words)?;
    let view = view(store, row, &marks, words)?;
    Ok(Some(CaseView { files, ..view }))
}

pub(super) fn view(
    store: &Connection,
    row: Shown<Case>,
    marks: &Marks,
    words: &Words,
) -> Result<CaseView, StoreError> {
    let times = || row.of.messages.iter().map(|message| message.at);
    let line = CaseLine {
        id: row.id,
        desk: row.scope.id,
        desk_name: organisations::name(store, row.scope.id)?.unwrap_or_default(),
        sync: marks.of(&row.row(CASE)),
        since: times().min().unwrap_or_default(),
        last_at: times().max().unwrap_or_default(),
        topic: if row.of.sealed { sealed::topic(store, &row.row(CASE), words)? } else { row.of.topic },
        sealed: row.of.sealed,
        member_name: row.of.member_name,
        cell_name: row.of.cell_name,
        feedback_state: row.of.state,
    };
    let (messages, letters) = if row.of.sealed {
        sealed::laid_over(store, &RowRef::new(row.scope, CASE, row.id), row.of.messages)?
    } else {
        (row.of.messages, Vec::new())
    };
    Ok(CaseView { line, messages, letters, files: Vec::new() })
}

/// Tells the member that the desk has read it.
///
/// # Errors
/// [`SubmitError::Refused`]: `not_allowed`, `no_such_row`.
pub fn receive(store: &Connection, env: &dyn Env, case: Id) -> Result<(), SubmitError> {
    turn(store, env, case, RECEIVE, None)
}

/// Answers the member; sealed where the case is.
///
/// # Errors
/// [`SubmitError::Refused`]: `not_allowed`, `no_such_row`, `empty`, `too_large`; in a sealed case also `not_certified`
/// where this device may not speak for the desk, and `not_openable` where it cannot read it.
pub fn answer(store: &Connection, env: &dyn Env, case: Id, words: &str) -> Result<(), SubmitError> {
    answer_with(store, env, case, words, &[])
}

/// The same with photos, as of the bridge that was mended.
///
/// # Errors
/// As [`answer`]; [`StoreError::Full`].
pub fn answer_with(
    store: &Connection,
    env: &dyn Env,
    case: Id,
    words: &str,
    photos: &[Clean],
) -> Result<(), SubmitError> {
    let row: Shown<Case> = stands(shown::one(store, &CASES, case)?)?;
    if row.of.sealed {
        return sealed::answer(store, env, &row, words, photos);
    }
    keep(store, env, row.scope, photos)?;
    turn(store, env, case, ANSWER, Some(message(env, Side::Desk, words, photos)))
}

fn turn(
    store: &Connection,
    env: &dyn Env,
    case: Id,
    kind: &'static str,
    message: Option<Message>,
) -> Result<(), SubmitError> {
    let row: Shown<Case> = stands(shown::one(store, &CASES, case)?)?;
    let answer = Answer { member: row.of.member, thread: row.of.thread, message };
    give(store, env, Draft { kind, row: row.row(CASE), needs: row.needed(CASE), body: body(&answer) })
        .map(drop)
}
