//! The words of a part of a .docx, paragraph by paragraph, in one pass and without a tree.
//!
//! A paragraph can stand inside another (a text box) and inside a table inside a table, so what is open lies on
//! two stacks: paragraphs, and tables. A table is known for one or for a mere layout only at its end, so the
//! blocks are first gathered as [`Flow`]s.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};
use sotay_protocol::document::Span;

use super::DocumentError;
use super::notes::{Kind, Notes};
use super::numbering::{Numbering, Printed};
use super::styles::{Font, Look, PartialPlace, Styles, outline};
use super::symbols::sign;
use super::tables::{Flow, Table, lines};
use super::xml::{Reader, attribute, letter};
use crate::directives::body::{Body, MAX_CELLS, MAX_PARAGRAPHS, MAX_TEXT};
use crate::directives::tcvn3;

const MAX_NESTING: usize = 64;
/// A thesis has a thousand.
const MAX_NOTES: usize = 50_000;

/// The blocks of the main part.
pub(super) fn read(
    xml: &str,
    styles: &Styles,
    numbering: &mut Numbering,
    notes: &mut Notes,
) -> Result<Vec<Flow>, DocumentError> {
    Ok(page(xml, styles, numbering, notes)?.flows)
}

/// The words of the notes of a part, by their ids.
pub(super) fn read_notes(xml: &str, styles: &Styles) -> Result<BTreeMap<String, Vec<Span>>, DocumentError> {
    let (mut numbering, mut notes) = (Numbering::default(), Notes::default());
    Ok(page(xml, styles, &mut numbering, &mut notes)?.told)
}

