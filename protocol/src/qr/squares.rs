//! A QR code as squares, for whoever draws it: a page, a screen, a terminal.

use qrcode::{EcLevel, QrCode, types::Color};

/// The dark squares of a code; around it four squares stay light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Squares {
    side: usize,
    dark: Vec<bool>,
}

impl Squares {
    /// Of a text as [`super::written`] gives it. A seventh of it may be lost to a fold or a stain. `None` where no code is so large.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let side = code.width();
        Some(Self { side, dark: code.into_colors().into_iter().map(|of| of == Color::Dark).collect() })
    }

    /// Squares on each side.
    #[must_use]
    pub fn side(&self) -> usize {
        self.side
    }

    /// The squares of each line, from the top; true is dark.
    pub fn lines(&self) -> impl Iterator<Item = &[bool]> {
        self.dark.chunks(self.side.max(1))
    }
}
