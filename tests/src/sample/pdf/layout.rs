//! The paper's parts, laid out from top to bottom.

use std::collections::BTreeMap;

use sotay_protocol::document::{Block, KnownBlock, Span};
use sotay_server::printed::{
    BETWEEN, Fonts, INDENT, LEADING, LEFT, Line as Set, MEASURE, Measure, Pages, SIZE, Sheet, broken, write,
};

use crate::sample::paper::{Line, Paper};

/// Of the head and foot.
const SMALL: f32 = 12.0;
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
