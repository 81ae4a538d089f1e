//! What waits at the desks of this server, for the officer who prepared it.

use chrono::NaiveDate;
use sotay_protocol::{
    directives::{DirectiveType, Number, Standing},
    drafts::{DRAFT, Draft, DraftState},
    scope::Scope,
};

use super::read;
use crate::{error::ServerError, server::Server};

/// A draft that is not signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundDraft {
    pub directive_type: DirectiveType,
    pub number: Number,
    pub issuer_name: String,
    pub date: NaiveDate,
    /// Trích yếu.
    pub abstract_: String,
    /// What becomes of the directive; `None` where it is to be published.
    pub ruling: Option<Standing>,
    pub state: DraftState,
    /// Why it was given back.
    pub reason: Option<String>,
}

impl Server {
    /// All that waits for a signature or was given back, the oldest first.
    ///
    /// # Errors
    /// The store's.
    pub fn drafts(&self) -> Result<Vec<FoundDraft>, ServerError> {
        let mut drafts = self.store.read_with(|reader| {
            let mut drafts: Vec<Draft> = Vec::new();
            for organisation in reader.organisations()? {
                let rows = reader.rows_of_kind(Scope::desk(organisation.id), DRAFT)?;
                drafts.extend(rows.iter().filter_map(|row| read(Some(row))));
            }
            Ok(drafts)
        })?;
        drafts.retain(|draft| draft.state != DraftState::Signed);
        drafts.sort_by_key(|draft| draft.at);
        Ok(drafts.into_iter().filter_map(found).collect())
    }
}

fn found(draft: Draft) -> Option<FoundDraft> {
    let statement = draft.read().ok()?;
    Some(FoundDraft {
        directive_type: statement.directive_type,
        number: statement.number,
        issuer_name: statement.issuer_name,
        date: statement.date,
        abstract_: statement.abstract_,
        ruling: draft.ruled().map(|ruled| ruled.standing),
        state: draft.state,
        reason: draft.reason,
    })
}
