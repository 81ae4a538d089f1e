//! All that the register says of one member, as a value: what a list or an operator makes of it is worked
//! out here, and the difference is what gets written.

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::{
    env::Timestamp,
    id::Id,
    members::{Membership, Office, Role},
};

use super::rows;
use crate::{
    plan::Write,
    store::{Reader, Result as Stored, StoredMember},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Registered {
    pub(super) member: StoredMember,
    /// Ascending by their beginning, ended ones too.
    pub(super) stays: Vec<Membership>,
    pub(super) roles: Vec<Role>,
}

impl Registered {
    pub(super) fn new(member: StoredMember) -> Self {
        Self { member, stays: Vec::new(), roles: Vec::new() }
    }

    pub(super) fn read(reader: &(impl Reader + ?Sized), member: StoredMember) -> Stored<Self> {
        let (stays, roles) = (reader.memberships(member.id)?, reader.roles(member.id)?);
        Ok(Self { member, stays, roles })
    }

    /// Enough for an officer to know who is meant.
    pub(super) fn described(&self) -> String {
        let profile = &self.member.profile;
        format!("{}, sinh {}", profile.name, profile.birth.format("%d/%m/%Y"))
    }

    pub(super) fn cell(&self, at: Timestamp) -> Option<Id> {
        self.stays.iter().rfind(|stay| stay.holds(at)).map(|stay| stay.cell)
    }

    pub(super) fn offices(&self, at: Timestamp) -> BTreeSet<(Id, Office)> {
        let held = self.roles.iter().filter(|role| role.holds(at));
        held.map(|role| (role.organisation, role.office)).collect()
    }

    /// The cell that is left for it, if one is.
    pub(super) fn moves_to(&mut self, cell: Id, now: Timestamp) -> Option<Id> {
        let old = self.cell(now);
        if old == Some(cell) {
            return None;
        }
        let left = self.stays.iter_mut().filter(|stay| Some(stay.cell) == old && stay.until.is_none());
        left.for_each(|stay| stay.until = Some(now));
        self.stays.push(Membership { cell, from: now, until: None });
        old
    }

    pub(super) fn takes_office(&mut self, organisation: Id, office: Office, now: Timestamp) {
        if !self.offices(now).contains(&(organisation, office)) {
            self.roles.push(Role { organisation, office, from: now, until: None });
        }
    }

    pub(super) fn leaves_office(&mut self, organisation: Id, office: Office, now: Timestamp) {
        let held = self.roles.iter_mut().filter(|role| {
            (role.organisation, role.office) == (organisation, office) && role.until.is_none()
        });
        held.for_each(|role| role.until = Some(now));
    }

    /// What makes the register and its rows say this where they said `before`, if anything.
    pub(super) fn writes(
        &self,
        before: Option<&Self>,
        reader: &(impl Reader + ?Sized),
        rows: &rows::Writer<'_>,
    ) -> Stored<Vec<Write>> {
        let member = self.member.id;
        let mut writes = Vec::new();
        if before.map(|before| &before.member) != Some(&self.member) {
            writes.push(Write::Member(self.member.clone()));
        }
        let stood = |stay: &&Membership| before.is_some_and(|before| before.stays.contains(stay));
        for stay in self.stays.iter().filter(|stay| !stood(stay)) {
            writes.push(match stay.until {
                Some(_) => Write::EndOfStay { member, cell: stay.cell },
                None => Write::Stay { member, stay: *stay },
            });
        }
        let stood = |role: &&Role| before.is_some_and(|before| before.roles.contains(role));
        for role in self.roles.iter().filter(|role| !stood(role)) {
            let (organisation, office) = (role.organisation, role.office);
            writes.push(match role.until {
                Some(_) => Write::EndOfRole { member, organisation, office },
                None => Write::Role { member, role: *role },
            });
        }
        writes.extend(rows.due(reader, self, before.is_some())?);
        Ok(writes)
    }
}

/// Names of the organisations that the member belongs to or serves in.
pub(super) fn names(reader: &(impl Reader + ?Sized), of: &Registered) -> Stored<BTreeMap<Id, String>> {
    let stays = of.stays.iter().map(|stay| stay.cell);
    let roles = of.roles.iter().map(|role| role.organisation);
    let mut names = BTreeMap::new();
    for id in stays.chain(roles).collect::<BTreeSet<_>>() {
        names.extend(reader.organisation(id)?.map(|stored| (id, stored.organisation.name)));
    }
    Ok(names)
}
