//! Short-lived tokens for GET requests: a device, an end, what its exchange has seen, and the server's HMAC over all.
//!
//! An exchange needs none, it is signed; these only let a connected device listen for pokes and fetch files. What the
//! exchange has seen is in it so that a listener is poked at once for what changed before it came: between its exchange
//! and its listening nothing falls through, and nothing has to be kept of it here.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{digest, hmac};
use sotay_protocol::{
    env::Timestamp,
    id::Id,
    problem::{Problem, ProblemCode},
    scope::Scope,
};

/// How long a token serves.
const LIFE: Duration = Duration::from_secs(60 * 60);

/// Where the scopes stood that a device follows, in a few letters: scope, epoch and sequence, scopes ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen(String);

impl Seen {
    pub(crate) fn of(heads: impl IntoIterator<Item = (Scope, u64, u64)>) -> Self {
        let mut all = digest::Context::new(&digest::SHA256);
        for (scope, epoch, seq) in heads {
            all.update(format!("{scope} {epoch} {seq}\n").as_bytes());
        }
        let hash = all.finish();
        Self(URL_SAFE_NO_PAD.encode(hash.as_ref().get(..9).unwrap_or_default()))
    }
}

fn signed(device: Id, until: i64, seen: &str) -> Vec<u8> {
    format!("sotay/token/2\n{device}\n{until}\n{seen}").into_bytes()
}

pub(crate) fn issue(key: &hmac::Key, device: Id, seen: &Seen, now: Timestamp) -> (String, Timestamp) {
    let until = now + LIFE;
    let tag = hmac::sign(key, &signed(device, until.millis(), &seen.0));
    let tag = URL_SAFE_NO_PAD.encode(tag.as_ref());
    (format!("{device}.{}.{}.{tag}", until.millis(), seen.0), until)
}

pub(crate) fn check(key: &hmac::Key, token: &str, now: Timestamp) -> Result<(Id, Seen), Problem> {
    let read = || {
        let [device, until, seen, tag] = token.split('.').collect::<Vec<_>>().try_into().ok()?;
        let (device, until) = (device.parse::<Id>().ok()?, until.parse::<i64>().ok()?);
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        hmac::verify(key, &signed(device, until, seen), &tag).ok()?;
        Some((device, until, Seen(seen.to_owned())))
    };
    let Some((device, until, seen)) = read() else {
        return Err(Problem::new(ProblemCode::TokenInvalid, "Mã truy cập không hợp lệ."));
    };
    if now < Timestamp::from_millis(until) {
        Ok((device, seen))
    } else {
        Err(Problem::new(ProblemCode::TokenExpired, "Mã truy cập đã hết hạn, hãy đồng bộ lại."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_serves_an_hour_and_only_as_it_was_made() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"k");
        let (lan, now) = (Id::derived("máy của Lan", &[]), Timestamp::from_millis(1_764_000_000_000));
        let seen = Seen::of([(Scope::cell(lan), 1, 7)]);
        let (token, until) = issue(&key, lan, &seen, now);
        assert_eq!(check(&key, &token, now), Ok((lan, seen.clone())));
        let others = [(Scope::cell(lan), 1, 8), (Scope::cell(lan), 2, 7), (Scope::org(lan), 1, 7)];
        assert!(others.into_iter().all(|other| Seen::of([other]) != seen));
        assert_eq!(check(&key, &token, until).unwrap_err().code, ProblemCode::TokenExpired);
        let longer = token.replace(&until.millis().to_string(), &(until.millis() + 1).to_string());
        let elsewhere = token.replace(&seen.0, &Seen::of([]).0);
        for bad in [longer.as_str(), &elsewhere, "", "a.b.c", "a.b.c.d.e", &token[1..]] {
            assert_eq!(check(&key, bad, now).unwrap_err().code, ProblemCode::TokenInvalid, "{bad}");
        }
    }
}
