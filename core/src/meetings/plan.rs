//! Planning a meeting: the secretary's part.

use rusqlite::Connection;
use sotay_protocol::{
    edit::Edit,
    env::{Env, Timestamp},
    id::Id,
    meetings::{CREATE, EDIT, Form, MEETING, Meeting, MeetingState},
    members::Office,
    refusal::Refusal,
    row::{Body, RowRef, body},
    scope::Scope,
};

use super::MEETINGS;
use crate::{
    deed::{give, stands},
    members,
    shown::{self, Shown},
    store::StoreError,
    sync::commands::{Draft, SubmitError},
    words::Words,
};

/// A meeting as its secretary plans it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMeeting {
    /// The cell that the person leads, where not said.
    pub cell: Option<Id>,
    /// "Sinh hoạt thường kỳ tháng 12/2025", where not said.
    pub title: Option<String>,
    pub form: Form,
    pub starts_at: Timestamp,
    pub place: String,
    pub link: Option<String>,
    pub agenda: Vec<String>,
}

/// What is to be otherwise; the rest stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MeetingChange {
    pub title: Option<String>,
    pub form: Option<Form>,
    pub starts_at: Option<Timestamp>,
    pub place: Option<String>,
    pub link: Option<String>,
    pub agenda: Option<Vec<String>>,
}

impl MeetingChange {
    /// Sets the fields that are said; what this version does not know of the meeting stays in it.
    pub(crate) fn set(&self, meeting: &mut Body) {
        #[derive(serde::Serialize)]
        struct Fields<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            title: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            form: Option<Form>,
            #[serde(skip_serializing_if = "Option::is_none")]
            starts_at: Option<Timestamp>,
            #[serde(skip_serializing_if = "Option::is_none")]
            place: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            link: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            agenda: Option<&'a [String]>,
        }
        meeting.extend(body(&Fields {
            title: self.title.as_deref(),
            form: self.form,
            starts_at: self.starts_at,
            place: self.place.as_deref(),
            link: self.link.as_deref(),
            agenda: self.agenda.as_deref(),
        }));
    }
}

/// Plans a meeting; gives its id.
///
/// # Errors
/// [`SubmitError::Refused`]: `not_allowed` to all but secretary and deputy, `empty` without a place.
pub fn create(store: &Connection, env: &dyn Env, new: NewMeeting, words: &Words) -> Result<Id, SubmitError> {
    let cell = match new.cell {
        Some(cell) => cell,
        None => cell_led(store)?.ok_or(SubmitError::Refused(Refusal::NotAllowed))?,
    };
    let month = words.date_of(new.starts_at).format("%-m/%Y");
    let title =
        new.title.unwrap_or_else(|| format!("{} {} {month}", words.form(new.form), words.say("tháng", "of")));
    let meeting = Meeting {
        title,
        form: new.form,
        starts_at: new.starts_at,
        place: new.place,
        link: new.link,
        agenda: new.agenda,
        state: MeetingState::Planned,
        opened_at: None,
        closed_at: None,
    };
    let id = Id::random(env);
    let row = RowRef::new(Scope::cell(cell), MEETING, id);
    give(store, env, Draft { kind: CREATE, row, needs: Vec::new(), body: body(&meeting) })?;
    Ok(id)
}

fn cell_led(store: &Connection) -> Result<Option<Id>, StoreError> {
    let cells = members::my_cells(store)?;
    let offices = members::my_offices(store)?;
    let leads = |cell: Id| {
        let led = |office: Office| matches!(office, Office::Secretary | Office::DeputySecretary);
        offices.iter().any(|of| of.organisation == cell && led(of.office))
    };
    Ok(cells.iter().map(|cell| cell.id).find(|cell| leads(*cell)))
}

/// Moves or renames a meeting that is still to come.
///
/// # Errors
/// [`SubmitError::Refused`]: `not_allowed`, `no_such_row`, `wrong_state` for a cancelled one.
pub fn edit(
    store: &Connection,
    env: &dyn Env,
    meeting: Id,
    wanted: &MeetingChange,
) -> Result<(), SubmitError> {
    let row = row_of(store, meeting)?;
    if row.of.state == MeetingState::Cancelled {
        return Err(SubmitError::Refused(Refusal::WrongState));
    }
    change(store, env, &row, |body| wanted.set(body))
}

/// # Errors
/// [`SubmitError::Refused`]: `not_allowed`, `no_such_row`, `wrong_state` for one that was opened.
pub fn cancel(store: &Connection, env: &dyn Env, meeting: Id) -> Result<(), SubmitError> {
    let row = row_of(store, meeting)?;
    if row.of.state != MeetingState::Planned {
        return Err(SubmitError::Refused(Refusal::WrongState));
    }
    change(store, env, &row, |body| {
        body.insert("state".into(), "cancelled".into());
    })
}

pub(crate) fn row_of(store: &Connection, meeting: Id) -> Result<Shown<Meeting>, SubmitError> {
    stands(shown::one(store, &MEETINGS, meeting)?)
}

/// One edit command for whatever `set` changes in the meeting's body; none where it changes nothing.
pub(crate) fn change(
    store: &Connection,
    env: &dyn Env,
    row: &Shown<Meeting>,
    set: impl FnOnce(&mut Body),
) -> Result<(), SubmitError> {
    let (kept, _) = stands(MEETINGS.get(store, row.scope, row.id)?)?;
    let seen = kept.row()?.body;
    let mut wanted = seen.clone();
    set(&mut wanted);
    let edit = Edit::between(&seen, &wanted);
    if edit.fields.is_empty() {
        return Ok(());
    }
    let draft = Draft { kind: EDIT, row: row.row(MEETING), needs: row.needed(MEETING), body: body(&edit) };
    give(store, env, draft).map(drop)
}
