//! A key as it lies in a file: its seed under a passphrase, with what the key is for beside it.
//!
//! Argon2id with 64 MiB, three passes and four lanes (the second choice of RFC 9106, section 4) makes a key out of the
//! passphrase; ChaCha20-Poly1305 seals the seed with it. The open words are bound to the seal, so that nobody changes what a
//! key is said to be for.

use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use sotay_protocol::{
    env::{Env, Timestamp},
    id::Id,
    signature::{Base64, SigningKey},
};
use zeroize::Zeroizing;

use crate::{failure::Failure, files};

const FORMAT: u32 = 1;
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
/// What a file may ask for, so that a false one costs no hour and not all memory.
const MOST: (u32, u32, u32) = (1024 * 1024, 16, 16);

/// Whose key it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "key_of", rename_all = "snake_case")]
pub(crate) enum Owner {
    Root,
    Organisation { organisation: Id },
}

impl Owner {
    pub(crate) fn said(&self) -> &'static str {
        match self {
            Self::Root => "khóa gốc",
            Self::Organisation { .. } => "khóa của tổ chức",
        }
    }
}

/// What stands open in the file, and is bound to the seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) sotay_key: u32,
    #[serde(flatten)]
    pub(crate) owner: Owner,
    pub(crate) name: String,
    pub(crate) public: Base64,
    pub(crate) made_at: Timestamp,
    kdf: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: Base64,
    nonce: Base64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyFile {
    #[serde(flatten)]
    pub(crate) head: Head,
    sealed: Base64,
}

impl KeyFile {
    /// A new key under `passphrase`.
    pub(crate) fn new(
        owner: Owner,
        name: &str,
        passphrase: &str,
        env: &dyn Env,
    ) -> Result<(Self, SigningKey), Failure> {
        let mut seed = Zeroizing::new([0; 32]);
        env.fill(&mut *seed);
        let key = SigningKey::from_seed(*seed);
        let (mut salt, mut nonce) = ([0; 16], [0; 12]);
        env.fill(&mut salt);
        env.fill(&mut nonce);
        let head = Head {
            sotay_key: FORMAT,
            owner,
            name: name.to_owned(),
            public: key.public(),
            made_at: env.now(),
            kdf: "argon2id".to_owned(),
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt: Base64(salt.to_vec()),
            nonce: Base64(nonce.to_vec()),
        };
        let (lock, nonce) = head.lock(passphrase)?.ok_or(Failure::NoMemory)?;
        // With room for the tag: growing would leave the seed behind.
        let mut sealed = Vec::with_capacity(seed.len() + CHACHA20_POLY1305.tag_len());
        sealed.extend_from_slice(&*seed);
        lock.seal_in_place_append_tag(nonce, head.bound(), &mut sealed).map_err(|_| Failure::NoMemory)?;
        Ok((Self { head, sealed: Base64(sealed) }, key))
    }

    pub(crate) fn read(file: &Path) -> Result<Self, Failure> {
        let none = || Failure::NoKeyFile(file.to_owned());
        let key: Self = serde_json::from_str(&files::text(file)?).map_err(|_| none())?;
        let Head { sotay_key, kdf, memory_kib, passes, lanes, .. } = &key.head;
        let (memory, most_passes, most_lanes) = MOST;
        let known = *sotay_key == FORMAT && kdf == "argon2id";
        let may = *memory_kib <= memory && *passes <= most_passes && *lanes <= most_lanes;
        if known && may { Ok(key) } else { Err(none()) }
    }

    /// The key, where `passphrase` is the right one and the file is whole.
    pub(crate) fn open(&self, file: &Path, passphrase: &str) -> Result<SigningKey, Failure> {
        let not = || Failure::NotOpened(file.to_owned());
        let (lock, nonce) = self.head.lock(passphrase)?.ok_or_else(not)?;
        let mut sealed = Zeroizing::new(self.sealed.0.clone());
        let seed = lock.open_in_place(nonce, self.head.bound(), &mut sealed).map_err(|_| not())?;
        let seed = Zeroizing::new(<[u8; 32]>::try_from(&*seed).map_err(|_| not())?);
        let key = SigningKey::from_seed(*seed);
        if key.public() == self.head.public { Ok(key) } else { Err(not()) }
    }
}

impl Head {
    /// What opens the seal; `None` where the words for it are none.
    fn lock(&self, passphrase: &str) -> Result<Option<(LessSafeKey, Nonce)>, Failure> {
        let nonce = Nonce::try_assume_unique_for_key(&self.nonce.0);
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32));
        let (Ok(nonce), Ok(params)) = (nonce, params) else { return Ok(None) };
        let mut out = Zeroizing::new([0; 32]);
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        if argon.hash_password_into(passphrase.as_bytes(), &self.salt.0, &mut *out).is_err() {
            return Ok(None);
        }
        let lock = UnboundKey::new(&CHACHA20_POLY1305, &*out).map_err(|_| Failure::NoMemory)?;
        Ok(Some((LessSafeKey::new(lock), nonce)))
    }

    fn bound(&self) -> Aad<Vec<u8>> {
        Aad::from([b"sotay/key/1\n".to_vec(), serde_json::to_vec(self).unwrap_or_default()].concat())
    }
}

#[cfg(test)]
mod tests {
    use sotay_protocol::env::SystemEnv;

    use super::*;

    #[test]
    fn what_a_key_is_for_cannot_be_changed_in_its_file() {
        let phrase = "một câu đủ dài";
        let (file, key) = KeyFile::new(Owner::Root, "Đảng bộ tỉnh", phrase, &SystemEnv).unwrap();
        let here = Path::new("tinh.key");
        assert_eq!(file.open(here, phrase).unwrap().public(), key.public());
        assert!(file.open(here, "một câu khác hẳn").is_err());
        let mut other = file.clone();
        other.head.owner = Owner::Organisation { organisation: Id::derived("xã", &[]) };
        assert!(other.open(here, phrase).is_err());
        let mut other = file.clone();
        other.head.name = "Đảng bộ xã".into();
        assert!(other.open(here, phrase).is_err());
        let mut other = file;
        other.sealed.0[3] ^= 1;
        assert!(other.open(here, phrase).is_err());
    }
}
