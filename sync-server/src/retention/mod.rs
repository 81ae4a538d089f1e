//! How long what is kept of people stays, and its end.
//!
//! Rules are data ([`sotay_protocol::retention`]); what is older than they say goes with the daily work. What goes leaves its
//! words nowhere: not in the log or the archive, not in files, not in the commands that devices signed, not in pages packed
//! before (the scope's purge count rises), not in bytes of the database that nothing names any more ([`Store::scrub`]).
//! What stays has no words: numbers, hashes and outcomes of commands, so that each is still done exactly once; ids in whatever
//! names them; counts in reports; what somebody signed in office. Phones hear of it by the log: the row's tombstone, and for who
//! comes after the tombstone's time, a reading anew.
//!
//! Before anything goes, its ids stand in the ledger beside the database: a backup that still has it is purged when it is
//! brought back, before the server answers anyone. And whose rows went, by whom, stands in the audit chains.
//!
//! [`Store::scrub`]: crate::store::Store::scrub

mod forget;
mod purge;

use sotay_protocol::{
    env::Timestamp,
    retention::{Retained, Rule},
};

pub use self::purge::{Due, Purged};
use crate::{audit, error::ServerError, restore::Note, server::Server};

impl Server {
    /// Every rule that was ever set, in the order of kind and beginning.
    ///
    /// # Errors
    /// The store's.
    pub fn retention(&self) -> Result<Vec<Rule>, ServerError> {
        Ok(self.store.read_with(|reader| reader.rules())?)
    }

    /// From `from` on, what is of this kind stays for `days` after its event, or for good.
    ///
    /// # Errors
    /// A sentence for fewer days than the kind has to stay, or without a basis or a name; the store's, the ledger's.
    pub fn set_retention(
        &self,
        kind: Retained,
        days: Option<u32>,
        from: Option<Timestamp>,
        basis: &str,
        set_by: &str,
    ) -> Result<Rule, ServerError> {
        if let Some(few) = days.filter(|days| *days < kind.at_least()) {
            return Err(ServerError::refused(format!(
                "{few} ngày là quá ngắn: loại này phải giữ ít nhất {} ngày",
                kind.at_least()
            )));
        }
        let (basis, set_by) = (basis.trim().to_owned(), set_by.trim().to_owned());
        if basis.is_empty() || set_by.is_empty() {
            return Err(ServerError::refused("cần ghi căn cứ (--basis) và người đặt (--by)"));
        }
        let now = self.env.now();
        let rule = Rule { kind, days, from: from.unwrap_or(now), basis, set_by, set_at: now };
        self.store.write_with(&[], |tx| {
            self.note(&Note::Rule(rule.clone()))?;
            tx.put_rule(&rule)?;
            // Of the server as a whole, for all organisations on it.
            let deed = format!("retention.{}", kind.word());
            audit::note(tx, self.id(), audit::Deed { actor: self.id(), deed: &deed, at: now }, &[])
        })?;
        Ok(rule)
    }
}
