//! A small commune: its committee, two cells, and people with names.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sotay_protocol::{
    id::Id,
    members::{Gender, Office},
    organisations::Level,
};
use sotay_server::{
    members::import::{Level as HeldIn, MemberRecord, OfficeRecord},
    organisations::import::{OrganisationRecord, Parent},
};

pub const COMMITTEE: &str = "Đảng ủy xã Mường Lay";
pub const DOI_CHE: &str = "Chi bộ bản Đồi Chè";
pub const KHE_NUOC: &str = "Chi bộ bản Khe Nước";

/// Somebody of the commune, by given name.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: Id,
    pub name: &'static str,
    pub birth: NaiveDate,
    pub card: String,
}

/// Who and what there is, with the ids that the server gave.
#[derive(Debug, Clone, Default)]
pub struct Commune {
    pub people: BTreeMap<&'static str, Person>,
    pub organisations: BTreeMap<&'static str, Id>,
}

impl Commune {
    /// # Panics
    /// For a name that nobody here has.
    #[must_use]
    #[expect(clippy::panic, reason = "a test that names nobody has to stop")]
    pub fn person(&self, name: &str) -> &Person {
        self.people.get(name).unwrap_or_else(|| panic!("nobody here is called {name}"))
    }

    /// # Panics
    /// For a name that no organisation here has.
    #[must_use]
    #[expect(clippy::panic, reason = "a test that names no organisation has to stop")]
    pub fn organisation(&self, name: &str) -> Id {
        *self.organisations.get(name).unwrap_or_else(|| panic!("no organisation here is called {name}"))
    }
}

pub(super) struct Villager {
    pub(super) name: &'static str,
    full_name: &'static str,
    /// Nobody else has it: people are found by it.
    pub(super) birth: (i32, u32, u32),
    gender: Gender,
    cell: &'static str,
    office: Option<(Office, HeldIn)>,
}

pub(super) const VILLAGERS: [Villager; 7] = [
    villager("Lan", "Lò Thị Lan", (1985, 2, 3), Gender::Female, DOI_CHE, None),
    villager("Minh", "Lường Văn Minh", (1990, 8, 19), Gender::Male, DOI_CHE, None),
    villager(
        "Hòa",
        "Quàng Thị Hòa",
        (1972, 5, 7),
        Gender::Female,
        DOI_CHE,
        Some((Office::Secretary, HeldIn::Cell)),
    ),
    villager("Tám", "Lò Văn Tám", (1944, 12, 22), Gender::Male, DOI_CHE, None),
    villager(
        "Sơn",
        "Cà Văn Sơn",
        (1979, 9, 2),
        Gender::Male,
        KHE_NUOC,
        Some((Office::Secretary, HeldIn::Cell)),
    ),
    villager("Thảo", "Vì Thị Thảo", (1996, 3, 26), Gender::Female, KHE_NUOC, None),
    villager(
        "Mai",
        "Đèo Thị Mai",
        (1988, 4, 30),
        Gender::Female,
        KHE_NUOC,
        Some((Office::Staff, HeldIn::Committee)),
    ),
];

const fn villager(
    name: &'static str,
    full_name: &'static str,
    birth: (i32, u32, u32),
    gender: Gender,
    cell: &'static str,
    office: Option<(Office, HeldIn)>,
) -> Villager {
    Villager { name, full_name, birth, gender, cell, office }
}

fn date((year, month, day): (i32, u32, u32)) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

impl Villager {
    pub(super) fn birth(&self) -> NaiveDate {
        date(self.birth)
    }
}

/// As the organisations' file would give it.
#[must_use]
pub fn organisations() -> Vec<OrganisationRecord> {
    let cell = |line: u64, name: &str| OrganisationRecord {
        place: line.into(),
        name: name.into(),
        level: Level::Cell,
        parent: Some(Parent { name: COMMITTEE.into(), in_file: true }),
    };
    let committee =
        OrganisationRecord { place: 2.into(), name: COMMITTEE.into(), level: Level::Commune, parent: None };
    vec![committee, cell(3, DOI_CHE), cell(4, KHE_NUOC)]
}

/// As the members' file would give it.
#[must_use]
pub fn members() -> Vec<MemberRecord> {
    let record = |(line, of): (u64, &Villager)| MemberRecord {
        place: line.into(),
        name: of.full_name.into(),
        birth: of.birth(),
        gender: of.gender,
        card: Some(format!("{:012}", 14_000_100_000 + line * 7_919)),
        joined: date((2012, 5, 19)),
        official: Some(date((2013, 5, 19))),
        cell: of.cell.into(),
        offices: Some(
            of.office.iter().map(|(office, of)| OfficeRecord { office: *office, of: *of }).collect(),
        ),
        phone: Some(None),
    };
    (2..).zip(&VILLAGERS).map(record).collect()
}
