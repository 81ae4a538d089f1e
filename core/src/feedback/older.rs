//! Cases that have left the desk's window, as the server's archive has them.

use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::{
    archive::Archive,
    feedback::{CASE, Case},
    row::RowRef,
    scope::Scope,
};

use super::{
    cases::{CaseView, view},
    sealed,
};
use crate::{
    outbox::Marks,
    shown::Shown,
    store::{StoreError, table::drawn},
    words::Words,
};

/// A page of them, the last one first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OlderCases {
    pub cases: Vec<CaseView>,
    /// Of a newer kind, which this version cannot show.
    pub not_understood: u32,
    /// Says where the next page begins; `None` at the end.
    pub next: Option<String>,
}

pub(crate) fn older(
    store: &Connection,
    words: &Words,
    scope: Scope,
    page: &Archive,
) -> Result<OlderCases, StoreError> {
    let marks = Marks::load(store, words)?;
    let (mut cases, mut not_understood) = (Vec::new(), 0);
    for row in page.rows.iter().filter(|row| row.kind == CASE) {
        match drawn(row.body.get()) {
            Ok(of) => {
                let of: Case = of;
                let opened =
                    of.sealed.then(|| sealed::archived(store, &RowRef::new(scope, CASE, row.id), of.clone()));
                let mut case =
                    view(store, Shown { scope, id: row.id, at_server: true, pending: 0, of }, &marks, words)?;
                if let Some((topic, (messages, letters))) = opened.transpose()? {
                    case.line.topic = topic.unwrap_or(case.line.topic);
                    (case.messages, case.letters) = (messages, letters);
                }
                cases.push(case);
            }
            Err(_) => not_understood += 1,
        }
    }
    Ok(OlderCases { cases, not_understood, next: page.next.clone() })
}
