//! PNG (ISO/IEC 15948): the chunks without which the picture would look otherwise are copied; texts, times, profiles
//! with a device's name and whatever no decoder needs are left out.

use super::{PhotoError, bytes, exif};

const KEPT: [&[u8; 4]; 10] =
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"cICP"];

pub(super) fn clean(of: &[u8]) -> Result<Vec<u8>, PhotoError> {
    let mut out = bytes(of, 0, 8)?.to_vec();
    let (mut at, mut up, mut has_picture) = (8, None, false);
    let mut after_head = 0;
    loop {
        let head: [u8; 8] = bytes(of, at, 8)?.try_into().map_err(|_| PhotoError::Damaged)?;
        let ([a, b, c, d, ..], name) = (head, bytes(&head, 4, 4)?);
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).map_err(|_| PhotoError::Damaged)?;
        let inner = bytes(of, at + 8, length)?;
        let chunk = bytes(of, at, length.checked_add(12).ok_or(PhotoError::Damaged)?)?;
        if (at == 8) != (name == b"IHDR") {
            return Err(PhotoError::Damaged);
        }
        at += chunk.len();
        match name {
            b"acTL" => return Err(PhotoError::Moving),
            b"eXIf" => up = exif::orientation(inner),
            _ if KEPT.iter().any(|kept| *kept == name) => out.extend(chunk),
            _ => {}
        }
        has_picture |= name == b"IDAT";
        if name == b"IHDR" {
            after_head = out.len();
        }
        if name == b"IEND" {
            break;
        }
    }
    if !has_picture {
        return Err(PhotoError::Damaged);
    }
    if let Some(up) = up {
        out.splice(after_head..after_head, chunk(b"eXIf", &exif::saying(up)));
    }
    Ok(out)
}

fn chunk(name: &[u8; 4], inner: &[u8]) -> Vec<u8> {
    let mut named = name.to_vec();
    named.extend(inner);
    let mut out = u32::try_from(inner.len()).unwrap_or(0).to_be_bytes().to_vec();
    out.extend(&named);
    out.extend(checksum(&named).to_be_bytes());
    out
}

/// CRC-32 as annex D of the standard has it; over two dozen bytes no table is worth it.
fn checksum(of: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in of {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
        }
    }
    !sum
}
