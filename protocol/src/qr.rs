//! What a QR holds: a prefix that says what it is, and bytes in base45 (RFC 9285), which a QR packs as letters and digits:
//! a third smaller than base64. Read from a photograph or typed, so nothing in it is taken for granted.
//!
//! The last letter of base45 is never its space, so a text may be trimmed.

/// No payload is longer; a QR that an old phone's camera reads from a hand's breadth is shorter still.
pub const LONGEST: usize = 1024;

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// What a QR of ours is for, with the version of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// On a printed directive.
    Directive,
    /// On the secretary's screen, for the members' check-in.
    CheckIn,
    /// On a member's screen, for the secretary.
    Pass,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Directive, Self::CheckIn, Self::Pass];

    /// Letters that a QR packs like the rest.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Directive => "SOTAY:D1:",
            Self::CheckIn => "SOTAY:C1:",
            Self::Pass => "SOTAY:P1:",
        }
    }

    /// What a scanned text is; `None` for what is none of ours, or of a newer version.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        Self::ALL.into_iter().find(|kind| text.starts_with(kind.prefix()))
    }

    #[must_use]
    pub fn write(self, bytes: &[u8]) -> String {
        let mut text = String::from(self.prefix());
        for pair in bytes.chunks(2) {
            match pair {
                [high, low] => push(&mut text, u32::from(*high) * 256 + u32::from(*low), 3),
                [one] => push(&mut text, u32::from(*one), 2),
                _ => {}
            }
        }
        text
    }

    /// The bytes of a scanned text of this kind. Two texts with the same bytes are the same text.
    #[must_use]
    pub fn read(self, text: &str) -> Option<Vec<u8>> {
        let letters = text.trim().strip_prefix(self.prefix())?.as_bytes();
        if letters.len() > LONGEST / 2 * 3 {
            return None;
        }
        let mut bytes = Vec::with_capacity(letters.len() / 3 * 2 + 1);
        for group in letters.chunks(3) {
            let number = value(group)?;
            match group.len() {
                3 => bytes.extend(u16::try_from(number).ok()?.to_be_bytes()),
                2 => bytes.push(u8::try_from(number).ok()?),
                _ => return None,
            }
        }
        Some(bytes)
    }
}

fn push(text: &mut String, mut number: u32, letters: usize) {
    for _ in 0..letters {
        let place = usize::try_from(number % 45).unwrap_or_default();
        text.push(ALPHABET.get(place).copied().map_or('0', char::from));
        number /= 45;
    }
}

/// The first letter counts least.
fn value(letters: &[u8]) -> Option<u32> {
    letters.iter().rev().try_fold(0, |number, letter| {
        let place = ALPHABET.iter().position(|known| known == letter)?;
        Some(number * 45 + u32::try_from(place).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_examples_of_rfc_9285() {
        for (words, letters) in [("AB", "BB8"), ("Hello!!", "%69 VD92EX0"), ("base-45", "UJCLQE7W581")] {
            let text = format!("SOTAY:D1:{letters}");
            assert_eq!(Kind::Directive.write(words.as_bytes()), text);
            assert_eq!(Kind::Directive.read(&text).as_deref(), Some(words.as_bytes()));
        }
    }

    #[test]
    fn what_is_no_text_of_ours_is_none() {
        let pass = Kind::Pass.write(b"pass");
        assert_eq!(Kind::of(&format!(" {pass}\n")), Some(Kind::Pass));
        assert_eq!(Kind::CheckIn.read(&pass), None, "another kind");
        assert_eq!(Kind::of("SOTAY:P2:00"), None, "a newer version");
        for letters in [":::", "GGW", "A", "ABCD", "::", "abc", "ĐĐĐ", "0,0"] {
            assert_eq!(Kind::Pass.read(&format!("SOTAY:P1:{letters}")), None, "{letters}");
        }
        assert_eq!(Kind::Pass.read(&Kind::Pass.write(&[0; LONGEST + 2])), None, "longer than any");
    }

    proptest! {
        #[test]
        fn bytes_come_back_and_each_has_one_text(bytes in proptest::collection::vec(any::<u8>(), 0..200), letters in "[0-9A-Z $%*+./:-]{0,60}") {
            let text = Kind::CheckIn.write(&bytes);
            prop_assert_eq!(text.trim(), &text);
            prop_assert_eq!(Kind::CheckIn.read(&text), Some(bytes));
            let text = format!("SOTAY:C1:{letters}");
            if let Some(bytes) = Kind::CheckIn.read(&text) {
                prop_assert_eq!(Kind::CheckIn.write(&bytes), text.trim());
            }
        }
    }
}
