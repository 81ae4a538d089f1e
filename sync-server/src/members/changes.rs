//! Single changes by the operator: a transfer, the end of an office.

use sotay_protocol::{
    env::Timestamp,
    id::Id,
    members::{Membership, Office},
    organisations::Level,
    scope::Scope,
};

use super::rows;
use crate::{
    error::ServerError,
    server::Server,
    spreadsheet::name_key,
    standing::{cell_of, standing},
    store::{Result as Stored, StoredMember, Transaction},
};

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
        let cell = self.store.read_with(|reader| reader.organisation(to_cell))?;
        if cell.is_none_or(|cell| cell.organisation.level != Level::Cell) {
            return Err(ServerError::refused("nơi đến không phải là một chi bộ trên máy chủ này"));
        }
        self.change_member(member, &[Scope::cell(to_cell)], |tx, now| {
            let (before, _) = standing(tx, member)?;
            let old = cell_of(&before, now);
            if old == Some(to_cell) {
                return Ok(());
            }
            if let Some(old) = old {
                tx.end_membership(member, old, now)?;
                for role in before.roles.iter().filter(|role| role.organisation == old && role.holds(now)) {
                    tx.end_role(member, old, role.office, now)?;
                }
            }
            tx.put_membership(member, &Membership { cell: to_cell, from: now, until: None })
        })
    }

    /// The member no longer holds `office` in `organisation` from now on.
    ///
    /// # Errors
    /// A sentence for a member or office that is not there, or the store's.
    pub fn end_role(&self, member: Id, organisation: Id, office: Office) -> Result<(), ServerError> {
        let now = self.env.now();
        let roles = self.store.read_with(|reader| reader.roles(member))?;
        let held = roles
            .iter()
            .any(|role| role.organisation == organisation && role.office == office && role.holds(now));
        if !held {
            return Err(ServerError::refused("đồng chí này không giữ chức vụ đó"));
        }
        self.change_member(member, &[], |tx, now| tx.end_role(member, organisation, office, now))
    }

    /// `work` on the register, then the member's rows brought up to it, in one transaction.
    fn change_member(
        &self,
        member: Id,
        more: &[Scope],
        mut work: impl FnMut(&mut dyn Transaction, Timestamp) -> Stored<()>,
    ) -> Result<(), ServerError> {
        let now = self.env.now();
        let mut scopes = self.store.read_with(|reader| rows::scopes(reader, member))?;
        scopes.extend(more);
        scopes.sort();
        scopes.dedup();
        let known = self.store.write_with(&scopes, |tx| {
            let Some(stored) = tx.member(member)? else { return Ok(false) };
            work(tx, now)?;
            rows::bring_up(tx, self.id(), &stored, now)?;
            Ok(true)
        })?;
        self.tell(&scopes.into_iter().collect(), None);
        if known {
            Ok(())
        } else {
            Err(ServerError::refused("không có đảng viên này trên máy chủ"))
        }
    }
}
