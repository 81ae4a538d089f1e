//! Meetings as screens show them: the next one first, and what this person may do with it.

use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::{
    attendance::{Attendance, AttendanceState, ClaimState, attendance_id},
    env::Timestamp,
    id::Id,
    meetings::{Form, MEETING, Meeting, MeetingState},
    members::Office,
};

use super::MEETINGS;
use crate::{
    attendance::{self, ATTENDANCE},
    members,
    outbox::{Marks, RowState},
    shown::{self, Shown},
    store::StoreError,
    sync::device,
    words::{Lang, Words},
};

/// My own part in a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mine {
    /// Nothing said yet.
    None,
    /// As the cell has it.
    Attendance(AttendanceState),
    /// As I said it, and no more is known.
    Claim(ClaimState),
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeetingLine {
    pub id: Id,
    pub cell: Id,
    pub title: String,
    pub form: Form,
    pub starts_at: Timestamp,
    pub place: String,
    pub meeting_state: MeetingState,
    /// Of today or later, and not cancelled or closed.
    pub upcoming: bool,
    pub mine: Mine,
    /// What became of what this person last did to it.
    pub sync: Option<RowState>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeetingView {
    #[serde(flatten)]
    pub line: MeetingLine,
    pub link: Option<String>,
    pub agenda: Vec<String>,
    pub opened_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub deeds: Deeds,
}

/// Why a deed is not there to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    /// For secretary and deputy, and for marks also committee members of the cell.
    NotYourOffice,
    NotOpen,
    AlreadyOpen,
    AlreadyClosed,
    Cancelled,
    /// The secretary has marked this member already, or the claim is confirmed.
    AlreadyCounted,
}

/// What this person may do with a meeting: `None` is "yes".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Deeds {
    pub check_in: Option<WhyNot>,
    pub mark: Option<WhyNot>,
    pub edit: Option<WhyNot>,
    pub cancel: Option<WhyNot>,
    pub open: Option<WhyNot>,
    pub close: Option<WhyNot>,
}

impl MeetingLine {
    /// Why this member cannot check in to it; `None` is "yes". Offline the phone may not know yet that the meeting was
    /// opened, so only what can never be hinders.
    #[must_use]
    pub fn no_check_in(&self) -> Option<WhyNot> {
        let counted = match self.mine {
            Mine::Attendance(state) => state != AttendanceState::Absent,
            Mine::Claim(state) => matches!(state, ClaimState::Confirmed | ClaimState::ConfirmedLater),
            Mine::None => false,
        };
        if self.meeting_state == MeetingState::Cancelled {
            return Some(WhyNot::Cancelled);
        }
        counted.then_some(WhyNot::AlreadyCounted)
    }
}

/// All meetings of this member's cells: those to come, the next one first; then those that were, the last
/// one first.
///
/// # Errors
/// The store's own fault.
pub fn list(store: &Connection, words: &Words) -> Result<Vec<MeetingLine>, StoreError> {
    let marks = Marks::load(store, words)?;
    let rows = shown::all::<Meeting>(store, &MEETINGS, "ORDER BY starts_at, id", [])?;
    let lines = rows.into_iter().map(|row| line(store, row, &marks, words));
    let lines: Vec<MeetingLine> = lines.collect::<Result<_, _>>()?;
    let (mut upcoming, past): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.upcoming);
    upcoming.extend(past.into_iter().rev());
    Ok(upcoming)
}

/// `None` for a meeting that is not on this phone.
///
/// # Errors
/// The store's own fault.
pub fn show(store: &Connection, meeting: Id, words: &Words) -> Result<Option<MeetingView>, StoreError> {
    let Some(row) = shown::one::<Meeting>(store, &MEETINGS, meeting)? else { return Ok(None) };
    let of = row.of.clone();
    let marks = Marks::of_row(store, &row.row(MEETING), words)?;
    let line = line(store, row, &marks, words)?;
    let deeds = deeds(store, &line)?;
    Ok(Some(MeetingView {
        line,
        link: of.link,
        agenda: of.agenda,
        opened_at: of.opened_at,
        closed_at: of.closed_at,
        deeds,
    }))
}

