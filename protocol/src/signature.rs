//! Ed25519 keys of devices, and hashes. Every signature is over `sotay/<purpose>/1\n` and the bytes, so
//! that what was signed for one purpose can never be shown for another.

use std::sync::OnceLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    digest,
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::{
    env::Env,
    witness::{self, Work},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// One exchange of one device.
    Exchange,
    /// A command, to be kept by the server as signed.
    Command,
    /// Proof of a new key at enrolment.
    Enrol,
    /// A new key that follows an old one.
    Fork,
    /// A part of a file on its way up.
    Part,
    /// A root in its own words.
    Root,
    /// What a root says of another: its successor, or one above it.
    Succession,
    /// Who a key belongs to and what it is for.
    Certificate,
    /// That a key be certified.
    Request,
    /// Which certificates count no longer.
    Revocations,
    /// Which device is to forget all.
    Wipe,
    /// What a device says of its own keys.
    DeviceKeys,
    /// A directive, by its issuer.
    Directive,
    /// What the issuer says of a directive later.
    Ruling,
    /// When and where a server published what was signed.
    Receipt,
    /// What is written in a sealed thread.
    Letter,
    /// Who asks to be let in to the console.
    ConsoleLook,
    /// That they be let in.
    ConsoleApproval,
    /// Where a server is to be found.
    Address,
    /// The QR on the secretary's screen.
    CheckIn,
    /// A member's pass.
    Pass,
    /// That a person is told what is kept of them.
    MyData,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Exchange => "exchange",
            Self::Command => "command",
            Self::Enrol => "enrol",
            Self::Fork => "fork",
            Self::Part => "part",
            Self::Root => "root",
            Self::Succession => "succession",
            Self::Certificate => "certificate",
            Self::Request => "request",
            Self::Revocations => "revocations",
            Self::Wipe => "wipe",
            Self::DeviceKeys => "device_keys",
            Self::Directive => "directive",
            Self::Ruling => "ruling",
            Self::Receipt => "receipt",
            Self::Letter => "letter",
            Self::ConsoleLook => "console-look",
            Self::ConsoleApproval => "console-approval",
            Self::Address => "address",
            Self::CheckIn => "check_in",
            Self::Pass => "pass",
            Self::MyData => "my-data",
        }
    }

    fn message(self, bytes: &[u8]) -> Vec<u8> {
        [b"sotay/", self.name().as_bytes(), b"/1\n", bytes].concat()
    }
}

/// Bytes that travel as base64 in JSON.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Base64(pub Vec<u8>);

impl From<Base64> for String {
    fn from(bytes: Base64) -> Self {
        STANDARD.encode(bytes.0)
    }
}

impl TryFrom<String> for Base64 {
    type Error = base64::DecodeError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        STANDARD.decode(text).map(Self)
    }
}

/// A device's signing key; its seed never leaves the device.
pub struct SigningKey {
    seed: [u8; 32],
    /// Made when it is first needed: it costs as much as a signature, and a key is read from the store far more often than
    /// something is signed.
    pair: OnceLock<Ed25519KeyPair>,
}

impl Drop for SigningKey {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").finish_non_exhaustive()
    }
}

impl SigningKey {
    #[must_use]
    pub fn generate(env: &dyn Env) -> Self {
        let mut seed = [0; 32];
        env.fill(&mut seed);
        Self::from_seed(seed)
    }

    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self { seed, pair: OnceLock::new() }
    }

    #[expect(clippy::expect_used, reason = "every 32 bytes are an Ed25519 seed")]
    fn pair(&self) -> &Ed25519KeyPair {
        self.pair.get_or_init(|| Ed25519KeyPair::from_seed_unchecked(&self.seed).expect("32 bytes"))
    }

    /// To be kept in the encrypted store only.
    #[must_use]
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    #[must_use]
    pub fn public(&self) -> Base64 {
        Base64(self.pair().public_key().as_ref().to_vec())
    }

    #[must_use]
    pub fn sign(&self, purpose: Purpose, bytes: &[u8]) -> Base64 {
        witness::here(Work::Cryptography);
        Base64(self.pair().sign(&purpose.message(bytes)).as_ref().to_vec())
    }
}

#[must_use]
pub fn verifies(key: &Base64, purpose: Purpose, bytes: &[u8], signature: &Base64) -> bool {
    witness::here(Work::Cryptography);
    UnparsedPublicKey::new(&ED25519, &key.0).verify(&purpose.message(bytes), &signature.0).is_ok()
}

#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    witness::here(Work::Cryptography);
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// Lower-case hexadecimal SHA-256.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    sha256(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_counts_for_its_purpose_only() {
        let key = SigningKey::from_seed([3; 32]);
        let signature = key.sign(Purpose::Command, b"diem danh");
        assert!(verifies(&key.public(), Purpose::Command, b"diem danh", &signature));
        assert!(!verifies(&key.public(), Purpose::Exchange, b"diem danh", &signature));
        assert!(!verifies(&key.public(), Purpose::Command, b"diem danh!", &signature));
        assert!(!verifies(&Base64(vec![1, 2]), Purpose::Command, b"diem danh", &signature));
    }
}
