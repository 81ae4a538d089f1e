//! All certificates, roots and revocations that a phone has, and whether a chain of them holds.
//!
//! In what order they came changes nothing: what is believed is worked out from all that is here.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Certificate, Distrust, Duty, Holder, Revocations, Root, Signed, Succession, root::fingerprint,
    roots::Roots,
};
use crate::{
    env::Timestamp,
    id::Id,
    planted::{self, Bug},
    signature::Base64,
};

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
    roots: Roots,
    certificates: BTreeMap<String, Certificate>,
    /// An organisation's certificates by their key and by who signed them: whoever sends thousands of false ones makes no
    /// chain slower.
    of_key: BTreeMap<Base64, BTreeMap<Base64, BTreeSet<String>>>,
    /// The same by organisation.
    of_organisation: BTreeMap<Id, BTreeMap<Base64, BTreeSet<String>>>,
    /// Keys that are no organisation's, and so certify nobody.
    others: BTreeSet<Base64>,
    /// The newest list of each issuer, and from when on it believes each certificate no longer.
    revocations: BTreeMap<Base64, (Revocations, BTreeMap<String, Timestamp>)>,
}

impl Keyring {
    /// With one root, as the phone was told at enrolment.
    #[must_use]
    pub fn pinned(root: &Root) -> Self {
        Self { roots: Roots::pinned(root.key.clone()), ..Self::default() }
    }

    /// Whether `root` is believed, by its fingerprint.
    #[must_use]
    pub fn knows_root(&self, of: &str) -> bool {
        self.roots.believed().any(|(key, _)| fingerprint(key) == of)
    }

    /// Takes in what a root says of another; it counts where that root is believed, now or by what comes later. False
    /// where it is none, or not well signed.
    pub fn add_succession(&mut self, signed: &Signed) -> bool {
        let Some(succession) = Succession::of(signed) else { return false };
        let Some(other) = Root::of(&succession.other) else { return false };
        self.roots.add(succession.root, other.key, succession.ends, succession.at);
        true
    }

    /// Takes in a certificate that its issuer signed; whether that issuer may is judged with the chain.
    pub fn add_certificate(&mut self, signed: &Signed) -> bool {
        let Some(certificate) = Certificate::of(signed) else { return false };
        let (sha256, issuer) = (signed.sha256(), &certificate.issuer);
        if certificate.holder == Holder::Organisation {
            let of_key = self.of_key.entry(certificate.key.clone()).or_default();
            of_key.entry(issuer.clone()).or_default().insert(sha256.clone());
            let own = self.of_organisation.entry(certificate.organisation).or_default();
            own.entry(issuer.clone()).or_default().insert(sha256.clone());
        } else {
            self.others.insert(certificate.key.clone());
        }
        self.certificates.insert(sha256, certificate);
        true
    }

    /// Takes in a list of revocations; one below the newest of that issuer is refused. Of two with one number, which only
    /// an issuer with two copies of its register makes, both count.
    pub fn add_revocations(&mut self, signed: &Signed) -> bool {
        let Some(list) = Revocations::of(signed) else { return false };
        let known = self.revocations.get(&list.issuer).map(|(known, bad_since)| (known.number, bad_since));
        let mut bad_since = match known {
            Some((number, _)) if number > list.number && !planted::is(Bug::LowerListTaken) => return false,
            Some((number, bad_since)) if number == list.number => bad_since.clone(),
            _ => BTreeMap::new(),
        };
        for entry in &list.revoked {
            let since = bad_since.entry(entry.certificate.clone()).or_insert(entry.bad_since);
            *since = entry.bad_since.min(*since);
        }
        self.revocations.insert(list.issuer.clone(), (list, bad_since));
        true
    }

    #[must_use]
    pub fn certificate(&self, sha256: &str) -> Option<&Certificate> {
        self.certificates.get(sha256)
    }

    /// Whether an organisation had got, by `at`, a key that this phone believes and that signs what it publishes. That
    /// the certificate ran out since, or was revoked, does not allow words without a signature again.
    #[must_use]
    pub fn publishes(&self, organisation: Id, at: Timestamp) -> bool {
        let Some(own) = self.of_organisation.get(&organisation) else { return false };
        let began = |sha256: &String, of: &Certificate| {
            let bad_since = self.bad_since(&of.issuer, sha256);
            of.from <= at
                && of.duties.contains(&Duty::Publish)
                && bad_since.is_none_or(|bad_since| bad_since > of.from)
        };
        self.roots.believed().any(|(root, ends)| {
            let of_root = own.get(root).into_iter().flatten();
            let here = of_root.filter_map(|sha256| Some((sha256, self.certificates.get(sha256)?)));
            here.into_iter().any(|(sha256, of)| began(sha256, of) && ends.is_none_or(|ends| of.from < ends))
        })
    }

    /// The same of whoever is certified under this name, as people read it: what another organisation prints it over is
    /// not theirs either.
    #[must_use]
    pub fn publishes_as(&self, name: &str, at: Timestamp) -> bool {
        let name = as_read(name);
        self.of_organisation.iter().any(|(organisation, own)| {
            let of_believed = self.roots.believed().filter_map(|(root, _)| own.get(root)).flatten();
            let mut certified = of_believed.filter_map(|sha256| self.certificates.get(sha256));
            certified.any(|of| as_read(&of.organisation_name) == name) && self.publishes(*organisation, at)
        })
    }

    /// All certificates here, by the SHA-256 of their texts.
    pub fn certificates(&self) -> impl Iterator<Item = (&str, &Certificate)> {
        self.certificates.iter().map(|(sha256, certificate)| (sha256.as_str(), certificate))
    }

