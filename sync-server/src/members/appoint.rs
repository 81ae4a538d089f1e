//! Importing the list of offices: who holds which, in which organisation.
//!
//! The list adds. It ends the office of somebody else only where one person holds it (bí thư) and it names
//! another; that it leaves an office out says nothing, since an office sends the list of those who are new.

use std::collections::BTreeMap;

use sotay_protocol::{env::Timestamp, id::Id, members::Office, organisations::Level};

use super::{offices, registered::Registered, roles::RoleRecord, rows};
use crate::{
    error::ImportError,
    imported::Report,
    organisations::Organisations,
    plan::{Plan, Planned},
    server::Server,
    spreadsheet::{Place, RowError, name_key},
    store::{Reader, Result as Stored, StoredMember, StoredOrganisation},
};

impl Server {
    /// Gives offices to members, all or nothing.
    ///
    /// # Errors
    /// Lines whose member or organisation is unknown or not clear, or the store's.
    pub fn import_roles(&self, records: &[RoleRecord]) -> Result<Report, ImportError> {
        let now = self.env.now();
        self.fulfil(now, |reader| Appointing::read(reader, now)?.plan(self.id(), records))?
            .map_err(ImportError::Rows)
    }

    /// What [`Server::import_roles`] would do.
    ///
    /// # Errors
    /// As there.
    pub fn preview_roles(&self, records: &[RoleRecord]) -> Result<Report, ImportError> {
        let now = self.env.now();
        self.foresee(|reader| Appointing::read(reader, now)?.plan(self.id(), records))
    }
}

/// The register as the lines read so far have made it.
struct Appointing<'r> {
    reader: &'r dyn Reader,
    organisations: Organisations,
    now: Timestamp,
    /// Everyone who was touched, before and after.
    members: BTreeMap<Id, (Registered, Registered)>,
    /// Who leads an organisation by this list, and the line that says so.
    secretaries: BTreeMap<Id, (Id, &'r Place)>,
    report: Report,
}

impl<'r> Appointing<'r> {
    fn read(reader: &'r dyn Reader, now: Timestamp) -> Stored<Self> {
        Ok(Self {
            reader,
            organisations: Organisations::read(reader)?,
            now,
            members: BTreeMap::new(),
            secretaries: BTreeMap::new(),
            report: Report::default(),
        })
    }

    fn plan(mut self, server: Id, records: &'r [RoleRecord]) -> Stored<Planned> {
        let mut errors = Vec::new();
        for record in records {
            if let Err(reason) = self.appoint(record)? {
                errors.push(RowError::new(&record.place, reason));
            }
        }
        if !errors.is_empty() {
            return Ok(Err(errors));
        }
        let rows = rows::Writer { server, names: self.organisations.names(), now: self.now };
        let mut writes = Vec::new();
        for (before, after) in self.members.values().filter(|(before, after)| before != after) {
            writes.extend(after.writes(Some(before), self.reader, &rows)?);
        }
        Ok(Ok(Plan { writes, report: self.report }))
    }

    fn appoint(&mut self, record: &'r RoleRecord) -> Stored<Result<(), String>> {
        let organisation = match self.organisation(record) {
            Ok(stored) => stored.clone(),
            Err(reason) => return Ok(Err(reason)),
        };
        let member = match self.member(record)? {
            Ok(member) => member.id,
            Err(reason) => return Ok(Err(reason)),
        };
        if record.office == Office::Secretary {
            if let Err(reason) = self.leads(&organisation, member, &record.place) {
                return Ok(Err(reason));
            }
            self.end_other_secretaries(organisation.id, member)?;
        }
        let now = self.now;
        let Some((_, after)) = self.members.get_mut(&member) else { return Ok(Ok(())) };
        if after.offices(now).contains(&(organisation.id, record.office)) {
            self.report.unchanged();
        } else {
            after.takes_office(organisation.id, record.office, now);
            let office = offices::in_a_sentence(record.office, &organisation.organisation.name);
            self.report.added(format!("{office}: {}", after.described()));
        }
        Ok(Ok(()))
    }

    fn organisation(&self, record: &RoleRecord) -> Result<&StoredOrganisation, String> {
        let name = &record.organisation;
        let stored = self.organisations.named(name).ok_or_else(|| format!("chưa có tổ chức “{name}”"))?;
        if stored.organisation.level == Level::Cell && record.office == Office::Staff {
            return Err(format!("“{name}” là chi bộ, không có văn phòng cấp ủy"));
        }
        Ok(stored)
    }

