//! The keyring: built from the rows that are here and from what was taken in before.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::{
    env::Timestamp,
    planted::{self, Bug},
    signature::{Base64, sha256_hex},
    trust::{Certificate, Holder, Keyring, Revocations, Signed, Succession},
};

use super::{
    CERTIFICATES, REVOCATION_LISTS, ROOTS, RefusedWipe,
    pin::{self, pin},
    wipe,
};
use crate::{
    shown,
    store::{StoreError, table::Table},
};

/// What is kept, whatever the server has later; the names of these kinds in `taken_in`.
const SUCCESSION: &str = "succession";
const ORGANISATION: &str = "organisation";
const REVOKED: &str = "revocations";

/// How the lists of revocations stand, and what was ordered in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Lists {
    /// When the oldest of those in force was made; `None` where there is none.
    pub oldest: Option<Timestamp>,
    /// Lists of the server with a lower number than this phone has seen; they were not taken in.
    pub set_back: u64,
    /// An order to forget all that was not to be obeyed.
    pub refused_wipe: Option<RefusedWipe>,
}

/// # Errors
/// The store's own fault.
pub(crate) fn lists(store: &Connection) -> Result<Lists, StoreError> {
    let mut statement = store.prepare_cached("SELECT lists_at, set_back FROM trust")?;
    let refused_wipe = wipe::refused(store)?;
    Ok(statement.query_row([], |row| {
        let oldest = row.get::<_, Option<i64>>(0)?.map(Timestamp::from_millis);
        Ok(Lists { oldest, set_back: row.get(1)?, refused_wipe })
    })?)
}

