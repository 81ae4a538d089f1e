//! Printing: words for people, JSON for programs.

use std::{
    borrow::Cow,
    io::{IsTerminal, Write, stderr, stdout},
};

use serde::Serialize;
use sotay_core::{
    search::Part,
    words::{Lang, Words},
};
use sotay_protocol::id::Id;

use crate::{
    Failure,
    args::Args,
    width::{broken, width},
};

#[derive(Debug)]
pub(crate) struct Screen {
    lang: Lang,
    pub json: bool,
    colour: bool,
    width: usize,
}

impl Screen {
    pub(crate) fn new(args: &Args) -> Self {
        let unwanted = args.no_color || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let columns = said.or_else(|| terminal_size::terminal_size().map(|(wide, _)| usize::from(wide.0)));
        Self {
            lang: args.lang.into(),
            json: args.json,
            colour: !unwanted && stdout().is_terminal(),
            width: columns.unwrap_or(90).clamp(30, 120),
        }
    }

    #[cfg(test)]
    pub(crate) fn of_width(width: usize) -> Self {
        Self { lang: Lang::Vi, json: false, colour: false, width }
    }

    pub(crate) fn words(&self) -> Words {
        crate::now_in(self.lang)
    }

    /// The value as JSON where that was asked for; else the lines. Whether anybody reads on: a reader that went away
    /// (`| head`) is no fault, but nothing is told to it for ever.
    pub(crate) fn show<T: Serialize + ?Sized>(&self, value: &T, lines: impl FnOnce() -> Vec<String>) -> bool {
        let told = if self.json {
            // As it is: JSON escapes what would steer a terminal.
            writeln!(stdout(), "{}", serde_json::to_string_pretty(value).unwrap_or_default())
        } else {
            writeln!(stdout(), "{}", harmless(&lines().join("\n")))
        };
        told.is_ok()
    }

    /// A deed is done: what, and what comes of it.
    pub(crate) fn done<T: Serialize>(&self, value: &T, sentence: impl Into<String>) {
        self.show(value, || vec![sentence.into()]);
    }

    /// Passing news, out of the way of what a program reads.
    pub(crate) fn aside(&self, text: &str) {
        if !self.json {
            let _ = writeln!(stderr(), "{}", harmless(text));
        }
    }

    pub(crate) fn fail(&self, failure: &Failure) {
        let words = self.words();
        let (code, sentence) = match failure {
            Failure::Handbook(error) => {
                (serde_json::to_value(error).unwrap_or_default(), words.handbook_error(*error))
            }
            Failure::Said(sentence) => ("said".into(), sentence.clone()),
        };
        let text = if self.json {
            serde_json::json!({ "error": code, "message": sentence }).to_string()
        } else {
            format!("{}.", sentence.trim_end_matches('.'))
        };
        let _ = writeln!(stderr(), "{}", harmless(&text));
    }

    pub(crate) fn bold(&self, text: &str) -> String {
        if self.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    pub(crate) fn dim(&self, text: &str) -> String {
        if self.colour { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Words looked for in bold; where there is no bold, in brackets.
    pub(crate) fn marked(&self, parts: &[Part]) -> String {
        let mark = |part: &Part| match (part.hit, self.colour) {
            (false, _) => part.text.clone(),
            (true, true) => self.bold(&part.text),
            (true, false) => format!("[{}]", part.text),
        };
        parts.iter().map(mark).collect()
    }

    /// Columns of a line.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Broken into lines, each after `indent` spaces.
    pub(crate) fn wrapped(&self, text: &str, indent: usize) -> Vec<String> {
        self.hanging("", text, indent)
    }

    /// The same after a mark (“1.”, “[2]”), with all lines beside it.
    pub(crate) fn hanging(&self, mark: &str, text: &str, indent: usize) -> Vec<String> {
        let mark = if mark.is_empty() { String::new() } else { format!("{mark} ") };
        let beside = indent + width(&mark);
        let mut before = format!("{}{mark}", " ".repeat(indent));
        let mut lines = Vec::new();
        if text.is_empty() && !mark.is_empty() {
            lines.push(before.trim_end().to_owned());
        }
        for line in broken(text, self.width.saturating_sub(beside)) {
            lines.push(format!("{before}{line}").trim_end().to_owned());
            before = " ".repeat(beside);
        }
        lines
    }
}

/// Without what would command the terminal or turn the order of letters round: the words of others are shown,
/// never obeyed. Bold and dim are this program's own.
fn harmless(text: &str) -> Cow<'_, str> {
    let steers = |letter: char| {
        (letter.is_control() && letter != '\n')
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    const OWN: [&str; 3] = ["\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m"];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let own = OWN.into_iter().find(|own| rest.starts_with(own));
        let (kept, taken) = match own {
            Some(own) => (own, own.len()),
            None => rest.split_at_checked(letter.len_utf8()).map_or(("", 1), |(one, _)| (one, one.len())),
        };
        if own.is_some() || !steers(letter) {
            out.push_str(kept);
        } else if letter == '\t' {
            out.push(' ');
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    Cow::Owned(out)
}

/// The end of an id: enough to tell rows apart and to be typed.
pub(crate) fn short(id: Id) -> String {
    let text = id.to_string();
    text.get(text.len().saturating_sub(6)..).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_cannot_steer_the_terminal() {
        let written = "Đỏ\u{1b}[31m \u{1b}]0;tên\u{7}\u{202e}abc\tđ\r\nhai 😀";
        assert_eq!(harmless(written), "Đỏ[31m ]0;tênabc đ\nhai 😀");
        assert_eq!(harmless("\u{1b}[1mĐậm\u{1b}[0m"), "\u{1b}[1mĐậm\u{1b}[0m");
        assert!(matches!(harmless("Thường\nhai dòng"), Cow::Borrowed(_)));
    }
}
