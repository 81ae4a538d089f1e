//! Says what the lines of a document are: chapters, articles, clauses, points, headings, items.
//!
//! Few committees use Word's styles: a chapter is a bold line in capitals, a clause a paragraph that begins with
//! “1.”. So divisions are recognised from the words as printed, with the styles as a second witness, and in doubt a
//! paragraph stays a paragraph. No letter is lost, added or moved; only where lines begin and end can change:
//! - The title under “Chương I” is joined to it by a line break, so that a list of contents shows both.
//! - An article that runs on (“Điều 3. Quyết định này có hiệu lực từ ngày ký.”) is parted into its number and its
//!   words, so that the words are read as a paragraph and not as a heading of six lines.
//!
//! Letterhead, recipients and signatures look like lists and headings without being any; they are known by where
//! they stand, see [`zones`].

mod heads;
mod levels;
mod lines;
mod zones;

use sotay_protocol::document::{Block, Division, DivisionKind, Item, KnownBlock, Span};

use self::heads::Parted;
use self::levels::{Head, Rank};
use self::lines::{Line, Source};
use self::zones::{Place, Zone};
use super::openings::Style;
use super::{join, trim};

/// A part of the document with its kind said.
#[derive(Debug)]
enum Piece {
    Head(Head),
    Paragraph(Vec<Span>),
    Item(Item),
    Whole(Block),
}

/// The blocks with their divisions said.
pub(super) fn divide(blocks: Vec<Block>) -> Vec<Block> {
    let lines = lines::read(blocks);
    let places = zones::places(&lines);
    let mut reading = Reading { pieces: Vec::with_capacity(lines.len()), article: None, open: Vec::new() };
    let mut lines = lines.into_iter().zip(places).peekable();
    let mut before = None;
    while let Some((line, place)) = lines.next() {
        let mark = line.mark.as_ref().map(|mark| mark.style).filter(|_| line.bold);
        let sibling = mark.is_some()
            && (before == mark || lines.peek().is_some_and(|(next, _)| next.bold && next.style() == mark));
        before = mark;
        if place.division {
            let titles = heads::titles(&line, &mut lines);
            reading.division(line, titles);
        } else {
            let words_follow =
                lines.peek().is_some_and(|(next, place)| !next.bold && place.zone == Zone::Body);
            reading.line(line, place, Beside { sibling, words_follow });
        }
    }
    let mut pieces = reading.pieces;
    levels::set(&mut pieces);
    blocks_of(pieces)
}

/// What the lines before and after tell of a line.
#[derive(Clone, Copy)]
struct Beside {
    /// One of them is as bold, and numbered alike: the items of a list, not headings.
    sibling: bool,
    /// Words, items or a table come next, which it can be the heading of.
    words_follow: bool,
}

struct Reading {
    pieces: Vec<Piece>,
    /// Inside an article; its level, where its style gives one.
    article: Option<Option<u8>>,
    /// The items that the next one may stand under, from the outermost.
    open: Vec<(Style, u8)>,
}

impl Reading {
    fn line(&mut self, line: Line, place: Place, beside: Beside) {
        if place.zone == Zone::Closing {
            self.article = None;
        }
        if place.title {
            self.head(Head::title(line.whole()));
            return;
        }
        match line.source {
            Source::Whole(block) => self.pieces.push(Piece::Whole(block)),
            Source::Heading(level) => {
                let deeper =
                    self.article.is_some_and(|article| article.is_none_or(|article| level > article));
                let counted = matches!(line.style(), Some(Style::Decimal(1) | Style::Letter));
                if deeper && counted {
                    self.item(line);
                } else {
                    let rank = line.style().filter(|style| *style <= Style::Decimal(u8::MAX)).map(Rank::Mark);
                    self.head(Head { rank, styled: Some(level), ..Head::plain(line.whole()) });
                }
            }
            Source::Item { .. } | Source::Paragraph => {
                let closing = place.zone == Zone::Closing;
                if is_head(&line, place, beside) {
                    let rank = line.style().map(Rank::Mark);
                    self.head(Head { rank, ..Head::plain(line.whole()) });
                } else if matches!(line.source, Source::Item { .. }) || (!closing && line.mark.is_some()) {
                    self.item(line);
                } else {
                    self.pieces.push(Piece::Paragraph(line.spans));
                }
            }
        }
    }

