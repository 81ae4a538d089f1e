//! Every kind of row this version of the app knows, with the table it stands in.

use crate::{
    attendance, directives, feedback, meetings, members, organisations, release, store::table::Table,
};

pub static TABLES: [&Table; 14] = [
    &organisations::ORGANISATIONS,
    &members::PROFILES,
    &members::ROLES,
    &members::MEMBERSHIPS,
    &members::ROSTER,
    &directives::DIRECTIVES,
    &meetings::MEETINGS,
    &meetings::REPORTS,
    &attendance::ATTENDANCE,
    &attendance::NOTES,
    &attendance::OPENINGS,
    &attendance::CLAIMS,
    &feedback::THREADS,
    &feedback::CASES,
];

#[must_use]
pub fn of_kind(kind: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.kind == kind && release::knows(kind)).copied()
}
