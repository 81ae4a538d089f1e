//! Planned meetings that the operator enters for the cells.

use std::collections::BTreeSet;

use sotay_protocol::{
    id::Id,
    meetings::{MEETING, Meeting, MeetingState},
    row::{Row, RowRef, body},
    scope::Scope,
};

use super::import::MeetingRecord;
use crate::{
    error::ImportError,
    imported::Report,
    organisations::Organisations,
    plan::{Plan, Planned, Write},
    server::Server,
    spreadsheet::{RowError, name_key},
    store::{Errand, Reader, Result as Stored},
    vietnam,
};

impl Server {
    /// Adds planned meetings, all or nothing. A meeting that stands is the cell's own and stays as it is.
    ///
    /// # Errors
    /// Lines whose cell nobody knows, or the store's.
    pub fn import_meetings(&self, records: &[MeetingRecord]) -> Result<Report, ImportError> {
        self.fulfil(self.env.now(), |reader| plan(reader, self.id(), records))?.map_err(ImportError::Rows)
    }

    /// What [`Server::import_meetings`] would do.
    ///
    /// # Errors
    /// As there.
    pub fn preview_meetings(&self, records: &[MeetingRecord]) -> Result<Report, ImportError> {
        self.foresee(|reader| plan(reader, self.id(), records))
    }
}

fn plan(reader: &(impl Reader + ?Sized), server: Id, records: &[MeetingRecord]) -> Stored<Planned> {
    let organisations = Organisations::read(reader)?;
    let (mut plan, mut errors) = (Plan::default(), Vec::new());
    let mut standing: BTreeSet<Id> = BTreeSet::new();
    for record in records {
        let cell = match organisations.cell(&record.cell).map(|cell| cell.id) {
            Ok(cell) => cell,
            Err(reason) => {
                errors.push(RowError::new(&record.row, reason));
                continue;
            }
        };
        let meeting = planned_id(cell, record);
        let at = RowRef::new(Scope::cell(cell), MEETING, meeting);
        if !standing.insert(meeting) || reader.entry(&at)?.is_some() || reader.archived(&at)?.is_some() {
            plan.report.unchanged();
            continue;
        }
        let row = Row { version: 1, author: server, body: body(&planned_meeting(record)) };
        plan.writes.push(Write::row(at, &row, None)?);
        plan.writes.push(Write::Errand(Errand::Report { cell, meeting }));
        let (title, when) = (&record.title, vietnam::clock(record.starts_at).format("%H:%M ngày %d/%m/%Y"));
        plan.report.added(format!("{title}, {}, {when}, {}", record.cell, record.place));
    }
    Ok(if errors.is_empty() { Ok(plan) } else { Err(errors) })
}

/// A cell does not begin two meetings of one name at the same time.
fn planned_id(cell: Id, record: &MeetingRecord) -> Id {
    let purpose = format!("planned meeting {} {}", record.starts_at.millis(), name_key(&record.title));
    Id::derived(&purpose, &[cell])
}

fn planned_meeting(record: &MeetingRecord) -> Meeting {
    Meeting {
        title: record.title.clone(),
        form: record.form,
        starts_at: record.starts_at,
        place: record.place.clone(),
        link: None,
        agenda: record.agenda.clone(),
        state: MeetingState::Planned,
        opened_at: None,
        closed_at: None,
    }
}
