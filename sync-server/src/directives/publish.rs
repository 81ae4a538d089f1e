//! Publishing a directive: one row, in the scope of those it is addressed to.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sotay_protocol::{
    directives::{
        DIRECTIVE, DIRECTIVE_VERSION, Directive, DirectiveType, Number, Standing, Statement, Urgency,
        directive_id,
    },
    document::Document,
    env::Timestamp,
    id::Id,
    limits,
    members::Office,
    rights::audience_id,
    row::{Row, RowRef, body},
    scope::Scope,
};

use super::ruling::{cannot_be_replaced, desk_of, replace, standing};
use crate::{
    attachments::{MAX_ORIGINAL, Original},
    audit,
    drafts::prepare,
    error::ServerError,
    rows::put,
    server::Server,
    store::{Reader, Result as Stored, StoreError, StoredOrganisation, Transaction},
    trust::signs,
    vietnam,
};

/// What is published, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    pub issuer: Issuer,
    pub directive_type: DirectiveType,
    pub number: Number,
    pub date: NaiveDate,
    /// Trích yếu.
    pub abstract_: String,
    pub urgency: Urgency,
    pub document: Document,
    /// The file it was read from; kept as it came, for download.
    pub original: Option<Original>,
    /// Only those who hold this office in or below the issuer; `None` for every member there.
    pub audience: Option<Office>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issuer {
    Id(Id),
    Name(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    pub id: Id,
    pub scope: Scope,
    /// It stood, or waited, before, word for word.
    pub stood: bool,
    /// It waits at the desk of its issuer, who signs what it publishes; not published yet.
    pub waits: bool,
    /// That it replaces another waits so.
    pub replacing_waits: bool,
}

impl Server {
    /// Publishes a directive, or sends it to its issuer's desk to be signed, where the issuer has keys. The same one
    /// again changes nothing.
    ///
    /// # Errors
    /// A sentence where the issuer is unknown, the text too long, or another text stands under the same
    /// type, number, issuer and date; or the store's.
    pub fn publish(&self, publication: &Publication) -> Result<Published, ServerError> {
        self.publish_in_place_of(publication, None)
    }

    /// Publishes a directive and says of an `old` one, in the same transaction, that this replaces it.
    ///
    /// # Errors
    /// As [`Self::publish`]; a sentence where the old one no longer stands, or is this very one.
    pub fn publish_in_place_of(
        &self,
        publication: &Publication,
        old: Option<&RowRef>,
    ) -> Result<Published, ServerError> {
        let issuer = self.issuer(&publication.issuer)?;
        let statement = statement(publication, &issuer);
        let (id, scope) = (directive_id(&statement), scope(publication, issuer.id));
        let original = publication.original.as_ref();
        if original.is_some_and(|original| original.bytes.len() > MAX_ORIGINAL) {
            return Err(ServerError::refused("tệp gốc lớn hơn 20 MiB"));
        }
        let now = self.env.now();
        let desks = self.store.read_with(|reader| Desks::of(reader, &statement, old, now))?;
        let row = self.row(&statement, desks.new.is_some())?;
        let at = RowRef::new(scope, DIRECTIVE, id);
        if old.is_some_and(|old| old.id == id) {
            return Err(ServerError::refused("một văn bản không thể thay thế chính nó"));
        }
        let written = [Some(scope), old.map(|old| old.scope), desks.new, desks.old];
        let scopes: BTreeSet<Scope> = written.into_iter().flatten().collect();
        let locked: Vec<Scope> = scopes.iter().copied().collect();
        let published = self.store.write_with(&locked, |tx| {
            if stands_elsewhere(tx, issuer.id, &at)? {
                return Ok(Err("văn bản này đã được ban hành cho đối tượng khác"));
            }
            if Desks::of(&*tx, &statement, old, now)? != desks {
                return Err(StoreError::Busy);
            }
            let standing = standing(tx, &at)?;
            if let Some(reason) = standing.as_ref().and_then(|standing| differs(standing, &statement)) {
                return Ok(Err(reason));
            }
            if let Some(reason) = old.map(|old| cannot_be_replaced(tx, old)).transpose()?.flatten() {
                return Ok(Err(reason));
            }
            let waits = desks.new.filter(|_| standing.is_none());
            if waits.is_some() && old.is_some() && desks.old.is_none() {
                return Ok(Err(OTHERS));
            }
            let mut stood = standing.is_some();
            if let Some(desk) = waits {
                stood = prepare(tx, desk, &at, &row, original, now)?;
            } else if standing.is_none() {
                if let Some(original) = original {
                    original.keep(tx, &at)?;
                }
                put(tx, &at, &row, None, now)?;
            }
            if !stood {
                let deed = if waits.is_some() { audit::PREPARE } else { audit::PUBLISH };
                audit::note(tx, issuer.id, audit::Deed { actor: self.id(), deed, at: now }, &[id])?;
            }
            let replaced = old.map(|old| replace(tx, old, id, desks.old, now)).transpose()?;
            if let Some(old) = old {
                let deed = audit::Deed { actor: self.id(), deed: audit::REPLACE, at: now };
                audit::note(tx, issuer.id, deed, &[old.id, id])?;
            }
            Ok(Ok((stood, waits.is_some(), replaced.unwrap_or(false))))
        })?;
        let (stood, waits, replacing_waits) = published.map_err(ServerError::refused)?;
        self.tell(&scopes, None);
        Ok(Published { id, scope, stood, waits, replacing_waits })
    }

    pub(super) fn issuer(&self, issuer: &Issuer) -> Result<StoredOrganisation, ServerError> {
        match issuer {
            Issuer::Name(name) => self.organisation_named(name),
            Issuer::Id(id) => self
                .store
                .read_with(|reader| reader.organisation(*id))?
                .ok_or_else(|| ServerError::refused("không có cơ quan ban hành này trên máy chủ")),
        }
    }

    fn row(&self, statement: &Statement, to_be_signed: bool) -> Result<Row, ServerError> {
        let directive = Directive::of(statement);
        let row = Row { version: DIRECTIVE_VERSION, author: self.id(), body: body(&directive) };
        let size = serde_json::to_string(&row.body).map_or(usize::MAX, |body| body.len());
        let room = if to_be_signed { SIGNATURES } else { 0 };
        if size.saturating_add(room) > limits::ROW || statement.abstract_.len() > limits::LINE {
            return Err(ServerError::refused("văn bản hoặc trích yếu quá dài"));
        }
        if statement.abstract_.trim().is_empty() {
            return Err(ServerError::refused("chưa ghi trích yếu"));
        }
        Ok(row)
    }
}

/// Room for what is signed later: two signatures with their receipts, and a ruling.
const SIGNATURES: usize = 16 * 1024;
const OTHERS: &str = "văn bản cũ do cơ quan khác, chưa có khóa ký, ban hành: hãy ban hành văn bản này trước, không ghi \
                      --replaces; khi văn bản đã được ký thì chạy lại với --replaces";

/// The desks at which something waits for a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Desks {
    new: Option<Scope>,
    /// For the ruling on what is replaced.
    old: Option<Scope>,
}

