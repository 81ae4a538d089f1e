//! What every reader of documents ends in: blocks put in order, levelled, measured, looked over for a stamp, and their
//! divisions said.

mod divisions;
mod openings;

use sotay_protocol::document::{Block, Cell, Document, Item, KnownBlock, Span, TableRow, words};
use sotay_protocol::limits;
use unicode_normalization::UnicodeNormalization;

/// Of the file as it comes.
pub(super) const MAX_FILE: usize = 20 * 1024 * 1024;
/// Of the words, in bytes. A long resolution has 100 KB.
pub(super) const MAX_TEXT: usize = 2 * 1024 * 1024;
/// The letterhead ends well before; further down, “Mật” alone on a line can be an item of a list.
const LINES_OF_LETTERHEAD: usize = 20;
const DEEPEST_HEADING: u8 = 9;
const DEEPEST_ITEM: u8 = 8;
/// Of all tables together, the empty ones too. The longest list of names seen has 10,000.
pub(super) const MAX_CELLS: usize = 100_000;
/// Of a document. With the limit of its words they have ten letters each.
pub(super) const MAX_PARAGRAPHS: usize = 200_000;
/// Word has 63, LibreOffice some more.
const MOST_COLUMNS: u16 = 256;
/// `{"spans":[]}` and `{"text":""}`.
const LEAST_BLOCK: usize = 12;
const LEAST_SPAN: usize = 11;
/// Of the mark of a note: “1”, “*”, “iv”.
const LONGEST_MARK: usize = 16;

/// Why a file cannot be published, in words for the officer who publishes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    #[error("tệp lớn hơn 20 MiB")]
    FileTooLarge,
    #[error("tệp không ở bảng mã UTF-8")]
    NotUtf8,
    #[error("đây là tệp Word đời cũ (.doc); hãy mở bằng Word và lưu lại dưới dạng .docx")]
    OldWord,
    #[error("tệp được đặt mật khẩu; hãy gỡ mật khẩu rồi lưu lại")]
    Encrypted,
    #[error("đây không phải tệp Word (.docx)")]
    NotWord,
    #[error("tệp bị hỏng hoặc tải chưa hết; hãy chép lại tệp gốc")]
    Damaged,
    #[error("tệp nén quá lớn khi bung ra (hơn 64 MiB)")]
    UnpackedTooLarge,
    #[error("tệp có khai báo DTD hoặc thực thể XML, không được chấp nhận")]
    Dtd,
    #[error("văn bản dài hơn 2 MiB chữ; hãy tách thành nhiều tệp")]
    TextTooLong,
    #[error("các bảng trong tệp có hơn 100.000 ô; hãy tách bảng lớn thành tệp riêng")]
    TooManyCells,
    #[error("đây không phải tệp PDF")]
    NotPdf,
    #[error("tệp PDF không có trang nào")]
    NoPages,
    #[error("tệp PDF có hơn 3.000 trang; hãy tách thành nhiều tệp")]
    TooManyPages,
    #[error("trang {0} của tệp PDF có quá nhiều nét vẽ, không đọc được; hãy xuất lại tệp từ bản gốc")]
    PageTooFull(u32),
    #[error("văn bản dài hơn 2 MiB chữ (vượt ở trang {0}); hãy tách thành nhiều văn bản")]
    TextTooLongAt(u32),
    #[error("văn bản có hơn 200.000 đoạn; hãy tách thành nhiều tệp")]
    TooManyParagraphs,
    #[error("văn bản quá nhiều đoạn và kiểu chữ (hơn 4 MiB khi lưu); hãy tách thành nhiều tệp")]
    RowTooLarge,
    #[error("văn bản dùng phông VNI, không phải Unicode; hãy chuyển mã (chẳng hạn bằng UniKey) rồi lưu lại")]
    Vni,
    #[error("văn bản không có chữ nào (có thể là bản quét ảnh)")]
    Empty,
    #[error("văn bản có dấu độ mật (MẬT, TỐI MẬT, TUYỆT MẬT): không được đưa lên điện thoại")]
    Secret,
}

/// Blocks as they are found, from top to bottom.
#[derive(Debug, Default)]
pub(super) struct Body {
    blocks: Vec<Block>,
    /// They stand at the document's end, wherever they were met.
    notes: Vec<Block>,
    letterhead: Vec<String>,
    text: usize,
    /// What the row will have at least, in bytes.
    row: usize,
    cells: usize,
}

