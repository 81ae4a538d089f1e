//! The rows that say what the register says: a member's own, and their line in the cell's roster.

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::{
    env::Timestamp,
    id::Id,
    members::{
        MEMBERSHIP, MemberState, Membership, MembershipEntry, Office, PROFILE, Profile, ROLE, ROSTER_ENTRY,
        Role, RoleEntry, RosterEntry,
    },
    row::{Body, Row, RowRef, body},
    scope::Scope,
};

use super::registered::Registered;
use crate::{
    plan::Write,
    store::{Reader, Result},
};

/// The id of the row that says that a member holds an office.
fn role_row(member: Id, role: &Role) -> Id {
    let purpose = match role.office {
        Office::Secretary => "role secretary",
        Office::DeputySecretary => "role deputy_secretary",
        Office::CommitteeMember => "role committee_member",
        Office::Staff => "role staff",
    };
    Id::derived(purpose, &[member, role.organisation])
}

/// What rows are made of besides the member.
pub(super) struct Writer<'a> {
    pub(super) server: Id,
    pub(super) names: &'a BTreeMap<Id, String>,
    pub(super) now: Timestamp,
}

impl Writer<'_> {
    /// What brings the member's rows to what the register says. A row that is right keeps its number, so
    /// that importing the same list again sends nobody anything. Of somebody new (`known` is false) no row
    /// can stand, and none is looked for.
    pub(super) fn due(
        &self,
        reader: &(impl Reader + ?Sized),
        of: &Registered,
        known: bool,
    ) -> Result<Vec<Write>> {
        let (standing, gone) = self.rows(of);
        let mut due = Vec::new();
        let mut offices = BTreeSet::new();
        for (at, body) in standing {
            let row = Row { version: 1, author: self.server, body };
            if at.kind == ROLE {
                offices.insert(at.id);
            }
            if known {
                due.extend(Write::row_if_changed(reader, at, &row)?);
            } else {
                due.push(Write::row(at, &row, None)?);
            }
        }
        if !known {
            return Ok(due);
        }
        for at in gone {
            let stands = reader.entry(&at)?.is_some_and(|entry| entry.body.is_some());
            due.extend(stands.then_some(Write::Burial(at)));
        }
        let own = Scope::member(of.member.id);
        for entry in reader.rows_of_kind(own, ROLE)? {
            if !offices.contains(&entry.id) {
                due.push(Write::Burial(RowRef::new(own, ROLE, entry.id)));
            }
        }
        Ok(due)
    }

    /// The rows that say what the register says, and those that are to be gone from cells that were left.
    fn rows(&self, of: &Registered) -> (Vec<(RowRef, Body)>, Vec<RowRef>) {
        let (id, profile) = (of.member.id, &of.member.profile);
        let own = Scope::member(id);
        let roles: Vec<&Role> = of.roles.iter().filter(|role| role.holds(self.now)).collect();
        let mut standing = vec![(RowRef::new(own, PROFILE, id), body(profile))];
        let mut gone = Vec::new();
        for stay in latest_stays(&of.stays) {
            let line = RowRef::new(Scope::cell(stay.cell), ROSTER_ENTRY, id);
            if !stay.holds(self.now) {
                gone.push(line);
                continue;
            }
            let offices = roles.iter().filter(|role| role.organisation == stay.cell);
            let entry = RosterEntry {
                name: profile.name.clone(),
                office: offices.map(|role| role.office).min(),
                state: state(profile, self.now),
            };
            standing.push((line, body(&entry)));
            let belongs = MembershipEntry { cell: stay.cell, cell_name: self.name(stay.cell) };
            standing.push((RowRef::new(own, MEMBERSHIP, id), body(&belongs)));
        }
        for role in roles {
            let entry = RoleEntry {
                organisation: role.organisation,
                organisation_name: self.name(role.organisation),
                office: role.office,
            };
            standing.push((RowRef::new(own, ROLE, role_row(id, role)), body(&entry)));
        }
        (standing, gone)
    }

    fn name(&self, organisation: Id) -> String {
        self.names.get(&organisation).cloned().unwrap_or_default()
    }
}

/// The last stay in each cell: who left and came back has one line in its roster.
fn latest_stays(stays: &[Membership]) -> Vec<Membership> {
    let mut latest: BTreeMap<Id, Membership> = BTreeMap::new();
    for stay in stays.iter().copied() {
        let known = latest.entry(stay.cell).or_insert(stay);
        if known.from <= stay.from {
            *known = stay;
        }
    }
    latest.into_values().collect()
}

/// On probation until the official day; where none is written, still on probation.
fn state(profile: &Profile, now: Timestamp) -> MemberState {
    let today = chrono::DateTime::from_timestamp_millis(now.millis()).map(|now| now.date_naive());
    match (profile.official, today) {
        (Some(official), Some(today)) if official <= today => MemberState::Full,
        _ => MemberState::Probationary,
    }
}
