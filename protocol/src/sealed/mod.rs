//! Lời niêm phong: words that only named devices can read, and not the server that carries them.
//!
//! A [`Letter`] is signed, padded and encrypted under a content key of its own. That key is wrapped by HPKE (RFC 9180) to
//! each device that may read it: the desk's devices with a certificate of duty `desk`, and the member's own. There is no
//! key of the desk. Whoever holds a content key can wrap it for a device that came later; whoever is named no more gets
//! no wrap, and cannot read what is written from then on.
//!
//! Where a letter stands (thread, message, desk, whose thread, which side) is bound to the encryption, to each wrap and
//! to the signature: none of them is worth anything elsewhere.

mod file;
mod key;
mod letter;
mod padding;
mod recipients;
#[cfg(test)]
mod tests;
mod thread;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::{
    file::{CHUNK, FileKey, SealedFile, open_chunk, seal_file},
    key::{ContentKey, OwnKeys, SealKey, recipient},
    letter::{Letter, NotOpened, Opened, WriterDevice},
    recipients::{DeskDevice, desk_devices},
    thread::{Turn, Writer, answers_go_to, letter_keys, read, thread_id},
};
use crate::{feedback::Side, id::Id, limits, refusal::Refusal, signature::Base64};

/// Of the encryption and the letter's text; one of a newer format is not opened.
pub const FORMAT: u32 = 1;

/// Wraps to be added, by message and by the [`recipient`] they are for.
pub type Added = BTreeMap<Id, BTreeMap<String, Base64>>;

/// What stands in a row in place of words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    pub format: u32,
    /// The signed letter, padded, by ChaCha20-Poly1305 under the content key.
    pub body: Base64,
    /// Binds the content key: two readers cannot be given different keys, and so different words.
    pub commit: Base64,
    /// The content key for each device, by its [`recipient`] name: the encapsulated key and the wrapped one.
    pub wraps: BTreeMap<String, Base64>,
}

/// Where a letter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Whose thread it is.
    pub member: Id,
    pub desk: Id,
    pub thread: Id,
    pub message: Id,
    pub side: Side,
}

impl Place {
    fn context(&self, what: &str) -> Vec<u8> {
        let Self { member, desk, thread, message, side } = self;
        let side = match side {
            Side::Member => "member",
            Side::Desk => "desk",
        };
        format!("sotay/sealed-{what}/{FORMAT}\n{member}\n{desk}\n{thread}\n{message}\n{side}").into_bytes()
    }
}

impl Sealed {
    /// Whether a command may bring it so.
    ///
    /// # Errors
    /// [`Refusal::Malformed`], [`Refusal::TooLarge`].
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        if self.format == 0 || self.body.0.is_empty() || self.commit.0.len() != 32 || self.wraps.is_empty() {
            return Err(Refusal::Malformed);
        }
        if self.body.0.len() > limits::LETTER {
            return Err(Refusal::TooLarge);
        }
        check_wraps(&self.wraps)
    }
}

/// # Errors
/// [`Refusal::Malformed`] for what is no wrap, [`Refusal::TooLarge`] for too many of them.
pub(crate) fn check_wraps(wraps: &BTreeMap<String, Base64>) -> Result<(), Refusal> {
    let is_one = |(name, wrap): (&String, &Base64)| key::is_recipient(name) && wrap.0.len() == key::WRAP;
    if wraps.len() > limits::WRAPS {
        Err(Refusal::TooLarge)
    } else if wraps.iter().all(is_one) {
        Ok(())
    } else {
        Err(Refusal::Malformed)
    }
}
