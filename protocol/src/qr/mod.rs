//! What our QR codes carry, and how they are drawn. Every one begins by saying what it is and in which form, so that a phone
//! that reads another's knows to ask for an update and not to call it damaged.
//!
//! `SOTAY:P1:…:` in letters that the alphanumeric mode packs two to eleven bits: a third smaller on paper than bytes
//! in base 64.

mod base45;
mod squares;

pub use self::squares::Squares;

const OURS: &str = "SOTAY:";
/// Longer than any QR code of alphanumeric letters.
const LONGEST: usize = 4_400;

/// What a QR code of ours is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// On a printed copy of a directive: [`crate::printed::Printed`].
    Paper,
    /// On the screen of the secretary's device, for check-in.
    CheckIn,
    /// A member's pass, for the secretary.
    Pass,
    /// On a browser's screen, to sign in to the console: [`crate::console::Scanned`].
    SignIn,
}

impl Mark {
    pub const ALL: [Self; 4] = [Self::Paper, Self::CheckIn, Self::Pass, Self::SignIn];

    /// What a scanned text seems to be; `None` for what is none of ours.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let letter = text.trim().strip_prefix(OURS)?.chars().next()?;
        Self::ALL.into_iter().find(|mark| mark.letter() == letter)
    }

    const fn letter(self) -> char {
        match self {
            Self::Paper => 'P',
            Self::CheckIn => 'C',
            Self::Pass => 'T',
            Self::SignIn => 'K',
        }
    }

    const fn form(self) -> u32 {
        match self {
            Self::Paper | Self::CheckIn | Self::Pass | Self::SignIn => 1,
        }
    }
}

/// Why a text is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// Somebody else's code.
    #[error("strange")]
    Strange,
    /// Of this handbook, but for something else.
    #[error("of another kind")]
    OtherKind,
    /// Of a form that a newer app reads.
    #[error("of a newer form")]
    Newer,
    #[error("damaged")]
    Damaged,
}

/// The text of the code that carries `bytes`. It ends in a colon: what trims blanks takes none of it away.
#[must_use]
pub fn written(mark: Mark, bytes: &[u8]) -> String {
    format!("{OURS}{}{}:{}:", mark.letter(), mark.form(), base45::encode(bytes))
}

/// What the code carries.
///
/// # Errors
/// Where it is none, or none for this.
pub fn read(text: &str, mark: Mark) -> Result<Vec<u8>, NotRead> {
    let rest = text.trim().strip_prefix(OURS).filter(|_| text.len() <= LONGEST).ok_or(NotRead::Strange)?;
    let (head, packed) = rest.split_once(':').ok_or(NotRead::Damaged)?;
    let mut letters = head.chars();
    if letters.next() != Some(mark.letter()) {
        return Err(NotRead::OtherKind);
    }
    match letters.as_str().parse::<u32>() {
        // One code is written in one way: neither `P01` nor `P+1` is one.
        Ok(form) if letters.as_str() != form.to_string() => return Err(NotRead::Damaged),
        Ok(form) if form == mark.form() => {}
        Ok(form) if form > mark.form() => return Err(NotRead::Newer),
        _ => return Err(NotRead::Damaged),
    }
    let packed = packed.strip_suffix(':').ok_or(NotRead::Damaged)?;
    base45::decode(packed).ok_or(NotRead::Damaged)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_says_what_it_is() {
        let text = written(Mark::Paper, b"Hello!!");
        assert_eq!(text, "SOTAY:P1:%69 VD92EX0:");
        assert_eq!(read(&format!(" {text}\n"), Mark::Paper), Ok(b"Hello!!".to_vec()));
        assert_eq!(
            (Mark::of(&text), Mark::of("SOTAY:C2:"), Mark::of("SOTAY:Đ")),
            (Some(Mark::Paper), Some(Mark::CheckIn), None)
        );
        let of = |text: &str| read(text, Mark::Paper).unwrap_err();
        assert_eq!(of("https://sotay.xa.vn"), NotRead::Strange);
        assert_eq!(of("SOTAY:M1:%69 VD92EX0:"), NotRead::OtherKind);
        assert_eq!(of("SOTAY:P2:%69 VD92EX0:"), NotRead::Newer);
        for damaged in [
            "SOTAY:P1",
            "SOTAY:P:%69:",
            "SOTAY:P1:%69 VD92EX0",
            "SOTAY:P1:::::",
            "SOTAY:P1:ế:",
            "SOTAY:P01:BB8:",
            "SOTAY:P+1:BB8:",
        ] {
            assert_eq!(of(damaged), NotRead::Damaged, "{damaged}");
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_and_nothing_else_is_written_so(bytes: Vec<u8>) {
            let text = written(Mark::Paper, &bytes);
            prop_assert_eq!(read(&text, Mark::Paper), Ok(bytes));
        }

        #[test]
        fn whatever_a_stranger_writes_is_read_in_one_way(packed in "[0-9A-Z $%*+./:-]{0,40}") {
            if let Some(bytes) = base45::decode(&packed) {
                prop_assert_eq!(base45::encode(&bytes), packed);
            }
        }
    }
}
