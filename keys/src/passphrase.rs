//! The passphrase of a key file: typed without being shown, or read from a file in scripts.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    path::Path,
};

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
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
    let typed_in = line(&terminal);
    drop(silent);
    let _ = terminal.write_all(b"\n");
    match typed_in {
        Line::Typed(line) if !line.is_empty() => {
            Ok(typed(std::str::from_utf8(&line).map_err(|_| Failure::NoTerminal)?))
        }
        Line::Typed(_) => Err(Failure::NoTerminal),
        Line::Cancelled => Err(Failure::Cancelled),
    }
}

/// What came of asking.
enum Line {
    Typed(Zeroizing<Vec<u8>>),
    /// Ctrl-C.
    Cancelled,
}

/// Keys as a terminal sends them.
const CTRL_C: u8 = 0x03;
const CTRL_D: u8 = 0x04;
const CTRL_U: u8 = 0x15;
const BACKSPACE: [u8; 2] = [0x08, 0x7f];

/// Byte by byte, so that no buffer keeps it. The terminal hands over each key as it is pressed: a Ctrl-C that ended the program
/// here would leave it silent.
fn line(mut terminal: impl Read) -> Line {
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = Zeroizing::new([0]);
    while line.len() < LONGEST && matches!(terminal.read(&mut *byte), Ok(1)) {
        let [key] = *byte;
        match key {
            CTRL_C => return Line::Cancelled,
            b'\n' | b'\r' | CTRL_D => break,
            CTRL_U => line.clear(),
            key if BACKSPACE.contains(&key) => {
                let letter = line.iter().rposition(|byte| byte & 0xc0 != 0x80);
                line.truncate(letter.unwrap_or_default());
            }
            key => line.push(key),
        }
    }
    Line::Typed(line)
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
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
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

    #[test]
    fn ctrl_c_at_the_question_is_an_answer_and_leaves_the_terminal_as_it_was() {
        let of = |keys: &str| match line(keys.as_bytes()) {
            Line::Typed(line) => Some(String::from_utf8(line.to_vec()).unwrap()),
            Line::Cancelled => None,
        };
        assert_eq!(of("con trâu\n").as_deref(), Some("con trâu"));
        assert_eq!(of("con trâu đen\u{7f}\u{7f}\u{7f}\u{7f}\n").as_deref(), Some("con trâu"));
        assert_eq!(of("ế\u{7f}x\r").as_deref(), Some("x"), "a letter goes whole");
        assert_eq!(of("sai\u{15}con trâu\n").as_deref(), Some("con trâu"));
        assert_eq!(of("con tr\u{3}"), None);
    }
}
