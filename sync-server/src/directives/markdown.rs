//! Reads a directive written in Markdown, by pulldown-cmark: CommonMark to the letter, linear in time, and kept by
//! the people who need it for rustdoc.
//!
//! Two things that committees write and CommonMark does not know are added: items lettered `a)`, `b)`, … `đ)`, and
//! a head between `---` lines, which is let be. Raw HTML is shown as the text it is.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use sotay_protocol::document::{Document, Span};

pub use super::body::DocumentError;
use super::body::{Body, MAX_FILE};

/// # Errors
/// Where the text is too long, empty, or stamped secret.
pub fn read(text: &str) -> Result<Document, DocumentError> {
    if text.len() > MAX_FILE {
        return Err(DocumentError::FileTooLarge);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = Options::ENABLE_TABLES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
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
    cells: usize,
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
            cells: 0,
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
            Event::FootnoteReference(name) => self.text(&format!("[{name}]")),
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
            Tag::TableHead | Tag::TableRow => self.cells = 0,
            Tag::TableCell => {
                if self.cells > 0 {
                    self.push(" | ");
                }
                self.cells += 1;
            }
            Tag::MetadataBlock(_) => self.aside = true,
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
            | TagEnd::HtmlBlock
            | TagEnd::TableHead
            | TagEnd::TableRow => self.flush()?,
            _ => {}
        }
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
            lettered(text).filter(|_| begins_line && self.heading.is_none() && self.cells == 0)
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
        self.cells = 0;
        let spans = std::mem::take(&mut self.spans);
        let heading = self.heading.take();
        if spans.is_empty() {
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
mod tests {
    use sotay_protocol::document::{Block, Item, KnownBlock};

    use super::*;

    fn blocks(text: &str) -> Vec<Block> {
        read(text).unwrap().blocks
    }

    fn list(items: &[(u8, Option<&str>, &str)]) -> Block {
        let items = items.iter().map(|(depth, number, text)| Item {
            depth: *depth,
            number: number.map(str::to_owned),
            spans: vec![Span::plain(*text)],
            ..Item::default()
        });
        Block::Known(KnownBlock::List { items: items.collect() })
    }

    #[test]
    fn headings_paragraphs_and_styles_are_read() {
        let read =
            blocks("# Kế hoạch\n\nCăn cứ **Điều 24** và\n*Điều lệ* Đảng.  \nNay ban hành.\n\n## Mục tiêu\n");
        let spans = vec![
            Span::plain("Căn cứ "),
            Span { bold: true, ..Span::plain("Điều 24") },
            Span::plain(" và "),
            Span { italic: true, ..Span::plain("Điều lệ") },
            Span::plain(" Đảng.\nNay ban hành."),
        ];
        assert_eq!(
            read,
            [
                Block::heading(1, "Kế hoạch"),
                Block::Known(KnownBlock::Paragraph { spans }),
                Block::heading(2, "Mục tiêu"),
            ]
        );
    }

    #[test]
    fn items_keep_their_numbers_as_printed_and_their_depth() {
        let text = "3. Ba\n4. Bốn\n   - gạch\n   - gạch nữa\n5. Năm\n\nHết.\n\n1) Một\n2) Hai\n";
        assert_eq!(
            blocks(text),
            [
                list(&[
                    (0, Some("3."), "Ba"),
                    (0, Some("4."), "Bốn"),
                    (1, None, "gạch"),
                    (1, None, "gạch nữa"),
                    (0, Some("5."), "Năm"),
                ]),
                Block::paragraph("Hết."),
                list(&[(0, Some("1)"), "Một"), (0, Some("2)"), "Hai")]),
            ]
        );
    }

    #[test]
    fn lettered_items_are_items() {
        assert_eq!(
            blocks("Gồm:\na) Quét dọn\nđường làng\nđ) Khơi thông\n"),
            [
                Block::paragraph("Gồm:"),
                list(&[(0, Some("a)"), "Quét dọn đường làng"), (0, Some("đ)"), "Khơi thông")]),
            ]
        );
        assert_eq!(
            blocks("1. Việc\n   a) Một\n   b) Hai\n"),
            [list(&[(0, Some("1."), "Việc"), (1, Some("a)"), "Một"), (1, Some("b)"), "Hai"),])]
        );
        assert_eq!(blocks("Khoản (a) và b) là"), [Block::paragraph("Khoản (a) và b) là")]);
    }

    #[test]
    fn a_second_paragraph_of_an_item_is_a_paragraph() {
        assert_eq!(
            blocks("- Một\n\n  Thêm.\n- Hai\n"),
            [list(&[(0, None, "Một")]), Block::paragraph("Thêm."), list(&[(0, None, "Hai")]),]
        );
    }

    #[test]
    fn tables_become_lines_of_cells() {
        assert_eq!(
            blocks("| Việc | Hạn |\n|---|---|\n| Quét dọn | **30/6** |\n")[0],
            Block::paragraph("Việc | Hạn")
        );
        assert_eq!(read("| A | B |\n|---|---|\n| a) x | y |\n").unwrap().text(), "A | B\na) x | y\n");
    }

    #[test]
    fn the_head_is_let_be_and_html_is_text() {
        let text = "\u{feff}---\nsố: 17-KH/ĐU\n---\n\nMột<br>hai <!-- ẩn --> <b>ba</b>\n\n<!-- ẩn -->\n\n---\n\nBốn\n";
        assert_eq!(read(text).unwrap().text(), "Một\nhai  <b>ba</b>\nBốn\n");
    }

    #[test]
    fn the_address_of_a_link_is_kept() {
        let text = "Xem [trang xã](https://thanhson.example) và <https://sotay.example>.";
        assert_eq!(
            read(text).unwrap().text(),
            "Xem trang xã (https://thanhson.example) và https://sotay.example.\n"
        );
    }

    #[test]
    fn decomposed_text_is_composed() {
        assert_eq!(blocks("Ca\u{301}ch"), [Block::paragraph("Cách")]);
    }

    #[test]
    fn stamped_and_empty_texts_are_refused() {
        assert_eq!(read("ĐẢNG ỦY XÃ\n\n**TỐI MẬT**\n\nKế hoạch"), Err(DocumentError::Secret));
        assert_eq!(read("---\n"), Err(DocumentError::Empty));
    }

    proptest::proptest! {
        #[test]
        fn no_letter_is_lost_or_added(text in "([a-eàạăđêôơưỹ]{1,3}|[#*_>`()0-9.-]| |\n){0,80}") {
            // A head between such lines is let be.
            proptest::prop_assume!(!text.contains("---"));
            let letters = |text: &str| text.chars().filter(|letter| letter.is_alphabetic()).count();
            let kept = read(&text).map_or(0, |document| letters(&document.text()));
            proptest::prop_assert_eq!(kept, letters(&text));
        }
    }
}
