//! Reads a directive written in Markdown, by pulldown-cmark: CommonMark to the letter, linear in time, and kept by
//! the people who need it for rustdoc.
//!
//! Two things that committees write and CommonMark does not know are added: items lettered `a)`, `b)`, … `đ)`, and
//! a head between `---` lines, which is let be. Raw HTML is shown as the text it is.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use sotay_protocol::document::{Cell, Document, Span, TableRow};

pub use super::body::DocumentError;
use super::body::{Body, MAX_CELLS, MAX_FILE};

/// # Errors
/// Where the text is too long, empty, or stamped secret.
pub fn read(text: &str) -> Result<Document, DocumentError> {
    if text.len() > MAX_FILE {
        return Err(DocumentError::FileTooLarge);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut page = Page::new(text);
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        page.take(event, range.start)?;
    }
    page.flush()?;
    page.body.finish()
}

/// The line that is being written, and where it stands.
#[derive(Debug)]
struct Page<'a> {
    source: &'a str,
    body: Body,
    spans: Vec<Span>,
    /// How many `*` and `**` are open.
    italic: usize,
    bold: usize,
    heading: Option<u8>,
    lists: Vec<List>,
    /// The number of the item whose first line is being written.
    item: Option<Option<String>>,
    /// The blank that a soft break leaves, unless a new item begins there.
    soft_break: Option<Span>,
    /// The table that is open, and the row of it that is being written.
    table: Option<Vec<TableRow>>,
    row: Vec<Cell>,
    cells: usize,
    /// The note that is open: its mark and its words.
    note: Option<(String, Vec<Span>)>,
    /// The address of each link that is open.
    links: Vec<String>,
    /// Inside the head between `---` lines.
    aside: bool,
}

#[derive(Debug)]
struct List {
    next: Option<u64>,
}

