//! What was found of letters, as it is kept beside their rows: read by lists, the reader, files and search.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use sotay_protocol::{
    attachment::Attachment,
    feedback::Message,
    id::Id,
    row::RowRef,
    scope::Scope,
    sealed::{Letter, NotOpened, SealedFile, Turn, Writer},
};

use crate::{
    search::fold::{fold, words},
    store::{
        StoreError,
        table::{id, parsed},
    },
    words::Words,
};

/// How a letter stands on this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "letter", rename_all = "snake_case")]
pub enum LetterState {
    /// It can be read; who wrote it, as far as it proves that.
    Opened {
        writer: Writer,
    },
    Closed {
        why: NotOpened,
    },
    /// It has just come; the next look finds it opened.
    NotYet,
}

/// Stands beside a message whose words were sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LetterView {
    pub message: Id,
    #[serde(flatten)]
    pub state: LetterState,
}

pub(super) fn keep(store: &Connection, row: &RowRef, turns: &[Turn]) -> Result<(), StoreError> {
    let here: BTreeSet<String> = turns.iter().map(|turn| turn.place.message.to_string()).collect();
    for message in messages(store, row)? {
        if !here.contains(&message) {
            let sql = "DELETE FROM letter WHERE scope = ?1 AND kind = ?2 AND id = ?3 AND message = ?4";
            store.prepare_cached(sql)?.execute((
                row.scope.to_string(),
                &row.kind,
                row.id.to_string(),
                message,
            ))?;
        }
    }
    turns.iter().try_for_each(|turn| keep_one(store, row, turn))
}

