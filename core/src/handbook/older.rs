//! What has left the window of a desk or a cell, asked of the server: shown, and not kept. It takes a network.

use sotay_protocol::{
    archive::Archive,
    feedback::CASE,
    id::Id,
    limits,
    meetings::{MEETING, MEETING_REPORT},
    problem::{Problem, ProblemCode},
    scope::Scope,
};

use super::{
    Handbook, HandbookError, SyncStop,
    features::{FeedbackBook, Meetings},
};
use crate::{
    feedback::{self, OlderCases},
    meetings::{self, OlderMeetings, OlderReports},
    store::StoreError,
    sync::device,
};

/// A page, in which one row of the largest size may stand with what belongs to it.
const PAGE: usize = 2 * limits::ROW;

impl FeedbackBook {
    /// Answered cases that the desk of this organisation no longer has on its phones, the last one first; `before` is
    /// what the page before said as `next`.
    ///
    /// # Errors
    /// [`HandbookError::Offline`]; [`HandbookError::NotFound`] for a desk that this person does not serve.
    pub async fn older(&self, desk: Id, before: Option<String>) -> Result<OlderCases, HandbookError> {
        let (handbook, scope) = (Handbook { inner: self.0.clone() }, Scope::desk(desk));
        let page = handbook.archive(scope, CASE, before).await?;
        self.0.read(move |store, words| feedback::older(store, words, scope, &page)).await
    }
}

impl Meetings {
    /// Meetings of this cell from before the two years that its phones hold, the last one first; `before` as of
    /// [`FeedbackBook::older`].
    ///
    /// # Errors
    /// [`HandbookError::Offline`]; [`HandbookError::NotFound`] for a cell that this person does not belong to.
    pub async fn older(&self, cell: Id, before: Option<String>) -> Result<OlderMeetings, HandbookError> {
        let (handbook, scope) = (Handbook { inner: self.0.clone() }, Scope::cell(cell));
        let page = handbook.archive(scope, MEETING, before).await?;
        self.0.read(move |store, _| meetings::older(store, cell, &page)).await
    }

    /// What the desk of this organisation was told of its cells' meetings over a year ago; `before` as of
    /// [`FeedbackBook::older`].
    ///
    /// # Errors
    /// As of [`FeedbackBook::older`].
    pub async fn older_reports(
        &self,
        desk: Id,
        before: Option<String>,
    ) -> Result<OlderReports, HandbookError> {
        let (handbook, scope) = (Handbook { inner: self.0.clone() }, Scope::desk(desk));
        Ok(meetings::older_reports(&handbook.archive(scope, MEETING_REPORT, before).await?))
    }
}

/// What is asked with.
struct Way {
    url: String,
    token: Option<String>,
}

enum Asked {
    Page(Archive),
    /// The token is too old, or there is none: an exchange brings a new one.
    ExchangeFirst,
}

impl Handbook {
    async fn archive(
        &self,
        scope: Scope,
        kind: &'static str,
        before: Option<String>,
    ) -> Result<Archive, HandbookError> {
        let before = before.map(|before| format!("&before={before}")).unwrap_or_default();
        let path = format!("/v1/archive/{scope}?kind={kind}{before}");
        if let Asked::Page(page) = self.ask(scope, &path).await? {
            return Ok(page);
        }
        match self.sync(|_| ()).1.await?.stop {
            SyncStop::Done => {}
            SyncStop::Offline | SyncStop::Cut => return Err(HandbookError::Offline),
            SyncStop::EnrolAgain => return Err(HandbookError::NotEnrolled),
            _ => return Err(HandbookError::ServerFault),
        }
        match self.ask(scope, &path).await? {
            Asked::Page(page) => Ok(page),
            Asked::ExchangeFirst => Err(HandbookError::ServerFault),
        }
    }

    async fn ask(&self, scope: Scope, path: &str) -> Result<Asked, HandbookError> {
        let way = self.inner.read(move |store, _| way(store, scope)).await?;
        let Way { url, token } = way.ok_or(HandbookError::NotFound)?;
        let Some(token) = token else { return Ok(Asked::ExchangeFirst) };
        let headers = vec![("authorization", format!("Bearer {token}"))];
        let offline = |_| HandbookError::Offline;
        let answer = self.inner.transport.get(format!("{url}{path}"), headers).await.map_err(offline)?;
        let status = answer.status;
        let body = answer.read(PAGE).await.map_err(offline)?;
        if status == 200 {
            let page = serde_json::from_slice(&body).map_err(|_| HandbookError::ServerFault)?;
            return Ok(Asked::Page(page));
        }
        let code = serde_json::from_slice::<Problem>(&body).map(|problem| problem.code);
        match code {
            Ok(ProblemCode::TokenExpired | ProblemCode::TokenInvalid) => Ok(Asked::ExchangeFirst),
            Ok(ProblemCode::NotFound) => Err(HandbookError::NotFound),
            _ => Err(HandbookError::ServerFault),
        }
    }
}

/// `None` for a scope that is not followed: nothing is asked of it.
fn way(store: &rusqlite::Connection, scope: Scope) -> Result<Option<Way>, StoreError> {
    let Some(identity) = device::identity(store)? else { return Ok(None) };
    if device::cursor(store, &scope.to_string())?.is_none() {
        return Ok(None);
    }
    let token = store.prepare_cached("SELECT token FROM device")?.query_row([], |row| row.get(0))?;
    Ok(Some(Way { url: identity.url, token }))
}