    fn head(&mut self, head: Head) {
        self.article = None;
        self.open.clear();
        self.pieces.push(Piece::Head(head));
    }

    fn division(&mut self, line: Line, titles: Vec<Vec<Span>>) {
        let styled = match line.source {
            Source::Heading(level) => Some(level),
            _ => None,
        };
        let Some(opening) = line.opening.clone() else { return };
        let kind = opening.kind;
        let Parted { mut head, rest } = heads::part(line);
        for title in titles {
            head.push(Span::plain("\n"));
            head.extend(title);
        }
        let division = Some(Division { kind, number: opening.number });
        self.head(Head { division, styled, rank: Some(Rank::Division(kind)), ..Head::plain(head) });
        if kind == DivisionKind::Article {
            self.article = Some(styled);
        }
        if !rest.is_empty() {
            self.pieces.push(Piece::Paragraph(rest));
        }
    }

    fn item(&mut self, line: Line) {
        let given = match &line.source {
            Source::Item { depth, .. } => Some(*depth),
            _ => None,
        };
        let style = line.style();
        let division = match style {
            _ if self.article.is_none() => None,
            Some(Style::Decimal(1)) => Some(DivisionKind::Clause),
            Some(Style::Letter) => Some(DivisionKind::Point),
            _ => None,
        };
        let depth = self.depth(style, given, line.number().is_some());
        let (number, spans) = line.item();
        self.pieces.push(Piece::Item(Item { depth, number, division, spans }));
    }

    /// Under the nearest item of a wider style; what the list itself says counts where it says deeper.
    fn depth(&mut self, style: Option<Style>, given: Option<u8>, numbered: bool) -> u8 {
        let Some(style) = style else {
            let given = given.unwrap_or_default();
            if numbered || self.article.is_none() {
                return given;
            }
            let wider = self.open.iter().rev().find(|(style, _)| *style < Style::Dash);
            return given.max(wider.map_or(0, |(_, depth)| depth + 1)).min(super::DEEPEST_ITEM);
        };
        while self.open.last().is_some_and(|(open, _)| *open >= style) {
            self.open.pop();
        }
        let under = self.open.last().map_or(0, |(_, depth)| depth.saturating_add(1));
        let counted = matches!(style, Style::Decimal(1) | Style::Letter) && self.article.is_some();
        let depth = if counted { under } else { given.unwrap_or(0).max(under) }.min(super::DEEPEST_ITEM);
        self.open.push((style, depth));
        depth
    }
}

/// Whether a line without a heading's style is a heading all the same.
fn is_head(line: &Line, place: Place, beside: Beside) -> bool {
    if place.build.articles || place.zone == Zone::Closing {
        return false;
    }
    let in_body = place.zone == Zone::Body;
    !beside.sibling && line.is_numbered_head()
        || in_body && line.is_head_in_capitals()
        || in_body && !place.build.headings && beside.words_follow && line.is_head_in_bold()
}

fn blocks_of(pieces: Vec<Piece>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match piece {
            Piece::Whole(block) => blocks.push(block),
            Piece::Paragraph(spans) => blocks.push(Block::Known(KnownBlock::Paragraph { spans })),
            Piece::Head(head) => blocks.push(Block::Known(KnownBlock::Heading {
                level: head.level,
                division: head.division,
                spans: trim(join(head.spans.into_iter().map(|span| Span { bold: false, ..span }))),
            })),
            Piece::Item(item) => match blocks.last_mut() {
                Some(Block::Known(KnownBlock::List { items })) => items.push(item),
                _ => blocks.push(Block::Known(KnownBlock::List { items: vec![item] })),
            },
        }
    }
    blocks
}

#[cfg(test)]
mod tests;
