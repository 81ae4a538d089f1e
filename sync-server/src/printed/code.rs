//! The code at the end of a copy, with what is said beside it.

use std::io;

use sotay_protocol::{document::Span, qr::Squares};

use super::{
    lines::{Measure, broken},
    page::{LEADING, LEFT, MEASURE, Pages},
};

/// Thirty millimetres: squares of three quarters of a millimetre, which the cheapest camera tells apart.
const SIDE: f32 = 85.0;
const APART: f32 = 14.0;
const SMALL: f32 = 10.0;
/// Light squares around a code, of its own size; ISO/IEC 18004 asks for four.
const QUIET: f32 = 4.0;

/// Draws the code for `text`, on the next page where this one is full.
pub(super) fn draw(pages: &mut Pages<'_>, text: &str, beside: &[String]) -> io::Result<()> {
    let squares = Squares::of(text).ok_or_else(|| io::Error::other("a text too long for a code"))?;
    let side = f32::from(u16::try_from(squares.side()).unwrap_or(u16::MAX));
    let square = SIDE / (side + 2.0 * QUIET);
    pages.skip(SMALL);
    if !pages.fits(SIDE, &[]) {
        pages.turn();
    }
    let (left, top) = (LEFT + QUIET * square, pages.y() - QUIET * square);
    for (down, line) in (1u16..).zip(squares.lines()) {
        let y = top - f32::from(down) * square;
        for (from, length) in runs(line) {
            let x = left + f32::from(from) * square;
            // In one piece, and a hair over the next line, so that no printer leaves a light gap between two.
            pages.block((x, y), (f32::from(length) * square, square * 1.02));
        }
    }
    words(pages, beside);
    pages.skip(SIDE);
    Ok(())
}

/// Where dark squares that touch each other begin, and how many they are.
fn runs(line: &[bool]) -> Vec<(u16, u16)> {
    let mut runs: Vec<(u16, u16)> = Vec::new();
    for (place, dark) in (0u16..).zip(line) {
        match runs.last_mut() {
            Some((from, length)) if *dark && *from + *length == place => *length += 1,
            _ if *dark => runs.push((place, 1)),
            _ => {}
        }
    }
    runs
}

fn words(pages: &mut Pages<'_>, beside: &[String]) {
    let x = LEFT + SIDE + APART;
    let measure = Measure { size: SMALL, width: MEASURE - SIDE - APART, first: 0.0 };
    let mut y = pages.y();
    for text in beside {
        for line in broken(&[Span::plain(text.clone())], pages.fonts, measure) {
            y -= SMALL * LEADING;
            pages.draw(&line, x, y);
        }
    }
}
