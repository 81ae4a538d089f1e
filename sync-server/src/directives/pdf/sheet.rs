//! What one page draws, as the layout sees it: letters and straight lines with their places, in points from the top
//! left corner of the page as it is read.

use std::rc::Rc;

/// Beyond, a page is a drawing and its lines rule no table.
const MOST_RULES: usize = 20_000;
/// Places further out are an error of the file, and letters there are seen by nobody.
const FARTHEST: f32 = 20_000.0;
/// A slant up to which a line still counts as straight, in points.
const SLANT: f32 = 0.75;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Style {
    pub(super) bold: bool,
    pub(super) italic: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Point {
    pub(super) x: f32,
    pub(super) y: f32,
}

/// One glyph: the letters it stands for, from where to where it goes on the baseline.
#[derive(Debug, Clone)]
pub(super) struct Glyph {
    pub(super) letters: Rc<str>,
    pub(super) from: Point,
    pub(super) to: Point,
    pub(super) size: f32,
    pub(super) style: Style,
    /// The file itself says that it is page furniture: a header, a footer, a page number.
    pub(super) furniture: bool,
}

/// A straight line: `at` is its height if it lies, its distance from the left if it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rule {
    pub(super) lies: bool,
    pub(super) at: f32,
    pub(super) from: f32,
    pub(super) to: f32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
}

impl Area {
    pub(super) fn holds(&self, point: Point) -> bool {
        (self.left..=self.right).contains(&point.x) && (self.top..=self.bottom).contains(&point.y)
    }

    fn of(a: Point, b: Point) -> Self {
        Self { left: a.x.min(b.x), top: a.y.min(b.y), right: a.x.max(b.x), bottom: a.y.max(b.y) }
    }
}

#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) glyphs: Vec<Glyph>,
    pub(super) rules: Vec<Rule>,
    pub(super) shades: Vec<Area>,
    /// Words that are no part of the text but may be a stamp.
    pub(super) beside: Vec<String>,
    /// What stands on its side or slantwise, such as a watermark: whole runs.
    pub(super) turned: Vec<Glyph>,
    /// How much of the page pictures cover, in square points.
    pub(super) pictured: f32,
    /// Filled outlines; where there are many and no letters, the letters were turned into drawings.
    pub(super) outlines: usize,
    /// Glyphs of which the file does not say what letter they are.
    pub(super) unread: usize,
}

impl Sheet {
    pub(super) fn new(width: f32, height: f32) -> Self {
        Self { width, height, ..Self::default() }
    }

    pub(super) fn show(&mut self, glyph: Glyph) {
        let places = [glyph.from.x, glyph.from.y, glyph.to.x, glyph.to.y, glyph.size];
        if places.iter().any(|place| !place.is_finite() || place.abs() > FARTHEST) || glyph.size < 0.3 {
            return;
        }
        if self.composes(&glyph) {
            return;
        }
        self.glyphs.push(glyph);
    }

    /// A tone mark drawn by itself belongs to the letter that it was drawn over.
    fn composes(&mut self, mark: &Glyph) -> bool {
        let marks_only = !mark.letters.is_empty() && mark.letters.chars().all(is_mark);
        let Some(base) = self.glyphs.last_mut().filter(|_| marks_only) else { return false };
        let reach = base.size * 1.2;
        let near = (mark.from.x - base.to.x).abs() < reach && (mark.from.y - base.to.y).abs() < reach;
        if near {
            base.letters = format!("{}{}", base.letters, mark.letters).into();
            base.to.x = base.to.x.max(mark.to.x);
        }
        near
    }

