//! How the story is told on the terminal: chapters, what each person typed and read, what was checked.

use std::io::{self, IsTerminal as _, Write as _};

/// Longer answers are shown by their beginning.
const LINES: usize = 14;

/// Bold on a terminal that wants colours, plain in a file.
fn bold(text: &str) -> String {
    let plain = !io::stdout().is_terminal() || std::env::var_os("NO_COLOR").is_some();
    if plain { text.to_owned() } else { format!("\u{1b}[1m{text}\u{1b}[0m") }
}

/// A reader who went away (`| head`) is no reason to stop.
fn print(text: &str) {
    let mut out = io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

pub(crate) fn chapter(number: usize, title: &str) {
    print(&format!("\n{}\n\n", bold(&format!("── {number}. {title} ──"))));
}

/// A sentence of the story itself.
pub(crate) fn tell(sentence: &str) {
    print(&format!("{sentence}\n"));
}

/// What went wrong, or how it ends: out of the way of the story.
pub(crate) fn aside(sentence: &str) {
    let _ = writeln!(io::stderr(), "{sentence}");
}

/// What somebody typed, and what the program answered.
pub(crate) fn said(who: &str, typed: &str, answer: &str) {
    let mut told = format!("  {} $ {typed}\n", bold(who));
    let lines: Vec<&str> = answer.trim_end().lines().collect();
    // One line more is shown rather than announced.
    let shown = if lines.len() > LINES + 1 { LINES } else { lines.len() };
    for line in lines.iter().take(shown) {
        told.push_str(format!("  │ {line}").trim_end());
        told.push('\n');
    }
    if shown < lines.len() {
        told.push_str(&format!("  │ … (còn {} dòng)\n", lines.len() - shown));
    }
    print(&told);
}

/// What the demo looked up by itself and found as told.
pub(crate) fn seen(sentence: &str) {
    print(&format!("  ✓ {sentence}\n"));
}

/// Counts long work: in place on a terminal, by a few lines elsewhere.
#[derive(Debug)]
pub(crate) struct Progress {
    what: &'static str,
    all: usize,
    done: usize,
}

impl Progress {
    pub(crate) fn new(what: &'static str, all: usize) -> Self {
        Self { what, all, done: 0 }
    }

    pub(crate) fn step(&mut self) {
        self.done += 1;
        let last = self.done == self.all;
        if io::stdout().is_terminal() {
            print(&format!("\r  {} {}/{}{}", self.what, self.done, self.all, if last { "\n" } else { "" }));
        } else if last || self.done.is_multiple_of(10) {
            print(&format!("  {} {}/{}\n", self.what, self.done, self.all));
        }
    }
}
