//! Sealing: words and photos of this person to who may read them.

use rusqlite::Connection;
use sotay_protocol::{
    attachment::Attachment,
    command::Command,
    env::{Env, Timestamp},
    feedback::{
        Answer, CASE, Case, FeedbackState, Message, Reply, Side, THREAD, Thread,
        sealed::{SEAL, SEAL_ANSWER, SEAL_REPLY, letters},
    },
    id::Id,
    limits,
    refusal::Refusal,
    row::{Body, RowRef, body},
    scope::Scope,
    sealed::{
        self, FORMAT, Letter, Place, SealedFile, Turn, Writer, answers_go_to, desk_devices, letter_keys,
        thread_id,
    },
    signature::{Base64, SigningKey},
    trust::Keyring,
};

use super::{
    open,
    own::{self, Own, times},
};
use crate::{
    attachments::{self, photo::Clean},
    deed::give,
    feedback::threads::chosen_desk,
    shown::Shown,
    store::StoreError,
    sync::commands::{Draft, SubmitError},
    trust,
};

/// All that sealing to one desk takes.
struct Desk {
    own: Own,
    keys: Keyring,
    now: [Timestamp; 2],
    devices: Vec<sealed::DeskDevice>,
}

impl Desk {
    fn of(store: &Connection, env: &dyn Env, desk: Id) -> Result<Self, SubmitError> {
        trust::catch_up(store)?;
        let own = own::ensured(store, env)?.ok_or(SubmitError::NotEnrolled)?;
        let (keys, now) = (trust::keyring(store)?, times(store, env.now())?);
        let devices = desk_devices(&keys, desk, &now).1;
        if devices.is_empty() {
            return Err(SubmitError::Refused(Refusal::DeskWithoutOfficers));
        }
        Ok(Self { own, keys, now, devices })
    }

    fn seals(&self) -> impl Iterator<Item = Base64> + '_ {
        self.devices.iter().map(|device| device.seal.clone())
    }
}

fn refused(refusal: Refusal) -> SubmitError {
    SubmitError::Refused(refusal)
}

fn checked(text: &str, limit: usize) -> Result<String, SubmitError> {
    let text = text.trim();
    match text.len() {
        0 => Err(refused(Refusal::Empty)),
        length if length > limit => Err(refused(Refusal::TooLarge)),
        _ => Ok(text.to_owned()),
    }
}

/// The photos as their letter names them, and as the row does; their ciphertexts are kept to be sent.
fn sealed_photos(
    store: &Connection,
    env: &dyn Env,
    scope: Scope,
    photos: &[Clean],
) -> Result<(Vec<SealedFile>, Vec<Attachment>), SubmitError> {
    let (mut named, mut carried) = (Vec::new(), Vec::new());
    for photo in photos {
        let sealed = sealed::seal_file(&photo.file, &photo.bytes, env);
        let (file, attachment, bytes) = sealed.ok_or(refused(Refusal::TooLarge))?;
        attachments::keep(store, scope, &attachment, &bytes, env.now())?;
        named.push(file);
        carried.push(attachment);
    }
    Ok((named, carried))
}

fn message(
    letter: &Letter,
    attachments: Vec<Attachment>,
    by: &SigningKey,
    to: &[Base64],
    env: &dyn Env,
) -> Result<Message, SubmitError> {
    let sealed = letter.seal(by, to, env).ok_or(refused(Refusal::TooLarge))?;
    Ok(Message {
        id: letter.message,
        side: letter.side,
        at: letter.at,
        words: String::new(),
        attachments,
        sealed: Some(sealed),
    })
}

