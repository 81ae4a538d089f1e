//! Enrolment over the network; what must outlive a lost answer is in [`crate::enrolment`].

use std::sync::Arc;

use sotay_protocol::{
    enrol::{EnrolAnswer, EnrolRequest},
    problem::Problem,
    trust::{Root, Signed},
};

use super::{Handbook, HandbookError, Inner, on_workers, sync::JSON, wire::ANSWER};
use crate::{
    enrolment::{self, Enrolment},
    store::{self, StoreError},
    sync::device,
    transport::is_local,
    trust::normal_fingerprint,
};

/// What enrolment is allowed beyond the usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EnrolOptions {
    /// This handbook is enrolled, and its server does not know the device any more.
    pub again: bool,
    /// Plain HTTP to another machine, for a test network: what is sent can be read on the way.
    pub plain_http: bool,
}

impl Handbook {
    /// Enrols this device; the same again after a lost answer gets the same.
    ///
    /// # Errors
    /// [`HandbookError::CodeWrong`], [`HandbookError::CodeUsed`], [`HandbookError::CodeExpired`],
    /// [`HandbookError::TooManyTries`], [`HandbookError::TooManyDevices`], [`HandbookError::BadAddress`],
    /// [`HandbookError::BadFingerprint`], [`HandbookError::AlreadyEnrolled`],
    /// [`HandbookError::AnotherMember`], [`HandbookError::WrongRoot`], [`HandbookError::Offline`] (call again, nothing is
    /// lost).
    pub async fn enrol(&self, of: Enrolment, options: EnrolOptions) -> Result<EnrolAnswer, HandbookError> {
        let (url, root) = address(&of.url, options.plain_http)?;
        let of = Enrolment { url: url.clone(), ..of };
        let request = self.inner.begin_enrolment(of, root.clone(), options.again).await?;
        if let Some(root) = root {
            self.inner.compare_root(&url, &root).await?;
        }
        let body = serde_json::to_vec(&request).map_err(|_| HandbookError::Internal)?;
        let answer = self.inner.transport.post(format!("{url}/v1/enrol"), JSON, body).await;
        self.inner.board.note(&answer);
        let answer = answer.map_err(|_| HandbookError::Offline)?;
        let status = answer.status;
        let body = answer.read(ANSWER).await.map_err(|_| HandbookError::Offline)?;
        if status != 200 {
            let problem: Option<Problem> = serde_json::from_slice(&body).ok();
            let error = match problem {
                Some(problem) => problem.code.into(),
                None if status == 404 => HandbookError::BadAddress,
                None => HandbookError::ServerFault,
            };
            if for_good(error) {
                self.inner.write(|store, _, _| enrolment::give_up(store)).await?;
            }
            return Err(error);
        }
        let answer: EnrolAnswer = serde_json::from_slice(&body).map_err(|_| HandbookError::BadAddress)?;
        let kept = answer.clone();
        self.inner.write(move |store, _, _| finish(store, &url, &kept)).await??;
        let keys = Arc::clone(&self.inner.keys);
        on_workers(self.inner.workers.as_ref(), move || store::forget_ending(keys.folder())).await??;
        self.inner.goes_on(|going_on| going_on.unknown = false);
        self.inner.alive.enrolled();
        Ok(answer)
    }

    /// An enrolment that was begun and has no answer yet, to be tried again.
    ///
    /// # Errors
    /// The store's own fault.
    pub async fn enrolment_begun(&self) -> Result<Option<Enrolment>, HandbookError> {
        self.inner.read(|store, _| enrolment::begun(store)).await
    }
}

impl Inner {
    /// Before the code is spent: a code given to the wrong server would make a device there that nobody has, and the right one
    /// might refuse it afterwards. The answer to the code is compared again.
    async fn compare_root(&self, url: &str, wanted: &str) -> Result<(), HandbookError> {
        let answer = self.transport.get(format!("{url}/v1/root"), Vec::new()).await;
        let answer = answer.map_err(|_| HandbookError::Offline)?;
        let status = answer.status;
        let body = answer.read(ANSWER).await.map_err(|_| HandbookError::Offline)?;
        match status {
            200 => {}
            // A server of before this was asked.
            404 => return Ok(()),
            _ => return Err(HandbookError::ServerFault),
        }
        let told: Option<Signed> = serde_json::from_slice(&body).map_err(|_| HandbookError::BadAddress)?;
        let root = told.as_ref().and_then(Root::of);
        let same = root.is_some_and(|root| root.fingerprint() == wanted);
        same.then_some(()).ok_or(HandbookError::WrongRoot)
    }

