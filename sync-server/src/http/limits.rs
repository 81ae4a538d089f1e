//! Limits against floods. The limit on guessing lies with the codes themselves, in the store; these only
//! keep one address or device from keeping the server busy. They live in memory and begin anew with it.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sotay_protocol::{
    env::Timestamp,
    problem::{Problem, ProblemCode},
};

/// Sixty members enrol on one hall's Wi-Fi, some of them five times.
const PER_ADDRESS: u32 = 300;
/// Wrong codes of one key.
const PER_KEY: u32 = 20;
const WINDOW: Duration = Duration::from_secs(60 * 60);
/// Entries after which those of past hours are dropped.
const KEPT: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Limits {
    addresses: Mutex<Counts<IpAddr>>,
    keys: Mutex<Counts<Vec<u8>>>,
}

#[derive(Debug)]
struct Counts<K>(BTreeMap<K, (Timestamp, u32)>);

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord> Counts<K> {
    fn so_far(&self, key: &K, now: Timestamp) -> u32 {
        self.0.get(key).filter(|(since, _)| now < *since + WINDOW).map_or(0, |(_, count)| *count)
    }

    fn count(&mut self, key: K, now: Timestamp) {
        if self.0.len() >= KEPT {
            self.0.retain(|_, (since, _)| now < *since + WINDOW);
        }
        let (since, count) = self.0.entry(key).or_insert((now, 0));
        if now >= *since + WINDOW {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
    }
}

impl Limits {
    pub(super) fn count_address(&self, address: IpAddr, now: Timestamp) -> Result<(), Problem> {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        check(addresses.so_far(&address, now), PER_ADDRESS)?;
        addresses.count(address, now);
        Ok(())
    }

    pub(super) fn check_key(&self, key: &[u8], now: Timestamp) -> Result<(), Problem> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        check(keys.so_far(&key.to_vec(), now), PER_KEY)
    }

    pub(super) fn count_wrong(&self, key: Vec<u8>, now: Timestamp) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).count(key, now);
    }
}

fn check(so_far: u32, most: u32) -> Result<(), Problem> {
    if so_far < most {
        return Ok(());
    }
    Err(Problem::new(ProblemCode::TooManyTries, "Quá nhiều lần thử: xin đợi một giờ rồi thử lại."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hall_enrols_and_a_flood_waits_an_hour() {
        let limits = Limits::default();
        let (hall, now) = (IpAddr::from([192, 168, 1, 1]), Timestamp::from_millis(1_764_000_000_000));
        for _ in 0..PER_ADDRESS {
            limits.count_address(hall, now).unwrap();
        }
        assert_eq!(limits.count_address(hall, now).unwrap_err().code, ProblemCode::TooManyTries);
        assert!(limits.count_address(IpAddr::from([192, 168, 1, 2]), now).is_ok());
        assert!(limits.count_address(hall, now + WINDOW).is_ok());
    }
}
