//! Letting a browser in to the console with this phone: what asks is shown first, then one number of three is picked.

use serde::{Serialize, de::DeserializeOwned};
use sotay_protocol::{
    audit::AuditHead,
    console::{Approval, Asking, Look, Scanned, Statement},
    id::Id,
    problem::{Problem, ProblemCode},
    qr::NotRead,
};

use super::{Handbook, HandbookError, Inner, sync::JSON, wire::ANSWER};
use crate::{audit, store::StoreError, sync::device};

/// A browser that wants to be let in, as the server sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsoleRequest {
    pub request: Id,
    #[serde(flatten)]
    pub asking: Asking,
    /// The browser stands on the site of this phone's own server. Where it does not, somebody may have copied the page.
    pub own_site: bool,
}

/// Why nobody was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConsoleError {
    #[error("not a code for signing in: {0}")]
    NotACode(NotRead),
    /// Of another server than this phone's.
    #[error("the code is of another server")]
    OtherServer,
    /// Its three minutes are over, it was approved or ended, or the number was wrong.
    #[error("the request is gone")]
    Gone,
    /// This member holds no office now.
    #[error("no office")]
    NoOffice,
    #[error(transparent)]
    Handbook(#[from] HandbookError),
}

impl ConsoleError {
    /// What happened and what to do, in Vietnamese and in English; of the handbook's own errors, its words say it.
    #[must_use]
    pub fn sentence(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::NotACode(_) => (
                "Đây không phải mã đăng nhập bảng điều khiển; mời đồng chí quét lại mã trên màn hình máy tính",
                "That is no code for signing in to the console; scan the one on the computer's screen",
            ),
            Self::OtherServer => {
                ("Mã này của máy chủ khác; không cho vào", "The code is of another server; nobody was let in")
            }
            Self::Gone => (
                "Yêu cầu đăng nhập đã hết hạn, đã bị hủy hoặc sai số; nếu chính đồng chí đăng nhập, hãy tạo mã mới trên máy tính",
                "The request has run out or was ended, or the number was wrong; if it was you, make a new code on the computer",
            ),
            Self::NoOffice => (
                "Chỉ người đang giữ chức vụ mới vào được bảng điều khiển",
                "Only who holds an office now may enter the console",
            ),
            Self::Handbook(_) => return None,
        })
    }
}

impl Handbook {
    /// Who asks to be let in by the code that was scanned. Nothing is approved yet.
    ///
    /// # Errors
    /// [`ConsoleError`].
    pub async fn console_look(&self, scanned: &str) -> Result<ConsoleRequest, ConsoleError> {
        let Scanned { server, request } = Scanned::read(scanned).map_err(ConsoleError::NotACode)?;
        let (url, own, look) =
            self.inner.sign_console(move |of| Look::new(of.device, request, &of.key)).await?;
        if own != server {
            return Err(ConsoleError::OtherServer);
        }
        let asking: Asking = self.inner.ask_console(format!("{url}/v1/console/look"), &look).await?;
        let own_site = asking.origin == url.trim_end_matches('/');
        Ok(ConsoleRequest { request, asking, own_site })
    }

    /// Lets the browser in that shows this number. A wrong one ends the request.
    ///
    /// # Errors
    /// [`ConsoleError`].
    pub async fn console_approve(&self, of: &ConsoleRequest, number: u8) -> Result<(), ConsoleError> {
        let (request, origin) = (of.request, of.asking.origin.clone());
        let sign = move |of: &device::Device| {
            let statement = Statement { device: of.device, request, number, origin };
            Approval::new(&statement, &of.key)
        };
        let (url, _, approval) = self.inner.sign_console(sign).await?;
        let _: Option<()> = self.inner.ask_console(format!("{url}/v1/console/approve"), &approval).await?;
        Ok(())
    }
}

impl Handbook {
    /// Heads of the audit chains of the organisations below, as this officer's phone was told: what an inspector compares the
    /// server's chains with.
    ///
    /// # Errors
    /// The store's own fault.
    pub async fn audit_heads(&self) -> Result<Vec<AuditHead>, HandbookError> {
        self.inner.read(|store, _| audit::heads(store)).await
    }
}

impl Inner {
    /// The server's address and id, and what `sign` makes of this device.
    async fn sign_console<T: Send + 'static>(
        &self,
        sign: impl FnOnce(&device::Device) -> T + Send + 'static,
    ) -> Result<(String, Id, T), HandbookError> {
        self.read(move |store, _| -> Result<_, StoreError> {
            let (Some(identity), Some(of)) = (device::identity(store)?, device::load(store)?) else {
                return Ok(None);
            };
            Ok(Some((identity.url, identity.server, sign(&of))))
        })
        .await?
        .ok_or(HandbookError::NotEnrolled)
    }

    async fn ask_console<A: DeserializeOwned>(
        &self,
        url: String,
        body: &impl Serialize,
    ) -> Result<A, ConsoleError> {
        let body = serde_json::to_vec(body).map_err(|_| HandbookError::Internal)?;
        let answer = self.transport.post(url, JSON, body).await;
        self.board.note(&answer);
        let answer = answer.map_err(|_| HandbookError::Offline)?;
        let status = answer.status;
        let body = answer.read(ANSWER).await.map_err(|_| HandbookError::Offline)?;
        if (200..300).contains(&status) {
            let body = if body.is_empty() { b"null" } else { body.as_slice() };
            return Ok(serde_json::from_slice(body).map_err(|_| HandbookError::ServerFault)?);
        }
        let problem: Option<Problem> = serde_json::from_slice(&body).ok();
        Err(match problem.map(|problem| problem.code) {
            Some(ProblemCode::SignInGone) => ConsoleError::Gone,
            Some(ProblemCode::NotAllowed) => ConsoleError::NoOffice,
            Some(ProblemCode::UnknownDevice | ProblemCode::BadSignature) => HandbookError::NotEnrolled.into(),
            Some(ProblemCode::TooManyTries) => HandbookError::TooManyTries.into(),
            _ => HandbookError::ServerFault.into(),
        })
    }
}
