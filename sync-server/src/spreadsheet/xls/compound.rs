//! The file system inside an XLS file [MS-CFB], walked to see that it holds together.
//!
//! calamine follows chains of sectors wherever they lead, and in a circle for ever. So they are walked here first, by
//! the same rules, and a file whose chains do not end never comes so far.

/// From here on a sector's number is no number [MS-CFB 2.1].
const RESERVED: u32 = 0xFFFF_FFFA;
const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
const HEADER: usize = 512;
/// Of an entry of the directory.
const ENTRY: usize = 128;
/// Shorter streams share sectors of the root's stream.
const SHORT: usize = 4_096;
const SHORT_SECTOR: usize = 64;

struct Sectors<'a> {
    bytes: &'a [u8],
    size: usize,
    next: Vec<u32>,
}

/// The stream that holds the workbook; None where the file does not hold together or has none.
pub(super) fn workbook(bytes: &[u8]) -> Option<Vec<u8>> {
    let size = match u16_at(bytes, 30)? {
        9 => 512,
        12 => 4_096,
        _ => return None,
    };
    let mut sectors = Sectors { bytes: bytes.get(size.max(HEADER)..)?, size, next: Vec::new() };
    sectors.next = sectors.table(bytes)?;
    let directory = sectors.read(u32_at(bytes, 48)?, usize::MAX)?;
    let entries: Vec<&[u8]> = directory.chunks_exact(ENTRY).collect();
    let root = entries.first()?;
    let small = match u32_at(bytes, 64)? {
        0 => None,
        length => {
            let stream = sectors.read(u32_at(root, 116)?, length_of(root, size)?)?;
            let length = usize::try_from(length).ok()?.checked_mul(size)?;
            Some((stream, numbers(&sectors.read(u32_at(bytes, 60)?, length)?)))
        }
    };
    let named = |name: &str| entries.iter().find(|entry| name_of(entry).eq_ignore_ascii_case(name));
    let entry = named("Workbook").or_else(|| named("Book"))?;
    let (start, length) = (u32_at(entry, 116)?, length_of(entry, size)?);
    let stream = if length >= SHORT {
        sectors.read(start, length)?
    } else {
        let (stream, next) = small?;
        Sectors { bytes: &stream, size: SHORT_SECTOR, next }.read(start, length)?
    };
    // A file that was cut short would else be read as far as it goes, and rows be missing in silence.
    (stream.len() == length).then_some(stream)
}

impl Sectors<'_> {
    /// Which sector follows which, of the whole file.
    fn table(&self, file: &[u8]) -> Option<Vec<u32>> {
        let all = self.bytes.len().div_ceil(self.size);
        let mut parts = numbers(file.get(76..HEADER)?);
        let mut more = u32_at(file, 68)?;
        let mut walked = 0;
        while more < RESERVED {
            walked += 1;
            parts.extend(numbers(self.sector(more)?));
            more = parts.pop()?;
            if walked > all {
                return None;
            }
        }
        parts.retain(|part| *part < RESERVED);
        // Each part of the table has room for `size / 4` sectors; a table twice as large as the file is none.
        if parts.len() > 2 * (all * 4).div_ceil(self.size) + 1 {
            return None;
        }
        let mut table = Vec::new();
        for part in parts {
            table.extend(numbers(self.sector(part)?));
        }
        Some(table)
    }

    fn sector(&self, number: u32) -> Option<&[u8]> {
        let start = usize::try_from(number).ok()?.checked_mul(self.size)?;
        let rest = self.bytes.get(start..)?;
        Some(rest.get(..self.size).unwrap_or(rest))
    }

    /// A chain, of which `length` bytes are meant.
    fn read(&self, start: u32, length: usize) -> Option<Vec<u8>> {
        let mut chain = Vec::new();
        let (mut number, mut walked) = (start, 0);
        while number != END_OF_CHAIN {
            walked += 1;
            if walked > self.next.len() {
                return None;
            }
            chain.extend_from_slice(self.sector(number)?);
            number = *self.next.get(usize::try_from(number).ok()?)?;
        }
        chain.truncate(length);
        Some(chain)
    }
}

fn name_of(entry: &[u8]) -> String {
    let letters = entry.chunks_exact(2).take(32).map(|pair| u16_at(pair, 0).unwrap_or(0));
    String::from_utf16_lossy(&letters.take_while(|letter| *letter != 0).collect::<Vec<_>>())
}

/// Small files have rubbish in the upper half.
fn length_of(entry: &[u8], sector: usize) -> Option<usize> {
    let low = usize::try_from(u32_at(entry, 120)?).ok()?;
    let high = if sector == 512 { 0 } else { usize::try_from(u32_at(entry, 124)?).ok()? };
    high.checked_shl(32)?.checked_add(low)
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).filter_map(|four| u32_at(four, 0)).collect()
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four))
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|two| u16::from_le_bytes(*two))
}
