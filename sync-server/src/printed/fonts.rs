//! The faces that every page is set in, and how wide a text is in them.

use std::io;

use skrifa::{Font, GlyphId};

/// The em that widths in a PDF are told in.
const EM: f32 = 1000.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Style {
    Regular,
    Bold,
    Italic,
}

impl Style {
    pub const ALL: [Self; 3] = [Self::Regular, Self::Bold, Self::Italic];

    /// There is no face that is both; bold wins.
    pub fn of(bold: bool, italic: bool) -> Self {
        match (bold, italic) {
            (true, _) => Self::Bold,
            (false, true) => Self::Italic,
            (false, false) => Self::Regular,
        }
    }
}

pub struct Fonts([Face; 3]);

pub struct Face {
    pub name: &'static str,
    pub bytes: &'static [u8],
    pub font: Font,
}

impl Fonts {
    /// # Errors
    /// Where a font that is kept with the program is damaged.
    pub fn load() -> io::Result<Self> {
        let face = |name: &'static str, bytes: &'static [u8]| {
            let font =
                Font::new(bytes, 0).ok_or_else(|| io::Error::other(format!("phông {name} bị hỏng")))?;
            Ok::<_, io::Error>(Face { name, bytes, font })
        };
        Ok(Self([
            face("ThanhSonSerif-Regular", include_bytes!("../../fonts/ThanhSonSerif-Regular.ttf"))?,
            face("ThanhSonSerif-Bold", include_bytes!("../../fonts/ThanhSonSerif-Bold.ttf"))?,
            face("ThanhSonSerif-Italic", include_bytes!("../../fonts/ThanhSonSerif-Italic.ttf"))?,
        ]))
    }

    /// Whether a letter can be set in all of them.
    pub fn has(&self, letter: char) -> bool {
        let drawn = |face: &Face| face.font.charmap().map_unicode(letter).is_some();
        letter.is_control() || self.0.iter().all(drawn)
    }

    pub fn face(&self, style: Style) -> &Face {
        let [regular, bold, italic] = &self.0;
        match style {
            Style::Regular => regular,
            Style::Bold => bold,
            Style::Italic => italic,
        }
    }

    pub fn width(&self, text: &str, style: Style, size: f32) -> f32 {
        let face = self.face(style);
        text.chars().map(|letter| face.advance(face.glyph(letter))).sum::<f32>() * size / EM
    }
}

impl Face {
    /// What the font has no glyph for is drawn as its box.
    pub fn glyph(&self, letter: char) -> GlyphId {
        self.font.charmap().map_unicode(letter).unwrap_or_default()
    }

    /// In thousandths of the size.
    pub fn advance(&self, glyph: GlyphId) -> f32 {
        self.font.glyph_metrics().h_advance(glyph) * EM / f32::from(self.font.units_per_em())
    }
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|face| face.name)).finish()
    }
}

impl std::fmt::Debug for Face {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
