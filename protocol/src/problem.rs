//! Errors of the server as problem details (RFC 9457), with a code that an app acts on.

use serde::{Deserialize, Serialize};

pub const MEDIA_TYPE: &str = "application/problem+json";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// Not JSON, not a packed request, a field missing or of another type.
    Malformed,
    TooLarge,
    UnsupportedMediaType,
    /// No such activation code, or not with this date of birth.
    CodeWrong,
    /// Another device has used the code.
    CodeUsed,
    CodeExpired,
    TooManyTries,
    /// The member has as many devices as one may have: one of them has to go first.
    TooManyDevices,
    /// The request is for another server.
    WrongServer,
    /// The server does not know this device: enrol again, keep everything.
    UnknownDevice,
    BadSignature,
    /// The count is not above the last; `last` tells it.
    CountReplayed,
    TokenExpired,
    TokenInvalid,
    NotFound,
    /// The whole file has come and is not what its hash says: the server keeps nothing of it, send it from the
    /// beginning.
    HashWrong,
    /// This device has as many files on their way as it may: exchange, so that finished ones are taken, and go on.
    NoRoom,
    /// The part of a file that was asked for begins beyond its end.
    OutOfRange,
    /// The request came too slowly: the server waits no longer for the rest of it.
    TooSlow,
    /// A sign-in that was ended, ran out, or never was; or another number than that on the screen.
    SignInGone,
    /// No session, or one that has ended: sign in again.
    SignedOut,
    /// The caller holds no office.
    NotAllowed,
    /// From another site than this one.
    CrossSite,
    /// The server has no room, or is stopping: try again later.
    Unavailable,
    Internal,
    #[serde(other)]
    Other,
}

impl ProblemCode {
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::BadSignature
            | Self::UnknownDevice
            | Self::TokenExpired
            | Self::TokenInvalid
            | Self::SignedOut => 401,
            Self::CodeWrong | Self::NotAllowed | Self::CrossSite => 403,
            Self::NotFound => 404,
            Self::TooSlow => 408,
            Self::CodeUsed
            | Self::CountReplayed
            | Self::WrongServer
            | Self::NoRoom
            | Self::TooManyDevices => 409,
            Self::CodeExpired | Self::SignInGone => 410,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::OutOfRange => 416,
            Self::HashWrong => 422,
            Self::TooManyTries => 429,
            Self::Unavailable => 503,
            Self::Internal | Self::Other => 500,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:sotay:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// In Vietnamese, for a person.
    pub title: String,
    pub status: u16,
    pub code: ProblemCode,
    /// The last count that the server has seen, with `count_replayed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<u64>,
    /// Seconds after which it may be tried again, with `too_many_tries`; also said as `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<u64>,
}

impl Problem {
    #[must_use]
    pub fn new(code: ProblemCode, title: impl Into<String>) -> Self {
        let name = serde_json::to_value(code).ok();
        let name = name.as_ref().and_then(|name| name.as_str()).unwrap_or("other");
        Self {
            kind: format!("urn:sotay:problem:{name}"),
            title: title.into(),
            status: code.status(),
            code,
            last: None,
            wait: None,
        }
    }
}
