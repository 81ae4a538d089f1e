//! An optional PIN: with it the store's key is to be had only by who has both the platform's key and the PIN.
//!
//! When a PIN is set, the platform gets a new key, and the store's own is sealed under that and the stretched PIN together
//! in `key.pin`. So the store is not written anew, and what the platform gave out before opens nothing. A thief with the
//! phone's files and without its keystore cannot even try PINs; one with both pays Argon2id for each.

use std::{fs, io, path::Path};

use argon2::{Algorithm, Argon2, Params, Version};
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey},
    hmac,
};
use serde::{Deserialize, Serialize};
use sotay_protocol::{
    env::Env,
    signature::Base64,
    witness::{self, Work},
};
use zeroize::Zeroizing;

use super::{StoreError, StoreKey, beside};

const FILE: &str = "key.pin";
/// On its way: in force as soon as the platform has the key that it is under.
const COMING: &str = "key.pin.new";
const FORMAT: u32 = 1;
/// What a cheap phone has to spare, and does in half a second.
const MEMORY_KIB: u32 = 32 * 1024;
const PASSES: u32 = 3;
/// A file that asks for more is none of ours.
const MOST: (u32, u32) = (256 * 1024, 16);

/// Fewer digits are tried out in an afternoon by who has the keystore too.
pub const SHORTEST_PIN: usize = 6;
pub const LONGEST_PIN: usize = 64;

/// The PIN after Argon2id; without the platform's key it opens nothing.
pub(super) type Stretched = Zeroizing<[u8; 32]>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PinFile {
    format: u32,
    memory_kib: u32,
    passes: u32,
    salt: Base64,
    /// Says which platform key this is under, and nothing of the PIN.
    under: Base64,
    /// The store's key.
    sealed: Base64,
}

/// What stands in the folder, for a platform key.
pub(super) enum Found {
    /// The platform's key is the store's.
    NoPin,
    Pin(PinFile),
    /// It is under another key than the platform has.
    Lost,
}

impl PinFile {
    /// Seals `store_key` under a new platform key and the PIN.
    pub(super) fn seal(
        store_key: &StoreKey,
        platform: &StoreKey,
        pin: &str,
        env: &dyn Env,
    ) -> Option<(Self, Stretched)> {
        let mut salt = vec![0; 16];
        env.fill(&mut salt);
        let mut file = Self {
            format: FORMAT,
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            salt: Base64(salt),
            under: Base64(Vec::new()),
            sealed: Base64(store_key.bytes().to_vec()),
        };
        file.under = Base64(file.mark(platform));
        let stretched = file.stretch(pin)?;
        let key = file.key(platform, &stretched)?;
        let tag = key.seal_in_place_separate_tag(nonce(), file.head(), &mut file.sealed.0).ok()?;
        file.sealed.0.extend_from_slice(tag.as_ref());
        Some((file, stretched))
    }

    /// `None` where the PIN was another.
    pub(super) fn open(&self, platform: &StoreKey, stretched: &Stretched) -> Option<StoreKey> {
        let mut sealed = Zeroizing::new(self.sealed.0.clone());
        let key = self.key(platform, stretched)?;
        let opened = key.open_in_place(nonce(), self.head(), &mut sealed).ok()?;
        <[u8; 32]>::try_from(&*opened).ok().map(StoreKey::new)
    }

    pub(super) fn stretch(&self, pin: &str) -> Option<Stretched> {
        let params = Params::new(self.memory_kib, self.passes, 1, Some(32)).ok()?;
        let mut stretched = Zeroizing::new([0; 32]);
        witness::here(Work::Cryptography);
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon.hash_password_into(pin.as_bytes(), &self.salt.0, &mut stretched[..]).ok()?;
        Some(stretched)
    }

    fn key(&self, platform: &StoreKey, stretched: &Stretched) -> Option<LessSafeKey> {
        let both = platform.tag(&[b"sotay/pin/1\n", &stretched[..]].concat());
        UnboundKey::new(&CHACHA20_POLY1305, both.as_ref()).ok().map(LessSafeKey::new)
    }

    fn mark(&self, platform: &StoreKey) -> Vec<u8> {
        platform.tag(&[b"sotay/key.pin/1\n", self.salt.0.as_slice()].concat()).as_ref().to_vec()
    }

    fn is_under(&self, platform: &StoreKey) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, platform.bytes());
        hmac::verify(&key, &[b"sotay/key.pin/1\n", self.salt.0.as_slice()].concat(), &self.under.0).is_ok()
    }

    fn head(&self) -> Aad<Vec<u8>> {
        let numbers = format!("sotay/key.pin/1\n{}\n{}\n{}\n", self.format, self.memory_kib, self.passes);
        Aad::from([numbers.as_bytes(), self.salt.0.as_slice()].concat())
    }

    /// It comes into force when the platform has its key, and [`find`] finds out by itself.
    pub(super) fn announce(&self, folder: &Path) -> Result<(), StoreError> {
        let text = serde_json::to_vec(self).map_err(|_| StoreError::Row("a PIN's file cannot be written"))?;
        beside::write(&folder.join(COMING), &text)
    }
}

/// Each key is used once: its salt is new.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

/// Brings the folder to what the platform's key says is in force, wherever a change of the PIN was cut off.
pub(super) fn find(folder: &Path, platform: &StoreKey) -> Result<Found, StoreError> {
    let (coming, standing) = (read(folder, COMING)?, read(folder, FILE)?);
    if coming.is_none() && standing.is_none() {
        return Ok(Found::NoPin);
    }
    // A folder without `key.check` has no store yet.
    if platform.is_of(folder)? {
        remove(folder)?;
        return Ok(Found::NoPin);
    }
    if let Some(coming) = coming.filter(|coming| coming.is_under(platform)) {
        fs::rename(folder.join(COMING), folder.join(FILE)).map_err(StoreError::of_folder)?;
        beside::sync(folder);
        return Ok(Found::Pin(coming));
    }
    match standing {
        Some(standing) if standing.is_under(platform) => Ok(Found::Pin(standing)),
        _ => Ok(Found::Lost),
    }
}

/// Whether a PIN is asked for, as far as the files say.
#[must_use]
pub fn is_there(folder: &Path) -> bool {
    folder.join(FILE).exists() || folder.join(COMING).exists()
}

pub(super) fn remove(folder: &Path) -> Result<(), StoreError> {
    for name in [COMING, FILE] {
        beside::remove(&folder.join(name))?;
    }
    Ok(())
}

fn read(folder: &Path, name: &str) -> Result<Option<PinFile>, StoreError> {
    let text = match fs::read(folder.join(name)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::Folder(error)),
    };
    let file: Option<PinFile> = serde_json::from_slice(&text).ok();
    let fits = |file: &PinFile| file.format == FORMAT && file.memory_kib <= MOST.0 && file.passes <= MOST.1;
    match file {
        Some(file) if fits(&file) => Ok(Some(file)),
        Some(file) if file.format > FORMAT => Err(StoreError::Newer),
        // Half a file that was to come is none: the one before still stands.
        _ if name == COMING => Ok(None),
        _ => Err(StoreError::Corrupt),
    }
}
