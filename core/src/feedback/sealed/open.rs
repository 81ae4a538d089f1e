//! Opening what came: in batches, after the rows have landed. Keys are used before the writer is taken.

use rusqlite::Connection;
use sotay_protocol::{
    env::Env,
    feedback::{
        CASE, Case, Message, THREAD, Thread,
        sealed::{CaseWraps, ThreadWraps, WRAP_CASE, WRAP_THREAD, letters},
    },
    id::Id,
    row::{Body, RowRef, body},
    sealed::{self, Added, Turn},
    trust::Keyring,
};

use super::{
    kept,
    own::{self, Own, times},
    wraps,
};
use crate::{
    deed::give,
    feedback::{CASES, THREADS},
    shown::{self, Shown},
    store::{
        Store, StoreError,
        table::{id, parsed},
    },
    sync::commands::{Draft, SubmitError},
    trust,
};

/// Sealed rows that are still to be opened, or looked at anew.
///
/// # Errors
/// The store's own fault.
pub fn waiting(store: &Connection) -> Result<u64, StoreError> {
    Ok(store.prepare_cached("SELECT count(*) FROM to_open")?.query_row([], |row| row.get(0))?)
}

/// What one run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    pub rows: usize,
    /// Commands that were given, with wraps for devices that came later.
    pub wraps: usize,
}

/// Opens at most `most` rows, and opens them to devices that came later. Call it until it says that there were none.
///
/// # Errors
/// The store's own fault.
pub fn open_pending(store: &Store, env: &dyn Env, most: usize) -> Result<Done, StoreError> {
    if store.read(trust::have_changed)? {
        store.write(|store| trust::catch_up(store))?;
    }
    let found = store.read(|store| {
        let which = which(store, most)?;
        found(store, env, which)
    })?;
    if found.is_empty() {
        return Ok(Done::default());
    }
    store.write(|store| {
        let mut done = Done { rows: found.len(), wraps: 0 };
        for of in &found {
            done.wraps += usize::from(put(store, env, of)?);
        }
        Ok(done)
    })
}

/// Opens one that somebody reads, where it still waits for that.
///
/// # Errors
/// The store's own fault.
pub fn open_row(store: &Store, env: &dyn Env, row: Id) -> Result<(), StoreError> {
    if store.read(|store| Ok::<_, StoreError>(of_id(store, row)?.is_empty()))? {
        return Ok(());
    }
    let found = store.read(|store| {
        let which = of_id(store, row)?;
        found(store, env, which)
    })?;
    store.write(|store| found.iter().try_for_each(|of| put(store, env, of).map(drop)))
}

/// Opens what this person has just written, in the transaction that keeps it.
pub(super) fn now(store: &Connection, env: &dyn Env, row: &RowRef) -> Result<(), StoreError> {
    let which = of_id(store, row.id)?;
    found(store, env, which)?.iter().try_for_each(|of| put(store, env, of).map(drop))
}

type Which = (i64, RowRef);

const COLUMNS: &str = "SELECT key, scope, kind, id FROM to_open";

