//! Văn bản: what this member has been sent to read.

use std::sync::Arc;

use sotay_core::{directives as core, shown::Page};
use sotay_protocol::trust::Verdict as Judged;

use crate::{
    Attachment, Block, ContentsLine, Day, Found, HandbookError,
    handbook::Held,
    kinds::{DirectiveType, Distrust, Office, Standing, Urgency},
    runtime,
    values::{DirectiveId, OrganisationId, Timestamp},
};

/// Văn bản: what this member has been sent to read.
#[derive(Debug, uniffi::Object)]
pub struct Directives(pub(crate) Arc<Held>);

/// What a list is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Default, uniffi::Record)]
pub struct DirectiveFilter {
    /// Those alone that were not opened on this device.
    #[uniffi(default = false)]
    pub unread_only: bool,
    /// Of this type alone.
    #[uniffi(default = None)]
    pub directive_type: Option<DirectiveType>,
    /// Of this organisation alone.
    #[uniffi(default = None)]
    pub issuer: Option<OrganisationId>,
    /// Those that are kept apart because what they bear is not to be believed; else they are in no list.
    #[uniffi(default = false)]
    pub quarantined: bool,
}

/// One line of a list of directives.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DirectiveLine {
    /// Names it.
    pub id: DirectiveId,
    /// Loại văn bản.
    pub directive_type: DirectiveType,
    /// `17-KH/ĐU`.
    pub number: String,
    /// Cơ quan ban hành.
    pub issuer: OrganisationId,
    /// As printed.
    pub issuer_name: String,
    /// Of its signature, as printed.
    pub date: Day,
    /// Trích yếu.
    pub summary: String,
    /// Độ khẩn.
    pub urgency: Urgency,
    /// Whether it still holds.
    pub standing: Standing,
    /// Not opened on this device yet.
    pub unread: bool,
    /// What replaced this one was withdrawn since; this one is not in force again by that.
    pub replacement_withdrawn: bool,
    /// What this device found of its signature.
    pub verdict: Verdict,
    /// Its issuer has keys by now: one that is unsigned says so in a list.
    pub issuer_signs: bool,
}

/// What this device found of a document's signature.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Verdict {
    /// It is being looked at.
    Checking,
    /// Its issuer signed these words. The signer is of `organisation_name`.
    Genuine {
        /// By name.
        signer: String,
        /// Their office there.
        office: Office,
        /// Where.
        organisation_name: String,
        /// By the server's receipt.
        published_at: Timestamp,
        /// Since when their certificate does not hold any more, if it was revoked later.
        revoked_from: Option<Timestamp>,
    },
    /// Signed, and the certificate to check it with is not here yet.
    Unknown,
    /// Nobody signed it, and nobody had to.
    Unsigned,
    /// Not to be shown as genuine, for this reason.
    Quarantined {
        /// What is wrong with it.
        why: Distrust,
    },
}

/// A directive to be read.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DirectiveView {
    /// Its head.
    pub line: DirectiveLine,
    /// From top to bottom; notes after all else.
    pub blocks: Vec<Block>,
    /// What the document holds; empty where it is short.
    pub contents: Vec<ContentsLine>,
    /// Some of it is shown by its words alone: the app is to be updated.
    pub of_newer_version: bool,
    /// The file that the document was read from, as far as the issuer gave it along.
    pub original: Option<Attachment>,
    /// What has taken its place.
    pub replaced_by: Option<DirectiveLine>,
    /// When that was withdrawn, if it was.
    pub replacement_withdrawn_at: Option<Timestamp>,
    /// When it was withdrawn or replaced, and why.
    pub ruling: Option<Ruling>,
    /// What stands under its head: who signed it, or why it is not to be believed.
    pub verdict_sentence: String,
}

/// What became of a directive after it was issued.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Ruling {
    /// When.
    pub at: Timestamp,
    /// In the words of who said so.
    pub reason: Option<String>,
    /// Of who said so; none where nothing is known of it.
    pub verdict: Option<Verdict>,
}

#[uniffi::export(async_runtime = "tokio")]
impl Directives {
    /// A page of the list, the newest first.
    pub async fn list(
        &self,
        filter: DirectiveFilter,
        skip: u32,
        take: u32,
    ) -> Result<Vec<DirectiveLine>, HandbookError> {
        let core = self.0.core()?.directives();
        runtime::run(async move {
            let lines = core.list(filter.into(), Page { skip, take }).await?;
            Ok(lines.into_iter().map(Into::into).collect())
        })
        .await
    }

    /// Opens one, which from then on counts as read.
    pub async fn read(&self, id: DirectiveId) -> Result<DirectiveView, HandbookError> {
        let core = self.0.core()?.directives();
        runtime::run(async move { Ok(core.read(id.into()).await?.into()) }).await
    }

    /// Those with all the words, typed with or without their marks; the last word counts as a beginning.
    pub async fn search(&self, typed: String, most: u32) -> Result<Found, HandbookError> {
        let core = self.0.core()?.directives();
        runtime::run(async move { Ok(core.search(typed, most).await?.into()) }).await
    }
}

impl From<DirectiveFilter> for core::Filter {
    fn from(of: DirectiveFilter) -> Self {
        Self {
            unread_only: of.unread_only,
            directive_type: of.directive_type,
            issuer: of.issuer.map(Into::into),
            quarantined: of.quarantined,
        }
    }
}

impl From<core::DirectiveLine> for DirectiveLine {
    fn from(of: core::DirectiveLine) -> Self {
        Self {
            id: of.id.into(),
            directive_type: of.directive_type,
            number: of.number,
            issuer: of.issuer.into(),
            issuer_name: of.issuer_name,
            date: Day(of.date),
            summary: of.abstract_,
            urgency: of.urgency,
            standing: of.standing,
            unread: of.unread,
            replacement_withdrawn: of.replacement_withdrawn,
            verdict: of.verdict.into(),
            issuer_signs: of.issuer_signs,
        }
    }
}

impl From<Option<Judged>> for Verdict {
    fn from(of: Option<Judged>) -> Self {
        match of {
            None => Self::Checking,
            Some(Judged::Genuine { signer, office, organisation_name, bad_since, at }) => {
                Self::Genuine { signer, office, organisation_name, published_at: at, revoked_from: bad_since }
            }
            Some(Judged::Unknown) => Self::Unknown,
            Some(Judged::Unsigned) => Self::Unsigned,
            Some(Judged::Quarantined { why }) => Self::Quarantined { why },
        }
    }
}

impl From<core::DirectiveView> for DirectiveView {
    fn from(of: core::DirectiveView) -> Self {
        Self {
            ruling: of.ruling.map(|ruling| Ruling {
                at: ruling.at,
                reason: ruling.reason,
                verdict: of.line.ruling_verdict.clone().map(|verdict| Some(verdict).into()),
            }),
            verdict_sentence: of.verdict_sentence,
            line: of.line.into(),
            blocks: of.document.blocks.into_iter().map(Into::into).collect(),
            contents: of.contents.into_iter().map(Into::into).collect(),
            of_newer_version: of.of_newer_version,
            original: of.original.map(Into::into),
            replaced_by: of.replaced_by.map(Into::into),
            replacement_withdrawn_at: of.replacement_withdrawn_at,
        }
    }
}
