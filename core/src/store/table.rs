//! The common half of every table of synced rows: the same first columns, then what is drawn out of the body.

use rusqlite::{Connection, OptionalExtension, ToSql, params_from_iter, types::Value};
use sotay_protocol::{id::Id, refusal::Refusal, row::Row, scope::Scope};

use super::{StoreError, named};
use crate::release;

/// How rows of one kind stand on the phone. `draw` gives the values of `columns` from a body's JSON.
#[derive(Debug)]
pub struct Table {
    pub kind: &'static str,
    pub name: &'static str,
    /// The newest form of the body that `draw` can read.
    pub version: u32,
    /// Counts up with each release in which `columns` or `draw` is another: what is kept is then drawn anew.
    pub drawing: u32,
    pub columns: &'static [&'static str],
    pub draw: fn(body: &str) -> Result<Vec<Value>, Refusal>,
}

/// A row with where and when the server put it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub epoch: u64,
    pub seq: u64,
    pub generation: u64,
    pub version: u32,
    pub author: Id,
    pub body: String,
}

impl Kept {
    /// # Errors
    /// [`StoreError::Row`] where the body is not an object.
    pub fn row(&self) -> Result<Row, StoreError> {
        let body =
            serde_json::from_str(&self.body).map_err(|_| StoreError::Row("a body is not an object"))?;
        Ok(Row { version: self.version, author: self.author, body })
    }

    pub(crate) fn from_sql(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            epoch: row.get(0)?,
            seq: row.get(1)?,
            generation: row.get(2)?,
            version: row.get(3)?,
            author: id(row, 4)?,
            body: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
        })
    }
}

/// An id column.
///
/// # Errors
/// Where the column holds no id.
pub fn id(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Id> {
    parsed(row, column)
}

/// A column whose text reads as `T`.
///
/// # Errors
/// Where it does not.
pub fn parsed<T: std::str::FromStr>(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text = row.get_ref(column)?.as_str()?;
    text.parse().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}

impl Table {
    /// Whether this app can read rows of this form.
    #[must_use]
    pub fn reads(&self, version: u32) -> bool {
        release::reads(version, self.version)
    }

    /// The row that is shown, and how many pending commands are folded over it.
    ///
    /// # Errors
    /// The store's own fault.
    pub fn get(&self, store: &Connection, scope: Scope, id: Id) -> Result<Option<(Kept, u32)>, StoreError> {
        let sql = format!(
            "SELECT epoch, seq, generation, version, author, body, pending FROM {} WHERE scope = ?1 AND id = ?2",
            self.name
        );
        let mut statement = store.prepare_cached(&sql)?;
        let found = statement
            .query_row((scope.to_string(), id.to_string()), |row| Ok((Kept::from_sql(row)?, row.get(6)?)))
            .optional()?;
        Ok(found)
    }

    /// Puts the row there, unless it is there already just so: an observer hears of real changes only.
    ///
    /// # Errors
    /// The store's own fault. A body that `draw` cannot read is `Ok(false)`, and nothing is written.
    pub(crate) fn put(
        &self,
        store: &Connection,
        scope: Scope,
        id: Id,
        kept: &Kept,
        pending: u32,
    ) -> Result<bool, StoreError> {
        let Ok(drawn) = (self.draw)(&kept.body) else { return Ok(false) };
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let common: [&dyn ToSql; 9] = [
            &scope.to_string(),
            &id.to_string(),
            &number(kept.epoch),
            &number(kept.seq),
            &number(kept.generation),
            &kept.version,
            &kept.author.to_string(),
            &pending,
            &kept.body,
        ];
        let values = common.into_iter().chain(drawn.iter().map(|value| value as &dyn ToSql));
        let changed = store.prepare_cached(&self.put_sql())?.execute(params_from_iter(values))?;
        if changed > 0 {
            named::draw(store, self.kind, scope, id, &kept.body)?;
        }
        Ok(true)
    }

    /// One statement that also sees whether anything changes: asking first costs a second way down the tree for
    /// every row of a first sync.
    fn put_sql(&self) -> String {
        const COMMON: [&str; 9] =
            ["scope", "id", "epoch", "seq", "generation", "version", "author", "pending", "body"];
        let columns: Vec<&str> = COMMON.iter().chain(self.columns).copied().collect();
        let marks: Vec<String> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
        let each = |columns: &[&str], between: &str, operator: &str| {
            let parts = columns.iter().map(|name| format!("{name} {operator} excluded.{name}"));
            parts.collect::<Vec<_>>().join(between)
        };
        let (_, set) = columns.split_at(2);
        let (_, kept) = COMMON.split_at(2);
        format!(
            "INSERT INTO {table} ({columns}) VALUES ({marks})
             ON CONFLICT (scope, id) DO UPDATE SET {sets} WHERE {differs}",
            table = self.name,
            columns = columns.join(", "),
            marks = marks.join(", "),
            sets = each(set, ", ", "="),
            differs = each(kept, " OR ", "<>"),
        )
    }

    /// # Errors
    /// The store's own fault.
    pub(crate) fn delete(&self, store: &Connection, scope: Scope, id: Id) -> Result<(), StoreError> {
        let sql = format!("DELETE FROM {} WHERE scope = ?1 AND id = ?2", self.name);
        store.prepare_cached(&sql)?.execute((scope.to_string(), id.to_string()))?;
        Ok(())
    }

    /// Gives the row a new generation and changes nothing else.
    ///
    /// # Errors
    /// The store's own fault.
    pub(crate) fn touch(
        &self,
        store: &Connection,
        scope: Scope,
        id: Id,
        generation: u64,
    ) -> Result<(), StoreError> {
        let sql = format!("UPDATE {} SET generation = ?3 WHERE scope = ?1 AND id = ?2", self.name);
        store.prepare_cached(&sql)?.execute((scope.to_string(), id.to_string(), generation))?;
        Ok(())
    }

    /// Deletes a scope's rows on which nothing is folded and whose generation is below `generation`.
    ///
    /// # Errors
    /// The store's own fault.
    pub(crate) fn sweep(&self, store: &Connection, scope: Scope, generation: u64) -> Result<(), StoreError> {
        let sql = format!("DELETE FROM {} WHERE scope = ?1 AND pending = 0 AND generation < ?2", self.name);
        store.prepare_cached(&sql)?.execute((scope.to_string(), generation))?;
        Ok(())
    }

    /// Deletes all of a scope's rows.
    ///
    /// # Errors
    /// The store's own fault.
    pub(crate) fn clear(&self, store: &Connection, scope: Scope) -> Result<(), StoreError> {
        let sql = format!("DELETE FROM {} WHERE scope = ?1", self.name);
        store.prepare_cached(&sql)?.execute([scope.to_string()])?;
        Ok(())
    }
}

/// A body as its kind's type, for `draw`.
///
/// # Errors
/// [`Refusal::Malformed`] where it is not one.
pub fn drawn<T: serde::de::DeserializeOwned>(body: &str) -> Result<T, Refusal> {
    serde_json::from_str(body).map_err(|_| Refusal::Malformed)
}

/// The wire name of a value that serialises to a word, as a column; `NULL` for none.
#[must_use]
pub fn text(value: &impl serde::Serialize) -> Value {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Value::Text(word),
        _ => Value::Null,
    }
}
