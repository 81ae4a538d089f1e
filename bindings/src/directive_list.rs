//! The list of directives under the headings of their days.

use std::sync::Arc;

use sotay_core::{screens::directives as core, shown::Page};

use crate::{
    DirectiveFilter, DirectiveLine, Directives, HandbookError, ListenerError, Watching, kinds::DirectiveAge,
    observe, runtime,
};

/// One line of the list, as it is read.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DirectiveRow {
    /// What it is of.
    pub line: DirectiveLine,
    /// `Kế hoạch 17-KH/ĐU`.
    pub title: String,
    /// `Đảng ủy xã Thanh Sơn, hôm qua`.
    pub under: String,
    /// Urgent, no longer in force, not genuine; none for most.
    pub remarks: Vec<String>,
}

/// Lines under one heading.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DirectiveGroup {
    /// How long ago they were issued.
    pub age: DirectiveAge,
    /// The same in words.
    pub title: String,
    /// The newest first.
    pub rows: Vec<DirectiveRow>,
}

/// The screen “Văn bản”.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DirectiveList {
    /// The newest first.
    pub groups: Vec<DirectiveGroup>,
    /// How many are kept apart, and that they are not to be believed; none where there are none.
    pub apart: Option<String>,
    /// Why there is nothing to see, where there is nothing.
    pub empty: Option<String>,
}

/// Called from the callbacks' thread, in order, with no lock held. One that throws is logged and detached.
#[uniffi::export(foreign)]
pub trait DirectivesObserver: Send + Sync {
    /// The list as it is from now on.
    fn changed(&self, list: DirectiveList) -> Result<(), ListenerError>;
}

#[uniffi::export(async_runtime = "tokio")]
impl Directives {
    /// A page of the list under its headings.
    pub async fn grouped(
        &self,
        filter: DirectiveFilter,
        skip: u32,
        take: u32,
    ) -> Result<DirectiveList, HandbookError> {
        let screen = self.0.core()?.directive_list(filter.into(), Page { skip, take });
        runtime::run(async move { Ok(screen.now().await?.into()) }).await
    }
}

#[uniffi::export]
impl Directives {
    /// Calls the observer with a page of the list as it is, then with each that differs from the one before.
    pub fn observe(
        &self,
        filter: DirectiveFilter,
        skip: u32,
        take: u32,
        observer: Arc<dyn DirectivesObserver>,
    ) -> Result<Arc<Watching>, HandbookError> {
        let screen = self.0.core()?.directive_list(filter.into(), Page { skip, take });
        observe::screen(&self.0, &screen, move |list: DirectiveList| observer.changed(list))
    }
}

impl From<core::DirectiveList> for DirectiveList {
    fn from(of: core::DirectiveList) -> Self {
        let group = |of: core::DirectiveGroup| DirectiveGroup {
            age: of.group,
            title: of.title,
            rows: of.rows.into_iter().map(Into::into).collect(),
        };
        Self { groups: of.groups.into_iter().map(group).collect(), apart: of.apart, empty: of.empty }
    }
}

impl From<core::DirectiveRow> for DirectiveRow {
    fn from(of: core::DirectiveRow) -> Self {
        Self { line: of.line.into(), title: of.title, under: of.under, remarks: of.remarks }
    }
}
