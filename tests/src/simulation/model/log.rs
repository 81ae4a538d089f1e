//! What the server wrote, read from its logs as it went along: every version of every row that was seen.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::Value;
use sotay_protocol::{id::Id, row::RowRef, scope::Scope};
use sotay_server::store::{Head, Store};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Version {
    pub(crate) seq: u64,
    pub(crate) author: Id,
    /// None for a tombstone.
    pub(crate) body: Option<Value>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    heads: BTreeMap<Scope, (u64, u64)>,
    pub(crate) rows: BTreeMap<RowRef, Vec<Version>>,
}

impl Log {
    /// Reads what is new since the last look, and says what should not be.
    pub(crate) fn look(&mut self, store: &Arc<dyn Store>, scopes: &BTreeSet<Scope>) -> Vec<String> {
        let known = &mut self.heads;
        let rows = &mut self.rows;
        let found = store.read_with(|reader| {
            let mut wrong = Vec::new();
            for scope in scopes {
                let Head { epoch, head, .. } = reader.head(*scope)?;
                let (last_epoch, last) = known.insert(*scope, (epoch, head)).unwrap_or((epoch, 0));
                if epoch < last_epoch || head < last {
                    wrong.push(format!("durable: the log of {scope} went back from {last} to {head}"));
                }
                if head <= last {
                    continue;
                }
                for entry in reader.entries(*scope, last, usize::MAX)? {
                    let body =
                        entry.body.as_deref().map(|body| serde_json::from_str(body).unwrap_or_default());
                    let versions = rows.entry(RowRef::new(*scope, &entry.kind, entry.id)).or_default();
                    versions.push(Version { seq: entry.seq, author: entry.author, body });
                }
            }
            Ok(wrong)
        });
        found.unwrap_or_else(|error| vec![format!("the server's log cannot be read: {error}")])
    }

    /// After a restart: everything that was ever seen still stands.
    pub(crate) fn check_all(&self, store: &Arc<dyn Store>) -> Vec<String> {
        let found = store.read_with(|reader| {
            let mut wrong = Vec::new();
            for (row, versions) in &self.rows {
                // A tombstone may go when everybody has had time to see it.
                if versions.last().is_some_and(|version| version.body.is_none()) {
                    continue;
                }
                let stored = reader.entry(row)?.map(|entry| entry.seq);
                if stored.is_none() || stored < versions.last().map(|version| version.seq) {
                    wrong.push(format!("durable: {row:?} was lost by the server"));
                }
            }
            Ok(wrong)
        });
        found.unwrap_or_else(|error| vec![format!("the server's log cannot be read: {error}")])
    }

    pub(crate) fn stands(&self, row: &RowRef) -> Option<&Version> {
        self.rows.get(row)?.last().filter(|version| version.body.is_some())
    }

    /// As the row stands, or stood when it left its scope's window.
    pub(crate) fn last_body(&self, row: &RowRef) -> Option<&Value> {
        self.rows.get(row)?.iter().rev().find_map(|version| version.body.as_ref())
    }

    /// The sequence of a row's newest tombstone, or 0.
    pub(crate) fn last_buried(&self, row: &RowRef) -> u64 {
        let versions = self.rows.get(row).into_iter().flatten();
        versions.filter(|version| version.body.is_none()).map(|version| version.seq).max().unwrap_or(0)
    }

    /// The version before the one at `seq`, if both were seen.
    pub(crate) fn before(&self, row: &RowRef, seq: u64) -> Option<&Version> {
        let versions = self.rows.get(row)?;
        let at = versions.iter().position(|version| version.seq == seq)?;
        versions.get(at.checked_sub(1)?)
    }

    pub(crate) fn version(&self, row: &RowRef, seq: u64) -> Option<&Version> {
        self.rows.get(row)?.iter().find(|version| version.seq == seq)
    }
}