impl Body {
    pub(super) fn heading(&mut self, level: u8, spans: Vec<Span>) -> Result<(), DocumentError> {
        let spans = self.level(spans)?;
        if !spans.is_empty() {
            // A heading is bold by being one.
            let spans = join(spans.into_iter().map(|span| Span { bold: false, ..span }));
            self.blocks.push(Block::Known(KnownBlock::Heading {
                level: level.clamp(1, DEEPEST_HEADING),
                division: None,
                spans,
            }));
        }
        Ok(())
    }

    pub(super) fn paragraph(&mut self, spans: Vec<Span>) -> Result<(), DocumentError> {
        let spans = self.level(spans)?;
        if !spans.is_empty() {
            self.blocks.push(Block::Known(KnownBlock::Paragraph { spans }));
        }
        Ok(())
    }

    /// Items that follow one another make one list.
    pub(super) fn item(
        &mut self,
        depth: usize,
        number: Option<String>,
        spans: Vec<Span>,
    ) -> Result<(), DocumentError> {
        let spans = self.level(spans)?;
        if spans.is_empty() {
            return Ok(());
        }
        self.text += number.as_ref().map_or(0, String::len);
        let depth = u8::try_from(depth).unwrap_or(DEEPEST_ITEM).min(DEEPEST_ITEM);
        let item = Item { depth, number, spans, ..Item::default() };
        if let Some(Block::Known(KnownBlock::List { items })) = self.blocks.last_mut() {
            items.push(item);
        } else {
            self.blocks.push(Block::Known(KnownBlock::List { items: vec![item] }));
        }
        Ok(())
    }

    /// A table without a word is none.
    pub(super) fn table(&mut self, rows: Vec<TableRow>) -> Result<(), DocumentError> {
        self.cells = self.cells.saturating_add(rows.iter().map(|row| row.cells.len()).sum());
        if self.cells > MAX_CELLS {
            return Err(DocumentError::TooManyCells);
        }
        let mut levelled = Vec::with_capacity(rows.len());
        let mut below = rows.len();
        for row in rows {
            let lowest = u16::try_from(below).unwrap_or(u16::MAX);
            below -= 1;
            let mut cells = Vec::with_capacity(row.cells.len());
            for cell in row.cells {
                cells.push(Cell {
                    across: cell.across.clamp(1, MOST_COLUMNS),
                    down: cell.down.clamp(1, lowest),
                    spans: self.level(cell.spans)?,
                });
            }
            levelled.push(TableRow { heading: row.heading, cells });
        }
        if levelled.iter().any(|row| row.cells.iter().any(|cell| !cell.spans.is_empty())) {
            self.blocks.push(Block::table(levelled));
        }
        Ok(())
    }

    /// A footnote or endnote. Its place in the words is a [`Span::note`] of the same mark.
    pub(super) fn note(&mut self, mark: impl Into<String>, spans: Vec<Span>) -> Result<(), DocumentError> {
        let spans = self.level(spans)?;
        self.notes.push(Block::note(level_mark(&mark.into()), spans));
        Ok(())
    }

    /// Pages of which only pictures came. Those that follow one another are told of together.
    pub(super) fn scan(&mut self, from_page: u32, to_page: u32) {
        let begun = match self.blocks.last() {
            Some(Block::Known(KnownBlock::Scan { from_page: begun, to_page: last, .. }))
                if last.checked_add(1) == Some(from_page) =>
            {
                Some(*begun)
            }
            _ => None,
        };
        if begun.is_some() {
            self.blocks.pop();
        }
        self.blocks.push(Block::scan(begun.unwrap_or(from_page), to_page));
    }

    /// Words that are no block of the text but may carry a stamp, such as a page header.
    pub(super) fn beside(&mut self, line: String) {
        self.letterhead.push(line);
    }

    pub(super) fn finish(mut self) -> Result<Document, DocumentError> {
        if self.blocks.is_empty() {
            return Err(DocumentError::Empty);
        }
        if is_stamped(&self.blocks) || self.letterhead.iter().flat_map(|words| words.lines()).any(is_secret) {
            return Err(DocumentError::Secret);
        }
        let mut blocks = divisions::divide(self.blocks);
        blocks.append(&mut self.notes);
        let document = Document::new(blocks);
        // With the text limit this is only reached by a document that is all styles.
        let row = serde_json::to_vec(&document).map_err(|_| DocumentError::RowTooLarge)?;
        if row.len() > limits::ROW {
            return Err(DocumentError::RowTooLarge);
        }
        Ok(document)
    }

