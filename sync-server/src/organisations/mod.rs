//! Organisations on the server: the tree, and each organisation's own row.
mod export;
pub mod import;
mod register;

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::{id::Id, organisations::Level};

use crate::{
    error::ServerError,
    server::Server,
    spreadsheet::name_key,
    store::{Reader, Result as Stored, StoredOrganisation},
};

impl Server {
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

/// The whole tree, read once for a list of thousands of lines.
#[derive(Debug, Default)]
pub(crate) struct Organisations {
    by_name: BTreeMap<String, StoredOrganisation>,
    names: BTreeMap<Id, String>,
    parents: BTreeMap<Id, Id>,
}

impl Organisations {
    pub(crate) fn read(reader: &(impl Reader + ?Sized)) -> Stored<Self> {
        let mut all = Self::default();
        reader.organisations()?.into_iter().for_each(|stored| all.put(stored));
        Ok(all)
    }

    pub(crate) fn put(&mut self, stored: StoredOrganisation) {
        self.names.insert(stored.id, stored.organisation.name.clone());
        match stored.organisation.parent {
            Some(parent) => self.parents.insert(stored.id, parent),
            None => self.parents.remove(&stored.id),
        };
        self.by_name.insert(name_key(&stored.organisation.name), stored);
    }

    /// However the name is written.
    pub(crate) fn named(&self, name: &str) -> Option<&StoredOrganisation> {
        self.by_name.get(&name_key(name))
    }

    /// The cell that a list names.
    pub(crate) fn cell(&self, name: &str) -> Result<&StoredOrganisation, String> {
        match self.named(name) {
            Some(cell) if cell.organisation.level == Level::Cell => Ok(cell),
            Some(_) => Err(format!("“{name}” không phải là chi bộ")),
            None => Err(format!("chưa có chi bộ “{name}”")),
        }
    }

    pub(crate) fn name(&self, id: Id) -> Option<&str> {
        self.names.get(&id).map(String::as_str)
    }

    pub(crate) fn names(&self) -> &BTreeMap<Id, String> {
        &self.names
    }

    pub(crate) fn parent(&self, id: Id) -> Option<Id> {
        self.parents.get(&id).copied()
    }

    /// Each before those below it, by name where they stand beside each other: the order of an export.
    pub(crate) fn in_order(&self) -> Vec<&StoredOrganisation> {
        let mut below: BTreeMap<Option<Id>, Vec<&StoredOrganisation>> = BTreeMap::new();
        for stored in self.by_name.values() {
            // Who hangs on nobody known stands at the top, so that nobody is left out.
            let parent = stored.organisation.parent.filter(|parent| self.names.contains_key(parent));
            below.entry(parent).or_default().push(stored);
        }
        let mut next: Vec<&StoredOrganisation> = below.remove(&None).unwrap_or_default();
        next.reverse();
        let (mut ordered, mut seen) = (Vec::with_capacity(self.by_name.len()), BTreeSet::new());
        while let Some(stored) = next.pop() {
            if seen.insert(stored.id) {
                next.extend(below.remove(&Some(stored.id)).unwrap_or_default().into_iter().rev());
                ordered.push(stored);
            }
        }
        ordered
    }
}