impl<'a> Page<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            body: Body::default(),
            spans: Vec::new(),
            italic: 0,
            bold: 0,
            heading: None,
            lists: Vec::new(),
            item: None,
            soft_break: None,
            table: None,
            row: Vec::new(),
            cells: 0,
            note: None,
            links: Vec::new(),
            aside: false,
        }
    }

    fn take(&mut self, event: Event<'_>, at: usize) -> Result<(), DocumentError> {
        match event {
            Event::Start(tag) => self.start(tag, at),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.text(&text)
            }
            Event::Html(html) | Event::InlineHtml(html) => self.html(&html),
            Event::FootnoteReference(name) => {
                self.spans.extend(self.soft_break.take());
                self.spans.push(Span::note(&*name));
                Ok(())
            }
            Event::SoftBreak => {
                self.soft_break = Some(self.styled(" "));
                Ok(())
            }
            Event::HardBreak => {
                self.push("\n");
                Ok(())
            }
            Event::Rule => self.flush(),
            Event::TaskListMarker(done) => self.text(if done { "[x] " } else { "[ ] " }),
        }
    }

    fn start(&mut self, tag: Tag<'_>, at: usize) -> Result<(), DocumentError> {
        match tag {
            Tag::Heading { level, .. } => {
                self.flush()?;
                self.heading = Some(depth(level));
            }
            Tag::List(first) => {
                self.flush()?;
                self.lists.push(List { next: first });
            }
            Tag::Item => {
                self.flush()?;
                self.item = Some(self.number(at));
            }
            Tag::Emphasis => self.italic += 1,
            Tag::Strong => self.bold += 1,
            Tag::Link { dest_url, .. } => self.links.push(dest_url.into_string()),
            Tag::Table(_) => {
                self.flush()?;
                self.table = Some(Vec::new());
            }
            Tag::FootnoteDefinition(name) => {
                self.flush()?;
                self.note = Some((name.into_string(), Vec::new()));
            }
            Tag::MetadataBlock(_) => self.aside = true,
            // Committees write no code: what follows the fence is a line of words as any.
            Tag::CodeBlock(CodeBlockKind::Fenced(words)) => {
                self.flush()?;
                self.text(&words)?;
                self.flush()?;
            }
            // The first paragraph of an item is the item's own line.
            Tag::Paragraph | Tag::BlockQuote(_) | Tag::CodeBlock(_) | Tag::HtmlBlock
                if !self.spans.is_empty() =>
            {
                self.flush()?;
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, tag: TagEnd) -> Result<(), DocumentError> {
        match tag {
            TagEnd::Emphasis => self.italic = self.italic.saturating_sub(1),
            TagEnd::Strong => self.bold = self.bold.saturating_sub(1),
            TagEnd::Link => self.close_link(),
            TagEnd::MetadataBlock(_) => self.aside = false,
            TagEnd::List(_) => {
                self.flush()?;
                self.lists.pop();
            }
            TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::Item
            | TagEnd::BlockQuote(_)
            | TagEnd::CodeBlock
            | TagEnd::HtmlBlock => self.flush()?,
            TagEnd::TableCell => self.end_cell()?,
            TagEnd::TableHead | TagEnd::TableRow => {
                let row =
                    TableRow { heading: tag == TagEnd::TableHead, cells: std::mem::take(&mut self.row) };
                self.table.get_or_insert_default().push(row);
            }
            TagEnd::Table => {
                let rows = self.table.take().unwrap_or_default();
                self.body.table(rows)?;
            }
            TagEnd::FootnoteDefinition => {
                self.flush()?;
                if let Some((mark, spans)) = self.note.take() {
                    self.body.note(mark, spans)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), DocumentError> {
        self.soft_break = None;
        // A row of “|” has as many cells as the first: a short text can ask for many.
        self.cells += 1;
        if self.cells > MAX_CELLS {
            return Err(DocumentError::TooManyCells);
        }
        self.row.push(Cell::new(std::mem::take(&mut self.spans)));
        Ok(())
    }

    /// As printed: counted by the list, with the mark that stands in the source (`1.` or `1)`).
    fn number(&mut self, at: usize) -> Option<String> {
        let next = self.lists.last_mut()?.next.as_mut()?;
        let mark = self
            .source
            .get(at..)
            .unwrap_or_default()
            .trim_start()
            .trim_start_matches(|letter: char| letter.is_ascii_digit())
            .chars()
            .next()
            .filter(|mark| *mark == ')')
            .unwrap_or('.');
        let number = format!("{next}{mark}");
        *next = next.saturating_add(1);
        Some(number)
    }

    fn text(&mut self, text: &str) -> Result<(), DocumentError> {
        if self.aside {
            return Ok(());
        }
        let begins_line = self.spans.is_empty() || self.soft_break.is_some();
        if let Some((letter, rest)) =
            lettered(text).filter(|_| begins_line && self.heading.is_none() && self.table.is_none())
        {
            self.soft_break = None;
            if !self.spans.is_empty() {
                self.flush()?;
            }
            self.item = Some(Some(letter));
            self.push(rest);
            return Ok(());
        }
        self.push(text);
        Ok(())
    }

    fn html(&mut self, html: &str) -> Result<(), DocumentError> {
        let bare = html.trim();
        if bare.starts_with("<!--") {
            return Ok(());
        }
        if matches!(bare, "<br>" | "<br/>" | "<br />") {
            self.push("\n");
            return Ok(());
        }
        self.text(html)
    }

    fn push(&mut self, text: &str) {
        let span = self.styled(text);
        self.spans.extend(self.soft_break.take());
        self.spans.push(span);
    }

    fn styled(&self, text: &str) -> Span {
        Span { text: text.to_owned(), bold: self.bold > 0, italic: self.italic > 0, ..Span::default() }
    }

    /// Paper has no links: the address is kept beside the words, unless it is the words.
    fn close_link(&mut self) {
        let Some(address) = self.links.pop() else { return };
        let words = self.spans.last().map(|span| span.text.clone()).unwrap_or_default();
        if !address.is_empty() && !address.ends_with(&words) {
            self.push(&format!(" ({address})"));
        }
    }

    fn flush(&mut self) -> Result<(), DocumentError> {
        self.soft_break = None;
        let spans = std::mem::take(&mut self.spans);
        let heading = self.heading.take();
        if spans.is_empty() {
            return Ok(());
        }
        if let Some((_, words)) = &mut self.note {
            if !words.is_empty() {
                words.push(Span::plain("\n"));
            }
            let number = self.item.take().flatten().map(|number| Span::plain(format!("{number} ")));
            words.extend(number.into_iter().chain(spans));
            return Ok(());
        }
        match (heading, self.item.take()) {
            (Some(level), _) => self.body.heading(level, spans),
            (None, Some(number)) => {
                // A lettered item under a numbered one is one step deeper.
                let letter = number.as_deref().is_some_and(|number| number.starts_with(char::is_alphabetic));
                let depth = if letter { self.lists.len() } else { self.lists.len().saturating_sub(1) };
                self.body.item(depth, number, spans)
            }
            (None, None) => self.body.paragraph(spans),
        }
    }
}

fn depth(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// “a) Quét dọn” is the item a) “Quét dọn”.
fn lettered(text: &str) -> Option<(String, &str)> {
    let mut letters = text.chars();
    let letter = letters.next().filter(|letter| letter.is_ascii_lowercase() || *letter == 'đ')?;
    let rest = letters.as_str().strip_prefix(") ")?;
    Some((format!("{letter})"), rest))
}

#[cfg(test)]
mod tests;
