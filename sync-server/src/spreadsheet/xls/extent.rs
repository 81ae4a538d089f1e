//! How wide and long the sheets of an XLS file are, by its records [MS-XLS 2.1.4], before anybody makes rectangles
//! of them.

use super::compound::{u16_at, u32_at};
use crate::spreadsheet::amount::MAX_SHEETS;

/// Cells of all rectangles together: the longest sheet of XLS with sixty columns.
const MAX_AREA: u64 = 4_000_000;

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000A;
const FILEPASS: u16 = 0x002F;
const BOUND_SHEET: u16 = 0x0085;
const DIMENSIONS: u16 = 0x0200;
const STRING: u16 = 0x0207;
const FORMULA: u16 = 0x0006;
const MUL_RK: u16 = 0x00BD;
/// Number, Label, RString, BoolErr, RK, LabelSst.
const CELLS: [u16; 6] = [0x0203, 0x0204, 0x00D6, 0x0205, 0x027E, 0x00FD];

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Fits,
    Damaged,
    TooManySheets,
    TooWide,
}

pub(super) fn of(stream: &[u8]) -> Extent {
    let mut sheets = Vec::new();
    for record in records(stream) {
        match record {
            // What follows is scrambled, and will be refused for that.
            Some((FILEPASS, _)) => return Extent::Fits,
            Some((BOUND_SHEET, data)) => sheets.extend(u32_at(data, 0)),
            Some((EOF, _)) => break,
            Some(_) => {}
            None => return Extent::Damaged,
        }
    }
    if sheets.len() > MAX_SHEETS {
        return Extent::TooManySheets;
    }
    let mut area = 0_u64;
    for start in sheets {
        let Some(sheet) = usize::try_from(start).ok().and_then(|start| stream.get(start..)) else {
            return Extent::Damaged;
        };
        match area_of(sheet) {
            Some(more) => area = area.saturating_add(more),
            None => return Extent::Damaged,
        }
        if area > MAX_AREA {
            return Extent::TooWide;
        }
    }
    Extent::Fits
}

/// Of the rectangle around all cells, or of what the sheet says of itself, if that is larger.
fn area_of(sheet: &[u8]) -> Option<u64> {
    let mut cells = Rectangle::default();
    let mut said = 0;
    let (mut begun, mut depth, mut formula) = (false, 0_usize, false);
    for record in records(sheet) {
        let (kind, data) = record?;
        // A chart inside the sheet has records like cells.
        if depth > 0 {
            match kind {
                BOF => depth += 1,
                EOF => depth -= 1,
                _ => {}
            }
            continue;
        }
        match kind {
            BOF if begun => depth += 1,
            BOF => begun = true,
            EOF => break,
            DIMENSIONS => said = said.max(said_of(data)?),
            // The text of a formula stands where the formula is.
            STRING if !formula => cells.take(0, 0),
            MUL_RK => {
                cells.take(u16_at(data, 0)?, u16_at(data, 2)?);
                cells.take(u16_at(data, 0)?, u16_at(data, data.len().checked_sub(2)?)?);
            }
            kind if kind == FORMULA || CELLS.contains(&kind) => {
                formula |= kind == FORMULA;
                cells.take(u16_at(data, 0)?, u16_at(data, 2)?);
            }
            _ => {}
        }
    }
    Some(said.max(cells.area()))
}

fn said_of(data: &[u8]) -> Option<u64> {
    let (top, bottom, left, right) = match data.len() {
        10 => (u32::from(u16_at(data, 0)?), u32::from(u16_at(data, 2)?), u16_at(data, 4)?, u16_at(data, 6)?),
        14 | 16 => (u32_at(data, 0)?, u32_at(data, 4)?, u16_at(data, 8)?, u16_at(data, 10)?),
        _ => return None,
    };
    if bottom == 0 || right == 0 {
        return Some(0);
    }
    let left = if left > 0xFF || right < left { 0 } else { left };
    Some(u64::from(bottom.checked_sub(top)?) * u64::from(right.checked_sub(left)?))
}

