//! Letters put together to lines: by baseline, with blanks where there is a gap.

use super::{
    paragraph::opens_item,
    sheet::{Glyph, Style},
};

/// Gaps in sizes of the type. Between words there is at least 0.2; justified lines go up to about 1.5.
const GAP_OF_WORDS: f32 = 0.16;
/// Where the file draws its blanks, a gap alone must be wider to be one.
const GAP_BESIDE_BLANKS: f32 = 0.22;
const GAP_OF_PIECES: f32 = 1.8;
/// A tab, rather than a line that was justified with few words on it.
const GAP_OF_CELLS: f32 = 3.0;
/// How far baselines of one line differ.
const SAME_BASELINE: f32 = 0.22;
/// Raised marks are smaller than their line.
const RAISED_SIZE: f32 = 0.85;
/// Of runs on two neighbouring lines; a line has some ten runs.
const MOST_PAIRS: usize = 100_000;

/// A run of letters of one style on one line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) style: Style,
    /// Raised above the line, as marks of notes are.
    pub(super) raised: bool,
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) size: f32,
    /// How far its first word goes.
    first_word: f32,
    blank_before: bool,
    blank_after: bool,
    baseline: f32,
    furniture: bool,
}

impl Run {
    fn new(glyph: &Glyph, blank_before: bool) -> Self {
        Self {
            text: String::new(),
            style: glyph.style,
            raised: false,
            left: glyph.from.x,
            right: glyph.from.x,
            size: glyph.size,
            first_word: glyph.from.x,
            blank_before,
            blank_after: false,
            baseline: glyph.from.y,
            furniture: glyph.furniture,
        }
    }

    fn is_followed_by(&self, glyph: &Glyph) -> bool {
        let gap = glyph.from.x - self.right;
        (glyph.from.y - self.baseline).abs() < glyph.size * 0.02 + 0.05
            && (glyph.size - self.size).abs() < glyph.size * 0.02
            && glyph.style == self.style
            && glyph.furniture == self.furniture
            && gap > -glyph.size * 0.4
            && gap < glyph.size * GAP_OF_PIECES
    }

    fn push(&mut self, letters: &str, to: f32, parted: bool) {
        if parted {
            self.text.push(' ');
        }
        self.text.push_str(letters);
        self.right = self.right.max(to);
        self.blank_after = false;
        if !self.text.contains(' ') {
            self.first_word = self.right;
        }
    }
}

/// Runs on one baseline without a wide gap between them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) runs: Vec<Run>,
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) baseline: f32,
    pub(super) size: f32,
    pub(super) furniture: bool,
    /// A row of things apart rather than a line of a sentence.
    pub(super) parted: bool,
}

impl Line {
    fn new(runs: Vec<Run>, baseline: f32, size: f32) -> Self {
        let left = runs.iter().map(|run| run.left).fold(f32::INFINITY, f32::min);
        let right = runs.iter().map(|run| run.right).fold(f32::NEG_INFINITY, f32::max);
        let furniture = runs.iter().all(|run| run.furniture);
        Self { runs, left, right, baseline, size, furniture, parted: false }
    }

    pub(super) fn text(&self) -> String {
        self.runs.iter().map(|run| run.text.as_str()).collect()
    }

    pub(super) fn is_bold(&self) -> bool {
        self.runs.iter().all(|run| run.style.bold || run.text.trim().is_empty())
    }

    pub(super) fn top(&self) -> f32 {
        self.baseline - self.size
    }

    /// How wide its first word is, though its letters may change their style.
    pub(super) fn first_word(&self) -> f32 {
        let mut right = self.left;
        for (at, run) in self.runs.iter().enumerate() {
            if at > 0 && run.text.starts_with(' ') {
                break;
            }
            right = run.first_word;
            if run.text.contains(' ') {
                break;
            }
        }
        right - self.left
    }

    /// The same line elsewhere, for lines of two pages or columns to be compared.
    pub(super) fn moved(&self, right: f32) -> Self {
        let mut line = self.clone();
        line.left += right;
        line.right += right;
        for run in &mut line.runs {
            run.left += right;
            run.right += right;
            run.first_word += right;
        }
        line
    }

    /// With what stands further right on the same row.
    pub(super) fn join(mut self, other: Self) -> Self {
        let gap = other.left - self.right;
        let size = self.size.max(other.size);
        let apart = gap > size * GAP_OF_CELLS;
        let mark = apart && opens_item(&format!("{} …", self.text()));
        if let Some(last) = self.runs.last_mut() {
            last.text.push(if apart { '\t' } else { ' ' });
        }
        self.runs.extend(other.runs);
        let parted = self.parted || other.parted || (apart && !mark);
        Self { parted, ..Self::new(self.runs, self.baseline, size) }
    }
}

/// The lines of some glyphs, from top to bottom; what stands on one row from left to right.
pub(super) fn lines(glyphs: &[Glyph]) -> Vec<Vec<Line>> {
    let mut rows = baselines(runs(glyphs));
    raise(&mut rows);
    rows.into_iter().filter(|row| !row.is_empty()).map(pieces).filter(|row| !row.is_empty()).collect()
}

