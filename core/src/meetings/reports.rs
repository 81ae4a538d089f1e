//! What a committee sees of its cells' meetings: counts, never names.

use std::cmp::Reverse;

use chrono::Datelike;
use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::{
    env::Timestamp,
    id::Id,
    meetings::{MeetingReport, MeetingState},
};

use super::{MEETINGS, REPORTS};
use crate::{
    attendance, members, shown,
    store::StoreError,
    words::{Words, title_order},
};

/// A meeting in counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportView {
    pub meeting: Id,
    #[serde(flatten)]
    pub counts: MeetingReport,
    /// Members of whom nothing is said.
    pub unknown: u32,
    /// Whether this was counted on this phone, from a cell of this member's own.
    pub own: bool,
}

/// What the desks that this person serves were told of their cells' meetings; and for an officer of a cell its
/// own, as far as they should have been by today. The last month first; within it cell by cell in the order of
/// their names, so that an officer sees which one did not meet, and each cell's meetings by date.
///
/// # Errors
/// The store's own fault.
pub fn reports(store: &Connection, words: &Words) -> Result<Vec<ReportView>, StoreError> {
    let tail = "ORDER BY starts_at, id";
    let rows = shown::all::<MeetingReport>(store, &REPORTS, tail, [])?;
    let mut views: Vec<ReportView> = rows
        .into_iter()
        .map(|row| ReportView { meeting: row.id, unknown: unknown(&row.of), counts: row.of, own: false })
        .collect();
    let offices = members::my_offices(store)?;
    for cell in members::my_cells(store)? {
        if offices.iter().any(|of| of.organisation == cell.id) {
            views.extend(own(store, &cell, words)?);
        }
    }
    views.sort_by_cached_key(|view| place(view, words));
    Ok(views)
}

type Place = (Reverse<(i32, u32)>, (Vec<u8>, String), Id, Timestamp);

fn place(view: &ReportView, words: &Words) -> Place {
    let day = words.date_of(view.counts.starts_at);
    let name = title_order(&view.counts.cell_name);
    (Reverse((day.year(), day.month())), name, view.counts.cell, view.counts.starts_at)
}

fn own(store: &Connection, cell: &members::CellView, words: &Words) -> Result<Vec<ReportView>, StoreError> {
    let scope = sotay_protocol::scope::Scope::cell(cell.id).to_string();
    let tail = "WHERE scope = ?1 AND starts_at <= ?2 ORDER BY starts_at, id";
    let rows = shown::all::<sotay_protocol::meetings::Meeting>(
        store,
        &MEETINGS,
        tail,
        (scope, latest(words).millis()),
    )?;
    let mut views = Vec::new();
    for row in rows.into_iter().filter(|row| row.of.state != MeetingState::Cancelled) {
        let counts = attendance::count(store, cell.id, row.id)?;
        let counts = MeetingReport {
            cell: cell.id,
            cell_name: cell.name.clone(),
            title: row.of.title,
            form: row.of.form,
            starts_at: row.of.starts_at,
            state: row.of.state,
            strength: counts.strength,
            present: counts.present,
            excused: counts.excused,
            absent: counts.absent,
            claimed: counts.claimed,
        };
        views.push(ReportView { meeting: row.id, unknown: unknown(&counts), counts, own: true });
    }
    Ok(views)
}

/// The end of today: a meeting of this evening is already in the report.
fn latest(words: &Words) -> Timestamp {
    words.moment_of(words.today(), chrono::NaiveTime::MIN) + sotay_protocol::env::days(1)
}

pub(super) fn unknown(of: &MeetingReport) -> u32 {
    of.strength.saturating_sub(of.present + of.excused + of.absent + of.claimed)
}
