//! Reads a directive from the text layer of a PDF, with the structure that the page shows: paragraphs, blocks side by
//! side, tables by their ruling lines, footnotes.
//!
//! A PDF says where letters stand and nothing else, so every step is a guess made of places alone, each in a file of
//! its own: what is drawn (`content`, `fonts`, `stuck`, `sheet`) → lines (`line`) → tables (`grid`, `table`) → what runs over all pages
//! (`running`) → footnotes (`notes`) → blocks side by side (`columns`) → paragraphs (`paragraph`) → the whole text (`flow`).
//! What is a heading, an article or an item is told by its words, as for Word files without styles (`body`).
//! The tags of a tagged PDF are used only where they say that something is page furniture: most files have none, and
//! those of office programs name every heading a paragraph.
//!
//! The file is judged as hostile. Steps, letters, pages and words are counted and bounded here. hayro-syntax unpacks a
//! stream whole before anyone can look, so a stream that unpacks to gigabytes ends with the memory limit of the child
//! process that this runs in; so does whatever else the library may be led to. Page trees in a circle and objects in one
//! another are bounded by the library.
//!
//! Not read: the picture of a scanned page, and words that stand on their side outside of a table, which can be a
//! stamp and nothing else.

mod columns;
mod content;
mod flow;
mod fonts;
mod grid;
mod layout;
mod line;
mod notes;
mod paragraph;
mod path;
mod running;
mod sheet;
mod state;
mod stuck;
mod table;

use hayro_syntax::{LoadPdfError, Pdf};
use sotay_protocol::document::Document;

pub use super::body::DocumentError;
use super::body::{Body, MAX_FILE, MAX_TEXT};

const MOST_PAGES: usize = 3_000;
/// Readers find the mark of a PDF within the first KiB; mail and scanners put lines of their own before it.
const START: usize = 1_024;

/// # Errors
/// Where the file is no readable PDF, is under a password, is over a limit, has no words, or is stamped secret.
pub fn read(bytes: &[u8]) -> Result<Document, DocumentError> {
    if bytes.len() > MAX_FILE {
        return Err(DocumentError::FileTooLarge);
    }
    let start = bytes.get(..START).unwrap_or(bytes);
    if !start.windows(5).any(|window| window == b"%PDF-") {
        return Err(DocumentError::NotPdf);
    }
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(_) => DocumentError::Encrypted,
        LoadPdfError::Invalid => DocumentError::Damaged,
    })?;
    let mut body = Body::default();
    flow::write(pages(&pdf)?, &mut body)?;
    body.finish()
}

fn pages(pdf: &Pdf) -> Result<Vec<layout::Laid>, DocumentError> {
    let pages = pdf.pages();
    if pages.is_empty() {
        return Err(DocumentError::NoPages);
    }
    if pages.len() > MOST_PAGES {
        return Err(DocumentError::TooManyPages);
    }
    let mut fonts = fonts::Fonts::new();
    let mut budget = content::Budget::FULL;
    let mut text = 0;
    let mut laid = Vec::with_capacity(pages.len());
    for (at, page) in pages.iter().enumerate() {
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let sheet = content::gather(page, &mut fonts, &mut budget)
            .map_err(|content::TooMuch| DocumentError::PageTooFull(number))?;
        let page = layout::lay_out(sheet);
        text += page.text_size();
        if text > MAX_TEXT {
            return Err(DocumentError::TextTooLongAt(number));
        }
        laid.push(page);
    }
    Ok(laid)
}

#[cfg(test)]
mod tests;
