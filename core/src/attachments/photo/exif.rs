//! Of what a camera writes, one thing is kept: which side of the picture is up.

/// The value of the tag `Orientation` (TIFF 6.0, section 8) for a picture that is as it should be.
const UPRIGHT: u16 = 1;

/// Which side is up, from a TIFF structure; `None` where the picture is upright or nothing sensible is said.
pub(super) fn orientation(tiff: &[u8]) -> Option<u16> {
    let little = match tiff.get(..4)? {
        [b'I', b'I', 42, 0] => true,
        [b'M', b'M', 0, 42] => false,
        _ => return None,
    };
    let short = |at: usize| -> Option<u16> {
        let pair: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    };
    let long = |at: usize| -> Option<u32> {
        let four: [u8; 4] = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
    };
    let first = usize::try_from(long(4)?).ok()?;
    let count = usize::from(short(first)?);
    let mut entries = (0..count).map(|nth| first.checked_add(2 + nth * 12));
    let of = entries.find_map(|at| at.filter(|at| short(*at) == Some(0x0112)))?;
    // One value of the type SHORT stands in the entry itself.
    let value = (short(of + 2)? == 3).then(|| short(of + 8)).flatten()?;
    (UPRIGHT + 1..=8).contains(&value).then_some(value)
}

/// A TIFF structure that says this and nothing else.
pub(super) fn saying(orientation: u16) -> Vec<u8> {
    let [high, low] = orientation.to_be_bytes();
    let mut tiff = vec![b'M', b'M', 0, 42, 0, 0, 0, 8, 0, 1];
    tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, high, low, 0, 0]);
    tiff.extend([0, 0, 0, 0]);
    tiff
}