fn which(store: &Connection, most: usize) -> Result<Vec<Which>, StoreError> {
    let sql = format!("{COLUMNS} ORDER BY key DESC LIMIT ?1");
    let mut statement = store.prepare_cached(&sql)?;
    let rows = statement.query_map([i64::try_from(most).unwrap_or(i64::MAX)], from_sql)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn of_id(store: &Connection, of: Id) -> Result<Vec<Which>, StoreError> {
    let sql = format!("{COLUMNS} WHERE id = ?1");
    let mut statement = store.prepare_cached(&sql)?;
    let rows = statement.query_map([of.to_string()], from_sql)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn from_sql(row: &rusqlite::Row<'_>) -> rusqlite::Result<Which> {
    Ok((row.get(0)?, RowRef { scope: parsed(row, 1)?, kind: row.get(2)?, id: id(row, 3)? }))
}

/// An archived case, which stands in no table here: opened as it is read.
pub(in crate::feedback) fn archived(
    store: &Connection,
    row: &RowRef,
    of: Case,
) -> Result<(Option<String>, kept::Laid), StoreError> {
    let Some(own) = own::load(store)? else { return Ok((None, (of.messages, Vec::new()))) };
    let turns = read(&own, &trust::keyring(store)?, (of.member, row.scope.id), of.thread, &of.messages);
    let topic = turns.iter().find_map(kept::proven_topic).map(str::to_owned);
    Ok((topic, kept::laid_open(of.messages, &turns)))
}

/// What was found of one row, with the key under which it waited.
struct Found {
    key: i64,
    row: RowRef,
    turns: Vec<Turn>,
    /// A command that opens it to who came later.
    given: Option<(Draft, Added)>,
}

fn found(store: &Connection, env: &dyn Env, which: Vec<Which>) -> Result<Vec<Found>, StoreError> {
    if which.is_empty() {
        return Ok(Vec::new());
    }
    let Some(own) = own::load(store)? else { return Ok(Vec::new()) };
    let (keys, now) = (trust::keyring(store)?, times(store, env.now())?);
    let mut all = Vec::new();
    for (key, row) in which {
        let Some(sheet) = sheet(store, &row, &own, &keys)? else {
            // Of a form that this version cannot read, or gone: nothing to open.
            all.push(Found { key, row, turns: Vec::new(), given: None });
            continue;
        };
        let wanted = wraps::wanted(&keys, &own, sheet.desk, &now, row.kind == THREAD);
        let added = wraps::missing(store, env, &sheet.turns, &wanted)?;
        let given = (!added.is_empty()).then(|| (wrap(&row, &sheet, &added), added));
        all.push(Found { key, row, turns: sheet.turns, given });
    }
    Ok(all)
}

/// Whose thread it is, and which desk's.
type Parties = (Id, Id);

/// A row's letters as they were opened, and what a command on it has to name.
struct Sheet {
    turns: Vec<Turn>,
    member: Id,
    desk: Id,
    thread: Id,
    needs: Vec<RowRef>,
}

fn sheet(store: &Connection, row: &RowRef, own: &Own, keys: &Keyring) -> Result<Option<Sheet>, StoreError> {
    Ok(if row.kind == THREAD {
        let Some(of): Option<Shown<Thread>> = shown::one(store, &THREADS, row.id)? else { return Ok(None) };
        let (member, desk, thread) = (row.scope.id, of.of.desk, row.id);
        let turns = read(own, keys, (member, desk), thread, &of.of.messages);
        Some(Sheet { turns, member, desk, thread, needs: of.needed(THREAD) })
    } else {
        let Some(of): Option<Shown<Case>> = shown::one(store, &CASES, row.id)? else { return Ok(None) };
        let (member, desk, thread) = (of.of.member, row.scope.id, of.of.thread);
        let turns = read(own, keys, (member, desk), thread, &of.of.messages);
        Some(Sheet { turns, member, desk, thread, needs: of.needed(CASE) })
    })
}

fn read(own: &Own, keys: &Keyring, (member, desk): Parties, thread: Id, messages: &[Message]) -> Vec<Turn> {
    sealed::read(&letters(member, desk, thread, messages), &own.keys(), keys)
}

fn wrap(row: &RowRef, of: &Sheet, added: &Added) -> Draft {
    let Sheet { member, desk, thread, .. } = *of;
    let (kind, body): (_, Body) = if row.kind == THREAD {
        (WRAP_THREAD, body(&ThreadWraps { desk, wraps: added.clone() }))
    } else {
        (WRAP_CASE, body(&CaseWraps { member, thread, wraps: added.clone() }))
    };
    Draft { kind, row: row.clone(), needs: of.needs.clone(), body }
}

/// Says whether a command was given.
fn put(store: &Connection, env: &dyn Env, of: &Found) -> Result<bool, StoreError> {
    if store.prepare_cached("DELETE FROM to_open WHERE key = ?1")?.execute([of.key])? == 0 {
        // Changed meanwhile: what came waits under another key.
        return Ok(false);
    }
    kept::keep(store, &of.row, &of.turns)?;
    let Some((draft, added)) = &of.given else { return Ok(false) };
    wraps::mark_given(store, added)?;
    match give(store, env, draft.clone()) {
        Ok(_) => Ok(true),
        Err(SubmitError::Store(error)) => Err(error),
        // Not this person's to do any more.
        Err(_) => Ok(false),
    }
}
