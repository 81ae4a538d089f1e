//! Short-lived tokens for GET requests: a device, an end, and the server's HMAC over both.
//!
//! An exchange needs none, it is signed; these only let a connected device listen for pokes.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use sotay_protocol::{
    env::Timestamp,
    id::Id,
    problem::{Problem, ProblemCode},
};

/// How long a token serves.
const LIFE: Duration = Duration::from_secs(60 * 60);

fn signed(device: Id, until: i64) -> Vec<u8> {
    format!("sotay/token/1\n{device}\n{until}").into_bytes()
}

pub(crate) fn issue(key: &hmac::Key, device: Id, now: Timestamp) -> (String, Timestamp) {
    let until = now + LIFE;
    let tag = hmac::sign(key, &signed(device, until.millis()));
    (format!("{device}.{}.{}", until.millis(), URL_SAFE_NO_PAD.encode(tag.as_ref())), until)
}

pub(crate) fn check(key: &hmac::Key, token: &str, now: Timestamp) -> Result<Id, Problem> {
    let read = || {
        let (device, rest) = token.split_once('.')?;
        let (until, tag) = rest.split_once('.')?;
        let (device, until) = (device.parse::<Id>().ok()?, until.parse::<i64>().ok()?);
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        hmac::verify(key, &signed(device, until), &tag).ok()?;
        Some((device, until))
    };
    let Some((device, until)) = read() else {
        return Err(Problem::new(ProblemCode::TokenInvalid, "Mã truy cập không hợp lệ."));
    };
    if now < Timestamp::from_millis(until) {
        Ok(device)
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
        let (token, until) = issue(&key, lan, now);
        assert_eq!(check(&key, &token, now), Ok(lan));
        assert_eq!(check(&key, &token, until).unwrap_err().code, ProblemCode::TokenExpired);
        let longer = token.replace(&until.millis().to_string(), &(until.millis() + 1).to_string());
        for bad in [longer.as_str(), "", "a.b.c", &token[1..]] {
            assert_eq!(check(&key, bad, now).unwrap_err().code, ProblemCode::TokenInvalid, "{bad}");
        }
    }
}
