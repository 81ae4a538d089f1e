//! The 938 members, with lives that hold together: of age when they joined, official a year later, secretaries neither
//! twenty nor ninety.

use std::collections::BTreeSet;

use chrono::{Datelike, Months, NaiveDate};

use super::cells::{Cell, Kind};
use super::dice::Dice;
use super::workbook::Value;
use super::{committee, names, story};

pub(super) const HEADER: [&str; 9] = [
    "Họ và tên",
    "Ngày sinh",
    "Giới tính",
    "Số thẻ đảng",
    "Ngày vào đảng",
    "Ngày chính thức",
    "Chi bộ",
    "Chức vụ",
    "Số điện thoại",
];

const STREAM: u64 = 1;
/// The year in which the list was made; ages are those of its October.
const YEAR: i32 = 2025;
/// Cards of a made-up series; the story's own lie below.
const FIRST_CARD: u32 = 64_120_200;
/// A cell of nine has a cell committee (Điều lệ Đảng, Điều 24).
const WITH_COMMITTEE: usize = 9;
/// Days on which members are usually admitted: day, month.
const CUSTOMARY_DAYS: [(u32, u32); 7] = [(3, 2), (26, 3), (19, 5), (27, 7), (19, 8), (2, 9), (22, 12)];

/// Of these, those before the list was made.
const DAYS_OF_THIS_YEAR: [(u32, u32); 5] = [(3, 2), (26, 3), (19, 5), (27, 7), (2, 9)];

#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) name: String,
    birth: NaiveDate,
    female: bool,
    card: String,
    joined: NaiveDate,
    official: Option<NaiveDate>,
    cell: &'static str,
    offices: String,
    phone: String,
}

impl Member {
    /// Whether this is one of the offices, as the list words it.
    pub(super) fn holds(&self, office: &str) -> bool {
        self.offices.split(", ").any(|held| held == office)
    }
}

pub(super) fn generate(cells: &[Cell], seed: u64) -> Vec<Member> {
    let mut registry = Registry { dice: Dice::new(seed, STREAM), card: FIRST_CARD, phones: BTreeSet::new() };
    cells.iter().flat_map(|cell| registry.cell(cell)).collect()
}

pub(super) fn row(member: &Member) -> [Value; 9] {
    [
        Value::text(&member.name),
        Value::Date(member.birth),
        Value::text(if member.female { "Nữ" } else { "Nam" }),
        Value::text(&member.card),
        Value::Date(member.joined),
        member.official.map_or_else(|| Value::text(""), Value::Date),
        Value::text(member.cell),
        Value::text(&member.offices),
        Value::text(&member.phone),
    ]
}

pub(super) const HEADER_OF_ROLES: [&str; 4] = ["Họ và tên", "Số thẻ đảng", "Chức vụ", "Tổ chức"];

/// The offices of the commune's committee, as it keeps them in a list of their own.
pub(super) fn roles(members: &[Member]) -> Vec<[Value; 4]> {
    let held = members.iter().flat_map(|member| {
        let offices = member
            .offices
            .split(", ")
            .filter(|office| office.contains("Đảng ủy") || *office == "Đảng ủy viên");
        offices.map(move |office| [&member.name, &member.card, office, story::COMMUNE].map(Value::text))
    });
    held.collect()
}

struct Registry {
    dice: Dice,
    card: u32,
    phones: BTreeSet<String>,
}

impl Registry {
    fn cell(&mut self, cell: &Cell) -> Vec<Member> {
        let named: Vec<_> = story::PEOPLE.iter().filter(|person| person.cell == cell.name).collect();
        let made = cell.size - named.len();
        let mut members: Vec<Member> = (0..made).map(|place| self.member(cell, place)).collect();
        members.extend(named.into_iter().map(from_story));
        members
    }

