//! Importing the list of members: what each line says against what the server knows.
//!
//! A member is known by their card; who has none, by name, birth date and cell together. Members who are
//! not in the file stay as they are: a list of one cell is no statement about the others. Offices that a line leaves
//! out end only in organisations of which the list names some office: a list of members that knows the cells' offices
//! alone says nothing of the committee's.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sotay_protocol::{
    env::Timestamp,
    id::Id,
    members::{Office, Profile},
};

use super::{
    import::{self, MemberRecord},
    listed, offices,
    registered::Registered,
    rows,
};
use crate::{
    error::ImportError,
    imported::Report,
    organisations::Organisations,
    plan::{Plan, Planned},
    server::Server,
    spreadsheet::{Place, RowError, name_key},
    store::{Reader, Result as Stored, StoredMember, StoredOrganisation},
    vietnam,
};

impl Server {
    /// Adds and changes members, all or nothing.
    ///
    /// # Errors
    /// Lines whose cell nobody knows or that fit two members, or the store's.
    pub fn import_members(&self, records: &[MemberRecord]) -> Result<Report, ImportError> {
        let now = self.env.now();
        let new_ids = self.new_ids(records.len());
        self.fulfil(now, |reader| Import::read(reader, self.id(), now)?.plan(reader, records, &new_ids))?
            .map_err(ImportError::Rows)
    }

    /// What [`Server::import_members`] would do.
    ///
    /// # Errors
    /// As there.
    pub fn preview_members(&self, records: &[MemberRecord]) -> Result<Report, ImportError> {
        let now = self.env.now();
        let new_ids = self.new_ids(records.len());
        self.foresee(|reader| Import::read(reader, self.id(), now)?.plan(reader, records, &new_ids))
    }
}

/// What stands, as far as every line needs it.
struct Import {
    organisations: Organisations,
    server: Id,
    now: Timestamp,
}

/// Who a line is about, before it and after it.
struct Line {
    before: Option<Registered>,
    after: Registered,
    cell: Id,
}

impl Import {
    fn read(reader: &(impl Reader + ?Sized), server: Id, now: Timestamp) -> Stored<Self> {
        Ok(Self { organisations: Organisations::read(reader)?, server, now })
    }

    fn plan(
        &self,
        reader: &(impl Reader + ?Sized),
        records: &[MemberRecord],
        new_ids: &[Id],
    ) -> Stored<Planned> {
        let (mut plan, mut errors) = (Plan::default(), Vec::new());
        let mut twice = Twice::default();
        let spoken_of = self.spoken_of(records);
        for (record, new_id) in records.iter().zip(new_ids) {
            let line = match self.line(reader, record, &spoken_of, *new_id)? {
                Ok(line) => line,
                Err(reason) => {
                    errors.push(RowError::new(&record.place, reason));
                    continue;
                }
            };
            if let Err(reason) = twice.check(record, &line) {
                errors.push(RowError::new(&record.place, reason));
            } else if errors.is_empty() {
                self.add(&mut plan, reader, &line)?;
            }
        }
        Ok(if errors.is_empty() { Ok(plan) } else { Err(errors) })
    }

    fn add(&self, plan: &mut Plan, reader: &(impl Reader + ?Sized), line: &Line) -> Stored<()> {
        let Line { before, after, cell } = line;
        let rows = rows::Writer { server: self.server, names: self.organisations.names(), now: self.now };
        let writes = after.writes(before.as_ref(), reader, &rows)?;
        let name = |id: Id| self.organisations.name(id).unwrap_or_default();
        let who = after.described();
        match before {
            None => {
                let offices = listed::offices_of(&self.organisations, after, self.now);
                let offices = if offices.is_empty() { offices } else { format!(" ({offices})") };
                plan.report.added(format!("{who}, {}{offices}", name(*cell)));
            }
            Some(_) if writes.is_empty() => plan.report.unchanged(),
            Some(before) => {
                let fields = listed::changes(&self.organisations, before, after, self.now);
                plan.report.changed(who.clone(), fields);
                let old = before.cell(self.now);
                plan.report.counts.transferred += usize::from(old.is_some_and(|old| old != *cell));
                for (organisation, office) in before.offices(self.now).difference(&after.offices(self.now)) {
                    let office = offices::in_a_sentence(*office, name(*organisation));
                    plan.report.ended_office(format!("{office}: {who}"));
                }
            }
        }
        plan.writes.extend(writes);
        Ok(())
    }

    fn line(
        &self,
        reader: &(impl Reader + ?Sized),
        record: &MemberRecord,
        spoken_of: &BTreeSet<Id>,
        new_id: Id,
    ) -> Stored<Result<Line, String>> {
        let cell = match self.organisations.cell(&record.cell) {
            Ok(cell) => cell,
            Err(reason) => return Ok(Err(reason)),
        };
        if record.joined > vietnam::clock(self.now).date() {
            return Ok(Err(format!("ngày vào đảng {} chưa tới", record.joined.format("%d/%m/%Y"))));
        }
        let said = match said_offices(record, cell) {
            Ok(said) => said,
            Err(reason) => return Ok(Err(reason)),
        };
        let before = match self.known(reader, record, cell.id)? {
            Ok(known) => known,
            Err(reason) => return Ok(Err(reason)),
        };
        let profile = profile(record, before.as_ref().map(|before| &before.member.profile));
        let mut after = match &before {
            Some(before) => before.clone(),
            None => Registered::new(StoredMember { id: new_id, profile: profile.clone() }),
        };
        after.member.profile = profile;
        let left = after.moves_to(cell.id, self.now);
        for held @ (organisation, office) in after.offices(self.now) {
            let denied = said.as_ref().is_some_and(|said| {
                spoken_of.contains(&organisation)
                    && !said.contains(&held)
                    && listed::office_said(&self.organisations, cell.id, held).is_some()
            });
            if denied || left == Some(organisation) {
                after.leaves_office(organisation, office, self.now);
            }
        }
        for (organisation, office) in said.unwrap_or_default() {
            after.takes_office(organisation, office, self.now);
        }
        Ok(Ok(Line { before, after, cell: cell.id }))
    }

