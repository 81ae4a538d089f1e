//! Văn bản: what this member has been sent to read.

use std::sync::Arc;

use sotay_core::{directives as core, shown::Page};

use crate::{
    Attachment, Block, ContentsLine, Day, Found, HandbookError,
    handbook::Held,
    kinds::{DirectiveType, Standing, Urgency},
    runtime,
    values::{Id, Timestamp},
};

#[derive(Debug, uniffi::Object)]
pub struct Directives(pub(crate) Arc<Held>);

/// What a list is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Default, uniffi::Record)]
pub struct DirectiveFilter {
    #[uniffi(default = false)]
    pub unread_only: bool,
    #[uniffi(default = None)]
    pub directive_type: Option<DirectiveType>,
    #[uniffi(default = None)]
    pub issuer: Option<Id>,
}

#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DirectiveLine {
    pub id: Id,
    pub directive_type: DirectiveType,
    /// `17-KH/ĐU`.
    pub number: String,
    pub issuer: Id,
    pub issuer_name: String,
    pub date: Day,
    /// Trích yếu.
    pub summary: String,
    pub urgency: Urgency,
    pub standing: Standing,
    /// Not opened on this device yet.
    pub unread: bool,
    /// What replaced this one was withdrawn since; this one is not in force again by that.
    pub replacement_withdrawn: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DirectiveView {
    pub line: DirectiveLine,
    /// From top to bottom; notes after all else.
    pub blocks: Vec<Block>,
    /// What the document holds; empty where it is short.
    pub contents: Vec<ContentsLine>,
    /// Some of it is shown by its words alone: the app is to be updated.
    pub of_newer_version: bool,
    /// The file that the document was read from, as far as the issuer gave it along.
    pub original: Option<Attachment>,
    pub replaced_by: Option<DirectiveLine>,
    /// When that was withdrawn, if it was.
    pub replacement_withdrawn_at: Option<Timestamp>,
    /// When it was withdrawn or replaced, and why.
    pub ruling: Option<Ruling>,
}

#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Ruling {
    pub at: Timestamp,
    pub reason: Option<String>,
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
    pub async fn read(&self, id: Id) -> Result<DirectiveView, HandbookError> {
        let core = self.0.core()?.directives();
        runtime::run(async move { Ok(core.read(id).await?.into()) }).await
    }

    /// Those with all the words, typed with or without their marks; the last word counts as a beginning.
    pub async fn search(&self, typed: String, most: u32) -> Result<Found, HandbookError> {
        let core = self.0.core()?.directives();
        runtime::run(async move { Ok(core.search(typed, most).await?.into()) }).await
    }
}

impl From<DirectiveFilter> for core::Filter {
    fn from(of: DirectiveFilter) -> Self {
        Self { unread_only: of.unread_only, directive_type: of.directive_type, issuer: of.issuer }
    }
}

impl From<core::DirectiveLine> for DirectiveLine {
    fn from(of: core::DirectiveLine) -> Self {
        Self {
            id: of.id,
            directive_type: of.directive_type,
            number: of.number,
            issuer: of.issuer,
            issuer_name: of.issuer_name,
            date: Day(of.date),
            summary: of.abstract_,
            urgency: of.urgency,
            standing: of.standing,
            unread: of.unread,
            replacement_withdrawn: of.replacement_withdrawn,
        }
    }
}

impl From<core::DirectiveView> for DirectiveView {
    fn from(of: core::DirectiveView) -> Self {
        Self {
            line: of.line.into(),
            blocks: of.document.blocks.into_iter().map(Into::into).collect(),
            contents: of.contents.into_iter().map(Into::into).collect(),
            of_newer_version: of.of_newer_version,
            original: of.original.map(Into::into),
            replaced_by: of.replaced_by.map(Into::into),
            replacement_withdrawn_at: of.replacement_withdrawn_at,
            ruling: of.ruling.map(|of| Ruling { at: of.at, reason: of.reason }),
        }
    }
}
