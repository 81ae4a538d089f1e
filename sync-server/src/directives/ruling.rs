//! What no longer stands as it was published: withdrawn, or replaced by another.
//!
//! Neither is a tombstone. The row stays with its head, its hash and its statement; a withdrawn one loses its words and its
//! files, and no page that was made before is served again.

use std::collections::BTreeSet;

use sotay_protocol::{
    directives::{Directive, Standing},
    env::Timestamp,
    id::Id,
    limits,
    members::Office,
    organisations::Tree,
    row::{Row, RowRef, body},
    scope::Scope,
};

use super::FoundDirective;
use crate::{
    audit,
    drafts::prepare_ruling,
    error::ServerError,
    rows::put,
    server::Server,
    store::{Reader, Result as Stored, StoreError, Transaction},
    trust::signs,
};

impl Server {
    /// Withdraws a directive: who had it on their phone keeps its head and the reason, and nothing of what it said. Where
    /// its issuer signs, this waits at the issuer's desk.
    ///
    /// # Errors
    /// A sentence where it does not stand, or there is no reason; or the store's.
    pub fn withdraw(&self, row: &RowRef, reason: &str) -> Result<Withdrawn, ServerError> {
        let reason = reason.trim();
        if reason.is_empty() || reason.len() > limits::LINE {
            return Err(ServerError::refused("lý do thu hồi phải có lời, trong một dòng"));
        }
        let now = self.env.now();
        let desk = self.store.read_with(|reader| desk_of(reader, row, now))?;
        let scopes: BTreeSet<Scope> = desk.into_iter().chain([row.scope]).collect();
        let locked: Vec<Scope> = scopes.iter().copied().collect();
        let withdrawn = self.store.write_with(&locked, |tx| {
            let Some(directive) = standing(tx, row)? else { return Ok(Err(GONE)) };
            if directive.standing == Standing::Withdrawn {
                return Ok(Ok(Withdrawn::Before));
            }
            let Ok(withdrawn) = directive.withdrawn(reason, now) else { return Ok(Err(GONE)) };
            if desk_of(&*tx, row, now)? != desk {
                return Err(StoreError::Busy);
            }
            let issuer = directive.read().map_or(self.id(), |statement| statement.issuer);
            let deed = |deed| audit::Deed { actor: self.id(), deed, at: now };
            match desk {
                Some(desk) => {
                    let waited = prepare_ruling(tx, desk, row, &directive, &withdrawn, now)?;
                    if !waited {
                        audit::note(tx, issuer, deed(audit::PREPARE), &[row.id])?;
                    }
                    Ok(Ok(if waited { Withdrawn::WaitsSince } else { Withdrawn::Waits }))
                }
                None => {
                    audit::note(tx, issuer, deed(audit::WITHDRAW), &[row.id])?;
                    rule(tx, row, &withdrawn, now).map(|()| Ok(Withdrawn::Now))
                }
            }
        })?;
        self.tell(&scopes, None);
        withdrawn.map_err(ServerError::refused)
    }
}

/// What became of the wish to withdraw a directive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawn {
    Now,
    /// It was so already; its first reason stays.
    Before,
    /// When its issuer's leader has signed it.
    Waits,
    /// It waited so already.
    WaitsSince,
}

/// The desk at which what becomes of a directive waits for a signature; `None` where its issuer does not sign.
pub(super) fn desk_of(
    reader: &(impl Reader + ?Sized),
    row: &RowRef,
    now: Timestamp,
) -> Stored<Option<Scope>> {
    let directive = reader.entry(row)?.and_then(|entry| entry.row().ok().flatten());
    let Some(directive) = directive.and_then(|row| row.view::<Directive>().ok()) else { return Ok(None) };
    let Ok(issuer) = directive.read().map(|statement| statement.issuer) else { return Ok(None) };
    // Whoever signed the words signs what becomes of them.
    let signed = directive.signed.is_some() || signs(reader, issuer, now)?;
    Ok(signed.then_some(Scope::desk(issuer)))
}

/// Sets what becomes of a directive. A withdrawn one loses its files, and no page with its words is served again.
pub(crate) fn rule(tx: &mut dyn Transaction, row: &RowRef, next: &Directive, now: Timestamp) -> Stored<()> {
    if next.standing == Standing::Withdrawn {
        tx.drop_blobs(row)?;
        tx.count_purge(row.scope)?;
    }
    write(tx, row, next, now)
}

const GONE: &str = "văn bản cũ không còn trên máy chủ";

/// The directive, if it stands.
pub(crate) fn standing(tx: &dyn Transaction, row: &RowRef) -> Stored<Option<Directive>> {
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

/// Says of `old` that the row `by` replaces it, at once or as a draft at `desk`; whether it waits there.
pub(super) fn replace(
    tx: &mut dyn Transaction,
    old: &RowRef,
    by: Id,
    desk: Option<Scope>,
    now: Timestamp,
) -> Stored<bool> {
    let Some(directive) = standing(tx, old)? else { return Ok(false) };
    let replaced = directive.replaced(by, now);
    if replaced == directive {
        return Ok(false);
    }
    match desk {
        Some(desk) => prepare_ruling(tx, desk, old, &directive, &replaced, now).map(|_| true),
        None => rule(tx, old, &replaced, now).map(|()| false),
    }
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
