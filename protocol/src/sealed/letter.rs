//! A letter: what is written, signed, and closed to all but the devices that it is wrapped to.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{ContentKey, FORMAT, OwnKeys, Place, SealKey, Sealed, SealedFile, padding::padded, recipient};
use crate::{
    env::{Env, Timestamp},
    feedback::Side,
    id::Id,
    limits,
    signature::{Base64, Purpose, SigningKey, verifies},
    witness::{self, Work},
};

/// An Ed25519 signature, in front of the text.
const SIGNATURE: usize = 64;
/// The text's length, in front of all.
const LENGTH: usize = 4;

/// What is in the envelope. It says itself where it stands: who opens it and signs it anew elsewhere has made another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub format: u32,
    pub member: Id,
    pub desk: Id,
    pub thread: Id,
    pub message: Id,
    pub side: Side,
    pub at: Timestamp,
    /// With the first of a thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    pub words: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<SealedFile>,
    /// Ed25519, of who signs it.
    pub key: Base64,
    /// Of an officer: the certificate of that key, by the SHA-256 of its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// Of a member: the devices to which answers go. They travel in here, since the server could name others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<WriterDevice>,
}

/// A device of the member, in the member's own words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WriterDevice {
    /// Ed25519: signs letters.
    pub key: Base64,
    /// X25519: opens them.
    pub seal: Base64,
}

impl WriterDevice {
    #[must_use]
    pub fn of(seal: &SealKey) -> Self {
        Self { key: seal.letter_key().public(), seal: seal.public() }
    }
}

/// Why a letter cannot be read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum NotOpened {
    /// It was sealed to others, before this device was known; a device that can open it may wrap it for this one.
    #[error("not_for_this_device")]
    NotForThisDevice,
    /// A newer app wrote it.
    #[error("newer")]
    Newer,
    /// It was changed on its way, or belongs elsewhere.
    #[error("damaged")]
    Damaged,
    /// A newer app put it there.
    #[serde(other)]
    #[error("other")]
    Other,
}

/// A letter that was opened, with what it takes to wrap it for another device.
#[derive(Debug)]
pub struct Opened {
    /// Its own signature holds, by the key that it names. Whose that is, is for [`super::read`] to say.
    pub letter: Letter,
    pub key: ContentKey,
}

impl Letter {
    #[must_use]
    pub fn place(&self) -> Place {
        let Self { member, desk, thread, message, side, .. } = *self;
        Place { member, desk, thread, message, side }
    }

    /// Signed by `key`, whose public half the caller has put there, and closed to all but `devices` (X25519). What is no
    /// key among these gets no wrap. `None` where it is too long.
    #[must_use]
    pub fn seal(&self, key: &SigningKey, devices: &[Base64], env: &dyn Env) -> Option<Sealed> {
        let text = Zeroizing::new(serde_json::to_string(self).ok()?);
        let signature = key.sign(Purpose::Letter, text.as_bytes());
        let length = u32::try_from(text.len()).ok()?.to_be_bytes();
        let mut body = [length.as_slice(), &signature.0, text.as_bytes()].concat();
        body.resize(padded(body.len()), 0);
        if body.len() + CHACHA20_POLY1305.tag_len() > limits::LETTER {
            return None;
        }
        let (place, content) = (self.place(), ContentKey::generate(env));
        aead(&content)?.seal_in_place_append_tag(once(), Aad::from(place.context("body")), &mut body).ok()?;
        let wrap = |seal: &Base64| Some((recipient(seal), content.wrap(seal, &place, env)?));
        let wraps = devices.iter().filter_map(wrap).collect();
        Some(Sealed { format: FORMAT, body: Base64(body), commit: content.commit(&place), wraps })
    }
}

impl Sealed {
    /// Opens what stands at `place`, where it is wrapped to this device.
    ///
    /// # Errors
    /// Why it cannot be read here.
    pub fn open(&self, place: &Place, with: &OwnKeys) -> Result<Opened, NotOpened> {
        witness::here(Work::Cryptography);
        if self.format != FORMAT {
            return Err(NotOpened::Newer);
        }
        let (own, wrap) = with.of(&self.wraps).ok_or(NotOpened::NotForThisDevice)?;
        let key = ContentKey::unwrap(wrap, own, place).ok_or(NotOpened::Damaged)?;
        self.open_by(place, key).ok_or(NotOpened::Damaged)
    }

    fn open_by(&self, place: &Place, key: ContentKey) -> Option<Opened> {
        if key.commit(place) != self.commit {
            return None;
        }
        let mut body = Zeroizing::new(self.body.0.clone());
        let open = aead(&key)?.open_in_place(once(), Aad::from(place.context("body")), &mut body).ok()?;
        let (length, rest) = open.split_at_checked(LENGTH)?;
        let (signature, rest) = rest.split_at_checked(SIGNATURE)?;
        let length = usize::try_from(u32::from_be_bytes(length.try_into().ok()?)).ok()?;
        let text = std::str::from_utf8(rest.get(..length)?).ok()?;
        let letter: Letter = crate::json::strict(text).ok()?;
        let signed = verifies(&letter.key, Purpose::Letter, text.as_bytes(), &Base64(signature.to_vec()));
        (signed && letter.format == FORMAT && letter.place() == *place).then_some(Opened { letter, key })
    }
}

/// A content key encrypts one body, so its nonce is no number.
fn once() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

fn aead(key: &ContentKey) -> Option<LessSafeKey> {
    Some(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key.bytes()).ok()?))
}
