//! The zip around the parts of a .docx, and which part is what [ECMA-376 part 2].

use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use quick_xml::events::Event;
use zip::ZipArchive;
use zip::result::ZipError;

use super::DocumentError;
use super::xml::{Reader, attribute};

/// All parts read from one file, unpacked. A thousand pages of text have 10 MB.
const MAX_UNPACKED: u64 = 64 * 1024 * 1024;
/// A document with a hundred pictures has two hundred.
const MAX_PARTS: usize = 10_000;

pub(super) struct Package<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    left: u64,
}

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, DocumentError> {
        if !bytes.starts_with(b"PK") {
            return Err(DocumentError::NotWord);
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| DocumentError::Damaged)?;
        if zip.len() > MAX_PARTS {
            return Err(DocumentError::Damaged);
        }
        Ok(Self { zip, left: MAX_UNPACKED })
    }

    /// What the size in the zip's directory says is not believed: the part is read until it ends or is too much.
    pub(super) fn part(&mut self, name: &str) -> Result<String, DocumentError> {
        let file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Err(DocumentError::NotWord),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword) => {
                return Err(DocumentError::Encrypted);
            }
            Err(_) => return Err(DocumentError::Damaged),
        };
        let mut bytes = Vec::new();
        file.take(self.left + 1).read_to_end(&mut bytes).map_err(|_| DocumentError::Damaged)?;
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or(DocumentError::UnpackedTooLarge)?;
        let text = String::from_utf8(bytes).map_err(|_| DocumentError::Damaged)?;
        Ok(text)
    }

    /// The part that is the document. Word Online names it otherwise than Word does.
    pub(super) fn main_part(&mut self) -> Result<String, DocumentError> {
        let main = self.targets("_rels/.rels", "", "officeDocument")?.into_iter().next();
        Ok(main.unwrap_or_else(|| "word/document.xml".to_owned()))
    }

    /// The parts that `part` names as its `kind`, such as `styles`. Those that are missing are left out,
    /// and those named twice come once.
    pub(super) fn related(&mut self, part: &str, kind: &str) -> Result<Vec<String>, DocumentError> {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let relations = join(folder, &format!("_rels/{name}.rels"));
        let mut targets = self.targets(&relations, folder, kind)?;
        let mut seen = BTreeSet::new();
        targets.retain(|target| self.zip.index_for_name(target).is_some() && seen.insert(target.clone()));
        Ok(targets)
    }

    fn targets(&mut self, relations: &str, folder: &str, kind: &str) -> Result<Vec<String>, DocumentError> {
        if self.zip.index_for_name(relations).is_none() {
            return Ok(Vec::new());
        }
        let text = self.part(relations)?;
        let mut reader = Reader::new(&text);
        let mut targets = Vec::new();
        while let Some(event) = reader.next()? {
            let (Event::Start(element) | Event::Empty(element)) = event else { continue };
            let is_kind = attribute(&element, "Type")
                .is_some_and(|value| value.rsplit('/').next().is_some_and(|last| last == kind));
            if let Some(target) = attribute(&element, "Target").filter(|_| is_kind) {
                targets.push(match target.strip_prefix('/') {
                    Some(absolute) => absolute.to_owned(),
                    None => join(folder, &target),
                });
            }
        }
        Ok(targets)
    }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
