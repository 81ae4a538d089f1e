//! A clock that stands until somebody moves it, and randomness that one seed decides.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
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
    inner: Mutex<(Timestamp, ChaCha8Rng)>,
}

impl SetEnv {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { inner: Mutex::new((BEGINNING, ChaCha8Rng::seed_from_u64(seed))) }
    }

    fn lock(&self) -> MutexGuard<'_, (Timestamp, ChaCha8Rng)> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn pass(&self, time: Duration) {
        let mut inner = self.lock();
        inner.0 = inner.0 + time;
    }
}

impl Env for SetEnv {
    fn now(&self) -> Timestamp {
        self.lock().0
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.lock().1.fill_bytes(bytes);
    }
}
