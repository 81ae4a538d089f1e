//! The rows that say what the register says: a member's own, and their line in the cell's roster.

use std::collections::BTreeMap;

use sotay_protocol::{
    env::Timestamp,
    id::Id,
    members::{
        MEMBERSHIP, MemberState, Membership, MembershipEntry, Office, PROFILE, Profile, ROLE, ROSTER_ENTRY,
        Role, RoleEntry, RosterEntry,
    },
    row::{Row, RowRef, body},
    scope::Scope,
};

use crate::{
    rows::put_if_changed,
    store::{Reader, Result, StoredMember, Transaction},
};

/// Every scope in which something stands about the member.
pub(super) fn scopes(reader: &(impl Reader + ?Sized), member: Id) -> Result<Vec<Scope>> {
    let cells = reader.memberships(member)?.into_iter().map(|membership| Scope::cell(membership.cell));
    Ok(std::iter::once(Scope::member(member)).chain(cells).collect())
}

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

/// Brings the member's rows to what the register says now; whether one had to be written. A row that is
/// right keeps its number, so that importing the same list again sends nobody anything.
pub(super) fn bring_up(
    tx: &mut dyn Transaction,
    server: Id,
    member: &StoredMember,
    now: Timestamp,
) -> Result<bool> {
    let own = Scope::member(member.id);
    let row = |body| Row { version: 1, author: server, body };
    let mut changed =
        put_if_changed(tx, &RowRef::new(own, PROFILE, member.id), &row(body(&member.profile)), now)?;
    let mut roles = tx.roles(member.id)?;
    roles.retain(|role| role.holds(now));
    for stay in latest_stays(tx.memberships(member.id)?) {
        changed |= bring_up_stay(tx, server, member, &stay, &roles, now)?;
    }
    let mut standing = Vec::with_capacity(roles.len());
    for role in &roles {
        let at = RowRef::new(own, ROLE, role_row(member.id, role));
        let entry = RoleEntry {
            organisation: role.organisation,
            organisation_name: name(tx, role.organisation)?,
            office: role.office,
        };
        changed |= put_if_changed(tx, &at, &row(body(&entry)), now)?;
        standing.push(at.id);
    }
    for entry in tx.rows_of_kind(own, ROLE)? {
        if !standing.contains(&entry.id) {
            changed |= tx.bury(&RowRef::new(own, ROLE, entry.id), now)?.is_some();
        }
    }
    Ok(changed)
}

/// The last stay in each cell: who left and came back has one line in its roster.
fn latest_stays(stays: Vec<Membership>) -> Vec<Membership> {
    let mut latest: BTreeMap<Id, Membership> = BTreeMap::new();
    for stay in stays {
        let known = latest.entry(stay.cell).or_insert(stay);
        if known.from <= stay.from {
            *known = stay;
        }
    }
    latest.into_values().collect()
}

/// The roster line of one stay in a cell, and, where it lasts, the member's own row about it.
fn bring_up_stay(
    tx: &mut dyn Transaction,
    server: Id,
    member: &StoredMember,
    stay: &Membership,
    roles: &[Role],
    now: Timestamp,
) -> Result<bool> {
    let line = RowRef::new(Scope::cell(stay.cell), ROSTER_ENTRY, member.id);
    if !stay.holds(now) {
        return Ok(tx.bury(&line, now)?.is_some());
    }
    let row = |body| Row { version: 1, author: server, body };
    let offices = roles.iter().filter(|role| role.organisation == stay.cell);
    let entry = RosterEntry {
        name: member.profile.name.clone(),
        office: offices.map(|role| role.office).min(),
        state: state(&member.profile, now),
    };
    let own = RowRef::new(Scope::member(member.id), MEMBERSHIP, member.id);
    let membership = MembershipEntry { cell: stay.cell, cell_name: name(tx, stay.cell)? };
    let lined = put_if_changed(tx, &line, &row(body(&entry)), now)?;
    Ok(put_if_changed(tx, &own, &row(body(&membership)), now)? || lined)
}

fn name(tx: &dyn Transaction, organisation: Id) -> Result<String> {
    Ok(tx.organisation(organisation)?.map(|stored| stored.organisation.name).unwrap_or_default())
}

/// On probation until the official day; where none is written, still on probation.
fn state(profile: &Profile, now: Timestamp) -> MemberState {
    let today = chrono::DateTime::from_timestamp_millis(now.millis()).map(|now| now.date_naive());
    match (profile.official, today) {
        (Some(official), Some(today)) if official <= today => MemberState::Full,
        _ => MemberState::Probationary,
    }
}
