//! A request for a certificate: what a device, a server or an organisation asks of who may certify it.
//!
//! It is signed by the very key that it asks for, so that nobody is certified for another's key. Who asks is for people
//! to see to: both sides read the [`spoken`] digits of the request to each other.

use serde::{Deserialize, Serialize};

use super::{Holder, Signed};
use crate::{
    env::Timestamp,
    id::Id,
    limits,
    signature::{Base64, Purpose, SigningKey},
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub format: u32,
    pub organisation: Id,
    /// As who asks knows it. An officer's certificate takes the name from the organisation's own.
    pub organisation_name: String,
    #[serde(flatten)]
    pub holder: Holder,
    /// Ed25519.
    pub key: Base64,
    /// X25519, of a device that opens what is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<Base64>,
    pub at: Timestamp,
}

impl Request {
    /// Signed by the key that it asks for; the caller has put that key's public half there.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Signed {
        Signed::new(self, Purpose::Request, key)
    }

    /// `None` where it is none, or not signed by the key that it asks for.
    #[must_use]
    pub fn of(signed: &Signed) -> Option<Self> {
        let request: Self = signed.read(limits::PAPER)?;
        signed.verifies(&request.key, Purpose::Request).then_some(request)
    }
}

/// What people read to each other of a hash: its first 80 bits, in groups of four.
#[must_use]
pub fn spoken(sha256: &str) -> String {
    let digits: Vec<char> = sha256.chars().take(20).collect();
    digits.chunks(4).map(|group| group.iter().collect()).collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{members::Office, trust::FORMAT};

    #[test]
    fn nobody_asks_for_a_key_that_is_not_theirs() {
        let (mai, thief) = (SigningKey::from_seed([1; 32]), SigningKey::from_seed([2; 32]));
        let request = Request {
            format: FORMAT,
            organisation: Id::derived("xã", &[]),
            organisation_name: "Đảng ủy xã Yên Sơn".into(),
            holder: Holder::Officer {
                member: Id::derived("Mai", &[]),
                device: Id::derived("máy của Mai", &[]),
                name: "Trần Thị Mai".into(),
                office: Office::Secretary,
            },
            key: mai.public(),
            seal: None,
            at: Timestamp::from_millis(1),
        };
        let signed = request.sign(&mai);
        assert_eq!(Request::of(&signed), Some(request.clone()));
        assert_eq!(Request::of(&request.sign(&thief)), None);
        let file = serde_json::to_string(&signed).unwrap();
        assert_eq!(serde_json::from_str::<Signed>(&file).unwrap(), signed);
        assert_eq!(spoken(&signed.sha256()).len(), 24);
    }
}
