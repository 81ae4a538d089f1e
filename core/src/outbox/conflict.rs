//! Two versions of one thing: both shown field by field, and the person's choice made into a command.
//!
//! What "the other one" is, is asked of the row as it stands when the person looks, not of the outcome that told of
//! the conflict: it may have changed again since. A choice is bound to what was seen; where that changed in between,
//! the person is asked to look again rather than overrule somebody unseen.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::Serialize;
use serde_json::Value;
use sotay_protocol::{
    edit::{Change, Edit},
    env::Env,
    exchange::Outcome,
    row::{Body, RowRef, body},
    signature::sha256_hex,
};

use super::deeds;
use crate::{
    store::StoreError,
    sync::commands::{self, CommandState, Entry, SubmitError},
    tables,
    words::Words,
};

/// What a screen needs to offer the choice.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conflict {
    pub entry: u64,
    pub row: RowRef,
    /// What was done, in words.
    pub deed: String,
    pub fields: Vec<Field>,
    pub theirs: Theirs,
    /// To be handed back with the choice.
    pub seen: String,
}

/// Where the other version comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Theirs {
    /// The row as it stands on this phone now.
    Standing,
    /// As the server said when it told of the conflict.
    Told,
    /// The row is no more: the person's own version can only be let go.
    Gone,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// As in the row's body.
    pub field: String,
    /// The same in words.
    pub name: String,
    pub kind: FieldKind,
    /// The value that the person saw when they changed it; unknown where it was long and is not kept.
    pub was: Option<Value>,
    pub mine: Value,
    pub theirs: Value,
    /// Both have changed it, and not to the same.
    pub differs: bool,
    /// Both together, where that can be worked out: the points of both agendas.
    pub together: Option<Value>,
}

/// How a field is shown and typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A line that may be written anew out of both.
    Text,
    /// Lines.
    List,
    Moment,
    /// One of a few.
    Choice,
}

/// What the person chose for one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    Mine,
    Theirs,
    /// Written anew.
    Value(Value),
}

/// What the person chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// Theirs in all: the person's own version is let go.
    Theirs,
    /// The person's own in all that they changed.
    Mine,
    /// Field by field. One that differs and is not named is not decided; of the others the person's stands.
    Fields(BTreeMap<String, Choice>),
}

/// The conflict of an entry, as it is now.
///
/// # Errors
/// [`SubmitError::NoSuchEntry`] for what is not conflicted, or the store's own fault.
pub fn conflict(store: &Connection, number: u64, words: &Words) -> Result<Conflict, SubmitError> {
    let of = conflicted(store, number)?;
    let (current, theirs) = current(store, &of)?;
    let mine: Edit = of.command.view().unwrap_or_default();
    let fields = mine.fields.iter().map(|(name, change)| field(name, change, &current, words)).collect();
    Ok(Conflict {
        entry: number,
        row: of.command.row.clone(),
        deed: deeds::in_words(store, &of.command, words)?,
        fields,
        theirs,
        seen: seen(&mine, &current, theirs),
    })
}

/// Makes the choice a command, or lets the entry go where nothing of it is wanted. `seen` is that of the [`Conflict`]
/// the person looked at; without it, whatever stands now is overruled. Gives the new command's entry.
///
/// # Errors
/// [`SubmitError::NoSuchEntry`] for what is not conflicted; [`SubmitError::Conflicted`] where the other version has
/// changed since, or a field that differs was not decided; [`SubmitError::Refused`] where the row is no more, or what
/// was written anew cannot stand.
pub fn resolve(
    store: &Connection,
    env: &dyn Env,
    number: u64,
    chosen: &Resolution,
    seen_before: Option<&str>,
) -> Result<Option<u64>, SubmitError> {
    let of = conflicted(store, number)?;
    let (current, theirs) = current(store, &of)?;
    let mine: Edit = of.command.view().map_err(SubmitError::Refused)?;
    if *chosen == Resolution::Theirs {
        commands::dismiss(store, env, number)?;
        return Ok(None);
    }
    if seen_before.is_some_and(|before| before != seen(&mine, &current, theirs)) {
        return Err(SubmitError::Conflicted);
    }
    let mut fields = BTreeMap::new();
    for (name, change) in &mine.fields {
        let their = current.get(name).unwrap_or(&Value::Null);
        let wanted = match chosen {
            Resolution::Fields(choices) => match choices.get(name) {
                Some(Choice::Value(value)) => value,
                Some(Choice::Theirs) => their,
                Some(Choice::Mine) => &change.now,
                None if differs(change, their) => return Err(SubmitError::Conflicted),
                None => &change.now,
            },
            _ => &change.now,
        };
        if wanted != their {
            fields.insert(name.clone(), Change::new(their, wanted.clone()));
        }
    }
    if fields.is_empty() {
        commands::dismiss(store, env, number)?;
        return Ok(None);
    }
    commands::mend(store, env, number, body(&Edit { fields })).map(Some)
}

