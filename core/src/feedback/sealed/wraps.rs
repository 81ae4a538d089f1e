//! Who is to be able to read a letter, and by now is not: a new officer, the member's other device. And wraps that are made
//! anew before something is sent, because the desk has changed since it was written.

use std::collections::BTreeSet;

use rusqlite::Connection;
use sotay_protocol::{
    env::{Env, Timestamp},
    feedback::{
        CASE, Case, Side,
        sealed::{SEAL_ANSWER, letters},
    },
    id::Id,
    sealed::{self, Added, Turn, answers_go_to, desk_devices, recipient},
    signature::Base64,
    trust::Keyring,
};

use super::{
    own::{self, Own, times},
    write::{of_command, with_message},
};
use crate::{
    feedback::CASES,
    shown::{self, Shown},
    store::StoreError,
    sync::commands,
    trust,
};

/// Wraps in one command: some 100 KB.
const MOST: usize = 500;

/// To whom the letters of a row are to be open besides those who have them: the desk's certified devices, and by a member's
/// own phone the member's own.
pub(super) fn wanted(
    keys: &Keyring,
    own: &Own,
    desk: Id,
    times: &[Timestamp],
    of_member: bool,
) -> Vec<Base64> {
    let desk = desk_devices(keys, desk, times).1.into_iter().map(|device| device.seal);
    desk.chain(of_member.then(|| own.seals()).into_iter().flatten()).collect()
}

/// The wraps that this device can give and that are wanted, without those that it gave before.
pub(super) fn missing(
    store: &Connection,
    env: &dyn Env,
    turns: &[Turn],
    wanted: &[Base64],
) -> Result<Added, StoreError> {
    let mut added = Added::new();
    let mut left = MOST;
    for turn in turns {
        let Some(key) = &turn.key else { continue };
        for seal in wanted {
            let device = recipient(seal);
            if left == 0 || turn.wrapped_to.contains(&device) || is_given(store, turn.place.message, &device)?
            {
                continue;
            }
            if let Some(wrap) = key.wrap(seal, &turn.place, env) {
                added.entry(turn.place.message).or_default().insert(device, wrap);
                left -= 1;
            }
        }
    }
    Ok(added)
}

fn is_given(store: &Connection, message: Id, device: &str) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM given_wrap WHERE message = ?1 AND device = ?2)";
    Ok(store.prepare_cached(sql)?.query_row((message.to_string(), device), |row| row.get(0))?)
}

pub(super) fn mark_given(store: &Connection, added: &Added) -> Result<(), StoreError> {
    for (message, wraps) in added {
        for device in wraps.keys() {
            store
                .prepare_cached("INSERT OR IGNORE INTO given_wrap (message, device) VALUES (?1, ?2)")?
                .execute((message.to_string(), device))?;
        }
    }
    Ok(())
}

/// Letters that wait and never left this phone are wrapped to those who are to read them now: to an officer who came since,
/// and no more to one whose certificate was revoked. Call it before an exchange begins.
///
/// # Errors
/// The store's own fault.
pub fn renew(store: &Connection, env: &dyn Env) -> Result<(), StoreError> {
    let waiting = commands::unsent(store, "%.seal%")?;
    if waiting.is_empty() {
        return Ok(());
    }
    trust::catch_up(store)?;
    let Some(own) = own::load(store)? else { return Ok(()) };
    let (keys, now) = (trust::keyring(store)?, times(store, env.now())?);
    for entry in waiting {
        let Some((place, mut message)) = of_command(&entry.command) else { continue };
        let Some(mut sealed) = message.sealed.take() else { continue };
        let desk = desk_devices(&keys, place.desk, &now).1;
        let Ok(opened) = sealed.open(&place, &own.keys()) else { continue };
        if desk.is_empty() {
            // It stays closed to all but its writer, whose phone opens it to the next officer.
            continue;
        }
        let mut to: Vec<Base64> = desk.into_iter().map(|device| device.seal).collect();
        to.extend(if place.side == Side::Desk {
            answer_readers(store, &entry.command, &own)?
        } else {
            own.seals()
        });
        let names: BTreeSet<String> = to.iter().map(recipient).collect();
        if sealed.wraps.keys().eq(names.iter()) {
            continue;
        }
        sealed.wraps.retain(|name, _| names.contains(name));
        for seal in &to {
            if let (name, Some(wrap)) = (recipient(seal), opened.key.wrap(seal, &place, env)) {
                sealed.wraps.entry(name).or_insert(wrap);
            }
        }
        message.sealed = Some(sealed);
        if let Some(body) = with_message(&entry.command, &message) {
            commands::rewrite(store, &entry, body)?;
        }
    }
    Ok(())
}

/// The member's devices to which an answer goes, by the member's own letters in the case.
pub(super) fn answer_readers(
    store: &Connection,
    command: &sotay_protocol::command::Command,
    own: &Own,
) -> Result<Vec<Base64>, StoreError> {
    if command.kind != SEAL_ANSWER || command.row.kind != CASE {
        return Ok(Vec::new());
    }
    let Some(row): Option<Shown<Case>> = shown::one(store, &CASES, command.row.id)? else {
        return Ok(Vec::new());
    };
    let at = letters(row.of.member, row.scope.id, row.of.thread, &row.of.messages);
    Ok(answers_go_to(&sealed::read(&at, &own.keys(), &trust::keyring(store)?)))
}
