//! All certificates, roots and revocations that a phone has, and whether a chain of them holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Certificate, Duty, Holder, Revocations, Revoked, Root, Signed, Succession, root::fingerprint};
use crate::{env::Timestamp, id::Id, signature::Base64};

/// Why something is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Distrust {
    /// A certificate that is named is not here (yet).
    #[error("missing")]
    Missing,
    #[error("malformed")]
    Malformed,
    #[error("bad_signature")]
    BadSignature,
    /// It chains to a root, but to none that this phone was told of.
    #[error("foreign_root")]
    ForeignRoot,
    /// The parent may not certify this, or certifies for another organisation.
    #[error("wrong_parent")]
    WrongParent,
    /// The certificate is for another purpose.
    #[error("wrong_duty")]
    WrongDuty,
    /// An organisation's or a server's key where an officer's is due.
    #[error("wrong_holder")]
    WrongHolder,
    /// The signer stands in another organisation than the issuer.
    #[error("wrong_organisation")]
    WrongOrganisation,
    /// Not yet valid, or no longer, at the time of the receipt.
    #[error("not_valid_then")]
    NotValidThen,
    /// Revoked, and received after the time from which its key is not to be believed.
    #[error("revoked")]
    Revoked,
    /// The receipt is for another text or place, or not by a certified server.
    #[error("wrong_receipt")]
    WrongReceipt,
    /// Its issuer signs all it publishes, and this is without a signature.
    #[error("unsigned")]
    Unsigned,
    /// The words or files are not those that the signed statement names.
    #[error("other_words")]
    OtherWords,
    /// A newer app put it there, or none at all.
    #[serde(other)]
    #[error("other")]
    Other,
}

/// A leaf whose chain held at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    pub leaf: Certificate,
    /// The earliest time from which a certificate of the chain is not believed; after the time it was judged at.
    pub bad_since: Option<Timestamp>,
}

/// What a phone knows. Built by adding what was signed; whatever is not signed as it has to be is not taken in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keyring {
    /// Roots believed, with the time from which nothing new counts under them.
    roots: BTreeMap<Base64, Option<Timestamp>>,
    certificates: BTreeMap<String, Certificate>,
    /// The newest list of each issuer.
    revocations: BTreeMap<Base64, Revocations>,
}

impl Keyring {
    /// With one root, as the phone was told at enrolment.
    #[must_use]
    pub fn pinned(root: &Root) -> Self {
        Self { roots: BTreeMap::from([(root.key.clone(), None)]), ..Self::default() }
    }

    /// Whether `root` is believed, by its fingerprint.
    #[must_use]
    pub fn knows_root(&self, of: &str) -> bool {
        self.roots.keys().any(|key| fingerprint(key) == of)
    }

    /// Takes in what a believed root says of another. False where it is none of those, or not well signed.
    pub fn add_succession(&mut self, signed: &Signed) -> bool {
        let Some(succession) = Succession::of(signed) else { return false };
        let Some(other) = Root::of(&succession.other) else { return false };
        let Some(ends) = self.roots.get_mut(&succession.root) else { return false };
        *ends = match (*ends, succession.ends) {
            (Some(was), Some(now)) => Some(was.min(now)),
            (was, now) => was.or(now),
        };
        self.roots.entry(other.key).or_insert(None);
        true
    }

    /// Takes in a certificate that its issuer signed; whether that issuer may is judged with the chain.
    pub fn add_certificate(&mut self, signed: &Signed) -> bool {
        let Some(certificate) = Certificate::of(signed) else { return false };
        self.certificates.insert(signed.sha256(), certificate);
        true
    }

    /// Takes in a list of revocations; one below the newest of that issuer is refused.
    pub fn add_revocations(&mut self, signed: &Signed) -> bool {
        let Some(list) = Revocations::of(signed) else { return false };
        let newest = self.revocations.get(&list.issuer).is_none_or(|known| known.number <= list.number);
        if newest {
            self.revocations.insert(list.issuer.clone(), list);
        }
        newest
    }

