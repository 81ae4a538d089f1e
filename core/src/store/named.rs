//! Which files the shown rows name: drawn out of a row's body in the transaction that puts it, and gone with the row
//! by a trigger. The bytes of a file that no row names and no command brings any more go by a trigger too.

use rusqlite::Connection;
use sotay_protocol::{
    attachment::{Attachment, named_by},
    directives::DIRECTIVE,
    drafts::DRAFT,
    feedback::{CASE, THREAD},
    id::Id,
    limits,
    scope::Scope,
};

use super::StoreError;

/// Kinds whose rows may name files, and a word that is in the body of each that does.
const NAMING: [(&str, &str); 4] =
    [(DIRECTIVE, "original"), (DRAFT, "original"), (THREAD, "attachments"), (CASE, "attachments")];

fn names(kind: &str, body: &str) -> Vec<Attachment> {
    // A directive's text is long, and most of a first sync's time goes into reading texts.
    let word = NAMING.iter().find(|(naming, _)| *naming == kind).map(|(_, word)| *word);
    if !word.is_some_and(|word| body.contains(word)) {
        return Vec::new();
    }
    let mut files = named_by(kind, body);
    files.retain(|file| (1..=limits::ATTACHMENT).contains(&file.size));
    files
}

/// A row was put with this body: from now on it names these files, and no others.
pub(super) fn draw(
    store: &Connection,
    kind: &str,
    scope: Scope,
    id: Id,
    body: &str,
) -> Result<(), StoreError> {
    if !NAMING.iter().any(|(naming, _)| *naming == kind) {
        return Ok(());
    }
    let (scope, id) = (scope.to_string(), id.to_string());
    let files = names(kind, body);
    for hash in hashes(store, &scope, kind, &id)? {
        if !files.iter().any(|file| file.hash == hash) {
            let sql = "DELETE FROM named WHERE scope = ?1 AND kind = ?2 AND id = ?3 AND hash = ?4";
            store.prepare_cached(sql)?.execute((&scope, kind, &id, hash))?;
        }
    }
    for file in &files {
        let sql =
            "INSERT INTO named (scope, kind, id, hash, name, media, size) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                   ON CONFLICT (scope, kind, id, hash) DO NOTHING";
        store.prepare_cached(sql)?.execute((
            &scope,
            kind,
            &id,
            &file.hash,
            &file.name,
            &file.media,
            file.size,
        ))?;
        // What the server did not have, or not right, it may have with the changed row.
        let sql = "UPDATE blob SET problem = NULL, tries = 0
                   WHERE scope = ?1 AND hash = ?2 AND problem IN ('gone', 'damaged')";
        store.prepare_cached(sql)?.execute((&scope, &file.hash))?;
    }
    Ok(())
}

fn hashes(store: &Connection, scope: &str, kind: &str, id: &str) -> Result<Vec<String>, StoreError> {
    let mut statement =
        store.prepare_cached("SELECT hash FROM named WHERE scope = ?1 AND kind = ?2 AND id = ?3")?;
    Ok(statement.query_map((scope, kind, id), |row| row.get(0))?.collect::<Result<_, _>>()?)
}
