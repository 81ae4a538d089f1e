//! Every kind of row this version of the app knows, with the table it stands in.

use crate::{
    attendance, audit, devices, directives, drafts, feedback, meetings, members, organisations, release,
    store::table::Table, trust,
};

pub static TABLES: [&Table; 22] = [
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
    &attendance::PASS_KEYS,
    &feedback::THREADS,
    &feedback::CASES,
    &trust::ROOTS,
    &trust::CERTIFICATES,
    &trust::REVOCATION_LISTS,
    &trust::ADDRESSES,
    &drafts::DRAFTS,
    &audit::AUDIT_HEADS,
    &devices::DEVICES,
];

#[must_use]
pub fn of_kind(kind: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.kind == kind && release::knows(kind)).copied()
}
