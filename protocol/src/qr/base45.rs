//! Bytes in the forty-five letters of a QR code's alphanumeric mode (RFC 9285).

const LETTERS: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

pub(super) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(2) * 3);
    for pair in bytes.chunks(2) {
        let (mut value, letters) = match pair {
            [one, other] => (u32::from(*one) * 256 + u32::from(*other), 3),
            _ => (pair.iter().map(|one| u32::from(*one)).sum(), 2),
        };
        for _ in 0..letters {
            let letter = LETTERS.get((value % 45) as usize).copied().unwrap_or_default();
            out.push(char::from(letter));
            value /= 45;
        }
    }
    out
}

/// `None` where it is not exactly what [`encode`] gives for some bytes.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let values: Option<Vec<u32>> = text
        .bytes()
        .map(|byte| LETTERS.iter().position(|letter| *letter == byte).and_then(|at| u32::try_from(at).ok()))
        .collect();
    let mut out = Vec::with_capacity(text.len() / 3 * 2 + 1);
    for group in values?.chunks(3) {
        match group {
            [one, two, three] => {
                let value = u16::try_from(one + 45 * two + 45 * 45 * three).ok()?;
                out.extend(value.to_be_bytes());
            }
            [one, two] => out.push(u8::try_from(one + 45 * two).ok()?),
            _ => return None,
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc() {
        for (bytes, text) in [
            (&b"AB"[..], "BB8"),
            (b"Hello!!", "%69 VD92EX0"),
            (b"base-45", "UJCLQE7W581"),
            (b"ietf!", "QED8WEX0"),
            (b"", ""),
        ] {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).as_deref(), Some(bytes));
        }
        for bad in ["GGX", "A", "abc", ":::", "ZZ", "BB8B"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
