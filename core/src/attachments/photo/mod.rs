//! A photo before it is kept: what tells where, when and with what it was taken is removed, and nothing else changes.
//!
//! The picture itself is not decoded and not made anew: of each format only the parts that a decoder needs are copied,
//! and of what a camera wrote only which side is up. A small parser of our own for each: the libraries that remove such
//! data remove what they know, and here what is not known to be needed has to go.

mod exif;
mod jpeg;
mod png;
#[cfg(test)]
mod tests;
mod webp;

use serde::Serialize;
use sotay_protocol::{attachment::Attachment, limits, signature::sha256_hex};

/// In letters; file systems take 255 bytes.
const NAME: usize = 80;

/// A photo as the person chose it.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    /// As it is called, with or without folders.
    pub name: String,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Photo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Photo").field("size", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// Why a photo cannot go with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PhotoError {
    #[error("more photos than one message takes")]
    TooMany,
    #[error("larger than a file may be")]
    TooLarge,
    /// Nothing is in it, as when a copy was cut short.
    #[error("an empty file")]
    Empty,
    /// HEIC or AVIF: the phone can take photos as JPEG.
    #[error("a photo in HEIC, which is not taken")]
    Heic,
    #[error("a moving picture")]
    Moving,
    /// No JPEG, PNG or WebP.
    #[error("no photo of a kind that is taken")]
    NotAPhoto,
    /// Begins like one and is not.
    #[error("a damaged photo")]
    Damaged,
}

/// A photo without what its camera wrote of place, time and device; ready to be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Clean {
    pub file: Attachment,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Clean {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clean").field("size", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// The photos of one message.
///
/// # Errors
/// Of the first that cannot go; none is taken then.
pub fn clean_all(photos: Vec<Photo>) -> Result<Vec<Clean>, PhotoError> {
    if photos.len() > limits::ATTACHMENTS {
        return Err(PhotoError::TooMany);
    }
    let mut cleaned: Vec<Clean> = Vec::new();
    for photo in photos {
        let one = clean(&photo)?;
        // Chosen twice: it is one photo, under the name that it had first.
        if cleaned.iter().all(|other| other.file.hash != one.file.hash) {
            cleaned.push(one);
        }
    }
    Ok(cleaned)
}

/// # Errors
/// As [`PhotoError`] says.
pub fn clean(photo: &Photo) -> Result<Clean, PhotoError> {
    if photo.bytes.len() as u64 > limits::ATTACHMENT {
        return Err(PhotoError::TooLarge);
    }
    let (media, ending, bytes) = match photo.bytes.as_slice() {
        [] => return Err(PhotoError::Empty),
        [0xff, 0xd8, 0xff, ..] => ("image/jpeg", "jpg", jpeg::clean(&photo.bytes)?),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => {
            ("image/png", "png", png::clean(&photo.bytes)?)
        }
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => {
            ("image/webp", "webp", webp::clean(&photo.bytes)?)
        }
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => return Err(PhotoError::Heic),
        _ => return Err(PhotoError::NotAPhoto),
    };
    let file = Attachment {
        name: name(&photo.name, ending),
        media: media.to_owned(),
        size: bytes.len() as u64,
        hash: sha256_hex(&bytes),
    };
    Ok(Clean { file, bytes })
}

/// The last part of a path, without what a file system or a terminal would stumble over, with the ending of its kind.
fn name(typed: &str, ending: &str) -> String {
    let last = typed.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let plain: String = stem
        .chars()
        .filter(|letter| !letter.is_control() && !is_unseen(*letter) && !r#"<>:"|?*"#.contains(*letter))
        .take(NAME)
        .collect();
    let plain = plain.trim_matches(['.', ' ']);
    format!("{}.{ending}", if plain.is_empty() { "anh" } else { plain })
}

/// Letters that turn the direction of what is read, or are not seen at all.
fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Bytes of a slice, or the photo is damaged.
fn bytes(of: &[u8], at: usize, length: usize) -> Result<&[u8], PhotoError> {
    let end = at.checked_add(length).ok_or(PhotoError::Damaged)?;
    of.get(at..end).ok_or(PhotoError::Damaged)
}
