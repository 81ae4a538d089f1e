//! Organisations on the server: the tree, and each organisation's own row.
pub mod import;

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::{
    id::Id,
    organisations::{ORGANISATION, Organisation},
    row::{Row, RowRef, body},
    scope::Scope,
};

use self::import::OrganisationRecord;
use crate::{
    error::{Change, ImportError, Imported, ServerError},
    rows::put_if_changed,
    server::Server,
    spreadsheet::{RowError, name_key},
    store::{Reader, Result as Stored, StoredOrganisation},
};

/// What a file makes of the organisations, before anything is written.
type Plan = Result<Vec<(StoredOrganisation, Change)>, Vec<RowError>>;

impl Server {
    /// Adds and changes organisations, all or nothing; an organisation is known by its name.
    ///
    /// # Errors
    /// Rows whose parent nobody knows, or the store's.
    pub fn import_organisations(&self, records: &[OrganisationRecord]) -> Result<Imported, ImportError> {
        let now = self.env.now();
        let new_ids: Vec<Id> = records.iter().map(|_| Id::random(&*self.env)).collect();
        let planned = self.store.read_with(|reader| plan(reader, records, &new_ids))?;
        let planned = planned.map_err(ImportError::Rows)?;
        let scopes: Vec<Scope> = planned.iter().map(|(stored, _)| Scope::org(stored.id)).collect();
        let imported = self.store.write_with(&scopes, |tx| {
            let plan = match plan(tx, records, &new_ids)? {
                Ok(plan) => plan,
                Err(rows) => return Ok(Err(rows)),
            };
            let mut imported = Imported::default();
            for (stored, change) in plan {
                tx.put_organisation(&stored)?;
                let at = RowRef::new(Scope::org(stored.id), ORGANISATION, stored.id);
                let row = Row { version: 1, author: self.id(), body: body(&stored.organisation) };
                put_if_changed(tx, &at, &row, now)?;
                imported.count(change);
            }
            Ok(Ok(imported))
        })?;
        self.tell(&scopes.into_iter().collect::<BTreeSet<_>>(), None);
        imported.map_err(ImportError::Rows)
    }

    /// The one organisation of this name, however it is written.
    ///
    /// # Errors
    /// A sentence where there is none, or the store's.
    pub fn organisation_named(&self, name: &str) -> Result<StoredOrganisation, ServerError> {
        let all = self.store.read_with(|reader| reader.organisations())?;
        let wanted = name_key(name);
        all.into_iter()
            .find(|stored| name_key(&stored.organisation.name) == wanted)
            .ok_or_else(|| ServerError::refused(format!("không có tổ chức nào tên “{name}”")))
    }

    /// All organisations.
    ///
    /// # Errors
    /// The store's.
    pub fn organisations(&self) -> Result<Vec<StoredOrganisation>, ServerError> {
        Ok(self.store.read_with(|reader| reader.organisations())?)
    }
}

fn plan(reader: &(impl Reader + ?Sized), records: &[OrganisationRecord], new_ids: &[Id]) -> Stored<Plan> {
    let mut known: BTreeMap<String, StoredOrganisation> = reader
        .organisations()?
        .into_iter()
        .map(|stored| (name_key(&stored.organisation.name), stored))
        .collect();
    let (mut planned, mut errors) = (Vec::with_capacity(records.len()), Vec::new());
    for (record, new_id) in records.iter().zip(new_ids) {
        let parent = match &record.parent {
            None => None,
            Some(parent) => match known.get(&name_key(&parent.name)) {
                Some(above) if above.organisation.level < record.level => Some(above.id),
                Some(_) => {
                    let reason =
                        format!("không thể trực thuộc “{}”, là tổ chức cùng cấp hoặc cấp dưới", parent.name);
                    errors.push(RowError::new(&record.place, reason));
                    continue;
                }
                None => {
                    errors.push(RowError::new(&record.place, format!("chưa có tổ chức “{}”", parent.name)));
                    continue;
                }
            },
        };
        let organisation = Organisation { name: record.name.clone(), level: record.level, parent };
        let key = name_key(&record.name);
        let (id, change) = match known.get(&key) {
            Some(stored) if stored.organisation == organisation => (stored.id, Change::Nothing),
            Some(stored) => (stored.id, Change::Changed),
            None => (*new_id, Change::Added),
        };
        let stored = StoredOrganisation { id, organisation };
        known.insert(key, stored.clone());
        planned.push((stored, change));
    }
    Ok(if errors.is_empty() { Ok(planned) } else { Err(errors) })
}
