//! Dự thảo chờ ký: what the office prepared, and the leader's signature on it.

mod view;

use rusqlite::{Connection, types::Value};
use serde::Serialize;
use sotay_protocol::{
    drafts::{DRAFT, Draft, DraftState, RETURN, Return, SIGN, Sign},
    env::Env,
    id::Id,
    members::Office,
    refusal::Refusal,
    rights::audience_id,
    row::{RowRef, body},
    scope::Scope,
};

pub use self::view::{DraftLine, DraftView, drafts, open};
use crate::{
    deed::{give, stands},
    shown::{self, Shown},
    store::table::{Table, drawn, text},
    sync::{
        commands::{self, SubmitError},
        device,
    },
    trust,
};

pub static DRAFTS: Table = Table {
    kind: DRAFT,
    name: "draft",
    version: 1,
    drawing: 1,
    columns: &["state", "at"],
    draw: |body| {
        let of: Draft = drawn(body)?;
        Ok(vec![text(&of.state), Value::Integer(of.at.millis())])
    },
};

/// To whom a draft will go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Readers {
    /// All in and below the issuer.
    All,
    /// Those of them who hold this office.
    Only(Office),
}

/// `None` where it would go elsewhere than to the issuer's own readers: that is nothing to sign.
fn readers(of: &Draft) -> Option<Readers> {
    const OFFICES: [Office; 4] =
        [Office::Secretary, Office::DeputySecretary, Office::CommitteeMember, Office::Staff];
    if of.scope == Scope::org(of.issuer) {
        return Some(Readers::All);
    }
    let office =
        OFFICES.into_iter().find(|office| of.scope == Scope::audience(audience_id(of.issuer, *office)));
    office.map(Readers::Only)
}

/// Signs what stands on the screen. The words are looked at again: they have to be those that are signed.
///
/// # Errors
/// [`SubmitError::Refused`]: `not_certified` where this device has no certificate in force for what the issuer publishes,
/// `draft_changed`, `malformed`, `not_allowed`, `no_such_row`.
pub fn sign(store: &Connection, env: &dyn Env, draft: Id) -> Result<(), SubmitError> {
    let row: Shown<Draft> = stands(shown::one(store, &DRAFTS, draft)?)?;
    if row.of.state != DraftState::Waiting {
        return Err(SubmitError::Refused(Refusal::DraftChanged));
    }
    let statement = row.of.read().map_err(SubmitError::Refused)?;
    let whole = if row.of.ruling.is_some() { row.of.ruled().is_some() } else { row.of.document.is_some() };
    if statement.issuer != row.of.issuer || readers(&row.of).is_none() || !whole {
        return Err(SubmitError::Refused(Refusal::Malformed));
    }
    let device = device::load(store)?.ok_or(SubmitError::NotEnrolled)?;
    trust::catch_up(store)?;
    let certificate = trust::to_publish(store, row.of.issuer, env.now())?;
    let certificate = certificate.ok_or(SubmitError::Refused(Refusal::NotCertified))?;
    let (text, purpose) = row.of.to_sign();
    let signature = device.key.sign(purpose, text.as_bytes());
    let sign = Sign { scope: row.of.scope, sha256: row.of.sha256(), signature, certificate };
    settle_earlier(store, env, &row.row(DRAFT))?;
    let deed =
        commands::Draft { kind: SIGN, row: row.row(DRAFT), needs: row.needed(DRAFT), body: body(&sign) };
    give(store, env, deed).map(drop)
}

/// Gives it back to the office, with a reason.
///
/// # Errors
/// [`SubmitError::Refused`]: `draft_changed`, `empty`, `too_large`, `not_allowed`, `no_such_row`.
pub fn hand_back(store: &Connection, env: &dyn Env, draft: Id, reason: &str) -> Result<(), SubmitError> {
    let row: Shown<Draft> = stands(shown::one(store, &DRAFTS, draft)?)?;
    settle_earlier(store, env, &row.row(DRAFT))?;
    let body = body(&Return { reason: reason.trim().to_owned() });
    let deed = commands::Draft { kind: RETURN, row: row.row(DRAFT), needs: row.needed(DRAFT), body };
    give(store, env, deed).map(drop)
}

/// What was refused of this draft before is dealt with by doing it anew: it asks for nothing more.
fn settle_earlier(store: &Connection, env: &dyn Env, draft: &RowRef) -> Result<(), SubmitError> {
    let of_draft = |of: &commands::Entry| {
        let kind = of.command.kind.as_str();
        of.state.needs_attention() && of.command.row == *draft && (kind == SIGN || kind == RETURN)
    };
    for of in commands::open(store)?.into_iter().filter(of_draft) {
        commands::dismiss(store, env, of.entry)?;
    }
    Ok(())
}