    pub(super) fn rule(&mut self, a: Point, b: Point) {
        let drawn = Area::of(a, b);
        let (across, down) = (drawn.right - drawn.left, drawn.bottom - drawn.top);
        // Written so that no number that is none passes.
        let lies = down <= SLANT && across > SLANT;
        let stands = across <= SLANT && down > SLANT;
        let near = [drawn.left, drawn.right, drawn.top, drawn.bottom].iter().all(|at| at.abs() < FARTHEST);
        if !near || !(lies || stands) || self.rules.len() > MOST_RULES {
            return;
        }
        self.rules.push(if lies {
            Rule { lies, at: f32::midpoint(drawn.top, drawn.bottom), from: drawn.left, to: drawn.right }
        } else {
            Rule { lies, at: f32::midpoint(drawn.left, drawn.right), from: drawn.top, to: drawn.bottom }
        });
    }

    /// A filled rectangle: a thin one is how many programs draw a line.
    pub(super) fn filled(&mut self, a: Point, b: Point) {
        const THICKEST: f32 = 3.0;
        let area = Area::of(a, b);
        let (across, down) = (area.right - area.left, area.bottom - area.top);
        let middle =
            Point { x: f32::midpoint(area.left, area.right), y: f32::midpoint(area.top, area.bottom) };
        if down <= THICKEST && across > down * 2.0 {
            self.rule(Point { x: area.left, y: middle.y }, Point { x: area.right, y: middle.y });
        } else if across <= THICKEST && down > across * 2.0 {
            self.rule(Point { x: middle.x, y: area.top }, Point { x: middle.x, y: area.bottom });
        } else if across > THICKEST && down > THICKEST && self.shades.len() < MOST_RULES {
            self.shades.push(area);
        }
    }

    /// The page as it is read: turned if most of it stands on its side, without what lies outside of it.
    pub(super) fn upright(mut self) -> Self {
        let mut turns = [0_usize; 4];
        for glyph in &self.glyphs {
            if let Some(count) = turn(glyph).and_then(|turn| turns.get_mut(turn)) {
                *count += 1;
            }
        }
        let most = (0..4).max_by_key(|turn| (turns.get(*turn), std::cmp::Reverse(*turn))).unwrap_or_default();
        for _ in 0..most {
            self.turn_back();
        }
        if self.rules.len() > MOST_RULES {
            self.rules.clear();
        }
        let (width, height) = (self.width, self.height);
        let (upright, turned): (Vec<_>, Vec<_>) =
            self.glyphs.into_iter().partition(|glyph| turn(glyph) == Some(0));
        self.glyphs = upright;
        self.glyphs.retain(|glyph| {
            (-10.0..=width + 10.0).contains(&glyph.from.x) && (-10.0..=height + 10.0).contains(&glyph.from.y)
        });
        self.turned = turned;
        self
    }

    /// By a quarter, against the clock.
    fn turn_back(&mut self) {
        let width = self.width;
        let back = |point: Point| Point { x: point.y, y: width - point.x };
        for glyph in &mut self.glyphs {
            (glyph.from, glyph.to) = (back(glyph.from), back(glyph.to));
        }
        for rule in &mut self.rules {
            let (from, to) = (width - rule.to, width - rule.from);
            *rule = if rule.lies {
                Rule { lies: false, at: rule.at, from, to }
            } else {
                Rule { lies: true, at: width - rule.at, from: rule.from, to: rule.to }
            };
        }
        for shade in &mut self.shades {
            let (a, b) = (Point { x: shade.left, y: shade.top }, Point { x: shade.right, y: shade.bottom });
            *shade = Area::of(back(a), back(b));
        }
        std::mem::swap(&mut self.width, &mut self.height);
    }
}

/// 0 for letters that run to the right, then by quarters with the clock; `None` for slanted ones.
fn turn(glyph: &Glyph) -> Option<usize> {
    let (x, y) = (glyph.to.x - glyph.from.x, glyph.to.y - glyph.from.y);
    let straight = 0.05 * (x.abs() + y.abs());
    if y.abs() <= straight {
        Some(if x < 0.0 { 2 } else { 0 })
    } else if x.abs() <= straight {
        Some(if y > 0.0 { 1 } else { 3 })
    } else {
        None
    }
}

pub(super) fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}
