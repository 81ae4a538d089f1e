//! What an operator sees of the keys on this server.

use sotay_protocol::{
    env::Timestamp,
    signature::Base64,
    trust::{Certificate, Revocations, Root, Signed},
};

use super::Kept;
use crate::{error::ServerError, server::Server};

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
