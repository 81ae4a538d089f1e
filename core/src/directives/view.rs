//! Directives as screens show them. Lists read columns alone; a document is unpacked when somebody opens it.

use chrono::{Datelike, NaiveDate};
use rusqlite::{Connection, Row};
use serde::{Serialize, de::DeserializeOwned};
use sotay_protocol::{
    attachment::Attachment,
    directives::{DIRECTIVE, Directive, DirectiveType, Number, Ruling, Standing, Statement, Urgency},
    document::{Block, Document, KnownBlock},
    env::Timestamp,
    id::Id,
    trust::{Distrust, Verdict},
};

use super::{
    DIRECTIVES,
    contents::{ContentsLine, contents},
};
use crate::{
    attachments::{self, FileView},
    outbox,
    shown::{self, Page},
    store::{
        StoreError,
        table::{id, parsed},
    },
    words::{Lang, Words},
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DirectiveLine {
    pub id: Id,
    #[serde(rename = "type")]
    pub directive_type: DirectiveType,
    /// `17-KH/ĐU`.
    pub number: String,
    pub issuer: Id,
    pub issuer_name: String,
    pub date: NaiveDate,
    #[serde(rename = "abstract")]
    pub abstract_: String,
    pub urgency: Urgency,
    pub standing: Standing,
    /// Not opened on this phone yet; a withdrawn one leaves nothing to read.
    pub unread: bool,
    /// What replaced this one was withdrawn since. This one does not come into force again by that: only its issuer can
    /// say so.
    pub replacement_withdrawn: bool,
    /// What this phone found of its signature; `None` while that is being looked at.
    pub verdict: Option<Verdict>,
    /// The same of what was ruled on it, where something was.
    pub ruling_verdict: Option<Verdict>,
    /// Its issuer has keys by now: what it publishes is signed.
    pub issuer_signs: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DirectiveView {
    #[serde(flatten)]
    pub line: DirectiveLine,
    /// Notes after all else.
    pub document: Document,
    /// What the document holds; empty where it is short.
    pub contents: Vec<ContentsLine>,
    /// Some of the document is shown by its words alone, or is an older form of what has come: it wants a newer app.
    pub of_newer_version: bool,
    /// The file that the document was read from.
    pub original: Option<Attachment>,
    /// What replaces it, where it is on this phone.
    pub replaced_by: Option<DirectiveLine>,
    /// When that was withdrawn, if it was.
    pub replacement_withdrawn_at: Option<Timestamp>,
    /// When it was withdrawn or replaced, and why.
    pub ruling: Option<RulingView>,
    /// Where the original is.
    pub files: Vec<FileView>,
    /// What stands under the head: who signed it, or why it is not to be believed.
    pub verdict_sentence: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RulingView {
    pub at: Timestamp,
    pub reason: Option<String>,
}

impl DirectiveView {
    fn new(
        line: DirectiveLine,
        of: Statement,
        replaced_by: Option<DirectiveLine>,
        ruling: Option<Ruling>,
    ) -> Self {
        let mut document = of.document;
        // A withdrawn one names its file still, in what was signed; nobody gets it any more.
        let original = of.original.filter(|_| line.standing != Standing::Withdrawn);
        let ruling = ruling.map(|of| RulingView { at: of.at, reason: of.reason });
        document.blocks.sort_by_key(|block| matches!(block, Block::Known(KnownBlock::Note { .. })));
        let contents = contents(&document);
        // A document may say less of itself than is in it.
        let of_newer_version = document.is_of_newer_version()
            || document.blocks.iter().any(|block| matches!(block, Block::Other(_)));
        Self {
            line,
            document,
            contents,
            of_newer_version,
            original,
            replaced_by,
            replacement_withdrawn_at: None,
            ruling,
            files: Vec::new(),
            verdict_sentence: String::new(),
        }
    }
}

impl DirectiveLine {
    /// Kept apart: what it bears is not to be believed.
    #[must_use]
    pub fn is_quarantined(&self) -> bool {
        matches!(self.verdict, Some(Verdict::Quarantined { .. }))
    }
}

/// What a list is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    pub unread_only: bool,
    pub directive_type: Option<DirectiveType>,
    pub issuer: Option<Id>,
    /// Those that are kept apart because what they bear is not to be believed; else they are in no list.
    pub quarantined: bool,
}

/// The heading under which a directive stands in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Of the last three days.
    New,
    ThisWeek,
    ThisMonth,
    Earlier,
}

impl Group {
    #[must_use]
    pub fn of(date: NaiveDate, words: &Words) -> Self {
        let today = words.today();
        if (today - date).num_days() < 3 {
            Self::New
        } else if date.iso_week() == today.iso_week() {
            Self::ThisWeek
        } else if (date.year(), date.month()) == (today.year(), today.month()) {
            Self::ThisMonth
        } else {
            Self::Earlier
        }
    }
}

impl Words {
    /// How a directive stands, in a list; nothing where it is in force.
    #[must_use]
    pub fn directive_standing(&self, line: &DirectiveLine) -> String {
        if !self.ruling_verdict(line.standing, line.ruling_verdict.as_ref()).is_empty() {
            let false_ruling = match line.standing {
                Standing::Withdrawn => {
                    self.say("lời báo thu hồi không tin được", "word of its withdrawal is not to be believed")
                }
                _ => self
                    .say("lời báo thay thế không tin được", "word of its replacement is not to be believed"),
            };
            return false_ruling.to_owned();
        }
        let standing = self.standing(line.standing);
        if !line.replacement_withdrawn {
            return standing.to_owned();
        }
        format!("{standing} ({})", self.say("bản thay thế đã thu hồi", "the replacement was withdrawn"))
    }

    /// What its signature is worth, in a list; nothing where it is genuine, and where its issuer has no keys: there nobody
    /// looks for a signature.
    #[must_use]
    pub fn directive_mark(&self, line: &DirectiveLine) -> &'static str {
        match &line.verdict {
            Some(Verdict::Unsigned) if line.issuer_signs => self.say("chưa ký số", "not signed"),
            verdict => self.verdict_mark(verdict.as_ref()),
        }
    }

    /// The sentence under a replaced directive's head.
    #[must_use]
    pub fn replaced(&self, view: &DirectiveView) -> String {
        let said = match &view.replaced_by {
            Some(next) => {
                let (name, date) = (next.directive_type.name(), self.full_date(next.date));
                let by = self.say("Đã được thay thế bởi", "Replaced by");
                format!("{by} {name} {}, {date}", next.number)
            }
            None => self.say("Đã được thay thế bởi văn bản khác", "Replaced by another document").to_owned(),
        };
        let Some(at) = view.replacement_withdrawn_at else { return said };
        let date = self.full_date(self.date_of(at));
        match self.lang {
            Lang::Vi => format!("{said} (văn bản thay thế này đã bị thu hồi ngày {date})"),
            Lang::En => format!("{said} (that replacement was withdrawn on {date})"),
        }
    }

    #[must_use]
    pub fn group(&self, group: Group) -> &'static str {
        match group {
            Group::New => self.say("Mới", "New"),
            Group::ThisWeek => self.say("Tuần này", "This week"),
            Group::ThisMonth => self.say("Tháng này", "This month"),
            Group::Earlier => self.say("Trước đó", "Earlier"),
        }
    }
}

