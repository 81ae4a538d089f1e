//! What the bench measures imports by: a list of thousands, and a book of hundreds of pages, both made of the sample.

use std::io;
use std::path::Path;

use sotay_protocol::document::{Block, Cell, Document, Item, KnownBlock, Span, TableRow};

use super::docx::Hand;
use super::{cells, directives, docx, members, pdf, story, workbook};

/// The lists of a commune with so many members in the sample's cells: `to-chuc.xlsx` and `dang-vien.xlsx`.
///
/// # Errors
/// Where `dir` cannot be written to.
pub fn lists(dir: &Path, count: usize) -> io::Result<()> {
    let mut cells = cells::all();
    let whole: usize = cells.iter().map(|cell| cell.size).sum();
    let mut left = count;
    for cell in &mut cells {
        // The story's cell has its five members by name, and one secretary.
        if cell.name != story::CELL {
            cell.size = cell.size * count / whole;
        }
        left -= cell.size;
    }
    if let Some(last) = cells.last_mut() {
        last.size += left;
    }
    workbook::write(&dir.join("to-chuc.xlsx"), "TỔ CHỨC", cells::HEADER, cells::rows(&cells))?;
    let members = members::generate(&cells, 1);
    workbook::write(
        &dir.join("dang-vien.xlsx"),
        "ĐẢNG VIÊN",
        members::HEADER,
        members.iter().map(members::row),
    )
}

/// One text, twice.
#[derive(Debug)]
pub struct Book {
    /// Of the PDF; a word processor comes to about as many.
    pub pages: usize,
    pub docx: Vec<u8>,
    pub pdf: Vec<u8>,
}

/// The forty documents over and over, until the book has so many pages.
///
/// # Errors
/// None but those of the sample's own texts.
pub fn book(pages: usize) -> io::Result<Book> {
    let fonts = pdf::Fonts::load()?;
    let texts = directives::texts();
    let (_, mut paper) = match texts.first() {
        Some((name, text)) => directives::paper(name, text, &[])?,
        None => return Err(io::Error::other("xã mẫu không có văn bản nào")),
    };
    let (mut body, mut notes) = (Vec::new(), Vec::new());
    let mut count = 0;
    for (part, (name, text)) in texts.iter().cycle().enumerate() {
        let (_, document) = directives::paper(name, text, &[])?;
        for block in document.body.blocks {
            let block = apart(block, part);
            let is_note = matches!(block, Block::Known(KnownBlock::Note { .. }));
            if is_note { notes.push(block) } else { body.push(block) }
        }
        // Laying out the whole again for each would take longer than what is measured.
        if part % 10 == 9 {
            paper.body = Document::new(body.iter().chain(&notes).cloned().collect());
            count = pdf::pages(&paper, &fonts);
            if count >= pages {
                break;
            }
        }
    }
    let (docx, pdf) = (docx::bytes(&paper, Hand::Typed)?, pdf::bytes(&paper, &fonts)?);
    Ok(Book { pages: count, docx, pdf })
}

/// With marks of its own, so that notes of one part are not those of another.
fn apart(block: Block, part: usize) -> Block {
    let marked = |mark: String| format!("{part}.{mark}");
    let spans = |spans: Vec<Span>| -> Vec<Span> {
        let span = |span: Span| match span.note {
            Some(mark) => Span::note(marked(mark)),
            None => span,
        };
        spans.into_iter().map(span).collect()
    };
    let Block::Known(known) = block else { return block };
    match known {
        KnownBlock::Note { mark, spans, .. } => Block::note(marked(mark), spans),
        KnownBlock::Paragraph { spans: words } => Block::Known(KnownBlock::Paragraph { spans: spans(words) }),
        KnownBlock::List { items } => {
            let item = |item: Item| Item { spans: spans(item.spans), ..item };
            Block::Known(KnownBlock::List { items: items.into_iter().map(item).collect() })
        }
        KnownBlock::Table { rows, .. } => {
            let cell = |cell: Cell| Cell { spans: spans(cell.spans), ..cell };
            let row = |row: TableRow| TableRow { cells: row.cells.into_iter().map(cell).collect(), ..row };
            Block::table(rows.into_iter().map(row).collect())
        }
        other => Block::Known(other),
    }
}