fn line(
    store: &Connection,
    row: Shown<Meeting>,
    marks: &Marks,
    words: &Words,
) -> Result<MeetingLine, StoreError> {
    let ahead = words.date_of(row.of.starts_at) >= words.today();
    let upcoming = match row.of.state {
        MeetingState::Planned => ahead,
        MeetingState::Open => true,
        MeetingState::Closed | MeetingState::Cancelled => false,
    };
    Ok(MeetingLine {
        id: row.id,
        cell: row.scope.id,
        sync: marks.of(&row.row(MEETING)),
        mine: mine(store, row.id)?,
        title: row.of.title,
        form: row.of.form,
        starts_at: row.of.starts_at,
        place: row.of.place,
        meeting_state: row.of.state,
        upcoming,
    })
}

fn mine(store: &Connection, meeting: Id) -> Result<Mine, StoreError> {
    let Some(me) = device::identity(store)? else { return Ok(Mine::None) };
    let counted = shown::one::<Attendance>(store, &ATTENDANCE, attendance_id(meeting, me.member))?;
    let claim = attendance::last_claim(store, meeting)?;
    Ok(match (counted.map(|row| row.of.state), claim.map(|claim| claim.state)) {
        (None | Some(AttendanceState::Claimed), Some(claim)) => Mine::Claim(claim),
        (Some(state), _) => Mine::Attendance(state),
        (None, None) => Mine::None,
    })
}

fn deeds(store: &Connection, line: &MeetingLine) -> Result<Deeds, StoreError> {
    let offices = members::my_offices(store)?;
    let holds = |known: &[Office]| {
        offices.iter().any(|of| of.organisation == line.cell && known.contains(&of.office))
    };
    let leads = holds(&[Office::Secretary, Office::DeputySecretary]);
    let marks = leads || holds(&[Office::CommitteeMember]);
    let state = line.meeting_state;
    let cancelled = (state == MeetingState::Cancelled).then_some(WhyNot::Cancelled);
    let of_lead = |why: Option<WhyNot>| if leads { why } else { Some(WhyNot::NotYourOffice) };
    Ok(Deeds {
        check_in: line.no_check_in(),
        mark: if marks { cancelled } else { Some(WhyNot::NotYourOffice) },
        edit: of_lead(cancelled),
        cancel: of_lead(match state {
            MeetingState::Planned => None,
            MeetingState::Open => Some(WhyNot::AlreadyOpen),
            MeetingState::Closed => Some(WhyNot::AlreadyClosed),
            MeetingState::Cancelled => Some(WhyNot::Cancelled),
        }),
        open: of_lead(match state {
            MeetingState::Open => Some(WhyNot::AlreadyOpen),
            _ => cancelled,
        }),
        close: of_lead(match state {
            MeetingState::Open => None,
            MeetingState::Closed => Some(WhyNot::AlreadyClosed),
            MeetingState::Planned => Some(WhyNot::NotOpen),
            MeetingState::Cancelled => Some(WhyNot::Cancelled),
        }),
    })
}

impl Words {
    #[must_use]
    pub fn why_not(&self, why: WhyNot) -> &'static str {
        match why {
            WhyNot::NotYourOffice => self.say(
                "việc của bí thư, phó bí thư hoặc cấp ủy viên chi bộ",
                "for the secretary, deputy or committee members of the cell",
            ),
            WhyNot::NotOpen => self.say("cuộc họp chưa mở điểm danh", "check-in is not open yet"),
            WhyNot::AlreadyOpen => self.say("đang mở điểm danh", "check-in is open already"),
            WhyNot::AlreadyClosed => self.say("đã đóng điểm danh", "check-in is closed"),
            WhyNot::Cancelled => self.say("cuộc họp đã hủy", "the meeting is cancelled"),
            WhyNot::AlreadyCounted => self.say("đồng chí đã được điểm danh", "you are marked already"),
        }
    }

    /// My attendance in a word.
    #[must_use]
    pub fn mine(&self, mine: Mine) -> &'static str {
        match mine {
            Mine::None => self.say("chưa điểm danh", "not marked yet"),
            Mine::Attendance(state) => self.attendance(state),
            Mine::Claim(state) => self.claim(state),
        }
    }

    /// `thứ Tư 3/12, 19:30`.
    #[must_use]
    pub fn meeting_time(&self, at: Timestamp) -> String {
        let (day, time) = (self.date(self.date_of(at)), self.time(at));
        match self.lang {
            Lang::Vi => format!("{time} {day}"),
            Lang::En => format!("{day}, {time}"),
        }
    }
}