/// What is believed now, and how often keys have changed so far.
pub(crate) struct Ring {
    pub keys: Keyring,
    pub as_of: i64,
    /// What is to be believed from now on, with its kind.
    kept: Vec<(&'static str, Signed)>,
    oldest_list: Option<Timestamp>,
    set_back: u64,
}

/// Whether keys have come, changed or gone that were not looked at yet.
pub(crate) fn have_changed(store: &Connection) -> Result<bool, StoreError> {
    let mut statement = store.prepare_cached("SELECT keys <> taken FROM trust")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Takes in what has come since, if anything has. Call it inside [`crate::store::Store::write`].
///
/// # Errors
/// The store's own fault.
pub(crate) fn catch_up(store: &Connection) -> Result<(), StoreError> {
    if have_changed(store)? { take_in(store) } else { Ok(()) }
}

/// Takes in what has come: from then on all directives wait to be judged anew. What was found of them before stands until
/// then.
fn take_in(store: &Connection) -> Result<(), StoreError> {
    if pin(store)?.is_none() {
        let seen: Vec<Signed> = rows(store, &ROOTS)?;
        pin::first_seen(store, &seen)?;
    }
    let ring = ring(store)?;
    store.execute("DELETE FROM taken_in", [])?;
    for (kind, of) in &ring.kept {
        store.execute(
            "INSERT OR REPLACE INTO taken_in (kind, name, text, signature) VALUES (?1, ?2, ?3, ?4)",
            (kind, of.sha256(), &of.text, &of.signature.0),
        )?;
    }
    store.execute(
        "UPDATE trust SET taken = keys, lists_at = ?1, set_back = ?2",
        (ring.oldest_list.map(Timestamp::millis), ring.set_back),
    )?;
    let outlives = planted::is(Bug::VerdictOutlivesList) && have_verdicts(store)?;
    if pin(store)?.is_some() && !outlives {
        sealed_to_judge(store)?;
        store.execute(
            "INSERT INTO to_judge (directive)
             SELECT key FROM directive WHERE key NOT IN (SELECT directive FROM to_judge)",
            [],
        )?;
    }
    Ok(())
}

/// Who wrote a letter, and who is to have it, hangs on keys too.
fn sealed_to_judge(store: &Connection) -> Result<(), StoreError> {
    for (kind, table) in [("thread", "thread"), ("case", "feedback_case")] {
        let sql = format!(
            "INSERT OR IGNORE INTO to_open (scope, kind, id) SELECT scope, ?1, id FROM {table} WHERE sealed = 1"
        );
        store.execute(&sql, [kind])?;
    }
    Ok(())
}

/// What is believed now.
///
/// # Errors
/// The store's own fault.
pub(crate) fn keyring(store: &Connection) -> Result<Keyring, StoreError> {
    Ok(ring(store)?.keys)
}

/// For the planted bug.
fn have_verdicts(store: &Connection) -> Result<bool, StoreError> {
    Ok(store.query_row("SELECT EXISTS (SELECT 1 FROM verdict)", [], |row| row.get(0))?)
}

/// # Errors
/// The store's own fault.
pub(crate) fn ring(store: &Connection) -> Result<Ring, StoreError> {
    let as_of = store.prepare_cached("SELECT keys FROM trust")?.query_row([], |row| row.get(0))?;
    let mut ring = Ring { keys: Keyring::default(), as_of, kept: Vec::new(), oldest_list: None, set_back: 0 };
    let Some(pin) = pin(store)? else { return Ok(ring) };
    ring.keys = Keyring::pinned(&pin.root);
    ring.follow(store)?;
    ring.certify(store)?;
    ring.revoke(store)?;
    Ok(ring)
}

impl Ring {
    /// Roots that a believed root names, in whatever order these words have come.
    fn follow(&mut self, store: &Connection) -> Result<(), StoreError> {
        let all = [taken_in(store, SUCCESSION)?, rows(store, &ROOTS)?].concat();
        let of = |signed: Signed| Some((Succession::of(&signed)?, signed));
        let all: Vec<(Succession, Signed)> = all.into_iter().filter_map(of).collect();
        for (_, signed) in &all {
            self.keys.add_succession(signed);
        }
        let believed = all.into_iter().filter(|(of, _)| self.is_root(&of.root));
        let believed: Vec<_> = believed.map(|(_, signed)| (SUCCESSION, signed)).collect();
        self.kept.extend(believed);
        Ok(())
    }

    fn certify(&mut self, store: &Connection) -> Result<(), StoreError> {
        for signed in [taken_in(store, ORGANISATION)?, rows(store, &CERTIFICATES)?].concat() {
            let Some(of) = Certificate::of(&signed) else { continue };
            self.keys.add_certificate(&signed);
            // A server that no longer has an organisation's certificate would make what it signed look unsigned.
            if of.holder == Holder::Organisation && self.is_root(&of.issuer) {
                self.kept.push((ORGANISATION, signed));
            }
        }
        Ok(())
    }

    fn revoke(&mut self, store: &Connection) -> Result<(), StoreError> {
        let organisations = self.keys.certificates().map(|(_, of)| of);
        let issuers: BTreeSet<Base64> = organisations
            .filter(|of| of.holder == Holder::Organisation && self.is_root(&of.issuer))
            .map(|of| of.key.clone())
            .collect();
        let (before, seen) = (taken_in(store, REVOKED)?, rows(store, &REVOCATION_LISTS)?);
        let all = before.into_iter().map(|of| (of, false)).chain(seen.into_iter().map(|of| (of, true)));
        let mut lists = Vec::new();
        for (signed, is_row) in all {
            let Some(list) = Revocations::of(&signed) else { continue };
            if issuers.contains(&list.issuer) || self.is_root(&list.issuer) {
                self.keys.add_revocations(&signed);
                lists.push((list, signed, is_row));
            }
        }
        for (list, signed, is_row) in lists {
            if self.keys.revocations(&list.issuer).is_some_and(|newest| newest.number > list.number) {
                self.set_back += u64::from(is_row);
            } else {
                let oldest = self.oldest_list.map_or(list.at, |oldest| oldest.min(list.at));
                self.oldest_list = Some(oldest);
                self.kept.push((REVOKED, signed));
            }
        }
        Ok(())
    }

    fn is_root(&self, key: &Base64) -> bool {
        self.keys.knows_root(&sha256_hex(&key.0))
    }
}

fn rows(store: &Connection, table: &Table) -> Result<Vec<Signed>, StoreError> {
    let rows = shown::all::<Signed>(store, table, "ORDER BY scope, id", [])?;
    Ok(rows.into_iter().map(|row| row.of).collect())
}

fn taken_in(store: &Connection, kind: &str) -> Result<Vec<Signed>, StoreError> {
    let mut statement =
        store.prepare_cached("SELECT text, signature FROM taken_in WHERE kind = ?1 ORDER BY name")?;
    let rows = statement
        .query_map([kind], |row| Ok(Signed { text: row.get(0)?, signature: Base64(row.get(1)?) }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
