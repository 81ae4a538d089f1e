//! Hôm nay: what is wanted of this person, then what is new; the topmost card has the screen's one main action.

use std::time::Duration;

use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::feedback::FeedbackState;

use super::{
    directives::DirectiveRow,
    feedback::ThreadRow,
    meetings::{self, MeetingAction, MeetingRow},
    signing,
};
use crate::{
    directives::{self, DirectiveLine, Filter},
    drafts::{self, DraftLine},
    feedback::{self, ThreadLine},
    meetings::MeetingLine,
    shown::Page,
    store::StoreError,
    sync::status::{KeyTrouble, SyncStatus},
    words::Words,
};

/// So many new documents stand on the screen; the others are counted.
const DOCUMENTS: u32 = 3;
/// An answer stands here so long, in days; afterwards among the feedback alone.
const ANSWERED: u64 = 14;
const ANSWERS: usize = 3;

/// What stands above everything, one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BannerKind {
    NotEnrolled,
    /// Unlock the phone once.
    KeyLocked,
    KeyLost,
    TakenOff,
    EnrolAgain,
    UpdateNeeded,
    ClockOff,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Banner {
    pub kind: BannerKind,
    pub sentence: String,
}

/// What the one button of the screen does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MainAction {
    Enrol,
    LookAtAttention,
    CheckIn,
    Sign,
    SeeMeeting,
    ReadAnswer,
    ReadDirective,
    UpdateNow,
}

/// Numbers beside the names of screens: what waits for this person, never what they have not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Badges {
    pub attention: u64,
    /// 1 where check-in is open and this member is not counted yet.
    pub meetings: u64,
    pub signing: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Home {
    pub banner: Option<Banner>,
    /// `2 việc cần đồng chí xem lại`.
    pub attention: Option<String>,
    /// `1 dự thảo chờ đồng chí ký`.
    pub signing: Option<String>,
    pub meeting: Option<MeetingRow>,
    pub answers: Vec<ThreadRow>,
    pub documents: Vec<DirectiveRow>,
    /// `còn 4 văn bản chưa đọc`.
    pub more_documents: Option<String>,
    /// `2 việc và 1 tệp (3,2 MB) chờ gửi`.
    pub waiting: Option<String>,
    /// Said where none of the cards above stands there.
    pub nothing_new: Option<String>,
    /// `Cập nhật lúc 14:05 hôm nay`.
    pub updated: String,
    pub main: MainAction,
    pub badges: Badges,
}

/// What the screen is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub enrolled: bool,
    pub sync: SyncStatus,
    pub meetings: Vec<MeetingLine>,
    pub threads: Vec<ThreadLine>,
    /// The newest of those that were not opened.
    pub unread: Vec<DirectiveLine>,
    /// How many there are of them in all.
    pub unread_count: u64,
    pub drafts: Vec<DraftLine>,
}

impl Told {
    /// # Errors
    /// The store's own fault.
    pub fn read(
        store: &Connection,
        enrolled: bool,
        sync: SyncStatus,
        words: &Words,
    ) -> Result<Self, StoreError> {
        let unread = Filter { unread_only: true, ..Filter::default() };
        Ok(Self {
            enrolled,
            sync,
            meetings: crate::meetings::list(store, words)?,
            threads: feedback::threads(store, words)?,
            unread: directives::list(store, &unread, Page { skip: 0, take: DOCUMENTS })?,
            unread_count: directives::count_unread(store)?,
            drafts: drafts::drafts(store, words)?,
        })
    }
}