    /// The organisations of which the list names an office.
    fn spoken_of(&self, records: &[MemberRecord]) -> BTreeSet<Id> {
        let said = |record| said_offices(record, self.organisations.cell(&record.cell).ok()?).ok()?;
        records.iter().filter_map(said).flatten().map(|(organisation, _)| organisation).collect()
    }

    /// Who the line is about, if the server knows them.
    fn known(
        &self,
        reader: &(impl Reader + ?Sized),
        record: &MemberRecord,
        cell: Id,
    ) -> Stored<Result<Option<Registered>, String>> {
        if let Some(card) = &record.card {
            let mut with_card = reader.members_with_card(card)?;
            match (with_card.pop(), with_card.len()) {
                (None, _) => {}
                (Some(one), 0) => return Ok(Ok(Some(Registered::read(reader, one)?))),
                _ => return Ok(Err(format!("số thẻ đảng {card} đang thuộc hai đảng viên trên máy chủ"))),
            }
        }
        let key = name_key(&record.name);
        let mut same = Vec::new();
        for member in reader.members_born(record.birth)? {
            // A card that was written down later does not make another person; two cards do.
            let cards = member.profile.card.as_ref().zip(record.card.as_ref());
            if let Some((known, said)) = cards.filter(|(known, said)| is_cut(known, said)) {
                return Ok(Err(format!(
                    "số thẻ đảng {said} chỉ khác số 0 ở đầu với {known} của đồng chí {} đã có trên máy chủ; Excel bỏ số \
                     0 ở đầu khi ô không định dạng là Văn bản (Text), hãy ghi lại cả số 0",
                    member.profile.name
                )));
            }
            if cards.is_some() || name_key(&member.profile.name) != key {
                continue;
            }
            let member = Registered::read(reader, member)?;
            if member.cell(self.now) == Some(cell) {
                same.push(member);
            }
        }
        if same.len() > 1 {
            return Ok(
                Err("trùng họ tên, ngày sinh và chi bộ với hai đảng viên: cần ghi số thẻ đảng".into()),
            );
        }
        Ok(Ok(same.pop()))
    }
}

/// One card, of which a spreadsheet that took it for a number left out the zeros at the front.
fn is_cut(known: &str, said: &str) -> bool {
    known != said && known.trim_start_matches('0') == said.trim_start_matches('0')
}

/// The offices that the line names, in the cell or the committee above it; `None` where it says nothing.
fn said_offices(
    record: &MemberRecord,
    cell: &StoredOrganisation,
) -> Result<Option<BTreeSet<(Id, Office)>>, String> {
    let Some(offices) = &record.offices else { return Ok(None) };
    let mut said = BTreeSet::new();
    for office in offices {
        let organisation = match office.of {
            import::Level::Cell => Some(cell.id),
            import::Level::Committee => cell.organisation.parent,
        };
        let organisation = organisation
            .ok_or_else(|| format!("“{}” không có cấp ủy cấp trên để giữ chức vụ", record.cell))?;
        said.insert((organisation, office.office));
    }
    Ok(Some(said))
}

/// A list typed in capitals says nothing of how a name is written.
fn name(said: &str, known: Option<&Profile>) -> String {
    let capitals = !said.chars().any(char::is_lowercase);
    match known {
        Some(known) if capitals && name_key(&known.name) == name_key(said) => known.name.clone(),
        _ => said.to_owned(),
    }
}

/// What the line does not speak of stays: a card that it leaves out, a column that it has not.
fn profile(record: &MemberRecord, known: Option<&Profile>) -> Profile {
    let phone = match &record.phone {
        Some(said) => said.clone(),
        None => known.and_then(|known| known.phone.clone()),
    };
    Profile {
        name: name(&record.name, known),
        birth: record.birth,
        gender: record.gender,
        card: record.card.clone().or_else(|| known.and_then(|known| known.card.clone())),
        joined: record.joined,
        official: record.official,
        phone,
    }
}

/// Two lines about one person, which only the register shows: one has the card and the other has not.
#[derive(Default)]
struct Twice<'a> {
    members: BTreeMap<Id, &'a Place>,
    namesakes: BTreeMap<(String, NaiveDate, Id), (&'a Place, bool)>,
}

impl<'a> Twice<'a> {
    fn check(&mut self, record: &'a MemberRecord, line: &Line) -> Result<(), String> {
        let place = &record.place;
        if let Some(first) = self.members.insert(line.after.member.id, place) {
            return Err(format!("nói về cùng một đảng viên với {}", first.seen_from(place)));
        }
        let (key, carded) =
            ((name_key(&record.name), record.birth, line.cell), line.after.member.profile.card.is_some());
        match self.namesakes.insert(key, (place, carded)) {
            Some((first, first_carded)) if !(carded && first_carded) => Err(format!(
                "trùng họ tên, ngày sinh và chi bộ với {}: cần ghi số thẻ đảng ở cả hai dòng",
                first.seen_from(place)
            )),
            _ => Ok(()),
        }
    }
}
