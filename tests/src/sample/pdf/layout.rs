//! The paper's parts, laid out from top to bottom.

use std::collections::BTreeMap;

use sotay_protocol::document::{Block, DivisionKind, KnownBlock, Span};

use super::fonts::{Fonts, Style};
use super::lines::{Line as Set, Measure, broken};
use super::page::{LEADING, LEFT, MEASURE, Pages, Sheet};
use super::table;
use crate::sample::paper::{Line, Paper};

/// Of the text, and of the head and foot.
pub(super) const SIZE: f32 = 13.0;
const SMALL: f32 = 12.0;
/// The first line of a paragraph is moved in by one centimetre; items by half of it for each step.
const INDENT: f32 = 28.0;
const BETWEEN: f32 = 4.0;
/// The left half of head and foot.
const LEFT_PART: f32 = 0.46;

pub(super) fn sheets(paper: &Paper, fonts: &Fonts) -> Vec<Sheet> {
    let notes = paper.body.blocks.iter().filter_map(|block| match block {
        Block::Known(KnownBlock::Note { mark, spans, .. }) => Some((mark.as_str(), spans.as_slice())),
        _ => None,
    });
    let mut pages = Pages::new(fonts, notes.collect::<BTreeMap<_, _>>());
    columns(&mut pages, &paper.head, true);
    pages.skip(SIZE);
    for line in &paper.title {
        centred(&mut pages, line);
    }
    pages.skip(BETWEEN);
    for (place, block) in paper.body.blocks.iter().enumerate() {
        let Block::Known(block) = block else { continue };
        write(&mut pages, block, paper.body.blocks.get(place + 1));
    }
    pages.skip(SIZE);
    columns(&mut pages, &paper.foot, false);
    pages.finish()
}

fn spans(line: &Line) -> [Span; 1] {
    [Span { bold: line.bold, italic: line.italic, ..Span::plain(line.words.clone()) }]
}

fn middle(line: &Set, x: f32, width: f32) -> f32 {
    x + (width - line.width) / 2.0
}

fn centred(pages: &mut Pages<'_>, line: &Line) {
    let measure = Measure { size: SIZE, width: MEASURE, first: 0.0 };
    for set in broken(&spans(line), pages.fonts, measure) {
        pages.line(&set, middle(&set, LEFT, MEASURE), SIZE);
    }
}

/// Head and foot are never parted by a page's end.
fn columns(pages: &mut Pages<'_>, sides: &[Vec<Line>; 2], both_centred: bool) {
    let width = MEASURE * LEFT_PART;
    let places = [(LEFT, width, both_centred), (LEFT + width, MEASURE - width, true)];
    let set = |side: &[Line], width: f32| -> Vec<(Set, bool)> {
        let measure = Measure { size: SMALL, width: width - INDENT / 2.0, first: 0.0 };
        let lines = side.iter().flat_map(|line| {
            let broken = broken(&spans(line), pages.fonts, measure);
            broken.into_iter().map(|set| (set, line.underlined))
        });
        lines.collect()
    };
    let sets: Vec<_> = sides.iter().zip(places).map(|(side, place)| (place, set(side, place.1))).collect();
    let height = SMALL * LEADING;
    let tall = sets.iter().map(|(_, lines)| lines.len()).max().unwrap_or_default();
    let tall = height * f32::from(u16::try_from(tall).unwrap_or_default());
    if !pages.fits(tall, &[]) {
        pages.turn();
    }
    let top = pages.y();
    for ((x, width, centred), lines) in sets {
        let mut y = top;
        for (line, underlined) in lines {
            y -= height;
            let x = if centred { middle(&line, x, width) } else { x };
            pages.draw(&line, x, y);
            if underlined {
                pages.rule((x, y - 2.0), (x + line.width, y - 2.0));
            }
        }
    }
    pages.skip(tall);
}

fn write(pages: &mut Pages<'_>, block: &KnownBlock, next: Option<&Block>) {
    match block {
        KnownBlock::Heading { division, spans, .. } => {
            let kind = division.as_ref().map(|division| division.kind);
            let wide = kind.is_some_and(|kind| kind <= DivisionKind::Subsection);
            heading(pages, spans, wide);
        }
        KnownBlock::Paragraph { spans } => paragraph(pages, spans, INDENT),
        KnownBlock::List { items } => {
            for item in items {
                let mark = item.number.clone().unwrap_or_else(|| "-".to_owned());
                let spans: Vec<Span> =
                    [Span::plain(mark + " ")].into_iter().chain(item.spans.iter().cloned()).collect();
                paragraph(pages, &spans, INDENT * (1.0 + f32::from(item.depth) / 2.0));
            }
        }
        KnownBlock::Table { rows, .. } => {
            table::draw(pages, rows);
            // What follows does not touch the ruled edge.
            pages.skip(if next.is_some() { BETWEEN * 2.0 } else { 0.0 });
        }
        KnownBlock::Note { .. } | KnownBlock::Scan { .. } => {}
    }
}

/// Chapters stand in the middle, articles and numbered headings begin a line.
fn heading(pages: &mut Pages<'_>, spans: &[Span], wide: bool) {
    let bold: Vec<Span> = spans.iter().map(|span| Span { bold: true, ..span.clone() }).collect();
    pages.skip(BETWEEN);
    // A heading does not stand alone at a page's end.
    if !pages.fits(SIZE * LEADING * 3.0, &[]) {
        pages.turn();
    }
    let first = if wide { 0.0 } else { INDENT };
    for set in broken(&bold, pages.fonts, Measure { size: SIZE, width: MEASURE, first }) {
        let x = if wide { middle(&set, LEFT, MEASURE) } else { LEFT };
        pages.line(&set, x, SIZE);
    }
    pages.skip(BETWEEN);
}

fn paragraph(pages: &mut Pages<'_>, spans: &[Span], first: f32) {
    for set in broken(spans, pages.fonts, Measure { size: SIZE, width: MEASURE, first }) {
        pages.line(&set, LEFT, SIZE);
    }
    pages.skip(BETWEEN);
}

/// How wide the words are where nothing breaks them but their own line breaks, and the widest of them alone.
pub(super) fn natural(spans: &[Span], fonts: &Fonts, size: f32) -> (f32, f32) {
    let whole = broken(spans, fonts, Measure { size, width: f32::MAX, first: 0.0 });
    let whole = whole.iter().map(|line| line.width).fold(0.0, f32::max);
    let word = spans
        .iter()
        .flat_map(|span| {
            let style = Style::of(span.bold, span.italic);
            span.text.split([' ', '\n']).map(move |word| fonts.width(word, style, size))
        })
        .fold(0.0, f32::max);
    (whole, word)
}
