//! Files that somebody sent, read where they can do no harm.
//!
//! A file is as hostile as whoever made it, and what reads PDF and Excel is a hundred thousand lines that we did
//! not write: one of them builds a table of every cell between two corners, another unpacks a stream whole. So a
//! file is read by a [child process](child) of this same program, which may use only so much memory and time, open
//! nothing and write nothing; it is handed the bytes and hands back the document or the sheets, or a sentence that
//! says what is wrong. A reader that is stopped, or that gives up in a panic, costs that one file.
//!
//! Rejected: a thread, which cannot be stopped and shares the server's memory; readers of our own, which would have
//! the same mistakes with fewer eyes on them.

mod child;
mod format;

use std::{
    io::{Read, Write},
    path::PathBuf,
    process::{Command, Stdio},
};

use serde::de::DeserializeOwned;
use sotay_protocol::document::Document;

pub use self::{
    child::{CHILD, answer, run},
    format::Format,
};
use crate::spreadsheet::Sheet;

/// Of any file that is read.
pub const MAX_FILE: usize = 20 * 1024 * 1024;
/// What a child may hand back: the largest document, or 100,000 rows with room to spare.
const MAX_ANSWER: u64 = 256 * 1024 * 1024;

/// What one child may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of address space, in bytes.
    pub memory: u64,
    /// Of processor time; a child only computes, so the clock on the wall says little more.
    pub seconds: u64,
}

/// A list of 100,000 members takes a quarter of the memory, a resolution of 300 pages a tenth of the time.
impl Default for Limits {
    fn default() -> Self {
        Self { memory: 1024 * 1024 * 1024, seconds: 30 }
    }
}

/// Why a file was not read, in words for whoever sent it.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{0}")]
    Refused(String),
    #[error("tệp lớn hơn 20 MiB")]
    TooLarge,
    #[error(
        "đọc tệp này cần quá nhiều bộ nhớ; tệp có thể bị hỏng hoặc quá phức tạp: hãy mở tệp, lưu lại rồi thử lại"
    )]
    TooMuchMemory,
    #[error(
        "đọc tệp này mất quá nhiều thời gian; tệp có thể bị hỏng hoặc quá phức tạp: hãy chia nhỏ, hoặc lưu lại rồi thử lại"
    )]
    TooLong,
    #[error("tệp bị hỏng đến mức không đọc được: hãy mở tệp, lưu lại rồi thử lại")]
    Broken,
    #[error("không chạy được chương trình đọc tệp")]
    Program(#[from] std::io::Error),
}

/// Reads files by children of `program`, which is `sotay-server`.
#[derive(Debug, Clone)]
pub struct Reader {
    program: PathBuf,
    limits: Limits,
}

impl Reader {
    #[must_use]
    pub fn new(program: PathBuf, limits: Limits) -> Self {
        Self { program, limits }
    }

    /// With children of the program that is running.
    ///
    /// # Errors
    /// Where the system does not tell which program that is.
    pub fn of_this_program() -> std::io::Result<Self> {
        Ok(Self::new(std::env::current_exe()?, Limits::default()))
    }

    /// # Errors
    /// Where the file cannot be read within the limits, or is no list.
    pub fn sheets(&self, bytes: &[u8]) -> Result<Vec<Sheet>, FileError> {
        self.read(Format::Sheets, bytes)
    }

    /// # Errors
    /// Where the file cannot be read within the limits, or is no document; `name` helps to tell.
    pub fn document(&self, name: &str, bytes: &[u8]) -> Result<Document, FileError> {
        let format = Format::of_document(name, bytes).map_err(FileError::Refused)?;
        self.read(format, bytes)
    }

    fn read<T: DeserializeOwned>(&self, format: Format, bytes: &[u8]) -> Result<T, FileError> {
        if bytes.len() > MAX_FILE {
            return Err(FileError::TooLarge);
        }
        let mut child = Command::new(&self.program)
            .args([CHILD, format.word()])
            .args([self.limits.memory, self.limits.seconds].map(|limit| limit.to_string()))
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        // A child reads all before it writes any. One that has died no longer listens; its end says why.
        if let Some(mut input) = child.stdin.take() {
            let _ = input.write_all(bytes);
        }
        let mut answer = Vec::new();
        if let Some(output) = child.stdout.take() {
            output.take(MAX_ANSWER).read_to_end(&mut answer)?;
        }
        let status = child.wait()?;
        if !status.success() {
            return Err(stopped(status));
        }
        let answer: Result<T, String> = serde_json::from_slice(&answer).map_err(|_| FileError::Broken)?;
        answer.map_err(FileError::Refused)
    }
}

/// By which limit the child ended.
#[cfg(unix)]
fn stopped(status: std::process::ExitStatus) -> FileError {
    use std::os::unix::process::ExitStatusExt;

    use rustix::process::Signal;
    match status.signal() {
        Some(signal) if [Signal::XCPU.as_raw(), Signal::KILL.as_raw()].contains(&signal) => {
            FileError::TooLong
        }
        // An allocation that fails aborts; a stack that ends faults.
        Some(_) => FileError::TooMuchMemory,
        None => FileError::Broken,
    }
}

#[cfg(not(unix))]
fn stopped(_: std::process::ExitStatus) -> FileError {
    FileError::Broken
}
