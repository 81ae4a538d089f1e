//! Reads a directive written in Word (.docx), by zip and quick-xml: the parts themselves, since the crates that
//! model all of Word are abandoned or build a tree of a file that a stranger made.
//!
//! The file is judged as hostile: its size, the number of its parts and what they unpack to are bounded, no entity
//! is resolved, nothing recurses. What changed under revision is read as accepted: insertions stand, deletions are
//! gone. Pictures and comments are not read; footnotes and endnotes are, at the document's end.

mod borders;
mod notes;
mod numbering;
mod package;
mod styles;
mod symbols;
mod tables;
mod text;
mod xml;

use sotay_protocol::document::Document;

pub use super::body::DocumentError;
use super::body::{Body, MAX_FILE};
use notes::{Kind, Notes};
use package::Package;

/// OLE compound file: Word before 2007, and anything of Office under a password.
const OLE: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
/// “EncryptedPackage” in UTF-16, the stream that holds a .docx under a password [MS-OFFCRYPTO 2.3.4.4].
const ENCRYPTED: &[u8] = b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";

/// # Errors
/// Where the file is no readable .docx, is over a limit, has no words, or is stamped secret.
pub fn read(bytes: &[u8]) -> Result<Document, DocumentError> {
    if bytes.len() > MAX_FILE {
        return Err(DocumentError::FileTooLarge);
    }
    if bytes.starts_with(&OLE) {
        let encrypted = bytes.windows(ENCRYPTED.len()).any(|window| window == ENCRYPTED);
        return Err(if encrypted { DocumentError::Encrypted } else { DocumentError::OldWord });
    }
    let mut package = Package::open(bytes)?;
    let main = package.main_part()?;
    let styles = match package.related(&main, "styles")?.first() {
        Some(part) => styles::Styles::read(&package.part(part)?)?,
        None => styles::Styles::default(),
    };
    let mut numbering = match package.related(&main, "numbering")?.first() {
        Some(part) => numbering::Numbering::read(&package.part(part)?)?,
        None => numbering::Numbering::default(),
    };
    let mut notes = notes(&mut package, &main, &styles)?;
    let mut body = Body::default();
    for flow in text::read(&package.part(&main)?, &styles, &mut numbering, &mut notes)? {
        flow.write(&mut body)?;
    }
    notes.write(&mut body)?;
    for header in package.related(&main, "header")? {
        for line in text::header_lines(&package.part(&header)?)? {
            body.beside(line);
        }
    }
    body.finish()
}

fn notes(package: &mut Package<'_>, main: &str, styles: &styles::Styles) -> Result<Notes, DocumentError> {
    let mut notes = Notes::default();
    for (kind, name) in [(Kind::Foot, "footnotes"), (Kind::End, "endnotes")] {
        if let Some(part) = package.related(main, name)?.first() {
            notes.add(kind, text::read_notes(&package.part(part)?, styles)?);
        }
    }
    if let Some(part) = package.related(main, "settings")?.first() {
        notes.read_formats(&package.part(part)?)?;
    }
    Ok(notes)
}

#[cfg(test)]
mod tests;
