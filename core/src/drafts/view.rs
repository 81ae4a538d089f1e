//! Drafts as screens show them: what will be signed, whole.

use chrono::NaiveDate;
use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::{
    attachment::Attachment,
    directives::{DirectiveType, Ruling, Statement, Urgency},
    document::Document,
    drafts::{DRAFT, Draft, DraftState},
    env::Timestamp,
    id::Id,
};

use super::{DRAFTS, Readers, readers};
use crate::{
    attachments::{self, FileView},
    outbox::{Marks, RowState},
    shown::{self, Shown},
    store::StoreError,
    words::Words,
};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DraftLine {
    pub id: Id,
    /// The organisation at whose desk it waits.
    pub desk: Id,
    #[serde(rename = "type")]
    pub directive_type: DirectiveType,
    /// `17-KH/ĐU`.
    pub number: String,
    pub issuer_name: String,
    pub date: NaiveDate,
    #[serde(rename = "abstract")]
    pub abstract_: String,
    pub urgency: Urgency,
    /// To whom it will go.
    pub readers: Readers,
    /// Not a new directive, but what is to become of one that stands.
    pub ruling: Option<Ruling>,
    pub draft_state: DraftState,
    /// In the words of who returned it.
    pub reason: Option<String>,
    pub at: Timestamp,
    /// What became of this person's own deed.
    pub sync: Option<RowState>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DraftView {
    #[serde(flatten)]
    pub line: DraftLine,
    /// Without words where it is a ruling, or signed: then they stand with the directive.
    pub document: Document,
    pub original: Option<Attachment>,
    pub files: Vec<FileView>,
}

/// Those that wait, the oldest first; then what was signed or returned, the last one first.
///
/// # Errors
/// The store's own fault.
pub fn drafts(store: &Connection, words: &Words) -> Result<Vec<DraftLine>, StoreError> {
    let marks = Marks::load(store, words)?;
    let mut rows = shown::all::<Draft>(store, &DRAFTS, "WHERE state = 'waiting' ORDER BY at, id", [])?;
    let done = "WHERE state <> 'waiting' ORDER BY at DESC, id";
    rows.extend(shown::all::<Draft>(store, &DRAFTS, done, [])?);
    // One whose document is not what its statement names, or that would go elsewhere than to its issuer's readers, is
    // nothing to sign; the office hears of it at the server.
    Ok(rows.into_iter().filter_map(|row| Some(view(row, &marks)?.line)).collect())
}

/// `None` for one that is not on this phone, or whose words are not those that would be signed.
///
/// # Errors
/// The store's own fault.
pub fn open(store: &Connection, draft: Id, words: &Words) -> Result<Option<DraftView>, StoreError> {
    let Some(row) = shown::one::<Draft>(store, &DRAFTS, draft)? else { return Ok(None) };
    let files = attachments::of_row(store, &row.row(DRAFT))?;
    let marks = Marks::of_row(store, &row.row(DRAFT), words)?;
    Ok(view(row, &marks).map(|view| DraftView { files, ..view }))
}

fn view(row: Shown<Draft>, marks: &Marks) -> Option<DraftView> {
    let Statement {
        directive_type, number, issuer_name, date, abstract_, urgency, document, original, ..
    } = row.of.read().ok()?;
    let line = DraftLine {
        id: row.id,
        desk: row.scope.id,
        directive_type,
        number: number.to_string(),
        issuer_name,
        date,
        abstract_,
        urgency,
        readers: readers(&row.of)?,
        ruling: row.of.ruled(),
        draft_state: row.of.state,
        at: row.of.at,
        sync: marks.of(&row.row(DRAFT)),
        reason: row.of.reason,
    };
    Some(DraftView { line, document, original, files: Vec::new() })
}
