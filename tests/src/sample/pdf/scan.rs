//! Pages as a scanner gives them: black and white pictures without a letter in them.

use std::io;

use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref};
use skrifa::{DrawMemory, PathSink, ScalerFont};

use sotay_server::printed::{Fonts, HEIGHT, Mark, Sheet, WIDTH, deflated};

const DOTS_PER_POINT: f32 = 150.0 / 72.0;
const DOTS: (usize, usize) = (1240, 1754);
/// Nobody lays a sheet straight: about a fifth of a degree.
const CROOKED: f32 = 0.004;
/// Straight pieces of a curve.
const PIECES: u8 = 6;

pub(super) fn bytes(sheets: &[Sheet], fonts: &Fonts) -> io::Result<Vec<u8>> {
    let (catalog, tree) = (Ref::new(1), Ref::new(2));
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    let mut pages = Vec::with_capacity(sheets.len());
    for sheet in sheets {
        let first = i32::try_from(pages.len() * 3 + 3).unwrap_or(i32::MAX);
        let [page, content, picture] = [0, 1, 2].map(|place| Ref::new(first + place));
        pages.push(page);
        let mut object = pdf.page(page);
        object.parent(tree).media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).contents(content);
        object.resources().x_objects().pair(Name(b"Im1"), picture);
        object.finish();
        let mut drawing = Content::new();
        drawing.transform([WIDTH, 0.0, 0.0, HEIGHT, 0.0, 0.0]).x_object(Name(b"Im1"));
        pdf.stream(content, &drawing.finish());
        let dots = deflated(&picture_of(sheet, fonts).bits)?;
        let mut image = pdf.image_xobject(picture, &dots);
        image.filter(Filter::FlateDecode);
        image.bits_per_component(1).color_space().device_gray();
        image.width(i32::try_from(DOTS.0).unwrap_or_default());
        image.height(i32::try_from(DOTS.1).unwrap_or_default());
    }
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(pages).count(count);
    Ok(pdf.finish())
}

fn picture_of(sheet: &Sheet, fonts: &Fonts) -> Picture {
    let mut picture = Picture { bits: vec![0xff; DOTS.0.div_ceil(8) * DOTS.1] };
    for mark in &sheet.marks {
        match mark {
            Mark::Rule { from, to } => {
                let mut outline = Outline::at(0.0, 0.0);
                let (across, up) = if from.1 == to.1 { (0.0, 0.4) } else { (0.4, 0.0) };
                outline.move_to(from.0 - across, from.1 - up);
                outline.line_to(to.0 - across, to.1 - up);
                outline.line_to(to.0 + across, to.1 + up);
                outline.line_to(from.0 + across, from.1 + up);
                outline.close();
                picture.fill(&outline.edges);
            }
            Mark::Block { .. } => {}
            Mark::Words { x, y, size, style, text } => {
                let face = fonts.face(*style);
                let scaler = ScalerFont::unhinted(face.font.clone(), Some(*size));
                let mut x = *x;
                for letter in text.chars() {
                    let glyph = face.glyph(letter);
                    let mut outline = Outline::at(x, *y);
                    if let Some(drawing) = scaler.outline(glyph) {
                        // A glyph that cannot be drawn stays white, as on a bad scan.
                        let _ = drawing.draw(DrawMemory::Scratch, &mut outline);
                    }
                    picture.fill(&outline.edges);
                    x += fonts.width(letter.encode_utf8(&mut [0; 4]), *style, *size);
                }
            }
        }
    }
    picture
}

/// From one end to the other, in dots from the upper left.
type Edge = ((f32, f32), (f32, f32));

/// The straight edges of a shape.
#[derive(Debug)]
struct Outline {
    origin: (f32, f32),
    start: (f32, f32),
    at: (f32, f32),
    edges: Vec<Edge>,
}

impl Outline {
    fn at(x: f32, y: f32) -> Self {
        Self { origin: (x, y), start: (0.0, 0.0), at: (0.0, 0.0), edges: Vec::new() }
    }

    fn dots(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let (x, y) = (self.origin.0 + x, HEIGHT - self.origin.1 - y);
        ((x - y * CROOKED) * DOTS_PER_POINT, (y + x * CROOKED) * DOTS_PER_POINT)
    }
}

impl PathSink for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.start = (x, y);
        self.at = (x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.edges.push((self.dots(self.at), self.dots((x, y))));
        self.at = (x, y);
    }

    fn quad_to(&mut self, cx0: f32, cy0: f32, x: f32, y: f32) {
        let (x0, y0) = self.at;
        for piece in 1..=PIECES {
            let t = f32::from(piece) / f32::from(PIECES);
            let of = |a: f32, b: f32, c: f32| (1.0 - t) * (1.0 - t) * a + 2.0 * t * (1.0 - t) * b + t * t * c;
            self.line_to(of(x0, cx0, x), of(y0, cy0, y));
        }
    }

    /// The fonts of the sample have none; a straight line would do.
    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, x: f32, y: f32) {
        self.line_to(x, y);
    }

    fn close(&mut self) {
        self.line_to(self.start.0, self.start.1);
    }
}

/// One bit for each dot; 1 is white.
#[derive(Debug)]
struct Picture {
    bits: Vec<u8>,
}

impl Picture {
    /// Blackens what the edges go around, line by line.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "dots of one page")]
    fn fill(&mut self, edges: &[Edge]) {
        let ends = || edges.iter().flat_map(|(from, to)| [from.1, to.1]);
        let top = ends().fold(f32::MAX, f32::min).max(0.0) as usize;
        let bottom = (ends().fold(0.0, f32::max) as usize).min(DOTS.1 - 1);
        for line in top..=bottom {
            let y = f32::from(u16::try_from(line).unwrap_or_default()) + 0.5;
            let mut crossings: Vec<(f32, i32)> = edges
                .iter()
                .filter(|(from, to)| (from.1 <= y) != (to.1 <= y))
                .map(|(from, to)| {
                    let x = from.0 + (y - from.1) / (to.1 - from.1) * (to.0 - from.0);
                    (x, if from.1 < to.1 { 1 } else { -1 })
                })
                .collect();
            crossings.sort_by(|one, other| one.0.total_cmp(&other.0));
            let mut winding = 0;
            for pair in crossings.windows(2) {
                let [(from, turn), (to, _)] = pair else { continue };
                winding += turn;
                if winding != 0 {
                    (from.round().max(0.0) as usize..to.round().max(0.0) as usize)
                        .for_each(|dot| self.blacken(dot, line));
                }
            }
        }
    }

    fn blacken(&mut self, dot: usize, line: usize) {
        if dot < DOTS.0
            && let Some(byte) = self.bits.get_mut(line * DOTS.0.div_ceil(8) + dot / 8)
        {
            *byte &= !(0x80 >> (dot % 8));
        }
    }
}