/// Letters that follow one another in the order of drawing and in place. Blanks take no room of their own: they are
/// remembered, for kerning may leave next to nothing of them.
fn runs(glyphs: &[Glyph]) -> Vec<Run> {
    let blanks = glyphs.iter().filter(|glyph| &*glyph.letters == " ").count();
    let gap_of_words = if blanks * 20 > glyphs.len() { GAP_BESIDE_BLANKS } else { GAP_OF_WORDS };
    let mut runs: Vec<Run> = Vec::new();
    let mut blank = false;
    for glyph in glyphs {
        if glyph.letters.chars().all(|letter| letter == ' ') {
            blank = true;
            if let Some(run) = runs.last_mut() {
                run.blank_after |= run.is_followed_by(glyph);
            }
            continue;
        }
        let to = glyph.to.x.max(glyph.from.x);
        if let Some(run) = runs.last_mut().filter(|run| run.is_followed_by(glyph)) {
            let parted = run.blank_after || glyph.from.x - run.right > glyph.size * gap_of_words;
            run.push(&glyph.letters, to, parted);
        } else {
            let mut run = Run::new(glyph, blank);
            run.push(&glyph.letters, to, false);
            runs.push(run);
        }
        blank = false;
    }
    runs
}

/// Runs of one baseline, from top to bottom.
fn baselines(mut runs: Vec<Run>) -> Vec<Vec<Run>> {
    runs.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut rows: Vec<Vec<Run>> = Vec::new();
    let (mut at, mut size) = (f32::NEG_INFINITY, 0.0_f32);
    for run in runs {
        let same = (run.baseline - at).abs() <= SAME_BASELINE * run.size.min(size);
        match rows.last_mut() {
            Some(row) if same => {
                if run.size > size {
                    (at, size) = (run.baseline, run.size);
                }
                row.push(run);
            }
            _ => {
                (at, size) = (run.baseline, run.size);
                rows.push(vec![run]);
            }
        }
    }
    rows
}

/// Small runs just above or below a line, beside one of its runs, are of that line.
fn raise(rows: &mut [Vec<Run>]) {
    for at in 1..rows.len() {
        let Some((above, below)) = rows.split_at_mut_checked(at) else { return };
        let (Some(upper), Some(lower)) = (above.last_mut(), below.first_mut()) else { return };
        if upper.len().saturating_mul(lower.len()) > MOST_PAIRS {
            continue;
        }
        let moves_down = |run: &Run, line: &[Run]| {
            line.iter().any(|base| {
                let drop = base.baseline - run.baseline;
                touches(run, base) && (0.08..0.7).contains(&(drop / base.size))
            })
        };
        let moves_up = |run: &Run, line: &[Run]| {
            line.iter().any(|base| {
                let drop = run.baseline - base.baseline;
                touches(run, base) && (0.03..0.4).contains(&(drop / base.size))
            })
        };
        let (down, stay): (Vec<_>, Vec<_>) = upper.drain(..).partition(|run| moves_down(run, lower));
        *upper = stay;
        let (up, stay): (Vec<_>, Vec<_>) = lower.drain(..).partition(|run| moves_up(run, upper));
        *lower = stay;
        lower.extend(down.into_iter().map(|run| Run { raised: true, ..run }));
        upper.extend(up);
    }
}

fn touches(small: &Run, base: &Run) -> bool {
    small.size <= base.size * RAISED_SIZE
        && small.left < base.right + base.size * 0.6
        && small.right > base.left - base.size * 0.6
}

/// The runs of one row, parted at wide gaps; what was drawn twice for its weight stands once, bold.
fn pieces(mut row: Vec<Run>) -> Vec<Line> {
    row.sort_by(|a, b| a.left.total_cmp(&b.left));
    let largest = row.iter().max_by(|a, b| a.size.total_cmp(&b.size)).map(|run| (run.baseline, run.size));
    let Some((baseline, size)) = largest else { return Vec::new() };
    let mut pieces: Vec<Vec<Run>> = Vec::new();
    for mut run in row {
        if let Some(last) = pieces.last_mut().and_then(|piece| piece.last_mut()) {
            if last.text == run.text && (last.left - run.left).abs() < size * 0.15 {
                last.style.bold = true;
                continue;
            }
            let gap = run.left - last.right;
            if gap < size * GAP_OF_PIECES {
                let blank = last.blank_after || run.blank_before;
                let least = if blank { -0.1 } else { 0.14 };
                if gap > size * least && (blank || !run.raised) {
                    run.text.insert(0, ' ');
                }
                if let Some(piece) = pieces.last_mut() {
                    piece.push(run);
                }
                continue;
            }
        }
        pieces.push(vec![run]);
    }
    pieces.into_iter().map(|piece| Line::new(piece, baseline, size)).collect()
}
