//! What an operator sees of the keys on this server.

use std::collections::BTreeSet;

use sotay_protocol::{
    directives::Directive,
    env::Timestamp,
    row::RowRef,
    signature::Base64,
    trust::{Certificate, Keyring, Revocations, Root, Signed, Verdict, Verdicts},
};

use super::{
    Kept,
    ending::{Ending, endings},
};
use crate::{
    directives::FoundDirective,
    error::ServerError,
    server::Server,
    store::{Reader, Result as Stored},
};

#[derive(Debug, Clone)]
pub struct Trusted {
    pub root: Option<Root>,
    /// This server's own key, for receipts.
    pub key: Base64,
    /// Until when it is certified for at least one organisation.
    pub certified_until: Option<Timestamp>,
    /// With whether each is revoked, by organisation, the newest first.
    pub certificates: Vec<(Certificate, bool)>,
    pub revocations: Vec<Revocations>,
    /// What has run out, or soon will.
    pub ending: Vec<Ending>,
}

impl Server {
    /// # Errors
    /// The store's.
    pub fn trusted(&self) -> Result<Trusted, ServerError> {
        let now = self.env.now();
        Ok(self.store.read_with(|reader| {
            let kept = Kept::all(reader)?;
            let keyring = kept.keyring();
            let revoked = |sha256: &str, of: &Certificate| {
                let list = keyring.revocations(&of.issuer);
                list.is_some_and(|list| list.revoked.iter().any(|entry| entry.certificate == sha256))
            };
            let mut certificates: Vec<_> =
                keyring.certificates().map(|(sha256, of)| (of.clone(), revoked(sha256, of))).collect();
            certificates.sort_by_key(|(of, _)| (of.organisation, std::cmp::Reverse(of.from)));
            let own = self.receipts.certificate(&keyring, now);
            Ok(Trusted {
                root: kept.root.as_ref().and_then(Root::of),
                key: self.receipts.key(),
                certified_until: own.and_then(|own| keyring.certificate(own)).map(|of| of.until),
                certificates,
                ending: endings(&keyring, self.id(), now),
                revocations: kept.revocations.values().filter_map(Revocations::of).collect(),
            })
        })?)
    }

    /// The root under which what this server publishes is judged, in its own words.
    ///
    /// # Errors
    /// The store's.
    pub fn root(&self) -> Result<Option<Signed>, ServerError> {
        Ok(self.store.read_with(|reader| Kept::root(reader))?)
    }
}

impl Server {
    /// Directives that phones will not believe, by the keys that are here now.
    ///
    /// # Errors
    /// The store's.
    pub fn unbelieved(&self) -> Result<Vec<FoundDirective>, ServerError> {
        let mut all = self.directives()?;
        let apart = self.store.read_with(|reader| {
            let keys = Kept::all(reader)?.keyring();
            let mut apart = BTreeSet::new();
            for of in &all {
                let verdict = verdicts(reader, &of.row, &keys)?.map(|of| of.statement);
                if matches!(verdict, Some(Verdict::Quarantined { .. })) {
                    apart.insert(of.row.clone());
                }
            }
            Ok(apart)
        })?;
        all.retain(|of| apart.contains(&of.row));
        Ok(all)
    }

    /// Whether phones will believe the directive at `row`.
    ///
    /// # Errors
    /// The store's.
    pub fn is_believed(&self, row: &RowRef) -> Result<bool, ServerError> {
        Ok(self.store.read_with(|reader| {
            let verdict = verdicts(reader, row, &Kept::all(reader)?.keyring())?.map(|of| of.statement);
            Ok(!matches!(verdict, Some(Verdict::Quarantined { .. })))
        })?)
    }
}

fn verdicts(reader: &(impl Reader + ?Sized), row: &RowRef, keys: &Keyring) -> Stored<Option<Verdicts>> {
    let of = reader.entry(row)?.and_then(|entry| entry.row().ok().flatten());
    let of: Option<Directive> = of.and_then(|row| row.view().ok());
    Ok(of.map(|of| Verdicts::of(&of, row.id, row.scope, keys)))
}
