//! What an app is told when something does not work: a variant only where a screen acts differently.

use sotay_core::{handbook::HandbookError as Core, words::Words};
use sotay_protocol::env::{Env, SystemEnv};

use crate::{
    files::PhotoError,
    kinds::{Language, Refusal},
};

/// No text for people: the words are the core's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum HandbookError {
    /// This device is not enrolled.
    #[error("this device is not enrolled")]
    NotEnrolled,
    /// This handbook is enrolled already.
    #[error("this handbook is enrolled already")]
    AlreadyEnrolled,
    /// The code is another member's; what is here stays as it is.
    #[error("this handbook belongs to another member")]
    AnotherMember,
    /// Not an address of a server.
    #[error("not an address of a server")]
    BadAddress,
    /// Not a root's fingerprint.
    #[error("not a root's fingerprint")]
    BadFingerprint,
    /// The activation code or the date of birth is wrong.
    #[error("the activation code or the date of birth is wrong")]
    CodeWrong,
    /// Another device has used the activation code.
    #[error("another device has used the activation code")]
    CodeUsed,
    /// The activation code has expired.
    #[error("the activation code has expired")]
    CodeExpired,
    /// Wait a while before the next.
    #[error("too many tries")]
    TooManyTries,
    /// One is to be taken off first.
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
    Refused {
        /// Why.
        code: Refusal,
    },
    /// The row has changed since it was read: read it again.
    #[error("the row has changed since it was read")]
    Conflicted,
    /// Not on this device.
    #[error("not on this device")]
    NotFound,
    /// It belongs to a document that is kept apart.
    #[error("of a document that is not to be believed")]
    NotBelieved,
    /// The server cannot be reached.
    #[error("the server cannot be reached")]
    Offline,
    /// The server failed.
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
    PinWrong {
        /// In seconds.
        wait: u64,
    },
    /// Six letters or digits at least.
    #[error("a PIN has 6 to 64 letters or digits")]
    PinLength,
    /// No PIN is set.
    #[error("no PIN is set")]
    NoPin,
    /// The person may begin anew; nothing is deleted.
    #[error("the key is lost")]
    KeyLost,
    /// The store is damaged.
    #[error("the store is damaged")]
    Corrupt,
    /// The store was written by a newer app.
    #[error("the store was written by a newer app")]
    UpdateNeeded,
    /// No room left on the device.
    #[error("no room left on the device")]
    Full,
    /// The store's folder cannot be used.
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
    Photo {
        /// What is wrong with it.
        why: PhotoError,
    },
    /// Less room for files, or more, than a phone can be set to.
    #[error("no such room for files")]
    Quota,
    /// A file cannot be written there.
    #[error("a file cannot be written there")]
    NotWritable,
    /// A fault of the core's own; its cause is in the log.
    #[error("an internal fault")]
    Internal,
}

/// What is called alike on both sides, both ways.
macro_rules! alike {
    ($($name:ident)+) => {
        impl From<Core> for HandbookError {
            fn from(error: Core) -> Self {
                match error {
                    $(Core::$name => Self::$name,)+
                    Core::Refused(code) => Self::Refused { code },
                    Core::PinWrong { wait } => Self::PinWrong { wait },
                    Core::Photo(why) => Self::Photo { why },
                }
            }
        }

        impl From<HandbookError> for Core {
            fn from(error: HandbookError) -> Self {
                match error {
                    $(HandbookError::$name => Self::$name,)+
                    HandbookError::Refused { code } => Self::Refused(code),
                    HandbookError::PinWrong { wait } => Self::PinWrong { wait },
                    HandbookError::Photo { why } => Self::Photo(why),
                }
            }
        }

        #[cfg(test)]
        pub(crate) const ALIKE: &[HandbookError] = &[$(HandbookError::$name),+];
    };
}

alike! {
    NotEnrolled AlreadyEnrolled AnotherMember BadAddress BadFingerprint CodeWrong CodeUsed CodeExpired TooManyTries
    TooManyDevices WrongRoot NotThisServer Conflicted NotFound NotBelieved Offline ServerFault SyncRunning KeyLocked
    PinWanted PinLength NoPin KeyLost Corrupt UpdateNeeded Full Folder InUse Paused Shut Quota NotWritable Internal
}

/// What a screen says of an error: what is wrong, and what to do. An error itself has no text for people; this is for those
/// that a screen does nothing else about.
#[uniffi::export]
#[must_use]
pub fn explain(error: HandbookError, language: Language) -> String {
    Words::new(language, SystemEnv.now()).handbook_error(error.into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_comes_from_the_core_and_is_explained_in_its_own_words() {
        let mut all = ALIKE.to_vec();
        all.extend([
            HandbookError::Refused { code: Refusal::NotAllowed },
            HandbookError::PinWrong { wait: 30 },
            HandbookError::Photo { why: PhotoError::Heic },
        ]);
        let explained: BTreeSet<String> = all.iter().map(|error| explain(*error, Language::Vi)).collect();
        assert_eq!(explained.len(), all.len(), "two are explained alike: a screen would act alike");
        for error in all {
            assert_eq!(HandbookError::from(Core::from(error)), error);
            assert!(!explain(error, Language::En).is_empty());
        }
    }
}
