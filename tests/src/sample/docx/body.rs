//! The paper's parts as paragraphs and tables.

use std::fmt::Write as _;

use sotay_protocol::document::{
    Block, Cell, Division, DivisionKind, Document, Item, KnownBlock, Span, TableRow,
};

use super::numbering::Numbering;
use super::{HEAD, Hand, NAMESPACE, escape, notes};
use crate::sample::paper::{Line, Paper};

/// Between the margins of an A4 page, in twentieths of a point.
const WIDTH: usize = 9_072;
/// Of the head's and the foot's left half.
const LEFT: usize = 4_200;
const CENTRED: &str = "<w:jc w:val=\"center\"/>";
const BODY: &str = "<w:spacing w:after=\"80\"/><w:ind w:firstLine=\"567\"/><w:jc w:val=\"both\"/>";

/// The main part, and the lists that it counts by.
pub(super) fn xml(paper: &Paper, hand: Hand) -> (String, String) {
    let mut writer =
        Writer { text: String::new(), numbering: Numbering::default(), document: &paper.body, hand };
    writer.columns(&paper.head, CENTRED);
    writer.paragraph("", &[]);
    for line in &paper.title {
        writer.line(line, CENTRED, "");
    }
    for block in &paper.body.blocks {
        if let Block::Known(block) = block {
            writer.block(block);
        }
    }
    writer.paragraph("", &[]);
    writer.columns(&paper.foot, "");
    let Writer { text, numbering, .. } = writer;
    let main = format!(
        "{HEAD}<w:document xmlns:w=\"{NAMESPACE}\"><w:body>{text}<w:p/><w:sectPr><w:pgSz w:w=\"11906\" \
         w:h=\"16838\"/><w:pgMar w:top=\"1134\" w:right=\"1134\" w:bottom=\"1134\" w:left=\"1701\" w:header=\"567\" \
         w:footer=\"567\" w:gutter=\"0\"/></w:sectPr></w:body></w:document>"
    );
    (main, numbering.xml())
}

struct Writer<'a> {
    text: String,
    numbering: Numbering,
    document: &'a Document,
    hand: Hand,
}

