//! Publishing a directive: one row, in the scope of those it is addressed to.

use chrono::NaiveDate;
use sotay_protocol::{
    directives::{DIRECTIVE, Directive, DirectiveType, Number, Standing, Statement, Urgency, directive_id},
    document::Document,
    id::Id,
    limits,
    members::Office,
    rights::audience_id,
    row::{Row, RowRef, body},
    scope::Scope,
};

use crate::{
    attachments::{MAX_ORIGINAL, Original},
    error::ServerError,
    rows::put_if_changed,
    server::Server,
    store::StoredOrganisation,
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
    /// It stood before, word for word.
    pub stood: bool,
}

impl Server {
    /// Publishes a directive. The same one again changes nothing.
    ///
    /// # Errors
    /// A sentence where the issuer is unknown, the text too long, or another text stands under the same
    /// type, number, issuer and date; or the store's.
    pub fn publish(&self, publication: &Publication) -> Result<Published, ServerError> {
        let issuer = self.issuer(&publication.issuer)?;
        let statement = statement(publication, &issuer);
        let (id, scope) = (directive_id(&statement), scope(publication, issuer.id));
        let original = publication.original.as_ref();
        if original.is_some_and(|original| original.bytes.len() > MAX_ORIGINAL) {
            return Err(ServerError::refused("tệp gốc lớn hơn 20 MiB"));
        }
        let row = self.row(&statement)?;
        let at = RowRef::new(scope, DIRECTIVE, id);
        // The other readerships of the same issuer: a document has one.
        let elsewhere: Vec<RowRef> = readerships(issuer.id)
            .filter(|other| *other != scope)
            .map(|other| RowRef::new(other, DIRECTIVE, id))
            .collect();
        let now = self.env.now();
        let published = self.store.write_with(&[scope], |tx| {
            for other in &elsewhere {
                if tx.entry(other)?.is_some_and(|entry| entry.body.is_some()) {
                    return Ok(Err("văn bản này đã được ban hành cho đối tượng khác"));
                }
            }
            let entry = tx.entry(&at)?;
            let standing = entry.and_then(|entry| entry.row().ok().flatten());
            if standing.as_ref().is_some_and(|standing| *standing != row) {
                return Ok(Err(differs(standing.as_ref(), &statement)));
            }
            if let Some(original) = original {
                original.keep(tx, &at)?;
            }
            put_if_changed(tx, &at, &row, now).map(|written| Ok(!written))
        })?;
        let stood = published.map_err(ServerError::refused)?;
        self.tell(&std::iter::once(scope).collect(), None);
        Ok(Published { id, scope, stood })
    }

    fn issuer(&self, issuer: &Issuer) -> Result<StoredOrganisation, ServerError> {
        match issuer {
            Issuer::Name(name) => self.organisation_named(name),
            Issuer::Id(id) => self
                .store
                .read_with(|reader| reader.organisation(*id))?
                .ok_or_else(|| ServerError::refused("không có cơ quan ban hành này trên máy chủ")),
        }
    }

    fn row(&self, statement: &Statement) -> Result<Row, ServerError> {
        let text = serde_json::to_string(statement)
            .map_err(|_| ServerError::refused("không ghi được văn bản này"))?;
        let directive = Directive { statement: text, standing: Standing::InForce, replaced_by: None };
        let row = Row { version: 1, author: self.id(), body: body(&directive) };
        let size = serde_json::to_string(&row.body).map_or(usize::MAX, |body| body.len());
        if size > limits::ROW || statement.abstract_.len() > limits::LINE {
            return Err(ServerError::refused("văn bản hoặc trích yếu quá dài"));
        }
        if statement.abstract_.trim().is_empty() {
            return Err(ServerError::refused("chưa ghi trích yếu"));
        }
        Ok(row)
    }
}

/// Another text, or the same text of another file.
fn differs(standing: Option<&Row>, statement: &Statement) -> &'static str {
    let standing = standing.and_then(|row| row.view::<Directive>().ok()?.read().ok());
    let of_this_file =
        standing.map(|standing| Statement { original: statement.original.clone(), ..standing });
    if of_this_file.is_some_and(|standing| standing == *statement) {
        "văn bản này đã được ban hành, kèm tệp gốc khác"
    } else {
        "văn bản cùng loại, số, ký hiệu và ngày đã được ban hành với nội dung khác"
    }
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

pub(super) fn readerships(issuer: Id) -> impl Iterator<Item = Scope> {
    [Office::Secretary, Office::DeputySecretary, Office::CommitteeMember, Office::Staff]
        .into_iter()
        .map(move |office| Scope::audience(audience_id(issuer, office)))
        .chain(std::iter::once(Scope::org(issuer)))
}
