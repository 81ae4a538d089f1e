//! What a store draws out of a row's body into columns of its own, whatever database it stands on: when the row
//! happened, for what leaves a scope's window with time, and the row that it belongs to.
//!
//! A time that a person typed or a phone's clock gave never counts alone: a case of a phone whose clock stands in 1970
//! and a meeting typed into the wrong year would be gone the next morning. Nothing happened before the server last wrote it.

use serde::{Deserialize, de::DeserializeOwned};
use sotay_protocol::{
    attendance::{ATTENDANCE, ATTENDANCE_NOTE, OPENING},
    drafts::{DRAFT, DraftState},
    env::Timestamp,
    feedback::{CASE, FeedbackState},
    id::Id,
    meetings::{MEETING, MEETING_REPORT},
    row::RowRef,
    scope::ScopeKind,
};

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Drawn {
    /// `None` for what never leaves by itself: what is open, what belongs to another row, what has no window.
    pub(crate) happened: Option<Timestamp>,
    /// The day for which people look in the archive, where that is not when it happened: a report of May may come in July.
    pub(crate) dated: Option<Timestamp>,
    pub(crate) belongs_to: Option<Id>,
}

#[derive(Deserialize)]
struct State {
    #[serde(default)]
    state: FeedbackState,
}
#[derive(Deserialize)]
struct Prepared {
    #[serde(default)]
    state: DraftState,
}
#[derive(Deserialize)]
struct Start {
    starts_at: Timestamp,
}
#[derive(Deserialize)]
struct OfMeeting {
    meeting: Id,
}
#[derive(Deserialize)]
struct Trail {
    marks: Vec<OfMeeting>,
}

/// Of a row that the server writes at `at`.
pub(crate) fn drawn(row: &RowRef, body: &str, at: Timestamp) -> Drawn {
    let happened = |happened| Drawn { happened, ..Drawn::default() };
    let belongs = |belongs_to| Drawn { belongs_to, ..Drawn::default() };
    match (row.scope.kind, row.kind.as_str()) {
        (ScopeKind::Desk, CASE) => {
            let answered = read::<State>(body).is_some_and(|of| of.state == FeedbackState::Answered);
            happened(answered.then_some(at))
        }
        (ScopeKind::Desk, DRAFT) => {
            let done = read::<Prepared>(body).is_some_and(|of| of.state != DraftState::Waiting);
            happened(done.then_some(at))
        }
        (ScopeKind::Desk, MEETING_REPORT) | (ScopeKind::Cell, MEETING) => {
            let dated = read::<Start>(body).map(|of| of.starts_at);
            Drawn { dated, ..happened(dated.map(|dated| dated.max(at))) }
        }
        (ScopeKind::Desk, OPENING) | (ScopeKind::Cell, ATTENDANCE) => {
            belongs(read::<OfMeeting>(body).map(|of| of.meeting))
        }
        (ScopeKind::Desk, ATTENDANCE_NOTE) => {
            belongs(read::<Trail>(body).and_then(|of| of.marks.first().map(|mark| mark.meeting)))
        }
        _ => Drawn::default(),
    }
}

/// The row that a command is on, out of its text: with the row its words go.
pub(crate) fn row_of_command(text: &str) -> Option<Id> {
    #[derive(Deserialize)]
    struct Place {
        row: Row,
    }
    #[derive(Deserialize)]
    struct Row {
        id: Id,
    }
    read::<Place>(text).map(|of| of.row.id)
}

fn read<T: DeserializeOwned>(body: &str) -> Option<T> {
    serde_json::from_str(body).ok()
}
