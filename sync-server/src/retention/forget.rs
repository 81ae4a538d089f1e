//! The end of single rows, and of all that is kept of one member.

use std::collections::BTreeMap;

use sotay_protocol::{env::Timestamp, id::Id, my_data::is_theirs, row::RowRef, scope::Scope};

use crate::{
    audit,
    error::ServerError,
    restore::{Note, Purge},
    server::Server,
    store::{Result as Stored, Transaction},
};

/// Rows that go in one transaction: others wait to write for as long as it takes.
const TOGETHER: usize = 200;

/// The rows' words are gone, wherever they stood; how many rows there were. Their scopes are locked.
pub(super) fn forget(tx: &mut dyn Transaction, rows: &[RowRef], server: Id, now: Timestamp) -> Stored<u64> {
    let mut gone = 0;
    let mut of_chain: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for row in rows {
        let stood = tx.bury(row, now)?.is_some();
        let lay = tx.forget_archived(row)?;
        let said = tx.forget_commands_on(row.id)?;
        if stood || lay {
            tx.count_purge(row.scope)?;
            gone += 1;
            of_chain.entry(audit::of_scope(tx, row.scope, server, now)?).or_default().push(row.id);
        }
        if stood || lay || said > 0 {
            tx.mark_scrub(Some(now))?;
        }
    }
    for (organisation, ids) in of_chain {
        audit::note(tx, organisation, audit::Deed { actor: server, deed: audit::PURGE, at: now }, &ids)?;
    }
    Ok(gone)
}

impl Server {
    /// [`forget`] for rows of any scopes, a scope at a time; noted in the ledger first, unless they stand there already.
    pub(super) fn forget_rows(&self, rows: &[RowRef], noted: bool) -> Result<u64, ServerError> {
        let now = self.env.now();
        let mut by_scope: BTreeMap<Scope, Vec<RowRef>> = BTreeMap::new();
        for row in rows {
            by_scope.entry(row.scope).or_default().push(row.clone());
        }
        let mut gone = 0;
        for (scope, rows) in by_scope {
            for rows in rows.chunks(TOGETHER) {
                gone += self.store.write_with(&[scope], |tx| {
                    if !noted {
                        self.note(&Note::Purged(Purge {
                            rows: rows.iter().cloned().collect(),
                            ..Purge::at(now)
                        }))?;
                    }
                    forget(tx, rows, self.id(), now)
                })?;
            }
            self.tell(&std::iter::once(scope).collect(), None);
        }
        Ok(gone)
    }

    /// Nothing that is theirs alone is kept of the member any more, and none of their devices has rights; their ids stay where
    /// others' work names them. It cannot be taken back, and may be done again.
    ///
    /// # Errors
    /// A sentence where this server knows nobody of that id; the store's, the ledger's.
    pub fn forget_member(&self, member: Id) -> Result<u64, ServerError> {
        let devices = self.store.read_with(|reader| {
            let known = reader.member(member)?.is_some();
            let devices = reader.devices_of(member)?;
            Ok((known || !devices.is_empty()).then_some(devices))
        })?;
        let devices = devices.ok_or_else(|| ServerError::refused("không có đảng viên này trên máy chủ"))?;
        let now = self.env.now();
        for device in devices.iter().filter(|device| device.revoked_at.is_none()) {
            self.revoke_device(device.id)?;
        }
        // Before anything goes: whoever is cut off here is gone after a restore, and is forgotten by the next try.
        self.note(&Note::Purged(Purge { members: [member].into(), ..Purge::at(now) }))?;
        self.forget_all_of(member)
    }

    pub(super) fn forget_all_of(&self, member: Id) -> Result<u64, ServerError> {
        let now = self.env.now();
        // While their cell is still known.
        let home = self.store.read_with(|reader| {
            let known = reader.member(member)?.is_some();
            known.then(|| audit::home(reader, member, self.id(), now)).transpose()
        })?;
        let about = self.store.read_with(|reader| reader.rows_about(member))?;
        let theirs = about
            .into_iter()
            .filter(|about| is_theirs(&about.row, &about.body, member))
            .map(|about| about.row);
        let gone = self.forget_rows(&theirs.collect::<Vec<_>>(), false)?;
        for device in self.store.read_with(|reader| reader.devices_of(member))? {
            self.store.write_with(&[], |tx| {
                tx.lock_device(device.id)?;
                for upload in tx.uploads_of(device.id)? {
                    tx.drop_upload(device.id, &upload.hash)?;
                }
                tx.forget_commands_of(device.id)
            })?;
        }
        self.store.write_with(&[], |tx| {
            tx.mark_scrub(Some(now))?;
            if let Some(home) = home {
                let deed = audit::Deed { actor: self.id(), deed: audit::FORGET, at: now };
                audit::note(tx, home, deed, &[member])?;
            }
            tx.forget_member(member)
        })?;
        Ok(gone)
    }
}
