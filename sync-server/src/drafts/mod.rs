//! Dự thảo chờ ký: what an officer prepared waits at the issuer's desk, and is published by the signature of a leader.
//!
//! One command does it all in one transaction: the directive with the signature and the server's receipt, and the draft
//! that is done. Rights are judged at the time of the command, as everywhere; the certificate is judged at the server's
//! clock when the receipt is given, for that is when every phone will judge it, in ten years too. What comes too late is
//! refused and nothing of it is kept: the leader signs again with a new certificate.

mod listed;
mod prepare;
mod sign;

use sotay_protocol::drafts::Draft;

pub use self::listed::FoundDraft;
pub(crate) use self::{
    prepare::{prepare, prepare_ruling},
    sign::sign,
};
use crate::{
    commands::{Deed, Stop},
    store::{StoredEntry, Transaction},
};

/// A draft goes back to who prepared it, with the reason. Its file stays with it.
pub(crate) fn give_back(tx: &mut dyn Transaction, deed: &mut Deed<'_>) -> Result<u64, Stop> {
    Ok(deed.write(tx)?.seq)
}

fn read(entry: Option<&StoredEntry>) -> Option<Draft> {
    entry?.row().ok().flatten()?.view().ok()
}
