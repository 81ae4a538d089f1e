//! Published numbers that look like one that was typed and is none.

use super::FoundDirective;
use crate::{error::ServerError, server::Server};

impl Server {
    /// At most `most` directives whose numbers are nearest to what was typed, the nearest first; of two as near, the
    /// newer one.
    ///
    /// # Errors
    /// The store's.
    pub fn directives_near(&self, typed: &str, most: usize) -> Result<Vec<FoundDirective>, ServerError> {
        let typed = letters(typed);
        let mut found: Vec<_> = self.directives()?;
        found.reverse();
        found.sort_by_cached_key(|of| distance(&typed, &letters(&of.number.to_string())));
        found.truncate(most);
        Ok(found)
    }
}

fn letters(text: &str) -> Vec<char> {
    text.trim().to_uppercase().chars().collect()
}

/// How many letters have to be put in, taken out or exchanged to make one of the other.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.iter().enumerate() {
        let mut left = line + 1;
        let mut row = vec![left];
        for (beside, pair) in other.iter().zip(above.windows(2)) {
            let &[over_left, over] = pair else { continue };
            left = (over_left + usize::from(beside != letter)).min(over + 1).min(left + 1);
            row.push(left);
        }
        above = row;
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_far_apart_as_letters_were_mistyped() {
        for (one, other, expected) in [
            ("17-KH/ĐU", "17-kh/đu", 0),
            ("16-KH/ĐU", "17-KH/ĐU", 1),
            ("17-KH/DU", "17-KH/ĐU", 1),
            ("17-KH", "17-KH/ĐU", 3),
            ("", "17", 2),
        ] {
            assert_eq!(distance(&letters(one), &letters(other)), expected, "{one} {other}");
        }
    }
}
