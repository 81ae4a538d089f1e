//! The screens of this handbook: each to be asked for, or to be watched.

use sotay_protocol::id::Id;

use super::{
    Handbook, HandbookError,
    watch::{Screen, Tables},
};
use crate::{
    attendance::{self, Roll},
    directives::{self, Filter},
    drafts,
    feedback::{self, sealed},
    meetings, outbox,
    screens::{
        self as shown_on,
        attention::AttentionRow,
        directives::DirectiveList,
        feedback::{DeskChoice, ThreadRow, ThreadScreen},
        home::{self, Home},
        meetings::{MeetingGroup, MeetingScreen},
        signing::DraftRow,
    },
    shown::Page,
    sync::{device, status},
    trust,
};

const DIRECTIVES: Tables = &["directive", "unopened", "certificate", "scope", "blob", "upload"];
const MEETINGS: Tables = &["meeting", "attendance", "claim", "command", "device", "role", "scope"];
const THREADS: Tables = &["thread", "letter", "command", "device", "organisation", "blob", "upload", "scope"];
const DESKS: Tables = &["organisation", "membership", "certificate", "revocations", "scope"];
const DRAFTS: Tables = &["draft", "command", "certificate", "scope"];
const ATTENTION: Tables = &["command", "device", "upload"];
const ROLL: Tables = &["meeting", "attendance", "attendance_note", "claim", "roster_entry", "scope"];

impl Handbook {
    /// Hôm nay.
    #[must_use]
    pub fn home(&self) -> Screen<Home> {
        Screen::new(self, home::TABLES, |store, going_on, words| {
            let enrolled = device::identity(store)?.is_some();
            let sync = status::status(&status::stored(store)?, going_on);
            Ok(home::home(home::Told::read(store, enrolled, sync, words)?, words))
        })
    }

    /// Văn bản, under the headings of their days.
    #[must_use]
    pub fn directive_list(&self, filter: Filter, page: Page) -> Screen<DirectiveList> {
        Screen::new(self, DIRECTIVES, move |store, _, words| {
            let lines = directives::list(store, &filter, page)?;
            let apart = trust::count_quarantined(store)?;
            Ok(shown_on::directives::list(lines, &filter, apart, words))
        })
    }

    /// Sinh hoạt: those ahead, then month by month.
    #[must_use]
    pub fn meeting_list(&self) -> Screen<Vec<MeetingGroup>> {
        Screen::new(self, MEETINGS, |store, _, words| {
            Ok(shown_on::meetings::groups(meetings::list(store, words)?, words))
        })
    }

    /// One meeting, and what this person may do with it.
    #[must_use]
    pub fn meeting(&self, id: Id) -> Screen<MeetingScreen> {
        Screen::new(self, MEETINGS, move |store, _, words| {
            let view = found(meetings::show(store, id, words)?)?;
            Ok(shown_on::meetings::meeting(view, words))
        })
    }

    /// Điều hành điểm danh: who came, as far as it is known here.
    #[must_use]
    pub fn roll(&self, meeting: Id) -> Screen<Roll> {
        Screen::new(self, ROLL, move |store, _, words| found(attendance::roll(store, meeting, words)?))
    }

    /// Phản ánh of this member.
    #[must_use]
    pub fn thread_list(&self) -> Screen<Vec<ThreadRow>> {
        Screen::new(self, THREADS, |store, _, words| {
            Ok(shown_on::feedback::rows(feedback::threads(store, words)?, words))
        })
    }

    /// One thread. What the last sync did not come to open of it is opened first.
    #[must_use]
    pub fn thread(&self, id: Id) -> Screen<ThreadScreen> {
        let screen = Screen::new(self, THREADS, move |store, _, words| {
            let view = found(feedback::thread(store, id, words)?)?;
            Ok(shown_on::feedback::thread(view, words))
        });
        screen.after(move |store, env| sealed::open_row(store, env, id))
    }

    /// To whom this member can write, and what sealing means there.
    #[must_use]
    pub fn desk_list(&self) -> Screen<Vec<DeskChoice>> {
        Screen::new(self, DESKS, |store, _, words| {
            Ok(shown_on::feedback::desks(feedback::desks(store, words.now)?, words))
        })
    }

    /// Ký: drafts that wait for this person.
    #[must_use]
    pub fn draft_list(&self) -> Screen<Vec<DraftRow>> {
        Screen::new(self, DRAFTS, |store, _, words| {
            Ok(shown_on::signing::rows(drafts::drafts(store, words)?, words))
        })
    }

    /// Cần xem lại: what the server has not taken.
    #[must_use]
    pub fn attention_list(&self) -> Screen<Vec<AttentionRow>> {
        Screen::new(self, ATTENTION, |store, _, words| {
            Ok(shown_on::attention::rows(outbox::list(store, words)?, words))
        })
    }

    /// Whose handbook this is and how things stand, watched.
    #[must_use]
    pub fn overview(&self) -> Screen<super::Status> {
        Screen::new(self, home::TABLES, |store, _, _| Ok(super::status(store)?))
    }
}

fn found<T>(of: Option<T>) -> Result<T, HandbookError> {
    of.ok_or(HandbookError::NotFound)
}
