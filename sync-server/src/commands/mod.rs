//! Judging one command: whose it is, what they may, what it needs, what it does.
//!
//! The handlers of the features stand behind [`handle`]; a feature's own file says only what is its own,
//! the rest (exactly once, rights, held, the row itself) is done here for all.

mod deed;

use std::collections::BTreeSet;

use sotay_protocol::{
    attendance as a,
    command::Command,
    devices as v, drafts as d,
    edit::Rejection,
    env::Timestamp,
    exchange::{Outcome, Signed},
    feedback::{self as f, sealed as s},
    id::Id,
    meetings as m,
    organisations::Tree,
    planted::{self, Bug},
    refusal::Refusal,
    rights::{Action, Standing, allowed, judged_at},
    row::RowRef,
    signature::Base64,
};

pub(crate) use self::deed::Deed;
use crate::{
    attachments, attendance, audit, devices, drafts, feedback, meetings,
    restore::{self, Ledger},
    store::{BlobHash, Device, Errand, Result as Stored, StoreError, Transaction},
    trust::Receipts,
    windows,
};

/// Who gives a command, with everything that it is judged by.
pub(crate) struct Maker<'a> {
    pub(crate) device: &'a Device,
    pub(crate) standing: &'a Standing,
    pub(crate) tree: &'a Tree,
    /// The last exchange that had not heard of the command's number, and the first that had.
    pub(crate) not_heard: Option<Timestamp>,
    pub(crate) heard: Timestamp,
    pub(crate) now: Timestamp,
    /// Files that later commands of this exchange name too.
    pub(crate) named_later: &'a BTreeSet<BlobHash>,
    pub(crate) receipts: &'a Receipts,
    pub(crate) server: Id,
    pub(crate) ledger: &'a dyn Ledger,
}

