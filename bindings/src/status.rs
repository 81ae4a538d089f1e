//! How things stand.

use sotay_core::handbook as core;

use crate::values::{DeviceId, MemberId, Timestamp};

/// Whose handbook this is and how things stand.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Status {
    /// None before enrolment.
    pub enrolled: Option<Enrolled>,
    /// Deeds that are to be sent, or being sent.
    pub pending: u64,
    /// Deeds that wait for something else to be accepted.
    pub held: u64,
    /// Deeds that the person has to look at.
    pub needs_attention: u64,
    /// Directives that were not opened on this device.
    pub unread_directives: u64,
    /// Directives that are kept apart: what they bear is not to be believed.
    pub quarantined: u64,
    /// Directives that are not searchable yet.
    pub not_indexed: u64,
    /// Rows of a newer kind, which this version keeps and cannot show.
    pub not_understood: u64,
}

/// Whose this is.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Enrolled {
    /// Of the server that it was enrolled at.
    pub server_url: String,
    /// Names this device.
    pub device: DeviceId,
    /// Names the member.
    pub member: MemberId,
    /// The member's name.
    pub member_name: String,
    /// When it was last brought up to date, if ever.
    pub last_sync: Option<Timestamp>,
    /// The server speaks of what this version does not know.
    pub update_needed: bool,
    /// The office took this device off the handbook; what was not sent is kept.
    pub taken_off: bool,
}

impl From<core::Status> for Status {
    fn from(of: core::Status) -> Self {
        Self {
            enrolled: of.enrolled.map(Into::into),
            pending: of.counts.pending as u64,
            held: of.counts.held as u64,
            needs_attention: of.counts.needs_attention as u64,
            unread_directives: of.unread_directives,
            quarantined: of.quarantined,
            not_indexed: of.not_indexed,
            not_understood: of.not_understood,
        }
    }
}

impl From<core::Enrolled> for Enrolled {
    fn from(of: core::Enrolled) -> Self {
        Self {
            server_url: of.server_url,
            device: of.device.into(),
            member: of.member.into(),
            member_name: of.member_name,
            last_sync: of.last_sync,
            update_needed: of.update_needed,
            taken_off: of.taken_off,
        }
    }
}
