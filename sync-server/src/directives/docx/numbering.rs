//! Numbers of items, which Word does not write but counts: “1.”, “a)”, “II.”, “2.3.” [ECMA-376 part 1, 17.9].

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::events::{BytesStart, Event};

use super::DocumentError;
use super::xml::{Reader, attribute, is_on};

const LEVELS: usize = 9;
/// Files that went from hand to hand for years gather some hundreds, and thousands of lists of them.
const MAX_SCHEMES: usize = 10_000;
const MAX_LISTS: usize = 100_000;

/// Where a paragraph stands in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) number: String,
    pub(super) level: usize,
}

/// What is printed before a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Printed {
    Number(String),
    Bullet,
    /// The list counts but shows nothing, or there is none: the paragraph is as any other.
    Nothing,
}

#[derive(Debug, Default)]
pub(super) struct Numbering {
    /// By `abstractNumId`.
    schemes: BTreeMap<String, Scheme>,
    /// By `numId`.
    lists: BTreeMap<String, List>,
    /// How far each scheme has counted, for lists of one scheme count on from one another.
    counts: BTreeMap<String, [Option<i64>; LEVELS]>,
    begun: BTreeSet<String>,
}

#[derive(Debug, Clone, Default)]
struct Scheme {
    levels: [Level; LEVELS],
    /// The style of a list that is told by this scheme, or that tells it.
    told_by: Option<String>,
    tells: Option<String>,
}

#[derive(Debug, Clone)]
struct Level {
    start: u32,
    format: String,
    /// `%1.%2.`
    text: String,
    /// The paragraph style that is numbered by this level.
    style: Option<String>,
    /// All numbers of this level in figures, whatever the levels above have.
    legal: bool,
    /// The level, from 1, after which it begins anew; 0 for never; nothing for any above.
    restart: Option<usize>,
}

impl Default for Level {
    fn default() -> Self {
        Self {
            start: 1,
            format: "decimal".into(),
            text: String::new(),
            style: None,
            legal: false,
            restart: None,
        }
    }
}

#[derive(Debug, Default)]
struct List {
    scheme: String,
    restarts: BTreeMap<usize, u32>,
    /// Levels that this list tells otherwise than its scheme.
    levels: BTreeMap<usize, Level>,
}

impl Numbering {
    pub(super) fn read(text: &str) -> Result<Self, DocumentError> {
        let mut reader = Reader::new(text);
        let mut numbering = Self::default();
        let mut open = Open::default();
        while let Some(event) = reader.next()? {
            let (Event::Start(element) | Event::Empty(element)) = event else { continue };
            numbering.take(&element, &mut open);
            if numbering.schemes.len() > MAX_SCHEMES || numbering.lists.len() > MAX_LISTS {
                return Err(DocumentError::Damaged);
            }
        }
        numbering.link();
        Ok(numbering)
    }

    fn take(&mut self, element: &BytesStart<'_>, open: &mut Open) {
        let value = || attribute(element, "val").unwrap_or_default();
        match element.local_name().as_ref() {
            "abstractNum" => {
                open.scheme = attribute(element, "abstractNumId").unwrap_or_default();
                open.list = None;
                self.schemes.insert(open.scheme.clone(), Scheme::default());
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
            name @ ("numStyleLink" | "styleLink") => {
                if let Some(scheme) = self.schemes.get_mut(&open.scheme) {
                    *(if name == "styleLink" { &mut scheme.tells } else { &mut scheme.told_by }) =
                        Some(value());
                }
            }
            _ => {
                if let Some(level) = self.level(open) {
                    level.take(element);
                }
            }
        }
    }

    /// The level that is being read, of the scheme or of the list that tells it otherwise.
    fn level(&mut self, open: &Open) -> Option<&mut Level> {
        match &open.list {
            None => self.schemes.get_mut(&open.scheme)?.levels.get_mut(open.level),
            Some(_) if open.level >= LEVELS => None,
            Some(id) => Some(self.lists.get_mut(id)?.levels.entry(open.level).or_default()),
        }
    }

    /// A scheme may only point to the style of a list, which another scheme tells.
    fn link(&mut self) {
        let told: BTreeMap<String, [Level; LEVELS]> = self
            .schemes
            .values()
            .filter_map(|scheme| Some((scheme.tells.clone()?, scheme.levels.clone())))
            .collect();
        for scheme in self.schemes.values_mut() {
            if let Some(levels) = scheme.told_by.as_ref().and_then(|style| told.get(style)) {
                scheme.levels.clone_from(levels);
            }
        }
    }

    /// The level of the list that is for paragraphs of this style.
    pub(super) fn level_of_style(&self, number: &str, style: &str) -> Option<usize> {
        let scheme = self.schemes.get(&self.lists.get(number)?.scheme)?;
        scheme.levels.iter().position(|level| level.style.as_deref() == Some(style))
    }

    /// Counts the paragraph and tells what is printed before it.
    pub(super) fn count(&mut self, place: &Place) -> Printed {
        let Some(list) = self.lists.get(&place.number) else { return Printed::Nothing };
        let Some(scheme) = self.schemes.get(&list.scheme) else { return Printed::Nothing };
        let mut levels: [&Level; LEVELS] = scheme.levels.each_ref();
        for (place, level) in &list.levels {
            // An override that only starts anew says nothing of the level.
            if let Some(told) = levels.get_mut(*place).filter(|_| !level.text.is_empty()) {
                *told = level;
            }
        }
        let counts = self.counts.entry(list.scheme.clone()).or_default();
        if self.begun.insert(place.number.clone()) {
            for (level, start) in &list.restarts {
                if let Some(count) = counts.get_mut(*level) {
                    *count = Some(i64::from(*start) - 1);
                }
            }
        }
        for (at, (count, level)) in counts.iter_mut().zip(levels).enumerate() {
            match at.cmp(&place.level) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => {
                    *count = Some(count.map_or(i64::from(level.start), |count| count + 1));
                }
                std::cmp::Ordering::Greater if level.restart.is_none_or(|after| place.level < after) => {
                    *count = None;
                }
                std::cmp::Ordering::Greater => {}
            }
        }
        print(levels, counts, place.level)
    }
}