    /// The newest list of `issuer`.
    #[must_use]
    pub fn revocations(&self, issuer: &Base64) -> Option<&Revocations> {
        self.revocations.get(issuer).map(|(list, _)| list)
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
        let above = self.parent(leaf, at)?;
        let own = self.revoked(&leaf.issuer, sha256, at)?;
        Ok(Chain { leaf: leaf.clone(), bad_since: [own, above].into_iter().flatten().min() })
    }

    /// Whether an organisation's own certificate held at `at`; from when on it is believed no longer.
    ///
    /// # Errors
    /// The first reason not to believe it.
    pub fn organisation_chain(&self, sha256: &str, at: Timestamp) -> Result<Option<Timestamp>, Distrust> {
        let own = self.certificates.get(sha256).ok_or(Distrust::Missing)?;
        let root = self.roots.believed().find(|(root, _)| **root == own.issuer);
        self.organisation(sha256, root.ok_or(Distrust::ForeignRoot)?.1, own, at)
    }

    /// Whether a believed root certified the organisation that signed `leaf`, for that, at `at`: an organisation's
    /// certificate may have been renewed, and may be of more than one root. From when on that is believed no longer.
    fn parent(&self, leaf: &Certificate, at: Timestamp) -> Result<Option<Timestamp>, Distrust> {
        let Some(by_issuer) = self.of_key.get(&leaf.issuer) else {
            let root = self.roots.believed().any(|(root, _)| *root == leaf.issuer);
            let no_parent = root || self.others.contains(&leaf.issuer);
            return Err(if no_parent { Distrust::WrongParent } else { Distrust::Missing });
        };
        let (mut holds, mut why) = (None, Distrust::ForeignRoot);
        for (root, ends) in self.roots.believed() {
            for sha256 in by_issuer.get(root).into_iter().flatten() {
                match self.organisation(sha256, ends, leaf, at) {
                    Ok(bad_since) => holds = Some(earlier(holds.flatten(), bad_since)),
                    Err(not) => why = nearer(why, not),
                }
            }
        }
        holds.ok_or(why)
    }

    /// Whether one certificate, by a root that `ends`, held at `at` and allows `leaf`.
    fn organisation(
        &self,
        sha256: &str,
        ends: Option<Timestamp>,
        leaf: &Certificate,
        at: Timestamp,
    ) -> Result<Option<Timestamp>, Distrust> {
        let of = self.certificates.get(sha256).ok_or(Distrust::Missing)?;
        let may = of.holder == Holder::Organisation && of.organisation == leaf.organisation;
        if !may || !leaf.duties.is_subset(&of.duties) {
            return Err(Distrust::WrongParent);
        }
        if !of.holds(at) || ends.is_some_and(|ends| at >= ends) {
            return Err(Distrust::NotValidThen);
        }
        self.revoked(&of.issuer, sha256, at)
    }

    /// The keys that speak for `server`: those certified for it, of which none counts that was revoked. One whose certificate
    /// only ran out still does: whoever waits for the next one has to find the way to it. `None` where nobody believed has
    /// certified it.
    #[must_use]
    pub fn keys_of_server(&self, server: Id, now: Timestamp) -> Option<BTreeSet<Base64>> {
        let own = self.certificates.iter().filter(|(_, of)| of.holder == Holder::Server { server });
        let mut judged = own
            .filter_map(|(sha256, of)| match self.chain(sha256, Duty::Server, now) {
                Ok(_) => Some((&of.key, true)),
                Err(Distrust::Revoked) => Some((&of.key, false)),
                Err(_) => match self.chain(sha256, Duty::Server, of.from) {
                    Ok(chain) => Some((&of.key, chain.bad_since.is_none())),
                    Err(Distrust::Revoked) => Some((&of.key, false)),
                    Err(_) => None,
                },
            })
            .peekable();
        judged.peek()?;
        let (good, bad): (Vec<_>, Vec<_>) = judged.partition(|(_, good)| *good);
        let revoked = |key: &Base64| bad.iter().any(|(of, _)| *of == key);
        Some(good.into_iter().map(|(key, _)| key.clone()).filter(|key| !revoked(key)).collect())
    }

    fn bad_since(&self, issuer: &Base64, sha256: &str) -> Option<Timestamp> {
        self.revocations.get(issuer).and_then(|(_, bad_since)| bad_since.get(sha256)).copied()
    }

    /// From when on a certificate is not believed, where that is later than `at`.
    fn revoked(&self, issuer: &Base64, sha256: &str, at: Timestamp) -> Result<Option<Timestamp>, Distrust> {
        match self.bad_since(issuer, sha256) {
            Some(bad_since) if bad_since <= at || planted::is(Bug::BadSinceIgnored) => Err(Distrust::Revoked),
            bad_since => Ok(bad_since),
        }
    }
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    [one, other].into_iter().flatten().min()
}

/// Of two reasons, the one that was found further on.
fn nearer(one: Distrust, other: Distrust) -> Distrust {
    let way = [Distrust::ForeignRoot, Distrust::WrongParent, Distrust::NotValidThen, Distrust::Revoked];
    let step = |of: &Distrust| way.iter().position(|known| known == of);
    [one, other].into_iter().max_by_key(step).unwrap_or(one)
}

/// A name without what the eye does not tell apart: composed letters, capitals, how many spaces.
fn as_read(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let composed: String = name.nfkc().flat_map(char::to_lowercase).collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}
