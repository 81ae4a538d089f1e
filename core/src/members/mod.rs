//! The member, and those of their cell.

use rusqlite::types::Value;
use sotay_protocol::members::{
    MEMBERSHIP, MembershipEntry, PROFILE, Profile, ROLE, ROSTER_ENTRY, RoleEntry, RosterEntry,
};

use crate::store::table::{Table, drawn, text};

pub static PROFILES: Table = Table {
    kind: PROFILE,
    name: "profile",
    version: 1,
    columns: &["name"],
    draw: |body| Ok(vec![Value::Text(drawn::<Profile>(body)?.name)]),
};

pub static ROLES: Table = Table {
    kind: ROLE,
    name: "role",
    version: 1,
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
    columns: &["name", "office", "state"],
    draw: |body| {
        let of: RosterEntry = drawn(body)?;
        Ok(vec![Value::Text(of.name), text(&of.office), text(&of.state)])
    },
};
