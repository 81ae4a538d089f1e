//! Phản ánh niêm phong: to whom one can seal, sealing, and how letters stand.

use sotay_core::{feedback::sealed, screens::feedback::DeskChoice};
use sotay_protocol::{members::Office as MemberOffice, sealed as model};

use crate::{
    HandbookError, Photo,
    feedback::Feedback,
    kinds::{Distrust, NotOpened, Office},
    runtime,
    values::{MessageId, OrganisationId, ThreadId, Timestamp},
};

/// A committee that reads what this member writes to it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Desk {
    /// Names it.
    pub id: OrganisationId,
    /// Of the committee.
    pub name: String,
    /// The one that is meant where nothing is said.
    pub usual: bool,
    /// Whose certified devices open what is sealed to it. Nobody: do not offer to seal.
    pub officers: Vec<DeskOfficer>,
    /// Who can read what is sealed, to stand beside the choice.
    pub sealed_sentence: String,
    /// Who can read what is not.
    pub plain_sentence: String,
    /// Why nothing can be sealed to it; none where it can.
    pub cannot_seal: Option<String>,
}

/// One who can open what is sealed to a desk.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DeskOfficer {
    /// By name.
    pub name: String,
    /// Their office.
    pub office: Office,
}

/// How the letter of a message stands on this device.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Letter {
    /// Of which one.
    pub message: MessageId,
    /// How it stands.
    pub state: LetterState,
}

/// What this device made of a letter.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum LetterState {
    /// The member's own, as the thread proves.
    FromMember,
    /// Of an officer, as their certificate proves.
    FromOfficer {
        /// By name.
        name: String,
        /// Their office.
        office: Office,
        /// Where.
        organisation_name: String,
        /// The certificate was revoked later: from then on.
        bad_since: Option<Timestamp>,
    },
    /// It can be read, and does not show by whom it is: not to be relied on.
    Unproven {
        /// What is wrong with it.
        why: Distrust,
    },
    /// It cannot be read on this device.
    Closed {
        /// For which reason.
        why: NotOpened,
    },
    /// It has just come.
    NotYet,
}

#[uniffi::export(async_runtime = "tokio")]
impl Feedback {
    /// The committees above this member, the nearest first.
    pub async fn desks(&self) -> Result<Vec<Desk>, HandbookError> {
        let screen = self.0.core()?.desk_list();
        runtime::run(async move { Ok(screen.now().await?.into_iter().map(Into::into).collect()) }).await
    }

    /// Seals words and photos so that only the desk's certified officers and this member can read them; works without a
    /// network. Throws `Refused` with `DeskWithoutOfficers`, and as `submit`.
    pub async fn seal(
        &self,
        desk: Option<OrganisationId>,
        topic: String,
        words: String,
        photos: Vec<Photo>,
    ) -> Result<ThreadId, HandbookError> {
        let core = self.0.core()?.feedback();
        let photos = photos.into_iter().map(Into::into).collect();
        runtime::run(async move { Ok(core.seal(desk.map(Into::into), topic, words, photos).await?.into()) })
            .await
    }
}

impl From<DeskChoice> for Desk {
    fn from(of: DeskChoice) -> Self {
        Self {
            sealed_sentence: of.sealed,
            plain_sentence: of.plain,
            cannot_seal: of.no_seal,
            id: of.desk.id.into(),
            name: of.desk.name,
            usual: of.desk.usual,
            officers: of.desk.sealed_to.officers.into_iter().map(officer).collect(),
        }
    }
}

fn officer((name, office): (String, MemberOffice)) -> DeskOfficer {
    DeskOfficer { name, office }
}

impl From<sealed::LetterView> for Letter {
    fn from(of: sealed::LetterView) -> Self {
        let state = match of.state {
            sealed::LetterState::NotYet => LetterState::NotYet,
            sealed::LetterState::Closed { why } => LetterState::Closed { why },
            sealed::LetterState::Opened { writer: model::Writer::Member } => LetterState::FromMember,
            sealed::LetterState::Opened {
                writer: model::Writer::Officer { name, office, organisation_name, bad_since },
            } => LetterState::FromOfficer { name, office, organisation_name, bad_since },
            sealed::LetterState::Opened { writer: model::Writer::Unproven { why } } => {
                LetterState::Unproven { why }
            }
        };
        Self { message: of.message.into(), state }
    }
}
