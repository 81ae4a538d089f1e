//! What no longer stands as it was published: withdrawn, or replaced by another.
//!
//! Neither is a tombstone. The row stays with its head, its hash and its statement; a withdrawn one loses its words and its
//! files, and no page that was made before is served again.

use sotay_protocol::{
    directives::{Directive, Standing},
    env::Timestamp,
    id::Id,
    limits,
    members::Office,
    organisations::Tree,
    row::{Row, RowRef, body},
};

use super::FoundDirective;
use crate::{
    error::ServerError,
    rows::put,
    server::Server,
    store::{Result as Stored, StoreError, Transaction},
};

impl Server {
    /// Withdraws a directive: who had it on their phone keeps its head and the reason, and nothing of what it said.
    /// Whether it was so already; its first reason then stays.
    ///
    /// # Errors
    /// A sentence where it does not stand, or there is no reason; or the store's.
    pub fn withdraw(&self, row: &RowRef, reason: &str) -> Result<bool, ServerError> {
        let reason = reason.trim();
        if reason.is_empty() || reason.len() > limits::LINE {
            return Err(ServerError::refused("lý do thu hồi phải có lời, trong một dòng"));
        }
        let now = self.env.now();
        let withdrawn = self.store.write_with(&[row.scope], |tx| {
            let Some(directive) = standing(tx, row)? else { return Ok(Err(GONE)) };
            if directive.standing == Standing::Withdrawn {
                return Ok(Ok(true));
            }
            let Ok(withdrawn) = directive.withdrawn(reason, now) else { return Ok(Err(GONE)) };
            tx.drop_blobs(row)?;
            write(tx, row, &withdrawn, now)?;
            tx.count_purge(row.scope)?;
            Ok(Ok(false))
        })?;
        self.tell(&std::iter::once(row.scope).collect(), None);
        withdrawn.map_err(ServerError::refused)
    }
}

const GONE: &str = "văn bản cũ không còn trên máy chủ";

/// The directive, if it stands.
pub(super) fn standing(tx: &dyn Transaction, row: &RowRef) -> Stored<Option<Directive>> {
    let row = tx.entry(row)?.and_then(|entry| entry.row().ok().flatten());
    Ok(row.and_then(|row| row.view().ok()))
}

/// Why nothing can be put in the place of `old`: asked before anything is published.
pub(super) fn cannot_be_replaced(tx: &dyn Transaction, old: &RowRef) -> Stored<Option<&'static str>> {
    Ok(match standing(tx, old)? {
        None => Some(GONE),
        Some(old) if old.standing == Standing::Withdrawn => {
            Some("văn bản cũ đã bị thu hồi, không cần thay thế; chưa ban hành gì")
        }
        Some(_) => None,
    })
}

impl Server {
    /// Whether somebody who can read `old` will not be able to read what this issuer publishes for `audience`: they would
    /// be told that it was replaced, and not by what.
    ///
    /// # Errors
    /// The store's.
    pub fn loses_readers(
        &self,
        old: &FoundDirective,
        issuer: Id,
        audience: Option<Office>,
    ) -> Result<bool, ServerError> {
        let all = self.organisations()?;
        let tree = Tree::new(all.iter().map(|stored| (stored.id, stored.organisation.parent)));
        let all_below = tree.upward(old.issuer).any(|above| above == issuer);
        Ok(!all_below || (audience.is_some() && audience != old.audience))
    }
}

/// Says of `old` that the row `by` replaces it.
pub(super) fn replace(tx: &mut dyn Transaction, old: &RowRef, by: Id, now: Timestamp) -> Stored<()> {
    let Some(directive) = standing(tx, old)? else { return Ok(()) };
    let replaced = directive.replaced(by, now);
    if replaced == directive { Ok(()) } else { write(tx, old, &replaced, now) }
}

/// Sets what the row now says; the fields that this version does not know stay.
fn write(tx: &mut dyn Transaction, at: &RowRef, directive: &Directive, now: Timestamp) -> Stored<()> {
    let entry = tx.entry(at)?;
    let made = entry.as_ref().and_then(|entry| entry.made);
    let row = entry.and_then(|entry| entry.row().ok().flatten());
    let mut row: Row = row.ok_or_else(|| StoreError::GivenUp("a directive went away".into()))?;
    row.body.remove("document");
    row.body.extend(body(directive));
    put(tx, at, &row, made, now).map(drop)
}
