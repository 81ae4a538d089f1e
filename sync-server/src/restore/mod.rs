//! Backup and restore: a copy of the store at one moment, and what makes such a copy a server again.
//!
//! A copy is marked as one. A server that finds the mark in its store knows that it was brought back, by whatever
//! hand (`sotay-server restore`, or a plain copy of the file), and before it answers anyone it
//!
//! 1. takes over the revocations that the [`Ledger`] has and the store does not, with the devices' keys and codes:
//!    a revoked phone stays revoked, and cannot come back by the code that the old store does not know as used;
//! 2. purges what the ledger says was purged since, see [`crate::retention`]: what went stays gone;
//! 3. begins a new epoch, in the transaction that takes the mark away. So a restore that is cut short anywhere is
//!    ended by the next start.
//!
//! **Epochs.** All that a phone knows bears the epoch in which it was said: cursors, effects, pages. Two stores that
//! went different ways must never name the same one, also where one backup is restored twice: counting on from the
//! backup would give 2 both times, and a phone that has read the first 2 would take the second's numbers for its
//! own. So an epoch is the time at which it began, in milliseconds, and more than the store's last and more than any
//! in the ledger: a clock that was set back is caught by the second and third, a ledger that was lost with its
//! machine by the first. [`began`] reads it back.
//!
//! **What a restore costs.** What devices sent since the backup they send again, see `Exchange`; what the console
//! wrote since (imports, publications, ended offices) is gone and has to be done again. The store has also forgotten
//! when it heard of numbers. It hears of them now, and the last exchange that it knows of is the one of the backup:
//! a command is judged as if its phone had been without a network all that time. That is no new power: who has no
//! network may date back as far. An office that was recorded only after the backup is unknown until it is recorded
//! again; what was done by it is refused, stands under *needs attention*, and goes through when sent anew.

mod cut;
pub mod files;
mod hold;
mod ledger;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use sotay_protocol::{
    env::{Timestamp, days},
    id::Id,
};

pub use self::{
    cut::{Cut, clear_up},
    hold::Hold,
    ledger::{FileLedger, Ledger, MemoryLedger, Note, Notes, Purge, Revocation},
};
use crate::{
    attendance::devices_changed,
    audit,
    error::ServerError,
    server::Server,
    store::{Device, Result as Stored, StoreError, Transaction},
};

/// What a server did before it answered anyone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// The store was a copy of this moment.
    pub backup_of: Option<Timestamp>,
    /// The epoch that began.
    pub epoch: Option<u64>,
    /// Devices that were revoked after the store's time.
    pub revoked: usize,
    /// Rows and members that were purged after the store's time.
    pub purged: u64,
    /// Lines of the ledger that nobody can read.
    pub unreadable: usize,
    /// Organisations whose audit chain ended later than the backup's, how many entries were told beyond it, and when last.
    pub audit_lost: Vec<(Id, u64, Timestamp)>,
}

/// After a restore, phones send again what they sent in 30 days before, and have some days to come.
pub(crate) const SENT_AGAIN: Duration = days(35);

/// When an epoch began; the first one at no time that counts.
#[must_use]
pub(crate) fn began(epoch: u64) -> Timestamp {
    Timestamp::from_millis(i64::try_from(epoch).unwrap_or(i64::MAX))
}

impl Server {
    /// See the module. Called when a server is made; does nothing where there is nothing to do.
    pub(crate) fn catch_up(&self) -> Result<CaughtUp, ServerError> {
        let notes = self.notes()?;
        let (backup_of, missing) = self.store.read_with(|reader| {
            let mut missing = Vec::new();
            for revocation in notes.revoked.values() {
                if reader.device(revocation.device)?.is_none_or(|device| device.revoked_at.is_none()) {
                    missing.push(revocation.clone());
                }
            }
            Ok((reader.backup_of()?, missing))
        })?;
        let mut revoked = 0;
        for revocation in &missing {
            revoked += usize::from(self.store.write_with(&[], |tx| merge(tx, revocation))?);
        }
        let audit_lost = match backup_of {
            Some(_) => self.store.read_with(|reader| audit::lost(reader, &notes.heads))?,
            None => Vec::new(),
        };
        let purged = match backup_of {
            Some(_) => self.purge_again(&notes)?,
            None => 0,
        };
        let epoch = match backup_of {
            Some(_) => self.store.write_with(&[], |tx| self.new_epoch(tx, &notes, true))?,
            None => None,
        };
        if let Some(epoch) = epoch {
            tracing::warn!(epoch, revoked, "the store was brought back from a backup: a new epoch begins");
        }
        if notes.unreadable > 0 {
            tracing::warn!(lines = notes.unreadable, "the ledger has lines that cannot be read");
        }
        Ok(CaughtUp { backup_of, epoch, revoked, purged, unreadable: notes.unreadable, audit_lost })
    }

    /// Begins a new epoch: what a store brought back from a backup must do before it answers anyone, so that
    /// devices read anew and send again what the backup has not seen. A store that is marked as a copy does it by
    /// itself; this is for one that somebody knows to be older than it was.
    ///
    /// # Errors
    /// The store's, or the ledger's.
    pub fn begin_epoch(&self) -> Result<u64, ServerError> {
        let notes = self.notes()?;
        let begun = self.store.write_with(&[], |tx| self.new_epoch(tx, &notes, false))?;
        begun.ok_or_else(|| ServerError::refused("the epoch did not begin"))
    }

