//! Why a command is not accepted, as a code that every screen can explain in words.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The maker had no right to do this when they did it.
    #[error("not_allowed")]
    NotAllowed,
    /// A row with this id was made by somebody else, or with other content.
    #[error("id_taken")]
    IdTaken,
    /// The row that is to be changed does not stand.
    #[error("no_such_row")]
    NoSuchRow,
    /// A kind of command or row that this version does not know.
    #[error("unknown_kind")]
    UnknownKind,
    /// A field is missing, of another type, or not one that may be changed.
    #[error("malformed")]
    Malformed,
    /// Over its size limit.
    #[error("too_large")]
    TooLarge,
    /// The text is empty where words are expected.
    #[error("empty")]
    Empty,
    /// The meeting is not in the state that this needs (closed, cancelled, not yet open).
    #[error("wrong_state")]
    WrongState,
    /// The person named is not a member of this cell.
    #[error("not_a_member")]
    NotAMember,
    /// The signature does not fit the device's key, or the text names another device.
    #[error("bad_signature")]
    BadSignature,
    /// The office took the maker's device off the handbook. Said by the phone that was told so: a server says
    /// `not_allowed`, and follows nothing up.
    #[error("device_revoked")]
    DeviceRevoked,
    /// The member's files take up all the room that one member has on the server.
    #[error("no_room")]
    NoRoom,
    /// The signer's certificate is not here, not for this, or did not hold when the server was to receipt the signature.
    #[error("not_certified")]
    NotCertified,
    /// The draft is not the one that was signed: it was prepared anew, signed or returned meanwhile.
    #[error("draft_changed")]
    DraftChanged,
    /// The server itself is not certified to receipt what others sign: its operator has to see to that.
    #[error("no_receipt")]
    NoReceipt,
    /// Plain words in a sealed thread.
    #[error("sealed_only")]
    SealedOnly,
    /// The desk has no certified device to which words could be sealed. Said by the phone.
    #[error("desk_without_officers")]
    DeskWithoutOfficers,
    /// The thread is sealed to other devices than this one, so it can neither be read nor gone on with here. Said by the
    /// phone.
    #[error("not_openable")]
    NotOpenable,
    /// A device does not take itself off the handbook: that is done from another.
    #[error("this_device")]
    ThisDevice,
    /// This device can read the sealed thread, and no letter of it names this device: the desk would not know who writes.
    /// Said by the phone.
    #[error("not_named")]
    NotNamed,
    /// Of a newer version, whose code this one does not know.
    #[error("other")]
    #[serde(other)]
    Other,
}
