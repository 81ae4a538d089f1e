//! JPEG (ITU-T T.81): frame, tables and scans are copied; of the application segments none but the fourteen bytes by
//! which Adobe's programs say how colours were coded, and an own one that says which side is up. What stands behind
//! the picture's end (a film, a second picture, a maker's notes) is left out.

use super::{PhotoError, bytes, exif};

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP1: u8 = 0xe1;
const APP14: u8 = 0xee;
const EXIF: &[u8] = b"Exif\0\0";

pub(super) fn clean(of: &[u8]) -> Result<Vec<u8>, PhotoError> {
    let mut picture = Vec::with_capacity(of.len());
    let (mut at, mut up, mut scans) = (2, None, 0_u32);
    loop {
        let (marker, after) = marker(of, at)?;
        at = after;
        match marker {
            EOI if scans > 0 => break,
            // Restart marks stand inside a scan alone, and a picture does not begin twice.
            0x01 | SOI | EOI | 0xd0..=0xd7 => return Err(PhotoError::Damaged),
            _ => {}
        }
        let length: [u8; 2] = bytes(of, at, 2)?.try_into().map_err(|_| PhotoError::Damaged)?;
        let length = usize::from(u16::from_be_bytes(length));
        let segment = bytes(of, at, length)?;
        let inner = segment.get(2..).ok_or(PhotoError::Damaged)?;
        at += length;
        match marker {
            APP1 if inner.starts_with(EXIF) && up.is_none() => {
                up = inner.get(EXIF.len()..).and_then(exif::orientation);
            }
            APP14 if inner.starts_with(b"Adobe") && inner.len() >= 12 => {
                picture.extend([0xff, APP14, 0, 14]);
                picture.extend(bytes(inner, 0, 12)?);
            }
            // DHT, SOF0 to SOF15, DAC, SOS, DQT, DNL, DRI, DHP, EXP.
            0xc0..=0xcf | SOS..=0xdf => {
                picture.extend([0xff, marker]);
                picture.extend(segment);
            }
            // Other application segments, comments, and what no decoder knows.
            _ => {}
        }
        if marker == SOS {
            let scan = scan(of, at)?;
            picture.extend(scan);
            at += scan.len();
            scans += 1;
        }
    }
    Ok(whole(&picture, up))
}

fn whole(picture: &[u8], up: Option<u16>) -> Vec<u8> {
    let mut out = vec![0xff, SOI];
    if let Some(up) = up {
        let tiff = exif::saying(up);
        let length = u16::try_from(2 + EXIF.len() + tiff.len()).unwrap_or(0);
        out.extend([0xff, APP1]);
        out.extend(length.to_be_bytes());
        out.extend(EXIF);
        out.extend(tiff);
    }
    out.extend(picture);
    out.extend([0xff, EOI]);
    out
}

/// The marker at `at`, any number of fill bytes before it, and where it ends.
fn marker(of: &[u8], at: usize) -> Result<(u8, usize), PhotoError> {
    let rest = of.get(at..).ok_or(PhotoError::Damaged)?;
    let fill = rest.iter().take_while(|byte| **byte == 0xff).count();
    match rest.get(fill) {
        Some(marker) if fill > 0 && *marker != 0 => Ok((*marker, at + fill + 1)),
        _ => Err(PhotoError::Damaged),
    }
}

/// The entropy-coded bytes of a scan, up to the next marker that is not a restart.
fn scan(of: &[u8], at: usize) -> Result<&[u8], PhotoError> {
    let rest = of.get(at..).ok_or(PhotoError::Damaged)?;
    let mut pairs = rest.windows(2).enumerate();
    let ends = |pair: &[u8]| matches!(pair, [0xff, marker] if !matches!(marker, 0 | 0xd0..=0xd7 | 0xff));
    let end = pairs.find(|(_, pair)| ends(pair)).ok_or(PhotoError::Damaged)?;
    bytes(rest, 0, end.0)
}
