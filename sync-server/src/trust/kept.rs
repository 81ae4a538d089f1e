//! The rows in which keys stand.

use std::collections::BTreeMap;

use sotay_protocol::{
    env::Timestamp,
    id::Id,
    row::{Row, RowRef, body},
    scope::Scope,
    signature::{Base64, sha256_hex},
    trust::{CERTIFICATE, Keyring, REVOCATIONS, ROOT, Revocations, Root, Signed, Succession},
};

use crate::store::{Reader, Result as Stored, StoredEntry};

/// Levels of organisations that a chain may have; a cycle in bad data ends here.
const DEEPEST: usize = 16;

/// What was brought in, each in the words that were signed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    pub(crate) root: Option<Signed>,
    /// In the order in which they were brought.
    pub(crate) successions: Vec<Signed>,
    /// By the SHA-256 of their texts.
    pub(crate) certificates: BTreeMap<String, Signed>,
    /// By issuer.
    pub(crate) revocations: BTreeMap<Base64, Signed>,
}

impl Kept {
    /// All that is needed to judge what `organisation` publishes.
    pub(crate) fn above(reader: &(impl Reader + ?Sized), organisation: Id) -> Stored<Self> {
        let mut kept = Self::default();
        let mut next = Some(organisation);
        for _ in 0..DEEPEST {
            let Some(found) = next.map(|id| reader.organisation(id)).transpose()?.flatten() else { break };
            kept.add(reader, found.id)?;
            next = found.organisation.parent;
        }
        Ok(kept)
    }

    /// Everything on this server.
    pub(crate) fn all(reader: &(impl Reader + ?Sized)) -> Stored<Self> {
        let mut kept = Self::default();
        for stored in reader.organisations()? {
            kept.add(reader, stored.id)?;
        }
        Ok(kept)
    }

    /// What stands in these organisations' own scopes.
    pub(super) fn among(
        reader: &(impl Reader + ?Sized),
        organisations: impl Iterator<Item = Id>,
    ) -> Stored<Self> {
        let mut kept = Self::default();
        for organisation in organisations {
            kept.add(reader, organisation)?;
        }
        Ok(kept)
    }

    /// The root that this server's operator brought.
    pub(crate) fn root(reader: &(impl Reader + ?Sized)) -> Stored<Option<Signed>> {
        let mut all = reader.organisations()?;
        // It stands where the top was when it was brought; others may stand above by now.
        all.sort_by_key(|stored| stored.organisation.parent.is_some());
        for stored in all {
            let rows = reader.rows_of_kind(Scope::org(stored.id), ROOT)?;
            let root = rows.iter().filter_map(signed).find(|signed| Root::of(signed).is_some());
            if root.is_some() {
                return Ok(root);
            }
        }
        Ok(None)
    }

    fn add(&mut self, reader: &(impl Reader + ?Sized), organisation: Id) -> Stored<()> {
        let scope = Scope::org(organisation);
        for signed in reader.rows_of_kind(scope, ROOT)?.iter().filter_map(signed) {
            if Succession::of(&signed).is_some() {
                if !self.successions.contains(&signed) {
                    self.successions.push(signed);
                }
            } else {
                self.root.get_or_insert(signed);
            }
        }
        for signed in reader.rows_of_kind(scope, CERTIFICATE)?.iter().filter_map(signed) {
            self.certificates.insert(signed.sha256(), signed);
        }
        for signed in reader.rows_of_kind(scope, REVOCATIONS)?.iter().filter_map(signed) {
            if let Some(list) = Revocations::of(&signed) {
                self.revocations.insert(list.issuer, signed);
            }
        }
        Ok(())
    }

    /// What can be believed of it.
    pub(crate) fn keyring(&self) -> Keyring {
        self.root.as_ref().map_or_else(Keyring::default, |root| self.keyring_of(root))
    }

    /// What can be believed of it under `root`.
    pub(super) fn keyring_of(&self, root: &Signed) -> Keyring {
        let Some(root) = Root::of(root) else { return Keyring::default() };
        let mut keyring = Keyring::pinned(&root);
        // One may name the root that says the next.
        for signed in &self.successions {
            keyring.add_succession(signed);
        }
        for signed in self.certificates.values() {
            keyring.add_certificate(signed);
        }
        for signed in self.revocations.values() {
            keyring.add_revocations(signed);
        }
        keyring
    }
}

/// Whether `organisation` signs what it publishes, by what phones will say of words dated `at` without a signature.
pub(crate) fn signs(reader: &(impl Reader + ?Sized), organisation: Id, at: Timestamp) -> Stored<bool> {
    Ok(Kept::above(reader, organisation)?.keyring().publishes(organisation, at))
}

fn signed(entry: &StoredEntry) -> Option<Signed> {
    serde_json::from_str(entry.body.as_deref()?).ok()
}

pub(super) fn row(of: &Signed, author: Id) -> Row {
    Row { version: 1, author, body: body(of) }
}

/// Of a root, or of what one says of another.
pub(super) fn root_at(organisation: Id, of: &Signed) -> RowRef {
    RowRef::new(Scope::org(organisation), ROOT, Id::derived(&format!("root {}", of.sha256()), &[]))
}

pub(super) fn certificate_at(organisation: Id, of: &Signed) -> RowRef {
    let id = Id::derived(&format!("certificate {}", of.sha256()), &[]);
    RowRef::new(Scope::org(organisation), CERTIFICATE, id)
}

/// One for each issuer: a new list takes the old one's place.
pub(super) fn revocations_at(organisation: Id, issuer: &Base64) -> RowRef {
    let id = Id::derived(&format!("revocations {}", sha256_hex(&issuer.0)), &[]);
    RowRef::new(Scope::org(organisation), REVOCATIONS, id)
}
