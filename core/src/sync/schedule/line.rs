//! The connection on which the server pokes: when it is opened, and when opened again.

use std::time::Duration;

use sotay_protocol::env::Timestamp;

/// First and longest time until a broken line is tried again; each time anywhere up to it.
const RETRY: Duration = Duration::from_secs(2);
const RETRY_MOST: Duration = Duration::from_secs(5 * 60);
const RETRY_LEAST: Duration = Duration::from_millis(500);
/// A line that stood this long was a good one.
const STOOD: Duration = Duration::from_secs(30);
/// The server's own wish for how widely to spread, at most.
const SPREAD_MOST: Duration = Duration::from_secs(10 * 60);

/// A number out of which a moment is chosen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chance(pub u64);

impl Chance {
    /// Anywhere from nothing to `most`.
    pub(super) fn up_to(self, most: Duration) -> Duration {
        let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.0 % most.saturating_add(1).max(1))
    }
}

/// Why the line is no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// It broke, fell silent, or could not be made.
    Broken,
    /// The server ended it, and is to be left alone for up to this long: all its listeners come back at once.
    Ended { within: Duration },
    /// The token is not taken any more: an exchange brings another.
    Refused,
    /// This phone let go of it.
    Dropped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Closed,
    Opening,
    Open {
        since: Timestamp,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Line {
    state: State,
    failures: u32,
    /// Not before.
    pub(super) retry: Option<Timestamp>,
    /// The token that is at hand was refused.
    pub(super) refused: bool,
}

impl Line {
    pub(super) fn opening(&mut self) {
        self.state = State::Opening;
    }

    pub(super) fn opened(&mut self, now: Timestamp) {
        self.state = State::Open { since: now };
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    pub(super) fn closed(&mut self, now: Timestamp, why: Closed, chance: Chance) {
        if matches!(self.state, State::Open { since } if since + STOOD <= now) {
            self.failures = 0;
        }
        self.state = State::Closed;
        if why == Closed::Dropped {
            return;
        }
        let mut most = RETRY.saturating_mul(2_u32.saturating_pow(self.failures.min(16))).min(RETRY_MOST);
        if let Closed::Ended { within } = why {
            most = most.max(within.min(SPREAD_MOST));
        }
        self.failures = self.failures.saturating_add(1);
        self.retry = Some(now + chance.up_to(most).max(RETRY_LEAST));
        self.refused |= why == Closed::Refused;
    }

    /// Another network, or the person asks: what broke before says nothing any more.
    pub(super) fn at_once(&mut self) {
        (self.failures, self.retry) = (0, None);
    }

    pub(super) fn new_token(&mut self) {
        self.refused = false;
    }

    pub(super) fn shift(&mut self, shift: impl Fn(&mut Timestamp)) {
        if let Some(retry) = &mut self.retry {
            shift(retry);
        }
        if let State::Open { since } = &mut self.state {
            shift(since);
        }
    }
}
