//! Plays about what is sealed: Hòa tells the commune's desk something, Mai answers; others would like to read it, or to
//! pass for them.

mod letters;
mod threads;
mod writers;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicU64, Ordering},
};

use super::*;
use crate::{
    attachment::Attachment,
    command::{Command, apply},
    edit::Rejection,
    env::{Env, Timestamp, days},
    feedback::{
        Answer, CASE, Case, FeedbackState, Message, Reply, SUBMIT, THREAD, Thread, case_id, mirror,
        sealed::{
            CaseWraps, SEAL, SEAL_ANSWER, SEAL_REPLY, SEALED_VERSION, ThreadWraps, WRAP_CASE, WRAP_THREAD,
            letters,
        },
    },
    members::Office,
    row::{Body, Row, RowRef, body},
    scope::Scope,
    signature::{SigningKey, sha256},
    trust::{Certificate, Distrust, Duty, Holder, Keyring, Revocations, Revoked, Root, Signed},
};

/// Every byte is another, and each run the same.
#[derive(Debug, Default)]
struct Dice(AtomicU64);

impl Env for Dice {
    fn now(&self) -> Timestamp {
        day(1)
    }
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let next = sha256(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
    }
}

fn id(name: &str) -> Id {
    Id::derived(name, &[])
}

fn day(n: u64) -> Timestamp {
    Timestamp::from_millis(1_767_200_400_000) + days(n)
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

fn own(seed: u8) -> OwnKeys {
    OwnKeys::new([seal(99), seal(seed)])
}

fn seal(seed: u8) -> SealKey {
    SealKey::from_secret([seed; 32])
}

const ROOT: u8 = 1;
const COMMUNE: u8 = 2;
const MAI: u8 = 3;
const HOA: u8 = 10;

fn officer(name: &str, duty: Duty, seed: u8, desk: &str) -> Certificate {
    Certificate {
        format: crate::trust::FORMAT,
        organisation: id(desk),
        organisation_name: desk.into(),
        holder: Holder::Officer {
            member: id(name),
            device: id(&format!("máy của {name}")),
            name: name.into(),
            office: Office::Staff,
        },
        duties: BTreeSet::from([duty]),
        key: key(seed).public(),
        seal: Some(seal(seed).public()),
        from: day(0),
        until: day(365),
        issuer: key(COMMUNE).public(),
    }
}

fn of_organisation(name: &str, seed: u8) -> Signed {
    let of = Certificate {
        holder: Holder::Organisation,
        duties: BTreeSet::from([Duty::Desk, Duty::Publish]),
        key: key(seed).public(),
        seal: None,
        until: day(3_650),
        issuer: key(ROOT).public(),
        ..officer("", Duty::Desk, seed, name)
    };
    of.sign(&key(ROOT))
}

/// What a phone of the commune believes: Mai's device opens what is sealed to the desk.
fn keys(others: &[Signed]) -> Keyring {
    let mut keys = Keyring::pinned(&Root::of(&Root::sign("Đảng bộ tỉnh", &key(ROOT), day(0))).unwrap());
    let mai = officer("Mai", Duty::Desk, MAI, "xã").sign(&key(COMMUNE));
    for words in [of_organisation("xã", COMMUNE), mai].iter().chain(others) {
        assert!(keys.add_certificate(words) || keys.add_revocations(words));
    }
    keys
}

fn devices(keys: &Keyring) -> Vec<Base64> {
    desk_devices(keys, id("xã"), &[day(1)]).1.into_iter().map(|device| device.seal).collect()
}

/// Hòa's letter: the first of her thread.
fn hoa_writes(words: &str) -> Letter {
    let (own, message) = (seal(HOA), id(words));
    Letter {
        format: FORMAT,
        member: id("Hòa"),
        desk: id("xã"),
        thread: thread_id(message, &own.letter_key().public()),
        message,
        side: Side::Member,
        at: day(1),
        topic: Some("Đất công".into()),
        words: words.into(),
        files: vec![],
        key: own.letter_key().public(),
        certificate: None,
        devices: vec![WriterDevice::of(&own)],
    }
}

fn mai_answers(to: &Letter, words: &str) -> Letter {
    let certificate = officer("Mai", Duty::Desk, MAI, "xã").sign(&key(COMMUNE)).sha256();
    Letter {
        message: id(words),
        side: Side::Desk,
        at: day(2),
        topic: None,
        words: words.into(),
        key: key(MAI).public(),
        certificate: Some(certificate),
        devices: vec![],
        ..to.clone()
    }
}

fn sealed(letter: &Letter, by: &SigningKey, to: &[Base64]) -> Sealed {
    letter.seal(by, to, &Dice(AtomicU64::new(u64::from(letter.words.len() as u32) << 32))).unwrap()
}

/// As Hòa's phone seals it: to the desk, and to itself.
fn hoas(letter: &Letter) -> Sealed {
    let to = [devices(&keys(&[])), vec![seal(HOA).public()]].concat();
    sealed(letter, &seal(HOA).letter_key(), &to)
}

fn message(letter: &Letter, sealed: Sealed) -> Message {
    Message {
        id: letter.message,
        side: letter.side,
        at: letter.at,
        words: String::new(),
        attachments: vec![],
        sealed: Some(sealed),
    }
}

fn read_by(turns: &[(&Letter, &Sealed)], with: u8) -> Vec<Turn> {
    let at: Vec<(Place, &Sealed)> = turns.iter().map(|(letter, sealed)| (letter.place(), *sealed)).collect();
    read(&at, &own(with), &keys(&[]))
}
