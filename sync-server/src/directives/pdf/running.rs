//! What stands on every page and is no part of the text: page numbers, headers, footers.

use std::collections::BTreeMap;

use super::layout::Laid;

/// Lines looked at, from the top and from the bottom.
const LINES: usize = 2;
/// How near to the edge they stand, as part of the height.
const EDGE: f32 = 0.11;
/// How far the same header may stand apart on two pages, in points.
const SAME_HEIGHT: f32 = 4.0;

/// Takes them out; each is handed on once, for a stamp may stand there.
pub(super) fn take(pages: &mut [Laid]) -> Vec<String> {
    let mut taken: Vec<String> = Vec::new();
    for page in pages.iter_mut() {
        // What the file itself calls furniture, and what can be nothing else.
        let height = page.height;
        page.rows.retain_mut(|row| {
            let edge = row.first().is_some_and(|line| is_at_edge(line.baseline, height));
            let text: Vec<String> = row.iter().map(super::line::Line::text).collect();
            if edge && is_page_number(&text.join(" ")) {
                return false;
            }
            row.retain(|line| {
                if line.furniture {
                    keep(&mut taken, &line.text());
                }
                !line.furniture
            });
            !row.is_empty()
        });
    }
    let repeated = repeated(pages);
    for page in pages.iter_mut() {
        let height = page.height;
        page.rows.retain(|row| {
            let text = row_text(row);
            let at = row.first().map(|line| line.baseline).unwrap_or_default();
            let runs = repeated
                .get(&shape(&text))
                .is_some_and(|heights| heights.iter().any(|known| (known - at).abs() <= SAME_HEIGHT));
            if runs && is_at_edge(at, height) {
                keep(&mut taken, &text);
                return false;
            }
            true
        });
    }
    taken
}

fn keep(taken: &mut Vec<String>, text: &str) {
    const MOST: usize = 1_000;
    let text = text.trim();
    if !text.is_empty() && taken.len() < MOST && !taken.iter().any(|known| known == text) {
        taken.push(text.to_owned());
    }
}

fn row_text(row: &[super::line::Line]) -> String {
    let texts: Vec<String> = row.iter().map(super::line::Line::text).collect();
    texts.join("\t")
}

fn is_at_edge(at: f32, height: f32) -> bool {
    at < height * EDGE || at > height * (1.0 - EDGE)
}

/// `2`, `- 2 -`, `Trang 2/10`, `2 / 10`.
fn is_page_number(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let text = text.strip_prefix("trang").unwrap_or(&text);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (1..=8).contains(&digits)
        && text
            .chars()
            .all(|letter| letter.is_ascii_digit() || matches!(letter, ' ' | '-' | '–' | '/' | '|' | '.'))
        && text.split(|letter: char| !letter.is_ascii_digit()).filter(|part| !part.is_empty()).count() <= 2
        && !text.contains('.')
}

/// With figures as one sign, for a header may count.
fn shape(text: &str) -> String {
    let mut shape = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            _ if letter.is_ascii_digit() => {
                if !shape.ends_with('#') {
                    shape.push('#');
                }
            }
            ' ' | '\t' => {}
            letter => shape.push(letter),
        }
    }
    shape
}

/// Lines at the edge of at least three pages, or of both of two, always at one height.
fn repeated(pages: &[Laid]) -> BTreeMap<String, Vec<f32>> {
    let mut seen: BTreeMap<String, Vec<(f32, usize)>> = BTreeMap::new();
    for page in pages {
        let count = page.rows.len();
        let edges = page.rows.iter().enumerate().filter(|(at, _)| *at < LINES || at + LINES >= count);
        for (_, row) in edges {
            let at = row.first().map(|line| line.baseline).unwrap_or_default();
            if !is_at_edge(at, page.height) {
                continue;
            }
            let heights = seen.entry(shape(&row_text(row))).or_default();
            match heights.iter_mut().find(|(known, _)| (known - at).abs() <= SAME_HEIGHT) {
                Some((_, count)) => *count += 1,
                None => heights.push((at, 1)),
            }
        }
    }
    let enough = if pages.len() <= 3 { pages.len().max(2) } else { 3.max(pages.len() / 4) };
    seen.into_iter()
        .filter(|(shape, _)| !shape.is_empty())
        .map(|(shape, heights)| {
            let often = heights.into_iter().filter(|(_, count)| *count >= enough);
            (shape, often.map(|(at, _)| at).collect::<Vec<_>>())
        })
        .filter(|(_, heights)| !heights.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_numbers_are_known_in_the_ways_they_are_written() {
        for text in ["2", "- 2 -", "Trang 2/10", "12 / 40", "2 | 10"] {
            assert!(is_page_number(text), "{text}");
        }
        for text in ["", "-", "I", "Điều 2", "1. 2", "03/12/2025", "2.000", "123456789"] {
            assert!(!is_page_number(text), "{text}");
        }
    }
}
