//! Blocks that stand side by side: the letterhead, the recipients beside the signature, true columns. Each is read
//! from top to bottom, the left one first, as a Word table without borders is.
//!
//! All else on one row is read across: a row without ruling lines is a row, not two columns.

use super::line::Line;

/// The letterhead is the top of a page.
const LETTERHEAD: f32 = 0.4;
/// A gap between blocks, in sizes of the type.
const GUTTER: f32 = 0.9;
/// Rows of true columns, at least, and how much of its side a line fills.
const ROWS_OF_COLUMNS: usize = 6;
const FULL_LINE: f32 = 0.75;
/// Of a page of columns.
const MOST_ROWS: usize = 200;

/// Words that stand over a signature, or over who receives.
const OVER_A_SIGNATURE: [&str; 15] = [
    "nơi nhận",
    "t/m",
    "tm.",
    "kt.",
    "tl.",
    "tuq.",
    "bí thư",
    "phó bí thư",
    "chủ trì",
    "chủ tọa",
    "chủ tịch",
    "thư ký",
    "người ",
    "trưởng ",
    "xác nhận",
];
const OVER_A_LETTER: [&str; 3] =
    ["đảng cộng sản việt nam", "cộng hòa xã hội chủ nghĩa", "cộng hoà xã hội chủ nghĩa"];

/// Lines to be read one after the other.
#[derive(Debug, Default)]
pub(super) struct Region {
    pub(super) lines: Vec<Line>,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Kind {
    /// As wide as the page.
    #[default]
    Page,
    /// Of a letterhead or a signature.
    Block,
    /// A column of prose, which goes on in the next.
    Column,
}

#[derive(Debug, Clone, Copy)]
struct Gutter {
    left: f32,
    right: f32,
}

/// What lies on each side of the gutter, and from where to where.
#[derive(Debug, Default)]
struct Band {
    left: Vec<Line>,
    right: Vec<Line>,
    rows: usize,
}

/// The rows of a page as regions, in the order of reading.
pub(super) fn read(rows: &[Vec<Line>], height: f32) -> Vec<Region> {
    let mut regions: Vec<Region> = vec![Region::default()];
    let mut at = 0;
    while let Some(row) = rows.get(at) {
        let rest = rows.get(at..).unwrap_or_default();
        if let Some(band) = band(rest)
            && let Some(kind) = kind(&band, height)
        {
            at += band.rows;
            let above = regions.last_mut().map(|region| borrow_from_above(&mut region.lines, &band));
            let (left, mut right) = (band.left, band.right);
            right.splice(..0, above.unwrap_or_default());
            regions.extend([Region { lines: left, kind }, Region { lines: right, kind }, Region::default()]);
        } else {
            at += 1;
            if let (Some(line), Some(region)) = (row.iter().cloned().reduce(Line::join), regions.last_mut()) {
                region.lines.push(line);
            }
        }
    }
    regions.retain(|region| !region.lines.is_empty());
    regions
}

/// The right block may start a row further up than the left one.
fn borrow_from_above(region: &mut Vec<Line>, band: &Band) -> Vec<Line> {
    let (Some(left), Some(right)) = (extent(&band.left), extent(&band.right)) else { return Vec::new() };
    let Some(first) =
        band.left.first().into_iter().chain(band.right.first()).map(Line::top).min_by(f32::total_cmp)
    else {
        return Vec::new();
    };
    let fits = |line: &Line| {
        let middle = f32::midpoint(line.left, line.right);
        line.left > left.1 && middle > right.0 && middle < right.1 && first - line.baseline < line.size
    };
    if region.last().is_some_and(fits) { region.pop().into_iter().collect() } else { Vec::new() }
}

fn extent(lines: &[Line]) -> Option<(f32, f32)> {
    let left = lines.iter().map(|line| line.left).min_by(f32::total_cmp)?;
    let right = lines.iter().map(|line| line.right).max_by(f32::total_cmp)?;
    Some((left, right))
}

/// As many rows as leave a gutter free, from the first on, which has something on both sides of it.
fn band(rows: &[Vec<Line>]) -> Option<Band> {
    let (mut gutter, size) = start(rows)?;
    let mut band = Band::default();
    let mut last = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    for row in rows.iter().take(MOST_ROWS) {
        let middle = f32::midpoint(gutter.left, gutter.right);
        let (left, right): (Vec<&Line>, Vec<&Line>) =
            row.iter().partition(|line| f32::midpoint(line.left, line.right) < middle);
        let narrowed = Gutter {
            left: left.iter().map(|line| line.right).fold(gutter.left, f32::max),
            right: right.iter().map(|line| line.left).fold(gutter.right, f32::min),
        };
        if narrowed.right - narrowed.left < GUTTER * size {
            break;
        }
        let far = |lines: &[&Line], last: f32, at_most: f32| {
            lines.first().is_some_and(|line| line.baseline - last > at_most * line.size)
        };
        let one_sided = left.is_empty() || right.is_empty();
        let outside = !is_under(&left, &band.left) || !is_under(&right, &band.right);
        if band.rows > 1 && one_sided && (outside || far(&left, last.0.max(last.1), 2.6)) {
            break;
        }
        gutter = narrowed;
        last.0 = left.first().map_or(last.0, |line| line.baseline);
        last.1 = right.first().map_or(last.1, |line| line.baseline);
        band.rows += 1;
        band.left.extend(left.into_iter().cloned().reduce(Line::join));
        band.right.extend(right.into_iter().cloned().reduce(Line::join));
    }
    (!band.left.is_empty() && !band.right.is_empty()).then_some(band)
}

/// The gap of the first row, or of the first two where their baselines differ by less than a line.
fn start(rows: &[Vec<Line>]) -> Option<(Gutter, f32)> {
    let row = rows.first()?;
    let size = row.iter().map(|line| line.size).max_by(f32::total_cmp)?;
    let widest = row
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] => Some(Gutter { left: a.right, right: b.left }),
            _ => None,
        })
        .max_by(|a, b| (a.right - a.left).total_cmp(&(b.right - b.left)));
    if widest.is_some() {
        return widest.map(|gutter| (gutter, size));
    }
    let (Some(upper), Some(lower)) = (row.first(), rows.get(1)?.first()) else { return None };
    // Under “Nơi nhận:” the signature may start a line or two further down.
    let text = upper.text().trim().to_lowercase();
    if OVER_A_SIGNATURE.iter().any(|word| text.starts_with(word)) {
        let size = upper.size;
        let near = rows.iter().skip(1).take(4).flatten();
        let beside = near.filter(|line| line.baseline - upper.baseline < size * 4.0).find(|line| {
            line.left - upper.right > GUTTER * size || upper.left - line.right > GUTTER * size
        })?;
        let (left, right) = if upper.left < beside.left { (upper, beside) } else { (beside, upper) };
        return Some((Gutter { left: left.right, right: right.left }, size));
    }
    if lower.baseline - upper.baseline > 0.85 * upper.size.max(lower.size) {
        return None;
    }
    let (left, right) = if upper.left < lower.left { (upper, lower) } else { (lower, upper) };
    (right.left - left.right > GUTTER * size)
        .then_some((Gutter { left: left.right, right: right.left }, size))
}

