//! What is new since one last looked: documents, meetings, words between member and desk, and what needs the person.

use std::collections::BTreeMap;

use serde::Serialize;
use sotay_core::{directives::Filter, shown::Page, words::Words};
use sotay_protocol::{feedback::FeedbackState, id::Id, meetings::MeetingState};

use crate::{Desk, Failure};

/// Of documents that were never opened, so many are looked at: more do not come in one moment.
const UNREAD: u32 = 200;

/// One thing that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct News {
    pub news: &'static str,
    /// Of what it is about; none for what is said of sync.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    pub said: String,
}

/// All of which one would be told, by what would have to change for that.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Seen {
    directives: BTreeMap<Id, String>,
    meetings: BTreeMap<Id, (MeetingState, i64, String, String)>,
    threads: BTreeMap<Id, (FeedbackState, String)>,
    cases: BTreeMap<Id, (FeedbackState, i64, String)>,
    attention: BTreeMap<u64, String>,
}

impl Seen {
    pub(super) async fn now(desk: &Desk<'_>) -> Result<Self, Failure> {
        let handbook = &desk.handbook;
        let unread = Filter { unread_only: true, ..Filter::default() };
        let directives = handbook.directives().list(unread, Page { skip: 0, take: UNREAD }).await?;
        let meetings = handbook.meetings().list().await?;
        let threads = handbook.feedback().threads().await?;
        let cases = handbook.feedback().cases().await?;
        let items = handbook.commands().list().await?;
        Ok(Self {
            // What is still being looked at is told when it is known what it is worth.
            directives: directives
                .into_iter()
                .filter(|of| of.verdict.is_some())
                .map(|of| (of.id, format!("{}: {}", of.number, of.abstract_)))
                .collect(),
            meetings: meetings
                .into_iter()
                .map(|of| (of.id, (of.meeting_state, of.starts_at.millis(), of.place, of.title)))
                .collect(),
            threads: threads.into_iter().map(|of| (of.id, (of.feedback_state, of.topic))).collect(),
            cases: cases
                .into_iter()
                .map(|of| {
                    let said = format!("“{}”, {}", of.topic, of.member_name);
                    (of.id, (of.feedback_state, of.last_at.millis(), said))
                })
                .collect(),
            attention: items
                .into_iter()
                .filter(|item| item.needs_attention)
                .map(|item| (item.entry, item.deed))
                .collect(),
        })
    }

    /// What `now` has that was not there or stood otherwise.
    pub(super) fn until(&self, now: &Self, words: Words) -> Vec<News> {
        let mut news = Vec::new();
        let mut say = |kind, id: String, what: &str, of: &str| {
            news.push(News { news: kind, id, said: format!("{what}: {of}") });
        };
        for (id, said) in &now.directives {
            if !self.directives.contains_key(id) {
                say("directive", id.to_string(), words.say("Văn bản mới", "New document"), said);
            }
        }
        for (id, of) in &now.meetings {
            let (what, before) = match self.meetings.get(id) {
                None => (words.say("Cuộc họp mới", "New meeting"), None),
                before => (words.say("Cuộc họp thay đổi", "Meeting changed"), before),
            };
            if before != Some(of) {
                let (state, starts_at, place, title) = of;
                let at = sotay_protocol::env::Timestamp::from_millis(*starts_at);
                let state = words.meeting_state(*state, at);
                let said = format!("{title}, {}, {place} ({state})", words.moment(at));
                say("meeting", id.to_string(), what, &said);
            }
        }
        for (id, (state, topic)) in &now.threads {
            let before = self.threads.get(id).map(|(state, _)| *state);
            if before != Some(*state) && *state != FeedbackState::Sent {
                let said = format!("“{topic}”: {}", words.feedback_state(*state));
                say("thread", id.to_string(), words.say("Phản ánh của tôi", "My feedback"), &said);
            }
        }
        for (id, of) in &now.cases {
            match self.cases.get(id) {
                None => {
                    say("case", id.to_string(), words.say("Phản ánh gửi đến bàn", "New at the desk"), &of.2);
                }
                Some(before) if before.1 != of.1 => {
                    say("case", id.to_string(), words.say("Có lời mới", "A new word"), &of.2);
                }
                Some(_) => {}
            }
        }
        for (entry, deed) in &now.attention {
            if !self.attention.contains_key(entry) {
                say("attention", entry.to_string(), words.say("Cần xem lại", "Needs attention"), deed);
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use sotay_core::words::Lang;

    use super::*;

    #[test]
    fn only_what_is_new_is_told() {
        let id = |name: &str| Id::derived(name, &[]);
        let before = Seen {
            directives: BTreeMap::from([(id("17"), "17-KH/ĐU: Vệ sinh".to_owned())]),
            threads: BTreeMap::from([(id("đường"), (FeedbackState::Sent, "Đường".to_owned()))]),
            attention: BTreeMap::from([(1, "Hủy".to_owned())]),
            ..Seen::default()
        };
        let mut now = before.clone();
        assert_eq!(before.until(&now, crate::now_in(Lang::Vi)), []);
        now.directives = BTreeMap::from([(id("18"), "18-KH/ĐU: Làm đường".to_owned())]);
        now.threads.insert(id("đường"), (FeedbackState::Answered, "Đường".to_owned()));
        now.threads.insert(id("nước"), (FeedbackState::Sent, "Nước".to_owned()));
        now.attention.clear();
        let said: Vec<String> =
            before.until(&now, crate::now_in(Lang::Vi)).into_iter().map(|news| news.said).collect();
        assert_eq!(said, ["Văn bản mới: 18-KH/ĐU: Làm đường", "Phản ánh của tôi: “Đường”: đã trả lời"]);
    }
}
