//! Finding a published directive by what is printed on it: for the file that it was read from, and to look around.

use chrono::NaiveDate;
use serde::Deserialize;
use sotay_protocol::{
    attachment::Attachment,
    directives::{DIRECTIVE, Directive, DirectiveType, Number, Standing},
    id::Id,
    members::Office,
    row::RowRef,
    scope::Scope,
};

use super::publish::readerships;
use crate::{
    attachments::Readable, error::ServerError, server::Server, spreadsheet::name_key, store::StoredEntry,
};

/// What is asked for; the number alone may mean several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub number: Number,
    pub issuer: Option<String>,
    pub date: Option<NaiveDate>,
}

/// A directive that stands on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundDirective {
    pub directive_type: DirectiveType,
    pub number: Number,
    pub issuer: Id,
    pub issuer_name: String,
    pub date: NaiveDate,
    /// Trích yếu.
    pub abstract_: String,
    /// Only those who hold this office; `None` for every member in or below the issuer.
    pub audience: Option<Office>,
    pub original: Option<Readable>,
    pub row: RowRef,
    pub standing: Standing,
}

/// The head of a statement; the document beside it is not looked at.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    directive_type: DirectiveType,
    number: Number,
    issuer_name: String,
    date: NaiveDate,
    #[serde(rename = "abstract")]
    abstract_: String,
}

impl Server {
    /// Every directive that stands on this server, by date.
    ///
    /// # Errors
    /// The store's.
    pub fn directives(&self) -> Result<Vec<FoundDirective>, ServerError> {
        self.directives_that(|_| true)
    }

    /// Every directive that is `wanted`, by date.
    ///
    /// # Errors
    /// The store's.
    pub fn directives_like(&self, wanted: &Wanted) -> Result<Vec<FoundDirective>, ServerError> {
        self.directives_that(|head| wanted.means(head))
    }

    fn directives_that(&self, wanted: impl Fn(&Head) -> bool) -> Result<Vec<FoundDirective>, ServerError> {
        let mut found = Vec::new();
        for organisation in self.organisations()? {
            for (scope, audience) in readerships(organisation.id) {
                for (row, standing, head) in self.heads_in(scope)? {
                    if wanted(&head) {
                        found.push(FoundDirective {
                            original: self.original_of(&row)?,
                            directive_type: head.directive_type,
                            number: head.number,
                            issuer: organisation.id,
                            issuer_name: head.issuer_name,
                            date: head.date,
                            abstract_: head.abstract_,
                            audience,
                            row,
                            standing,
                        });
                    }
                }
            }
        }
        found.sort_by_key(|directive| directive.date);
        Ok(found)
    }

    /// The whole file, as it came.
    ///
    /// # Errors
    /// A sentence where its bytes are no longer those that were published, or the store's.
    pub fn original(&self, of: &Readable) -> Result<Vec<u8>, ServerError> {
        let mut bytes = Vec::new();
        loop {
            let part = self.read_on(of, bytes.len() as u64)?;
            if part.is_empty() {
                break;
            }
            bytes.extend(part);
        }
        let Attachment { size, hash, .. } = &of.attachment;
        if bytes.len() as u64 == *size && sotay_protocol::signature::sha256_hex(&bytes) == *hash {
            return Ok(bytes);
        }
        Err(ServerError::refused("tệp gốc trong kho dữ liệu đã bị hỏng: hãy lấy lại từ bản sao lưu"))
    }

    fn heads_in(&self, scope: Scope) -> Result<Vec<(RowRef, Standing, Head)>, ServerError> {
        let rows = self.store.read_with(|reader| reader.rows_of_kind(scope, DIRECTIVE))?;
        let head = |entry: &StoredEntry| {
            let directive: Directive = serde_json::from_str(entry.body.as_deref()?).ok()?;
            Some((directive.standing, serde_json::from_str(&directive.statement).ok()?))
        };
        Ok(rows
            .iter()
            .filter_map(|entry| {
                let (standing, head) = head(entry)?;
                Some((RowRef::new(scope, DIRECTIVE, entry.id), standing, head))
            })
            .collect())
    }
}

impl Wanted {
    fn means(&self, head: &Head) -> bool {
        let issuer = |name: &String| name_key(name) == name_key(&head.issuer_name);
        self.number == head.number
            && self.issuer.as_ref().is_none_or(issuer)
            && self.date.is_none_or(|date| date == head.date)
    }
}
