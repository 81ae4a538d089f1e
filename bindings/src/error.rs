//! What an app is told when something does not work: a variant only where a screen acts differently.

use sotay_core::handbook::HandbookError as Core;

use crate::{files::PhotoError, kinds::Refusal};

/// No text for people: the words are the core's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum HandbookError {
    #[error("this device is not enrolled")]
    NotEnrolled,
    #[error("this handbook is enrolled already")]
    AlreadyEnrolled,
    /// The code is another member's; what is here stays as it is.
    #[error("this handbook belongs to another member")]
    AnotherMember,
    #[error("not an address of a server")]
    BadAddress,
    #[error("not a root's fingerprint")]
    BadFingerprint,
    #[error("the activation code or the date of birth is wrong")]
    CodeWrong,
    #[error("another device has used the activation code")]
    CodeUsed,
    #[error("the activation code has expired")]
    CodeExpired,
    #[error("too many tries")]
    TooManyTries,
    #[error("too many devices")]
    TooManyDevices,
    /// The server is under another root than the invitation says, or has none; nothing was taken from it.
    #[error("the server's root is not that of the invitation")]
    WrongRoot,
    /// Whoever answers at the address is not this phone's server, or does not say that it is there; the address stays as it
    /// was, and nothing was sent.
    #[error("not this phone's server")]
    NotThisServer,
    /// Said before anything was kept.
    #[error("refused: {code}")]
    Refused { code: Refusal },
    /// The row has changed since it was read: read it again.
    #[error("the row has changed since it was read")]
    Conflicted,
    #[error("not on this device")]
    NotFound,
    /// It belongs to a document that is kept apart.
    #[error("of a document that is not to be believed")]
    NotBelieved,
    #[error("the server cannot be reached")]
    Offline,
    #[error("the server failed")]
    ServerFault,
    /// Another sync goes on.
    #[error("a sync is going on")]
    SyncRunning,
    /// Unlock the phone once.
    #[error("the key cannot be had now")]
    KeyLocked,
    /// Open it with the PIN.
    #[error("the PIN is wanted")]
    PinWanted,
    /// Nothing is deleted for it; the next try waits so many seconds.
    #[error("a wrong PIN")]
    PinWrong { wait: u64 },
    /// Six letters or digits at least.
    #[error("a PIN has 6 to 64 letters or digits")]
    PinLength,
    #[error("no PIN is set")]
    NoPin,
    /// The person may begin anew; nothing is deleted.
    #[error("the key is lost")]
    KeyLost,
    #[error("the store is damaged")]
    Corrupt,
    #[error("the store was written by a newer app")]
    UpdateNeeded,
    #[error("no room left on the device")]
    Full,
    #[error("the store's folder cannot be used")]
    Folder,
    /// Another process has the handbook open, or this one has already.
    #[error("the handbook is open elsewhere")]
    InUse,
    /// Nothing was done: ask again after `resume`.
    #[error("the handbook is paused")]
    Paused,
    /// For good: open it anew.
    #[error("the handbook was shut down")]
    Shut,
    /// Said before anything was kept.
    #[error("a photo cannot go: {why}")]
    Photo { why: PhotoError },
    /// Less room for files, or more, than a phone can be set to.
    #[error("no such room for files")]
    Quota,
    #[error("a file cannot be written there")]
    NotWritable,
    /// A fault of the core's own; its cause is in the log.
    #[error("an internal fault")]
    Internal,
}

impl From<Core> for HandbookError {
    fn from(error: Core) -> Self {
        match error {
            Core::NotEnrolled => Self::NotEnrolled,
            Core::AlreadyEnrolled => Self::AlreadyEnrolled,
            Core::AnotherMember => Self::AnotherMember,
            Core::BadAddress => Self::BadAddress,
            Core::BadFingerprint => Self::BadFingerprint,
            Core::CodeWrong => Self::CodeWrong,
            Core::CodeUsed => Self::CodeUsed,
            Core::CodeExpired => Self::CodeExpired,
            Core::TooManyTries => Self::TooManyTries,
            Core::TooManyDevices => Self::TooManyDevices,
            Core::WrongRoot => Self::WrongRoot,
            Core::NotThisServer => Self::NotThisServer,
            Core::Refused(code) => Self::Refused { code },
            Core::Conflicted => Self::Conflicted,
            Core::NotFound => Self::NotFound,
            Core::NotBelieved => Self::NotBelieved,
            Core::Offline => Self::Offline,
            Core::ServerFault => Self::ServerFault,
            Core::SyncRunning => Self::SyncRunning,
            Core::KeyLocked => Self::KeyLocked,
            Core::PinWanted => Self::PinWanted,
            Core::PinWrong { wait } => Self::PinWrong { wait },
            Core::PinLength => Self::PinLength,
            Core::NoPin => Self::NoPin,
            Core::KeyLost => Self::KeyLost,
            Core::Corrupt => Self::Corrupt,
            Core::UpdateNeeded => Self::UpdateNeeded,
            Core::Full => Self::Full,
            Core::Folder => Self::Folder,
            Core::InUse => Self::InUse,
            Core::Paused => Self::Paused,
            Core::Shut => Self::Shut,
            Core::Photo(why) => Self::Photo { why },
            Core::Quota => Self::Quota,
            Core::NotWritable => Self::NotWritable,
            Core::Internal => Self::Internal,
        }
    }
}
