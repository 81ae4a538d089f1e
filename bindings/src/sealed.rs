//! Phản ánh niêm phong: to whom one can seal, sealing, and how letters stand.

use sotay_core::feedback::{self as core, sealed};
use sotay_protocol::{members::Office as MemberOffice, sealed as model};

use crate::{
    HandbookError, Photo,
    feedback::Feedback,
    kinds::{Distrust, NotOpened, Office},
    runtime,
    values::{Id, Timestamp},
};

/// A committee that reads what this member writes to it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Desk {
    pub id: Id,
    pub name: String,
    /// The one that is meant where nothing is said.
    pub usual: bool,
    /// Whose certified devices open what is sealed to it. Nobody: do not offer to seal.
    pub officers: Vec<DeskOfficer>,
    /// Who can read what is sealed, and what is not: one sentence each, to stand beside the choice.
    pub sealed_sentence: String,
    pub plain_sentence: String,
}

#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DeskOfficer {
    pub name: String,
    pub office: Office,
}

/// How the letter of a message stands on this device.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Letter {
    pub message: Id,
    pub state: LetterState,
}

#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum LetterState {
    /// The member's own, as the thread proves.
    FromMember,
    FromOfficer {
        name: String,
        office: Office,
        organisation_name: String,
        /// The certificate was revoked later: from then on.
        bad_since: Option<Timestamp>,
    },
    /// It can be read, and does not show by whom it is: not to be relied on.
    Unproven { why: Distrust },
    /// It cannot be read on this device.
    Closed { why: NotOpened },
    /// It has just come.
    NotYet,
}

#[uniffi::export(async_runtime = "tokio")]
impl Feedback {
    /// The committees above this member, the nearest first.
    pub async fn desks(&self) -> Result<Vec<Desk>, HandbookError> {
        let handbook = self.0.core()?;
        runtime::run(async move {
            let words = handbook.words();
            let desk = |of: core::Desk| Desk {
                sealed_sentence: words.sealed_readers(&of.sealed_to),
                plain_sentence: words.plain_readers().to_owned(),
                id: of.id,
                name: of.name,
                usual: of.usual,
                officers: of.sealed_to.officers.into_iter().map(officer).collect(),
            };
            Ok(handbook.feedback().desks().await?.into_iter().map(desk).collect())
        })
        .await
    }

    /// Seals words and photos so that only the desk's certified officers and this member can read them; works without a
    /// network. Throws `Refused` with `DeskWithoutOfficers`, and as `submit`.
    pub async fn seal(
        &self,
        desk: Option<Id>,
        topic: String,
        words: String,
        photos: Vec<Photo>,
    ) -> Result<Id, HandbookError> {
        let core = self.0.core()?.feedback();
        let photo = |of: Photo| sotay_core::attachments::Photo { name: of.name, bytes: of.bytes };
        let photos = photos.into_iter().map(photo).collect();
        runtime::run(async move { core.seal(desk, topic, words, photos).await }).await
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
        Self { message: of.message, state }
    }
}
