//! Numbers of items, which Word does not write but counts: “1.”, “a)”, “II.”, “2.3.” [ECMA-376 part 1, 17.9].

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::events::{BytesStart, Event};

use super::DocumentError;
use super::xml::{Reader, attribute};

const LEVELS: usize = 9;

/// Where a paragraph stands in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) number: String,
    pub(super) level: usize,
}

#[derive(Debug, Default)]
pub(super) struct Numbering {
    /// By `abstractNumId`.
    schemes: BTreeMap<String, [Level; LEVELS]>,
    /// By `numId`.
    lists: BTreeMap<String, List>,
    /// How far each scheme has counted, for lists of one scheme count on from one another.
    counts: BTreeMap<String, [Option<i64>; LEVELS]>,
    begun: BTreeSet<String>,
}

#[derive(Debug, Clone)]
struct Level {
    start: u32,
    format: String,
    /// `%1.%2.`
    text: String,
}

impl Default for Level {
    fn default() -> Self {
        Self { start: 1, format: "decimal".into(), text: String::new() }
    }
}

#[derive(Debug, Default)]
struct List {
    scheme: String,
    restarts: BTreeMap<usize, u32>,
}

impl Numbering {
    pub(super) fn read(text: &str) -> Result<Self, DocumentError> {
        let mut reader = Reader::new(text);
        let mut numbering = Self::default();
        let mut open = Open::default();
        while let Some(event) = reader.next()? {
            let (Event::Start(element) | Event::Empty(element)) = event else { continue };
            numbering.take(&element, &mut open);
        }
        Ok(numbering)
    }

    fn take(&mut self, element: &BytesStart<'_>, open: &mut Open) {
        let value = || attribute(element, "val").unwrap_or_default();
        match element.local_name().as_ref() {
            "abstractNum" => {
                open.scheme = attribute(element, "abstractNumId").unwrap_or_default();
                open.list = None;
                self.schemes.insert(open.scheme.clone(), std::array::from_fn(|_| Level::default()));
            }
            "num" => {
                let id = attribute(element, "numId").unwrap_or_default();
                self.lists.insert(id.clone(), List::default());
                open.list = Some(id);
            }
            "lvl" | "lvlOverride" => {
                open.level =
                    attribute(element, "ilvl").and_then(|level| level.parse().ok()).unwrap_or(LEVELS);
            }
            "abstractNumId" => {
                if let Some(list) = open.list.as_ref().and_then(|id| self.lists.get_mut(id)) {
                    list.scheme = value();
                }
            }
            "startOverride" => {
                if let Some(list) = open.list.as_ref().and_then(|id| self.lists.get_mut(id)) {
                    list.restarts.insert(open.level, value().parse().unwrap_or(1));
                }
            }
            "start" | "numFmt" | "lvlText" if open.list.is_none() => {
                let levels = self.schemes.get_mut(&open.scheme);
                let Some(level) = levels.and_then(|levels| levels.get_mut(open.level)) else { return };
                match element.local_name().as_ref() {
                    "start" => level.start = value().parse().unwrap_or(1),
                    "numFmt" => level.format = value(),
                    _ => level.text = value(),
                }
            }
            _ => {}
        }
    }

    /// Counts the paragraph and gives its number as printed; nothing for a bullet.
    pub(super) fn count(&mut self, place: &Place) -> Option<String> {
        let list = self.lists.get(&place.number)?;
        let levels = self.schemes.get(&list.scheme)?;
        let counts = self.counts.entry(list.scheme.clone()).or_default();
        if self.begun.insert(place.number.clone()) {
            for (level, start) in &list.restarts {
                if let Some(count) = counts.get_mut(*level) {
                    *count = Some(i64::from(*start) - 1);
                }
            }
        }
        for (level, count) in counts.iter_mut().enumerate() {
            match level.cmp(&place.level) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => {
                    let start = levels.get(level).map_or(1, |level| i64::from(level.start));
                    *count = Some(count.map_or(start, |count| count + 1));
                }
                std::cmp::Ordering::Greater => *count = None,
            }
        }
        print(levels, counts, place.level)
    }
}

#[derive(Default)]
struct Open {
    scheme: String,
    list: Option<String>,
    level: usize,
}

fn print(levels: &[Level; LEVELS], counts: &[Option<i64>; LEVELS], level: usize) -> Option<String> {
    let own = levels.get(level)?;
    if matches!(own.format.as_str(), "bullet" | "none") {
        return None;
    }
    let mut number = own.text.clone();
    for (place, (level, count)) in levels.iter().zip(counts).enumerate() {
        let count = count.and_then(|count| u32::try_from(count).ok()).unwrap_or(level.start);
        number = number.replace(&format!("%{}", place + 1), &figure(&level.format, count));
    }
    Some(number).filter(|number| !number.is_empty())
}

fn figure(format: &str, count: u32) -> String {
    match format {
        "lowerLetter" => letters(count),
        "upperLetter" => letters(count).to_uppercase(),
        "lowerRoman" => roman(count),
        "upperRoman" => roman(count).to_uppercase(),
        "decimalZero" => format!("{count:02}"),
        _ => count.to_string(),
    }
}

/// After z come aa, bb, …, as Word counts.
fn letters(count: u32) -> String {
    let Some(index) = count.checked_sub(1) else { return String::new() };
    let letter = char::from(b'a' + u8::try_from(index % 26).unwrap_or_default());
    std::iter::repeat_n(letter, usize::try_from(index / 26 + 1).unwrap_or(1).min(8)).collect()
}

fn roman(mut count: u32) -> String {
    const FIGURES: [(u32, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    if count > 3999 {
        return count.to_string();
    }
    let mut text = String::new();
    for (value, figure) in FIGURES {
        while count >= value {
            text.push_str(figure);
            count -= value;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_word_writes_them() {
        for (format, count, printed) in [
            ("decimal", 12, "12"),
            ("decimalZero", 7, "07"),
            ("lowerLetter", 1, "a"),
            ("lowerLetter", 28, "bb"),
            ("upperLetter", 3, "C"),
            ("upperRoman", 49, "XLIX"),
            ("lowerRoman", 4, "iv"),
        ] {
            assert_eq!(figure(format, count), printed);
        }
    }
}
