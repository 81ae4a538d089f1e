//! The words of a part of a .docx, paragraph by paragraph, in one pass and without a tree.
//!
//! A paragraph can stand inside another (a text box) and inside a table inside a table, so what is open lies on
//! two stacks: paragraphs, and tables.

use quick_xml::events::{BytesStart, Event};
use sotay_protocol::document::Span;

use super::DocumentError;
use super::numbering::Numbering;
use super::styles::{Look, PartialPlace, Styles, outline};
use super::xml::{Reader, attribute, letter};
use crate::directives::body::{Body, MAX_TEXT};

const MAX_NESTING: usize = 64;

/// Adds the blocks of the main part to `body`.
pub(super) fn read(
    xml: &str,
    styles: &Styles,
    numbering: &mut Numbering,
    body: &mut Body,
) -> Result<(), DocumentError> {
    let mut page =
        Page { styles, numbering, body, paragraphs: Vec::new(), tables: Vec::new(), in_text: false, text: 0 };
    let mut reader = Reader::new(xml);
    while let Some(event) = reader.next()? {
        match event {
            Event::Start(element) if is_left_out(&element) => reader.skip(&element)?,
            Event::Start(element) => page.start(&element)?,
            Event::Empty(element) if is_left_out(&element) => {}
            Event::Empty(element) => {
                page.start(&element)?;
                page.end(element.local_name().as_ref())?;
            }
            Event::End(element) => page.end(element.local_name().as_ref())?,
            Event::Text(text) => page.text(&text.xml10_content())?,
            Event::CData(text) => page.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => page.text(&letter(&reference)?)?,
            _ => {}
        }
    }
    if page.paragraphs.is_empty() && page.tables.is_empty() { Ok(()) } else { Err(DocumentError::Damaged) }
}

