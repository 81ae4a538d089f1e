//! The one source of everything that happens by chance in a history: a seed gives the same throws each time.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

#[derive(Debug)]
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        // The world's own randomness is another stream of the same seed.
        Self(ChaCha8Rng::seed_from_u64(seed ^ 0x5071_5071_5071_5071))
    }

    /// Below `limit`; 0 where there is nothing below.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.0.next_u64() % limit).unwrap_or(0)
    }

    pub(super) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        from.get(self.below(from.len())).cloned()
    }

    /// One of the names, by their weights.
    pub(super) fn weighted<T: Copy>(&mut self, from: &[(usize, T)]) -> Option<T> {
        let mut throw = self.below(from.iter().map(|(weight, _)| weight).sum());
        for (weight, of) in from {
            if throw < *weight {
                return Some(*of);
            }
            throw -= weight;
        }
        None
    }

    /// Small numbers as likely as large ones, up to `most`.
    pub(super) fn size(&mut self, most: usize) -> usize {
        let bits = usize::BITS - most.max(1).leading_zeros();
        let within = 1usize << (self.below(usize::try_from(bits).unwrap_or(1)) + 1);
        self.below(within.min(most.saturating_add(1)))
    }
}
