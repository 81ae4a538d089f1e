//! What the secretary's opening log says of a claim. No clock of the server's or the member's makes a claim right or wrong.
//!
//! *In time* is said of one thing only: a signed QR that had reached the server while its step ran, by the secretary's
//! clock as her device had compared it with the server's. Whatever comes later, or without such a comparison, is confirmed
//! later: nobody can know when it was used.

use super::{ClaimState, LONGEST_OPENING_STEPS, Opening, STEP_SECONDS, Shown, WRONG_CODES, step};
use crate::{env::Timestamp, id::Id};

/// What a claim shows for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// Typed.
    Digits(String),
    /// Scanned.
    Signed(Shown, Signer),
}

/// Whose the signature on a QR is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// The device that it names is not known: its digits are judged, of its step alone.
    Unknown,
    /// Not that device's.
    Nobody,
    Member {
        member: Id,
        /// From when on the device has no rights.
        revoked_at: Option<Timestamp>,
    },
}

/// One opening, and who recorded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    pub opening: Opening,
    pub author: Id,
}

/// The same member's earlier claims on the meeting, from whichever of their devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Before {
    pub wrong: usize,
    /// Of which no log speaks yet: they may yet be wrong.
    pub open: usize,
}

impl Before {
    /// With one more.
    pub fn count(&mut self, state: ClaimState) {
        match state {
            ClaimState::Wrong => self.wrong += 1,
            ClaimState::Recorded => self.open += 1,
            _ => {}
        }
    }
}

/// What the logs of a meeting say of a claim; `None` while none speaks of it. `led` says who led the cell when. `now` is the
/// server's clock: it bounds the search of an opening that is not closed yet, and before closing a code can be confirmed,
/// never called wrong. Who has three that may be wrong is told nothing by a fourth, so that nobody finds a code by trying.
#[must_use]
pub fn judge(
    proof: &Proof,
    logs: &[Log],
    led: &dyn Fn(Id, Timestamp) -> bool,
    now: Timestamp,
    before: Before,
) -> Option<ClaimState> {
    if before.wrong >= WRONG_CODES {
        return Some(ClaimState::AwaitsSecretary);
    }
    let fits = |log: &&Log| log.bears_out(proof, led, now);
    if before.wrong + before.open < WRONG_CODES
        && let Some(in_time) = logs.iter().filter(fits).map(|log| log.is_in_time(proof, now)).max()
    {
        return Some(if in_time { ClaimState::Confirmed } else { ClaimState::ConfirmedLater });
    }
    let all_closed = !logs.is_empty() && logs.iter().all(|log| log.opening.closed_at.is_some());
    all_closed.then_some(ClaimState::Wrong)
}

impl Log {
    fn bears_out(&self, proof: &Proof, led: &dyn Fn(Id, Timestamp) -> bool, now: Timestamp) -> bool {
        let (opening, until) = (&self.opening, self.opening.closed_at.unwrap_or(now));
        let (shown, signer) = match proof {
            Proof::Digits(code) => return opening.showed(code, until),
            Proof::Signed(shown, signer) => (shown, signer),
        };
        let by_whom = match signer {
            Signer::Unknown => true,
            Signer::Nobody => false,
            Signer::Member { member, revoked_at } => {
                revoked_at.is_none_or(|at| at > opening.opened_at)
                    && (*member == self.author || led(*member, opening.opened_at))
            }
        };
        by_whom && opening.meeting == shown.meeting && opening.showed_at(i64::from(shown.step), shown, until)
    }

    fn is_in_time(&self, proof: &Proof, now: Timestamp) -> bool {
        let Proof::Signed(shown, Signer::Member { .. }) = proof else { return false };
        self.opening.server_ahead.is_some_and(|ahead| {
            let end = (i64::from(shown.step) + 1) * STEP_SECONDS * 1000;
            now.millis() <= end.saturating_add(ahead)
        })
    }
}

impl Opening {
    /// Whether `code` was shown at any step between opening and `until`.
    #[must_use]
    pub fn showed(&self, code: &str, until: Timestamp) -> bool {
        let key = self.key();
        self.steps(until).any(|step| self.code(&key, step) == code)
    }

    /// Whether it was open at this step, and these were its digits.
    fn showed_at(&self, step: i64, shown: &Shown, until: Timestamp) -> bool {
        self.steps(until).contains(&step) && self.code(&self.key(), step) == shown.digits()
    }

    fn steps(&self, until: Timestamp) -> std::ops::RangeInclusive<i64> {
        let first = step(self.opened_at);
        first..=step(until).min(first.saturating_add(LONGEST_OPENING_STEPS))
    }
}
