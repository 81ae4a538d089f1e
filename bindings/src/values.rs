//! Values that cross as something the other language has already.

use std::time::{Duration, SystemTime};

use chrono::NaiveDate;

use sotay_protocol::refusal::Refusal;
pub(crate) use sotay_protocol::{env::Timestamp, id::Id};

use crate::HandbookError;

/// Each names one kind of thing, and a call that wants a meeting takes no directive.
macro_rules! ids {
    ($($(#[$doc:meta])+ $name:ident)+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, uniffi::Record)]
        pub struct $name {
            /// To be kept or handed on as text; what is none names nothing that is here.
            pub value: Id,
        }

        impl From<Id> for $name {
            fn from(value: Id) -> Self {
                Self { value }
            }
        }

        impl From<$name> for Id {
            fn from(of: $name) -> Self {
                of.value
            }
        }
    )+};
}

ids! {
    /// Names a directive.
    DirectiveId
    /// Names a draft that waits for a signature.
    DraftId
    /// Names a meeting.
    MeetingId
    /// Names a member.
    MemberId
    /// Names an organisation: a cell, a committee, and with it the committee's desk.
    OrganisationId
    /// Names a member's thread with a desk.
    ThreadId
    /// Names one turn of a thread.
    MessageId
    /// Names a device.
    DeviceId
    /// Names what a browser asks of an officer's phone.
    ConsoleRequestId
}

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(pub NaiveDate);

uniffi::custom_type!(
    /// A day of the calendar: Kotlin's `LocalDate`, Swift's `DateComponents` with year, month and day.
    Day, String, {
    lower: |day| day.0.to_string(),
    try_lift: |text| match text.parse() {
        Ok(day) => Ok(Day(day)),
        Err(_) => Err(HandbookError::Refused { code: Refusal::Malformed }.into()),
    },
});

uniffi::custom_type!(
    /// The text of an id, as the typed ones hold it.
    Id, String, {
    remote,
    lower: |id| id.to_string(),
    try_lift: |text| text.parse().map_err(|_| HandbookError::NotFound.into()),
});

uniffi::custom_type!(
    /// A moment: Kotlin's `java.time.Instant`, Swift's `Date`.
    Timestamp, SystemTime, {
    remote,
    lower: |at| moment(at),
    try_lift: |at| Ok(timestamp(at)),
});

fn moment(at: Timestamp) -> SystemTime {
    let span = Duration::from_millis(at.millis().unsigned_abs());
    let moved = if at.millis() < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(span)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(span)
    };
    moved.unwrap_or(SystemTime::UNIX_EPOCH)
}

fn timestamp(at: SystemTime) -> Timestamp {
    let millis = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => millis(since),
        Err(before) => -millis(before.duration()),
    })
}
