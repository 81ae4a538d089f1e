//! Asking the index. What a person types is words and nothing else: it can never be FTS5's own syntax.

use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::directives::Directive;

use super::{
    exact,
    fold::words,
    index,
    snippet::{self, Part},
    text::searched,
};
use crate::{
    directives::{DirectiveLine, LINE_COLUMNS, LINE_WIDTH, line},
    store::StoreError,
};

/// Words of a query that count; a pasted page must not become a query of a thousand terms.
const MOST_WORDS: usize = 12;
/// Nor does what is pasted beyond this count: a text of megabytes takes seconds to fold.
const MOST_BYTES: usize = 2_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The best first.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub total: u64,
    /// Directives that are not searchable yet.
    pub not_indexed: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    #[serde(flatten)]
    pub line: DirectiveLine,
    /// The abstract, with the words that were looked for marked.
    pub head: Vec<Part>,
    /// The place in the document where they stand closest.
    pub snippet: Vec<Part>,
}

/// Directives that have all the words, the last one as a beginning; the best `most`.
///
/// # Errors
/// The store's own fault.
pub fn find(store: &Connection, typed: &str, most: u32) -> Result<Found, StoreError> {
    let not_indexed = index::waiting(store)?;
    let typed = counted(typed);
    let looked_for: Vec<String> = words(typed).map(|word| word.folded).collect();
    let Some(query) = fts(&looked_for) else {
        return Ok(Found { hits: Vec::new(), total: 0, not_indexed });
    };
    let total = store
        .prepare_cached("SELECT count(*) FROM search WHERE search MATCH ?1")?
        .query_row([&query], |row| row.get(0))?;
    let exact = exact::Spelling::of(typed);
    // As typed comes before as folded, so some more are looked at where marks were typed.
    let looked_at = if exact.has_marks() { most.saturating_mul(3) } else { most };
    let mut rows = Vec::new();
    let full = usize::try_from(looked_at).unwrap_or(usize::MAX);
    // One word alone is a phrase already.
    let apart = (looked_for.len() > 1).then_some(query);
    for query in [number(&looked_for), phrase(&looked_for)].into_iter().chain(apart) {
        if rows.len() < full {
            best(store, &query, looked_at, &mut rows)?;
        }
    }
    let mut hits: Vec<(bool, Hit)> =
        rows.into_iter().map(|(line, body)| hit(line, &body, &looked_for, &exact)).collect();
    hits.sort_by_key(|(as_typed, _)| !as_typed);
    hits.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(Found { hits: hits.into_iter().map(|(_, hit)| hit).collect(), total, not_indexed })
}

/// As much of what was typed as counts, before anything is done with it.
fn counted(typed: &str) -> &str {
    let typed = typed.get(..typed.floor_char_boundary(MOST_BYTES)).unwrap_or(typed);
    let end = words(typed).take(MOST_WORDS).last().map_or(0, |word| word.end);
    typed.get(..end).unwrap_or(typed)
}

/// Adds the best hits of one query that are not there yet.
fn best(
    store: &Connection,
    query: &str,
    most: u32,
    rows: &mut Vec<(DirectiveLine, String)>,
) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT {LINE_COLUMNS}, d.body FROM
           (SELECT rowid AS key, bm25(search, 8.0, 1.0) AS score FROM search WHERE search MATCH ?1
            ORDER BY score LIMIT ?2) AS best
         JOIN directive AS d ON d.key = best.key ORDER BY best.score, d.date DESC, d.id"
    );
    let mut statement = store.prepare_cached(&sql)?;
    let found =
        statement.query_map((query, most), |row| Ok((line(row)?, row.get::<_, String>(LINE_WIDTH)?)))?;
    for row in found {
        let row = row?;
        if rows.iter().all(|(known, _)| known.id != row.0.id) {
            rows.push(row);
        }
    }
    Ok(())
}

/// The words where a document's own number stands.
fn number(looked_for: &[String]) -> String {
    format!("head : ^ {}", phrase(looked_for))
}

/// The words one after another. Vietnamese words are several syllables, so what stands together belongs together.
fn phrase(looked_for: &[String]) -> String {
    format!("\"{}\" *", looked_for.join(" "))
}

/// All words, each quoted; the last as a prefix. A word is letters and digits, so it holds no quote.
fn fts(looked_for: &[String]) -> Option<String> {
    if looked_for.is_empty() {
        return None;
    }
    let quoted: Vec<String> = looked_for.iter().map(|word| format!("\"{word}\"")).collect();
    Some(format!("{}*", quoted.join(" AND ")))
}

/// The hit, and whether every word stands in it as it was typed.
fn hit(line: DirectiveLine, body: &str, looked_for: &[String], exact: &exact::Spelling) -> (bool, Hit) {
    let text = serde_json::from_str::<Directive>(body)
        .ok()
        .and_then(|directive| directive.read().ok())
        .map(|statement| searched(statement.document))
        .unwrap_or_default();
    let as_typed = exact.stands_in([
        &line.number,
        line.directive_type.name(),
        &line.issuer_name,
        &line.abstract_,
        &text,
    ]);
    // Asked for by its number, the document speaks for itself.
    let by_number =
        words(&line.number).take(looked_for.len()).map(|word| word.folded).eq(looked_for.iter().cloned());
    // Where they stand otherwise than typed, that is what is to be seen.
    let any = exact::Spelling::default();
    let exact = if as_typed { exact } else { &any };
    let hit = Hit {
        head: snippet::marked(&line.abstract_, looked_for, exact),
        snippet: if by_number { Vec::new() } else { snippet::around(&text, looked_for, exact) },
        line,
    };
    (as_typed, hit)
}
