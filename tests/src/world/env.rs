//! A clock that stands until somebody moves it, and randomness that one seed decides.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use sotay_protocol::env::{Env, Timestamp};

/// 03/12/2025 19:00 in Việt Nam: an evening on which cells meet.
const BEGINNING: Timestamp = Timestamp::from_millis(1_764_763_200_000);

#[derive(Debug)]
pub struct SetEnv {
    inner: Arc<Mutex<(Timestamp, ChaCha8Rng)>>,
    skew: i64,
}

impl SetEnv {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { inner: Arc::new(Mutex::new((BEGINNING, ChaCha8Rng::seed_from_u64(seed)))), skew: 0 }
    }

    /// The same world, seen by a machine whose clock goes so many milliseconds ahead, or behind.
    #[must_use]
    pub fn skewed(&self, millis: i64) -> Self {
        Self { inner: Arc::clone(&self.inner), skew: self.skew + millis }
    }

    fn lock(&self) -> MutexGuard<'_, (Timestamp, ChaCha8Rng)> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For every machine of this world.
    pub fn pass(&self, time: Duration) {
        let mut inner = self.lock();
        inner.0 = inner.0 + time;
    }
}

impl Env for SetEnv {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.lock().0.millis() + self.skew)
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.lock().1.fill_bytes(bytes);
    }
}