/// Whether a line stands below its block and not below the page as a whole.
fn is_under(lines: &[&Line], block: &[Line]) -> bool {
    let (Some(line), Some((left, right))) = (lines.first(), extent(block)) else { return true };
    let middle = f32::midpoint(line.left, line.right);
    (left - line.left).abs() < line.size || (left - line.size..=right + line.size).contains(&middle)
}

fn kind(band: &Band, height: f32) -> Option<Kind> {
    let first = band.left.first()?;
    let says = |words: &[&str], from_start: bool| {
        band.left.iter().take(3).chain(band.right.iter().take(3)).any(|line| {
            let text = line.text().trim().to_lowercase();
            words.iter().any(|word| if from_start { text.starts_with(word) } else { text.contains(word) })
        })
    };
    if is_column(&band.left) && is_column(&band.right) {
        return Some(Kind::Column);
    }
    let letterhead = first.baseline < height * LETTERHEAD && says(&OVER_A_LETTER, false);
    (letterhead || says(&OVER_A_SIGNATURE, true)).then_some(Kind::Block)
}

/// Lines of prose fill their column.
fn is_column(lines: &[Line]) -> bool {
    let Some((left, right)) = extent(lines) else { return false };
    let full = lines.iter().filter(|line| line.right - line.left > FULL_LINE * (right - left)).count();
    lines.len() >= ROWS_OF_COLUMNS && full * 10 >= lines.len() * 7
}
