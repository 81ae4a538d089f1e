//! What is stuck on a page rather than printed on it: typed over it, filled into its fields, stamped.
//!
//! How it looks is drawn by streams of its own, which every program writes as it likes; what it says stands beside
//! them as plain words, and those are taken.

use hayro_syntax::{
    object::{Array, Dict, Name, Rect, String as Letters},
    page::Page,
};

use super::{
    content::text_string,
    sheet::{Glyph, Point, Sheet, Style},
    state::Matrix,
};

/// [ISO 32000 12.5.3]
const HIDDEN: u32 = 1 << 1;
const NO_VIEW: u32 = 1 << 5;
const MOST: usize = 1_000;
const LARGEST: f32 = 14.0;

pub(super) fn gather(page: &Page<'_>, sheet: &mut Sheet) {
    let place = Matrix(page.initial_transform(true).as_coeffs());
    let Some(stuck) = page.raw().get::<Array<'_>>("Annots") else { return };
    for one in stuck.iter::<Dict<'_>>().take(MOST) {
        if one.get::<u32>("F").is_some_and(|flags| flags & (HIDDEN | NO_VIEW) != 0) {
            continue;
        }
        let kind = one.get::<Name<'_>>("Subtype");
        match kind.as_ref().map(Name::as_str) {
            Some("Stamp") => sheet.beside.extend(words(&one, "Contents")),
            Some("FreeText") => write(&one, "Contents", place, sheet),
            // The words of a field; a signature or a button has none.
            Some("Widget") => write(&one, "V", place, sheet),
            _ => {}
        }
    }
}

fn words(stuck: &Dict<'_>, key: &str) -> Option<String> {
    stuck.get::<Letters<'_>>(key).and_then(|text| text_string(text.as_bytes()))
}

/// Lines share the height of the rectangle.
fn write(stuck: &Dict<'_>, key: &str, place: Matrix, sheet: &mut Sheet) {
    let (Some(text), Some(rect)) = (words(stuck, key), stuck.get::<Rect>("Rect")) else { return };
    let lines: Vec<&str> = text.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty()).collect();
    let (a, b) = (place.place(rect.x0, rect.y0), place.place(rect.x1, rect.y1));
    let (top, bottom) = (a.y.min(b.y), a.y.max(b.y));
    #[expect(clippy::cast_precision_loss, reason = "lines of one field")]
    let height = (bottom - top) / lines.len().max(1) as f32;
    let size = (height * 0.75).min(LARGEST);
    for (at, line) in (1_u16..).zip(lines) {
        let baseline = top + height * f32::from(at) - height * 0.25;
        let from = Point { x: a.x.min(b.x), y: baseline };
        let to = Point { x: a.x.max(b.x), y: baseline };
        let style = Style::default();
        sheet.show(Glyph { letters: line.into(), from, to, size, style, furniture: false });
    }
}
