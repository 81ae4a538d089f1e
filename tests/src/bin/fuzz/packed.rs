//! A zip with one of its parts bent.

use std::io::{Cursor, Read, Write};

use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// Larger parts are left as they are.
const MAX_PART: u64 = 256 * 1024;
const MAX_PARTS: usize = 64;

/// `None` where it is no zip that can be taken apart, or not one that fits again. Parts are stored as they are, so
/// that the next bend finds them so.
pub(crate) fn bent(
    bytes: &[u8],
    seed: u32,
    max: usize,
    bend: impl FnOnce(&mut [u8], usize, usize) -> usize,
) -> Option<Vec<u8>> {
    let mut parts = parts(bytes)?;
    let chosen = usize::try_from(seed).ok()?.checked_rem(parts.len())?;
    let (_, part) = parts.get_mut(chosen)?;
    let length = part.len();
    let most = length + 64.max(length / 8);
    part.resize(most, 0);
    let length = bend(part, length, most);
    part.truncate(length);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, part) in &parts {
        zip.start_file(name.as_str(), stored).ok()?;
        zip.write_all(part).ok()?;
    }
    let packed = zip.finish().ok()?.into_inner();
    (packed.len() <= max).then_some(packed)
}

fn parts(bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut parts = Vec::new();
    for place in 0..zip.len().min(MAX_PARTS) {
        let file = zip.by_index(place).ok()?;
        let name = file.name().ok()?.into_owned();
        let mut part = Vec::new();
        // A part with a broken checksum keeps what was read of it.
        let _ = file.take(MAX_PART).read_to_end(&mut part);
        if name.ends_with(".xml") || name.ends_with(".rels") {
            parts.push((name, part));
        }
    }
    Some(parts)
}
