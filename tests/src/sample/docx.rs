//! Writes a document as Word would: headings by style, lists by numbering, nothing that changes from run to run.

use std::fmt::Write as _;
use std::io::{self, Cursor, Write as _};

use sotay_protocol::document::{Block, Document, Item, KnownBlock, Span};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const NAMESPACE: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const TYPES: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";

/// # Errors
/// None that memory does not give; the zip writer speaks in `io::Error`.
pub(super) fn bytes(document: &Document) -> io::Result<Vec<u8>> {
    let mut numbering = Numbering::default();
    let main = main(document, &mut numbering);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    for (name, text) in [
        ("[Content_Types].xml", content_types()),
        ("_rels/.rels", relations(&[("officeDocument", "word/document.xml")])),
        (
            "word/_rels/document.xml.rels",
            relations(&[("styles", "styles.xml"), ("numbering", "numbering.xml")]),
        ),
        ("word/document.xml", main),
        ("word/styles.xml", styles()),
        ("word/numbering.xml", numbering.xml()),
    ] {
        zip.start_file(name, options)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

fn content_types() -> String {
    let mut text = format!(
        "{HEAD}<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>"
    );
    for (part, kind) in [("document", "document.main"), ("styles", "styles"), ("numbering", "numbering")] {
        let _ = write!(text, "<Override PartName=\"/word/{part}.xml\" ContentType=\"{TYPES}.{kind}+xml\"/>");
    }
    text + "</Types>"
}

fn relations(targets: &[(&str, &str)]) -> String {
    let mut text = format!("{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\">");
    for (place, (kind, target)) in targets.iter().enumerate() {
        let _ = write!(
            text,
            "<Relationship Id=\"rId{}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>",
            place + 1
        );
    }
    text + "</Relationships>"
}

fn styles() -> String {
    let mut text = format!(
        "{HEAD}<w:styles xmlns:w=\"{NAMESPACE}\"><w:docDefaults><w:rPrDefault><w:rPr>\
         <w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:cs=\"Times New Roman\"/>\
         <w:sz w:val=\"28\"/><w:lang w:val=\"vi-VN\"/></w:rPr></w:rPrDefault></w:docDefaults>\
         <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style>\
         <w:style w:type=\"paragraph\" w:styleId=\"ListParagraph\"><w:name w:val=\"List Paragraph\"/>\
         <w:basedOn w:val=\"Normal\"/></w:style>"
    );
    for level in 1..=6 {
        let _ = write!(
            text,
            "<w:style w:type=\"paragraph\" w:styleId=\"Heading{level}\"><w:name w:val=\"heading {level}\"/>\
             <w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/><w:pPr><w:keepNext/>\
             <w:outlineLvl w:val=\"{}\"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>",
            level - 1
        );
    }
    text + "</w:styles>"
}

fn main(document: &Document, numbering: &mut Numbering) -> String {
    let mut text = format!("{HEAD}<w:document xmlns:w=\"{NAMESPACE}\"><w:body>");
    for block in &document.blocks {
        match block {
            Block::Known(KnownBlock::Heading { level, spans, .. }) => {
                paragraph(&mut text, &format!("<w:pStyle w:val=\"Heading{level}\"/>"), spans);
            }
            Block::Known(KnownBlock::Paragraph { spans }) => {
                paragraph(&mut text, "<w:jc w:val=\"both\"/>", spans);
            }
            Block::Known(KnownBlock::List { items }) => {
                numbering.begin_list();
                for item in items {
                    let properties = format!(
                        "<w:pStyle w:val=\"ListParagraph\"/><w:numPr><w:ilvl w:val=\"{}\"/><w:numId w:val=\"{}\"/></w:numPr>",
                        item.depth,
                        numbering.list_of(item)
                    );
                    paragraph(&mut text, &properties, &item.spans);
                }
            }
            Block::Known(_) | Block::Other(_) => {}
        }
    }
    text + "<w:sectPr><w:pgSz w:w=\"11906\" w:h=\"16838\"/></w:sectPr></w:body></w:document>"
}

fn paragraph(text: &mut String, properties: &str, spans: &[Span]) {
    let _ = write!(text, "<w:p><w:pPr>{properties}</w:pPr>");
    for span in spans {
        text.push_str("<w:r>");
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
    text.push_str("</w:p>");
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Lists as Word keeps them: what is printed before an item is not written but counted.
#[derive(Debug, Default)]
struct Numbering {
    lists: Vec<[Option<Level>; 9]>,
    open: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Level {
    look: Look,
    start: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Bullet,
    Figure(char),
    Letter(char),
}

impl Numbering {
    fn begin_list(&mut self) {
        self.open = false;
    }

    /// The `numId` for an item: the list that is open, unless it counts otherwise at this depth.
    fn list_of(&mut self, item: &Item) -> usize {
        let level = level(item.number.as_deref());
        let depth = usize::from(item.depth);
        let fits = self
            .lists
            .last()
            .and_then(|list| list.get(depth))
            .is_some_and(|known| known.is_none_or(|known: Level| known.look == level.look));
        if !(self.open && fits) {
            self.lists.push([None; 9]);
            self.open = true;
        }
        if let Some(known) = self.lists.last_mut().and_then(|list| list.get_mut(depth)) {
            known.get_or_insert(level);
        }
        self.lists.len()
    }

    fn xml(&self) -> String {
        let mut text = format!("{HEAD}<w:numbering xmlns:w=\"{NAMESPACE}\">");
        for (id, list) in self.lists.iter().enumerate() {
            let _ = write!(text, "<w:abstractNum w:abstractNumId=\"{id}\">");
            for (depth, level) in list.iter().enumerate() {
                let level = level.unwrap_or(Level { look: Look::Bullet, start: 1 });
                let (format, printed) = match level.look {
                    Look::Bullet => ("bullet", "–".to_owned()),
                    Look::Figure(mark) => ("decimal", format!("%{}{mark}", depth + 1)),
                    Look::Letter(mark) => ("lowerLetter", format!("%{}{mark}", depth + 1)),
                };
                let _ = write!(
                    text,
                    "<w:lvl w:ilvl=\"{depth}\"><w:start w:val=\"{}\"/><w:numFmt w:val=\"{format}\"/>\
                     <w:lvlText w:val=\"{printed}\"/></w:lvl>",
                    level.start
                );
            }
            text.push_str("</w:abstractNum>");
        }
        for id in 0..self.lists.len() {
            let _ = write!(text, "<w:num w:numId=\"{}\"><w:abstractNumId w:val=\"{id}\"/></w:num>", id + 1);
        }
        text + "</w:numbering>"
    }
}

fn level(number: Option<&str>) -> Level {
    let Some(number) = number else { return Level { look: Look::Bullet, start: 1 } };
    let mark = number.chars().last().unwrap_or('.');
    let counted = number.trim_end_matches(mark);
    match (counted.parse(), counted.bytes().next()) {
        (Ok(start), _) => Level { look: Look::Figure(mark), start },
        (Err(_), Some(letter @ b'a'..=b'z')) => {
            Level { look: Look::Letter(mark), start: u32::from(letter - b'a') + 1 }
        }
        _ => Level { look: Look::Bullet, start: 1 },
    }
}
