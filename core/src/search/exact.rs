//! Words as they were typed, with their marks: what stands so comes before what only folds to the same.
//!
//! Who types «môi trường» means it, and not «mỗi trường»; who types "moi truong" may mean either.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::fold::{Word, words};

/// The words of a query that bear marks, in one spelling.
#[derive(Debug, Default)]
pub(super) struct Spelling {
    /// Each with its folded form.
    marked: BTreeSet<(String, String)>,
}

impl Spelling {
    pub(super) fn of(typed: &str) -> Self {
        let spelled = words(typed).map(|word| (spelling(typed, &word), word.folded));
        Self { marked: spelled.filter(|(spelled, folded)| spelled != folded).collect() }
    }

    pub(super) fn has_marks(&self) -> bool {
        !self.marked.is_empty()
    }

    /// Whether every word with marks stands in the texts with just these.
    pub(super) fn stands_in<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        let mut missing: BTreeSet<&str> = self.marked.iter().map(|(spelled, _)| spelled.as_str()).collect();
        for text in texts {
            if missing.is_empty() {
                return true;
            }
            for word in words(text) {
                if self.marked.iter().any(|(_, folded)| word.folded == *folded) {
                    missing.remove(spelling(text, &word).as_str());
                }
            }
        }
        missing.is_empty()
    }

    /// Whether the word of a text is spelled otherwise than the same word of the query.
    pub(super) fn differs(&self, text: &str, word: &Word) -> bool {
        let mut same = self.marked.iter().filter(|(_, folded)| *folded == word.folded).peekable();
        same.peek().is_some() && {
            let spelled = spelling(text, word);
            same.all(|(marked, _)| *marked != spelled)
        }
    }
}

/// A word in lower case with its tone at its end: the same however it is composed and wherever the tone mark
/// stands (hoà, hòa).
fn spelling(text: &str, word: &Word) -> String {
    const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];
    let written = text.get(word.start..word.end).unwrap_or_default();
    let letters: Vec<char> = written.nfd().flat_map(char::to_lowercase).collect();
    let (tones, mut base): (Vec<char>, Vec<char>) =
        letters.into_iter().partition(|letter| TONES.contains(letter));
    base.extend(tones);
    base.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_with_marks_is_meant_with_them() {
        let typed = Spelling::of("vệ sinh MÔI trường");
        assert!(typed.stands_in(["Vệ sinh môi trường nông thôn"]));
        assert!(typed.stands_in(["Vệ sinh", "môi trường"]));
        assert!(!typed.stands_in(["Về sinh hoạt mới ở mỗi trường"]));
        assert!(Spelling::of("hoà").stands_in(["Lê Thị Hòa"]), "both styles of tone marks are one");
        assert!(!Spelling::of("ve sinh").has_marks());
        assert!(Spelling::of("ve sinh").stands_in(["bất kỳ"]));
    }
}