    /// One organisation has one secretary.
    fn leads(
        &mut self,
        organisation: &StoredOrganisation,
        member: Id,
        place: &'r Place,
    ) -> Result<(), String> {
        match self.secretaries.insert(organisation.id, (member, place)) {
            Some((other, first)) if other != member => {
                let name = &organisation.organisation.name;
                Err(format!("“{name}” đã có bí thư ở {}", first.seen_from(place)))
            }
            _ => Ok(()),
        }
    }

    fn end_other_secretaries(&mut self, organisation: Id, new: Id) -> Stored<()> {
        for (holder, role) in self.reader.holders(organisation)? {
            if holder == new || role.office != Office::Secretary || !role.holds(self.now) {
                continue;
            }
            let Some(stored) = self.reader.member(holder)? else { continue };
            self.touch(stored)?;
            if let Some((_, after)) = self.members.get_mut(&holder)
                && after.offices(self.now).contains(&(organisation, role.office))
            {
                after.leaves_office(organisation, role.office, self.now);
                let name = self.organisations.name(organisation).unwrap_or_default();
                let office = offices::in_a_sentence(role.office, name);
                self.report.ended_office(format!("{office}: {}", after.described()));
            }
        }
        Ok(())
    }

    fn touch(&mut self, member: StoredMember) -> Stored<()> {
        let id = member.id;
        if !self.members.contains_key(&id) {
            let before = Registered::read(self.reader, member)?;
            self.members.insert(id, (before.clone(), before));
        }
        Ok(())
    }

    fn member(&mut self, record: &RoleRecord) -> Stored<Result<StoredMember, String>> {
        let found = match &record.card {
            Some(card) => self.with_card(card, record)?,
            None => self.by_name(record)?,
        };
        if let Ok(member) = &found {
            self.touch(member.clone())?;
        }
        Ok(found)
    }

    /// A card alone could be a slip of the hand: the name has to fit, and the birth date where it is said.
    fn with_card(&self, card: &str, record: &RoleRecord) -> Stored<Result<StoredMember, String>> {
        let mut found = self.reader.members_with_card(card)?;
        let (Some(member), others) = (found.pop(), found.len()) else {
            // Somebody who came into the register before their card was known.
            let mut namesakes = self.namesakes(record)?;
            namesakes.retain(|member| member.profile.card.is_none());
            return Ok(match (namesakes.pop(), namesakes.len()) {
                (Some(member), 0) => Ok(member),
                _ => Err(format!("chưa có đảng viên nào có số thẻ đảng {card}")),
            });
        };
        if others > 0 {
            return Ok(Err(format!("số thẻ đảng {card} đang thuộc hai đảng viên trên máy chủ")));
        }
        let fits = name_key(&member.profile.name) == name_key(&record.name)
            && record.birth.is_none_or(|birth| birth == member.profile.birth);
        Ok(if fits {
            Ok(member)
        } else {
            Err(format!(
                "số thẻ đảng {card} là của đồng chí {}, không phải {}",
                member.profile.name,
                said(record)
            ))
        })
    }

    fn by_name(&self, record: &RoleRecord) -> Stored<Result<StoredMember, String>> {
        let mut found = self.namesakes(record)?;
        Ok(match (found.pop(), found.len()) {
            (None, _) => Err(format!("chưa có đảng viên {}", said(record))),
            (Some(member), 0) => Ok(member),
            (Some(_), _) => Err(format!("có nhiều đồng chí {}: cần ghi số thẻ đảng", said(record))),
        })
    }

    fn namesakes(&self, record: &RoleRecord) -> Stored<Vec<StoredMember>> {
        let Some(birth) = record.birth else { return Ok(Vec::new()) };
        let key = name_key(&record.name);
        let mut born = self.reader.members_born(birth)?;
        born.retain(|member| name_key(&member.profile.name) == key);
        Ok(born)
    }
}

fn said(record: &RoleRecord) -> String {
    match record.birth {
        Some(birth) => format!("{}, sinh {}", record.name, birth.format("%d/%m/%Y")),
        None => record.name.clone(),
    }
}