impl Writer<'_> {
    /// Head and foot: a table that nobody sees, a little smaller than the text.
    fn columns(&mut self, sides: &[Vec<Line>; 2], left: &str) {
        let _ = write!(
            self.text,
            "<w:tbl><w:tblPr><w:tblW w:w=\"{WIDTH}\" w:type=\"dxa\"/></w:tblPr><w:tblGrid><w:gridCol \
             w:w=\"{LEFT}\"/><w:gridCol w:w=\"{}\"/></w:tblGrid><w:tr><w:trPr><w:cantSplit/></w:trPr>",
            WIDTH - LEFT
        );
        for (side, (width, place)) in sides.iter().zip([(LEFT, left), (WIDTH - LEFT, CENTRED)]) {
            let _ = write!(self.text, "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/></w:tcPr>");
            for line in side {
                self.line(line, place, "<w:sz w:val=\"24\"/>");
            }
            self.text.push_str("</w:tc>");
        }
        self.text.push_str("</w:tr></w:tbl>");
    }

    fn line(&mut self, line: &Line, properties: &str, size: &str) {
        let _ = write!(self.text, "<w:p><w:pPr>{properties}</w:pPr>");
        let style =
            [(line.bold, "<w:b/>"), (line.italic, "<w:i/>"), (line.underlined, "<w:u w:val=\"single\"/>")];
        let style: String = style.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
        let words = escape(&line.words);
        let _ = write!(
            self.text,
            "<w:r><w:rPr>{style}{size}</w:rPr><w:t xml:space=\"preserve\">{words}</w:t></w:r></w:p>"
        );
    }

    fn block(&mut self, block: &KnownBlock) {
        match block {
            KnownBlock::Heading { level, division, spans } => self.heading(*level, division.as_ref(), spans),
            KnownBlock::Paragraph { spans } => self.paragraph(BODY, spans),
            KnownBlock::List { items } => self.list(items),
            KnownBlock::Table { rows, .. } => self.table(rows),
            // They stand in a part of their own.
            KnownBlock::Note { .. } | KnownBlock::Scan { .. } => {}
        }
    }

    fn heading(&mut self, level: u8, division: Option<&Division>, spans: &[Span]) {
        if self.hand == Hand::Typed {
            let wide = division.is_some_and(|division| division.kind <= DivisionKind::Subsection);
            let bold: Vec<Span> = spans.iter().map(|span| Span { bold: true, ..span.clone() }).collect();
            return self.paragraph(if wide { CENTRED } else { BODY }, &bold);
        }
        let mut properties = format!("<w:pStyle w:val=\"Heading{level}\"/>");
        match division.and_then(|division| counted(division, spans)) {
            Some((number, rest)) => {
                let list = self.numbering.article(number);
                let _ =
                    write!(properties, "<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"{list}\"/></w:numPr>");
                self.paragraph(&properties, &rest);
            }
            None => self.paragraph(&properties, spans),
        }
    }

    fn list(&mut self, items: &[Item]) {
        self.numbering.begin_list();
        for item in items {
            if self.hand == Hand::Typed {
                let mark = item.number.as_deref().unwrap_or("-");
                let typed = Span::plain(format!("{mark} "));
                let spans: Vec<Span> = std::iter::once(typed).chain(item.spans.iter().cloned()).collect();
                self.paragraph(BODY, &spans);
            } else {
                let properties = format!(
                    "<w:pStyle w:val=\"ListParagraph\"/><w:numPr><w:ilvl w:val=\"{}\"/><w:numId w:val=\"{}\"/></w:numPr>",
                    item.depth,
                    self.numbering.list_of(item)
                );
                self.paragraph(&properties, &item.spans);
            }
        }
    }

    /// Every place ruled. None of the sample's own cells reaches over several.
    fn table(&mut self, rows: &[TableRow]) {
        self.text.push_str("<w:tbl><w:tblPr><w:tblW w:w=\"0\" w:type=\"auto\"/><w:tblBorders>");
        for edge in ["top", "left", "bottom", "right", "insideH", "insideV"] {
            let _ =
                write!(self.text, "<w:{edge} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>");
        }
        self.text.push_str("</w:tblBorders></w:tblPr><w:tblGrid>");
        let places = rows.iter().map(|row| row.cells.len()).max().unwrap_or(1);
        for _ in 0..places {
            let _ = write!(self.text, "<w:gridCol w:w=\"{}\"/>", WIDTH / places);
        }
        self.text.push_str("</w:tblGrid>");
        for row in rows {
            let heading = if row.heading { "<w:tblHeader/>" } else { "" };
            let _ = write!(self.text, "<w:tr><w:trPr><w:cantSplit/>{heading}</w:trPr>");
            for cell in &row.cells {
                self.cell(cell, row.heading);
            }
            self.text.push_str("</w:tr>");
        }
        self.text.push_str("</w:tbl>");
    }

    fn cell(&mut self, cell: &Cell, heading: bool) {
        self.text.push_str("<w:tc><w:tcPr/>");
        let bold = |span: &Span| Span { bold: span.bold || heading, ..span.clone() };
        let spans: Vec<Span> = cell.spans.iter().map(bold).collect();
        self.paragraph("", &spans);
        self.text.push_str("</w:tc>");
    }

    fn paragraph(&mut self, properties: &str, spans: &[Span]) {
        let _ = write!(self.text, "<w:p><w:pPr>{properties}</w:pPr>");
        runs(&mut self.text, spans, self.document);
        self.text.push_str("</w:p>");
    }
}

pub(super) fn runs(text: &mut String, spans: &[Span], document: &Document) {
    for span in spans {
        text.push_str("<w:r>");
        if let Some(mark) = &span.note {
            let id = notes::id(document, mark);
            let _ = write!(
                text,
                "<w:rPr><w:rStyle w:val=\"FootnoteReference\"/></w:rPr><w:footnoteReference w:id=\"{id}\"/></w:r>"
            );
            continue;
        }
        if span.bold || span.italic {
            let _ = write!(
                text,
                "<w:rPr>{}{}</w:rPr>",
                if span.bold { "<w:b/>" } else { "" },
                if span.italic { "<w:i/>" } else { "" }
            );
        }
        for (place, line) in span.text.split('\n').enumerate() {
            if place > 0 {
                text.push_str("<w:br/>");
            }
            let _ = write!(text, "<w:t xml:space=\"preserve\">{}</w:t>", escape(line));
        }
        text.push_str("</w:r>");
    }
}

/// “Điều 3. Phân công” is “Phân công” behind the third number of a list that counts “Điều 3.”.
fn counted(division: &Division, spans: &[Span]) -> Option<(u32, Vec<Span>)> {
    let number = division.number.parse().ok().filter(|_| division.kind == DivisionKind::Article)?;
    let (first, rest) = spans.split_first()?;
    let title = first.text.strip_prefix(&format!("Điều {number}. "))?;
    let first = Span { text: title.to_owned(), ..first.clone() };
    Some((number, std::iter::once(first).chain(rest.iter().cloned()).collect()))
}
