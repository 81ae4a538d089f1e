//! What is typed and not shown.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    path::Path,
};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use sotay_core::words::Words;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::Failure;

pub(crate) type Pin = Zeroizing<String>;

/// Bytes of a line; a terminal gives no longer one.
const LONGEST: usize = 4096;

/// The first line of `file`, or what is typed.
pub(crate) fn pin(file: Option<&Path>, question: &str, words: Words) -> Result<Pin, Failure> {
    let nobody = || {
        Failure::Said(
            words
                .say(
                    "Không có bàn phím để hỏi mã PIN; mời đồng chí ghi mã PIN vào một tệp rồi dùng --pin-file",
                    "There is no keyboard to ask for the PIN; write it into a file and use --pin-file",
                )
                .to_owned(),
        )
    };
    match file {
        Some(file) => {
            fs::read_to_string(file).ok().map(|text| normal(&Zeroizing::new(text))).ok_or_else(nobody)
        }
        None => asked(question).ok_or_else(nobody),
    }
}

/// One and the same whether a keyboard composes `ế` or not.
fn normal(text: &str) -> Pin {
    Zeroizing::new(text.lines().next().unwrap_or_default().nfc().collect())
}

fn asked(question: &str) -> Option<Pin> {
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
    let _ = terminal.write_all(question.as_bytes());
    let silent = Silent::begin(&terminal)?;
    let line = line(&terminal);
    drop(silent);
    let _ = terminal.write_all(b"\n");
    let line = line.filter(|line| !line.is_empty())?;
    Some(normal(std::str::from_utf8(&line).ok()?))
}

/// Byte by byte, so that no buffer keeps it.
fn line(mut terminal: &File) -> Option<Zeroizing<Vec<u8>>> {
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = Zeroizing::new([0]);
    while line.len() < LONGEST && terminal.read(&mut *byte).ok()? == 1 && *byte != *b"\n" {
        line.extend_from_slice(&*byte);
    }
    Some(line)
}

/// A terminal that does not show what is typed, until this is dropped.
struct Silent<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Silent<'a> {
    fn begin(terminal: &'a File) -> Option<Self> {
        let before = tcgetattr(terminal).ok()?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal, OptionalActions::Flush, &quiet).ok()?;
        Some(Self { terminal, before })
    }
}

impl Drop for Silent<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}
