//! How long what is kept of people stays: rules with a date, each for one kind of thing and after one event.
//!
//! Which years the law or a committee's own archive rules ask for differs and changes, so the years are data: a rule says from
//! when it holds, on what paper it rests and who set it, and what is old is judged by the rule of today. As long as nobody has
//! set one, nothing goes: what is gone by mistake comes back from nowhere.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::env::{Timestamp, days};

/// What a rule is for, with the event after which it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retained {
    /// Feedback with its photos: after the last word, once it was answered.
    Feedback,
    /// Who attended: after the meeting.
    Attendance,
    /// Reasons for absence, and who marked whom when: after the meeting.
    Reasons,
    /// Codes that members typed, and the secrets behind them: after the meeting.
    CheckIns,
    /// What people's devices signed, word for word: after the server took it.
    Commands,
    /// Activation codes: after their end.
    Codes,
    /// Names of revoked devices: after their revocation.
    Devices,
    /// All of a person who left: after the end of the last stay and office.
    LeftMembers,
}

impl Retained {
    pub const ALL: [Self; 8] = [
        Self::Feedback,
        Self::Attendance,
        Self::Reasons,
        Self::CheckIns,
        Self::Commands,
        Self::Codes,
        Self::Devices,
        Self::LeftMembers,
    ];

    /// As it travels and is typed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Feedback => "feedback",
            Self::Attendance => "attendance",
            Self::Reasons => "reasons",
            Self::CheckIns => "check_ins",
            Self::Commands => "commands",
            Self::Codes => "codes",
            Self::Devices => "devices",
            Self::LeftMembers => "left_members",
        }
    }

    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word.replace('-', "_"))
    }

    /// Fewer days no rule may name: a restored server is sent the last 30 days again, and asks by then.
    #[must_use]
    pub fn at_least(self) -> u32 {
        match self {
            Self::Feedback | Self::Attendance | Self::Reasons | Self::CheckIns | Self::Commands => 60,
            Self::Codes | Self::Devices | Self::LeftMembers => 1,
        }
    }
}

/// One rule. The newest of a kind that has begun holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub kind: Retained,
    /// After the kind's event; `None` for good.
    pub days: Option<u32>,
    pub from: Timestamp,
    /// The paper on which it rests, as its operator wrote it.
    pub basis: String,
    pub set_by: String,
    pub set_at: Timestamp,
}

/// The rule that holds at `now`.
#[must_use]
pub fn in_force(rules: &[Rule], kind: Retained, now: Timestamp) -> Option<&Rule> {
    let begun = rules.iter().filter(|rule| rule.kind == kind && rule.from <= now);
    begun.max_by_key(|rule| (rule.from, rule.set_at))
}

/// What happened before this goes, where a rule says so.
#[must_use]
pub fn gone_before(rules: &[Rule], kind: Retained, now: Timestamp) -> Option<Timestamp> {
    let kept: Duration = days(u64::from(in_force(rules, kind, now)?.days?));
    Some(now.minus(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60 * 1000;

    fn rule(days: Option<u32>, from: i64, set_at: i64) -> Rule {
        let (basis, set_by) = ("Quy định 12-QĐ/ĐU".to_owned(), "Mai".to_owned());
        let at = |day: i64| Timestamp::from_millis(day * DAY);
        Rule { kind: Retained::Feedback, days, from: at(from), basis, set_by, set_at: at(set_at) }
    }

    #[test]
    fn the_newest_rule_that_has_begun_holds_and_without_one_nothing_goes() {
        let now = Timestamp::from_millis(1_000 * DAY);
        let gone = |rules: &[Rule]| gone_before(rules, Retained::Feedback, now).map(|at| at.millis() / DAY);
        assert_eq!(gone(&[]), None);
        assert_eq!(gone(&[rule(Some(100), 5, 5)]), Some(900));
        assert_eq!(gone(&[rule(Some(100), 5, 5), rule(Some(300), 900, 6)]), Some(700));
        assert_eq!(gone(&[rule(Some(100), 5, 5), rule(Some(300), 1_001, 6)]), Some(900), "not begun yet");
        assert_eq!(gone(&[rule(Some(100), 5, 5), rule(None, 5, 6)]), None, "for good, said later");
        assert_eq!(gone_before(&[rule(Some(100), 5, 5)], Retained::Codes, now), None);
    }

    #[test]
    fn each_kind_is_found_by_its_word() {
        for kind in Retained::ALL {
            assert_eq!(Retained::of_word(kind.word()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
        assert_eq!(Retained::of_word("check-ins"), Some(Retained::CheckIns));
    }
}