/// The paragraphs of a page header, as plain lines.
pub(super) fn header_lines(xml: &str) -> Result<Vec<String>, DocumentError> {
    let mut body = Body::default();
    for flow in read(xml, &Styles::default(), &mut Numbering::default(), &mut Notes::default())? {
        flow.write(&mut body)?;
    }
    match body.finish() {
        Ok(document) => Ok(document.text().lines().map(str::to_owned).collect()),
        Err(DocumentError::Empty) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn page<'a>(
    xml: &str,
    styles: &'a Styles,
    numbering: &'a mut Numbering,
    notes: &'a mut Notes,
) -> Result<Page<'a>, DocumentError> {
    let mut page = Page::new(styles, numbering, notes);
    let mut reader = Reader::new(xml);
    while let Some(event) = reader.next()? {
        match event {
            Event::Start(element) if page.leaves_out(&element) => reader.skip(&element)?,
            Event::Start(element) => page.start(&element)?,
            Event::Empty(element) if page.leaves_out(&element) => {}
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
    if page.paragraphs.is_empty() && page.tables.is_empty() { Ok(page) } else { Err(DocumentError::Damaged) }
}

struct Page<'a> {
    styles: &'a Styles,
    numbering: &'a mut Numbering,
    notes: &'a mut Notes,
    flows: Vec<Flow>,
    /// In a part of notes: the one that is open, and those that were told.
    note: Option<String>,
    told: BTreeMap<String, Vec<Span>>,
    paragraphs: Vec<Paragraph>,
    tables: Vec<Table>,
    /// Inside `<w:t>`: everything else between tags is layout.
    in_text: bool,
    /// What has been seen, so that a document beyond the limits is not first built.
    text: usize,
    count: usize,
    cells: usize,
}

#[derive(Default)]
struct Paragraph {
    style: Option<String>,
    outline: Option<u8>,
    place: PartialPlace,
    in_properties: bool,
    spans: Vec<Span>,
    /// Which of the spans are in a font from before Unicode, and whether it shows capitals.
    old: Vec<(usize, bool)>,
    run: Option<Run>,
    /// Under revision: what is left of it joins the paragraph after it.
    deleted: bool,
}

#[derive(Default)]
struct Run {
    in_properties: bool,
    style: Option<String>,
    look: Look,
    /// Worked out once for all words of the run.
    resolved: Option<Look>,
    /// A note whose mark is typed by hand, in the words that follow.
    note: Option<(Kind, String)>,
}

impl<'a> Page<'a> {
    fn new(styles: &'a Styles, numbering: &'a mut Numbering, notes: &'a mut Notes) -> Self {
        Self {
            styles,
            numbering,
            notes,
            flows: Vec::new(),
            note: None,
            told: BTreeMap::new(),
            paragraphs: Vec::new(),
            tables: Vec::new(),
            in_text: false,
            text: 0,
            count: 0,
            cells: 0,
        }
    }

    /// Deleted or moved away under revision, formatting as it was before, the second telling of a drawing for old
    /// programs, the settings of a section or a form field.
    fn leaves_out(&mut self, element: &BytesStart<'_>) -> bool {
        match element.local_name().as_ref() {
            "del" => {
                if let Some(table) = self.tables.last_mut().filter(|table| table.in_properties) {
                    table.delete_row();
                } else if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.deleted |= paragraph.in_properties;
                }
                true
            }
            "moveFrom" | "rPrChange" | "pPrChange" | "tblPrChange" | "trPrChange" | "tcPrChange"
            | "sectPr" | "tblGrid" | "Fallback" | "sdtPr" => true,
            _ => false,
        }
    }

    fn start(&mut self, element: &BytesStart<'_>) -> Result<(), DocumentError> {
        let name = element.local_name();
        match name.as_ref() {
            "p" => self.paragraphs.push(Paragraph::default()),
            "tbl" => self.tables.push(Table::default()),
            "tr" | "tc" => self.row_or_cell(name.as_ref())?,
            "tblPr" | "trPr" | "tcPr" => {
                if let Some(table) = self.tables.last_mut() {
                    table.in_properties = true;
                }
            }
            "footnote" | "endnote" if self.paragraphs.is_empty() => {
                let is_separator = attribute(element, "type").is_some_and(|kind| kind != "normal");
                self.note = attribute(element, "id").filter(|_| !is_separator);
                if self.told.len() > MAX_NOTES {
                    return Err(DocumentError::Damaged);
                }
            }
            _ => match self.tables.last_mut().filter(|table| table.in_properties) {
                Some(table) => table.property(element),
                None => self.inside(name.as_ref(), element)?,
            },
        }
        if self.paragraphs.len() > MAX_NESTING || self.tables.len() > MAX_NESTING {
            return Err(DocumentError::Damaged);
        }
        Ok(())
    }

    fn row_or_cell(&mut self, name: &str) -> Result<(), DocumentError> {
        let Some(table) = self.tables.last_mut() else { return Ok(()) };
        // An empty row costs as much as a cell.
        self.cells += 1;
        if self.cells > 2 * MAX_CELLS {
            return Err(DocumentError::TooManyCells);
        }
        if name == "tr" {
            table.begin_row();
        } else {
            table.begin_cell();
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
                    run.resolved = None;
                }
            }
            "t" => self.in_text = true,
            "tab" | "ptab" => self.write("\t")?,
            "br" if attribute(element, "type").is_some_and(|kind| kind != "textWrapping") => {}
            "br" | "cr" => self.write("\n")?,
            "noBreakHyphen" => self.write("-")?,
            // In fonts from before Unicode its code is that of “ư”.
            "softHyphen" if paragraph.look(self.styles).is_old() => self.write("\u{ad}")?,
            "sym" => {
                let of = |name| attribute(element, name).unwrap_or_default();
                self.write(&sign(&of("font"), &of("char")))?;
            }
            "footnoteReference" | "endnoteReference" => self.tell(name, element),
            _ => {}
        }
        Ok(())
    }

    fn tell(&mut self, name: &str, element: &BytesStart<'_>) {
        let Some((kind, _)) = Kind::of(name) else { return };
        let Some(id) = attribute(element, "id") else { return };
        let typed = attribute(element, "customMarkFollows")
            .is_some_and(|value| !matches!(value.as_str(), "0" | "false" | "off"));
        let Some(paragraph) = self.paragraphs.last_mut() else { return };
        match &mut paragraph.run {
            Some(run) if typed => run.note = Some((kind, id)),
            _ => paragraph.spans.extend(self.notes.tell(kind, &id, None).map(Span::note)),
        }
    }

    fn end(&mut self, name: &str) -> Result<(), DocumentError> {
        match name {
            "p" => {
                if let Some(paragraph) = self.paragraphs.pop() {
                    self.emit(paragraph)?;
                }
            }
            "tbl" => {
                if let Some(table) = self.tables.pop() {
                    table.close(self.styles).into_iter().for_each(|flow| self.put(flow));
                }
            }
            "tblPr" | "trPr" | "tcPr" => {
                if let Some(table) = self.tables.last_mut() {
                    table.in_properties = false;
                }
            }
            "footnote" | "endnote" if self.paragraphs.is_empty() => {
                let words = lines(std::mem::take(&mut self.flows));
                self.told.extend(self.note.take().map(|id| (id, words)));
            }
            "t" => self.in_text = false,
            "pPr" | "rPr" | "r" => self.end_in_paragraph(name),
            _ => {
                if let Some(table) = self.tables.last_mut().filter(|table| table.in_properties) {
                    table.end_property(name);
                }
            }
        }
        Ok(())
    }

    fn end_in_paragraph(&mut self, name: &str) {
        let Some(paragraph) = self.paragraphs.last_mut() else { return };
        match (name, &mut paragraph.run) {
            ("pPr", _) => paragraph.in_properties = false,
            ("rPr", Some(run)) => run.in_properties = false,
            ("r", run) => *run = None,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) -> Result<(), DocumentError> {
        if self.in_text { self.write(text) } else { Ok(()) }
    }

    fn measure(&mut self, text: &str) -> Result<(), DocumentError> {
        self.text += text.len();
        if self.text > MAX_TEXT { Err(DocumentError::TextTooLong) } else { Ok(()) }
    }

    fn write(&mut self, text: &str) -> Result<(), DocumentError> {
        let Some(paragraph) = self.paragraphs.last_mut() else { return Ok(()) };
        let look = paragraph.look(self.styles);
        if look.hidden == Some(true) {
            return Ok(());
        }
        self.measure(text)?;
        let Some(paragraph) = self.paragraphs.last_mut() else { return Ok(()) };
        if look.font == Some(Font::Vni) && !text.is_ascii() {
            return Err(DocumentError::Vni);
        }
        if let Some((kind, id)) = paragraph.run.as_mut().and_then(|run| run.note.take()) {
            match self.notes.tell(kind, &id, Some(text.trim())) {
                Some(mark) => paragraph.spans.push(Span::note(mark)),
                None => paragraph.spans.push(Span::plain(text)),
            }
            return Ok(());
        }
        paragraph.write(text, look);
        Ok(())
    }

    fn emit(&mut self, mut paragraph: Paragraph) -> Result<(), DocumentError> {
        let spans = paragraph.take_spans();
        let style = paragraph.style.as_deref().unwrap_or_default();
        let heading = paragraph.outline.or_else(|| self.styles.heading(style));
        let mut partial = paragraph.place.over(self.styles.place(style));
        if partial.level.is_none() {
            let list = partial.number.as_deref().unwrap_or_default();
            partial.level = self.numbering.level_of_style(list, style);
        }
        // One without words counts too; one that is deleted does not.
        let place = partial.place().filter(|_| !paragraph.deleted);
        let capitals = self.styles.look_of_paragraph(paragraph.style.as_deref()).capitals == Some(true);
        let printed = match place.as_ref().map(|place| self.numbering.count(place)) {
            Some(Printed::Number(number)) if capitals => Printed::Number(number.to_uppercase()),
            Some(printed) => printed,
            None => Printed::Nothing,
        };
        if spans.iter().all(|span| span.text.trim().is_empty()) {
            return Ok(());
        }
        self.count += 1;
        if self.count > MAX_PARAGRAPHS {
            return Err(DocumentError::TooManyParagraphs);
        }
        if let Printed::Number(number) = &printed {
            self.measure(number)?;
        }
        let level = place.map(|place| place.level).unwrap_or_default();
        let flow = match (heading, printed) {
            (Some(level), Printed::Number(number)) => {
                let number = Span::plain(format!("{number} "));
                Flow::Heading(level, std::iter::once(number).chain(spans).collect())
            }
            (Some(level), _) => Flow::Heading(level, spans),
            (None, Printed::Number(number)) => Flow::Item { depth: level, number: Some(number), spans },
            (None, Printed::Bullet) => Flow::Item { depth: level, number: None, spans },
            (None, Printed::Nothing) => Flow::Paragraph(spans),
        };
        self.put(flow);
        Ok(())
    }

    /// Into the cell that is open, or onto the page.
    fn put(&mut self, flow: Flow) {
        let beside = match self.tables.last_mut() {
            Some(table) => table.push(flow).err(),
            None => Some(flow),
        };
        self.flows.extend(beside);
    }
}