fn conflicted(store: &Connection, number: u64) -> Result<Entry, SubmitError> {
    let mut all = commands::open(store)?.into_iter();
    let found = all.find(|of| of.entry == number && of.state == CommandState::Conflicted);
    found.ok_or(SubmitError::NoSuchEntry)
}

/// The values that stand against the person's: of the row with their later commands folded over it.
fn current(store: &Connection, of: &Entry) -> Result<(Body, Theirs), StoreError> {
    let row = &of.command.row;
    let table = tables::of_kind(&row.kind);
    if let Some((kept, _)) = table.map(|table| table.get(store, row.scope, row.id)).transpose()?.flatten() {
        return Ok((kept.row()?.body, Theirs::Standing));
    }
    if table.is_some() && is_followed(store, row)? {
        return Ok((Body::new(), Theirs::Gone));
    }
    let told = match &of.outcome {
        Some(Outcome::Conflicted { current }) => current.clone(),
        _ => Body::new(),
    };
    Ok((told, Theirs::Told))
}

fn is_followed(store: &Connection, row: &RowRef) -> Result<bool, StoreError> {
    let mut statement = store.prepare_cached("SELECT EXISTS (SELECT 1 FROM scope WHERE scope = ?1)")?;
    Ok(statement.query_row([row.scope.to_string()], |row| row.get(0))?)
}

fn seen(mine: &Edit, current: &Body, theirs: Theirs) -> String {
    let values: Body = mine
        .fields
        .keys()
        .filter_map(|name| current.get(name).map(|value| (name.clone(), value.clone())))
        .collect();
    sha256_hex(format!("{theirs:?}\n{}", Value::Object(values)).as_bytes())
}

fn differs(change: &Change, theirs: &Value) -> bool {
    *theirs != change.now && !change.saw(theirs)
}

fn field(name: &str, change: &Change, current: &Body, words: &Words) -> Field {
    let theirs = current.get(name).cloned().unwrap_or(Value::Null);
    let was = match change.was_sha256 {
        Some(_) if change.saw(&theirs) => Some(theirs.clone()),
        Some(_) => None,
        None => Some(change.was.clone()),
    };
    Field {
        field: name.to_owned(),
        name: words.field(name),
        kind: kind(name),
        differs: differs(change, &theirs),
        together: together(was.as_ref(), &change.now, &theirs),
        was,
        mine: change.now.clone(),
        theirs,
    }
}

fn kind(name: &str) -> FieldKind {
    match name {
        "agenda" => FieldKind::List,
        "starts_at" | "opened_at" | "closed_at" => FieldKind::Moment,
        "state" | "form" => FieldKind::Choice,
        _ => FieldKind::Text,
    }
}

/// Theirs, without what I struck out, with what I added.
fn together(was: Option<&Value>, mine: &Value, theirs: &Value) -> Option<Value> {
    let (Value::Array(mine), Value::Array(theirs)) = (mine, theirs) else { return None };
    let was = was.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let struck = |item: &&Value| was.contains(item) && !mine.contains(item);
    let kept: Vec<Value> = theirs.iter().filter(|item| !struck(item)).cloned().collect();
    let added = mine.iter().filter(|item| !was.contains(item) && !kept.contains(item)).cloned();
    let all: Vec<Value> = kept.iter().cloned().chain(added).collect();
    (all != *mine && all != *theirs).then_some(Value::Array(all))
}

#[cfg(test)]
mod tests;
