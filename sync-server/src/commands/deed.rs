//! One command being carried out: what every handler does with its row.

use std::collections::BTreeSet;

use sotay_protocol::{
    attendance,
    command::{Command, apply},
    edit::Rejection,
    env::Timestamp,
    feedback,
    id::Id,
    limits, meetings,
    refusal::Refusal,
    row::{Body, Row, RowRef},
    signature::sha256,
};

use super::{Maker, Stop};
use crate::{
    restore::Ledger,
    store::{BlobHash, Errand, NewEntry, Result as Stored, StoreError, StoredEntry, Transaction},
    trust::Receipts,
};

/// Commands that make a row.
const CREATES: [&str; 5] = [
    meetings::CREATE,
    attendance::CHECK_IN,
    attendance::RECORD_OPENING,
    feedback::SUBMIT,
    feedback::sealed::SEAL,
];

pub(crate) struct Deed<'a> {
    pub(crate) command: &'a Command,
    pub(crate) maker: Id,
    pub(crate) device: Id,
    pub(crate) now: Timestamp,
    pub(crate) errands: BTreeSet<Errand>,
    /// Files that must not go yet; see [`Maker::named_later`].
    pub(crate) named_later: &'a BTreeSet<BlobHash>,
    pub(crate) receipts: &'a Receipts,
    /// This one, which writes rows in its own name.
    pub(crate) server: Id,
    pub(crate) ledger: &'a dyn Ledger,
}

/// What [`Deed::write`] did.
pub(crate) struct Written {
    /// Where the row stands.
    pub(crate) seq: u64,
    /// The row was changed by this command; otherwise it stood so already.
    pub(crate) changed: bool,
}

impl<'a> Deed<'a> {
    pub(super) fn new(maker: &Maker<'a>, command: &'a Command) -> Self {
        Self {
            command,
            maker: maker.device.member,
            device: maker.device.id,
            now: maker.now,
            errands: BTreeSet::new(),
            named_later: maker.named_later,
            receipts: maker.receipts,
            server: maker.server,
            ledger: maker.ledger,
        }
    }

    /// The row as the command finds it.
    pub(crate) fn entry(&self, tx: &dyn Transaction) -> Stored<Option<StoredEntry>> {
        tx.entry(&self.command.row)
    }

    /// The command's row after it, without writing it.
    pub(crate) fn applied(&self, current: Option<&StoredEntry>) -> Result<Row, Rejection> {
        let current = current.map(StoredEntry::row).transpose()?.flatten();
        apply(current.as_ref(), self.command, self.maker)
    }

    /// Carries the command out on its own row. A create that made the row already, and a change that
    /// stands already, write nothing.
    pub(crate) fn write(&self, tx: &mut dyn Transaction) -> Result<Written, Stop> {
        self.write_as(tx, |_| ())
    }

    /// The same with what the server alone can say of the row.
    pub(crate) fn write_as(
        &self,
        tx: &mut dyn Transaction,
        say: impl FnOnce(&mut Body),
    ) -> Result<Written, Stop> {
        let current = self.entry(tx)?;
        let made = self.made_hash()?;
        if let (Some(made), Some(entry)) = (made, &current) {
            let own = entry.author == self.maker && entry.made == Some(made);
            match &entry.body {
                // Also where the row was changed since, or has gone: it was made by this.
                _ if own => {
                    self.applied(None)?;
                    return Ok(Written { seq: entry.seq, changed: false });
                }
                None if entry.author != self.maker => return Err(Refusal::IdTaken.into()),
                _ => {}
            }
        }
        let mut row = self.applied(current.as_ref())?;
        say(&mut row.body);
        if let Some(entry) = &current
            && entry.row()?.as_ref() == Some(&row)
        {
            return Ok(Written { seq: entry.seq, changed: false });
        }
        let made = made.or_else(|| current.as_ref().and_then(|entry| entry.made));
        let seq = self.put(tx, &self.command.row, &row, made)?;
        Ok(Written { seq, changed: true })
    }

    /// Where the row stands or stood that this command made already, or added its word or mark to, whichever device it
    /// came from.
    pub(super) fn made_before(&self, tx: &dyn Transaction) -> Result<Option<u64>, Stop> {
        let Some(entry) = self.entry(tx)? else { return Ok(None) };
        let done = match self.command.kind.as_str() {
            attendance::MARK => crate::attendance::is_noted(tx, self)?,
            feedback::ANSWER | feedback::sealed::SEAL_ANSWER => crate::feedback::is_answered(self, &entry)?,
            _ => {
                self.made_hash()?.is_some() && entry.author == self.maker && entry.made == self.made_hash()?
            }
        };
        Ok(done.then_some(entry.seq))
    }

    fn made_hash(&self) -> Result<Option<[u8; 32]>, Stop> {
        if !CREATES.contains(&self.command.kind.as_str()) {
            return Ok(None);
        }
        Ok(Some(sha256(text(&self.command.body)?.as_bytes())))
    }

    /// Writes the body of another row that this command changes; its author and version stay.
    pub(crate) fn write_other(
        &self,
        tx: &mut dyn Transaction,
        row: &RowRef,
        current: Option<&StoredEntry>,
        body: Body,
    ) -> Result<(), Stop> {
        let standing = current.map(StoredEntry::row).transpose()?.flatten();
        if standing.as_ref().is_some_and(|row| row.body == body) {
            return Ok(());
        }
        let author = standing.as_ref().map_or(self.maker, |row| row.author);
        let version = standing.as_ref().map_or_else(|| feedback::version(&body), |row| row.version);
        let made = current.and_then(|entry| entry.made);
        self.put(tx, row, &Row { version, author, body }, made)?;
        Ok(())
    }

    fn put(
        &self,
        tx: &mut dyn Transaction,
        row: &RowRef,
        new: &Row,
        made: Option<[u8; 32]>,
    ) -> Result<u64, Stop> {
        let body = text(&new.body)?;
        if body.len() > limits::ROW {
            return Err(Refusal::TooLarge.into());
        }
        let entry = NewEntry { version: new.version, author: new.author, body: &body, made, at: self.now };
        Ok(tx.put(row, &entry)?)
    }

    /// The relay does `errand` after the commit.
    pub(crate) fn leave_errand(&mut self, errand: Errand) {
        self.errands.insert(errand);
    }
}

fn text(body: &Body) -> Result<String, StoreError> {
    serde_json::to_string(body).map_err(|_| StoreError::GivenUp("a body is not JSON".into()))
}