/// Why a command does not go through.
#[derive(Debug)]
pub(crate) enum Stop {
    Rejected(Rejection),
    /// Rows that must stand first, and files (in hex) that have not come.
    Held {
        missing: Vec<RowRef>,
        files: Vec<String>,
    },
    Store(StoreError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Rejected(refusal.into())
    }
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The command's outcome and the errands it leaves. The caller takes back whatever was written under any
/// outcome but *applied*.
///
/// # Errors
/// The server's own failures.
pub(crate) fn judge(
    tx: &mut dyn Transaction,
    maker: &Maker<'_>,
    signed: &Signed,
    parsed: Result<&Command, Refusal>,
) -> Stored<(Outcome, BTreeSet<Errand>)> {
    // The signature is over the bytes, so it is checked before anything they say counts.
    if !signed.verifies(&Base64(maker.device.key.clone())) {
        return Ok((Outcome::Refused { code: Refusal::BadSignature }, BTreeSet::new()));
    }
    let command = match parsed {
        Ok(command) if command.device != maker.device.id => {
            return Ok((Outcome::Refused { code: Refusal::BadSignature }, BTreeSet::new()));
        }
        Ok(command) => command,
        Err(code) => return Ok((Outcome::Refused { code }, BTreeSet::new())),
    };
    let mut deed = Deed::new(maker, command);
    let outcome = match take(tx, maker, &mut deed) {
        Ok(seq) => {
            let scope = command.row.scope;
            Outcome::Applied { scope, epoch: tx.head(scope)?.epoch, seq }
        }
        Err(Stop::Rejected(Rejection::Refused(Refusal::NoSuchRow)))
            if may_come_again(tx, maker, command)? =>
        {
            let files = attachments::missing(tx, maker.device.id, command)?;
            Outcome::Held { missing: vec![command.row.clone()], files }
        }
        Err(Stop::Rejected(Rejection::Refused(code))) => Outcome::Refused { code },
        Err(Stop::Rejected(Rejection::Conflicted(current))) => Outcome::Conflicted { current },
        Err(Stop::Held { missing, files }) => Outcome::Held { missing, files },
        Err(Stop::Store(error)) => return Err(error),
    };
    Ok((outcome, deed.errands))
}

fn take(tx: &mut dyn Transaction, maker: &Maker<'_>, deed: &mut Deed<'_>) -> Result<u64, Stop> {
    let command = deed.command;
    let mut at = judged_at(command.made_at, maker.not_heard, maker.heard);
    if planted::is(Bug::RightsAtArrival) {
        at = maker.now;
    }
    let caller = maker.device.caller(maker.standing);
    if let Err(refusal) = allowed(caller, maker.tree, Action::Give(command), at) {
        if maker.device.revoked_at.is_some() {
            return Err(Refusal::NotAllowed.into());
        }
        // Sent again under another name, by a copy of the phone that made it: it was allowed then, and stands, if only in the
        // archive.
        windows::recall_for(tx, command)?;
        return deed.made_before(tx)?.ok_or(refusal.into());
    }
    // Nobody may learn, by waiting for it, whether a row stands that they may not see.
    let follows = caller.follows(maker.tree, at);
    if command.needs.iter().any(|row| !follows.contains(&row.scope)) {
        return Err(Refusal::NotAllowed.into());
    }
    let mut missing = Vec::new();
    for row in &command.needs {
        if !windows::stands_or_stood(tx, row)? {
            missing.push(row.clone());
        }
    }
    if !missing.is_empty() {
        let files = attachments::missing(tx, maker.device.id, command)?;
        return Err(Stop::Held { missing, files });
    }
    windows::recall_for(tx, command)?;
    let seq = handle(tx, deed)?;
    // What an office gives is written down; what people do in their own affairs is not.
    if command.row.scope.id != maker.device.member {
        let deed = audit::Deed { actor: maker.device.member, deed: &command.kind, at: maker.now };
        audit::note(tx, command.row.scope.id, deed, &[command.row.id])?;
    }
    Ok(seq)
}

/// After a restore somebody else's row may be missing that its maker's phone still sends again: what was done to it
/// since waits, for as long as phones keep what they sent.
fn may_come_again(tx: &dyn Transaction, maker: &Maker<'_>, command: &Command) -> Stored<bool> {
    let epoch = tx.server()?.map_or(0, |server| server.epoch);
    Ok(maker.now < restore::began(epoch) + restore::SENT_AGAIN && tx.entry(&command.row)?.is_none())
}

type Handler = fn(&mut dyn Transaction, &mut Deed<'_>) -> Result<u64, Stop>;

/// What carries a command out, by its kind; it gives the sequence at which the command's row stands.
const HANDLERS: &[(&str, Handler)] = &[
    (m::CREATE, meetings::change),
    (m::EDIT, meetings::change),
    (a::MARK, attendance::mark),
    (a::CHECK_IN, attendance::check_in),
    (a::RECORD_OPENING, attendance::opening),
    (a::EDIT_OPENING, attendance::opening),
    (f::SUBMIT, feedback::from_member),
    (f::REPLY, feedback::from_member),
    (f::RECEIVE, feedback::from_desk),
    (f::ANSWER, feedback::from_desk),
    (s::SEAL, feedback::from_member),
    (s::SEAL_REPLY, feedback::from_member),
    (s::WRAP_THREAD, feedback::from_member),
    (s::SEAL_ANSWER, feedback::from_desk),
    (s::WRAP_CASE, feedback::from_desk),
    (d::SIGN, drafts::sign),
    (d::RETURN, drafts::give_back),
    (v::EDIT, devices::change),
    (v::REVOKE, devices::change),
];

/// Kinds of commands that this server carries out.
#[must_use]
pub fn handled() -> Vec<&'static str> {
    HANDLERS.iter().map(|(kind, _)| *kind).collect()
}

fn handle(tx: &mut dyn Transaction, deed: &mut Deed<'_>) -> Result<u64, Stop> {
    let handler = HANDLERS.iter().find(|(kind, _)| *kind == deed.command.kind);
    let (_, handler) = handler.ok_or(Refusal::UnknownKind)?;
    handler(tx, deed)
}