    fn new_epoch(&self, tx: &mut dyn Transaction, notes: &Notes, if_copied: bool) -> Stored<Option<u64>> {
        // Another process may have been quicker.
        if if_copied && tx.backup_of()?.is_none() {
            return Ok(None);
        }
        let now = self.env.now();
        let at_least = u64::try_from(now.millis()).unwrap_or(0).max(notes.epoch + 1);
        let epoch = tx.begin_epoch(at_least)?;
        tx.mark_backup(None)?;
        // Who signed out since the backup stays out: everybody signs in to the console again.
        tx.drop_console_before(Timestamp::from_millis(i64::MAX))?;
        let deed = audit::Deed { actor: self.id(), deed: audit::RESTORE, at: now };
        for organisation in tx.audited()? {
            audit::note(tx, organisation, deed, &[])?;
        }
        self.note(&Note::Epoch { epoch, at: now })?;
        Ok(Some(epoch))
    }

    /// Revocations that the store has and the ledger does not are noted: those from before there was a ledger, or
    /// since somebody lost it. For the start of a server; how many.
    ///
    /// # Errors
    /// The store's, or the ledger's.
    pub fn note_revocations(&self) -> Result<usize, ServerError> {
        let known = self.notes()?.revoked;
        let revoked = self.store.read_with(|reader| reader.revoked())?;
        let missing: Vec<Device> =
            revoked.into_iter().filter(|device| !known.contains_key(&device.id)).collect();
        for device in &missing {
            self.store.read_with(|reader| {
                let codes = reader.activations_of(device.id)?;
                let at = device.revoked_at.unwrap_or(device.made_at);
                self.note(&Note::Revoked(Revocation::of(device, &codes, at)))
            })?;
        }
        Ok(missing.len())
    }

    pub(crate) fn note(&self, note: &Note) -> Stored<()> {
        self::note(self.ledger.as_ref(), note)
    }

    pub(crate) fn notes(&self) -> Stored<Notes> {
        self.ledger.read().map_err(|error| no_ledger(&error, "đọc", ""))
    }
}

fn no_ledger(error: &std::io::Error, what: &str, then: &str) -> StoreError {
    if error.kind() == std::io::ErrorKind::StorageFull {
        return StoreError::Full;
    }
    StoreError::GivenUp(format!(
        "không {what} được sổ thu hồi (tệp .ledger cạnh tệp dữ liệu): hãy kiểm tra quyền của tệp và thư mục{then}"
    ))
}

/// Who takes a device off: its member, or the server for its operator.
pub(crate) struct Revoker<'a> {
    pub(crate) ledger: &'a dyn Ledger,
    pub(crate) server: Id,
    pub(crate) actor: Id,
}

/// The device and those forked from it are revoked, each in the ledger before the transaction commits; which. `None` where
/// there is no such device.
pub(crate) fn revoke(
    by: &Revoker<'_>,
    tx: &mut dyn Transaction,
    device: Id,
    now: Timestamp,
) -> Stored<Option<Vec<Device>>> {
    let Some(first) = tx.device(device)? else { return Ok(None) };
    let mut revoked = Vec::new();
    for one in family(device, &tx.devices_of(first.member)?) {
        let Some(one) = tx.lock_device(one)?.filter(|one| one.revoked_at.is_none()) else { continue };
        let codes = tx.activations_of(one.id)?;
        note(by.ledger, &Note::Revoked(Revocation::of(&one, &codes, now)))?;
        tx.put_push(one.id, None)?;
        let one = Device { revoked_at: Some(now), ..one };
        tx.put_device(&one)?;
        let home = audit::home(&*tx, one.member, by.server, now)?;
        let deed = audit::Deed { actor: by.actor, deed: audit::REVOKE, at: now };
        audit::note(tx, home, deed, &[one.id, one.member])?;
        revoked.push(one);
    }
    devices_changed(tx, first.member, now)?;
    Ok(Some(revoked))
}

fn note(ledger: &dyn Ledger, note: &Note) -> Stored<()> {
    ledger.note(note).map_err(|error| no_ledger(&error, "ghi", ", chưa có gì thay đổi"))
}

/// The device and all that were forked from it, directly or not.
fn family(device: Id, all: &[Device]) -> Vec<Id> {
    let mut family = vec![device];
    let mut looked_at = 0;
    while let Some(parent) = family.get(looked_at).copied() {
        let forks = all.iter().filter(|one| one.forked_from == Some(parent) && !family.contains(&one.id));
        let forks: Vec<Id> = forks.map(|one| one.id).collect();
        family.extend(forks);
        looked_at += 1;
    }
    family
}

/// Takes a revocation over into a store that does not have it; whether anything had to be changed.
fn merge(tx: &mut dyn Transaction, revocation: &Revocation) -> Stored<bool> {
    let known = match tx.lock_device(revocation.device)? {
        Some(device) => Some(device),
        // The same phone under another id: it came back by a restore that had no ledger.
        None => tx.device_with_key(&revocation.key.0)?,
    };
    if known.as_ref().is_some_and(|device| device.revoked_at.is_some()) {
        return Ok(false);
    }
    let device = match known {
        Some(device) => Device { revoked_at: Some(revocation.at), ..device },
        None => revocation.device(),
    };
    tx.put_push(device.id, None)?;
    tx.put_device(&device)?;
    devices_changed(tx, device.member, revocation.at)?;
    for hash in &revocation.codes {
        if let Some(code) = tx.activation(&hash.0)?.filter(|code| code.device.is_none()) {
            let (key, device) = (Some(device.key.clone()), Some(device.id));
            tx.put_activation(&crate::store::Activation { key, device, ..code })?;
        }
    }
    Ok(true)
}

/// The path of `db` with something behind its name.
fn beside(db: &Path, ending: &str) -> PathBuf {
    let mut name = db.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    db.with_file_name(name)
}

/// Names in a folder are durable only when the folder itself was synced.
fn sync_folder(of: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty());
        std::fs::File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
    }
    #[cfg(not(unix))]
    {
        let _ = of;
        Ok(())
    }
}
