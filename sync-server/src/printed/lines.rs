//! Words into lines: broken at blanks, ragged on the right, each piece at its place.

use sotay_protocol::document::Span;

use super::fonts::{Fonts, Style};

/// A mark that points to a note stands small and high.
const MARK: f32 = 0.62;
const RISE: f32 = 0.35;

/// Words of one style that stand together; `x` counts from the line's left edge.
#[derive(Debug, Clone)]
pub struct Piece {
    pub x: f32,
    pub rise: f32,
    pub size: f32,
    pub style: Style,
    pub text: String,
}

#[derive(Debug, Clone, Default)]
pub struct Line {
    pub pieces: Vec<Piece>,
    pub width: f32,
    /// Marks of the notes that are told of in it.
    pub notes: Vec<String>,
}

/// How wide lines may be, and how far the first one is moved in.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    pub size: f32,
    pub width: f32,
    pub first: f32,
}

/// At least one line, though it be empty.
pub fn broken(spans: &[Span], fonts: &Fonts, measure: Measure) -> Vec<Line> {
    let mut setter = Setter { fonts, measure, lines: Vec::new(), line: Line::default(), blank: false };
    setter.line.width = measure.first;
    for span in spans {
        if let Some(mark) = &span.note {
            setter.mark(mark);
            continue;
        }
        let style = Style::of(span.bold, span.italic);
        for (place, line) in span.text.split('\n').enumerate() {
            if place > 0 {
                setter.end_line();
            }
            setter.words(line, style);
        }
    }
    setter.end_line();
    setter.lines
}

/// How wide the words are where nothing breaks them but their own line breaks, and the widest of them alone.
pub(super) fn natural(spans: &[Span], fonts: &Fonts, size: f32) -> (f32, f32) {
    let whole = broken(spans, fonts, Measure { size, width: f32::MAX, first: 0.0 });
    let whole = whole.iter().map(|line| line.width).fold(0.0, f32::max);
    let word = spans
        .iter()
        .flat_map(|span| {
            let style = Style::of(span.bold, span.italic);
            span.text.split([' ', '\n']).map(move |word| fonts.width(word, style, size))
        })
        .fold(0.0, f32::max);
    (whole, word)
}

struct Setter<'a> {
    fonts: &'a Fonts,
    measure: Measure,
    lines: Vec<Line>,
    line: Line,
    /// A blank is due before the next word, unless that begins a line.
    blank: bool,
}

impl Setter<'_> {
    fn words(&mut self, text: &str, style: Style) {
        for (place, word) in text.split(' ').enumerate() {
            if place > 0 {
                self.blank = true;
            }
            if !word.is_empty() {
                self.word(word, style);
            }
        }
    }

    fn word(&mut self, word: &str, style: Style) {
        let size = self.measure.size;
        let width = self.fonts.width(word, style, size);
        let blank = if self.blank { self.fonts.width(" ", style, size) } else { 0.0 };
        if self.line.width + blank + width > self.measure.width && !self.line.pieces.is_empty() && self.blank
        {
            self.end_line();
        }
        if width > self.measure.width {
            return self.letters(word, style);
        }
        let text =
            if self.blank && !self.line.pieces.is_empty() { format!(" {word}") } else { word.to_owned() };
        self.blank = false;
        self.put(text, style, size, 0.0);
    }

    /// A word that no line can hold, such as a long address.
    fn letters(&mut self, word: &str, style: Style) {
        for letter in word.chars() {
            let text = letter.to_string();
            let width = self.fonts.width(&text, style, self.measure.size);
            if self.line.width + width > self.measure.width {
                self.end_line();
            }
            self.put(text, style, self.measure.size, 0.0);
        }
        self.blank = false;
    }

    fn mark(&mut self, mark: &str) {
        let size = self.measure.size;
        self.put(mark.to_owned(), Style::Regular, size * MARK, size * RISE);
        self.line.notes.push(mark.to_owned());
    }

    #[expect(clippy::float_cmp, reason = "the same sizes are given, none is computed")]
    fn put(&mut self, text: String, style: Style, size: f32, rise: f32) {
        let x = self.line.width;
        self.line.width += self.fonts.width(&text, style, size);
        match self.line.pieces.last_mut() {
            Some(last) if last.style == style && last.size == size && last.rise == rise => {
                last.text.push_str(&text);
            }
            _ => self.line.pieces.push(Piece { x, rise, size, style, text }),
        }
    }

    fn end_line(&mut self) {
        self.blank = false;
        self.lines.push(std::mem::take(&mut self.line));
    }
}