    fn level(&mut self, spans: Vec<Span>) -> Result<Vec<Span>, DocumentError> {
        self.text += spans.iter().map(|span| span.text.len()).sum::<usize>();
        let spans = trim(join(spans.into_iter()));
        if !spans.is_empty() {
            // So that a document that is all blocks and styles is not first built and then found too long.
            self.row += LEAST_BLOCK + spans.iter().map(|span| span.text.len() + LEAST_SPAN).sum::<usize>();
        }
        if self.text > MAX_TEXT {
            return Err(DocumentError::TextTooLong);
        }
        if self.row > limits::ROW {
            return Err(DocumentError::RowTooLarge);
        }
        Ok(spans)
    }
}

/// NFC without control characters, and neighbours of one style as one span: one spelling for one document.
fn join(spans: impl Iterator<Item = Span>) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        if let Some(mark) = span.note {
            joined.push(Span::note(level_mark(&mark)));
            continue;
        }
        let text = level_text(&span.text);
        match joined.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.note.is_none() && (last.bold, last.italic) == (span.bold, span.italic) => {
                last.text.push_str(&text);
            }
            _ => joined.push(Span { text, ..span }),
        }
    }
    joined
}

fn level_text(text: &str) -> String {
    text.nfc().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')).collect()
}

fn level_mark(mark: &str) -> String {
    level_text(mark).trim().chars().take(LONGEST_MARK).collect()
}

fn trim(mut spans: Vec<Span>) -> Vec<Span> {
    while let Some(first) = spans.first_mut() {
        first.text = first.text.trim_start().to_owned();
        if !first.text.is_empty() {
            break;
        }
        spans.remove(0);
    }
    while let Some(last) = spans.last_mut() {
        last.text.truncate(last.text.trim_end().len());
        if !last.text.is_empty() {
            break;
        }
        spans.pop();
    }
    spans
}

/// Whether one of the first lines is a stamp; in a table, one of the lines of a cell.
fn is_stamped(blocks: &[Block]) -> bool {
    let mut left = LINES_OF_LETTERHEAD;
    for block in blocks {
        match block {
            Block::Known(KnownBlock::Table { rows, .. }) => {
                let top = rows.get(..left).unwrap_or(rows);
                let cells = top.iter().flat_map(|row| &row.cells);
                if cells.map(|cell| words(&cell.spans)).any(|cell| cell.lines().any(is_secret)) {
                    return true;
                }
                left -= top.len();
            }
            _ => {
                let text = Document::new(vec![block.clone()]).text();
                if text.lines().take(left).any(is_secret) {
                    return true;
                }
                left = left.saturating_sub(text.lines().count());
            }
        }
        if left == 0 {
            return false;
        }
    }
    false
}