impl Level {
    /// What stands between number and words (`suff`) is a blank in our model whatever it is.
    fn take(&mut self, element: &BytesStart<'_>) {
        let value = || attribute(element, "val");
        match element.local_name().as_ref() {
            "start" => self.start = value().and_then(|start| start.parse().ok()).unwrap_or(1),
            "numFmt" => self.format = value().unwrap_or_default(),
            "lvlText" => self.text = value().unwrap_or_default(),
            "pStyle" => self.style = value(),
            "isLgl" => self.legal = is_on(element),
            "lvlRestart" => self.restart = value().and_then(|level| level.parse().ok()),
            _ => {}
        }
    }
}

#[derive(Default)]
struct Open {
    scheme: String,
    list: Option<String>,
    level: usize,
}

fn print(levels: [&Level; LEVELS], counts: &[Option<i64>; LEVELS], at: usize) -> Printed {
    let Some(own) = levels.get(at) else { return Printed::Nothing };
    if own.format == "bullet" {
        // Dash and plus tell a level of Vietnamese lists from another; the others are dots of all shapes. Symbol
        // fonts have theirs in the private area.
        return match own.text.trim() {
            "-" | "\u{f02d}" => Printed::Number("-".into()),
            "+" | "\u{f02b}" => Printed::Number("+".into()),
            _ => Printed::Bullet,
        };
    }
    let mut number = String::new();
    let mut letters = own.text.chars().peekable();
    while let Some(letter) = letters.next() {
        let place = letters.peek().and_then(|figure| figure.to_digit(10)).filter(|_| letter == '%');
        let Some(place) = place.and_then(|place| usize::try_from(place).ok()?.checked_sub(1)) else {
            number.push(letter);
            continue;
        };
        letters.next();
        if let (Some(level), Some(count)) = (levels.get(place), counts.get(place)) {
            let count = count.and_then(|count| u32::try_from(count).ok()).unwrap_or(level.start);
            let format = if own.legal { "decimal" } else { level.format.as_str() };
            number.push_str(&figure(format, count));
        }
    }
    let number = number.trim();
    if number.is_empty() { Printed::Nothing } else { Printed::Number(number.to_owned()) }
}

pub(super) fn figure(format: &str, count: u32) -> String {
    match format {
        "none" => String::new(),
        "lowerLetter" => letters(count),
        "upperLetter" => letters(count).to_uppercase(),
        "lowerRoman" => roman(count),
        "upperRoman" => roman(count).to_uppercase(),
        "decimalZero" => format!("{count:02}"),
        "ordinalText" | "cardinalText" | "vietnameseCounting" => in_words(count),
        _ => count.to_string(),
    }
}

/// “Phần một”, “Phần hai”; figures above ten.
fn in_words(count: u32) -> String {
    const WORDS: [&str; 10] = ["một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười"];
    let word = usize::try_from(count).ok().and_then(|count| WORDS.get(count.checked_sub(1)?));
    word.map_or_else(|| count.to_string(), |word| (*word).to_owned())
}

/// After z come aa, bb, …, as Word counts. It knows no đ: whoever wants one types it.
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
            ("vietnameseCounting", 2, "hai"),
            ("none", 2, ""),
        ] {
            assert_eq!(figure(format, count), printed);
        }
    }
}