#[must_use]
pub fn home(told: Told, words: &Words) -> Home {
    let Told { enrolled, sync, meetings, threads, unread, unread_count, drafts } = told;
    let badges =
        Badges { attention: sync.attention.deeds(), meetings: 0, signing: signing::waiting(&drafts) };
    let meeting = meetings::next(&meetings).cloned().map(|line| MeetingRow::of(line, words));
    let may_check_in = meeting.as_ref().is_some_and(|row| row.action == MeetingAction::CheckIn);
    let badges = Badges { meetings: u64::from(may_check_in), ..badges };
    let since = words.now.minus(Duration::from_secs(ANSWERED * 24 * 60 * 60));
    let answered =
        |line: &ThreadLine| line.feedback_state == FeedbackState::Answered && line.last_at >= since;
    let answers: Vec<ThreadRow> =
        threads.into_iter().filter(answered).take(ANSWERS).map(|line| ThreadRow::of(line, words)).collect();
    let documents: Vec<DirectiveRow> = unread.into_iter().map(|line| DirectiveRow::of(line, words)).collect();
    let more = unread_count.saturating_sub(documents.len() as u64);
    let counted = |count: u64, vi, en| (count > 0).then(|| words.counted(count, vi, en));
    let mut home = Home {
        banner: banner(enrolled, &sync, words),
        attention: counted(badges.attention, "việc cần đồng chí xem lại", "need your attention"),
        signing: counted(badges.signing, "dự thảo chờ đồng chí ký", "drafts wait for your signature"),
        meeting,
        answers,
        documents,
        more_documents: (more > 0).then(|| words.more_unread(more)),
        waiting: (!sync.unsent.is_all_sent() && !sync.attention.cut_off())
            .then(|| words.unsent(&sync.unsent)),
        nothing_new: None,
        updated: words.last_sync(sync.last_sync),
        main: MainAction::UpdateNow,
        badges,
    };
    let nothing = home.attention.is_none()
        && home.signing.is_none()
        && home.meeting.is_none()
        && home.answers.is_empty()
        && home.documents.is_empty();
    home.nothing_new =
        (nothing && enrolled).then(|| words.say("Hôm nay không có gì mới", "Nothing new today").to_owned());
    home.main = main_action(&home);
    home
}

/// What hinders everything first, then what hinders some.
fn banner(enrolled: bool, sync: &SyncStatus, words: &Words) -> Option<Banner> {
    let of = &sync.attention;
    let kind = match of.key {
        Some(KeyTrouble::Locked) => Some(BannerKind::KeyLocked),
        Some(KeyTrouble::Lost) => Some(BannerKind::KeyLost),
        None if !enrolled => Some(BannerKind::NotEnrolled),
        None if of.taken_off => Some(BannerKind::TakenOff),
        None if of.enrol_again => Some(BannerKind::EnrolAgain),
        None if of.update_needed => Some(BannerKind::UpdateNeeded),
        None => of.clock.map(|_| BannerKind::ClockOff),
    }?;
    let sentence = match (kind, &of.clock) {
        (BannerKind::NotEnrolled, _) => {
            words.say("Máy này chưa ghi danh", "This device is not enrolled").to_owned()
        }
        (BannerKind::UpdateNeeded, _) => words.update_needed().to_owned(),
        (BannerKind::ClockOff, Some(clock)) => words.clock_off(clock),
        _ => words.sync_status(sync),
    };
    Some(Banner { kind, sentence })
}

/// That of the topmost card.
fn main_action(of: &Home) -> MainAction {
    let of_banner = of.banner.as_ref().map(|banner| banner.kind);
    if matches!(of_banner, Some(BannerKind::NotEnrolled | BannerKind::TakenOff | BannerKind::EnrolAgain)) {
        MainAction::Enrol
    } else if of.attention.is_some() {
        MainAction::LookAtAttention
    } else if of.badges.meetings > 0 {
        MainAction::CheckIn
    } else if of.signing.is_some() {
        MainAction::Sign
    } else if of.meeting.is_some() {
        MainAction::SeeMeeting
    } else if !of.answers.is_empty() {
        MainAction::ReadAnswer
    } else if !of.documents.is_empty() {
        MainAction::ReadDirective
    } else {
        MainAction::UpdateNow
    }
}

/// Tables out of which the screen is made.
pub(crate) const TABLES: &[&str] = &[
    "directive",
    "unopened",
    "meeting",
    "attendance",
    "claim",
    "thread",
    "draft",
    "command",
    "device",
    "upload",
    "blob",
    "organisation",
    "scope",
];

impl Words {
    fn counted(&self, count: u64, vietnamese: &str, english: &str) -> String {
        format!("{} {}", self.number(count), self.say(vietnamese, english))
    }

    fn more_unread(&self, count: u64) -> String {
        let number = self.number(count);
        match self.lang {
            crate::words::Lang::Vi => format!("còn {number} văn bản chưa đọc"),
            crate::words::Lang::En => format!("{number} more to be read"),
        }
    }
}
