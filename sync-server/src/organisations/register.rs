//! Importing the list of organisations: each is known by its name, parents come before their children.

use std::collections::BTreeSet;

use sotay_protocol::{
    env::Timestamp,
    id::Id,
    organisations::{ORGANISATION, Organisation},
    row::{Row, RowRef, body},
    scope::Scope,
};

use super::{Organisations, export, import::OrganisationRecord};
use crate::{
    error::ImportError,
    imported::Report,
    members::after_renaming,
    plan::{Plan, Planned, Write},
    server::Server,
    spreadsheet::RowError,
    store::{Reader, Result as Stored, StoredOrganisation},
};

impl Server {
    /// Adds and changes organisations, all or nothing.
    ///
    /// # Errors
    /// Lines whose parent nobody knows, or the store's.
    pub fn import_organisations(&self, records: &[OrganisationRecord]) -> Result<Report, ImportError> {
        let (now, new_ids) = (self.env.now(), self.new_ids(records.len()));
        self.fulfil(now, |reader| plan(reader, self.id(), now, records, &new_ids))?.map_err(ImportError::Rows)
    }

    /// What [`Server::import_organisations`] would do.
    ///
    /// # Errors
    /// As there.
    pub fn preview_organisations(&self, records: &[OrganisationRecord]) -> Result<Report, ImportError> {
        let (now, new_ids) = (self.env.now(), self.new_ids(records.len()));
        self.foresee(|reader| plan(reader, self.id(), now, records, &new_ids))
    }
}

fn plan(
    reader: &dyn Reader,
    server: Id,
    now: Timestamp,
    records: &[OrganisationRecord],
    new_ids: &[Id],
) -> Stored<Planned> {
    let mut known = Organisations::read(reader)?;
    let (mut plan, mut errors) = (Plan::default(), Vec::new());
    let mut renamed = BTreeSet::new();
    for (record, new_id) in records.iter().zip(new_ids) {
        let parent = match parent(&known, record) {
            Ok(parent) => parent,
            Err(reason) => {
                errors.push(RowError::new(&record.place, reason));
                continue;
            }
        };
        let organisation = Organisation { name: record.name.clone(), level: record.level, parent };
        let before = known.named(&record.name).cloned();
        let id = before.as_ref().map_or(*new_id, |before| before.id);
        let after = StoredOrganisation { id, organisation };
        add(&mut plan, reader, server, &known, before.as_ref(), &after)?;
        if before.is_some_and(|before| before.organisation.name != after.organisation.name) {
            renamed.insert(id);
        }
        known.put(after);
    }
    plan.writes.extend(after_renaming(reader, &renamed, known.names(), server, now)?);
    Ok(if errors.is_empty() { Ok(plan) } else { Err(errors) })
}

fn parent(known: &Organisations, record: &OrganisationRecord) -> Result<Option<Id>, String> {
    let Some(parent) = &record.parent else { return Ok(None) };
    match known.named(&parent.name) {
        Some(above) if above.organisation.level < record.level => Ok(Some(above.id)),
        Some(_) => Err(format!("không thể trực thuộc “{}”, là tổ chức cùng cấp hoặc cấp dưới", parent.name)),
        None => Err(format!("chưa có tổ chức “{}”", parent.name)),
    }
}

fn add(
    plan: &mut Plan,
    reader: &dyn Reader,
    server: Id,
    known: &Organisations,
    before: Option<&StoredOrganisation>,
    after: &StoredOrganisation,
) -> Stored<()> {
    let at = RowRef::new(Scope::org(after.id), ORGANISATION, after.id);
    let row = Row { version: 1, author: server, body: body(&after.organisation) };
    let row = Write::row_if_changed(reader, at, &row)?;
    let name = &after.organisation.name;
    let above = after.organisation.parent.and_then(|parent| known.name(parent));
    match before {
        None => plan
            .report
            .added(above.map_or_else(|| name.clone(), |above| format!("{name}, trực thuộc {above}"))),
        Some(before) if before == after && row.is_none() => plan.report.unchanged(),
        Some(before) => {
            plan.report.changed(before.organisation.name.clone(), export::changes(known, before, after));
        }
    }
    if before != Some(after) {
        plan.writes.push(Write::Organisation(after.clone()));
    }
    plan.writes.extend(row);
    Ok(())
}
