//! Whether a chain is whole, and leads to every head that was told of it.

use std::collections::BTreeMap;

use sotay_protocol::{
    audit::{Act, BEGINNING, hex},
    env::Timestamp,
    id::Id,
};

use super::{
    RESTORE,
    heads::{last_told, place},
};
use crate::{error::ServerError, server::Server, store::Reader};

/// Entries read at a time.
const AT_ONCE: usize = 1_000;

/// Where a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditFault {
    /// Entries are missing before this one.
    Gap { expected: u64, found: u64 },
    /// This entry does not name the hash of the one before: one of the two was changed, or one was put in or taken out.
    Broken { number: u64 },
    /// This entry is not what its hash says.
    Changed { number: u64 },
    /// What was told of this number is not what stands there: the history was written anew.
    NotAsTold { number: u64 },
    /// A head was told that is beyond the chain's end: entries were cut off.
    CutOff { told: u64, has: u64 },
}

/// A head that somebody was told: by a phone of an officer above, by the ledger, or off a sheet of paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldHead {
    pub number: u64,
    pub hash: String,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    pub organisation: Id,
    pub entries: u64,
    /// Of the newest entry, in hex.
    pub hash: String,
    /// The first place where it does not hold.
    pub fault: Option<AuditFault>,
    /// Numbers told that a restore took back: when it was, and the highest number that was told before.
    pub lost: Vec<(Timestamp, u64)>,
    /// Heads that it was compared with.
    pub compared: usize,
}

impl Server {
    /// Recomputes the chain of `organisation` and compares it with every head that was told of it, and with `also`.
    ///
    /// # Errors
    /// The store's, or the ledger's.
    pub fn verify_audit(&self, organisation: Id, also: &[ToldHead]) -> Result<AuditReport, ServerError> {
        let mut told: Vec<ToldHead> = also.to_vec();
        let ledger = self.notes()?.heads.remove(&organisation).unwrap_or_default();
        told.extend(ledger.into_iter().map(|head| ToldHead {
            number: head.number,
            hash: head.hash,
            at: head.at,
        }));
        Ok(self.store.read_with(|reader| {
            let mut told = told.clone();
            let at = place(reader, organisation)?;
            let row = at.map(|at| last_told(reader, &at)).transpose()?.flatten();
            told.extend(row.map(|head| ToldHead { number: head.number, hash: head.hash, at: head.at }));
            verify(reader, organisation, &told)
        })?)
    }
}

fn verify(reader: &dyn Reader, organisation: Id, told: &[ToldHead]) -> crate::store::Result<AuditReport> {
    let (mut number, mut previous) = (0, BEGINNING);
    let (mut fault, mut restores) = (None, Vec::new());
    let mut hashes = BTreeMap::new();
    let wanted: Vec<u64> = told.iter().map(|head| head.number).collect();
    loop {
        let entries = reader.audit(organisation, number, AT_ONCE)?;
        for entry in &entries {
            let found = fault_of(&entry.act, &entry.hash, number + 1, &previous);
            fault = fault.or(found);
            (number, previous) = (entry.act.number, entry.hash);
            if entry.act.deed == RESTORE {
                restores.push((number, entry.act.at));
            }
            if wanted.contains(&number) {
                hashes.insert(number, hex(&entry.hash));
            }
        }
        if entries.len() < AT_ONCE {
            break;
        }
    }
    let mut lost: BTreeMap<Timestamp, u64> = BTreeMap::new();
    for head in told {
        let stands = hashes.get(&head.number);
        if stands == Some(&head.hash) {
            continue;
        }
        // Told before a restore that went back behind it.
        let taken_back = restores.iter().find(|(at, when)| *at <= head.number && *when >= head.at);
        match (taken_back, stands) {
            (Some((_, when)), _) => {
                let highest = lost.entry(*when).or_default();
                *highest = head.number.max(*highest);
            }
            (None, Some(_)) => fault = fault.or(Some(AuditFault::NotAsTold { number: head.number })),
            (None, None) => fault = fault.or(Some(AuditFault::CutOff { told: head.number, has: number })),
        }
    }
    Ok(AuditReport {
        organisation,
        entries: number,
        hash: hex(&previous),
        fault,
        lost: lost.into_iter().collect(),
        compared: told.len(),
    })
}

fn fault_of(act: &Act, hash: &[u8; 32], expected: u64, previous: &[u8; 32]) -> Option<AuditFault> {
    if act.number != expected {
        return Some(AuditFault::Gap { expected, found: act.number });
    }
    if act.previous != *previous {
        return Some(AuditFault::Broken { number: act.number });
    }
    (act.hash() != *hash).then_some(AuditFault::Changed { number: act.number })
}