/// The columns that [`line`] reads, of `directive AS d`, and how many they are.
pub(crate) const LINE_COLUMNS: &str = "d.id, d.type, d.number, d.issuer, d.issuer_name, d.date, d.abstract, d.urgency, \
     d.standing, EXISTS (SELECT 1 FROM unopened WHERE unopened.directive = d.key), d.signed, \
     EXISTS (SELECT 1 FROM to_judge WHERE to_judge.directive = d.key), \
     (SELECT statement FROM verdict WHERE verdict.directive = d.key), \
     (SELECT ruling FROM verdict WHERE verdict.directive = d.key), \
     CASE WHEN d.standing = 'replaced' THEN EXISTS (SELECT 1 FROM directive AS next \
       WHERE next.scope IN (SELECT scope FROM scope) AND next.id = json_extract(d.body, '$.replaced_by') \
         AND next.standing = 'withdrawn') ELSE 0 END, \
     'org:' || d.issuer IN (SELECT scope FROM certificate)";
pub(crate) const LINE_WIDTH: usize = 16;

pub(crate) fn line(row: &Row<'_>) -> rusqlite::Result<DirectiveLine> {
    Ok(DirectiveLine {
        id: id(row, 0)?,
        directive_type: word(row, 1)?,
        number: row.get(2)?,
        issuer: id(row, 3)?,
        issuer_name: row.get(4)?,
        date: parsed(row, 5)?,
        abstract_: row.get(6)?,
        urgency: word(row, 7)?,
        standing: word(row, 8)?,
        unread: row.get(9)?,
        replacement_withdrawn: row.get(14)?,
        verdict: verdict(row)?,
        ruling_verdict: json(row, 13)?,
        issuer_signs: row.get(15)?,
    })
}

fn verdict(row: &Row<'_>) -> rusqlite::Result<Option<Verdict>> {
    let (signed, waits): (bool, bool) = (row.get(10)?, row.get(11)?);
    Ok(match json(row, 12)? {
        None if waits => None,
        // Nobody has told this phone whom to believe.
        None if signed => Some(Verdict::Unknown),
        None => Some(Verdict::Unsigned),
        found => found,
    })
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    let read = |text: String| {
        serde_json::from_str(&text).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
        })
    };
    text.map(read).transpose()
}

