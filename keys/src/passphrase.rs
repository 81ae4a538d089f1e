//! The passphrase of a key file: typed without being shown, or read from a file in scripts.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    path::Path,
};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::failure::Failure;

pub(crate) type Passphrase = Zeroizing<String>;

/// Characters; what guards a key is length.
pub(crate) const SHORTEST: usize = 12;

/// Bytes; a terminal gives no longer line.
const LONGEST: usize = 4096;

/// For a key that is being made: asked for twice.
pub(crate) fn new(file: Option<&Path>) -> Result<Passphrase, Failure> {
    let passphrase = match file {
        Some(file) => of_file(file)?,
        None => {
            let first = asked("Đặt mật khẩu cho khóa (ít nhất 12 ký tự): ")?;
            if first.chars().count() >= SHORTEST && *asked("Gõ lại mật khẩu: ")? != *first {
                return Err(Failure::PassphrasesDiffer);
            }
            first
        }
    };
    if passphrase.chars().count() < SHORTEST {
        return Err(Failure::ShortPassphrase(SHORTEST));
    }
    Ok(passphrase)
}

/// For a key that was made before.
pub(crate) fn known(file: Option<&Path>, of: &Path) -> Result<Passphrase, Failure> {
    match file {
        Some(file) => of_file(file),
        None => asked(&format!("Mật khẩu của {}: ", of.display())),
    }
}

fn of_file(file: &Path) -> Result<Passphrase, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| Failure::Unreadable(file.to_owned(), error))?;
    Ok(typed(&Zeroizing::new(text)))
}

/// The first line; one and the same whether a keyboard composes `ế` or not.
fn typed(text: &str) -> Passphrase {
    Zeroizing::new(text.lines().next().unwrap_or_default().nfc().collect())
}

fn asked(question: &str) -> Result<Passphrase, Failure> {
    let mut terminal =
        OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(|_| Failure::NoTerminal)?;
    let _ = terminal.write_all(question.as_bytes());
    let silent = Silent::begin(&terminal)?;
    let line = line(&terminal);
    drop(silent);
    let _ = terminal.write_all(b"\n");
    let line = line.filter(|line| !line.is_empty()).ok_or(Failure::NoTerminal)?;
    Ok(typed(std::str::from_utf8(&line).map_err(|_| Failure::NoTerminal)?))
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
    fn begin(terminal: &'a File) -> Result<Self, Failure> {
        let before = tcgetattr(terminal).map_err(|_| Failure::NoTerminal)?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal, OptionalActions::Flush, &quiet).map_err(|_| Failure::NoTerminal)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Silent<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_is_the_same_from_every_keyboard() {
        assert_eq!(*typed("Tha\u{301}ng mười hai\n"), *typed("Th\u{e1}ng mười hai\r\ndòng khác"));
    }
}
