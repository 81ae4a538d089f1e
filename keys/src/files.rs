//! Key files and signed papers on disk. What is written is new: nothing is ever written over.

use std::{
    fs::OpenOptions,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use serde::Serialize;
use sotay_protocol::{
    limits,
    trust::{Certificate, Paper, Request, Root, Signed},
};

use crate::{failure::Failure, words};

/// Larger than any paper as a file.
const LARGEST: u64 = 4 * limits::REVOCATIONS as u64;
const SECRET: u32 = 0o600;
const OPEN: u32 = 0o644;

pub(crate) fn text(file: &Path) -> Result<String, Failure> {
    let unread = |error| Failure::Unreadable(file.to_owned(), error);
    if std::fs::metadata(file).map_err(unread)?.len() > LARGEST {
        return Err(Failure::NoPaper(file.to_owned()));
    }
    std::fs::read_to_string(file).map_err(unread)
}

/// A signed paper, in the words that it came in.
pub(crate) fn paper(file: &Path) -> Result<(Signed, Paper), Failure> {
    let none = || Failure::NoPaper(file.to_owned());
    let signed: Signed = serde_json::from_str(&text(file)?).map_err(|_| none())?;
    let paper = Paper::of(&signed).ok_or_else(none)?;
    Ok((signed, paper))
}

fn other(file: &Path, wanted: &'static str, found: &Paper) -> Failure {
    Failure::OtherPaper { file: file.to_owned(), wanted, found: words::paper(found) }
}

pub(crate) fn request(file: &Path) -> Result<(Signed, Request), Failure> {
    match paper(file)? {
        (signed, Paper::Request(request)) => Ok((signed, request)),
        (_, found) => Err(other(file, "yêu cầu cấp chứng thư", &found)),
    }
}

pub(crate) fn certificate(file: &Path) -> Result<(Signed, Certificate), Failure> {
    match paper(file)? {
        (signed, Paper::Certificate(certificate)) => Ok((signed, certificate)),
        (_, found) => Err(other(file, "chứng thư", &found)),
    }
}

pub(crate) fn root(file: &Path) -> Result<(Signed, Root), Failure> {
    match paper(file)? {
        (signed, Paper::Root(root)) => Ok((signed, root)),
        (_, found) => Err(other(file, "khóa gốc (phần công khai)", &found)),
    }
}

/// For its owner's eyes.
pub(crate) fn write_secret(file: &Path, what: &impl Serialize) -> Result<(), Failure> {
    write(file, SECRET, what)
}

pub(crate) fn write_open(file: &Path, what: &impl Serialize) -> Result<(), Failure> {
    write(file, OPEN, what)
}

/// Refuses a name that is taken, before a passphrase is asked for.
pub(crate) fn free(files: &[&Path]) -> Result<(), Failure> {
    let taken = files.iter().find(|file| file.symlink_metadata().is_ok());
    taken.map_or(Ok(()), |file| Err(Failure::Exists(file.to_path_buf())))
}

fn write(file: &Path, mode: u32, what: &impl Serialize) -> Result<(), Failure> {
    free(&[file])?;
    let unwritten = |error| Failure::Unwritten(file.to_owned(), error);
    let mut words = serde_json::to_string_pretty(what).map_err(|error| unwritten(error.into()))?;
    words.push('\n');
    let mut new = OpenOptions::new().write(true).create_new(true).mode(mode).open(file).map_err(unwritten)?;
    let written = new.write_all(words.as_bytes()).and_then(|()| new.sync_all());
    written.map_err(|error| {
        // Half a file is none.
        let _ = std::fs::remove_file(file);
        unwritten(error)
    })
}

/// Whether two files lie in one folder, by whatever names it is called.
pub(crate) fn in_one_folder(one: &Path, other: &Path) -> bool {
    let folder = |file: &Path| {
        let folder = file.parent().filter(|folder| *folder != Path::new(""));
        std::fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()
    };
    folder(one) == folder(other)
}

/// The file beside `file` with another ending: `yenson.key`, `yenson.cert`.
pub(crate) fn beside(file: &Path, ending: &str) -> PathBuf {
    file.with_extension(ending)
}
