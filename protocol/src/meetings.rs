//! Sinh hoạt chi bộ: when and where a cell meets, and what about.

use serde::{Deserialize, Serialize};

use crate::{
    command::{self, Command, check_text},
    edit::Rejection,
    env::Timestamp,
    id::Id,
    limits,
    refusal::Refusal,
    row::Row,
};

/// Kind of the rows in a `cell` scope.
pub const MEETING: &str = "meeting";
/// Kind of the rows in the `desk` scope of the committee above: a meeting in counts, never names.
pub const MEETING_REPORT: &str = "meeting_report";

pub const CREATE: &str = "meeting.create";
pub const EDIT: &str = "meeting.edit";

/// What an edit may change.
const EDITABLE: [&str; 9] =
    ["title", "form", "starts_at", "place", "link", "agenda", "state", "opened_at", "closed_at"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Sinh hoạt thường kỳ: at least monthly (Điều lệ Đảng, Điều 24).
    Regular,
    /// Sinh hoạt chuyên đề: at least quarterly.
    Thematic,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeetingState {
    #[default]
    Planned,
    Open,
    Closed,
    Cancelled,
}

/// Body of a `meeting` row. Times are the clock of the device that recorded them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    pub title: String,
    pub form: Form,
    pub starts_at: Timestamp,
    pub place: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agenda: Vec<String>,
    #[serde(default)]
    pub state: MeetingState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
}

/// Body of a `meeting_report` row: what a committee sees of a cell's meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingReport {
    pub cell: Id,
    pub cell_name: String,
    pub title: String,
    pub form: Form,
    pub starts_at: Timestamp,
    pub state: MeetingState,
    /// Members of the cell when this was counted.
    pub strength: u32,
    pub present: u32,
    pub excused: u32,
    pub absent: u32,
    /// Said to have come, to be confirmed by the secretary's log.
    pub claimed: u32,
}

impl Meeting {
    fn check(&self) -> Result<(), Refusal> {
        check_text(&self.title, limits::LINE)?;
        check_text(&self.place, limits::LINE)?;
        if self.agenda.len() > limits::AGENDA || self.link.as_ref().is_some_and(|l| l.len() > limits::LINE) {
            return Err(Refusal::TooLarge);
        }
        self.agenda.iter().try_for_each(|item| check_text(item, limits::LINE))
    }
}

pub(crate) fn apply(current: Option<&Row>, command: &Command, maker: Id) -> Result<Row, Rejection> {
    match command.kind.as_str() {
        CREATE => {
            command.view::<Meeting>()?.check()?;
            command::create(current, command.body.clone(), maker)
        }
        EDIT => {
            let row = command::edit(current, command, &EDITABLE)?;
            row.view::<Meeting>()?.check()?;
            Ok(row)
        }
        _ => Err(Refusal::UnknownKind.into()),
    }
}
