//! The faces that all PDFs embed, and how wide a text is in them.

use std::io;

use skrifa::{Font, GlyphId};

/// The em that widths in a PDF are told in.
const EM: f32 = 1000.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Style {
    Regular,
    Bold,
    Italic,
}

impl Style {
    pub(super) const ALL: [Self; 3] = [Self::Regular, Self::Bold, Self::Italic];

    /// There is no face that is both; bold wins.
    pub(super) fn of(bold: bool, italic: bool) -> Self {
        match (bold, italic) {
            (true, _) => Self::Bold,
            (false, true) => Self::Italic,
            (false, false) => Self::Regular,
        }
    }
}

pub(crate) struct Fonts([Face; 3]);

pub(super) struct Face {
    pub(super) name: &'static str,
    pub(super) bytes: &'static [u8],
    pub(super) font: Font,
}

impl Fonts {
    /// # Errors
    /// Where a font that is kept with the sample is damaged.
    pub(crate) fn load() -> io::Result<Self> {
        let face = |name: &'static str, bytes: &'static [u8]| {
            let font =
                Font::new(bytes, 0).ok_or_else(|| io::Error::other(format!("phông {name} bị hỏng")))?;
            Ok::<_, io::Error>(Face { name, bytes, font })
        };
        Ok(Self([
            face(
                "ThanhSonSerif-Regular",
                include_bytes!("../../../sample/phong-chu/ThanhSonSerif-Regular.ttf"),
            )?,
            face("ThanhSonSerif-Bold", include_bytes!("../../../sample/phong-chu/ThanhSonSerif-Bold.ttf"))?,
            face(
                "ThanhSonSerif-Italic",
                include_bytes!("../../../sample/phong-chu/ThanhSonSerif-Italic.ttf"),
            )?,
        ]))
    }

    pub(super) fn face(&self, style: Style) -> &Face {
        let [regular, bold, italic] = &self.0;
        match style {
            Style::Regular => regular,
            Style::Bold => bold,
            Style::Italic => italic,
        }
    }

    pub(super) fn width(&self, text: &str, style: Style, size: f32) -> f32 {
        let face = self.face(style);
        text.chars().map(|letter| face.advance(face.glyph(letter))).sum::<f32>() * size / EM
    }
}

impl Face {
    /// What the font has no glyph for is drawn as its box.
    pub(super) fn glyph(&self, letter: char) -> GlyphId {
        self.font.charmap().map_unicode(letter).unwrap_or_default()
    }

    /// In thousandths of the size.
    pub(super) fn advance(&self, glyph: GlyphId) -> f32 {
        self.font.glyph_metrics().h_advance(glyph) * EM / f32::from(self.font.units_per_em())
    }
}
