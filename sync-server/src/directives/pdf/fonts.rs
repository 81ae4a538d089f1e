//! Fonts: which letters a code stands for, how far it moves the pen, and whether it is bold or italic.
//!
//! hayro-font reads encodings and ToUnicode maps. Outlines are never drawn, so a font that is not in the file needs no
//! stand-in either: a program of one empty glyph takes its place.

use std::{collections::BTreeMap, rc::Rc, sync::Arc};

use hayro_font::{CMapResolverFn, Font, FontCache, FontGlyph, FontResolverFn, hayro_cmap::BfString};
use hayro_syntax::object::{Array, Dict, Name};

use super::{super::tcvn3, sheet::Style};

/// A whole font in the Compact Font Format with the empty glyph `.notdef` [Adobe TN 5176].
const EMPTY_FONT: [u8; 30] = [
    1, 0, 4, 1, // header
    0, 1, 1, 1, 2, b'A', // one name
    0, 1, 1, 1, 6, 163, 17, 139, 169, 18, // CharStrings at 24, an empty Private at 30
    0, 0, 0, 0, // no strings, no subroutines
    0, 1, 1, 1, 2, 14, // one glyph: endchar
];
/// Stands where a letter stands of which the file does not say which one.
pub(super) const UNREAD: &str = "\u{fffd}";
const ITALIC: u32 = 1 << 6;
const FORCE_BOLD: u32 = 1 << 18;
const BOLD_FROM: u32 = 600;
/// Codes beyond are looked up anew each time they come.
const MOST_KNOWN: usize = 20_000;

/// What one code does.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) letters: Rc<str>,
    /// In thousandths of the font size, to the right and up.
    pub(super) advance: (f32, f32),
    pub(super) unread: bool,
}

pub(super) struct Face<'a> {
    font: Font<'a>,
    pub(super) style: Style,
    /// A font whose glyphs are drawings may count in another measure than thousandths.
    pub(super) scale: f32,
    /// Its outlines are in the file, so that an empty one says that a glyph is a blank.
    embedded: bool,
    known: BTreeMap<u32, Known>,
    /// Of Vietnamese from before Unicode, and whether it shows capitals only.
    tcvn3: Option<bool>,
}

pub(super) struct Fonts<'a> {
    cache: FontCache<'a>,
    resolver: FontResolverFn,
    cmaps: CMapResolverFn,
    /// By the place of the dictionary in memory, which is one and the same for as long as the file is read.
    faces: BTreeMap<usize, Option<Face<'a>>>,
}

impl<'a> Fonts<'a> {
    pub(super) fn new() -> Self {
        let empty: Arc<dyn AsRef<[u8]> + Send + Sync> = Arc::new(EMPTY_FONT);
        Self {
            cache: FontCache::new(),
            resolver: Arc::new(move |_| Some((empty.clone(), 0))),
            cmaps: Arc::new(|_| None),
            faces: BTreeMap::new(),
        }
    }

    /// The key under which [`Self::face`] has it.
    pub(super) fn load(&mut self, dict: &Dict<'a>) -> usize {
        let key = dict.data().as_ptr() as usize;
        if !self.faces.contains_key(&key) {
            let font = self.cache.font(dict, &self.resolver, &self.cmaps);
            self.faces.insert(key, font.map(|font| Face::new(font, dict)));
        }
        key
    }

    pub(super) fn face(&mut self, key: usize) -> Option<&mut Face<'a>> {
        self.faces.get_mut(&key)?.as_mut()
    }
}