impl Desks {
    fn of(
        reader: &(impl Reader + ?Sized),
        statement: &Statement,
        old: Option<&RowRef>,
        now: Timestamp,
    ) -> Stored<Self> {
        // Phones go by the day that stands on it.
        let signs = signs(reader, statement.issuer, now.max(begin_of(statement.date)))?;
        let old = old.map(|old| desk_of(reader, old, now)).transpose()?.flatten();
        Ok(Self { new: signs.then_some(Scope::desk(statement.issuer)), old })
    }
}

/// When a day begins in Vietnam.
pub(crate) fn begin_of(day: NaiveDate) -> Timestamp {
    vietnam::moment(day.and_time(chrono::NaiveTime::MIN)).unwrap_or(Timestamp::MIN)
}

/// The dates of what an organisation published without a signature.
pub(crate) fn unsigned_dates(reader: &(impl Reader + ?Sized), issuer: Id) -> Stored<Vec<NaiveDate>> {
    let mut dates = Vec::new();
    for (scope, _) in readerships(issuer) {
        for entry in reader.rows_of_kind(scope, DIRECTIVE)? {
            let of: Option<Directive> = entry.row().ok().flatten().and_then(|row| row.view().ok());
            let unsigned = of.filter(|of| of.signed.is_none()).and_then(|of| of.read().ok());
            dates.extend(unsigned.map(|statement| statement.date));
        }
    }
    Ok(dates)
}

/// Whether the directive stands in another readership of the same issuer: it has one.
pub(crate) fn stands_elsewhere(tx: &dyn Transaction, issuer: Id, at: &RowRef) -> Stored<bool> {
    for (scope, _) in readerships(issuer).filter(|(scope, _)| *scope != at.scope) {
        let other = RowRef { scope, ..at.clone() };
        if tx.entry(&other)?.is_some_and(|entry| entry.body.is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Another text, or the same text of another file; `None` where it is the same.
fn differs(standing: &Directive, statement: &Statement) -> Option<&'static str> {
    if standing.standing == Standing::Withdrawn {
        return Some(
            "văn bản cùng loại, số, ký hiệu và ngày đã bị thu hồi: hãy ban hành văn bản mới với số khác",
        );
    }
    let standing = standing.read().ok();
    if standing.as_ref() == Some(statement) {
        return None;
    }
    let of_this_file =
        standing.map(|standing| Statement { original: statement.original.clone(), ..standing });
    Some(if of_this_file.is_some_and(|standing| standing == *statement) {
        "văn bản này đã được ban hành, kèm tệp gốc khác"
    } else {
        "văn bản cùng loại, số, ký hiệu và ngày đã được ban hành với nội dung khác"
    })
}

fn statement(publication: &Publication, issuer: &StoredOrganisation) -> Statement {
    Statement {
        directive_type: publication.directive_type,
        number: publication.number.clone(),
        issuer: issuer.id,
        issuer_name: issuer.organisation.name.clone(),
        date: publication.date,
        abstract_: publication.abstract_.trim().to_owned(),
        urgency: publication.urgency,
        document: publication.document.clone(),
        original: publication.original.as_ref().map(Original::attachment),
    }
}

fn scope(publication: &Publication, issuer: Id) -> Scope {
    publication.audience.map_or(Scope::org(issuer), |office| Scope::audience(audience_id(issuer, office)))
}

/// The scopes in which an issuer publishes, each with the office that it is for.
pub(super) fn readerships(issuer: Id) -> impl Iterator<Item = (Scope, Option<Office>)> {
    [Office::Secretary, Office::DeputySecretary, Office::CommitteeMember, Office::Staff]
        .into_iter()
        .map(move |office| (Scope::audience(audience_id(issuer, office)), Some(office)))
        .chain(std::iter::once((Scope::org(issuer), None)))
}
