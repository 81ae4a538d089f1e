//! WebP (RFC 9649): the picture's chunks are copied; Exif, XMP, colour profile and unknown chunks are left out.

use super::{PhotoError, bytes, exif};

/// Flags of `VP8X` that say what follows: animation, Exif, XMP, colour profile.
const MOVING: u8 = 0x02;
const WITH_EXIF: u8 = 0x08;
const OTHERS: u8 = 0x04 | 0x20;

pub(super) fn clean(of: &[u8]) -> Result<Vec<u8>, PhotoError> {
    let (mut at, mut up, mut has_picture) = (12, None, false);
    let mut chunks: Vec<u8> = Vec::with_capacity(of.len());
    let mut extended = None;
    let end = usize::try_from(long(of, 4)?).map_err(|_| PhotoError::Damaged)?;
    let of = of.get(..end.checked_add(8).ok_or(PhotoError::Damaged)?).ok_or(PhotoError::Damaged)?;
    while at < of.len() {
        let name = bytes(of, at, 4)?;
        let length = usize::try_from(long(of, at + 4)?).map_err(|_| PhotoError::Damaged)?;
        let inner = bytes(of, at + 8, length)?;
        // An odd chunk is padded; some writers leave out the last one's.
        at = at.saturating_add(8).saturating_add(length).saturating_add(length % 2);
        match name {
            b"ANIM" | b"ANMF" => return Err(PhotoError::Moving),
            b"EXIF" => up = exif::orientation(inner.strip_prefix(b"Exif\0\0").unwrap_or(inner)),
            b"VP8X" => {
                let [flags, .., _] = inner else { return Err(PhotoError::Damaged) };
                if flags & MOVING != 0 {
                    return Err(PhotoError::Moving);
                }
                if inner.len() != 10 || !chunks.is_empty() {
                    return Err(PhotoError::Damaged);
                }
                extended = Some(flags & !(WITH_EXIF | OTHERS));
                add(&mut chunks, name, inner);
            }
            b"VP8 " | b"VP8L" if !has_picture => {
                has_picture = true;
                add(&mut chunks, name, inner);
            }
            b"ALPH" if extended.is_some() && !has_picture => add(&mut chunks, name, inner),
            _ => {}
        }
    }
    if !has_picture {
        return Err(PhotoError::Damaged);
    }
    if let (Some(flags), Some(place)) = (extended, chunks.get_mut(8)) {
        *place = flags | if up.is_some() { WITH_EXIF } else { 0 };
        if let Some(up) = up {
            add(&mut chunks, b"EXIF", &exif::saying(up));
        }
    }
    let size = u32::try_from(chunks.len() + 4).map_err(|_| PhotoError::TooLarge)?;
    let mut out = b"RIFF".to_vec();
    out.extend(size.to_le_bytes());
    out.extend(b"WEBP");
    out.extend(chunks);
    Ok(out)
}

fn add(chunks: &mut Vec<u8>, name: &[u8], inner: &[u8]) {
    chunks.extend(name);
    chunks.extend(u32::try_from(inner.len()).unwrap_or(0).to_le_bytes());
    chunks.extend(inner);
    if inner.len() % 2 == 1 {
        chunks.push(0);
    }
}

fn long(of: &[u8], at: usize) -> Result<u32, PhotoError> {
    let four: [u8; 4] = bytes(of, at, 4)?.try_into().map_err(|_| PhotoError::Damaged)?;
    Ok(u32::from_le_bytes(four))
}
