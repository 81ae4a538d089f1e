//! Files that go with rows: whoever follows the scope of a live row that names one may read it, and nobody else.
//!
//! A hash is neither a password nor an oracle: a file is asked for through its row, and a row that does not exist, is
//! gone, lies in a scope that one does not follow or names another hash is all the same answer. So nobody learns by
//! asking whether somebody holds a file that they know.
//!
//! What a person sends comes up in parts (`upload`) and belongs to their device until a command that names it is
//! carried out; then it belongs to the rows that the command wrote (`claim`).

mod claim;
mod upload;

use sotay_protocol::{
    attachment::{Attachment, named_by},
    id::Id,
    planted::{self, Bug},
    row::RowRef,
    signature::{sha256, sha256_hex},
};

pub(crate) use self::claim::{claim, missing, named};
use crate::{
    error::ServerError,
    server::Server,
    store::{BlobHash, Reader, Result as Stored, Transaction},
};

/// Of one file.
pub const MAX_ORIGINAL: usize = 20 * 1024 * 1024;
/// Of a file's name, in letters; file systems take 255 bytes.
const MAX_NAME: usize = 80;

/// A file as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Original {
    /// As it is called where it comes from, without folders.
    pub name: String,
    /// Media type.
    pub media: String,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Original {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Original").field("media", &self.media).field("size", &self.bytes.len()).finish()
    }
}

impl Original {
    /// How a row names it.
    #[must_use]
    pub fn attachment(&self) -> Attachment {
        Attachment {
            name: file_name(&self.name),
            media: self.media.clone(),
            size: self.bytes.len() as u64,
            hash: sha256_hex(&self.bytes),
        }
    }

    pub(crate) fn keep(&self, tx: &mut dyn Transaction, row: &RowRef) -> Stored<()> {
        tx.put_blob(row, &sha256(&self.bytes), &self.bytes)
    }
}

/// The last part of a path of any system, without what a file system or a terminal would stumble over. The ending
/// stays where the name is too long.
fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean = crate::spreadsheet::clean(last);
    let clean = clean.trim_matches(['.', ' ']);
    let plain: String = clean
        .chars()
        .filter(|letter| !letter.is_control() && !matches!(letter, '<' | '>' | ':' | '"' | '|' | '?' | '*'))
        .collect();
    let (stem, ending) = match plain.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 8 => (stem, format!(".{ending}")),
        _ => (plain.as_str(), String::new()),
    };
    let stem: String = stem.chars().take(MAX_NAME).collect();
    if stem.is_empty() { format!("van-ban{ending}") } else { stem + &ending }
}

/// A file that may be read, and through which row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readable {
    pub row: RowRef,
    pub attachment: Attachment,
    hash: BlobHash,
}

impl Server {
    /// The file of this hash (lower-case hex), where `device` may read it through this row.
    ///
    /// # Errors
    /// The store's.
    pub fn readable(&self, device: Id, row: &RowRef, hash: &str) -> Result<Option<Readable>, ServerError> {
        let now = self.env.now();
        Ok(self.store.read_with(|reader| {
            let Some(device) = reader.device(device)? else { return Ok(None) };
            let may_read = crate::exchange::may_read(reader, &device, row.scope, now)?;
            if !may_read && !planted::is(Bug::FileByHashAlone) {
                return Ok(None);
            }
            kept(reader, row, |attachment| attachment.hash == hash)
        })?)
    }

    /// Bytes of the file from `from` on, a part of it at a time; none at its end, and where the row has lost it since.
    ///
    /// # Errors
    /// The store's.
    pub fn read_on(&self, of: &Readable, from: u64) -> Result<Vec<u8>, ServerError> {
        Ok(self.store.read_with(|reader| reader.blob_bytes(&of.row, &of.hash, from))?)
    }

    /// The file that the row's text was read from, for the operator.
    pub(crate) fn original_of(&self, row: &RowRef) -> Result<Option<Readable>, ServerError> {
        Ok(self.store.read_with(|reader| kept(reader, row, |_| true))?)
    }
}

/// The file that the row `from` names, and that is kept, is `to`'s as well from now on.
pub(crate) fn hand_over(tx: &mut dyn Transaction, from: &RowRef, to: &RowRef) -> Stored<()> {
    let Some(of) = kept(&*tx, from, |_| true)? else { return Ok(()) };
    let mut bytes = Vec::new();
    loop {
        let part = tx.blob_bytes(from, &of.hash, bytes.len() as u64)?;
        if part.is_empty() {
            break;
        }
        bytes.extend(part);
    }
    tx.put_blob(to, &of.hash, &bytes)
}

/// A file that the row names, in its scope or in the scope's archive, and that is kept.
fn kept(
    reader: &(impl Reader + ?Sized),
    row: &RowRef,
    wanted: impl Fn(&Attachment) -> bool,
) -> Stored<Option<Readable>> {
    let standing = reader.entry(row)?.and_then(|entry| entry.body);
    let body = match standing {
        Some(body) => Some(body),
        None => reader.archived(row)?.map(|old| old.body),
    };
    let named = body.map(|body| named_by(&row.kind, &body)).unwrap_or_default();
    let Some(attachment) = named.into_iter().find(wanted) else { return Ok(None) };
    let Some(hash) = of_hex(&attachment.hash) else { return Ok(None) };
    let kept = reader.blob_size(row, &hash)? == Some(attachment.size);
    Ok(kept.then(|| Readable { row: row.clone(), attachment, hash }))
}

fn of_hex(hex: &str) -> Option<BlobHash> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let (pairs, []) = hex.as_bytes().as_chunks::<2>() else { return None };
    let bytes: Option<Vec<u8>> =
        pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_written_in_one_way() {
        let hash = sha256(b"a");
        assert_eq!(of_hex(&sha256_hex(b"a")), Some(hash));
        let upper = sha256_hex(b"a").to_uppercase();
        for bad in ["", "0", "00", upper.as_str(), &"0".repeat(63), &"0".repeat(66), &"ư".repeat(32)] {
            assert_eq!(of_hex(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_name_is_a_name_and_no_path() {
        for (said, kept) in [
            ("kế hoạch 17.docx", "kế hoạch 17.docx"),
            (r"C:\văn bản\17-KH.pdf", "17-KH.pdf"),
            ("../../etc/passwd", "passwd"),
            ("a\u{202e}fdp.exe\r\nX: y.docx", "afdp.exe X y.docx"),
            (".docx", "docx"),
            ("", "van-ban"),
            ("ke\u{302}\u{301} hoạch?.md", "kế hoạch.md"),
        ] {
            assert_eq!(file_name(said), kept);
        }
        let long = file_name(&format!("{}.docx", "ợ".repeat(300)));
        assert!(long.ends_with("ợ.docx") && long.len() <= 255, "{}", long.len());
    }
}
