//! Drafts as screens show them: what will be signed, whole.

use chrono::NaiveDate;
use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::{
    attachment::Attachment,
    directives::{DirectiveType, Ruling, Statement, Urgency},
    document::Document,
    drafts::{DRAFT, Draft, DraftState},
    env::{Timestamp, days},
    id::Id,
};

use super::{DRAFTS, Readers, readers};
use crate::{
    attachments::{self, FileView},
    outbox::{Marks, RowState},
    shown::{self, Shown},
    store::StoreError,
    trust::{self, CannotSign},
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
    /// What this one belongs to: of a replacement the new one and the ruling on the old one are two drafts, and each names the
    /// other's directive, as `Kế hoạch 17-KH/ĐU`.
    pub goes_with: Option<String>,
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
    /// Why this device cannot sign it, where it cannot.
    pub cannot_sign: Option<CannotSign>,
}

/// What was signed or returned leaves the list so long after it was prepared; by then it stands as a directive, or was prepared anew.
const LISTED: u64 = 35;

/// Those that wait, the oldest first; then what was signed or returned, the last one first.
///
/// # Errors
/// The store's own fault.
pub fn drafts(store: &Connection, words: &Words) -> Result<Vec<DraftLine>, StoreError> {
    let marks = Marks::load(store, words)?;
    let mut rows = shown::all::<Draft>(store, &DRAFTS, "WHERE state = 'waiting' ORDER BY at, id", [])?;
    let done = "WHERE state <> 'waiting' AND at >= ?1 ORDER BY at DESC, id";
    let since = words.now.minus(days(LISTED)).millis();
    rows.extend(shown::all::<Draft>(store, &DRAFTS, done, [since])?);
    let heads: Vec<Head> = rows.iter().filter_map(Head::of).collect();
    // One whose document is not what its statement names, or that would go elsewhere than to its issuer's readers, is
    // nothing to sign; the office hears of it at the server.
    let line = |row: Shown<Draft>| {
        let goes_with = goes_with(&row, &heads);
        Some(DraftLine { goes_with, ..view(row, &marks)?.line })
    };
    Ok(rows.into_iter().filter_map(line).collect())
}

/// What a draft is about, and what it would put in another's place.
struct Head {
    directive: Id,
    title: String,
    replaced_by: Option<Id>,
}

impl Head {
    fn of(row: &Shown<Draft>) -> Option<Self> {
        let of = row.of.read().ok()?;
        let title = format!("{} {}", of.directive_type.name(), of.number);
        let replaced_by = row.of.ruled().and_then(|ruled| ruled.replaced_by);
        Some(Self { directive: row.of.directive, title, replaced_by })
    }
}

fn goes_with(row: &Shown<Draft>, heads: &[Head]) -> Option<String> {
    let other = match row.of.ruled() {
        Some(ruled) => {
            heads.iter().find(|of| Some(of.directive) == ruled.replaced_by && of.replaced_by.is_none())
        }
        None => heads.iter().find(|of| of.replaced_by == Some(row.of.directive)),
    };
    other.map(|of| of.title.clone())
}

/// `None` for one that is not on this phone, or whose words are not those that would be signed.
///
/// # Errors
/// The store's own fault.
pub fn open(store: &Connection, draft: Id, words: &Words) -> Result<Option<DraftView>, StoreError> {
    let Some(row) = shown::one::<Draft>(store, &DRAFTS, draft)? else { return Ok(None) };
    let files = attachments::of_row(store, &row.row(DRAFT))?;
    let marks = Marks::of_row(store, &row.row(DRAFT), words)?;
    let waits = row.of.state == DraftState::Waiting;
    let issuer = Some(row.of.issuer).filter(|_| waits);
    let cannot_sign =
        issuer.map(|issuer| trust::cannot_sign(store, issuer, words.now)).transpose()?.flatten();
    let line = drafts(store, words)?.into_iter().find(|line| line.id == draft);
    let goes_with = line.and_then(|line| line.goes_with);
    Ok(view(row, &marks).map(|view| DraftView {
        line: DraftLine { goes_with, ..view.line },
        files,
        cannot_sign,
        ..view
    }))
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
        goes_with: None,
        draft_state: row.of.state,
        at: row.of.at,
        sync: marks.of(&row.row(DRAFT)),
        reason: row.of.reason,
    };
    Some(DraftView { line, document, original, files: Vec::new(), cannot_sign: None })
}
