//! Sinh hoạt: the next one first, the others month by month, and what this person may do with one.

use serde::Serialize;
use sotay_protocol::{
    attendance::{AttendanceState, ClaimState},
    env::Timestamp,
    meetings::MeetingState,
};

use super::news;
use crate::{
    meetings::{Deeds, MeetingLine, MeetingView, Mine, WhyNot},
    words::Words,
};

/// The one thing that a meeting asks of a member now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MeetingAction {
    /// Điểm danh.
    CheckIn,
    /// Xem.
    Look,
}

/// One line of the list, as it is read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeetingRow {
    pub line: MeetingLine,
    /// `19:30 thứ Tư này`.
    pub time: String,
    /// `còn 3 ngày`, where it has not begun and tomorrow is not it.
    pub ahead: Option<String>,
    pub state: String,
    /// My attendance in a word; none where there is nothing to say yet.
    pub mine: Option<String>,
    /// What became of what this person last did to it, where that is still news.
    pub sync: Option<String>,
    pub action: MeetingAction,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeetingGroup {
    /// `Sắp tới`, then `Tháng 11/2025`.
    pub title: String,
    pub rows: Vec<MeetingRow>,
}

/// Why each deed is not there to be done, in a sentence: none where it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct MeetingDeeds {
    pub check_in: Option<String>,
    pub mark: Option<String>,
    pub edit: Option<String>,
    pub cancel: Option<String>,
    pub open: Option<String>,
    pub close: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeetingScreen {
    pub row: MeetingRow,
    pub link: Option<String>,
    pub agenda: Vec<String>,
    pub opened_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    /// My attendance in a word, in any case.
    pub mine: String,
    pub deeds: MeetingDeeds,
}

impl MeetingRow {
    #[must_use]
    pub fn of(line: MeetingLine, words: &Words) -> Self {
        let planned = line.meeting_state == MeetingState::Planned;
        let open = line.meeting_state == MeetingState::Open;
        let mine = match (line.mine, line.upcoming) {
            (Mine::None, true) => None,
            // Nobody could check in to it.
            (Mine::None, false) if planned || line.meeting_state == MeetingState::Cancelled => None,
            (mine, _) => Some(words.mine(mine).to_owned()),
        };
        Self {
            time: words.meeting_time(line.starts_at),
            ahead: words.countdown(line.starts_at).filter(|_| planned),
            state: words.meeting_state(line.meeting_state, line.starts_at).to_owned(),
            mine,
            sync: news(line.sync.as_ref(), words),
            action: if open && line.wants_check_in() { MeetingAction::CheckIn } else { MeetingAction::Look },
            line,
        }
    }
}

impl MeetingLine {
    /// This member has not said yet that they are there, or not in a way that counts.
    fn wants_check_in(&self) -> bool {
        matches!(
            self.mine,
            Mine::None | Mine::Claim(ClaimState::Wrong) | Mine::Attendance(AttendanceState::Absent)
        )
    }
}

/// Those ahead together, the others under their months, in the order in which they come.
#[must_use]
pub fn groups(lines: Vec<MeetingLine>, words: &Words) -> Vec<MeetingGroup> {
    let mut groups: Vec<MeetingGroup> = Vec::new();
    for line in lines {
        let title = if line.upcoming {
            words.say("Sắp tới", "Ahead").to_owned()
        } else {
            words.month(words.date_of(line.starts_at))
        };
        let row = MeetingRow::of(line, words);
        match groups.last_mut() {
            Some(last) if last.title == title => last.rows.push(row),
            _ => groups.push(MeetingGroup { title, rows: vec![row] }),
        }
    }
    groups
}

/// The one that a member has to know of: where one is open that, else the next.
#[must_use]
pub fn next(lines: &[MeetingLine]) -> Option<&MeetingLine> {
    let open = lines.iter().find(|line| line.meeting_state == MeetingState::Open);
    open.or_else(|| lines.iter().find(|line| line.upcoming))
}

#[must_use]
pub fn meeting(view: MeetingView, words: &Words) -> MeetingScreen {
    let MeetingView { line, link, agenda, opened_at, closed_at, deeds } = view;
    MeetingScreen {
        mine: words.mine(line.mine).to_owned(),
        row: MeetingRow::of(line, words),
        link,
        agenda,
        opened_at,
        closed_at,
        deeds: MeetingDeeds::of(deeds, words),
    }
}

impl MeetingDeeds {
    fn of(deeds: Deeds, words: &Words) -> Self {
        let said = |why: Option<WhyNot>| why.map(|why| words.why_not(why).to_owned());
        let Deeds { check_in, mark, edit, cancel, open, close } = deeds;
        Self {
            check_in: said(check_in),
            mark: said(mark),
            edit: said(edit),
            cancel: said(cancel),
            open: said(open),
            close: said(close),
        }
    }
}
