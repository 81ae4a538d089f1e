//! Certificates that have run out, or soon will, while there is time to make others.

use std::{collections::BTreeMap, time::Duration};

use sotay_protocol::{
    env::{Timestamp, days},
    id::Id,
    trust::{Certificate, Duty, Holder, Keyring},
};

/// Time enough to bring a request to where the root is kept, and back.
const AHEAD: Duration = days(60);
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Nobody has a later one for the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    pub who: Whose,
    /// Of the organisation, or of the officer.
    pub name: String,
    pub until: Timestamp,
    /// Whole days until then; `None` where it has run out.
    pub left: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    Organisation,
    Server,
    Officer,
}

/// Who holds it, and of which organisation.
type Place = (Whose, Id, Option<Id>);

/// Of each holder the certificate that lasts longest, where that is not long. An officer's that ran out long ago is that of
/// an office that ended.
pub(super) fn endings(keyring: &Keyring, server: Id, now: Timestamp) -> Vec<Ending> {
    let mut last: BTreeMap<Place, &Certificate> = BTreeMap::new();
    for (sha256, of) in keyring.certificates() {
        let Some(place) = place(of, server).filter(|_| believed(keyring, sha256, of)) else { continue };
        let known = last.entry(place).or_insert(of);
        if known.until < of.until {
            *known = of;
        }
    }
    let soon = last.into_iter().filter(|(_, of)| of.until <= now + AHEAD);
    let counts = |(who, ..): Place, of: &Certificate| who != Whose::Officer || now <= of.until + AHEAD;
    soon.filter(|(place, of)| counts(*place, of))
        .map(|((who, ..), of)| Ending {
            who,
            name: match &of.holder {
                Holder::Officer { name, .. } => name.clone(),
                _ => of.organisation_name.clone(),
            },
            until: of.until,
            left: (of.until > now).then(|| (of.until.millis() - now.millis()) / DAY),
        })
        .collect()
}

fn place(of: &Certificate, server: Id) -> Option<Place> {
    match &of.holder {
        Holder::Organisation => Some((Whose::Organisation, of.organisation, None)),
        Holder::Server { server: id } if *id == server => Some((Whose::Server, of.organisation, None)),
        Holder::Server { .. } => None,
        Holder::Officer { member, .. } => Some((Whose::Officer, of.organisation, Some(*member))),
    }
}

/// Whether it held when it began, and was not revoked since.
fn believed(keyring: &Keyring, sha256: &str, of: &Certificate) -> bool {
    let held = match of.holder {
        Holder::Organisation => keyring.organisation_chain(sha256, of.from),
        _ => {
            let duty = of.duties.iter().next().copied().unwrap_or(Duty::Publish);
            keyring.chain(sha256, duty, of.from).map(|chain| chain.bad_since)
        }
    };
    matches!(held, Ok(None))
}
