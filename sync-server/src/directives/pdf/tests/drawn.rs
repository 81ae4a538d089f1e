//! Pages drawn by hand: letters half as wide as they are high, on an A4 page measured from its top.

use std::collections::BTreeMap;

use pdf_writer::{
    Finish, Name, Pdf, Rect, Ref, Str,
    types::{SystemInfo, UnicodeCmap},
};

const WIDTH: f32 = 595.0;
pub(super) const HEIGHT: f32 = 842.0;

/// Operators, with the letters still as letters.
#[derive(Debug, Clone)]
enum Step {
    Show { x: f32, y: f32, size: f32, font: &'static str, text: String },
    Raw(String),
}

#[derive(Debug, Clone, Default)]
pub(super) struct Page(Vec<Step>);

impl Page {
    pub(super) fn text(self, x: f32, y: f32, text: &str) -> Self {
        self.show(x, y, 14.0, "F", text)
    }

    pub(super) fn bold(self, x: f32, y: f32, text: &str) -> Self {
        self.show(x, y, 14.0, "B", text)
    }

    pub(super) fn small(self, x: f32, y: f32, text: &str) -> Self {
        self.show(x, y, 9.0, "F", text)
    }

    pub(super) fn show(mut self, x: f32, y: f32, size: f32, font: &'static str, text: &str) -> Self {
        self.0.push(Step::Show { x, y: HEIGHT - y, size, font, text: text.to_owned() });
        self
    }

    /// Lines from the left margin, one under the other, the first 20 points further in.
    pub(super) fn paragraph(mut self, y: f32, lines: &[&str]) -> Self {
        for (at, line) in (0_u8..).zip(lines) {
            let x = if at == 0 { 105.0 } else { 85.0 };
            self = self.text(x, y + 20.0 * f32::from(at), line);
        }
        self
    }

    pub(super) fn line(self, x: f32, y: f32, to_x: f32, to_y: f32) -> Self {
        self.raw(format!("{x} {} m {to_x} {} l S", HEIGHT - y, HEIGHT - to_y))
    }

    /// Borders of cells: each cell its own rectangle.
    pub(super) fn boxes(mut self, columns: &[f32], rows: &[f32]) -> Self {
        for row in rows.windows(2) {
            for column in columns.windows(2) {
                let (width, height) = (column[1] - column[0], row[1] - row[0]);
                self = self.raw(format!("{} {} {width} {height} re S", column[0], HEIGHT - row[1]));
            }
        }
        self
    }

    /// A picture over the whole page.
    pub(super) fn picture(self) -> Self {
        self.raw(format!("q {WIDTH} 0 0 {HEIGHT} 0 0 cm /Im Do Q"))
    }

    pub(super) fn raw(mut self, operators: impl Into<String>) -> Self {
        self.0.push(Step::Raw(operators.into()));
        self
    }
}

pub(super) fn pdf(pages: &[Page]) -> Vec<u8> {
    pdf_with(pages, true)
}

/// Without a ToUnicode map, nobody knows what the codes stand for.
pub(super) fn pdf_with(pages: &[Page], readable: bool) -> Vec<u8> {
    let mut codes: BTreeMap<char, u8> = BTreeMap::new();
    for letter in pages.iter().flat_map(|page| &page.0).filter_map(|step| match step {
        Step::Show { text, .. } => Some(text),
        Step::Raw(_) => None,
    }) {
        for letter in letter.chars() {
            let next = u8::try_from(codes.len() + 1).unwrap();
            codes.entry(letter).or_insert(next);
        }
    }
    let mut pdf = Pdf::new();
    let [catalog, tree, regular, bold, map, picture] = [1, 2, 3, 4, 5, 6].map(Ref::new);
    let ids: Vec<Ref> = (0..pages.len()).map(|at| Ref::new(10 + 2 * i32::try_from(at).unwrap())).collect();
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids(ids.iter().copied()).count(i32::try_from(ids.len()).unwrap());
    for (page, id) in pages.iter().zip(&ids) {
        let content = Ref::new(id.get() + 1);
        let mut written = pdf.page(*id);
        written.parent(tree).media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).contents(content);
        let mut resources = written.resources();
        resources.fonts().pair(Name(b"F"), regular).pair(Name(b"B"), bold);
        resources.x_objects().pair(Name(b"Im"), picture);
        resources.finish();
        written.finish();
        pdf.stream(content, &operators(page, &codes));
    }
    pdf.image_xobject(picture, &[0]).width(1).height(1).bits_per_component(8).color_space().device_gray();
    for (id, name) in [(regular, "Serif"), (bold, "Serif-Bold")] {
        let mut font = pdf.indirect(id).dict();
        font.pair(Name(b"Type"), Name(b"Font")).pair(Name(b"Subtype"), Name(b"TrueType"));
        font.pair(Name(b"BaseFont"), Name(name.as_bytes()));
        font.pair(Name(b"FirstChar"), 0).pair(Name(b"LastChar"), 255);
        font.insert(Name(b"Widths")).array().items([500.0; 256]);
        if readable {
            font.pair(Name(b"ToUnicode"), map);
        }
    }
    let info = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"UCS"), supplement: 0 };
    let mut unicode = UnicodeCmap::<u8>::new(Name(b"Letters"), info);
    for (letter, code) in codes {
        unicode.pair(code, letter);
    }
    pdf.cmap(map, &unicode.finish());
    pdf.finish()
}

fn operators(page: &Page, codes: &BTreeMap<char, u8>) -> Vec<u8> {
    let mut out = String::new();
    for step in &page.0 {
        match step {
            Step::Raw(raw) => out.push_str(raw),
            Step::Show { x, y, size, font, text } => {
                let codes: String = text.chars().map(|letter| format!("{:02x}", codes[&letter])).collect();
                out.push_str(&format!("BT /{font} {size} Tf {x} {y} Td <{codes}> Tj ET"));
            }
        }
        out.push('\n');
    }
    out.into_bytes()
}
