//! Lengths that say little: a text of 61 bytes and one of 200 look alike.

/// Below this all texts look alike.
const SHORTEST: usize = 256;

/// The length to which `length` is padded: at most 12 % more from [`SHORTEST`] on, and few different ones (Padmé: as many
/// bits of the length stay as its order of magnitude has).
#[must_use]
pub(super) fn padded(length: usize) -> usize {
    let length = length.max(SHORTEST);
    let magnitude = length.ilog2();
    let kept = magnitude.ilog2() + 1;
    let step = 1_usize << magnitude.saturating_sub(kept);
    length.div_ceil(step) * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_fall_into_few_buckets_and_little_is_added() {
        assert_eq!([0, 1, 200, 256].map(padded), [256; 4]);
        for length in 256..70_000 {
            let to = padded(length);
            assert!(to >= length && to * 100 <= length * 113, "{length} to {to}");
            assert_eq!(padded(to), to);
        }
        let buckets: std::collections::BTreeSet<usize> = (0..65_536).map(padded).collect();
        assert!(buckets.len() < 150, "{}", buckets.len());
    }
}
