//! The words of a document around a hit, as they are written there, with what was looked for marked.

use serde::Serialize;

use super::{
    exact::Spelling,
    fold::{Word, words},
};

/// Words in a snippet.
const LENGTH: usize = 28;
/// Words before the first hit, so that one can read into it.
const BEFORE: usize = 6;

/// Two letters begin half of all words: they are found, and not marked.
const SHORTEST_BEGINNING: usize = 3;

/// A run of text that is looked for, or is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    pub text: String,
    pub hit: bool,
}

/// Whether a word of a text is one of those looked for; the last of these counts as a beginning.
fn is_hit(text: &str, word: &Word, looked_for: &[String], exact: &Spelling) -> Option<usize> {
    if exact.differs(text, word) {
        return None;
    }
    let last = looked_for.len().saturating_sub(1);
    looked_for.iter().enumerate().position(|(at, wanted)| {
        let begun = at == last && wanted.len() >= SHORTEST_BEGINNING;
        word.folded == *wanted || (begun && word.folded.starts_with(wanted.as_str()))
    })
}

/// The whole text with the hits marked.
pub(super) fn marked(text: &str, looked_for: &[String], exact: &Spelling) -> Vec<Part> {
    let hits = words(text).filter(|word| is_hit(text, word, looked_for, exact).is_some());
    parts(text, 0, text.len(), hits)
}

/// The part of the text where the most different words stand; empty where none does.
pub(super) fn around(text: &str, looked_for: &[String], exact: &Spelling) -> Vec<Part> {
    let all: Vec<Word> = words(text).collect();
    let hits: Vec<(usize, usize)> = all
        .iter()
        .enumerate()
        .filter_map(|(at, word)| Some((at, is_hit(text, word, looked_for, exact)?)))
        .collect();
    let Some((first, _)) = best(&hits, looked_for.len()) else { return Vec::new() };
    let from = if all.len() <= LENGTH { 0 } else { first.saturating_sub(BEFORE) };
    let window = all.iter().skip(from).take(LENGTH);
    let start = if from == 0 { 0 } else { all.get(from).map_or(0, |word| word.start) };
    let whole = text.trim_end().len();
    let cut = all.len() > from + LENGTH;
    let end = if cut { window.clone().next_back().map_or(whole, |word| word.end) } else { whole };
    let marked = window.filter(|word| is_hit(text, word, looked_for, exact).is_some()).cloned();
    let mut out = parts(text, start, end, marked);
    for part in &mut out {
        part.text = part.text.replace('\n', " ");
    }
    if from > 0 {
        out.insert(0, Part { text: "… ".to_owned(), hit: false });
    }
    if cut {
        out.push(Part { text: " …".to_owned(), hit: false });
    }
    out
}

/// The hit after which, within a window, the most different words follow; and how many.
fn best(hits: &[(usize, usize)], wanted: usize) -> Option<(usize, usize)> {
    let reach = LENGTH - BEFORE;
    let different = |from: usize| {
        let mut seen = vec![false; wanted];
        let near = hits
            .iter()
            .skip(from)
            .take_while(|(at, _)| hits.get(from).is_some_and(|(first, _)| at - first < reach));
        for (_, word) in near {
            if let Some(seen) = seen.get_mut(*word) {
                *seen = true;
            }
        }
        seen.into_iter().filter(|seen| *seen).count()
    };
    let scored = hits.iter().enumerate().map(|(from, (at, _))| (*at, different(from)));
    scored.reduce(|best, next| if next.1 > best.1 { next } else { best })
}

/// Cuts `text[start..end]` at the hits; hits with nothing but space between them are one.
fn parts(text: &str, start: usize, end: usize, hits: impl Iterator<Item = Word>) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::new();
    let mut at = start;
    let mut push = |from: usize, to: usize, hit: bool| {
        let Some(text) = text.get(from..to).filter(|text| !text.is_empty()) else { return };
        match out.as_mut_slice() {
            [.., before, gap] if hit && before.hit && gap.text.trim().is_empty() => {
                before.text = format!("{}{}{text}", before.text, gap.text);
                out.pop();
            }
            _ => out.push(Part { text: text.to_owned(), hit }),
        }
    };
    for hit in hits {
        push(at, hit.start, false);
        push(hit.start, hit.end, true);
        at = hit.end;
    }
    push(at, end, false);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(parts: &[Part]) -> String {
        parts
            .iter()
            .map(|part| if part.hit { format!("[{}]", part.text) } else { part.text.clone() })
            .collect()
    }

    fn around(text: &str, looked_for: &[String]) -> Vec<Part> {
        super::around(text, looked_for, &Spelling::default())
    }

    fn marked(text: &str, looked_for: &[String]) -> Vec<Part> {
        super::marked(text, looked_for, &Spelling::default())
    }

    fn wanted(typed: &str) -> Vec<String> {
        words(typed).map(|word| word.folded).collect()
    }

    #[test]
    fn the_words_stand_as_they_are_written_and_are_marked() {
        let text = "Toàn Đảng bộ tham gia vệ sinh Hà Nội, thành phố hoà bình.";
        assert_eq!(
            written(&around(text, &wanted("ha noi"))),
            "Toàn Đảng bộ tham gia vệ sinh [Hà Nội], thành phố hoà bình."
        );
        assert_eq!(
            written(&marked(text, &wanted("hòa bin"))),
            "Toàn Đảng bộ tham gia vệ sinh Hà Nội, thành phố [hoà bình]."
        );
        assert_eq!(around(text, &wanted("khong co")), []);
    }

    #[test]
    fn a_long_text_is_shown_where_most_words_stand_together() {
        let text =
            format!("Nước. {} Trồng rừng đầu nguồn nước Khe Nước. {}", "chữ ".repeat(60), "chữ ".repeat(60));
        let shown = written(&around(&text, &wanted("trong rung nuoc")));
        assert!(shown.starts_with("… chữ chữ"), "{shown}");
        assert!(shown.contains("[Trồng rừng] đầu nguồn [nước] Khe [Nước]"), "{shown}");
        assert!(shown.ends_with(" …"), "{shown}");
    }

    #[test]
    fn decomposed_text_is_cut_between_letters_and_not_within() {
        use unicode_normalization::UnicodeNormalization;
        let text: String = "đồng chí Hòa".nfd().collect();
        let shown: String = written(&marked(&text, &wanted("hoa"))).nfc().collect();
        assert_eq!(shown, "đồng chí [Hòa]");
    }
}
