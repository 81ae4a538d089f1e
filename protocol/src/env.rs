//! The world as the pure code sees it: a clock and a source of randomness, handed in.
//!
//! Nothing else in the project asks the machine for the time or for random bytes, so that a simulator
//! can hand in its own and a seed decides the whole history.

use std::{fmt::Debug, ops::Add, time::Duration};

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const MIN: Self = Self(0);
    /// 9999-12-31: later than anything a clock shows.
    pub const MAX: Self = Self(253_402_214_400_000);

    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// `days` days; the standard library has no such constructor.
#[must_use]
pub const fn days(days: u64) -> Duration {
    Duration::from_secs(days * 24 * 60 * 60)
}

pub trait Env: Send + Sync + Debug {
    fn now(&self) -> Timestamp;
    /// Fills `bytes` from a source fit for keys.
    fn fill(&self, bytes: &mut [u8]);
}

/// The machine's own clock and randomness; only the programs' `main` and the apps' bindings make one.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemEnv;

impl Env for SystemEnv {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(0))
    }

    #[expect(clippy::expect_used, reason = "without randomness no key may be made; there is no way on")]
    fn fill(&self, bytes: &mut [u8]) {
        use ring::rand::SecureRandom;
        ring::rand::SystemRandom::new().fill(bytes).expect("the machine gives random bytes");
    }
}