    async fn begin_enrolment(
        &self,
        of: Enrolment,
        root: Option<String>,
        again: bool,
    ) -> Result<EnrolRequest, HandbookError> {
        let begin = move |store: &rusqlite::Connection, env: &dyn sotay_protocol::env::Env, _: &_| {
            if !again && device::identity(store)?.is_some() {
                return Ok(Err(HandbookError::AlreadyEnrolled));
            }
            let request = enrolment::begin(store, env, &of, root.as_deref())?;
            Ok::<_, StoreError>(request.ok_or(HandbookError::CodeWrong))
        };
        self.write(begin).await?
    }
}

/// Whether the same code can never bring another answer.
fn for_good(error: HandbookError) -> bool {
    matches!(error, HandbookError::CodeWrong | HandbookError::CodeUsed | HandbookError::CodeExpired)
}

/// A store never changes hands: another member's answer is not taken.
fn finish(
    store: &rusqlite::Connection,
    url: &str,
    answer: &EnrolAnswer,
) -> Result<Result<(), HandbookError>, StoreError> {
    if device::identity(store)?.is_some_and(|of| of.member != answer.member) {
        enrolment::give_up(store)?;
        return Ok(Err(HandbookError::AnotherMember));
    }
    Ok(enrolment::finish(store, url, answer)?.then_some(()).ok_or(HandbookError::WrongRoot))
}

/// A server's address as typed, without its last slash, and the root's fingerprint that the invitation puts after it.
/// Plain HTTP to this very machine only, unless allowed.
fn address(typed: &str, plain_http: bool) -> Result<(String, Option<String>), HandbookError> {
    let (typed, root) = match typed.split_once('#') {
        Some((typed, root)) => {
            let root = normal_fingerprint(root.trim_start_matches("root="));
            (typed, Some(root.ok_or(HandbookError::BadFingerprint)?))
        }
        None => (typed, None),
    };
    let typed = typed.trim().trim_end_matches('/');
    let secure = typed.starts_with("https://");
    let plain = typed.starts_with("http://") && (plain_http || is_local(typed));
    let whole = reqwest::Url::parse(typed).is_ok_and(|url| url.host_str().is_some() && url.query().is_none());
    ((secure || plain) && whole).then(|| (typed.to_owned(), root)).ok_or(HandbookError::BadAddress)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        let address = |typed: &str, plain_http| address(typed, plain_http).ok().map(|(url, _)| url);
        assert_eq!(address(" https://sotay.xa.vn/ ", false), Some("https://sotay.xa.vn".into()));
        assert_eq!(address("http://127.0.0.1:8080", false), Some("http://127.0.0.1:8080".into()));
        assert_eq!(address("http://sotay.xa.vn", false), None);
        assert_eq!(address("http://thu-nghiem:8080", true), Some("http://thu-nghiem:8080".into()));
        for bad in ["", "sotay.xa.vn", "ftp://sotay.xa.vn", "https://", "https://a/?x"] {
            assert_eq!(address(bad, true), None, "{bad}");
        }
    }

    #[test]
    fn the_invitation_puts_the_root_after_the_address() {
        let root = "0123456789abcdef".repeat(4);
        let whole = Ok(("https://sotay.xa.vn".to_owned(), Some(root.clone())));
        assert_eq!(address(&format!("https://sotay.xa.vn/#root={root}"), false), whole);
        assert_eq!(address(&format!("https://sotay.xa.vn#{}", root.to_uppercase()), false), whole);
        assert_eq!(
            address("https://sotay.xa.vn#root=0123", false),
            Err(HandbookError::BadFingerprint),
            "half a fingerprint compares nothing"
        );
    }
}