/// The paragraphs of a page header, as plain lines.
pub(super) fn lines(xml: &str) -> Result<Vec<String>, DocumentError> {
    let mut body = Body::default();
    read(xml, &Styles::default(), &mut Numbering::default(), &mut body)?;
    match body.finish() {
        Ok(document) => Ok(document.text().lines().map(str::to_owned).collect()),
        Err(DocumentError::Empty) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Deleted or moved away under revision, formatting as it was before, the second telling of a drawing for old
/// programs, the settings of a form field.
fn is_left_out(element: &BytesStart<'_>) -> bool {
    matches!(
        element.local_name().as_ref(),
        "del"
            | "moveFrom"
            | "rPrChange"
            | "pPrChange"
            | "sectPr"
            | "tblPr"
            | "tblGrid"
            | "Fallback"
            | "sdtPr"
    )
}

struct Page<'a> {
    styles: &'a Styles,
    numbering: &'a mut Numbering,
    body: &'a mut Body,
    paragraphs: Vec<Paragraph>,
    tables: Vec<Table>,
    /// Inside `<w:t>`: everything else between tags is layout.
    in_text: bool,
    /// Bytes of text seen, so that a text beyond the limit is not first built.
    text: usize,
}

#[derive(Default)]
struct Paragraph {
    style: Option<String>,
    outline: Option<u8>,
    place: PartialPlace,
    in_properties: bool,
    spans: Vec<Span>,
    run: Option<Run>,
}

#[derive(Default)]
struct Run {
    in_properties: bool,
    style: Option<String>,
    look: Look,
}

#[derive(Default)]
struct Table {
    row: Vec<Vec<Span>>,
    /// How many paragraphs were open when it began: those of a text box inside a cell are not of the cell.
    paragraphs: usize,
}

impl Page<'_> {
    fn start(&mut self, element: &BytesStart<'_>) -> Result<(), DocumentError> {
        let name = element.local_name();
        match name.as_ref() {
            "p" => self.paragraphs.push(Paragraph::default()),
            "tbl" => {
                self.tables.push(Table { paragraphs: self.paragraphs.len(), ..Table::default() });
            }
            "tr" => {
                if let Some(table) = self.tables.last_mut() {
                    table.row.clear();
                }
            }
            "tc" => {
                if let Some(table) = self.tables.last_mut() {
                    table.row.push(Vec::new());
                }
            }
            _ => self.inside(name.as_ref(), element)?,
        }
        if self.paragraphs.len() > MAX_NESTING || self.tables.len() > MAX_NESTING {
            return Err(DocumentError::Damaged);
        }
        Ok(())
    }

    /// What stands inside a paragraph.
    fn inside(&mut self, name: &str, element: &BytesStart<'_>) -> Result<(), DocumentError> {
        let Some(paragraph) = self.paragraphs.last_mut() else { return Ok(()) };
        if paragraph.in_properties {
            paragraph.property(name, element);
            return Ok(());
        }
        if let Some(run) = paragraph.run.as_mut().filter(|run| run.in_properties) {
            match name {
                "rStyle" => run.style = attribute(element, "val"),
                _ => run.look.take(element),
            }
            return Ok(());
        }
        match name {
            "pPr" => paragraph.in_properties = true,
            "r" => paragraph.run = Some(Run::default()),
            "rPr" => {
                if let Some(run) = &mut paragraph.run {
                    run.in_properties = true;
                }
            }
            "t" => self.in_text = true,
            "tab" | "ptab" => self.write("\t")?,
            "br" if attribute(element, "type").is_some_and(|kind| kind != "textWrapping") => {}
            "br" | "cr" => self.write("\n")?,
            "noBreakHyphen" => self.write("-")?,
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &str) -> Result<(), DocumentError> {
        match name {
            "p" => {
                if let Some(paragraph) = self.paragraphs.pop() {
                    self.emit(paragraph)?;
                }
            }
            "tr" => self.end_row()?,
            "tbl" => {
                self.tables.pop();
            }
            "t" => self.in_text = false,
            "pPr" => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.in_properties = false;
                }
            }
            "rPr" => {
                if let Some(run) = self.paragraphs.last_mut().and_then(|paragraph| paragraph.run.as_mut()) {
                    run.in_properties = false;
                }
            }
            "r" => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.run = None;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), DocumentError> {
        if self.in_text { self.write(text) } else { Ok(()) }
    }

    fn write(&mut self, text: &str) -> Result<(), DocumentError> {
        let Some(paragraph) = self.paragraphs.last_mut() else { return Ok(()) };
        let look = paragraph.look(self.styles);
        if look.hidden == Some(true) {
            return Ok(());
        }
        self.text += text.len();
        if self.text > MAX_TEXT {
            return Err(DocumentError::TextTooLong);
        }
        let (bold, italic) = (look.bold == Some(true), look.italic == Some(true));
        paragraph.spans.push(Span { text: text.to_owned(), bold, italic, ..Span::default() });
        Ok(())
    }

    fn emit(&mut self, mut paragraph: Paragraph) -> Result<(), DocumentError> {
        let style = paragraph.style.as_deref().unwrap_or_default();
        let heading = paragraph.outline.or_else(|| self.styles.heading(style));
        let place = paragraph.place.over(self.styles.place(style)).place();
        let spans = std::mem::take(&mut paragraph.spans);
        if spans.iter().all(|span| span.text.trim().is_empty()) {
            return Ok(());
        }
        let number = place.as_ref().and_then(|place| self.numbering.count(place));
        let table = self.tables.last_mut().filter(|table| table.paragraphs == self.paragraphs.len());
        if let Some(cell) = table.and_then(|table| table.row.last_mut()) {
            if !cell.is_empty() {
                cell.push(Span::plain(" "));
            }
            cell.extend(number.map(|number| Span::plain(format!("{number} "))));
            cell.extend(spans);
            return Ok(());
        }
        match (heading, place) {
            (Some(level), _) => {
                let number = number.map(|number| Span::plain(format!("{number} ")));
                self.body.heading(level, number.into_iter().chain(spans).collect())
            }
            (None, Some(place)) => self.body.item(place.level, number, spans),
            (None, None) => self.body.paragraph(spans),
        }
    }

    /// A row becomes one line; a row of a table within a table, a part of the cell around it.
    fn end_row(&mut self) -> Result<(), DocumentError> {
        let Some(table) = self.tables.last_mut() else { return Ok(()) };
        let depth = table.paragraphs;
        let line = one_line(std::mem::take(&mut table.row));
        let outer = self.tables.iter_mut().rev().nth(1).filter(|outer| outer.paragraphs == depth);
        match outer.and_then(|outer| outer.row.last_mut()) {
            Some(cell) => {
                if !cell.is_empty() {
                    cell.push(Span::plain(" "));
                }
                cell.extend(line);
                Ok(())
            }
            None => self.body.paragraph(line),
        }
    }
}

/// An empty cell keeps its place among others; a row with words in one cell alone is these words.
fn one_line(cells: Vec<Vec<Span>>) -> Vec<Span> {
    if cells.iter().filter(|cell| !cell.is_empty()).count() <= 1 {
        return cells.into_iter().flatten().collect();
    }
    let mut line = Vec::new();
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            line.push(Span::plain(" | "));
        }
        line.extend(cell);
    }
    line
}

impl Paragraph {
    fn property(&mut self, name: &str, element: &BytesStart<'_>) {
        match name {
            "pStyle" => self.style = attribute(element, "val"),
            "outlineLvl" => self.outline = outline(element),
            _ => self.place.take(element),
        }
    }

    fn look(&self, styles: &Styles) -> Look {
        let run = self.run.as_ref();
        let own = run.map(|run| run.look).unwrap_or_default();
        let character =
            run.and_then(|run| run.style.as_deref()).map(|id| styles.look(id)).unwrap_or_default();
        let below = self.style.as_deref().map(|id| styles.look(id)).unwrap_or_default();
        own.over(character).over(below)
    }
}
