//! A line of the document with what can be told of it alone.

use sotay_protocol::document::{Block, Item, KnownBlock, Span, words};

use super::super::openings::{Mark, Opening, Style, mark, opening, style_of};
use super::super::trim;

/// In letters. A heading is not a paragraph in bold.
const LONGEST_HEAD: usize = 200;

const LONGEST_UNNUMBERED_HEAD: usize = 80;
const CAPTIONS: [&str; 4] = ["Bảng", "Biểu", "Hình", "Sơ đồ"];
/// They stand at the top right, and never over a part of the text.
const CRESTS: [&str; 2] = ["ĐẢNG CỘNG SẢN VIỆT NAM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"];

#[derive(Debug)]
pub(super) struct Line {
    pub(super) source: Source,
    pub(super) spans: Vec<Span>,
    /// As printed, with the number that the list gives.
    pub(super) words: String,
    /// All of it.
    pub(super) bold: bool,
    pub(super) capitals: bool,
    pub(super) opening: Option<Opening>,
    pub(super) mark: Option<Mark>,
}

#[derive(Debug)]
pub(super) enum Source {
    Heading(u8),
    Paragraph,
    Item {
        depth: u8,
        number: Option<String>,
    },
    /// A table, a scan: nothing to be said of it.
    Whole(Block),
}

pub(super) fn read(blocks: Vec<Block>) -> Vec<Line> {
    let mut lines = Vec::with_capacity(blocks.len());
    for block in blocks {
        match block {
            Block::Known(KnownBlock::Heading { level, spans, .. }) => {
                lines.push(Line::new(Source::Heading(level), spans));
            }
            Block::Known(KnownBlock::Paragraph { spans }) => lines.push(Line::new(Source::Paragraph, spans)),
            Block::Known(KnownBlock::List { items }) => {
                for Item { depth, number, spans, .. } in items {
                    lines.push(Line::new(Source::Item { depth, number }, spans));
                }
            }
            whole => lines.push(Line::new(Source::Whole(whole), Vec::new())),
        }
    }
    lines
}

impl Line {
    fn new(source: Source, spans: Vec<Span>) -> Self {
        let typed = words(&spans);
        // A colon or a blank behind the words is often left out of the bold.
        let speaks = |span: &&Span| span.note.is_none() && span.text.contains(char::is_alphanumeric);
        let mut speaking = spans.iter().filter(speaks).peekable();
        let bold = speaking.peek().is_some() && speaking.all(|span| span.bold);
        let (words, mark) = match &source {
            Source::Item { number: Some(number), .. } => {
                let style = style_of(number);
                let mark =
                    style.map(|style| Mark { style, number: Some(number.clone()), words: number.len() + 1 });
                (format!("{number} {typed}"), mark)
            }
            Source::Item { number: None, .. } | Source::Whole(_) => (typed, None),
            Source::Heading(_) | Source::Paragraph => {
                let mark = mark(&typed);
                (typed, mark)
            }
        };
        let capitals = words.chars().filter(|letter| letter.is_alphabetic()).take(2).count() == 2
            && !words.chars().any(char::is_lowercase);
        let opening = match &source {
            Source::Whole(_) | Source::Item { number: None, .. } => None,
            _ => opening(&words),
        };
        Self { source, spans, words, bold, capitals, opening, mark }
    }

    pub(super) fn number(&self) -> Option<&str> {
        match &self.source {
            Source::Item { number, .. } => number.as_deref(),
            _ => None,
        }
    }

    pub(super) fn style(&self) -> Option<Style> {
        self.mark.as_ref().map(|mark| mark.style)
    }

    pub(super) fn is_heading(&self) -> bool {
        matches!(self.source, Source::Heading(_))
    }

    /// A line of a list of contents, with the page at its end.
    pub(super) fn is_of_contents(&self) -> bool {
        let words = self.words.trim_end();
        let before = words.trim_end_matches(|letter: char| letter.is_ascii_digit());
        before.len() < words.len() && (before.ends_with(['\t', '…']) || before.trim_end().ends_with("..."))
    }

    /// “I. MỤC ĐÍCH”, “1. Mục tiêu” in bold and alone on the line.
    pub(super) fn is_numbered_head(&self) -> bool {
        let shown = match self.style() {
            Some(Style::Capital | Style::Roman) => self.bold || self.capitals,
            Some(Style::Decimal(_)) => self.bold,
            _ => false,
        };
        shown && self.could_be_head() && !self.words.ends_with([';', ','])
    }

    /// “TỔ CHỨC THỰC HIỆN” in bold and alone on the line.
    pub(super) fn is_head_in_capitals(&self) -> bool {
        matches!(self.source, Source::Paragraph)
            && self.bold
            && self.capitals
            && self.mark.is_none()
            && self.could_be_head()
            && !self.words.ends_with([':', ';', ','])
            && !CRESTS.contains(&self.words.trim())
            && self.words.chars().filter(|letter| letter.is_alphabetic()).take(4).count() == 4
    }

    /// “Mục đích” in bold and alone on the line.
    pub(super) fn is_head_in_bold(&self) -> bool {
        matches!(self.source, Source::Paragraph)
            && self.bold
            && self.mark.is_none()
            && self.words.chars().nth(LONGEST_UNNUMBERED_HEAD).is_none()
            && self.words.starts_with(char::is_uppercase)
            && self.words.ends_with(char::is_alphanumeric)
            && !self.words.contains('\n')
            && !CAPTIONS.iter().any(|caption| self.words.starts_with(caption))
            && !CRESTS.contains(&self.words.trim())
    }

    pub(super) fn could_be_head(&self) -> bool {
        self.words.chars().nth(LONGEST_HEAD).is_none() && !self.is_of_contents()
    }

    /// All its words, the number of the list among them.
    pub(super) fn whole(self) -> Vec<Span> {
        let number = match self.source {
            Source::Item { number: Some(number), .. } => Some(Span::plain(format!("{number} "))),
            _ => None,
        };
        number.into_iter().chain(self.spans).collect()
    }

    /// The number as printed, and the words after it.
    pub(super) fn item(self) -> (Option<String>, Vec<Span>) {
        match (self.source, self.mark) {
            (Source::Item { number, .. }, _) => (number, self.spans),
            (_, Some(mark)) => (mark.number, cut(self.spans, mark.words).1),
            (_, None) => (None, self.spans),
        }
    }
}

/// The first `at` bytes and the rest.
pub(super) fn cut(spans: Vec<Span>, at: usize) -> (Vec<Span>, Vec<Span>) {
    let (mut head, mut rest) = (Vec::new(), Vec::new());
    let mut left = at;
    for span in spans {
        match span.text.split_at_checked(left) {
            Some((_, "")) => {
                left -= span.text.len();
                head.push(span);
            }
            Some((before, after)) if left > 0 && span.note.is_none() => {
                head.push(Span { text: before.to_owned(), ..span.clone() });
                rest.push(Span { text: after.to_owned(), ..span });
                left = 0;
            }
            Some(_) => {
                left = 0;
                rest.push(span);
            }
            None => {
                left = left.saturating_sub(span.text.len());
                head.push(span);
            }
        }
    }
    (trim(head), trim(rest))
}