fn messages(store: &Connection, row: &RowRef) -> Result<Vec<String>, StoreError> {
    let mut statement =
        store.prepare_cached("SELECT message FROM letter WHERE scope = ?1 AND kind = ?2 AND id = ?3")?;
    let rows = statement.query_map(at(row), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn at(row: &RowRef) -> (String, &str, String) {
    (row.scope.to_string(), &row.kind, row.id.to_string())
}

fn json(of: &impl Serialize) -> String {
    serde_json::to_string(of).unwrap_or_default()
}

fn keep_one(store: &Connection, row: &RowRef, turn: &Turn) -> Result<(), StoreError> {
    let (letter, writer, why) = match &turn.read {
        Ok((letter, writer)) => (Some(letter), Some(json(writer)), None),
        Err(why) => (None, None, Some(json(why))),
    };
    let topic = proven_topic(turn);
    let (scope, kind, of) = at(row);
    // Found again as before: nobody who watches need hear of it.
    let sql = "INSERT INTO letter (scope, kind, id, message, topic, words, files, writer, why)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
               ON CONFLICT (scope, kind, id, message) DO UPDATE SET topic = excluded.topic, words = excluded.words,
                 files = excluded.files, writer = excluded.writer, why = excluded.why
               WHERE words IS NOT excluded.words OR writer IS NOT excluded.writer OR why IS NOT excluded.why";
    let changed = store.prepare_cached(sql)?.execute((
        scope,
        kind,
        of,
        turn.place.message.to_string(),
        topic,
        letter.map(|letter| letter.words.as_str()),
        letter.map(|letter| json(&letter.files)),
        writer,
        why,
    ))?;
    if changed == 0 {
        return Ok(());
    }
    let sql = "SELECT key FROM letter WHERE scope = ?1 AND kind = ?2 AND id = ?3 AND message = ?4";
    let (scope, kind, of) = at(row);
    let message = turn.place.message.to_string();
    let key: i64 = store.prepare_cached(sql)?.query_row((scope, kind, of, message), |row| row.get(0))?;
    draw(store, key, row.scope, letter)
}

/// Who is not known to have begun the thread does not name it.
pub(super) fn proven_topic(turn: &Turn) -> Option<&str> {
    let (letter, _) = turn.read.as_ref().ok().filter(|(_, writer)| *writer == Writer::Member)?;
    letter.topic.as_deref()
}

/// The letter's files and its place in the index.
fn draw(store: &Connection, key: i64, scope: Scope, letter: Option<&Letter>) -> Result<(), StoreError> {
    store.prepare_cached("DELETE FROM sealed_file WHERE letter = ?1")?.execute([key])?;
    store.prepare_cached("DELETE FROM search_letter WHERE rowid = ?1")?.execute([key])?;
    let Some(letter) = letter else { return Ok(()) };
    for file in &letter.files {
        let sql = "INSERT OR IGNORE INTO sealed_file (letter, scope, hash, name, media, size, file)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let size = i64::try_from(file.size).unwrap_or(i64::MAX);
        let values = (key, scope.to_string(), &file.hash, &file.name, &file.media, size, json(file));
        store.prepare_cached(sql)?.execute(values)?;
    }
    let topic = letter.topic.as_deref().map(fold).unwrap_or_default();
    store
        .prepare_cached("INSERT INTO search_letter (rowid, topic, words) VALUES (?1, ?2, ?3)")?
        .execute((key, topic, fold(&letter.words)))?;
    Ok(())
}

/// The file of an opened letter, by its ciphertext.
pub(crate) fn file_of(
    store: &Connection,
    scope: Scope,
    hash: &str,
) -> Result<Option<SealedFile>, StoreError> {
    let sql = "SELECT file FROM sealed_file WHERE scope = ?1 AND hash = ?2 LIMIT 1";
    let found: Option<String> =
        store.prepare_cached(sql)?.query_row((scope.to_string(), hash), |row| row.get(0)).optional()?;
    Ok(found.and_then(|file| serde_json::from_str(&file).ok()))
}

/// The topic of a sealed thread or case: as its first letter says where it can be read, else what it is.
pub(crate) fn topic(store: &Connection, row: &RowRef, words: &Words) -> Result<String, StoreError> {
    let sql = "SELECT topic FROM letter WHERE scope = ?1 AND kind = ?2 AND id = ?3 AND topic IS NOT NULL
               ORDER BY key LIMIT 1";
    let found: Option<String> = store.prepare_cached(sql)?.query_row(at(row), |row| row.get(0)).optional()?;
    Ok(found.unwrap_or_else(|| words.sealed_topic().to_owned()))
}

struct Kept {
    words: Option<String>,
    files: Option<String>,
    writer: Option<String>,
    why: Option<String>,
}

/// Messages with what could be opened of them, and how each letter stands.
pub(in crate::feedback) type Laid = (Vec<Message>, Vec<LetterView>);

/// The messages with what could be opened of them in place of the ciphertexts, and how each letter stands.
pub(in crate::feedback) fn laid_over(
    store: &Connection,
    row: &RowRef,
    messages: Vec<Message>,
) -> Result<Laid, StoreError> {
    let mut statement = store.prepare_cached(
        "SELECT message, words, files, writer, why FROM letter WHERE scope = ?1 AND kind = ?2 AND id = ?3",
    )?;
    let rows = statement.query_map(at(row), |row| {
        let kept = Kept { words: row.get(1)?, files: row.get(2)?, writer: row.get(3)?, why: row.get(4)? };
        Ok((id(row, 0)?, kept))
    })?;
    Ok(laid(messages, rows.collect::<Result<_, _>>()?))
}

/// The same with letters that stand in no row of this device: an archived case's.
pub(super) fn laid_open(messages: Vec<Message>, turns: &[Turn]) -> Laid {
    let kept = |turn: &Turn| match &turn.read {
        Ok((letter, writer)) => Kept {
            words: Some(letter.words.clone()),
            files: Some(json(&letter.files)),
            writer: Some(json(writer)),
            why: None,
        },
        Err(why) => Kept { words: None, files: None, writer: None, why: Some(json(why)) },
    };
    laid(messages, turns.iter().map(|turn| (turn.place.message, kept(turn))).collect())
}

fn laid(messages: Vec<Message>, mut found: BTreeMap<Id, Kept>) -> Laid {
    let (mut out, mut letters) = (Vec::new(), Vec::new());
    for message in messages {
        let (message, state) = laid_one(message, &mut found);
        letters.push(LetterView { message: message.id, state });
        out.push(message);
    }
    (out, letters)
}

fn laid_one(message: Message, found: &mut BTreeMap<Id, Kept>) -> (Message, LetterState) {
    let message = Message { sealed: None, ..message };
    let Some(kept) = found.remove(&message.id) else { return (message, LetterState::NotYet) };
    let of = |text: Option<String>| text.unwrap_or_default();
    match kept.writer.as_deref().map(serde_json::from_str) {
        Some(Ok(writer)) => {
            let files: Vec<SealedFile> = serde_json::from_str(&of(kept.files)).unwrap_or_default();
            let named = |file: SealedFile| Attachment {
                name: file.name.clone(),
                media: file.media.clone(),
                size: file.size,
                hash: file.hash.clone(),
            };
            let attachments = files.into_iter().map(named).collect();
            (Message { words: of(kept.words), attachments, ..message }, LetterState::Opened { writer })
        }
        _ => {
            let why = serde_json::from_str(&of(kept.why)).unwrap_or(NotOpened::Other);
            (message, LetterState::Closed { why })
        }
    }
}

/// A thread or case in whose letters the words were found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    pub row: RowRef,
    pub topic: String,
}

/// Sealed threads and cases of which a letter that was opened here has all the words, the last one as a beginning; the last
/// word first.
///
/// # Errors
/// The store's own fault.
pub fn find(store: &Connection, typed: &str, most: u32, said: &Words) -> Result<Vec<Found>, StoreError> {
    let quoted: Vec<String> = words(typed).take(12).map(|word| format!("\"{}\"", word.folded)).collect();
    if quoted.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = store.prepare_cached(
        "SELECT DISTINCT l.scope, l.kind, l.id FROM search_letter AS s JOIN letter AS l ON l.key = s.rowid
         WHERE search_letter MATCH ?1 ORDER BY l.key DESC LIMIT ?2",
    )?;
    let rows = statement.query_map((format!("{}*", quoted.join(" AND ")), most), |row| {
        Ok(RowRef { scope: parsed(row, 0)?, kind: row.get(1)?, id: id(row, 2)? })
    })?;
    rows.map(|row| {
        let row = row?;
        Ok(Found { topic: topic(store, &row, said)?, row })
    })
    .collect()
}