/// Seals words and photos to a committee's certified officers, the one right above the member's cell if none is named;
/// gives the thread's id. Nobody else can read it, and neither can who runs the server.
///
/// # Errors
/// [`SubmitError::Refused`]: `desk_without_officers`, and as [`crate::feedback::submit`].
pub fn seal(
    store: &Connection,
    env: &dyn Env,
    desk: Option<Id>,
    (topic, words): (&str, &str),
    photos: &[Clean],
) -> Result<Id, SubmitError> {
    let (member, desk) = chosen_desk(store, desk)?;
    let (topic, words) = (checked(topic, limits::LINE)?, checked(words, limits::WORDS)?);
    let to = Desk::of(store, env, desk)?;
    let key = to.own.first_key().ok_or(SubmitError::NotEnrolled)?;
    let message_id = Id::random(env);
    let thread = thread_id(message_id, &key.public());
    let scope = Scope::member(member);
    let (files, carried) = sealed_photos(store, env, scope, photos)?;
    let letter = Letter {
        format: FORMAT,
        member,
        desk,
        thread,
        message: message_id,
        side: Side::Member,
        at: env.now(),
        topic: Some(topic),
        words,
        files,
        key: key.public(),
        certificate: None,
        devices: to.own.devices(),
    };
    let all: Vec<Base64> = to.seals().chain(to.own.seals()).collect();
    let of = Thread {
        desk,
        topic: String::new(),
        messages: vec![message(&letter, carried, &key, &all, env)?],
        state: FeedbackState::Sent,
        sealed: true,
    };
    let row = RowRef::new(scope, THREAD, thread);
    give(store, env, Draft { kind: SEAL, row: row.clone(), needs: Vec::new(), body: body(&of) })?;
    open::now(store, env, &row)?;
    Ok(thread)
}

/// One more word of the member in a sealed thread.
pub(in crate::feedback) fn reply(
    store: &Connection,
    env: &dyn Env,
    row: &Shown<Thread>,
    words: &str,
    photos: &[Clean],
) -> Result<(), SubmitError> {
    let words = checked(words, limits::WORDS)?;
    let to = Desk::of(store, env, row.of.desk)?;
    let turns =
        sealed::read(&letters(row.scope.id, row.of.desk, row.id, &row.of.messages), &to.own.keys(), &to.keys);
    let place = next(&turns, Side::Member, env)?;
    let key = to.own.letter_key(&letter_keys(&turns)).ok_or(refused(Refusal::NotNamed))?;
    let (files, carried) = sealed_photos(store, env, row.scope, photos)?;
    let letter =
        Letter { key: key.public(), devices: to.own.devices(), ..written_at(place, env.now(), words, files) };
    let all: Vec<Base64> = to.seals().chain(to.own.seals()).collect();
    let of = Reply { desk: row.of.desk, message: message(&letter, carried, &key, &all, env)? };
    let at = row.row(THREAD);
    let draft = Draft { kind: SEAL_REPLY, row: at.clone(), needs: row.needed(THREAD), body: body(&of) };
    give(store, env, draft)?;
    Ok(open::now(store, env, &at)?)
}

/// A certified officer's answer, to the desk and to the devices that the member's own letters name.
pub(in crate::feedback) fn answer(
    store: &Connection,
    env: &dyn Env,
    row: &Shown<Case>,
    words: &str,
    photos: &[Clean],
) -> Result<(), SubmitError> {
    let words = checked(words, limits::WORDS)?;
    let to = Desk::of(store, env, row.scope.id)?;
    let own = to.devices.iter().find(|device| device.key == to.own.signing.public());
    let certificate = own.ok_or(refused(Refusal::NotCertified))?.certificate.clone();
    let turns = sealed::read(
        &letters(row.of.member, row.scope.id, row.of.thread, &row.of.messages),
        &to.own.keys(),
        &to.keys,
    );
    let place = next(&turns, Side::Desk, env)?;
    let members = answers_go_to(&turns);
    if members.is_empty() {
        return Err(refused(Refusal::NotOpenable));
    }
    let holds =
        |at: &&Timestamp| to.keys.chain(&certificate, sotay_protocol::trust::Duty::Desk, **at).is_ok();
    let at = to.now.iter().find(holds).copied().unwrap_or(env.now());
    let (files, carried) = sealed_photos(store, env, row.scope, photos)?;
    let letter = Letter {
        key: to.own.signing.public(),
        certificate: Some(certificate),
        ..written_at(place, at, words, files)
    };
    let all: Vec<Base64> = to.seals().chain(members).collect();
    let message = message(&letter, carried, &to.own.signing, &all, env)?;
    let of = Answer { member: row.of.member, thread: row.of.thread, message: Some(message) };
    let at = row.row(CASE);
    let draft = Draft { kind: SEAL_ANSWER, row: at.clone(), needs: row.needed(CASE), body: body(&of) };
    give(store, env, draft)?;
    Ok(open::now(store, env, &at)?)
}

