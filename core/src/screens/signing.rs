//! Ký: the drafts that wait for this person, the oldest first.

use serde::Serialize;
use sotay_protocol::drafts::DraftState;

use super::news;
use crate::{drafts::DraftLine, words::Words};

/// One line of the list, as it is read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DraftRow {
    pub line: DraftLine,
    /// `Kế hoạch 17-KH/ĐU`.
    pub title: String,
    /// `chờ ký, 3 ngày trước`.
    pub state: String,
    /// What became of this person's own deed, where that is still news.
    pub sync: Option<String>,
}

impl DraftRow {
    #[must_use]
    pub fn of(line: DraftLine, words: &Words) -> Self {
        Self {
            title: line.title(),
            state: format!("{}, {}", words.draft_state(line.draft_state), words.ago(line.at)),
            sync: news(line.sync.as_ref(), words),
            line,
        }
    }
}

#[must_use]
pub fn rows(lines: Vec<DraftLine>, words: &Words) -> Vec<DraftRow> {
    lines.into_iter().map(|line| DraftRow::of(line, words)).collect()
}

/// How many wait. What this person has signed and not sent yet waits no more.
#[must_use]
pub fn waiting(lines: &[DraftLine]) -> u64 {
    lines.iter().filter(|line| line.draft_state == DraftState::Waiting && line.sync.is_none()).count() as u64
}

impl DraftLine {
    /// `Kế hoạch 17-KH/ĐU`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.directive_type.name(), self.number)
    }
}
