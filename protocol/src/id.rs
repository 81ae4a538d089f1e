//! Names of rows, members, devices and organisations.
//!
//! An id is random (UUIDv7, made on the device that makes the row), or derived where the domain itself
//! gives the key: one attendance per meeting and member, whoever writes it first. Derived ids are
//! UUIDv8, so that the two can never meet.

use std::{fmt, str::FromStr};

use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::env::Env;

/// 128 bits, written as a lower-case UUID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(Uuid);

impl Id {
    /// A new random id; sorts by the time it was made.
    #[must_use]
    pub fn random(env: &dyn Env) -> Self {
        let mut bytes = [0; 10];
        env.fill(&mut bytes);
        let millis = u64::try_from(env.now().millis()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
    }

    /// The id that the domain gives: the same `purpose` and `parts` are the same id on every machine.
    #[must_use]
    pub fn derived(purpose: &str, parts: &[Id]) -> Self {
        let mut hash = Context::new(&SHA256);
        hash.update(b"sotay/id/1\n");
        hash.update(purpose.as_bytes());
        for part in parts {
            hash.update(b"\n");
            hash.update(part.0.as_bytes());
        }
        let mut bytes = [0; 16];
        for (byte, from) in bytes.iter_mut().zip(hash.finish().as_ref()) {
            *byte = *from;
        }
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    #[must_use]
    pub fn of_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Id {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        Uuid::parse_str(text).map(Self).map_err(|_| BadId)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: 32 hexadecimal digits are expected")]
pub struct BadId;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::{Env, Timestamp};

    #[derive(Debug)]
    struct Still;
    impl Env for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(1_764_000_000_000)
        }
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn the_same_meeting_and_member_give_the_same_attendance_on_every_phone() {
        let (meeting, lan) = (Id::random(&Still), Id::derived("member", &[]));
        assert_eq!(Id::derived("attendance", &[meeting, lan]), Id::derived("attendance", &[meeting, lan]));
        assert_ne!(Id::derived("attendance", &[meeting, lan]), Id::derived("attendance", &[lan, meeting]));
        assert_ne!(Id::derived("attendance", &[meeting, lan]), Id::derived("mark", &[meeting, lan]));
    }

    #[test]
    fn an_id_survives_its_text() {
        let id = Id::random(&Still);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("018f".parse::<Id>(), Err(BadId));
    }
}
