//! A clock that stands until somebody moves it, and randomness that one seed decides.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use sotay_protocol::env::{Env, Timestamp};

/// 03/12/2025 19:00 in Việt Nam: an evening on which cells meet.
const BEGINNING: Timestamp = Timestamp::from_millis(1_764_763_200_000);

/// One machine's clock and randomness; time itself is the whole world's.
#[derive(Debug)]
pub struct SetEnv {
    inner: Arc<Mutex<(Timestamp, ChaCha8Rng)>>,
    /// Milliseconds that this clock is ahead of the time.
    skew: AtomicI64,
    /// Milliseconds that it gains in each second.
    drift: i64,
}

impl SetEnv {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let inner = Arc::new(Mutex::new((BEGINNING, ChaCha8Rng::seed_from_u64(seed))));
        Self { inner, skew: AtomicI64::new(0), drift: 0 }
    }

    /// The same world, seen by a machine whose clock goes so many milliseconds ahead, or behind.
    #[must_use]
    pub fn skewed(&self, millis: i64) -> Self {
        let skew = AtomicI64::new(self.skew.load(Ordering::Relaxed) + millis);
        Self { inner: Arc::clone(&self.inner), skew, drift: self.drift }
    }

    /// The same, with a clock that gains so many milliseconds in each second from now on, or loses them.
    #[must_use]
    pub fn drifting(self, drift: i64) -> Self {
        Self { drift, ..self }
    }

    /// This machine's clock is set so much later, or earlier.
    pub fn jump(&self, millis: i64) {
        self.skew.fetch_add(millis, Ordering::Relaxed);
    }

    /// How far this clock is ahead of the time now.
    #[must_use]
    pub fn ahead(&self) -> i64 {
        self.now().millis() - self.lock().0.millis()
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
        let time = self.lock().0.millis();
        let gained = (time - BEGINNING.millis()) / 1_000 * self.drift;
        Timestamp::from_millis(time + self.skew.load(Ordering::Relaxed) + gained)
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.lock().1.fill_bytes(bytes);
    }
}
