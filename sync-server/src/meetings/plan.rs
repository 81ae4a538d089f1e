//! Planned meetings that the operator enters for the cells.

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::{
    id::Id,
    meetings::{MEETING, Meeting, MeetingState},
    row::{Row, RowRef, body},
    scope::Scope,
};

use super::import::MeetingRecord;
use crate::{
    error::{Change, ImportError, Imported},
    exchange::push_errand,
    rows::put_if_changed,
    server::Server,
    spreadsheet::{RowError, name_key},
    store::Errand,
};

impl Server {
    /// Adds planned meetings, all or nothing. A meeting that stands is the cell's own and stays as it is.
    ///
    /// # Errors
    /// Rows whose cell nobody knows, or the store's.
    pub fn add_meetings(&self, records: &[MeetingRecord]) -> Result<Imported, ImportError> {
        let organisations = self.store.read_with(|reader| reader.organisations())?;
        let cells: BTreeMap<String, Id> =
            organisations.iter().map(|stored| (name_key(&stored.organisation.name), stored.id)).collect();
        let (mut planned, mut errors) = (Vec::with_capacity(records.len()), Vec::new());
        for record in records {
            match cells.get(&name_key(&record.cell)) {
                Some(cell) => planned.push((*cell, record)),
                None => errors.push(RowError::new(&record.row, format!("chưa có chi bộ “{}”", record.cell))),
            }
        }
        if !errors.is_empty() {
            return Err(ImportError::Rows(errors));
        }
        let scopes: BTreeSet<Scope> = planned.iter().map(|(cell, _)| Scope::cell(*cell)).collect();
        let locked: Vec<Scope> = scopes.iter().copied().collect();
        let now = self.env.now();
        let imported = self.store.write_with(&locked, |tx| {
            let mut imported = Imported::default();
            for (cell, record) in &planned {
                let meeting = planned_id(*cell, record);
                let at = RowRef::new(Scope::cell(*cell), MEETING, meeting);
                if tx.entry(&at)?.is_some() {
                    imported.count(Change::Nothing);
                    continue;
                }
                let row = Row { version: 1, author: self.id(), body: body(&planned_meeting(record)) };
                put_if_changed(tx, &at, &row, now)?;
                push_errand(self, tx, Errand::Report { cell: *cell, meeting }, now)?;
                imported.count(Change::Added);
            }
            Ok(imported)
        })?;
        self.tell(&scopes, None);
        Ok(imported)
    }
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
