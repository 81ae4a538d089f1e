//! Paper against what is held: a pure judgement. Only what this phone found genuine makes a paper right.

use chrono::NaiveDate;
use serde::Serialize;
use sotay_protocol::{
    directives::Standing,
    printed::Printed,
    qr::NotRead,
    trust::{Distrust, Verdict},
};

use super::held::Held;

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Signed by its issuer, and in force as far as this phone knows.
    Genuine,
    /// Genuine, and another has taken its place.
    Replaced,
    /// Genuine, and its issuer has taken it back.
    Withdrawn,
    /// This phone cannot say.
    Unknown,
    /// Not what its issuer signed.
    False,
}

/// What the answer rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    InForce,
    Replaced,
    Withdrawn,
    /// None like it is on this phone.
    NotHere,
    /// A number was typed that none here bears.
    NoSuchNumber,
    /// Another of this number is here, of another day. Numbers begin anew with each term, so that says nothing of this one.
    OtherDay(NaiveDate),
    /// It is here, and its signature cannot be checked yet.
    NotVerified,
    /// It is here as on the paper, and nobody signed it: its issuer has no keys.
    NotSigned,
    /// It is here and genuine; that it was withdrawn or replaced cannot be checked yet.
    RulingNotVerified,
    /// The copy that is here is itself not to be believed, and not what the paper says.
    NothingToCompare,
    /// Not a code of a printed directive.
    StrangeCode,
    /// A code of the handbook for something else.
    OtherCode,
    NewerCode,
    /// It bears our mark and is none of ours.
    BentCode,
    /// The issuer signed other words under this number and day.
    OtherWords,
    /// The hash is that of a directive here, and type, number, issuer or day are not.
    OtherHead,
    /// It is here as on the paper, and not to be believed.
    NotBelieved(Distrust),
}

impl Why {
    #[must_use]
    pub fn finding(self) -> Finding {
        match self {
            Self::InForce => Finding::Genuine,
            Self::Replaced => Finding::Replaced,
            Self::Withdrawn => Finding::Withdrawn,
            Self::BentCode | Self::OtherWords | Self::OtherHead | Self::NotBelieved(_) => Finding::False,
            Self::NotHere
            | Self::NoSuchNumber
            | Self::OtherDay(_)
            | Self::NotVerified
            | Self::NotSigned
            | Self::RulingNotVerified
            | Self::NothingToCompare
            | Self::StrangeCode
            | Self::OtherCode
            | Self::NewerCode => Finding::Unknown,
        }
    }

    pub(super) fn of_code(of: NotRead) -> Self {
        match of {
            NotRead::Strange => Self::StrangeCode,
            NotRead::OtherKind => Self::OtherCode,
            NotRead::Newer => Self::NewerCode,
            NotRead::Damaged => Self::BentCode,
        }
    }
}

/// What the paper is worth by what is held, and which of that it was judged by.
pub(super) fn of<'h>(paper: &Printed, held: &'h [Held]) -> (Why, Option<&'h Held>) {
    let id = paper.directive();
    // Whoever puts a second one under the same name into another scope makes the genuine one no worse.
    if let Some(same) = held.iter().filter(|of| of.line.id == id).min_by_key(|of| rank(of)) {
        let as_here = same.sha256 == paper.sha256;
        let why = match (&same.line.verdict, as_here) {
            (Some(Verdict::Quarantined { .. }), false) => Why::NothingToCompare,
            (Some(Verdict::Genuine { .. } | Verdict::Unsigned), false) => Why::OtherWords,
            (Some(Verdict::Unknown) | None, _) => Why::NotVerified,
            (Some(_), true) => as_it_stands(same),
        };
        return (why, Some(same));
    }
    if let Some(bent) = held.iter().find(|of| of.sha256 == paper.sha256 && is_genuine(of)) {
        return (Why::OtherHead, Some(bent));
    }
    let head = (paper.directive_type, paper.number.to_string(), paper.issuer);
    let namesake =
        held.iter().find(|Held { line, .. }| (line.directive_type, line.number.clone(), line.issuer) == head);
    match namesake.filter(|of| !of.line.is_quarantined()) {
        Some(of) => (Why::OtherDay(of.line.date), Some(of)),
        None => (Why::NotHere, None),
    }
}

/// What a directive here is worth, by itself.
pub(super) fn as_it_stands(of: &Held) -> Why {
    match &of.line.verdict {
        Some(Verdict::Genuine { .. }) => {}
        Some(Verdict::Unsigned) => return Why::NotSigned,
        Some(Verdict::Quarantined { why }) => return Why::NotBelieved(*why),
        Some(Verdict::Unknown) | None => return Why::NotVerified,
    }
    match (of.line.standing, &of.line.ruling_verdict) {
        // A false "withdrawn" takes nothing from what is genuine.
        (Standing::InForce, _) | (_, Some(Verdict::Quarantined { .. })) => Why::InForce,
        (Standing::Replaced, Some(Verdict::Genuine { .. })) => Why::Replaced,
        (Standing::Withdrawn, Some(Verdict::Genuine { .. })) => Why::Withdrawn,
        (_, Some(Verdict::Unknown | Verdict::Unsigned) | None) => Why::RulingNotVerified,
    }
}

fn is_genuine(of: &Held) -> bool {
    matches!(of.line.verdict, Some(Verdict::Genuine { .. }))
}

fn rank(of: &Held) -> u8 {
    match of.line.verdict {
        Some(Verdict::Genuine { .. }) => 0,
        Some(Verdict::Unsigned) => 1,
        Some(Verdict::Unknown) | None => 2,
        Some(Verdict::Quarantined { .. }) => 3,
    }
}
