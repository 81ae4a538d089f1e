//! Organisations of the Party, from the centre down to the cell, and the tree they form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::Id;

/// Kind of the row in the organisation's own `org` scope; its id is the organisation's.
pub const ORGANISATION: &str = "organisation";

/// Levels as they stand since the district level went in 2025.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Trung ương.
    Central,
    /// Tỉnh ủy, thành ủy, đảng ủy trực thuộc Trung ương.
    Province,
    /// Đảng ủy xã, phường, đặc khu và các đảng ủy cơ sở khác.
    Commune,
    /// Đảng bộ bộ phận.
    Section,
    /// Chi bộ.
    Cell,
}

/// Body of an `organisation` row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    pub name: String,
    pub level: Level,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Id>,
}

/// Who stands above whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    parents: BTreeMap<Id, Option<Id>>,
}

impl Tree {
    #[must_use]
    pub fn new(parents: impl IntoIterator<Item = (Id, Option<Id>)>) -> Self {
        Self { parents: parents.into_iter().collect() }
    }

    #[must_use]
    pub fn contains(&self, organisation: Id) -> bool {
        self.parents.contains_key(&organisation)
    }

    #[must_use]
    pub fn parent(&self, organisation: Id) -> Option<Id> {
        self.parents.get(&organisation).copied().flatten()
    }

    /// `organisation` and all above it, from the bottom up. A cycle in bad data ends where it began.
    pub fn upward(&self, organisation: Id) -> impl Iterator<Item = Id> + '_ {
        let start = self.contains(organisation).then_some(organisation);
        std::iter::successors(start, |at| self.parent(*at)).take(self.parents.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_sees_its_commune_and_its_province_above_it() {
        let [province, commune, cell] = ["tỉnh", "xã", "chi bộ"].map(|name| Id::derived(name, &[]));
        let tree = Tree::new([(province, None), (commune, Some(province)), (cell, Some(commune))]);
        assert_eq!(tree.upward(cell).collect::<Vec<_>>(), [cell, commune, province]);
        assert_eq!(tree.upward(Id::derived("khác", &[])).count(), 0);
    }
}
