//! A member as a line of the list of members: what an export writes, and what an import's changes are told by.

use std::collections::BTreeSet;

use sotay_protocol::{
    env::Timestamp,
    id::Id,
    members::{Gender, Office},
};

use super::{
    import::{Level, OfficeRecord},
    offices,
    registered::Registered,
};
use crate::{imported::FieldChange, lists, organisations::Organisations, spreadsheet::Cell};

/// An office of somebody of `cell`, as the list of members says it: it knows the cell and the committee
/// above, and says nothing of any other.
pub(super) fn office_said(
    organisations: &Organisations,
    cell: Id,
    (organisation, office): (Id, Office),
) -> Option<OfficeRecord> {
    let of = if organisation == cell {
        Level::Cell
    } else if organisations.parent(cell) == Some(organisation) {
        Level::Committee
    } else {
        return None;
    };
    let said = OfficeRecord { office, of };
    offices::in_a_list(said).map(|_| said)
}

/// Those offices of the member that the list of members can say, in its words.
pub(super) fn offices_of(organisations: &Organisations, of: &Registered, now: Timestamp) -> String {
    let cell = of.cell(now);
    let held = of.offices(now).into_iter();
    let said = held.filter_map(|held| office_said(organisations, cell?, held));
    let said: BTreeSet<(Level, Office)> = said.map(|said| (said.of, said.office)).collect();
    let words = said.into_iter().filter_map(|(of, office)| offices::in_a_list(OfficeRecord { office, of }));
    words.collect::<Vec<_>>().join("; ")
}

/// The member's line, in the order of the columns.
pub(super) fn line(organisations: &Organisations, of: &Registered, now: Timestamp) -> Vec<Cell> {
    let profile = &of.member.profile;
    let cell = of.cell(now);
    vec![
        Cell::Text(profile.name.clone()),
        Cell::Date(profile.birth),
        Cell::Text(gender(profile.gender).into()),
        text(profile.card.clone()),
        Cell::Date(profile.joined),
        profile.official.map_or(Cell::Empty, Cell::Date),
        text(cell.and_then(|cell| organisations.name(cell)).map(str::to_owned)),
        text(Some(offices_of(organisations, of, now))),
        text(profile.phone.clone()),
    ]
}

/// Where two lines about one member differ.
pub(super) fn changes(
    organisations: &Organisations,
    before: &Registered,
    after: &Registered,
    now: Timestamp,
) -> Vec<FieldChange> {
    FieldChange::of_lines(&lists::MEMBERS, line(organisations, before, now), line(organisations, after, now))
}

fn text(text: Option<String>) -> Cell {
    text.filter(|text| !text.is_empty()).map_or(Cell::Empty, Cell::Text)
}

fn gender(gender: Gender) -> &'static str {
    match gender {
        Gender::Male => "Nam",
        Gender::Female => "Nữ",
    }
}
