//! The graphics state of a content stream, as far as it decides where letters and lines stand [ISO 32000 8.4, 9.3].

use super::sheet::Point;

/// `[a b c d e f]`, as PDF writes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Matrix(pub(super) [f64; 6]);

impl Matrix {
    pub(super) const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    pub(super) const fn shift(x: f64, y: f64) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// First this one, then the other.
    pub(super) fn then(self, other: Self) -> Self {
        let ([a, b, c, d, e, f], [g, h, i, j, k, l]) = (self.0, other.0);
        Self([
            a * g + b * i,
            a * h + b * j,
            c * g + d * i,
            c * h + d * j,
            e * g + f * i + k,
            e * h + f * j + l,
        ])
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a place on a page; too large a one becomes infinite"
    )]
    pub(super) fn place(self, x: f64, y: f64) -> Point {
        let [a, b, c, d, e, f] = self.0;
        Point { x: (a * x + c * y + e) as f32, y: (b * x + d * y + f) as f32 }
    }

    /// How long a standing line of length 1 becomes.
    #[expect(clippy::cast_possible_truncation, reason = "a size on a page; too large a one becomes infinite")]
    pub(super) fn height(self) -> f32 {
        let [_, _, c, d, ..] = self.0;
        c.hypot(d) as f32
    }

    /// How large a square of area 1 becomes.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "an area on a page; too large a one becomes infinite"
    )]
    pub(super) fn area(self) -> f32 {
        let [a, b, c, d, ..] = self.0;
        (a * d - b * c).abs() as f32
    }
}

#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) place: Matrix,
    pub(super) font: Option<usize>,
    pub(super) size: f64,
    pub(super) letter_space: f64,
    pub(super) word_space: f64,
    pub(super) stretch: f64,
    pub(super) leading: f64,
    pub(super) rise: f64,
    /// Filled and stroked: how fonts without a bold cut are made bold.
    pub(super) outlined: bool,
    pub(super) fills_white: bool,
    pub(super) strokes_white: bool,
    pub(super) line_width: f64,
}

impl State {
    pub(super) fn new(place: Matrix) -> Self {
        Self {
            place,
            font: None,
            size: 0.0,
            letter_space: 0.0,
            word_space: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
            outlined: false,
            fills_white: false,
            strokes_white: false,
            line_width: 1.0,
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    pub(super) at: Matrix,
    pub(super) line: Matrix,
}

impl Pen {
    pub(super) const START: Self = Self { at: Matrix::IDENTITY, line: Matrix::IDENTITY };

    pub(super) fn next_line(&mut self, x: f64, y: f64) {
        self.set(Matrix::shift(x, y).then(self.line));
    }

    pub(super) fn set(&mut self, line: Matrix) {
        *self = Self { at: line, line };
    }

    pub(super) fn advance(&mut self, x: f64, y: f64) {
        self.at = Matrix::shift(x, y).then(self.at);
    }
}
