//! What became of what the person did.

use sotay_core::outbox as core;

use crate::{kinds::Refusal, values::Timestamp};

/// How a deed of this person stands.
#[derive(Debug, Clone, PartialEq, uniffi::Enum)]
pub enum RowState {
    /// On this device; will be sent when there is a network.
    Pending,
    /// On its way.
    Sending,
    /// The server has it.
    Applied {
        /// Since when.
        at: Timestamp,
    },
    /// Waits for what others, or an earlier deed of this person, must bring; each by its name.
    Held {
        /// What has not been accepted.
        missing: Vec<String>,
    },
    /// The server did not accept it.
    Refused {
        /// Why.
        code: Refusal,
    },
    /// Somebody changed the same: the person chooses.
    Conflicted {
        /// Each that differs.
        fields: Vec<TwoVersions>,
    },
    /// The server failed at it each time; the person may try again.
    Parked,
    /// A newer form of the row has come, which this version of the app cannot read; what is shown is the older one.
    Outdated,
}

/// One field of a conflict, side by side, each as JSON.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TwoVersions {
    /// Its name in the row.
    pub field: String,
    /// The person's.
    pub mine: String,
    /// The server's.
    pub current: String,
}

impl From<core::RowState> for RowState {
    fn from(of: core::RowState) -> Self {
        match of {
            core::RowState::Pending => Self::Pending,
            core::RowState::Sending => Self::Sending,
            core::RowState::Applied { at } => Self::Applied { at },
            core::RowState::Held { missing } => Self::Held { missing },
            core::RowState::Refused { code } => Self::Refused { code },
            core::RowState::Conflicted { fields } => {
                Self::Conflicted { fields: fields.into_iter().map(Into::into).collect() }
            }
            core::RowState::Parked => Self::Parked,
            core::RowState::Outdated => Self::Outdated,
        }
    }
}

impl From<core::TwoVersions> for TwoVersions {
    fn from(of: core::TwoVersions) -> Self {
        Self { field: of.field, mine: of.mine.to_string(), current: of.current.to_string() }
    }
}