/// Where the next letter of a thread stands; whoever cannot read what was said cannot go on with it.
fn next(turns: &[Turn], side: Side, env: &dyn Env) -> Result<Place, SubmitError> {
    let read = turns.iter().find(|turn| matches!(turn.read, Ok((_, Writer::Member))));
    let place = read.ok_or(refused(Refusal::NotOpenable))?.place;
    Ok(Place { message: Id::random(env), side, ..place })
}

fn written_at(place: Place, at: Timestamp, words: String, files: Vec<SealedFile>) -> Letter {
    let Place { member, desk, thread, message, side } = place;
    Letter {
        format: FORMAT,
        member,
        desk,
        thread,
        message,
        side,
        at,
        topic: None,
        words,
        files,
        key: Base64(Vec::new()),
        certificate: None,
        devices: Vec::new(),
    }
}

/// The letter that a command of this device brings, opened again: it stays the person's own words whatever became of it.
pub(crate) fn written(store: &Connection, command: &Command) -> Result<Option<Letter>, StoreError> {
    let Some(own) = own::load(store)? else { return Ok(None) };
    let found =
        of_command(command).and_then(|(place, message)| message.sealed?.open(&place, &own.keys()).ok());
    Ok(found.map(|opened| opened.letter))
}

/// Where a command's letter stands, and the message that it brings.
pub(super) fn of_command(command: &Command) -> Option<(Place, Message)> {
    let (member, desk, thread, message) = match command.kind.as_str() {
        SEAL => {
            let mut of: Thread = command.view().ok()?;
            (command.row.scope.id, of.desk, command.row.id, of.messages.pop()?)
        }
        SEAL_REPLY => {
            let of: Reply = command.view().ok()?;
            (command.row.scope.id, of.desk, command.row.id, of.message)
        }
        SEAL_ANSWER => {
            let of: Answer = command.view().ok()?;
            (of.member, command.row.scope.id, of.thread, of.message?)
        }
        _ => return None,
    };
    let place = Place { member, desk, thread, message: message.id, side: message.side };
    Some((place, message))
}

/// A command's body with another message in the place of its own.
pub(super) fn with_message(command: &Command, message: &Message) -> Option<Body> {
    let mut out = command.body.clone();
    let of = match command.kind.as_str() {
        SEAL => body(&Thread { messages: vec![message.clone()], ..command.view().ok()? }),
        SEAL_REPLY => body(&Reply { message: message.clone(), ..command.view().ok()? }),
        SEAL_ANSWER => body(&Answer { message: Some(message.clone()), ..command.view().ok()? }),
        _ => return None,
    };
    out.extend(of);
    Some(out)
}

/// The body of a command that was not accepted, with other words, sealed anew to the same devices' newest readers.
///
/// # Errors
/// [`SubmitError::NoSuchEntry`] for what holds no letter of this device; else as [`seal`].
pub fn reseal(
    store: &Connection,
    env: &dyn Env,
    command: &Command,
    words: &str,
) -> Result<Body, SubmitError> {
    let words = checked(words, limits::WORDS)?;
    let letter = written(store, command)?.ok_or(SubmitError::NoSuchEntry)?;
    let (_, old) = of_command(command).ok_or(SubmitError::NoSuchEntry)?;
    let to = Desk::of(store, env, letter.desk)?;
    let letter = Letter { words, ..letter };
    let (key, others) = if letter.side == Side::Desk {
        // To whom it went besides the desk is known by the names of the wraps alone: those get theirs by the old key.
        (
            SigningKey::from_seed(*to.own.signing.seed()),
            super::wraps::answer_readers(store, command, &to.own)?,
        )
    } else {
        let known = std::collections::BTreeSet::from([letter.key.clone()]);
        (to.own.letter_key(&known).ok_or(SubmitError::NotEnrolled)?, to.own.seals())
    };
    let all: Vec<Base64> = to.seals().chain(others).collect();
    let message = message(&Letter { key: key.public(), ..letter }, old.attachments, &key, &all, env)?;
    with_message(command, &message).ok_or(SubmitError::NoSuchEntry)
}
