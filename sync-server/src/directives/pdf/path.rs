//! The path under construction: all that is kept of it is what may be a line of a table or the shade of a cell.

use super::sheet::{Point, Sheet};

/// A longer path is a drawing.
const MOST_POINTS: usize = 4_000;
/// A line thicker than this is a bar, not a rule; in points.
const THICKEST: f32 = 4.0;

#[derive(Debug, Default)]
pub(super) struct Path {
    strokes: Vec<Stroke>,
    points: usize,
}

#[derive(Debug, Default)]
struct Stroke {
    points: Vec<Point>,
    curved: bool,
    closed: bool,
}

impl Path {
    pub(super) fn move_to(&mut self, to: Point) {
        if self.room() {
            self.strokes.push(Stroke { points: vec![to], ..Stroke::default() });
        }
    }

    pub(super) fn line_to(&mut self, to: Point) {
        if self.room()
            && let Some(stroke) = self.strokes.last_mut()
        {
            stroke.points.push(to);
        }
    }

    pub(super) fn curve_to(&mut self, to: Point) {
        self.line_to(to);
        if let Some(stroke) = self.strokes.last_mut() {
            stroke.curved = true;
        }
    }

    pub(super) fn close(&mut self) {
        if let Some(stroke) = self.strokes.last_mut() {
            stroke.closed = true;
        }
    }

    pub(super) fn rectangle(&mut self, corners: [Point; 4]) {
        if self.room() {
            self.points += corners.len();
            self.strokes.push(Stroke { points: corners.to_vec(), curved: false, closed: true });
        }
    }

    fn room(&mut self) -> bool {
        self.points += 1;
        self.points < MOST_POINTS
    }

    pub(super) fn clear(&mut self) {
        self.strokes.clear();
        self.points = 0;
    }

    pub(super) fn stroke(&self, width: f32, sheet: &mut Sheet) {
        if width > THICKEST {
            return;
        }
        for stroke in self.strokes.iter().filter(|stroke| !stroke.curved) {
            for pair in stroke.points.windows(2) {
                if let [a, b] = pair {
                    sheet.rule(*a, *b);
                }
            }
            if stroke.closed
                && let (Some(first), Some(last)) = (stroke.points.first(), stroke.points.last())
            {
                sheet.rule(*last, *first);
            }
        }
    }

    pub(super) fn fill(&self, sheet: &mut Sheet) {
        for stroke in &self.strokes {
            match *stroke.points.as_slice() {
                [a, b, c, d] if !stroke.curved && is_rectangle(a, b, c, d) => sheet.filled(a, c),
                [a, b, c, d, e] if !stroke.curved && a == e && is_rectangle(a, b, c, d) => sheet.filled(a, c),
                // Skia fills the border of a cell as a quadrangle whose corners are cut for the next border.
                [a, b, c, d] if !stroke.curved => fill_bevel([a, b, c, d], sheet),
                [a, b, c, d, e] if !stroke.curved && a == e => fill_bevel([a, b, c, d], sheet),
                _ => {}
            }
            sheet.outlines += usize::from(stroke.curved);
        }
    }
}

fn is_rectangle(a: Point, b: Point, c: Point, d: Point) -> bool {
    let same = |one: f32, other: f32| (one - other).abs() < 0.2;
    (same(a.x, b.x) && same(b.y, c.y) && same(c.x, d.x) && same(d.y, a.y))
        || (same(a.y, b.y) && same(b.x, c.x) && same(c.y, d.y) && same(d.x, a.x))
}

/// A thin quadrangle with two sides along one axis counts as the line that it looks like.
fn fill_bevel(corners: [Point; 4], sheet: &mut Sheet) {
    let places = |of: fn(&Point) -> f32| {
        let least = corners.iter().map(of).fold(f32::INFINITY, f32::min);
        let most = corners.iter().map(of).fold(f32::NEG_INFINITY, f32::max);
        (least, most)
    };
    let ((left, right), (top, bottom)) = (places(|point| point.x), places(|point| point.y));
    if right - left <= 3.0 || bottom - top <= 3.0 {
        sheet.filled(Point { x: left, y: top }, Point { x: right, y: bottom });
    }
}
