//! Members, where they belong and what offices they hold.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{env::Timestamp, id::Id};

/// Kind of the row in a `member` scope that holds the person's own record; its id is the member's.
pub const PROFILE: &str = "profile";
/// Kind of the rows in a `member` scope that say which offices the person holds.
pub const ROLE: &str = "role";
/// Kind of the row in a `member` scope that says to which cell the person belongs.
pub const MEMBERSHIP: &str = "membership";
/// Kind of the rows in a `cell` scope that name its members; the id is the member's.
pub const ROSTER_ENTRY: &str = "roster_entry";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gender {
    Male,
    Female,
}

/// An office in the organisation that a role names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Office {
    /// Bí thư.
    Secretary,
    /// Phó bí thư.
    DeputySecretary,
    /// Chi ủy viên, đảng ủy viên.
    CommitteeMember,
    /// Cán bộ văn phòng cấp ủy.
    Staff,
}

/// Quy định: full (chính thức) or probationary (dự bị); the latter has no vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberState {
    Full,
    Probationary,
}

/// Body of a `profile` row: all that is kept of the person, for the person alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub name: String,
    pub birth: NaiveDate,
    pub gender: Gender,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    pub joined: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub official: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// Body of a `roster_entry` row: what the members of a cell know of each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterEntry {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<Office>,
    pub state: MemberState,
}

/// Body of a `role` row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleEntry {
    pub organisation: Id,
    pub organisation_name: String,
    pub office: Office,
}

/// Body of a `membership` row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipEntry {
    pub cell: Id,
    pub cell_name: String,
}

/// An office held, from when the server recorded it until when it recorded its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    pub organisation: Id,
    pub office: Office,
    pub from: Timestamp,
    pub until: Option<Timestamp>,
}

/// A place in a cell, over the time that the server recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    pub cell: Id,
    pub from: Timestamp,
    pub until: Option<Timestamp>,
}

impl Role {
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

impl Membership {
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}
