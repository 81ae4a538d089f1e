//! What people read: states, refusals, dates and names, in Vietnamese first and in English beside it.
//!
//! The texts stand in the core so that Android, iOS, terminal and console say the same thing the same way.

mod attendance;
mod dates;
mod documents;
mod files;
mod names;
mod refusals;
mod sealed;
mod states;
mod sync;
mod trust;

use sotay_protocol::env::Timestamp;

pub use self::{
    dates::{typed_date, typed_time},
    names::{name_order, title_order},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    #[default]
    Vi,
    En,
}

/// Vietnam has one time and no summer time.
const VIETNAM_MINUTES: i32 = 7 * 60;

/// A language, a moment and a place in which to speak: "today" depends on all three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    pub lang: Lang,
    pub now: Timestamp,
    /// Minutes east of Greenwich.
    pub offset: i32,
    /// A sync goes on. What no answer has come for waits otherwise, and is not said to be on its way.
    pub in_transit: bool,
}

impl Words {
    #[must_use]
    pub fn new(lang: Lang, now: Timestamp) -> Self {
        Self { lang, now, offset: VIETNAM_MINUTES, in_transit: false }
    }

    /// One of two texts.
    #[must_use]
    pub fn say<'a>(&self, vietnamese: &'a str, english: &'a str) -> &'a str {
        match self.lang {
            Lang::Vi => vietnamese,
            Lang::En => english,
        }
    }

    /// `1.234` in Vietnamese, `1,234` in English.
    #[must_use]
    pub fn number(&self, number: u64) -> String {
        let digits = number.to_string();
        let mut out = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push_str(self.say(".", ","));
            }
            out.push(digit);
        }
        out
    }

    /// `3,2 MB`, `42 kB`: below a megabyte nobody asks for tenths.
    #[must_use]
    pub fn size(&self, bytes: u64) -> String {
        let thousands = bytes.div_ceil(1_000);
        if thousands < 1_000 {
            return format!("{thousands} kB");
        }
        let tenths = bytes.saturating_add(50_000) / 100_000;
        format!("{}{}{} MB", self.number(tenths / 10), self.say(",", "."), tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_the_paper() {
        let (vi, en) = (Words::new(Lang::Vi, Timestamp::MIN), Words::new(Lang::En, Timestamp::MIN));
        for (number, written) in [(0, "0"), (999, "999"), (1_234, "1.234"), (12_345_678, "12.345.678")] {
            assert_eq!(vi.number(number), written);
        }
        assert_eq!(en.number(1_234), "1,234");
        for (bytes, written) in
            [(0, "0 kB"), (512, "1 kB"), (41_800, "42 kB"), (999_001, "1,0 MB"), (3_249_000, "3,2 MB")]
        {
            assert_eq!(vi.size(bytes), written);
        }
        assert_eq!(en.size(1_234_560_000), "1,234.6 MB");
    }
}
