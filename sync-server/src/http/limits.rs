//! Limits against floods. The limit on guessing lies with the codes themselves, in the store; these only
//! keep one address or device from keeping the server busy. They live in memory and begin anew with it.
//!
//! What a device asks for is counted against that device, once it is known to be it: nobody is kept out by what others do on
//! the same hall's Wi-Fi, or in their name. An address counts only for what nobody has signed: enrolments, and requests that
//! no device made. Whoever is over a limit is told after how many seconds to come again, and phones do.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sotay_protocol::{
    env::Timestamp,
    id::Id,
    problem::{Problem, ProblemCode},
};

/// Sixty members enrol on one hall's Wi-Fi, some of them five times.
const PER_ADDRESS: u32 = 300;
/// Requests of one address that no device made: no such device, not its signature, or a token that is none. A whole hall whose
/// server was lost still passes.
const STRANGE: u32 = 3_000;
/// Wrong codes of one key.
const PER_KEY: u32 = 20;
const WINDOW: Duration = Duration::from_secs(60 * 60);
/// Entries after which those of past hours are dropped.
const KEPT: usize = 10_000;

/// What a device does so often that it is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Act {
    Exchange,
    Part,
    File,
    Listen,
    /// All that is kept of a person: whole tables are gone through for it.
    Own,
}

impl Act {
    /// One each so many milliseconds in the long run, and so many at once. A phone's own schedule stays far below; a photo of
    /// 32 MiB comes in 128 parts.
    fn rate(self) -> (i64, i64) {
        match self {
            Self::Exchange => (500, 1_200),
            Self::Part | Self::File => (50, 4_000),
            Self::Listen => (5_000, 60),
            Self::Own => (60_000, 10),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Limits {
    /// Until when what each device did is paid for at its rate.
    devices: Mutex<BTreeMap<(Id, Act), Timestamp>>,
    strange: Mutex<Counts<IpAddr>>,
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
    /// Counts what a device does.
    ///
    /// # Errors
    /// `too_many_tries` with the seconds to wait; it is not counted then.
    pub(super) fn count_device(&self, device: Id, act: Act, now: Timestamp) -> Result<(), Problem> {
        let (each, burst) = act.rate();
        let mut devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        if devices.len() >= KEPT {
            devices.retain(|_, paid| *paid > now);
        }
        let paid = devices.entry((device, act)).or_insert(now);
        let ahead = paid.millis().max(now.millis()) + each;
        let wait = ahead - now.millis() - each * burst;
        if wait > 0 {
            let seconds = u64::try_from(wait).unwrap_or(0).div_ceil(1_000);
            let often = format!("Thiết bị này hỏi quá thường xuyên: xin thử lại sau {seconds} giây.");
            return Err(Problem { wait: Some(seconds), ..Problem::new(ProblemCode::TooManyTries, often) });
        }
        *paid = Timestamp::from_millis(ahead);
        Ok(())
    }

    /// Looks whether this address has sent too much that no device made.
    ///
    /// # Errors
    /// `too_many_tries`.
    pub(super) fn check_strange(&self, address: IpAddr, now: Timestamp) -> Result<(), Problem> {
        let strange = self.strange.lock().unwrap_or_else(PoisonError::into_inner);
        check(strange.so_far(&address, now), STRANGE)
    }

    /// Counts a refusal of what no device made; any other is let through as it is.
    pub(super) fn count_strange(&self, address: IpAddr, refused: &Problem, now: Timestamp) {
        let strange = matches!(
            refused.code,
            ProblemCode::UnknownDevice | ProblemCode::BadSignature | ProblemCode::TokenInvalid
        );
        if strange {
            self.strange.lock().unwrap_or_else(PoisonError::into_inner).count(address, now);
        }
    }

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

    #[test]
    fn a_phone_that_asks_without_end_is_told_when_to_come_and_no_other_is() {
        let limits = Limits::default();
        let (lan, minh) = (Id::derived("máy của Lan", &[]), Id::derived("máy của Minh", &[]));
        let now = Timestamp::from_millis(1_764_000_000_000);
        for _ in 0..60 {
            limits.count_device(lan, Act::Listen, now).unwrap();
        }
        let refused = limits.count_device(lan, Act::Listen, now).unwrap_err();
        assert_eq!((refused.code, refused.wait), (ProblemCode::TooManyTries, Some(5)));
        assert!(limits.count_device(lan, Act::Exchange, now).is_ok(), "something else goes on");
        assert!(limits.count_device(minh, Act::Listen, now).is_ok());
        let later = now + Duration::from_secs(5);
        assert!(limits.count_device(lan, Act::Listen, later).is_ok(), "what was said is kept to");
        assert!(limits.count_device(lan, Act::Listen, later).is_err());
    }
}
