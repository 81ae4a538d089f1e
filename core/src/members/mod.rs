//! The member, and those of their cell.

use rusqlite::{Connection, types::Value};
use serde::Serialize;
use sotay_protocol::{
    env::Timestamp,
    id::Id,
    members::{
        MEMBERSHIP, MemberState, Membership, MembershipEntry, Office, PROFILE, Profile, ROLE, ROSTER_ENTRY,
        Role, RoleEntry, RosterEntry,
    },
    rights::Standing,
    scope::Scope,
};

use crate::{
    shown,
    store::{
        StoreError,
        table::{Table, drawn, text},
    },
    sync::device,
    words::name_order,
};

pub static PROFILES: Table = Table {
    kind: PROFILE,
    name: "profile",
    version: 1,
    drawing: 1,
    columns: &["name"],
    draw: |body| Ok(vec![Value::Text(drawn::<Profile>(body)?.name)]),
};

pub static ROLES: Table = Table {
    kind: ROLE,
    name: "role",
    version: 1,
    drawing: 1,
    columns: &["organisation", "organisation_name", "office"],
    draw: |body| {
        let of: RoleEntry = drawn(body)?;
        Ok(vec![
            Value::Text(of.organisation.to_string()),
            Value::Text(of.organisation_name),
            text(&of.office),
        ])
    },
};

pub static MEMBERSHIPS: Table = Table {
    kind: MEMBERSHIP,
    name: "membership",
    version: 1,
    drawing: 1,
    columns: &["cell", "cell_name"],
    draw: |body| {
        let of: MembershipEntry = drawn(body)?;
        Ok(vec![Value::Text(of.cell.to_string()), Value::Text(of.cell_name)])
    },
};

pub static ROSTER: Table = Table {
    kind: ROSTER_ENTRY,
    name: "roster_entry",
    version: 1,
    drawing: 1,
    columns: &["name", "office", "state"],
    draw: |body| {
        let of: RosterEntry = drawn(body)?;
        Ok(vec![Value::Text(of.name), text(&of.office), text(&of.state)])
    },
};

/// The member with what is kept of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Me {
    pub id: Id,
    pub name: String,
    /// Comes with the first sync.
    pub profile: Option<Profile>,
    pub cells: Vec<CellView>,
    pub offices: Vec<RoleEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CellView {
    pub id: Id,
    pub name: String,
}

/// One of the cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Colleague {
    pub id: Id,
    pub cell: Id,
    pub name: String,
    pub office: Option<Office>,
    pub state: MemberState,
}

/// `None` before enrolment.
///
/// # Errors
/// The store's own fault.
pub fn me(store: &Connection) -> Result<Option<Me>, StoreError> {
    let Some(of) = device::identity(store)? else { return Ok(None) };
    let profile = shown::one::<Profile>(store, &PROFILES, of.member)?.map(|row| row.of);
    let name = profile.as_ref().map_or(of.member_name, |profile| profile.name.clone());
    Ok(Some(Me { id: of.member, name, profile, cells: my_cells(store)?, offices: my_offices(store)? }))
}

/// Usually one; a temporary member has two.
///
/// # Errors
/// The store's own fault.
pub fn my_cells(store: &Connection) -> Result<Vec<CellView>, StoreError> {
    let rows = shown::all::<MembershipEntry>(store, &MEMBERSHIPS, "ORDER BY cell_name, cell", [])?;
    Ok(rows.into_iter().map(|row| CellView { id: row.of.cell, name: row.of.cell_name }).collect())
}

/// # Errors
/// The store's own fault.
pub fn my_offices(store: &Connection) -> Result<Vec<RoleEntry>, StoreError> {
    let rows = shown::all::<RoleEntry>(store, &ROLES, "ORDER BY organisation_name, office, id", [])?;
    Ok(rows.into_iter().map(|row| row.of).collect())
}

/// The members of a cell, by name.
///
/// # Errors
/// The store's own fault.
pub fn roster(store: &Connection, cell: Id) -> Result<Vec<Colleague>, StoreError> {
    let scope = Scope::cell(cell).to_string();
    let rows = shown::all::<RosterEntry>(store, &ROSTER, "WHERE scope = ?1 ORDER BY id", [scope])?;
    let colleague = |row: shown::Shown<RosterEntry>| Colleague {
        id: row.id,
        cell,
        name: row.of.name,
        office: row.of.office,
        state: row.of.state,
    };
    let mut colleagues: Vec<Colleague> = rows.into_iter().map(colleague).collect();
    colleagues.sort_by_cached_key(|colleague| name_order(&colleague.name));
    Ok(colleagues)
}

/// What this member holds now, as far as this phone was told.
///
/// # Errors
/// The store's own fault.
pub fn standing(store: &Connection, member: Id) -> Result<Standing, StoreError> {
    let role = |of: RoleEntry| Role {
        organisation: of.organisation,
        office: of.office,
        from: Timestamp::MIN,
        until: None,
    };
    let membership = |of: CellView| Membership { cell: of.id, from: Timestamp::MIN, until: None };
    Ok(Standing {
        member,
        roles: my_offices(store)?.into_iter().map(role).collect(),
        memberships: my_cells(store)?.into_iter().map(membership).collect(),
    })
}