/// Whether a part of the line is a stamp and nothing else. Letterheads stand in tables and between tabs.
fn is_secret(line: &str) -> bool {
    line.split(['|', '\t']).any(|part| {
        let letters: String =
            part.nfc().filter(|letter| letter.is_alphabetic()).flat_map(char::to_lowercase).collect();
        let stamp = letters.strip_prefix("độmật").unwrap_or(&letters);
        matches!(stamp, "mật" | "tốimật" | "tuyệtmật")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Vec<Span> {
        vec![Span::plain(text)]
    }

    fn lines(lines: &[&str]) -> Result<Document, DocumentError> {
        let mut body = Body::default();
        for line in lines {
            body.paragraph(plain(line))?;
        }
        body.finish()
    }

    #[test]
    fn a_stamp_alone_on_a_line_of_the_letterhead_refuses_the_document() {
        for stamp in [
            "MẬT",
            "TỐI MẬT",
            "  Tuyệt mật. ",
            "(MẬT)",
            "M Ậ T",
            "Độ mật: TỐI MẬT",
            "Số 17-KH/ĐU\tMẬT",
            "MẬT | ĐẢNG CỘNG SẢN VIỆT NAM",
            "ĐẢNG ỦY XÃ\nMẬT",
            "MA\u{323}\u{302}T",
        ] {
            assert_eq!(lines(&["ĐẢNG ỦY XÃ", stamp, "Kế hoạch"]), Err(DocumentError::Secret), "{stamp}");
        }
        for words in ["Bảo mật", "Tuyệt đối giữ bí mật nhà nước", "Mật ong"] {
            assert!(lines(&["ĐẢNG ỦY XÃ", words]).is_ok(), "{words}");
        }
        let mut late = vec!["Điều"; 25];
        late.push("Mật");
        assert!(lines(&late).is_ok());
    }

    #[test]
    fn a_stamp_in_the_page_header_counts_too() {
        let mut body = Body::default();
        body.paragraph(plain("Kế hoạch")).unwrap();
        body.beside("TỐI MẬT".into());
        assert_eq!(body.finish(), Err(DocumentError::Secret));
    }

    #[test]
    fn runs_of_one_style_become_one_span_and_edges_are_trimmed() {
        let mut body = Body::default();
        let bold = |text: &str| Span { bold: true, ..Span::plain(text) };
        body.paragraph(vec![
            Span::plain(" "),
            bold("Phần "),
            bold("1\u{7}"),
            Span::plain(""),
            Span::plain(" hết "),
        ])
        .unwrap();
        let expected = vec![bold("Phần 1"), Span::plain(" hết")];
        assert_eq!(body.finish().unwrap().blocks, [Block::Known(KnownBlock::Paragraph { spans: expected })]);
    }

    #[test]
    fn a_stamp_in_a_cell_is_found_although_other_lines_stand_beside_it() {
        let row = |words: &str| TableRow { heading: false, cells: vec![Cell::new(plain(words))] };
        let mut body = Body::default();
        body.table(vec![row("ĐẢNG ỦY XÃ\nMẬT"), row("Kế hoạch")]).unwrap();
        assert_eq!(body.finish(), Err(DocumentError::Secret));
        let mut body = Body::default();
        body.table((0..25).map(|line| row(if line < 24 { "Điều" } else { "Mật" })).collect()).unwrap();
        assert!(body.finish().is_ok());
    }

    #[test]
    fn notes_stand_at_the_end_and_their_marks_are_no_words_of_the_line() {
        let mut body = Body::default();
        body.note("1", plain(" Điều 24. ")).unwrap();
        let spans = vec![Span::plain("Theo Điều lệ"), Span::note("1"), Span::note("2"), Span::plain(" ")];
        body.paragraph(spans).unwrap();
        body.note(" 2\n", plain("Điều 25.")).unwrap();
        let spans = vec![Span::plain("Theo Điều lệ"), Span::note("1"), Span::note("2")];
        assert_eq!(
            body.finish().unwrap().blocks,
            [
                Block::Known(KnownBlock::Paragraph { spans }),
                Block::note("1", plain("Điều 24.")),
                Block::note("2", plain("Điều 25.")),
            ]
        );
    }

    #[test]
    fn pages_of_pictures_alone_are_a_document_and_are_told_of_together() {
        let mut body = Body::default();
        body.scan(1, 1);
        body.scan(2, 3);
        body.scan(5, 5);
        assert_eq!(body.finish().unwrap().blocks, [Block::scan(1, 3), Block::scan(5, 5)]);
    }

    #[test]
    fn a_table_is_levelled_and_kept_within_itself() {
        let cell = |across, down, text: &str| Cell { across, down, spans: plain(text) };
        let row = |cells: Vec<Cell>| TableRow { heading: false, cells };
        let mut body = Body::default();
        body.table(vec![row(vec![cell(0, 9, " a ")]), row(vec![cell(60_000, 1, "")])]).unwrap();
        body.table(vec![row(vec![cell(1, 1, " ")])]).unwrap();
        let expected = Block::table(vec![
            row(vec![cell(1, 2, "a")]),
            row(vec![Cell { across: 256, down: 1, spans: Vec::new() }]),
        ]);
        assert_eq!(body.finish().unwrap().blocks, [expected]);
        let mut body = Body::default();
        let rows = vec![row(vec![cell(1, 1, "")]); MAX_CELLS + 1];
        assert_eq!(body.table(rows), Err(DocumentError::TooManyCells));
    }

    #[test]
    fn nothing_but_blanks_is_no_document() {
        assert_eq!(lines(&["", " \n"]), Err(DocumentError::Empty));
    }

    #[test]
    fn more_than_two_mebibytes_of_words_are_refused() {
        let page = "x".repeat(1024 * 1024);
        assert!(lines(&[&page, &page[1..]]).is_ok());
        assert_eq!(lines(&[&page, &page, "y"]), Err(DocumentError::TextTooLong));
    }

    #[test]
    fn a_row_over_four_mebibytes_is_refused_although_its_words_are_few() {
        let mut body = Body::default();
        for word in 0..100_000 {
            body.paragraph(vec![Span { bold: word % 2 == 0, ..Span::plain("a") }]).unwrap();
        }
        assert_eq!(body.finish(), Err(DocumentError::RowTooLarge));
    }
}
