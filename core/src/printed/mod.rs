//! Soi giấy: what a printed copy is worth, told offline by what this phone holds and has verified.
//!
//! A code on paper says which directive the copy claims to be, and the hash of what was signed; it proves nothing by itself. It is
//! compared with the directive that stands here under the same type, number, issuer and date: only one that this phone
//! found genuine makes a paper right, or wrong. Whoever copies a page copies its code with it: so the answer tells what the
//! directive is about, and asks to compare the words.

mod found;
mod held;
mod sentences;
#[cfg(test)]
mod tests;

use serde::Serialize;
use sotay_protocol::{
    directives::Number,
    env::Timestamp,
    printed::Printed,
    trust::{Verdict, spoken},
};

pub use self::found::{Finding, Why};
use self::held::Held;
use crate::{
    directives::DirectiveLine,
    store::{Store, StoreError},
    sync::device,
    trust,
    words::Words,
};

/// What a screen says of one paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScanView {
    pub finding: Finding,
    pub why: Why,
    /// The one large word.
    pub word: String,
    /// Why, in a sentence or two, and what to do.
    pub sentence: String,
    /// The directive as it stands here, where it does.
    pub line: Option<DirectiveLine>,
    /// What replaces it, where that is on this phone.
    pub replaced_by: Option<DirectiveLine>,
    /// Twenty digits that stand under the code on the paper: to compare where there was no camera.
    pub digits: Option<String>,
    /// As of when this phone knows what is in force.
    pub as_of: Option<Timestamp>,
}

/// Looks at what a camera read or a hand typed: the text of a code, or a number as printed. One answer for a code; for a
/// number one for each directive that bears it, or the one that there is none.
///
/// # Errors
/// The store's own fault.
pub fn scan(store: &Store, typed: &str, words: &Words) -> Result<Vec<ScanView>, StoreError> {
    match typed.parse::<Number>() {
        Ok(number) => numbered(store, &number, words),
        Err(_) => Ok(vec![scanned(store, typed, words)?]),
    }
}

fn scanned(store: &Store, text: &str, words: &Words) -> Result<ScanView, StoreError> {
    let paper = match Printed::read(text) {
        Ok(paper) => paper,
        Err(why) => return said(store, Why::of_code(why), None, None, words),
    };
    let held = judged(store, |store| held::like(store, &paper))?;
    let (why, of) = found::of(&paper, &held);
    let issuer = store.read(|store| crate::organisations::name(store, paper.issuer))?;
    let paper = sentences::Claimed { paper: &paper, issuer };
    said(store, why, of, Some(&paper), words)
}

fn numbered(store: &Store, number: &Number, words: &Words) -> Result<Vec<ScanView>, StoreError> {
    let held = judged(store, |store| held::numbered(store, number))?;
    if held.is_empty() {
        return Ok(vec![said(store, Why::NoSuchNumber, None, None, words)?]);
    }
    held.iter().map(|of| said(store, found::as_it_stands(of), Some(of), None, words)).collect()
}

/// What stands here, each with a verdict: what the last sync did not come to judge is judged first.
fn judged(
    store: &Store,
    find: impl Fn(&rusqlite::Connection) -> Result<Vec<Held>, StoreError>,
) -> Result<Vec<Held>, StoreError> {
    let held = store.read(&find)?;
    let waits = |of: &&Held| of.line.verdict.is_none();
    let waiting: Vec<_> = held.iter().filter(waits).map(|of| of.line.id).collect();
    if waiting.is_empty() {
        return Ok(held);
    }
    for id in waiting {
        trust::judge_one(store, id)?;
    }
    store.read(find)
}

fn said(
    store: &Store,
    why: Why,
    of: Option<&Held>,
    paper: Option<&sentences::Claimed<'_>>,
    words: &Words,
) -> Result<ScanView, StoreError> {
    let as_of = store.read(device::identity)?.and_then(|of| of.last_sync);
    let next = of.and_then(|of| of.replaced_by).filter(|_| why == Why::Replaced);
    let replaced_by = next.map(|next| store.read(|store| held::line_of(store, next))).transpose()?.flatten();
    let replaced_by = replaced_by.filter(|next| !next.is_quarantined());
    let sentence = words.scanned(why, of, paper, replaced_by.as_ref(), as_of);
    // Of what is not to be believed no digits are told: they would make a forged paper look right.
    let proven = of.filter(|of| matches!(of.line.verdict, Some(Verdict::Genuine { .. })));
    Ok(ScanView {
        finding: why.finding(),
        why,
        word: words.finding(why.finding()).to_owned(),
        sentence,
        digits: proven.map(|of| spoken(&of.sha256)),
        line: of.map(|of| of.line.clone()),
        replaced_by,
        as_of,
    })
}
