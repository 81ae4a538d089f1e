//! From what a person wants to a command: is it theirs to do, and would it stand?
//!
//! The phone asks the same function as the server. It knows a member's present offices only, so the server may
//! still judge otherwise; but nobody types minutes for an hour to hear "not allowed" in the valley.

use rusqlite::Connection;
use sotay_protocol::{
    command::Command,
    env::Env,
    refusal::Refusal,
    rights::{self, Action, Caller},
};

use crate::{
    members, organisations,
    sync::{
        commands::{self, Draft, SubmitError},
        device,
    },
};

/// Accepts a deed, if the person may do it as far as this phone knows.
///
/// # Errors
/// [`SubmitError::Refused`] for what the server would refuse; nothing is kept then.
pub(crate) fn give(store: &Connection, env: &dyn Env, draft: Draft) -> Result<u64, SubmitError> {
    may(store, env, &draft)?;
    commands::submit(store, env, draft)
}

fn may(store: &Connection, env: &dyn Env, draft: &Draft) -> Result<(), SubmitError> {
    let of = device::identity(store)?.ok_or(SubmitError::NotEnrolled)?;
    if of.taken_off {
        return Err(SubmitError::Refused(Refusal::DeviceRevoked));
    }
    let command = Command {
        device: of.device,
        number: 0,
        kind: draft.kind.to_owned(),
        version: 1,
        row: draft.row.clone(),
        made_at: env.now(),
        needs: Vec::new(),
        body: draft.body.clone(),
    };
    let standing = members::standing(store, of.member)?;
    let tree = organisations::tree(store)?;
    let (caller, action) = (Caller::Member(&standing), Action::Give(&command));
    rights::allowed(caller, &tree, action, env.now()).map_err(SubmitError::Refused)
}

/// The row that is to be changed, or the refusal that says it is not there.
pub(crate) fn stands<T>(row: Option<T>) -> Result<T, SubmitError> {
    row.ok_or(SubmitError::Refused(Refusal::NoSuchRow))
}
