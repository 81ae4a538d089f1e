//! Writes a document as a PDF with a text layer: as a committee's word processor exports it.
//!
//! What makes a PDF hard to read is all there: lines without a paragraph, a table that is only rules and words,
//! notes at the foot, page numbers. Nothing changes from run to run.

mod layout;
mod scan;

use std::io;

pub(super) use sotay_server::printed::Fonts;

use super::paper::Paper;

/// # Errors
/// None that memory does not give; the compressor speaks in `io::Error`.
pub(super) fn bytes(paper: &Paper, fonts: &Fonts) -> io::Result<Vec<u8>> {
    sotay_server::printed::pdf(&layout::sheets(paper, fonts), fonts)
}

/// The same pages as pictures, a little crooked, as they come from a scanner.
///
/// # Errors
/// As [`bytes`].
pub(super) fn scanned(paper: &Paper, fonts: &Fonts) -> io::Result<Vec<u8>> {
    scan::bytes(&layout::sheets(paper, fonts), fonts)
}

/// How many pages it takes.
pub(super) fn pages(paper: &Paper, fonts: &Fonts) -> usize {
    layout::sheets(paper, fonts).len()
}