#[derive(Default)]
struct Rectangle {
    corners: Option<[u16; 4]>,
}

impl Rectangle {
    fn take(&mut self, row: u16, column: u16) {
        let [top, left, bottom, right] = self.corners.unwrap_or([row, column, row, column]);
        self.corners = Some([top.min(row), left.min(column), bottom.max(row), right.max(column)]);
    }

    fn area(&self) -> u64 {
        let Some([top, left, bottom, right]) = self.corners else { return 0 };
        (u64::from(bottom - top) + 1) * (u64::from(right - left) + 1)
    }
}

/// Kind and content of each; None once where the last is cut short.
fn records(stream: &[u8]) -> impl Iterator<Item = Option<(u16, &[u8])>> {
    let mut left = Some(stream);
    std::iter::from_fn(move || {
        let stream = left.filter(|stream| !stream.is_empty())?;
        let record = || {
            let (kind, length) = (u16_at(stream, 0)?, usize::from(u16_at(stream, 2)?));
            Some((kind, stream.get(4..4 + length)?, stream.get(4 + length..)?))
        };
        match record() {
            Some((kind, data, rest)) => {
                left = Some(rest);
                Some(Some((kind, data)))
            }
            None => {
                left = None;
                Some(None)
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap();
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
    }

    /// A stream of one sheet with these records.
    fn stream(sheets: usize, records: &[Vec<u8>]) -> Vec<u8> {
        let globals = 4 + sheets * 12 + 4;
        let bound =
            record(BOUND_SHEET, &[&u32::try_from(globals).unwrap().to_le_bytes()[..], &[0; 4]].concat());
        let mut stream = record(BOF, &[]);
        stream.extend(bound.repeat(sheets));
        stream.extend(record(EOF, &[]));
        assert_eq!(stream.len(), globals);
        stream.extend(record(BOF, &[]));
        stream.extend(records.concat());
        stream.extend(record(EOF, &[]));
        stream
    }

    #[test]
    fn a_sheet_is_as_large_as_the_rectangle_around_its_cells() {
        let number =
            |row: u16, column: u16| record(CELLS[0], &[row.to_le_bytes(), column.to_le_bytes()].concat());
        assert_eq!(of(&stream(1, &[number(0, 0), number(60_000, 60)])), Extent::Fits);
        assert_eq!(of(&stream(1, &[number(0, 0), number(65_535, 255)])), Extent::TooWide);
        assert_eq!(of(&stream(1, &[number(0, 0), number(65_535, 65_535)])), Extent::TooWide);
        let chart = [record(BOF, &[]), number(65_535, 65_535), record(EOF, &[]), number(1, 1)];
        assert_eq!(of(&stream(1, &chart)), Extent::Fits);
        let row = record(MUL_RK, &[65_535_u16.to_le_bytes(), [0, 0], [0, 0], [0xFF, 0x0F]].concat());
        assert_eq!(of(&stream(1, &[number(0, 0), row])), Extent::TooWide);
        assert_eq!(of(&stream(51, &[])), Extent::TooManySheets);
    }

    #[test]
    fn what_a_sheet_says_of_its_size_counts_too() {
        let said = |bottom: u32, right: u16| {
            record(
                DIMENSIONS,
                &[&[0; 4][..], &bottom.to_le_bytes(), &[0; 2], &right.to_le_bytes(), &[0; 2]].concat(),
            )
        };
        assert_eq!(of(&stream(1, &[said(65_536, 20)])), Extent::Fits);
        assert_eq!(of(&stream(1, &[said(u32::MAX, 256)])), Extent::TooWide);
    }

    #[test]
    fn a_record_cut_short_is_damage() {
        let whole = stream(1, &[record(CELLS[0], &[0; 14])]);
        assert_eq!(of(&whole), Extent::Fits);
        assert_eq!(of(&whole[..whole.len() - 6]), Extent::Damaged);
    }
}
