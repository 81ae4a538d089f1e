//! How wide each heading is, from the divisions that the document has.

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::document::{Division, DivisionKind, Span};

use super::super::DEEPEST_HEADING;
use super::super::openings::Style;
use super::Piece;

#[derive(Debug)]
pub(super) struct Head {
    pub(super) level: u8,
    pub(super) division: Option<Division>,
    /// What gives it its level; nothing for words alone.
    pub(super) rank: Option<Rank>,
    /// The level that its style gives.
    pub(super) styled: Option<u8>,
    pub(super) is_title: bool,
    pub(super) spans: Vec<Span>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Division(DivisionKind),
    Mark(Style),
}

impl Head {
    pub(super) fn plain(spans: Vec<Span>) -> Self {
        Self { level: 1, division: None, rank: None, styled: None, is_title: false, spans }
    }

    pub(super) fn title(spans: Vec<Span>) -> Self {
        Self { is_title: true, ..Self::plain(spans) }
    }

    fn is_division(&self) -> bool {
        self.division.is_some()
    }
}

const APPENDIX: Rank = Rank::Division(DivisionKind::Appendix);

/// Styles that agree with the divisions are kept; otherwise the divisions that are there decide, below the title.
pub(super) fn set(pieces: &mut [Piece]) {
    let heads = || {
        pieces.iter().filter_map(|piece| match piece {
            Piece::Head(head) => Some(head),
            _ => None,
        })
    };
    let before = heads().take_while(|head| head.rank.is_none());
    let title =
        before.filter_map(|head| if head.is_title { Some(1) } else { head.styled }).min().unwrap_or(0);
    let agreed = agreed(heads());
    let ranks: BTreeSet<Rank> =
        heads().filter_map(|head| head.rank).filter(|rank| *rank != APPENDIX).collect();
    let mut styled: BTreeMap<Rank, u8> = BTreeMap::new();
    for head in heads().filter(|head| agreed || !head.is_division()) {
        if let (Some(rank), Some(level)) = (head.rank, head.styled) {
            styled.entry(rank).or_insert(level);
        }
    }
    let counted: BTreeMap<Rank, u8> = ranks
        .iter()
        .zip(title.saturating_add(1)..)
        .map(|(rank, level)| (*rank, level))
        .chain(std::iter::once((APPENDIX, 1)))
        .collect();
    for piece in pieces {
        let Piece::Head(head) = piece else { continue };
        let level = match (head.rank, head.styled) {
            _ if head.is_title => 1,
            (_, Some(level)) if agreed || !head.is_division() => level,
            (Some(rank), _) => styled.get(&rank).or_else(|| counted.get(&rank)).copied().unwrap_or(1),
            (None, _) => title.saturating_add(1),
        };
        head.level = level.clamp(1, DEEPEST_HEADING);
    }
}

/// Whether every division has a style, one level for each kind, and the wider kinds the larger ones.
fn agreed<'a>(heads: impl Iterator<Item = &'a Head>) -> bool {
    let mut levels: BTreeMap<Rank, u8> = BTreeMap::new();
    for head in heads.filter(|head| head.is_division()) {
        let (Some(rank), Some(level)) = (head.rank, head.styled) else { return false };
        if *levels.entry(rank).or_insert(level) != level {
            return false;
        }
    }
    levels.remove(&APPENDIX);
    levels.values().is_sorted_by(|wider, narrower| wider < narrower)
}
