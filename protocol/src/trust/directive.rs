//! What a phone can say of a directive: of the words, and of what became of them.

use super::{Distrust, Keyring, Verdict};
use crate::{
    directives::{Directive, Standing, Statement, directive_id},
    env::Timestamp,
    id::Id,
    members::Office,
    planted::{self, Bug},
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
    /// Judges a directive as it lies in `scope` under `id`, by what `keys` know.
    #[must_use]
    pub fn of(directive: &Directive, id: Id, scope: Scope, keys: &Keyring) -> Self {
        let Ok(statement) = directive.read() else {
            return Self { statement: Verdict::Quarantined { why: Distrust::OtherWords }, ruling: None };
        };
        let judged = match &directive.signed {
            // Under another's id it would be what replaces the other, or stand twice.
            Some(_) if directive_id(&statement) != id => Verdict::Quarantined { why: Distrust::OtherWords },
            Some(signed) => {
                signed.judge(&directive.statement, Purpose::Directive, statement.issuer, scope, keys)
            }
            None => unsigned(keys, &statement, start_of(&statement)),
        };
        Self { statement: judged, ruling: ruling(directive, &statement, scope, keys) }
    }
}

/// A false "withdrawn" takes nothing from a directive that is genuine; it is only told beside it.
fn ruling(directive: &Directive, statement: &Statement, scope: Scope, keys: &Keyring) -> Option<Verdict> {
    let quarantined = |why| Some(Verdict::Quarantined { why });
    // Whoever signed the words signs what becomes of them, whatever day a ruling without a signature is dated with.
    let without = |at: Timestamp| {
        if directive.signed.is_some() {
            return Verdict::Quarantined { why: Distrust::Unsigned };
        }
        unsigned(keys, statement, at.max(start_of(statement)))
    };
    let Some(text) = &directive.ruling else {
        let changed = directive.standing != Standing::InForce || directive.replaced_by.is_some();
        return changed.then(|| without(Timestamp::MIN));
    };
    let Some(ruled) = directive.ruled() else { return quarantined(Distrust::Malformed) };
    let Some(signed) = &directive.ruling_signed else { return Some(without(ruled.at)) };
    let says_so = ruled.statement_sha256 == sha256_hex(directive.statement.as_bytes())
        && ruled.standing == directive.standing
        && (ruled.standing != Standing::Replaced || ruled.replaced_by == directive.replaced_by);
    if !says_so {
        return quarantined(Distrust::OtherWords);
    }
    Some(signed.judge(text, Purpose::Ruling, statement.issuer, scope, keys))
}

/// Who has keys signs all that they publish: from then on, words without a signature are not theirs, by whatever id their
/// name is used.
fn unsigned(keys: &Keyring, of: &Statement, at: Timestamp) -> Verdict {
    if planted::is(Bug::UnsignedIsGenuine) {
        return Verdict::Genuine {
            signer: of.issuer_name.clone(),
            office: Office::Secretary,
            organisation_name: of.issuer_name.clone(),
            bad_since: None,
            at,
        };
    }
    if keys.publishes(of.issuer, at) || keys.publishes_as(&of.issuer_name, at) {
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
