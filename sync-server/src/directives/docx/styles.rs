//! What a style means: a heading, a list, bold. Vietnamese Word names its styles otherwise than English Word does,
//! and people make their own on top of these, so a style is followed down to what it is based on.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};

use super::DocumentError;
use super::borders::Borders;
use super::numbering::Place;
use super::xml::{Reader, attribute, is_on};
use crate::directives::tcvn3;

/// Styles form a chain of at most 11 in Word; a longer one is a circle.
const LONGEST_CHAIN: usize = 32;
/// Word itself keeps up to 4,079.
const MOST_STYLES: usize = 20_000;

#[derive(Debug, Default)]
pub(super) struct Styles {
    by_id: BTreeMap<String, Style>,
    /// Under all of them (`docDefaults`).
    ground: Look,
    /// The style of paragraphs that name none.
    paragraph: Option<String>,
}

/// What is said by the style itself; nothing where it is left to the one below.
#[derive(Debug, Default, Clone)]
struct Style {
    name: String,
    based_on: Option<String>,
    outline: Option<u8>,
    look: Look,
    place: PartialPlace,
    /// Of a table, whether lines are drawn.
    pub(super) borders: Borders,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) bold: Option<bool>,
    pub(super) italic: Option<bool>,
    pub(super) hidden: Option<bool>,
    /// Small letters shown as capitals.
    pub(super) capitals: Option<bool>,
    pub(super) font: Option<Font>,
}

/// Which letters a font shows for its codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Font {
    Unicode,
    /// `.VnTime`
    Tcvn3,
    /// `.VnTimeH`
    Tcvn3Capitals,
    /// `VNI-Times`
    Vni,
}

impl Font {
    fn of(name: &str) -> Self {
        if tcvn3::is_capital_font(name) {
            Self::Tcvn3Capitals
        } else if tcvn3::is_font(name) {
            Self::Tcvn3
        } else if name.to_uppercase().starts_with("VNI-") {
            Self::Vni
        } else {
            Self::Unicode
        }
    }
}

impl Look {
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            bold: self.bold.or(below.bold),
            italic: self.italic.or(below.italic),
            hidden: self.hidden.or(below.hidden),
            capitals: self.capitals.or(below.capitals),
            font: self.font.or(below.font),
        }
    }

    pub(super) fn is_old(self) -> bool {
        matches!(self.font, Some(Font::Tcvn3 | Font::Tcvn3Capitals))
    }

    pub(super) fn take(&mut self, element: &BytesStart<'_>) {
        match element.local_name().as_ref() {
            "b" => self.bold = Some(is_on(element)),
            "i" => self.italic = Some(is_on(element)),
            "vanish" => self.hidden = Some(is_on(element)),
            "caps" => self.capitals = Some(is_on(element)),
            // The font for letters beyond ASCII, which are the ones that tell.
            "rFonts" => {
                let name = attribute(element, "hAnsi").or_else(|| attribute(element, "ascii"));
                let theme = attribute(element, "hAnsiTheme").map(|_| Font::Unicode);
                self.font = theme.or(name.map(|name| Font::of(&name))).or(self.font);
            }
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
        let mut ground = false;
        while let Some(event) = reader.next()? {
            match event {
                Event::Start(element) if element.local_name().as_ref() == "style" => {
                    open = attribute(&element, "styleId").map(|id| (id, Style::default()));
                    let is = |name, expected: &str| {
                        attribute(&element, name).is_some_and(|value| value == expected)
                    };
                    if is("type", "paragraph") && (is("default", "1") || is("default", "true")) {
                        styles.paragraph = attribute(&element, "styleId");
                    }
                }
                Event::Start(element) if element.local_name().as_ref() == "rPrDefault" => ground = true,
                Event::Start(element) | Event::Empty(element) => match &mut open {
                    Some((_, style)) => style.take(&element),
                    None if ground => styles.ground.take(&element),
                    None => {}
                },
                Event::End(_) if styles.by_id.len() > MOST_STYLES => return Err(DocumentError::Damaged),
                Event::End(element) => match element.local_name().as_ref() {
                    "style" => styles.by_id.extend(open.take()),
                    "rPrDefault" => ground = false,
                    name => {
                        if let Some((_, style)) = &mut open {
                            style.borders.end(name);
                        }
                    }
                },
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

    /// Of a paragraph, down to what holds for all.
    pub(super) fn look_of_paragraph(&self, id: Option<&str>) -> Look {
        let id = id.or(self.paragraph.as_deref());
        id.map(|id| self.look(id)).unwrap_or_default().over(self.ground)
    }

    /// Whether the style draws the lines of a table. One that the file does not tell is known by its name.
    pub(super) fn draws_lines(&self, id: &str) -> bool {
        if !self.by_id.contains_key(id) {
            return id.to_lowercase().contains("grid");
        }
        self.chain(id).find_map(|style| style.borders.drawn()).unwrap_or(false)
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
                self.borders.take(element);
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