/// A column that holds a value's wire name.
fn word<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_value(text.into()).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// The newest first; on one day by number.
///
/// # Errors
/// The store's own fault.
pub fn list(store: &Connection, filter: &Filter, page: Page) -> Result<Vec<DirectiveLine>, StoreError> {
    let sql = format!(
        "SELECT {LINE_COLUMNS} FROM directive AS d
         WHERE (NOT ?1 OR EXISTS (SELECT 1 FROM unopened WHERE unopened.directive = d.key))
           AND ?6 = EXISTS (SELECT 1 FROM quarantine WHERE quarantine.directive = d.key)
           AND (?2 IS NULL OR d.type = ?2) AND (?3 IS NULL OR d.issuer = ?3)
         ORDER BY d.date DESC, d.number, d.id LIMIT ?4 OFFSET ?5"
    );
    let directive_type = filter.directive_type.map(|of| crate::store::table::text(&of));
    let issuer = filter.issuer.map(|issuer| issuer.to_string());
    let mut statement = store.prepare_cached(&sql)?;
    let rows = statement.query_map(
        (filter.unread_only, directive_type, issuer, page.take, page.skip, filter.quarantined),
        line,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// # Errors
/// The store's own fault.
pub fn count_unread(store: &Connection) -> Result<u64, StoreError> {
    Ok(store.prepare_cached("SELECT count(*) FROM unopened")?.query_row([], |row| row.get(0))?)
}

/// Directives that bear a number as typed; more than one, for numbers restart each term. None that is kept apart.
///
/// # Errors
/// The store's own fault.
pub fn named(store: &Connection, number: &str) -> Result<Vec<DirectiveLine>, StoreError> {
    let Ok(number) = number.parse::<Number>() else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT {LINE_COLUMNS} FROM directive AS d
         WHERE d.number = ?1 AND NOT EXISTS (SELECT 1 FROM quarantine WHERE quarantine.directive = d.key)
         ORDER BY d.date DESC, d.id"
    );
    let mut statement = store.prepare_cached(&sql)?;
    let rows = statement.query_map([number.to_string()], line)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn line_of(store: &Connection, of: Id) -> Result<Option<DirectiveLine>, StoreError> {
    use rusqlite::OptionalExtension;
    let sql = format!(
        "SELECT {LINE_COLUMNS} FROM directive AS d
         WHERE d.scope IN (SELECT scope FROM scope) AND d.id = ?1 ORDER BY d.scope LIMIT 1"
    );
    Ok(store.prepare_cached(&sql)?.query_row([of.to_string()], line).optional()?)
}

/// From then on it counts as read; only this phone knows. Call it inside [`crate::store::Store::write`].
///
/// # Errors
/// The store's own fault.
pub fn mark_opened(store: &Connection, of: Id) -> Result<(), StoreError> {
    store.prepare_cached("INSERT OR IGNORE INTO opened (id) VALUES (?1)")?.execute([of.to_string()])?;
    Ok(())
}

/// Of a directive whose words are not those that its statement names: what the statement says, without any.
fn head(of: &Directive) -> Result<Statement, StoreError> {
    let bare = Directive { standing: Standing::Withdrawn, document: None, ..of.clone() };
    bare.read().map_err(|_| StoreError::Row("a directive's statement is not one"))
}

/// A whole directive, and whether it was unread before. `None` for one that is not on this phone.
///
/// # Errors
/// The store's own fault.
pub fn read(store: &Connection, of: Id, words: &Words) -> Result<Option<DirectiveView>, StoreError> {
    let Some(mut line) = line_of(store, of)? else { return Ok(None) };
    let Some(row) = shown::one::<Directive>(store, &DIRECTIVES, of)? else { return Ok(None) };
    let statement = match row.of.read() {
        Ok(statement) => statement,
        Err(_) => {
            line.verdict = Some(Verdict::Quarantined { why: Distrust::OtherWords });
            head(&row.of)?
        }
    };
    let replaced_by = row.of.replaced_by.map(|next| line_of(store, next)).transpose()?.flatten();
    let next = row.of.replaced_by.filter(|_| line.replacement_withdrawn);
    let next = next.map(|next| shown::one::<Directive>(store, &DIRECTIVES, next)).transpose()?.flatten();
    let replacement_withdrawn_at = next.and_then(|next| next.of.ruled()).map(|ruling| ruling.at);
    let replaced_by = replaced_by.filter(|next| !next.is_quarantined());
    let files = attachments::of_row(store, &row.row(DIRECTIVE))?;
    let view = DirectiveView::new(line, statement, replaced_by, row.of.ruled());
    let of_newer_version = view.of_newer_version || outbox::is_outdated(store, &row.row(DIRECTIVE))?;
    let verdict_sentence = words.verdict(view.line.verdict.as_ref());
    Ok(Some(DirectiveView { files, of_newer_version, replacement_withdrawn_at, verdict_sentence, ..view }))
}
