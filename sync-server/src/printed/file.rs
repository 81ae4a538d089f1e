//! Pages as the bytes of a PDF: fonts embedded whole, each glyph with the letter that it stands for.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref, Str};
use skrifa::GlyphId;

use super::fonts::{Face, Fonts, Style};
use super::page::{HEIGHT, Mark, Sheet, WIDTH};

const CATALOG: Ref = Ref::new(1);
const TREE: Ref = Ref::new(2);
/// Five objects for each face.
const FIRST_FONT: i32 = 3;
const FIRST_PAGE: i32 = FIRST_FONT + 5 * 3;
const ITALIC_ANGLE: f32 = -16.0;
/// Of all three faces, in thousandths of the size.
const ASCENT: f32 = 891.0;
const DESCENT: f32 = -216.0;
const CAPITALS: f32 = 660.0;
const RULE: f32 = 0.6;
const INFO: SystemInfo<'_> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

pub fn bytes(sheets: &[Sheet], fonts: &Fonts) -> io::Result<Vec<u8>> {
    let mut pdf = Pdf::new();
    pdf.catalog(CATALOG).pages(TREE);
    let mut used: BTreeMap<Style, BTreeMap<u32, char>> = BTreeMap::new();
    let mut pages = Vec::with_capacity(sheets.len());
    let mut next = FIRST_PAGE;
    for sheet in sheets {
        let (page, content) = (Ref::new(next), Ref::new(next + 1));
        next += 2;
        pages.push(page);
        pdf.stream(content, &deflated(&drawn(sheet, fonts, &mut used))?).filter(Filter::FlateDecode);
        let mut object = pdf.page(page);
        object.parent(TREE).media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).contents(content);
        let mut resources = object.resources();
        let mut faces = resources.fonts();
        for style in Style::ALL {
            faces.pair(Name(name(style)), Ref::new(first_of(style)));
        }
    }
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(TREE).kids(pages).count(count);
    for style in Style::ALL {
        let letters = used.remove(&style).unwrap_or_default();
        font(&mut pdf, fonts.face(style), style, &letters)?;
    }
    Ok(pdf.finish())
}

pub fn deflated(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn name(style: Style) -> &'static [u8] {
    match style {
        Style::Regular => b"F1",
        Style::Bold => b"F2",
        Style::Italic => b"F3",
    }
}

fn first_of(style: Style) -> i32 {
    FIRST_FONT
        + match style {
            Style::Regular => 0,
            Style::Bold => 5,
            Style::Italic => 10,
        }
}

fn drawn(sheet: &Sheet, fonts: &Fonts, used: &mut BTreeMap<Style, BTreeMap<u32, char>>) -> Vec<u8> {
    let mut content = Content::new();
    content.set_line_width(RULE);
    for mark in &sheet.marks {
        match mark {
            Mark::Rule { from, to } => {
                content.move_to(from.0, from.1).line_to(to.0, to.1).stroke();
            }
            Mark::Block { x, y, width, height } => {
                content.rect(*x, *y, *width, *height).fill_nonzero();
            }
            Mark::Words { x, y, size, style, text } => {
                let face = fonts.face(*style);
                let letters = used.entry(*style).or_default();
                let mut codes = Vec::with_capacity(text.len() * 2);
                for letter in text.chars() {
                    let glyph = face.glyph(letter).to_u32();
                    letters.entry(glyph).or_insert(letter);
                    codes.extend(u16::try_from(glyph).unwrap_or_default().to_be_bytes());
                }
                content.begin_text().set_font(Name(name(*style)), *size);
                content.next_line(*x, *y).show(Str(&codes)).end_text();
            }
        }
    }
    content.finish().to_vec()
}

fn font(pdf: &mut Pdf, face: &Face, style: Style, letters: &BTreeMap<u32, char>) -> io::Result<()> {
    let first = first_of(style);
    let [whole, descendant, descriptor, cmap, file] = [0, 1, 2, 3, 4].map(|place| Ref::new(first + place));
    let base = Name(face.name.as_bytes());
    pdf.type0_font(whole)
        .base_font(base)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(descendant)
        .to_unicode(cmap);
    let mut cid = pdf.cid_font(descendant);
    cid.subtype(CidFontType::Type2).base_font(base).system_info(INFO).font_descriptor(descriptor);
    cid.default_width(0.0).cid_to_gid_map_predefined(Name(b"Identity"));
    let mut widths = cid.widths();
    for glyph in letters.keys() {
        let width = face.advance(GlyphId::new(*glyph));
        widths.consecutive(u16::try_from(*glyph).unwrap_or_default(), [width]);
    }
    widths.finish();
    cid.finish();
    let mut flags = FontFlags::SERIF | FontFlags::SYMBOLIC;
    if style == Style::Italic {
        flags |= FontFlags::ITALIC;
    }
    pdf.font_descriptor(descriptor)
        .name(base)
        .flags(flags)
        .bbox(Rect::new(-200.0, -303.0, 1083.0, 981.0))
        .italic_angle(if style == Style::Italic { ITALIC_ANGLE } else { 0.0 })
        .ascent(ASCENT)
        .descent(DESCENT)
        .cap_height(CAPITALS)
        .stem_v(if style == Style::Bold { 140.0 } else { 80.0 })
        .font_file2(file);
    let mut unicode = UnicodeCmap::new(Name(b"Thanh-Son-UCS"), INFO);
    for (glyph, letter) in letters {
        unicode.pair(u16::try_from(*glyph).unwrap_or_default(), *letter);
    }
    pdf.cmap(cmap, &deflated(&unicode.finish())?).filter(Filter::FlateDecode);
    let length = i32::try_from(face.bytes.len()).unwrap_or_default();
    let compressed = deflated(face.bytes)?;
    pdf.stream(file, &compressed).filter(Filter::FlateDecode).pair(Name(b"Length1"), length);
    Ok(())
}
