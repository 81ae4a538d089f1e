//! A thread of letters as a whole: which of them can be read here, and who wrote each.
//!
//! Anybody can seal words to a device whose key is known, the server too. So each letter bears a signature inside:
//! an officer's by a certified key; a member's by the key from which the thread's own id was drawn, or by one that such a
//! letter names. A letter by another key is shown as what it is, and nothing is sent to the devices that it names.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{ContentKey, Letter, NotOpened, OwnKeys, Place, Sealed, WriterDevice};
use crate::{
    env::Timestamp,
    feedback::Side,
    id::Id,
    members::Office,
    signature::{Base64, sha256_hex},
    trust::{Distrust, Duty, Holder, Keyring},
};

/// The id of a thread whose first message is `message`, by a member's letter key. Nobody else's letter can begin it.
#[must_use]
pub fn thread_id(message: Id, key: &Base64) -> Id {
    Id::derived(&format!("sealed thread {}", sha256_hex(&key.0)), &[message])
}

/// Who wrote a letter, as far as it proves that itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "writer", rename_all = "snake_case")]
pub enum Writer {
    /// The phone that began the thread, or one that it named. That this phone is the member's is the server's word.
    Member,
    /// A certified officer of the desk.
    Officer {
        name: String,
        office: Office,
        organisation_name: String,
        /// The certificate was revoked later: from then on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bad_since: Option<Timestamp>,
    },
    /// Not by whom it stands there, as far as can be seen here.
    Unproven { why: Distrust },
}

impl Writer {
    #[must_use]
    pub fn is_proven(&self) -> bool {
        !matches!(self, Self::Unproven { .. })
    }
}

/// One message of a thread.
#[derive(Debug)]
pub struct Turn {
    pub place: Place,
    pub read: Result<(Letter, Writer), NotOpened>,
    /// Wraps the letter for another device; where it was opened.
    pub key: Option<ContentKey>,
    /// Whom it is wrapped to.
    pub wrapped_to: BTreeSet<String>,
}

/// Opens all that this device can, in the order in which it stands there.
#[must_use]
pub fn read(messages: &[(Place, &Sealed)], with: &OwnKeys, keys: &Keyring) -> Vec<Turn> {
    let opened: Vec<_> =
        messages.iter().map(|(place, sealed)| (*place, *sealed, sealed.open(place, with))).collect();
    let letters = opened.iter().filter_map(|(_, _, opened)| Some(&opened.as_ref().ok()?.letter));
    let known = known_keys(&letters.filter(|letter| letter.side == Side::Member).collect::<Vec<_>>());
    let turn = |(place, sealed, opened): (Place, &Sealed, Result<super::Opened, NotOpened>)| {
        let wrapped_to = sealed.wraps.keys().cloned().collect();
        match opened {
            Ok(opened) => {
                let writer = writer(&opened.letter, &known, keys);
                Turn { place, read: Ok((opened.letter, writer)), key: Some(opened.key), wrapped_to }
            }
            Err(why) => Turn { place, read: Err(why), key: None, wrapped_to },
        }
    };
    opened.into_iter().map(turn).collect()
}

/// The keys whose letters are the member's: the one that began the thread, and those that known ones name.
fn known_keys(letters: &[&Letter]) -> BTreeSet<Base64> {
    let begins = |letter: &&&Letter| thread_id(letter.message, &letter.key) == letter.thread;
    let mut known: BTreeSet<Base64> =
        letters.iter().filter(begins).map(|letter| letter.key.clone()).collect();
    loop {
        let named: Vec<Base64> = letters
            .iter()
            .filter(|letter| known.contains(&letter.key))
            .flat_map(|letter| letter.devices.iter().map(|device| device.key.clone()))
            .filter(|key| !known.contains(key))
            .collect();
        if named.is_empty() {
            return known;
        }
        known.extend(named);
    }
}

fn writer(letter: &Letter, known: &BTreeSet<Base64>, keys: &Keyring) -> Writer {
    match letter.side {
        Side::Member if known.contains(&letter.key) => Writer::Member,
        Side::Member => Writer::Unproven { why: Distrust::BadSignature },
        Side::Desk => officer(letter, keys).unwrap_or_else(|why| Writer::Unproven { why }),
    }
}

fn officer(letter: &Letter, keys: &Keyring) -> Result<Writer, Distrust> {
    let certificate = letter.certificate.as_deref().ok_or(Distrust::Unsigned)?;
    let chain = keys.chain(certificate, Duty::Desk, letter.at)?;
    if chain.leaf.organisation != letter.desk {
        return Err(Distrust::WrongOrganisation);
    }
    if chain.leaf.key != letter.key {
        return Err(Distrust::BadSignature);
    }
    let Holder::Officer { name, office, .. } = chain.leaf.holder else { return Err(Distrust::WrongHolder) };
    let organisation_name = chain.leaf.organisation_name;
    Ok(Writer::Officer { name, office, organisation_name, bad_since: chain.bad_since })
}

/// The X25519 keys of the member's devices, as the member's last proven letter names them. Empty where none can be read
/// here: then an answer would reach nobody.
#[must_use]
pub fn answers_go_to(turns: &[Turn]) -> Vec<Base64> {
    let last = by_the_member(turns).max_by_key(|letter| letter.at);
    let seals: BTreeSet<Base64> =
        last.into_iter().flat_map(|of| of.devices.iter().map(|of| of.seal.clone())).collect();
    seals.into_iter().collect()
}

/// The keys by which a member's further letters in this thread are known for theirs.
#[must_use]
pub fn letter_keys(turns: &[Turn]) -> BTreeSet<Base64> {
    let of = |letter: &Letter| {
        let named = letter.devices.iter().map(|WriterDevice { key, .. }| key.clone());
        named.chain([letter.key.clone()]).collect::<Vec<_>>()
    };
    by_the_member(turns).flat_map(of).collect()
}

fn by_the_member(turns: &[Turn]) -> impl Iterator<Item = &Letter> {
    turns.iter().filter_map(|turn| match &turn.read {
        Ok((letter, Writer::Member)) => Some(letter),
        _ => None,
    })
}