impl<'a> Face<'a> {
    fn new(font: Font<'a>, dict: &Dict<'a>) -> Self {
        let name = dict.get::<Name<'_>>("BaseFont");
        let name = name.as_ref().map(Name::as_str).unwrap_or_default();
        let descriptor = descriptor(dict);
        let embedded = ["FontFile", "FontFile2", "FontFile3"].iter().any(|key| descriptor.contains_key(key));
        let scale = dict
            .get::<Array<'_>>("FontMatrix")
            .filter(|_| dict.get::<Name<'_>>("Subtype").is_some_and(|kind| kind.as_str() == "Type3"))
            .and_then(|matrix| matrix.iter::<f32>().nth(3))
            .map_or(1.0, |down| (down * 1000.0).abs());
        Self {
            font,
            style: style(name, &descriptor),
            embedded,
            scale,
            known: BTreeMap::new(),
            tcvn3: tcvn3::is_font(name).then(|| tcvn3::is_capital_font(name)),
        }
    }

    /// The next code and how many bytes it took, at least one.
    pub(super) fn code(&self, bytes: &[u8], at: usize) -> (u32, usize) {
        let (code, length) = self.font.read_code(bytes, at);
        (code, length.max(1))
    }

    pub(super) fn known(&mut self, code: u32) -> Known {
        if let Some(known) = self.known.get(&code) {
            return known.clone();
        }
        let known = self.look_up(code);
        if self.known.len() < MOST_KNOWN {
            self.known.insert(code, known.clone());
        }
        known
    }

    fn look_up(&self, code: u32) -> Known {
        let advance = self.font.code_advance(code);
        let glyph = self.font.glyph(self.font.map_code(code), code);
        let unicode = match &glyph {
            FontGlyph::Outline(glyph) => glyph.as_unicode(),
            FontGlyph::Type3(glyph) => glyph.as_unicode(),
        };
        let letters = match unicode {
            Some(BfString::Char(letter)) => letter.to_string(),
            Some(BfString::String(letters)) => letters,
            None => String::new(),
        };
        let letters = match self.tcvn3 {
            Some(capitals) => spelled(&tcvn3::unicode(&letters, capitals)),
            None => spelled(&letters),
        };
        #[expect(clippy::cast_possible_truncation, reason = "a place on a page")]
        let advance = (advance.x as f32, advance.y as f32);
        let unread = letters.is_empty();
        let blank = self.embedded
            && matches!(&glyph, FontGlyph::Outline(glyph) if glyph.outline().elements().is_empty());
        let letters = match letters.as_str() {
            "" if blank => " ",
            "" => UNREAD,
            letters => letters,
        };
        Known { unread: unread && !blank, letters: letters.into(), advance }
    }
}

/// Ligatures by their letters, blanks as one kind, and the bullets that Word takes from its picture fonts.
fn spelled(letters: &str) -> String {
    let mut out = String::with_capacity(letters.len());
    for letter in letters.chars() {
        match letter {
            '\u{fb00}' => out.push_str("ff"),
            '\u{fb01}' => out.push_str("fi"),
            '\u{fb02}' => out.push_str("fl"),
            '\u{fb03}' => out.push_str("ffi"),
            '\u{fb04}' => out.push_str("ffl"),
            '\u{fb05}' | '\u{fb06}' => out.push_str("st"),
            '\u{ad}' | '\u{2010}' | '\u{2011}' | '\u{f02d}' => out.push('-'),
            '\u{f0b7}' | '\u{f06c}' | '\u{f09f}' => out.push('•'),
            '\u{f0a7}' | '\u{f06e}' => out.push('▪'),
            '\u{f0d8}' => out.push('➢'),
            '\u{f0fc}' => out.push('✓'),
            '\u{f076}' => out.push('❖'),
            '\u{f0e0}' => out.push('→'),
            // Of private use, and of nobody's.
            '\u{e000}'..='\u{f8ff}' | '\u{fffd}' | '\u{feff}' => {}
            _ if letter.is_whitespace() => out.push(' '),
            _ if letter.is_control() || is_bidi(letter) => {}
            _ => out.push(letter),
        }
    }
    out
}

/// What turns the direction of the letters around it, or has no width at all.
fn is_bidi(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
}

fn descriptor<'a>(dict: &Dict<'a>) -> Dict<'a> {
    let described =
        dict.get::<Array<'_>>("DescendantFonts").and_then(|fonts| fonts.iter::<Dict<'_>>().next());
    described.as_ref().unwrap_or(dict).get::<Dict<'_>>("FontDescriptor").unwrap_or_default()
}

fn style(name: &str, descriptor: &Dict<'_>) -> Style {
    let flags = descriptor.get::<u32>("Flags").unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    let named = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let semi_bold = flags & FORCE_BOLD != 0
        || descriptor.get::<u32>("FontWeight").is_some_and(|weight| weight >= BOLD_FROM);
    let slanted =
        flags & ITALIC != 0 || descriptor.get::<f32>("ItalicAngle").is_some_and(|angle| angle != 0.0);
    Style {
        bold: semi_bold || named(&["bold", "black", "heavy", "demi"]),
        italic: slanted || named(&["italic", "oblique"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ligatures_bullets_and_blanks_are_spelled_in_one_way() {
        assert_eq!(spelled("\u{fb01}\u{a0}\u{f0b7}\u{200b}\u{e001}"), "fi •");
    }
}
