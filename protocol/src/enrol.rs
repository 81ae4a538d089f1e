//! Enrolment: an activation code and a date of birth bind a device's key to a member; and the fork that a
//! copied store asks for.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    env::{Env, Timestamp},
    id::Id,
    signature::{Base64, Purpose, SigningKey, verifies},
    trust::Signed,
};

/// Letters and digits that nobody mistakes for another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Twelve letters of five bits: 60 bits.
const CODE_LETTERS: usize = 12;

/// Body of `POST /v1/enrol`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    pub code: String,
    pub birth: NaiveDate,
    /// Ed25519, 32 bytes.
    pub key: Base64,
    /// What the person calls this device.
    pub device_name: String,
    /// By the new key, over [`enrol_bytes`].
    pub proof: Base64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolAnswer {
    pub server: Id,
    pub device: Id,
    pub member: Id,
    pub member_name: String,
    pub epoch: u64,
    /// The root under which what this server publishes is judged, in its own words. The device believes no other from
    /// then on, unless this one says so. `None` where the server has none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<Signed>,
    /// With which the server signs what it says of itself; see [`crate::trust::Address`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_key: Option<Base64>,
}

/// Body of `POST /v1/fork`: a copied store asks for an id of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForkRequest {
    pub device: Id,
    /// The new key.
    pub key: Base64,
    pub at: Timestamp,
    /// By the old key, over [`fork_bytes`].
    pub signature: Base64,
    /// By the new key, over the same.
    pub proof: Base64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForkAnswer {
    pub device: Id,
    /// The server's epoch: another than the device knew means that it was restored in between. `None` from a server of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
}

/// A new activation code, as printed: `ABCD-EFGH-JKMN`.
#[must_use]
pub fn new_code(env: &dyn Env) -> String {
    let mut bytes = [0; CODE_LETTERS];
    env.fill(&mut bytes);
    let letter = |byte: &u8| ALPHABET.get(usize::from(byte % 32)).map_or('0', |letter| char::from(*letter));
    let letters: Vec<char> = bytes.iter().map(letter).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// A code as typed: any case, any spaces and dashes, O for 0, I and L for 1. `None` where it cannot be one.
#[must_use]
pub fn normal_code(typed: &str) -> Option<String> {
    let letters: Option<String> = typed
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '-')
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => Some('0'),
            'I' | 'L' => Some('1'),
            letter => u8::try_from(letter).is_ok_and(|byte| ALPHABET.contains(&byte)).then_some(letter),
        })
        .collect();
    letters.filter(|letters| letters.len() == CODE_LETTERS)
}

/// What the new key signs; `code` as [`normal_code`] gives it.
#[must_use]
pub fn enrol_bytes(code: &str, birth: NaiveDate, key: &Base64) -> Vec<u8> {
    format!("{code}\n{birth}\n{}", String::from(key.clone())).into_bytes()
}

#[must_use]
pub fn fork_bytes(device: Id, key: &Base64, at: Timestamp) -> Vec<u8> {
    format!("{device}\n{}\n{}", String::from(key.clone()), at.millis()).into_bytes()
}

impl EnrolRequest {
    /// `None` where `code` cannot be one.
    #[must_use]
    pub fn new(code: &str, birth: NaiveDate, device_name: &str, key: &SigningKey) -> Option<Self> {
        let code = normal_code(code)?;
        let public = key.public();
        let proof = key.sign(Purpose::Enrol, &enrol_bytes(&code, birth, &public));
        Some(Self { code, birth, key: public, device_name: device_name.to_owned(), proof })
    }

    #[must_use]
    pub fn proves_key(&self) -> bool {
        let Some(code) = normal_code(&self.code) else { return false };
        verifies(&self.key, Purpose::Enrol, &enrol_bytes(&code, self.birth, &self.key), &self.proof)
    }
}

impl ForkRequest {
    #[must_use]
    pub fn new(device: Id, old: &SigningKey, new: &SigningKey, at: Timestamp) -> Self {
        let key = new.public();
        let bytes = fork_bytes(device, &key, at);
        Self {
            device,
            at,
            signature: old.sign(Purpose::Fork, &bytes),
            proof: new.sign(Purpose::Fork, &bytes),
            key,
        }
    }

    #[must_use]
    pub fn verifies(&self, old: &Base64) -> bool {
        let bytes = fork_bytes(self.device, &self.key, self.at);
        verifies(old, Purpose::Fork, &bytes, &self.signature)
            && verifies(&self.key, Purpose::Fork, &bytes, &self.proof)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_typed_by_an_old_hand_is_understood() {
        let code = new_code(&crate::env::SystemEnv);
        assert_eq!(code.len(), 14);
        let typed = code.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        assert_eq!(normal_code(&typed), Some(code.replace('-', "")));
        assert_eq!(normal_code("ABCD-EFGH"), None);
        assert_eq!(normal_code("ABCD-EFGH-JKMỪ"), None);
    }

    #[test]
    fn only_the_key_itself_can_enrol_or_fork() {
        let (key, other) = (SigningKey::from_seed([1; 32]), SigningKey::from_seed([2; 32]));
        let birth = NaiveDate::from_ymd_opt(1985, 2, 3).unwrap();
        let mut request = EnrolRequest::new("ABCD-EFGH-JKMN", birth, "Máy của Lan", &key).unwrap();
        assert!(request.proves_key());
        request.key = other.public();
        assert!(!request.proves_key());
        let fork = ForkRequest::new(Id::derived("máy", &[]), &key, &other, Timestamp::MIN);
        assert!(fork.verifies(&key.public()));
        assert!(!fork.verifies(&other.public()));
    }
}
