//! Runs the content streams of a page and gathers what they draw.
//!
//! It stands on hayro-syntax, which reads objects, streams and operators, and on hayro-font, which reads fonts. The
//! interpreter that goes with them (hayro-interpret) was left aside: it draws to the end whatever a stranger
//! wrote, tells nothing of fonts in the Type 1 format, and works out colours and outlines that no text needs. This one
//! counts its steps and stops.

use std::rc::Rc;

use hayro_syntax::{
    content::{TypedIter, ops::TypedInstruction},
    object::{Array, Dict, Name, Number, Object, Stream, String as Letters},
    page::{Page, Resources},
};

use super::{
    fonts::Fonts,
    path::Path,
    sheet::{Glyph, Sheet, Style},
    state::{Matrix, Pen, State},
    stuck,
};

/// Forms inside forms; a letterhead is one, a form of an office program two.
const DEEPEST_FORM: usize = 12;
const DEEPEST_STATE: usize = 256;
/// Of one page. A map of a commune has some 200,000; a text page under 10,000.
const MOST_STEPS_OF_A_PAGE: usize = 3_000_000;
/// Bytes of content that count as one step: reading over them takes as long.
const BYTES_OF_A_STEP: usize = 16;

/// The page draws more than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMuch;

/// How much may still be drawn.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) steps: usize,
    pub(super) glyphs: usize,
}

impl Budget {
    /// Of a whole file.
    pub(super) const FULL: Self = Self { steps: 80_000_000, glyphs: 12_000_000 };
}

pub(super) fn gather<'a>(
    page: &Page<'a>,
    fonts: &mut Fonts<'a>,
    budget: &mut Budget,
) -> Result<Sheet, TooMuch> {
    let (width, height) = page.render_dimensions();
    let place = Matrix(page.initial_transform(true).as_coeffs());
    let mut of_page = Budget { steps: budget.steps.min(MOST_STEPS_OF_A_PAGE), glyphs: budget.glyphs };
    let before = of_page.steps;
    let mut drawing = Drawing {
        sheet: Sheet::new(width, height),
        fonts,
        budget: &mut of_page,
        state: State::new(place),
        saved: Vec::new(),
        lost_saves: 0,
        floor: 0,
        pen: Pen::START,
        path: Path::default(),
        marked: Vec::new(),
    };
    for content in contents(page) {
        drawing.spend(content.len() / BYTES_OF_A_STEP)?;
        drawing.run(&content, page.resources(), 0)?;
    }
    let mut sheet = drawing.sheet;
    stuck::gather(page, &mut sheet);
    let sheet = sheet.upright();
    budget.steps = budget.steps.saturating_sub(before - of_page.steps);
    budget.glyphs = of_page.glyphs;
    Ok(sheet)
}

/// The streams of a page are one program, though an operator may not be torn between them.
fn contents(page: &Page<'_>) -> Vec<Vec<u8>> {
    let unpack = |stream: Stream<'_>| stream.decoded_data().ok().map(std::borrow::Cow::into_owned);
    if let Some(stream) = page.raw().get::<Stream<'_>>("Contents") {
        return unpack(stream).into_iter().collect();
    }
    let Some(parts) = page.raw().get::<Array<'_>>("Contents") else { return Vec::new() };
    let mut whole = Vec::new();
    for part in parts.iter::<Stream<'_>>().filter_map(unpack) {
        whole.extend(part);
        whole.push(b' ');
    }
    vec![whole]
}

/// Content between a pair of marks, and what the file says of it.
#[derive(Debug, Default)]
struct Marked {
    furniture: bool,
    /// What it reads, whatever its glyphs stand for, and the first glyph of it.
    reads: Option<(String, usize)>,
}

struct Drawing<'p, 'a> {
    sheet: Sheet,
    fonts: &'p mut Fonts<'a>,
    budget: &'p mut Budget,
    state: State,
    saved: Vec<State>,
    lost_saves: usize,
    /// A form restores no state of the page that draws it.
    floor: usize,
    pen: Pen,
    path: Path,
    marked: Vec<Marked>,
}

