//! Lines onto pages: what does not fit goes over, notes stand at the foot of the page that tells of them.

use std::collections::BTreeMap;

use sotay_protocol::document::Span;

use super::fonts::{Fonts, Style};
use super::lines::{Line, Measure, broken};

/// A4, in points.
pub const WIDTH: f32 = 595.0;
pub const HEIGHT: f32 = 842.0;
/// Three centimetres on the left, where it is bound; two elsewhere.
pub const LEFT: f32 = 85.0;
const RIGHT: f32 = 57.0;
const TOP: f32 = 57.0;
const BOTTOM: f32 = 57.0;
/// What a line may be wide.
pub const MEASURE: f32 = WIDTH - LEFT - RIGHT;
/// From one line to the next, of the size.
pub const LEADING: f32 = 1.25;
const NOTE: f32 = 10.0;
const RULE_OF_NOTES: f32 = 140.0;
const PAGE_NUMBER: f32 = 13.0;

/// Something drawn; from the page's lower left.
#[derive(Debug, Clone)]
pub enum Mark {
    Words {
        x: f32,
        y: f32,
        size: f32,
        style: Style,
        text: String,
    },
    Rule {
        from: (f32, f32),
        to: (f32, f32),
    },
    /// Black from its lower left corner.
    Block {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
    },
}

#[derive(Debug, Clone, Default)]
pub struct Sheet {
    pub marks: Vec<Mark>,
}

#[derive(Debug)]
pub struct Pages<'a> {
    pub fonts: &'a Fonts,
    notes: BTreeMap<&'a str, &'a [Span]>,
    done: Vec<Sheet>,
    sheet: Sheet,
    /// Down to here the page is full.
    y: f32,
    /// Notes of this page, and how high they are.
    foot: Vec<Line>,
}

impl<'a> Pages<'a> {
    pub fn new(fonts: &'a Fonts, notes: BTreeMap<&'a str, &'a [Span]>) -> Self {
        let y = HEIGHT - TOP;
        Self { fonts, notes, done: Vec::new(), sheet: Sheet::default(), y, foot: Vec::new() }
    }

    pub fn finish(mut self) -> Vec<Sheet> {
        self.turn();
        self.done
    }

    pub fn y(&self) -> f32 {
        self.y
    }

    pub fn skip(&mut self, height: f32) {
        self.y -= height;
    }

    /// Whether the page holds so much more, with the notes that come with it.
    pub fn fits(&self, height: f32, lines: &[&Line]) -> bool {
        let notes: usize = lines.iter().flat_map(|line| &line.notes).map(|mark| self.note(mark).len()).sum();
        self.y - height >= BOTTOM + foot_height(self.foot.len() + notes)
    }

    /// Goes on with the next page.
    pub fn turn(&mut self) {
        self.draw_foot();
        let sheet = std::mem::take(&mut self.sheet);
        self.done.push(sheet);
        self.y = HEIGHT - TOP;
        self.number();
    }

    /// From the second page on, in the middle of the upper edge.
    fn number(&mut self) {
        let text = (self.done.len() + 1).to_string();
        let x = (WIDTH - self.fonts.width(&text, Style::Regular, PAGE_NUMBER)) / 2.0;
        let y = HEIGHT - TOP + PAGE_NUMBER;
        self.sheet.marks.push(Mark::Words { x, y, size: PAGE_NUMBER, style: Style::Regular, text });
    }

    /// Puts a line under what is there, on the next page where this one is full.
    pub fn line(&mut self, line: &Line, x: f32, size: f32) {
        let height = size * LEADING;
        if !self.fits(height, &[line]) {
            self.turn();
        }
        self.y -= height;
        self.draw(line, x, self.y + size * (LEADING - 1.0));
        self.tell(line);
    }

    /// Draws a line with its base at `y`, without regard to the page.
    pub fn draw(&mut self, line: &Line, x: f32, y: f32) {
        for piece in &line.pieces {
            self.sheet.marks.push(Mark::Words {
                x: x + piece.x,
                y: y + piece.rise,
                size: piece.size,
                style: piece.style,
                text: piece.text.clone(),
            });
        }
    }

    pub fn rule(&mut self, from: (f32, f32), to: (f32, f32)) {
        self.sheet.marks.push(Mark::Rule { from, to });
    }

    pub fn block(&mut self, (x, y): (f32, f32), (width, height): (f32, f32)) {
        self.sheet.marks.push(Mark::Block { x, y, width, height });
    }

    /// Takes the notes of a line that was drawn into the foot.
    pub fn tell(&mut self, line: &Line) {
        for mark in &line.notes {
            let lines = self.note(mark);
            self.foot.extend(lines);
        }
    }

    fn note(&self, mark: &str) -> Vec<Line> {
        let Some(spans) = self.notes.get(mark) else { return Vec::new() };
        let told = Span::note(mark);
        let spans: Vec<Span> = [told, Span::plain(" ")].into_iter().chain(spans.iter().cloned()).collect();
        let mut lines = broken(&spans, self.fonts, Measure { size: NOTE, width: MEASURE, first: 0.0 });
        lines.iter_mut().for_each(|line| line.notes.clear());
        lines
    }

    fn draw_foot(&mut self) {
        let lines = std::mem::take(&mut self.foot);
        if lines.is_empty() {
            return;
        }
        let mut y = BOTTOM + foot_height(lines.len()) - NOTE;
        self.rule((LEFT, y), (LEFT + RULE_OF_NOTES, y));
        y -= NOTE * 0.4;
        for line in &lines {
            y -= NOTE * LEADING;
            self.draw(line, LEFT, y);
        }
    }
}

fn foot_height(lines: usize) -> f32 {
    let lines = f32::from(u16::try_from(lines).unwrap_or(u16::MAX));
    if lines > 0.0 { lines * NOTE * LEADING + NOTE * 1.8 } else { 0.0 }
}
