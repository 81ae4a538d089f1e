//! Telling the head of each chain to the organisation above, and to the ledger beside the database.

use sotay_protocol::{
    audit::{AUDIT_HEAD, AuditHead, hex},
    env::Timestamp,
    id::Id,
    row::{Row, RowRef, body},
    scope::Scope,
};

use crate::{error::ServerError, restore::Note, rows::put_if_changed, server::Server, store::Reader};

impl Server {
    /// A row at the desk above for each chain that grew since it was last told; how many. Where nobody stands above, the
    /// organisation's own officers keep it. For the daily work.
    ///
    /// # Errors
    /// The store's, or the ledger's.
    pub(crate) fn tell_audit_heads(&self) -> Result<usize, ServerError> {
        let now = self.env.now();
        let mut told = 0;
        for organisation in self.audited()? {
            let (at, name) = self.store.read_with(|reader| {
                let stored = reader.organisation(organisation)?;
                let name = stored.map(|stored| stored.organisation.name).unwrap_or_default();
                Ok((place(reader, organisation)?, name))
            })?;
            let scopes: Vec<Scope> = at.iter().map(|at| at.scope).collect();
            let head = self.store.write_with(&scopes, |tx| {
                let Some(head) = tx.audit_head(organisation)? else { return Ok(None) };
                let new = AuditHead {
                    organisation,
                    name: name.clone(),
                    number: head.act.number,
                    hash: hex(&head.hash),
                    at: now,
                };
                let Some(at) = &at else { return Ok(Some(new)) };
                let known = last_told(&*tx, at)?;
                if known.is_some_and(|known| known.number == new.number && known.hash == new.hash) {
                    return Ok(None);
                }
                put_if_changed(tx, at, &Row { version: 1, author: self.id(), body: body(&new) }, now)?;
                Ok(Some(new))
            })?;
            let Some(head) = head else { continue };
            if at.is_some() || self.told_by_ledger(organisation)? < head.number {
                self.note(&Note::Head(head))?;
                told += 1;
            }
            self.tell(&scopes.into_iter().collect(), None);
        }
        Ok(told)
    }

    fn told_by_ledger(&self, organisation: Id) -> Result<u64, ServerError> {
        let told = self.notes()?.heads.remove(&organisation);
        Ok(told.and_then(|told| told.last().map(|head| head.number)).unwrap_or(0))
    }
}

/// Where the head of a chain is told; `None` for the server's own.
pub(super) fn place(
    reader: &(impl Reader + ?Sized),
    organisation: Id,
) -> crate::store::Result<Option<RowRef>> {
    let Some(stored) = reader.organisation(organisation)? else { return Ok(None) };
    let desk = Scope::desk(stored.organisation.parent.unwrap_or(organisation));
    Ok(Some(RowRef::new(desk, AUDIT_HEAD, organisation)))
}

pub(super) fn last_told(
    reader: &(impl Reader + ?Sized),
    at: &RowRef,
) -> crate::store::Result<Option<AuditHead>> {
    let body = reader.entry(at)?.and_then(|entry| entry.body);
    Ok(body.and_then(|body| serde_json::from_str(&body).ok()))
}

/// The highest number told of each chain that is above what the store has: what a restore lost.
pub(crate) fn lost(
    reader: &(impl Reader + ?Sized),
    told: &std::collections::BTreeMap<Id, Vec<AuditHead>>,
) -> crate::store::Result<Vec<(Id, u64, Timestamp)>> {
    let mut lost = Vec::new();
    for (organisation, heads) in told {
        let has = reader.audit_head(*organisation)?.map_or(0, |head| head.act.number);
        if let Some(head) = heads.iter().filter(|head| head.number > has).max_by_key(|head| head.number) {
            lost.push((*organisation, head.number - has, head.at));
        }
    }
    Ok(lost)
}
