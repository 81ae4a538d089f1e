//! Laying a draft on the issuer's desk.

use sotay_protocol::{
    directives::Directive,
    drafts::{DRAFT, Draft, DraftState, draft_id},
    env::Timestamp,
    row::{Row, RowRef, body},
    scope::Scope,
};

use super::read;
use crate::{
    attachments::Original,
    rows::put,
    store::{Result as Stored, Transaction},
};

/// What will stand as the row `directive` at `at`, with the file that it was read from. One that waits there for the same
/// directive is prepared anew: who had it on the screen does not sign it any more. Whether it waited so already.
pub(crate) fn prepare(
    tx: &mut dyn Transaction,
    desk: Scope,
    at: &RowRef,
    directive: &Row,
    original: Option<&Original>,
    now: Timestamp,
) -> Stored<bool> {
    let Ok(of) = directive.view::<Directive>() else { return Ok(false) };
    let draft = Draft {
        scope: at.scope,
        directive: at.id,
        issuer: desk.id,
        statement: of.statement,
        document: of.document,
        ruling: None,
        state: DraftState::Waiting,
        reason: None,
        at: now,
    };
    let row = RowRef::new(desk, DRAFT, draft_id(at.id, None));
    let known = read(tx.entry(&row)?.as_ref());
    if known.is_some_and(|known| (Draft { at: known.at, ..draft.clone() }) == known) {
        return Ok(true);
    }
    tx.drop_blobs(&row)?;
    if let Some(original) = original {
        original.keep(tx, &row)?;
    }
    lay(tx, &row, &draft, directive, now).map(|()| false)
}

/// That the directive at `at` become what `next` is. Whether the same waited already.
pub(crate) fn prepare_ruling(
    tx: &mut dyn Transaction,
    desk: Scope,
    at: &RowRef,
    directive: &Directive,
    next: &Directive,
    now: Timestamp,
) -> Stored<bool> {
    let draft = Draft {
        scope: at.scope,
        directive: at.id,
        issuer: desk.id,
        statement: directive.statement.clone(),
        document: None,
        ruling: next.ruling.clone(),
        state: DraftState::Waiting,
        reason: None,
        at: now,
    };
    for entry in tx.rows_of_kind(desk, DRAFT)? {
        if read(Some(&entry)).is_some_and(|known| says_the_same(&known, &draft)) {
            return Ok(true);
        }
    }
    let row = RowRef::new(desk, DRAFT, draft_id(at.id, draft.ruling.as_deref()));
    let Some(author) = tx.server()?.map(|server| server.id) else { return Ok(false) };
    put(tx, &row, &Row { version: 1, author, body: body(&draft) }, None, now).map(|_| false)
}

/// But for the time at which it was prepared. A directive is withdrawn once: a second reason waits for nobody.
fn says_the_same(known: &Draft, draft: &Draft) -> bool {
    let said = |of: &Draft| of.ruled().map(|ruled| (ruled.standing, ruled.replaced_by));
    known.state == DraftState::Waiting
        && (known.directive, known.scope) == (draft.directive, draft.scope)
        && known.statement == draft.statement
        && known.ruling.is_some()
        && said(known) == said(draft)
}

fn lay(tx: &mut dyn Transaction, at: &RowRef, draft: &Draft, of: &Row, now: Timestamp) -> Stored<()> {
    put(tx, at, &Row { version: 1, author: of.author, body: body(draft) }, None, now).map(drop)
}
