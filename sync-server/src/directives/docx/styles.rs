//! What a style means: a heading, a list, bold. Vietnamese Word names its styles otherwise than English Word does,
//! and people make their own on top of these, so a style is followed down to what it is based on.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};

use super::DocumentError;
use super::numbering::Place;
use super::xml::{Reader, attribute, is_on};

/// Styles form a chain of at most 11 in Word; a longer one is a circle.
const LONGEST_CHAIN: usize = 32;

#[derive(Debug, Default)]
pub(super) struct Styles {
    by_id: BTreeMap<String, Style>,
}

/// What is said by the style itself; nothing where it is left to the one below.
#[derive(Debug, Default, Clone)]
struct Style {
    name: String,
    based_on: Option<String>,
    outline: Option<u8>,
    look: Look,
    place: PartialPlace,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) bold: Option<bool>,
    pub(super) italic: Option<bool>,
    pub(super) hidden: Option<bool>,
}

impl Look {
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            bold: self.bold.or(below.bold),
            italic: self.italic.or(below.italic),
            hidden: self.hidden.or(below.hidden),
        }
    }

    pub(super) fn take(&mut self, element: &BytesStart<'_>) {
        match element.local_name().as_ref() {
            "b" => self.bold = Some(is_on(element)),
            "i" => self.italic = Some(is_on(element)),
            "vanish" => self.hidden = Some(is_on(element)),
            _ => {}
        }
    }
}

/// `numPr`, of which a style and a paragraph may each give a part.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct PartialPlace {
    pub(super) number: Option<String>,
    pub(super) level: Option<usize>,
}

impl PartialPlace {
    pub(super) fn take(&mut self, element: &BytesStart<'_>) {
        match element.local_name().as_ref() {
            "numId" => self.number = attribute(element, "val"),
            "ilvl" => self.level = attribute(element, "val").and_then(|level| level.parse().ok()),
            _ => {}
        }
    }

    pub(super) fn over(self, below: Self) -> Self {
        Self { number: self.number.or(below.number), level: self.level.or(below.level) }
    }

    /// Number 0 takes the paragraph out of the list that its style puts it in.
    pub(super) fn place(self) -> Option<Place> {
        let number = self.number.filter(|number| number != "0")?;
        Some(Place { number, level: self.level.unwrap_or(0) })
    }
}

impl Styles {
    pub(super) fn read(text: &str) -> Result<Self, DocumentError> {
        let mut reader = Reader::new(text);
        let mut styles = Self::default();
        let mut open: Option<(String, Style)> = None;
        while let Some(event) = reader.next()? {
            match event {
                Event::Start(element) if element.local_name().as_ref() == "style" => {
                    open = attribute(&element, "styleId").map(|id| (id, Style::default()));
                }
                Event::Start(element) | Event::Empty(element) => {
                    if let Some((_, style)) = &mut open {
                        style.take(&element);
                    }
                }
                Event::End(element) if element.local_name().as_ref() == "style" => {
                    styles.by_id.extend(open.take());
                }
                _ => {}
            }
        }
        Ok(styles)
    }

    /// The level of the heading that a paragraph of this style is, from 1.
    pub(super) fn heading(&self, id: &str) -> Option<u8> {
        if !self.by_id.contains_key(id) {
            return heading_of(id);
        }
        self.chain(id).find_map(|style| heading_of(&style.name).or(style.outline))
    }

    pub(super) fn look(&self, id: &str) -> Look {
        self.chain(id).fold(Look::default(), |look, style| look.over(style.look))
    }

    pub(super) fn place(&self, id: &str) -> PartialPlace {
        self.chain(id).fold(PartialPlace::default(), |place, style| place.over(style.place.clone()))
    }

    /// The style and those it is based on, nearest first.
    fn chain<'a>(&'a self, id: &str) -> impl Iterator<Item = &'a Style> {
        let below = |style: &&'a Style| style.based_on.as_ref().and_then(|id| self.by_id.get(id));
        std::iter::successors(self.by_id.get(id), below).take(LONGEST_CHAIN)
    }
}

impl Style {
    fn take(&mut self, element: &BytesStart<'_>) {
        match element.local_name().as_ref() {
            "name" => self.name = attribute(element, "val").unwrap_or_default(),
            "basedOn" => self.based_on = attribute(element, "val"),
            "outlineLvl" => self.outline = outline(element),
            _ => {
                self.look.take(element);
                self.place.take(element);
            }
        }
    }
}

/// Outline levels 0 to 8 are headings, 9 is body text.
pub(super) fn outline(element: &BytesStart<'_>) -> Option<u8> {
    let level: u8 = attribute(element, "val")?.parse().ok()?;
    (level < 9).then_some(level + 1)
}

/// Word keeps the built-in names in English in the file, whatever it shows; ids differ by language.
fn heading_of(name: &str) -> Option<u8> {
    let name = name.to_lowercase();
    if name == "title" {
        return Some(1);
    }
    let level: u8 = name.strip_prefix("heading")?.trim().parse().ok()?;
    (1..=9).contains(&level).then_some(level)
}