    fn member(&mut self, cell: &Cell, place: usize) -> Member {
        let own = office_in_cell(cell.size, place);
        let above = committee::office(cell.name, place);
        let offices =
            [own, above].into_iter().filter(|office| !office.is_empty()).collect::<Vec<_>>().join(", ");
        let probationary = offices.is_empty() && self.dice.percent(4);
        let age = self.age(cell.kind, !offices.is_empty(), probationary);
        let female = self.dice.percent(if cell.kind == Kind::School { 72 } else { 38 });
        let birth = self.day_in(YEAR - i32::try_from(age).unwrap_or_default());
        let (joined, official) =
            if probationary { self.on_probation() } else { self.admission(birth, !offices.is_empty()) };
        Member {
            name: self.name(female),
            birth,
            female,
            card: if official.is_some() { self.next_card() } else { String::new() },
            joined,
            official,
            cell: cell.name,
            offices,
            phone: self.phone(age),
        }
    }

    fn name(&mut self, female: bool) -> String {
        loop {
            let name = names::name(&mut self.dice, female);
            if story::PEOPLE.iter().all(|person| person.name != name) {
                return name;
            }
        }
    }

    fn age(&mut self, kind: Kind, in_office: bool, probationary: bool) -> u32 {
        match kind {
            _ if probationary => self.dice.between(21, 34),
            Kind::Hamlet | Kind::Fishing if in_office => self.dice.between(36, 66),
            Kind::Hamlet | Kind::Fishing if self.dice.percent(45) => self.dice.between(60, 88),
            Kind::Hamlet | Kind::Fishing => self.dice.between(24, 59),
            _ if in_office => self.dice.between(36, 58),
            _ => self.dice.between(24, 59),
        }
    }

    /// Between the 19th birthday and the 46th, and long enough ago to be official by now, or to be trusted with an office.
    fn admission(&mut self, birth: NaiveDate, in_office: bool) -> (NaiveDate, Option<NaiveDate>) {
        let latest = (YEAR - if in_office { 6 } else { 2 }).min(birth.year() + 45);
        let earliest = (birth.year() + 19).min(latest);
        let span = u32::try_from(latest - earliest).unwrap_or_default();
        let year = earliest + i32::try_from(self.dice.between(0, span)).unwrap_or_default();
        let joined = if self.dice.percent(60) {
            let (day, month) = self.dice.pick(&CUSTOMARY_DAYS);
            date(day, month, year)
        } else {
            self.day_in(year)
        };
        (joined, joined.checked_add_months(Months::new(12)))
    }

    fn on_probation(&mut self) -> (NaiveDate, Option<NaiveDate>) {
        let (day, month) = self.dice.pick(&DAYS_OF_THIS_YEAR);
        (date(day, month, YEAR), None)
    }

    fn day_in(&mut self, year: i32) -> NaiveDate {
        let (day, month) = (self.dice.between(1, 28), self.dice.between(1, 12));
        date(day, month, year)
    }

    fn next_card(&mut self) -> String {
        self.card += self.dice.between(1, 9);
        format!("{:09}", self.card)
    }

    /// Behind 095, which no network has given out since S-Fone went.
    fn phone(&mut self, age: u32) -> String {
        if self.dice.percent(if age > 70 { 45 } else { 3 }) {
            return String::new();
        }
        let (left, right) = (self.dice.between(0, 9999), self.dice.between(0, 999));
        let digits = format!("095{left:04}{right:03}");
        if story::PEOPLE.iter().any(|person| person.phone == digits) || !self.phones.insert(digits.clone()) {
            return self.phone(age);
        }
        if self.dice.percent(20) { format!("095 {left:04} {right:03}") } else { digits }
    }
}

fn office_in_cell(size: usize, place: usize) -> &'static str {
    match place {
        0 => "Bí thư chi bộ",
        1 => "Phó bí thư chi bộ",
        2 if size >= WITH_COMMITTEE => "Chi ủy viên",
        3 if size >= 20 => "Chi ủy viên",
        4 if size >= 30 => "Chi ủy viên",
        _ => "",
    }
}

fn from_story(person: &story::Person) -> Member {
    let (day, month, year) = person.joined;
    let joined = date(day, month, year);
    Member {
        name: person.name.to_owned(),
        birth: person.birth(),
        female: person.female,
        card: person.card.to_owned(),
        joined,
        official: joined.checked_add_months(Months::new(12)),
        cell: person.cell,
        offices: person.offices.to_owned(),
        phone: person.phone.to_owned(),
    }
}

fn date(day: u32, month: u32, year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}
