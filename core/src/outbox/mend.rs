//! What a person can do about what was not accepted: let it go, send it again, mend it, or choose a version.

use rusqlite::Connection;
use sotay_protocol::{
    env::Env,
    feedback::{self, Answer, Reply, Thread},
    meetings,
    refusal::Refusal,
    row::{Body, body},
};

use super::conflict::{self, Resolution};
use crate::{
    meetings::MeetingChange,
    sync::commands::{self, Entry, SubmitError},
};

pub use crate::sync::commands::{dismiss, retry};

fn entry(store: &Connection, entry: u64) -> Result<Entry, SubmitError> {
    let found = commands::open(store)?.into_iter().find(|of| of.entry == entry && of.state.needs_attention());
    found.ok_or(SubmitError::NoSuchEntry)
}

/// Of two versions, this person's, whatever the other one is by now.
///
/// # Errors
/// [`SubmitError::NoSuchEntry`] for what is not conflicted; else as [`commands::submit`].
pub fn keep_mine(store: &Connection, env: &dyn Env, number: u64) -> Result<u64, SubmitError> {
    match conflict::resolve(store, env, number, &Resolution::Mine, None)? {
        Some(entry) => Ok(entry),
        // It stands as the person wants it: nothing is left to be sent.
        None => Ok(number),
    }
}

/// A meeting that was not accepted, with some of it changed; what waits for it goes through as it was.
///
/// # Errors
/// [`SubmitError::NoSuchEntry`] for what is no such meeting; else as [`commands::submit`].
pub fn mend_meeting(
    store: &Connection,
    env: &dyn Env,
    number: u64,
    change: &MeetingChange,
) -> Result<u64, SubmitError> {
    let of = entry(store, number)?;
    if of.command.kind != meetings::CREATE {
        return Err(SubmitError::NoSuchEntry);
    }
    let mut mended = of.command.body;
    change.set(&mut mended);
    commands::mend(store, env, number, mended)
}

/// Feedback, a further word or an answer that was not accepted, in other words.
///
/// # Errors
/// [`SubmitError::NoSuchEntry`] for what has no words; else as [`commands::submit`].
pub fn mend_feedback(
    store: &Connection,
    env: &dyn Env,
    number: u64,
    words: &str,
) -> Result<u64, SubmitError> {
    let of = entry(store, number)?;
    if feedback::sealed::brings_a_letter(&of.command.kind) {
        let body = crate::feedback::sealed::reseal(store, env, &of.command, words)?;
        return commands::mend(store, env, number, body);
    }
    let mended = rewritten(&of, words)?;
    let mut whole: Body = of.command.body;
    whole.extend(mended);
    commands::mend(store, env, number, whole)
}

fn rewritten(of: &Entry, words: &str) -> Result<Body, SubmitError> {
    let refused = |refusal: Refusal| SubmitError::Refused(refusal);
    Ok(match of.command.kind.as_str() {
        feedback::SUBMIT => {
            let mut thread: Thread = of.command.view().map_err(refused)?;
            for message in &mut thread.messages {
                words.clone_into(&mut message.words);
            }
            body(&thread)
        }
        feedback::REPLY => {
            let mut reply: Reply = of.command.view().map_err(refused)?;
            words.clone_into(&mut reply.message.words);
            body(&reply)
        }
        feedback::ANSWER => {
            let mut answer: Answer = of.command.view().map_err(refused)?;
            if let Some(message) = &mut answer.message {
                words.clone_into(&mut message.words);
            }
            body(&answer)
        }
        _ => return Err(SubmitError::NoSuchEntry),
    })
}
