//! What a phone can say of a directive: of the words, and of what became of them.

use super::{Distrust, Keyring, Verdict};
use crate::{
    directives::{Directive, Ruling, Standing, Statement},
    env::Timestamp,
    id::Id,
    scope::Scope,
    signature::{Purpose, sha256_hex},
};

/// Of a directive's statement, and of the last ruling on it where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdicts {
    pub statement: Verdict,
    pub ruling: Option<Verdict>,
}

impl Verdicts {
    /// Judges a directive as it lies in `scope`, by what `keys` know.
    #[must_use]
    pub fn of(directive: &Directive, scope: Scope, keys: &Keyring) -> Self {
        let Ok(statement) = directive.read() else {
            return Self { statement: Verdict::Quarantined { why: Distrust::OtherWords }, ruling: None };
        };
        let judged = match &directive.signed {
            Some(signed) => {
                signed.judge(&directive.statement, Purpose::Directive, statement.issuer, scope, keys)
            }
            None => unsigned(keys, statement.issuer, start_of(&statement)),
        };
        Self { statement: judged, ruling: ruling(directive, &statement, scope, keys) }
    }
}

/// A false "withdrawn" takes nothing from a directive that is genuine; it is only told beside it.
fn ruling(directive: &Directive, statement: &Statement, scope: Scope, keys: &Keyring) -> Option<Verdict> {
    let quarantined = |why| Some(Verdict::Quarantined { why });
    let Some(text) = &directive.ruling else {
        return match directive.standing {
            Standing::InForce => None,
            Standing::Replaced | Standing::Withdrawn => {
                Some(unsigned(keys, statement.issuer, start_of(statement)))
            }
        };
    };
    let Some(ruled) = directive.ruled() else { return quarantined(Distrust::Malformed) };
    let says_so = |ruled: &Ruling| {
        ruled.statement_sha256 == sha256_hex(directive.statement.as_bytes())
            && ruled.standing == directive.standing
            && (ruled.standing != Standing::Replaced || ruled.replaced_by == directive.replaced_by)
    };
    if !says_so(&ruled) {
        return quarantined(Distrust::OtherWords);
    }
    Some(match &directive.ruling_signed {
        Some(signed) => signed.judge(text, Purpose::Ruling, statement.issuer, scope, keys),
        None => unsigned(keys, statement.issuer, ruled.at),
    })
}

/// Who has keys signs all that they publish: from then on, words without a signature are not theirs.
fn unsigned(keys: &Keyring, issuer: Id, at: Timestamp) -> Verdict {
    if keys.publishes(issuer, at) {
        Verdict::Quarantined { why: Distrust::Unsigned }
    } else {
        Verdict::Unsigned
    }
}

/// When the day that it is dated with began in Vietnam.
fn start_of(statement: &Statement) -> Timestamp {
    let midnight = statement.date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis();
    Timestamp::from_millis(midnight).minus(std::time::Duration::from_hours(7))
}
