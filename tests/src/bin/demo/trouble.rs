//! Why the demo cannot go on.

use std::{fmt, io};

#[derive(Debug)]
pub(crate) enum Trouble {
    /// One sentence for the person at the terminal.
    Because(String),
    /// Somebody ended the demo meanwhile, and has said so.
    Ended,
}

pub(crate) fn trouble(sentence: impl Into<String>) -> Trouble {
    Trouble::Because(sentence.into())
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Because(sentence) => f.write_str(sentence),
            Self::Ended => f.write_str("buổi trình diễn đã dừng"),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Because(format!("máy này không cho làm tiếp: {error}"))
    }
}
