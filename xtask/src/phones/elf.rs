//! How a library wants to be laid into memory: the alignment that its loaded parts ask for.

/// The smallest alignment of what is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Loaded {
    pub(super) bits: u32,
    pub(super) align: u64,
}

const LOAD: u64 = 1;

/// `None` for what is no little-endian ELF, or loads nothing.
pub(super) fn alignment(of: &[u8]) -> Option<Loaded> {
    let wide = match of.get(..6)? {
        [0x7f, b'E', b'L', b'F', 2, 1] => true,
        [0x7f, b'E', b'L', b'F', 1, 1] => false,
        _ => return None,
    };
    let number = |at: usize, bytes: usize| -> Option<u64> {
        let field = of.get(at..at.checked_add(bytes)?)?;
        Some(field.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    };
    let place = |at| usize::try_from(at).ok();
    // Program headers: where they begin, how long each is, how many there are.
    let (begin, size, count) = if wide {
        (number(0x20, 8)?, number(0x36, 2)?, number(0x38, 2)?)
    } else {
        (number(0x1c, 4)?, number(0x2a, 2)?, number(0x2c, 2)?)
    };
    let mut smallest = None;
    for index in 0..count {
        let at = place(begin.checked_add(index.checked_mul(size)?)?)?;
        if number(at, 4)? == LOAD {
            let align = if wide { number(at + 0x30, 8)? } else { number(at + 0x1c, 4)? };
            smallest = Some(smallest.map_or(align, |least: u64| least.min(align)));
        }
    }
    Some(Loaded { bits: if wide { 64 } else { 32 }, align: smallest? })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A file with one loaded part of this alignment and nothing else.
    pub(crate) fn library(bits: u32, align: u64) -> Vec<u8> {
        let wide = bits == 64;
        let mut out = vec![0; 0x40];
        out[..6].copy_from_slice(&[0x7f, b'E', b'L', b'F', if wide { 2 } else { 1 }, 1]);
        let (begin, size, count) = if wide { (0x20, 0x36, 0x38) } else { (0x1c, 0x2a, 0x2c) };
        (out[begin], out[size], out[count]) = (0x40, 0x38, 1);
        let mut part = vec![0; 0x38];
        part[0] = 1;
        let at = if wide { 0x30 } else { 0x1c };
        part[at..at + 4].copy_from_slice(&u32::try_from(align).unwrap().to_le_bytes());
        out.extend(part);
        out
    }

    #[test]
    fn the_alignment_is_read_out_of_the_file() {
        assert_eq!(alignment(&library(64, 16_384)), Some(Loaded { bits: 64, align: 16_384 }));
        assert_eq!(alignment(&library(32, 4_096)), Some(Loaded { bits: 32, align: 4_096 }));
        assert_eq!(alignment(b"\x7fELF"), None);
        let cut = library(64, 4_096);
        assert_eq!(alignment(&cut[..0x50]), None);
        #[cfg(all(target_os = "linux", target_endian = "little"))]
        assert!(alignment(&std::fs::read("/proc/self/exe").unwrap()).is_some());
    }
}