impl<'a> Drawing<'_, 'a> {
    fn spend(&mut self, steps: usize) -> Result<(), TooMuch> {
        self.budget.steps = self.budget.steps.checked_sub(steps).ok_or(TooMuch)?;
        Ok(())
    }

    fn run(&mut self, content: &[u8], resources: &Resources<'a>, depth: usize) -> Result<(), TooMuch> {
        let mut steps = TypedIter::new(content);
        while let Some(step) = steps.next() {
            self.spend(1)?;
            match step {
                TypedInstruction::XObject(name) => self.draw_object(name.0, resources, depth)?,
                TypedInstruction::InlineImage(_) => self.draw_picture(),
                TypedInstruction::SetGraphicsState(name) => self.set_state(name.0, resources),
                TypedInstruction::TextFont(font) => {
                    self.state.size = font.1.as_f64();
                    self.state.font = resources.get_font(font.0).map(|dict| self.fonts.load(&dict));
                }
                TypedInstruction::BeginMarkedContent(_) => self.marked.push(Marked::default()),
                TypedInstruction::BeginMarkedContentWithProperties(mark) => {
                    self.mark(mark.0, mark.1, resources);
                }
                TypedInstruction::EndMarkedContent(_) => self.end_mark(),
                step => self.move_pen(&step)?,
            }
        }
        Ok(())
    }

    fn set_state(&mut self, name: &Name<'_>, resources: &Resources<'a>) {
        let Some(dict) = resources.get_ext_g_state(name) else { return };
        if let Some(mut font) = dict.get::<Array<'a>>("Font").map(|font| font.flex_iter()) {
            if let Some(dict) = font.next::<Dict<'a>>() {
                self.state.font = Some(self.fonts.load(&dict));
            }
            if let Some(size) = font.next::<Number>() {
                self.state.size = size.as_f64();
            }
        }
        if let Some(width) = dict.get::<f32>("LW") {
            self.state.line_width = width.into();
        }
    }

    fn draw_object(
        &mut self,
        name: &Name<'_>,
        resources: &Resources<'a>,
        depth: usize,
    ) -> Result<(), TooMuch> {
        let Some(object) = resources.get_x_object(name) else { return Ok(()) };
        let dict = object.dict();
        if dict.get::<Name<'_>>("Subtype").is_none_or(|kind| kind.as_str() != "Form") {
            self.draw_picture();
            return Ok(());
        }
        if depth >= DEEPEST_FORM {
            return Ok(());
        }
        let Ok(content) = object.decoded_data() else { return Ok(()) };
        self.spend(content.len() / BYTES_OF_A_STEP)?;
        let own = dict.get::<Dict<'a>>("Resources").map(Resources::new);
        let outside = (self.state.clone(), self.floor, self.marked.len(), self.pen);
        self.floor = self.saved.len();
        if let Some(matrix) = dict.get::<[f32; 6]>("Matrix") {
            self.state.place = Matrix(matrix.map(f64::from)).then(self.state.place);
        }
        let drawn = self.run(&content, own.as_ref().unwrap_or(resources), depth + 1);
        self.state = outside.0;
        self.saved.truncate(self.floor);
        self.floor = outside.1;
        while self.marked.len() > outside.2 {
            self.end_mark();
        }
        self.pen = outside.3;
        self.path.clear();
        drawn
    }

    fn draw_picture(&mut self) {
        let area = self.state.place.area();
        if area.is_finite() {
            self.sheet.pictured += area;
        }
    }

    fn mark(&mut self, tag: &Name<'_>, properties: &Object<'_>, resources: &Resources<'a>) {
        let named;
        let properties = match properties {
            Object::Dict(dict) => Some(dict),
            Object::Name(name) => {
                named = resources.properties.get::<Dict<'a>>(name);
                named.as_ref()
            }
            _ => None,
        };
        let Some(properties) = properties else { return self.marked.push(Marked::default()) };
        let furniture = tag.as_str() == "Artifact"
            && properties.get::<Name<'_>>("Type").is_some_and(|kind| kind.as_str() == "Pagination");
        let reads = properties
            .get::<Letters<'_>>("ActualText")
            .and_then(|text| text_string(text.as_bytes()))
            .map(|text| (text, self.sheet.glyphs.len()));
        self.marked.push(Marked { furniture, reads });
    }

    fn end_mark(&mut self) {
        let Some(Marked { reads: Some((text, first)), .. }) = self.marked.pop() else { return };
        let Some(last) = self.sheet.glyphs.last().map(|glyph| glyph.to) else { return };
        self.sheet.glyphs.truncate(first + 1);
        if let Some(glyph) = self.sheet.glyphs.get_mut(first) {
            glyph.letters = text.into();
            glyph.to = last;
        }
    }

    fn move_pen(&mut self, step: &TypedInstruction<'_, '_>) -> Result<(), TooMuch> {
        use TypedInstruction as Step;
        let state = &mut self.state;
        match step {
            Step::BeginText(_) => self.pen = Pen::START,
            Step::CharacterSpacing(space) => state.letter_space = space.0.as_f64(),
            Step::WordSpacing(space) => state.word_space = space.0.as_f64(),
            Step::HorizontalScaling(percent) => state.stretch = percent.0.as_f64() / 100.0,
            Step::TextLeading(leading) => state.leading = leading.0.as_f64(),
            Step::TextRise(rise) => state.rise = rise.0.as_f64(),
            Step::TextRenderingMode(mode) => state.outlined = matches!(mode.0.as_i64(), 2 | 6),
            Step::NextLine(to) => self.pen.next_line(to.0.as_f64(), to.1.as_f64()),
            Step::NextLineAndSetLeading(to) => {
                state.leading = -to.1.as_f64();
                self.pen.next_line(to.0.as_f64(), to.1.as_f64());
            }
            Step::SetTextMatrix(m) => self.pen.set(matrix([m.0, m.1, m.2, m.3, m.4, m.5])),
            Step::NextLineUsingLeading(_) => self.pen.next_line(0.0, -state.leading),
            Step::ShowText(text) => self.show(text.0.as_bytes())?,
            Step::NextLineAndShowText(text) => {
                self.pen.next_line(0.0, -state.leading);
                self.show(text.0.as_bytes())?;
            }
            Step::ShowTextWithParameters(text) => {
                state.word_space = text.0.as_f64();
                state.letter_space = text.1.as_f64();
                self.pen.next_line(0.0, -state.leading);
                self.show(text.2.as_bytes())?;
            }
            Step::ShowTexts(parts) => self.show_parts(parts.0)?,
            step => self.draw_path(step),
        }
        Ok(())
    }

    fn show_parts(&mut self, parts: &Array<'_>) -> Result<(), TooMuch> {
        for part in parts.iter::<Object<'_>>() {
            self.spend(1)?;
            match part {
                Object::String(text) => self.show(text.as_bytes())?,
                Object::Number(thousandths) => {
                    let back = -thousandths.as_f64() / 1000.0 * self.state.size * self.state.stretch;
                    self.pen.advance(back, 0.0);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn show(&mut self, text: &[u8]) -> Result<(), TooMuch> {
        let furniture = self.marked.iter().any(|marked| marked.furniture);
        let Some(key) = self.state.font else { return Ok(()) };
        let state = &self.state;
        let Some(face) = self.fonts.face(key) else {
            // A font that cannot be read: its letters are there all the same.
            self.sheet.unread += text.len();
            return Ok(());
        };
        let style = Style { bold: face.style.bold || state.outlined, ..face.style };
        let scale = f64::from(face.scale);
        let mut at = 0;
        while at < text.len() {
            self.budget.glyphs = self.budget.glyphs.checked_sub(1).ok_or(TooMuch)?;
            let (code, length) = face.code(text, at);
            at += length;
            let known = face.known(code);
            let word_space = if length == 1 && code == 32 { state.word_space } else { 0.0 };
            let space = state.letter_space + word_space;
            let (x, y) = (f64::from(known.advance.0) / 1000.0, f64::from(known.advance.1) / 1000.0);
            let (x, y) = if y == 0.0 {
                ((x * state.size + space) * state.stretch, 0.0)
            } else {
                (0.0, y * state.size + space)
            };
            let place = self.pen.at.then(state.place);
            let glyph = Glyph {
                from: place.place(0.0, state.rise),
                to: place.place(x, state.rise + y),
                #[expect(clippy::cast_possible_truncation, reason = "a size on a page")]
                size: place.height() * (state.size * scale).abs() as f32,
                letters: Rc::clone(&known.letters),
                style,
                furniture,
            };
            self.pen.advance(x, y);
            if known.unread {
                self.sheet.unread += 1;
            }
            self.sheet.show(glyph);
        }
        Ok(())
    }

    fn draw_path(&mut self, step: &TypedInstruction<'_, '_>) {
        use TypedInstruction as Step;
        let place = |x: Number, y: Number| self.state.place.place(x.as_f64(), y.as_f64());
        match step {
            Step::MoveTo(to) => self.path.move_to(place(to.0, to.1)),
            Step::LineTo(to) => self.path.line_to(place(to.0, to.1)),
            Step::CubicTo(to) => self.path.curve_to(place(to.4, to.5)),
            Step::CubicStartTo(to) => self.path.curve_to(place(to.2, to.3)),
            Step::CubicEndTo(to) => self.path.curve_to(place(to.2, to.3)),
            Step::ClosePath(_) => self.path.close(),
            Step::RectPath(r) => {
                let (x, y) = (r.0.as_f64(), r.1.as_f64());
                let (right, top) = (x + r.2.as_f64(), y + r.3.as_f64());
                let place = |x: f64, y: f64| self.state.place.place(x, y);
                self.path.rectangle([place(x, y), place(right, y), place(right, top), place(x, top)]);
            }
            Step::EndPath(_) => self.path.clear(),
            Step::StrokePath(_) => self.paint(true, false),
            Step::CloseAndStrokePath(_) => {
                self.path.close();
                self.paint(true, false);
            }
            Step::FillPathNonZero(_) | Step::FillPathNonZeroCompatibility(_) | Step::FillPathEvenOdd(_) => {
                self.paint(false, true);
            }
            Step::FillAndStrokeNonZero(_) | Step::FillAndStrokeEvenOdd(_) => self.paint(true, true),
            Step::CloseFillAndStrokeNonZero(_) | Step::CloseFillAndStrokeEvenOdd(_) => {
                self.path.close();
                self.paint(true, true);
            }
            step => self.set_graphics(step),
        }
    }

    fn paint(&mut self, strokes: bool, fills: bool) {
        if fills && !self.state.fills_white {
            self.path.fill(&mut self.sheet);
        }
        if strokes && !self.state.strokes_white {
            #[expect(clippy::cast_possible_truncation, reason = "a width on a page")]
            let width = self.state.line_width as f32 * self.state.place.height();
            self.path.stroke(width, &mut self.sheet);
        }
        self.path.clear();
    }

    fn set_graphics(&mut self, step: &TypedInstruction<'_, '_>) {
        use TypedInstruction as Step;
        let state = &mut self.state;
        match step {
            Step::SaveState(_) if self.saved.len() < DEEPEST_STATE => self.saved.push(state.clone()),
            Step::SaveState(_) => self.lost_saves += 1,
            Step::RestoreState(_) if self.lost_saves > 0 => self.lost_saves -= 1,
            Step::RestoreState(_) => {
                if self.saved.len() > self.floor
                    && let Some(saved) = self.saved.pop()
                {
                    self.state = saved;
                }
            }
            Step::Transform(m) => {
                state.place = matrix([m.0, m.1, m.2, m.3, m.4, m.5]).then(state.place);
            }
            Step::LineWidth(width) => state.line_width = width.0.as_f64(),
            Step::NonStrokeColorDeviceGray(gray) => state.fills_white = is_white(&[gray.0]),
            Step::StrokeColorDeviceGray(gray) => state.strokes_white = is_white(&[gray.0]),
            Step::NonStrokeColorDeviceRgb(c) => state.fills_white = is_white(&[c.0, c.1, c.2]),
            Step::StrokeColorDeviceRgb(c) => state.strokes_white = is_white(&[c.0, c.1, c.2]),
            Step::NonStrokeColorCmyk(c) => state.fills_white = is_white_in_ink(&[c.0, c.1, c.2, c.3]),
            Step::StrokeColorCmyk(c) => state.strokes_white = is_white_in_ink(&[c.0, c.1, c.2, c.3]),
            Step::NonStrokeColor(color) => state.fills_white = is_white_of(&color.0),
            Step::StrokeColor(color) => state.strokes_white = is_white_of(&color.0),
            Step::NonStrokeColorNamed(color) => state.fills_white = is_white_of(&color.0),
            Step::StrokeColorNamed(color) => state.strokes_white = is_white_of(&color.0),
            Step::ColorSpaceNonStroke(_) => state.fills_white = false,
            Step::ColorSpaceStroke(_) => state.strokes_white = false,
            _ => {}
        }
    }
}

fn matrix(numbers: [Number; 6]) -> Matrix {
    Matrix(numbers.map(|number| number.as_f64()))
}

fn is_white(light: &[Number]) -> bool {
    light.iter().all(|part| part.as_f64() >= 0.999)
}

fn is_white_in_ink(ink: &[Number]) -> bool {
    ink.iter().all(|part| part.as_f64() <= 0.001)
}

/// By the number of parts, for the colour space itself is not looked at.
fn is_white_of(parts: &[Number]) -> bool {
    match parts.len() {
        3 => is_white(parts),
        4 => is_white_in_ink(parts),
        _ => false,
    }
}

/// UTF-16 with its mark, or what PDF calls PDFDocEncoding, of which ASCII is taken [ISO 32000 7.9.2.2].
pub(super) fn text_string(bytes: &[u8]) -> Option<String> {
    if let Some(utf16) = bytes.strip_prefix(&[0xFE, 0xFF]) {
        let units = utf16.chunks_exact(2).map(|pair| match *pair {
            [high, low] => u16::from_be_bytes([high, low]),
            _ => 0,
        });
        return Some(char::decode_utf16(units).filter_map(Result::ok).collect());
    }
    if let Some(utf8) = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]) {
        return std::str::from_utf8(utf8).ok().map(str::to_owned);
    }
    bytes.is_ascii().then(|| bytes.iter().map(|byte| char::from(*byte)).collect())
}
