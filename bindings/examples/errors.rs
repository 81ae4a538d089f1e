//! Every error as it crosses to Kotlin and Swift: its name and its bytes, a line each. Their tests read them, throw them and
//! catch them by type; most cannot be had otherwise without a broken phone.

use sotay_core::attachments::PhotoError;
use sotay_ffi::{HandbookError, UniFfiTag};
use sotay_protocol::refusal::Refusal;
use uniffi::Lower;

/// The one after it; who adds a variant has to say where it stands.
fn after(error: &HandbookError) -> Option<HandbookError> {
    use HandbookError as E;
    Some(match error {
        E::NotEnrolled => E::AlreadyEnrolled,
        E::AlreadyEnrolled => E::AnotherMember,
        E::AnotherMember => E::BadAddress,
        E::BadAddress => E::BadFingerprint,
        E::BadFingerprint => E::CodeWrong,
        E::CodeWrong => E::CodeUsed,
        E::CodeUsed => E::CodeExpired,
        E::CodeExpired => E::TooManyTries,
        E::TooManyTries => E::TooManyDevices,
        E::TooManyDevices => E::WrongRoot,
        E::WrongRoot => E::NotThisServer,
        E::NotThisServer => E::Refused { code: Refusal::NotAllowed },
        E::Refused { .. } => E::Conflicted,
        E::Conflicted => E::NotFound,
        E::NotFound => E::NotBelieved,
        E::NotBelieved => E::Offline,
        E::Offline => E::ServerFault,
        E::ServerFault => E::SyncRunning,
        E::SyncRunning => E::KeyLocked,
        E::KeyLocked => E::PinWanted,
        E::PinWanted => E::PinWrong { wait: 30 },
        E::PinWrong { .. } => E::PinLength,
        E::PinLength => E::NoPin,
        E::NoPin => E::KeyLost,
        E::KeyLost => E::Corrupt,
        E::Corrupt => E::UpdateNeeded,
        E::UpdateNeeded => E::Full,
        E::Full => E::Folder,
        E::Folder => E::InUse,
        E::InUse => E::Paused,
        E::Paused => E::Shut,
        E::Shut => E::Photo { why: PhotoError::Heic },
        E::Photo { .. } => E::Quota,
        E::Quota => E::NotWritable,
        E::NotWritable => E::Internal,
        E::Internal => return None,
    })
}

fn main() {
    let mut next = Some(HandbookError::NotEnrolled);
    while let Some(error) = next {
        next = after(&error);
        let shown = format!("{error:?}");
        let mut bytes = Vec::new();
        <HandbookError as Lower<UniFfiTag>>::write(error, &mut bytes);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        println!("{} {hex}", shown.split(' ').next().unwrap_or_default());
    }
}
