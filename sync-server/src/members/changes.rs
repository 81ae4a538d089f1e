//! Single changes by the operator: a transfer, the end of an office.

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::{env::Timestamp, id::Id, members::Office, organisations::Level};

use super::{
    registered::{self, Registered},
    rows,
};
use crate::{
    error::ServerError,
    plan::{Plan, Write},
    server::Server,
    spreadsheet::name_key,
    standing::{cell_of, standing},
    store::{Reader, Result as Stored, StoredMember},
};

/// What brings up the rows of everyone who belongs to one of `organisations` or serves in it, after their
/// names changed: members' phones show the names from rows of their own.
pub(crate) fn after_renaming(
    reader: &dyn Reader,
    organisations: &BTreeSet<Id>,
    names: &BTreeMap<Id, String>,
    server: Id,
    now: Timestamp,
) -> Stored<Vec<Write>> {
    let mut concerned = BTreeSet::new();
    for organisation in organisations {
        concerned.extend(reader.members_of(*organisation)?.into_iter().map(|(member, _)| member));
        concerned.extend(reader.holders(*organisation)?.into_iter().map(|(member, _)| member));
    }
    let rows = rows::Writer { server, names, now };
    let mut writes = Vec::new();
    for member in concerned {
        if let Some(stored) = reader.member(member)? {
            writes.extend(rows.due(reader, &Registered::read(reader, stored)?, true)?);
        }
    }
    Ok(writes)
}

/// A member as an operator looks for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundMember {
    pub id: Id,
    pub name: String,
    pub birth: chrono::NaiveDate,
    /// The cell's name.
    pub cell: Option<String>,
}

impl Server {
    /// Members with this card number.
    ///
    /// # Errors
    /// The store's.
    pub fn members_with_card(&self, card: &str) -> Result<Vec<FoundMember>, ServerError> {
        let found = self.store.read_with(|reader| reader.members_with_card(card))?;
        self.described(&found)
    }

    /// Members with this name, however its tones are set, and birth date.
    ///
    /// # Errors
    /// The store's.
    pub fn members_named(
        &self,
        name: &str,
        birth: chrono::NaiveDate,
    ) -> Result<Vec<FoundMember>, ServerError> {
        let mut found = self.store.read_with(|reader| reader.members_born(birth))?;
        let wanted = name_key(name);
        found.retain(|member| name_key(&member.profile.name) == wanted);
        self.described(&found)
    }

    /// Members of a cell, by name.
    ///
    /// # Errors
    /// The store's.
    pub fn members_of(&self, cell: Id) -> Result<Vec<FoundMember>, ServerError> {
        let now = self.env.now();
        let found = self.store.read_with(|reader| {
            let mut found = Vec::new();
            for (member, stay) in reader.members_of(cell)? {
                if stay.holds(now) {
                    found.extend(reader.member(member)?);
                }
            }
            Ok(found)
        })?;
        let mut found = self.described(&found)?;
        found.sort_by(|one, two| one.name.cmp(&two.name));
        Ok(found)
    }

    fn described(&self, found: &[StoredMember]) -> Result<Vec<FoundMember>, ServerError> {
        let now = self.env.now();
        Ok(self.store.read_with(|reader| {
            let mut described = Vec::with_capacity(found.len());
            for member in found {
                let cell = cell_of(&standing(reader, member.id)?.0, now);
                let cell = cell.map(|cell| reader.organisation(cell)).transpose()?.flatten();
                described.push(FoundMember {
                    id: member.id,
                    name: member.profile.name.clone(),
                    birth: member.profile.birth,
                    cell: cell.map(|cell| cell.organisation.name),
                });
            }
            Ok(described)
        })?)
    }

    /// Chuyển sinh hoạt đảng: the member leaves their cell for another; their offices in the old one end.
    ///
    /// # Errors
    /// A sentence for a member or cell that is not there, or the store's.
    pub fn transfer(&self, member: Id, to_cell: Id) -> Result<(), ServerError> {
        let now = self.env.now();
        let cell = self.store.read_with(|reader| reader.organisation(to_cell))?;
        if cell.is_none_or(|cell| cell.organisation.level != Level::Cell) {
            return Err(ServerError::refused("nơi đến không phải là một chi bộ trên máy chủ này"));
        }
        self.change_member(member, now, |registered| {
            let old = registered.moves_to(to_cell, now);
            for (organisation, office) in registered.offices(now) {
                if Some(organisation) == old {
                    registered.leaves_office(organisation, office, now);
                }
            }
            Ok(())
        })
    }

    /// The member no longer holds `office` in `organisation` from now on.
    ///
    /// # Errors
    /// A sentence for a member or office that is not there, or the store's.
    pub fn end_role(&self, member: Id, organisation: Id, office: Office) -> Result<(), ServerError> {
        let now = self.env.now();
        self.change_member(member, now, |registered| {
            if !registered.offices(now).contains(&(organisation, office)) {
                return Err(ServerError::refused("đồng chí này không giữ chức vụ đó"));
            }
            registered.leaves_office(organisation, office, now);
            Ok(())
        })
    }

    /// `change` on what the register says of the member, and their rows brought to it.
    fn change_member(
        &self,
        member: Id,
        now: Timestamp,
        change: impl Fn(&mut Registered) -> Result<(), ServerError>,
    ) -> Result<(), ServerError> {
        let done = self.fulfil(now, |reader| {
            let Some(stored) = reader.member(member)? else {
                return Ok(Err(ServerError::refused("không có đảng viên này trên máy chủ")));
            };
            let before = Registered::read(reader, stored)?;
            let mut after = before.clone();
            if let Err(why) = change(&mut after) {
                return Ok(Err(why));
            }
            let names = registered::names(reader, &after)?;
            let rows = rows::Writer { server: self.id(), names: &names, now };
            let writes = after.writes(Some(&before), reader, &rows)?;
            Ok(Ok(Plan { writes, ..Plan::default() }))
        })?;
        done.map(drop)
    }
}
