//! What is typed and not shown.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    path::Path,
};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use sotay_core::words::{Lang, Words};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::Failure;

pub(crate) type Pin = Zeroizing<String>;

/// What names the file of a PIN that is set, and of one that is to be.
pub(crate) const OLD: &str = "--pin-file";
pub(crate) const NEW: &str = "--new-pin-file";
/// Bytes of a line; a terminal gives no longer one.
const LONGEST: usize = 4096;

/// The first line of `file`, or what is typed. `flag` names the file.
pub(crate) fn pin(file: Option<&Path>, flag: &str, question: &str, words: Words) -> Result<Pin, Failure> {
    let Some(file) = file else {
        return asked(question).ok_or_else(|| {
            Failure::Said(match words.lang {
                Lang::Vi => format!(
                    "Không có bàn phím để hỏi mã PIN; mời đồng chí ghi mã PIN vào một tệp rồi dùng {flag}"
                ),
                Lang::En => {
                    format!("There is no keyboard to ask for the PIN; write it into a file and use {flag}")
                }
            })
        });
    };
    fs::read_to_string(file).map(|text| normal(&Zeroizing::new(text))).map_err(|_| {
        let file = file.display();
        Failure::Said(match words.lang {
            Lang::Vi => format!("Không đọc được mã PIN trong tệp {file}: mời đồng chí xem lại {flag}"),
            Lang::En => format!("The PIN in the file {file} cannot be read: check {flag}"),
        })
    })
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
