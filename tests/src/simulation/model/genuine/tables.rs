//! What a phone says of directives, and by which lists it goes, read from its tables.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use serde_json::Value;
use sotay_core::store::{StoreError, table};
use sotay_protocol::{directives::DIRECTIVE, row::RowRef};

/// A directive as it stands in a phone's tables.
pub(super) struct Shown {
    pub(super) row: RowRef,
    pub(super) body: String,
    pub(super) statement: Option<String>,
    pub(super) ruling: Option<String>,
    pub(super) apart: bool,
    /// It waits to be judged anew: what was found before stands until then.
    pub(super) waits: bool,
}

impl Shown {
    pub(super) fn imprint(&self, lists: &Lists) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.body, &self.statement, &self.ruling, self.apart, self.waits).hash(&mut hasher);
        (lists.are_behind, &lists.rows, &lists.kept).hash(&mut hasher);
        hasher.finish()
    }
}

pub(super) fn shown(store: &rusqlite::Connection) -> Result<Vec<Shown>, StoreError> {
    let mut statement = store.prepare_cached(
        "SELECT d.scope, d.id, d.body, v.statement, v.ruling,
           EXISTS (SELECT 1 FROM quarantine WHERE directive = d.key), EXISTS (SELECT 1 FROM to_judge WHERE directive = d.key)
         FROM directive AS d LEFT JOIN verdict AS v ON v.directive = d.key",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Shown {
            row: RowRef::new(table::parsed(row, 0)?, DIRECTIVE, table::id(row, 1)?),
            body: row.get(2)?,
            statement: row.get(3)?,
            ruling: row.get(4)?,
            apart: row.get(5)?,
            waits: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The lists on a phone, as the texts that were signed.
#[derive(Debug)]
pub(super) struct Lists {
    pub(super) rows: Vec<String>,
    /// What it goes by.
    pub(super) kept: Vec<String>,
    /// The keys of organisations whose certificates are here.
    pub(super) organisations: BTreeSet<String>,
    /// Something has come that was not looked at yet.
    pub(super) are_behind: bool,
    pub(super) set_back: u64,
    /// It was told of a root.
    pub(super) has_root: bool,
}

impl Lists {
    pub(super) fn of(store: &rusqlite::Connection) -> Result<Self, StoreError> {
        let texts = |sql: &str| -> Result<Vec<String>, StoreError> {
            let mut statement = store.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        let field = |of: &str, name| {
            let of: Value = serde_json::from_str(of).ok()?;
            of.get(name)?.as_str().map(str::to_owned)
        };
        let body = |body: String| field(&body, "text");
        let key = |text: String| {
            let organisation = field(&text, "holder").is_some_and(|holder| holder == "organisation");
            field(&text, "key").filter(|_| organisation)
        };
        let rows = texts("SELECT body FROM revocations")?.into_iter().filter_map(body).collect();
        let certificates = texts("SELECT body FROM certificate")?.into_iter().filter_map(body);
        let organisations = certificates.filter_map(key).collect();
        let kept = texts("SELECT text FROM taken_in WHERE kind = 'revocations'")?;
        let sql = "SELECT keys <> taken, set_back, EXISTS (SELECT 1 FROM pinned_root) FROM trust";
        let (are_behind, set_back, has_root) =
            store.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(Self { rows, kept, organisations, are_behind, set_back, has_root })
    }
}
