//! Where in a sheet the list begins: the row, or the two rows, whose headings know the most columns.
//!
//! Above stand the letterhead and the title of the list. Of two rows the upper names a group of columns in merged
//! cells (“Ngày, tháng, năm sinh” over “Nam” and “Nữ”); merged cells are not needed to see that, since a heading with
//! nothing over it belongs to the group on its left.

use super::column::{Headings, key};
use super::{Cell, Column, Need, SheetRow};

/// Rows with something in them among which the header is looked for; a letterhead has ten.
const MAX_DEPTH: usize = 60;
/// Of the headings that are not known.
const MAX_UNKNOWN: usize = 12;

pub(super) struct Header {
    /// How many rows of the sheet come before the list, those of the header included.
    pub(super) above: usize,
    /// How many rows of these are the letterhead and the title.
    pub(super) titles: usize,
    /// Where each column of the list stands in the sheet, and how many columns without a heading follow it.
    pub(super) places: Vec<Option<Found>>,
    /// Columns that two headings name equally well.
    pub(super) doubled: Vec<usize>,
    /// Columns with a heading, of whatever kind, counted from the left edge.
    pub(super) width: usize,
    /// Headings that name no column of the list, the first of them.
    pub(super) unknown: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) at: usize,
    rank: usize,
    pub(super) nameless: usize,
}

impl Header {
    /// None where no heading of the list is found at all.
    pub(super) fn find(rows: &[SheetRow], columns: &[Column]) -> Option<Self> {
        let headings = Headings::of(columns);
        let musts = columns.iter().filter(|column| column.need == Need::Must).count();
        let mut best: Option<(Self, (usize, usize))> = None;
        let mut consider = |header: Self| {
            let worth = (musts - header.missing(columns).len().min(musts), header.score());
            if header.score() > 0 && best.as_ref().is_none_or(|(_, before)| worth > *before) {
                best = Some((header, worth));
            }
        };
        for (at, row) in rows.iter().take(MAX_DEPTH).enumerate() {
            consider(Self::of(at, None, row, &headings, columns.len()));
        }
        for (at, pair) in rows.windows(2).take(MAX_DEPTH).enumerate() {
            if let [upper, lower] = pair
                && lower.line == upper.line + 1
            {
                consider(Self::of(at, Some(upper), lower, &headings, columns.len()));
            }
        }
        best.map(|(header, _)| header)
    }

    pub(super) fn score(&self) -> usize {
        self.places.iter().flatten().count()
    }

    pub(super) fn has(&self, column: usize) -> bool {
        self.at(column).is_some()
    }

    pub(super) fn at(&self, column: usize) -> Option<Found> {
        self.places.get(column).copied().flatten()
    }

    /// Columns that the list must have and that nothing here stands for.
    pub(super) fn missing(&self, columns: &[Column]) -> Vec<usize> {
        let is_missing = |place: &usize| {
            let stands_in = |(other, column): (usize, &Column)| {
                matches!(column.need, Need::Instead(of) if of.contains(place)) && self.has(other)
            };
            !self.has(*place) && !columns.iter().enumerate().any(stands_in)
        };
        let musts = columns.iter().enumerate().filter(|(_, column)| column.need == Need::Must);
        musts.map(|(place, _)| place).filter(is_missing).collect()
    }

    fn of(
        at: usize,
        upper: Option<&SheetRow>,
        lower: &SheetRow,
        headings: &Headings,
        columns: usize,
    ) -> Self {
        let texts = |row: &SheetRow| row.cells.iter().map(heading).collect::<Vec<_>>();
        let (upper_texts, lower_texts) = (upper.map(texts).unwrap_or_default(), texts(lower));
        let mut header = Self {
            above: at + 1 + usize::from(upper.is_some()),
            titles: at,
            places: vec![None; columns],
            doubled: Vec::new(),
            width: 0,
            unknown: Vec::new(),
        };
        let mut group = "";
        let mut last: Option<usize> = None;
        for place in 0..upper_texts.len().max(lower_texts.len()) {
            let above = upper_texts.get(place).map_or("", String::as_str);
            let own = lower_texts.get(place).map_or("", String::as_str);
            if above.is_empty() && own.is_empty() {
                if let Some(found) =
                    last.and_then(|last| header.places.get_mut(last)).and_then(Option::as_mut)
                {
                    found.nameless += 1;
                }
                group = "";
                continue;
            }
            if !above.is_empty() || own.is_empty() {
                group = above;
            }
            header.width = place + 1;
            // Over a cell merged downwards some programs write the heading twice.
            let above = if key(group) == key(own) { "" } else { group };
            last = headings.find(above, own).map(|(column, rank)| {
                header.take(column, Found { at: place, rank, nameless: 0 });
                column
            });
            if last.is_none() && header.unknown.len() < MAX_UNKNOWN {
                header.unknown.push(if own.is_empty() { group } else { own }.to_owned());
            }
        }
        header
    }

    fn take(&mut self, column: usize, found: Found) {
        let Some(place) = self.places.get_mut(column) else { return };
        match place {
            Some(before) if before.rank < found.rank => {}
            Some(before) if before.rank == found.rank => self.doubled.push(column),
            _ => {
                *place = Some(found);
                self.doubled.retain(|doubled| *doubled != column);
            }
        }
    }
}

/// Long texts are no headings, and cost time.
fn heading(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) if text.len() <= 200 => super::clean(text),
        _ => String::new(),
    }
}
