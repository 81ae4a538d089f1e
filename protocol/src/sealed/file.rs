//! Files that go with a letter: encrypted in chunks under a key of their own, which the letter holds. The blob is the
//! ciphertext, and its hash names it.
//!
//! A chunk's nonce is its number and whether it is the last, so none can be left out, moved or cut off.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::padding::padded;
use crate::{
    attachment::Attachment,
    env::Env,
    limits,
    signature::{Base64, sha256_hex},
};

const TAG: usize = 16;
/// Bytes of a file in one chunk: encrypted it is one part on its way up or down.
pub const CHUNK: usize = limits::PART - TAG;
/// What a sealed file is called in the row, where everyone who carries it can read.
const MEDIA: &str = "application/octet-stream";

/// A file as its letter names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedFile {
    pub name: String,
    /// Media type.
    pub media: String,
    /// In bytes, before it was encrypted.
    pub size: u64,
    /// SHA-256 of the ciphertext, in lower-case hex: the blob.
    pub hash: String,
    pub key: FileKey,
}

/// Opens one file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileKey(Base64);

impl Drop for FileKey {
    fn drop(&mut self) {
        self.0.0.zeroize();
    }
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileKey").finish_non_exhaustive()
    }
}

impl FileKey {
    fn aead(&self) -> Option<LessSafeKey> {
        Some(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &self.0.0).ok()?))
    }
}

/// The file as the letter names it, as the row names it, and the bytes that are carried. `None` where it is too large.
#[must_use]
pub fn seal_file(
    file: &Attachment,
    bytes: &[u8],
    env: &dyn Env,
) -> Option<(SealedFile, Attachment, Vec<u8>)> {
    let mut key = vec![0; 32];
    env.fill(&mut key);
    let key = FileKey(Base64(key));
    let aead = key.aead()?;
    let mut plain = bytes.to_vec();
    plain.resize(padded(bytes.len()), 0);
    let count = plain.len().div_ceil(CHUNK);
    let mut out = Vec::with_capacity(plain.len() + count * TAG);
    for (number, chunk) in plain.chunks(CHUNK).enumerate() {
        let mut chunk = chunk.to_vec();
        aead.seal_in_place_append_tag(nonce(number, number + 1 == count), aad(), &mut chunk).ok()?;
        out.extend_from_slice(&chunk);
    }
    plain.zeroize();
    let (size, hash) = (out.len() as u64, sha256_hex(&out));
    if size > limits::ATTACHMENT {
        return None;
    }
    let carried = Attachment { name: String::new(), media: MEDIA.to_owned(), size, hash: hash.clone() };
    let of = SealedFile {
        name: file.name.clone(),
        media: file.media.clone(),
        size: bytes.len() as u64,
        hash,
        key,
    };
    Some((of, carried, out))
}

/// The words of chunk `number`, without what was added to its end. `None` where it is not that chunk of that file; an empty
/// one beyond the file's end.
#[must_use]
pub fn open_chunk(of: &SealedFile, number: usize, chunk: &[u8]) -> Option<Vec<u8>> {
    let size = usize::try_from(of.size).ok()?;
    let begins = number.checked_mul(CHUNK)?;
    if begins >= size {
        return Some(Vec::new());
    }
    let last = number + 1 == padded(size).div_ceil(CHUNK);
    let mut chunk = chunk.to_vec();
    let plain = of.key.aead()?.open_in_place(nonce(number, last), aad(), &mut chunk).ok()?;
    plain.get(..plain.len().min(size - begins)).map(<[u8]>::to_vec)
}

fn aad() -> Aad<&'static [u8]> {
    Aad::from(b"sotay/sealed-file/1\n".as_slice())
}

fn nonce(number: usize, last: bool) -> Nonce {
    let mut bytes = [0; 12];
    for (byte, from) in bytes.iter_mut().skip(4).zip((number as u64).to_be_bytes()) {
        *byte = from;
    }
    if let Some(first) = bytes.first_mut() {
        *first = u8::from(last);
    }
    Nonce::assume_unique_for_key(bytes)
}