    #[must_use]
    pub fn certificate(&self, sha256: &str) -> Option<&Certificate> {
        self.certificates.get(sha256)
    }

    /// Whether an organisation had, at `at`, a key that this phone believes and that signs what it publishes.
    #[must_use]
    pub fn publishes(&self, organisation: Id, at: Timestamp) -> bool {
        self.certificates.values().any(|of| {
            of.holder == Holder::Organisation
                && of.organisation == organisation
                && of.duties.contains(&Duty::Publish)
                && of.from <= at
                && self.roots.contains_key(&of.issuer)
        })
    }

    /// All certificates here, by the SHA-256 of their texts.
    pub fn certificates(&self) -> impl Iterator<Item = (&str, &Certificate)> {
        self.certificates.iter().map(|(sha256, certificate)| (sha256.as_str(), certificate))
    }

    /// When the newest list of `issuer` was made.
    #[must_use]
    pub fn revocations(&self, issuer: &Base64) -> Option<&Revocations> {
        self.revocations.get(issuer)
    }

    /// The leaf that `sha256` names, where it may do `duty` and its whole chain held at `at`.
    ///
    /// # Errors
    /// The first reason not to believe it.
    pub fn chain(&self, sha256: &str, duty: Duty, at: Timestamp) -> Result<Chain, Distrust> {
        let leaf = self.certificates.get(sha256).ok_or(Distrust::Missing)?;
        if leaf.holder == Holder::Organisation {
            return Err(Distrust::WrongHolder);
        }
        if !leaf.duties.contains(&duty) {
            return Err(Distrust::WrongDuty);
        }
        if !leaf.holds(at) {
            return Err(Distrust::NotValidThen);
        }
        let parents = self.parents(leaf);
        let mut why = Distrust::Missing;
        for (parent_sha256, parent) in parents {
            match self.organisation(parent_sha256, parent, leaf, at) {
                Ok(bad) => {
                    let own = self.revoked(&leaf.issuer, sha256, at)?;
                    let bad_since = [own, bad].into_iter().flatten().min();
                    return Ok(Chain { leaf: leaf.clone(), bad_since });
                }
                Err(not) => why = not,
            }
        }
        Err(why)
    }

    /// Certificates of the key that signed `leaf`: an organisation's may have been renewed.
    fn parents(&self, leaf: &Certificate) -> impl Iterator<Item = (&str, &Certificate)> {
        self.certificates().filter(|(_, of)| of.key == leaf.issuer && of.holder == Holder::Organisation)
    }

    /// Whether an organisation's certificate held at `at` and could certify `leaf`; from when on it is not believed.
    fn organisation(
        &self,
        sha256: &str,
        of: &Certificate,
        leaf: &Certificate,
        at: Timestamp,
    ) -> Result<Option<Timestamp>, Distrust> {
        if of.organisation != leaf.organisation || !leaf.duties.is_subset(&of.duties) {
            return Err(Distrust::WrongParent);
        }
        let ends = self.roots.get(&of.issuer).ok_or(Distrust::ForeignRoot)?;
        if !of.holds(at) || ends.is_some_and(|ends| at >= ends) {
            return Err(Distrust::NotValidThen);
        }
        self.revoked(&of.issuer, sha256, at)
    }

    /// From when on a certificate is not believed, where that is later than `at`.
    fn revoked(&self, issuer: &Base64, sha256: &str, at: Timestamp) -> Result<Option<Timestamp>, Distrust> {
        let list = self.revocations.get(issuer);
        let named = |entry: &&Revoked| entry.certificate == sha256;
        let bad_since =
            list.and_then(|list| list.revoked.iter().filter(named).map(|entry| entry.bad_since).min());
        if bad_since.is_some_and(|bad_since| bad_since <= at) {
            return Err(Distrust::Revoked);
        }
        Ok(bad_since)
    }
}
