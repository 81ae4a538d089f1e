//! A device's X25519 key, and content keys wrapped to it by HPKE: X25519-HKDF-SHA256, HKDF-SHA256, ChaCha20-Poly1305.

use std::collections::BTreeMap;

use hpke::{
    Deserializable, Kem as _, OpModeR, OpModeS, Serializable,
    aead::ChaCha20Poly1305,
    kdf::HkdfSha256,
    kem::X25519HkdfSha256,
    rand_core::{Infallible, TryCryptoRng, TryRng},
};
use zeroize::{Zeroize, Zeroizing};

use super::Place;
use crate::{
    env::Env,
    signature::{Base64, SigningKey, sha256, sha256_hex},
    witness::{self, Work},
};

/// An encapsulated key and a content key with its tag.
pub(super) const WRAP: usize = ENCAPSULATED + 32 + 16;
const ENCAPSULATED: usize = 32;

type Private = <X25519HkdfSha256 as hpke::Kem>::PrivateKey;
type Public = <X25519HkdfSha256 as hpke::Kem>::PublicKey;
type Encapsulated = <X25519HkdfSha256 as hpke::Kem>::EncappedKey;

/// Opens what is sealed to a device; it never leaves the device.
pub struct SealKey {
    secret: [u8; 32],
}

impl Drop for SealKey {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealKey").finish_non_exhaustive()
    }
}

/// What a wrap is called by whom it is for: the first 128 bits of the SHA-256 of the device's key, in lower-case hex.
#[must_use]
pub fn recipient(seal: &Base64) -> String {
    sha256_hex(&seal.0).chars().take(32).collect()
}

/// All keys with which this device opens: its own, and those that it had before.
#[derive(Debug, Default)]
pub struct OwnKeys(BTreeMap<String, SealKey>);

impl OwnKeys {
    #[must_use]
    pub fn new(keys: impl IntoIterator<Item = SealKey>) -> Self {
        Self(keys.into_iter().map(|key| (recipient(&key.public()), key)).collect())
    }

    pub(super) fn of<'w>(&self, wraps: &'w BTreeMap<String, Base64>) -> Option<(&SealKey, &'w Base64)> {
        self.0.iter().find_map(|(name, key)| Some((key, wraps.get(name)?)))
    }
}

pub(super) fn is_recipient(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit))
}

impl SealKey {
    #[must_use]
    pub fn generate(env: &dyn Env) -> Self {
        let mut secret = [0; 32];
        env.fill(&mut secret);
        Self { secret }
    }

    #[must_use]
    pub fn from_secret(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    /// To be kept in the encrypted store only.
    #[must_use]
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// X25519.
    ///
    /// # Panics
    /// Never: every 32 bytes are a key.
    #[must_use]
    pub fn public(&self) -> Base64 {
        Base64(X25519HkdfSha256::sk_to_pk(&self.private()).to_bytes().to_vec())
    }

    #[expect(clippy::expect_used, reason = "every 32 bytes are an X25519 key")]
    fn private(&self) -> Private {
        Private::from_bytes(&self.secret).expect("32 bytes")
    }

    /// Signs a member's letters. It is drawn from this key and not the device's own, which a phone that was copied or
    /// enrolled anew changes: a thread has to know its writer again.
    #[must_use]
    pub fn letter_key(&self) -> SigningKey {
        let drawn = Zeroizing::new([b"sotay/letter-key/1\n".as_slice(), &self.secret].concat());
        SigningKey::from_seed(sha256(&drawn))
    }
}

/// What one letter is encrypted under; for nothing else.
pub struct ContentKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ContentKey").finish_non_exhaustive()
    }
}

impl ContentKey {
    pub(super) fn generate(env: &dyn Env) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        env.fill(key.as_mut_slice());
        Self(key)
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key for one device. `None` where `seal` is no X25519 key.
    #[must_use]
    pub fn wrap(&self, seal: &Base64, place: &Place, env: &dyn Env) -> Option<Base64> {
        witness::here(Work::Cryptography);
        let to = Public::from_bytes(&seal.0).ok()?;
        let (encapsulated, wrapped) =
            hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
                &OpModeS::Base,
                &to,
                &place.context("key"),
                self.0.as_slice(),
                b"",
                &mut Random(env),
            )
            .ok()?;
        Some(Base64([encapsulated.to_bytes().as_slice(), &wrapped].concat()))
    }

    /// `None` where the wrap is not for this key, or for another place.
    pub(super) fn unwrap(wrap: &Base64, with: &SealKey, place: &Place) -> Option<Self> {
        let (encapsulated, wrapped) = wrap.0.split_at_checked(ENCAPSULATED)?;
        let encapsulated = Encapsulated::from_bytes(encapsulated).ok()?;
        let key = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &with.private(),
            &encapsulated,
            &place.context("key"),
            wrapped,
            b"",
        );
        let key = Zeroizing::new(key.ok()?);
        Some(Self(Zeroizing::new(key.as_slice().try_into().ok()?)))
    }

    pub(super) fn commit(&self, place: &Place) -> Base64 {
        let bound = Zeroizing::new([place.context("commit").as_slice(), b"\n", self.bytes()].concat());
        Base64(sha256(&bound).to_vec())
    }
}

/// Randomness that was handed in, as HPKE asks for it.
struct Random<'a>(&'a dyn Env);

impl TryRng for Random<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(to);
        Ok(())
    }
}

impl TryCryptoRng for Random<'_> {}