impl Paragraph {
    fn property(&mut self, name: &str, element: &BytesStart<'_>) {
        match name {
            "pStyle" => self.style = attribute(element, "val"),
            "outlineLvl" => self.outline = outline(element),
            _ => self.place.take(element),
        }
    }

    fn write(&mut self, text: &str, look: Look) {
        let (bold, italic, capitals) =
            (look.bold == Some(true), look.italic == Some(true), look.capitals == Some(true));
        let old = match look.font {
            Some(Font::Tcvn3) => Some(capitals),
            Some(Font::Tcvn3Capitals) => Some(true),
            _ => None,
        };
        let text = if capitals && old.is_none() { text.to_uppercase() } else { text.to_owned() };
        let last_old =
            self.old.last().filter(|(place, _)| place + 1 == self.spans.len()).map(|(_, capitals)| *capitals);
        match self.spans.last_mut() {
            Some(last)
                if last.note.is_none() && (last.bold, last.italic) == (bold, italic) && last_old == old =>
            {
                last.text.push_str(&text);
            }
            _ => {
                self.old.extend(old.map(|capitals| (self.spans.len(), capitals)));
                self.spans.push(Span { text, bold, italic, ..Span::default() });
            }
        }
    }

    /// The words, with the letters that old fonts show. Who types Unicode into an old template leaves its font: a
    /// letter that no such font has tells so, and every sentence of Vietnamese has one.
    fn take_spans(&mut self) -> Vec<Span> {
        let mut spans = std::mem::take(&mut self.spans);
        let old = || self.old.iter().filter_map(|(place, capitals)| Some((spans.get(*place)?, *capitals)));
        if !old().any(|(span, _)| span.text.contains(is_of_unicode_alone)) {
            for (place, capitals) in &self.old {
                if let Some(span) = spans.get_mut(*place) {
                    span.text = tcvn3::unicode(&span.text, *capitals);
                }
            }
        }
        spans
    }

    fn look(&mut self, styles: &Styles) -> Look {
        let below = || styles.look_of_paragraph(self.style.as_deref());
        let Some(run) = &mut self.run else { return below() };
        *run.resolved.get_or_insert_with(|| {
            let character = run.style.as_deref().map(|id| styles.look(id)).unwrap_or_default();
            run.look.over(character).over(below())
        })
    }
}

/// A Vietnamese letter that stands in no Western code page.
fn is_of_unicode_alone(letter: char) -> bool {
    matches!(
        letter,
        'ă' | 'Ă' | 'đ' | 'Đ' | 'ơ' | 'Ơ' | 'ư' | 'Ư' | 'ĩ' | 'Ĩ' | 'ũ' | 'Ũ' | '\u{1ea0}'..='\u{1ef9}'
    )
}
