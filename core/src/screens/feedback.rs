//! Phản ánh: a member's threads with how far each is, and one with what was said by whom.

use serde::Serialize;
use sotay_protocol::{
    feedback::{FeedbackState, Message, Side},
    refusal::Refusal,
};

use super::news;
use crate::{
    feedback::{
        Desk, ThreadLine, ThreadView,
        sealed::{LetterState, LetterView},
    },
    words::Words,
};

/// One line of the list, as it is read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ThreadRow {
    pub line: ThreadLine,
    /// đã ghi, đã gửi, đã tiếp nhận, đã trả lời: what is only on this device is not called sent.
    pub state: String,
    /// Of the last word in it: `14:05 hôm nay`.
    pub time: String,
    /// What became of the member's own last word, where that is still news.
    pub sync: Option<String>,
}

/// One turn, as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Turn {
    pub message: Message,
    /// `Tôi`, or the committee.
    pub who: String,
    pub time: String,
    /// Of a sealed one: who wrote it, or why it cannot be read here.
    pub letter: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ThreadScreen {
    pub row: ThreadRow,
    pub turns: Vec<Turn>,
    /// What became of the member's own last word; nothing once the committee has spoken.
    pub news: Option<String>,
    /// Why nothing can be written here; none where it can.
    pub no_reply: Option<String>,
}

/// A committee to write to, with what is said beside the choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeskChoice {
    pub desk: Desk,
    pub sealed: String,
    pub plain: String,
    /// Why nothing can be sealed to it; none where it can.
    pub no_seal: Option<String>,
}

impl ThreadRow {
    #[must_use]
    pub fn of(line: ThreadLine, words: &Words) -> Self {
        Self {
            state: words.thread_state(&line).to_owned(),
            time: words.moment(line.last_at),
            sync: news(line.sync.as_ref(), words),
            line,
        }
    }
}

#[must_use]
pub fn rows(lines: Vec<ThreadLine>, words: &Words) -> Vec<ThreadRow> {
    lines.into_iter().map(|line| ThreadRow::of(line, words)).collect()
}

#[must_use]
pub fn thread(view: ThreadView, words: &Words) -> ThreadScreen {
    let ThreadView { line, messages, letters, .. } = view;
    let turns = turns(messages, &letters, (&line.desk_name, words.say("Tôi", "Me")), words);
    let closed = letters.iter().find_map(|letter| match letter.state {
        LetterState::Closed { why } => Some(words.not_opened(why).to_owned()),
        _ => None,
    });
    ThreadScreen {
        news: words.last_word(&line),
        no_reply: closed.filter(|_| line.sealed),
        row: ThreadRow::of(line, words),
        turns,
    }
}

/// With the names of the two who speak: the committee's, and the member's.
#[must_use]
pub fn turns(
    messages: Vec<Message>,
    letters: &[LetterView],
    (desk, member): (&str, &str),
    words: &Words,
) -> Vec<Turn> {
    let turn = |message: Message| {
        let letter = letters.iter().find(|letter| letter.message == message.id);
        Turn {
            who: match message.side {
                Side::Member => member.to_owned(),
                Side::Desk => desk.to_owned(),
            },
            time: words.moment(message.at),
            letter: letter.map(|letter| words.letter(&letter.state)).filter(|said| !said.is_empty()),
            message,
        }
    };
    messages.into_iter().map(turn).collect()
}

#[must_use]
pub fn desks(desks: Vec<Desk>, words: &Words) -> Vec<DeskChoice> {
    let choice = |desk: Desk| DeskChoice {
        sealed: words.sealed_readers(&desk.sealed_to),
        plain: words.plain_readers().to_owned(),
        no_seal: desk
            .sealed_to
            .officers
            .is_empty()
            .then(|| words.refusal(Refusal::DeskWithoutOfficers).to_owned()),
        desk,
    };
    desks.into_iter().map(choice).collect()
}

impl Words {
    /// How far a thread is. What is only on this device is not called sent.
    #[must_use]
    pub fn thread_state(&self, line: &ThreadLine) -> &'static str {
        match &line.sync {
            Some(sync) if !sync.is_applied() => self.say("đã ghi", "written"),
            _ => self.feedback_state(line.feedback_state),
        }
    }

    /// What became of the member's own last word. Once the committee has spoken, when it went up is no longer the news.
    #[must_use]
    pub fn last_word(&self, line: &ThreadLine) -> Option<String> {
        let spoken = line.feedback_state != FeedbackState::Sent;
        let news = line.sync.as_ref().filter(|sync| !(sync.is_applied() && spoken));
        news.map(|sync| self.row_state(sync))
    }
}
