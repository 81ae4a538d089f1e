//! Signing in to the console: requests that an officer's phone approves, sessions, and the operator's one-time link; see
//! [`sotay_protocol::console`].
//!
//! Secrets are kept as their hashes. A session is a member's: whether they may still come in is asked of the table of rights at
//! each call, with the offices that they hold then, and the device that approved it must still have its own rights.

mod session;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sotay_protocol::{
    console::{Approval, Asking, Fetch, Look, Scanned, SignIn},
    env::Timestamp,
    id::Id,
    problem::{Problem, ProblemCode},
    rights::{Action, allowed},
    signature::{Base64, sha256_hex},
};

pub use self::session::{Entered, Officer};
use crate::{
    error::problem,
    server::Server,
    standing::standing,
    store::{Device, Reader, Result as Stored, Transaction},
};

/// How long a code stands on a screen.
const REQUEST_LIFE: Duration = Duration::from_secs(3 * 60);
const REQUEST: &str = "request";

/// Who asks, as the server sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser {
    pub name: String,
    pub address: String,
    pub origin: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Request {
    secret_hash: String,
    number: u8,
    numbers: [u8; 3],
    browser: String,
    address: String,
    origin: String,
    at: Timestamp,
    until: Timestamp,
    /// The device that approved it, with its member.
    approved: Option<(Id, Id)>,
}

type Answer<T> = Result<T, Problem>;

fn gone() -> Problem {
    Problem::new(
        ProblemCode::SignInGone,
        "Yêu cầu đăng nhập này đã hết hạn hoặc đã bị hủy: hãy tạo mã mới trên trình duyệt.",
    )
}

fn unknown_device() -> Problem {
    Problem::new(ProblemCode::UnknownDevice, "Máy chủ không biết thiết bị này, hoặc thiết bị đã bị thu hồi.")
}

fn no_office() -> Problem {
    Problem::new(ProblemCode::NotAllowed, "Chỉ người đang giữ chức vụ mới vào được bảng điều khiển.")
}

impl Server {
    /// A browser wants to be let in.
    ///
    /// # Errors
    /// The store's.
    pub fn console_ask(&self, browser: &Browser) -> Answer<SignIn> {
        let now = self.env.now();
        let (request, mut secret) = (Id::random(&*self.env), vec![0; 32]);
        self.env.fill(&mut secret);
        let numbers = three_numbers(self);
        let mut drawn = [0];
        self.env.fill(&mut drawn);
        let number = numbers.get(usize::from(drawn[0] % 3)).copied().unwrap_or(numbers[0]);
        let until = now + REQUEST_LIFE;
        let kept = Request {
            secret_hash: sha256_hex(&secret),
            number,
            numbers,
            browser: browser.name.clone(),
            address: browser.address.clone(),
            origin: browser.origin.clone(),
            at: now,
            until,
            approved: None,
        };
        let done = self.store.write_with(&[], |tx| {
            tx.drop_console_before(now)?;
            keep(tx, request, &kept)
        });
        done.map_err(|error| problem(&error))?;
        let qr = Scanned { server: self.id(), request }.written();
        Ok(SignIn { request, secret: Base64(secret), qr, number, until })
    }

    /// What the officer's phone shows before anything is approved.
    ///
    /// # Errors
    /// `unknown_device`, `bad_signature`, `not_allowed` without an office, `sign_in_gone`; the store's.
    pub fn console_look(&self, look: &Look) -> Answer<Asking> {
        let now = self.env.now();
        let looked = self.store.read_with(|reader| {
            let device = match self.officers_device(reader, look.device, "/v1/console/look", now)? {
                Ok(device) => device,
                Err(why) => return Ok(Err(why)),
            };
            if !look.verifies(&Base64(device.key)) {
                return Ok(Err(bad_signature()));
            }
            let request = read(reader, look.request, now)?.filter(|request| request.approved.is_none());
            Ok(request.ok_or_else(gone))
        });
        let Request { browser, address, origin, at, numbers, .. } =
            looked.map_err(|error| problem(&error))??;
        Ok(Asking { browser, address, origin, at, numbers })
    }

    /// Lets the browser of one request in. A wrong number, or another site, ends the request: who is shown no number is not who
    /// holds the phone.
    ///
    /// # Errors
    /// As [`Self::console_look`]; a request that was approved is gone for whoever comes second.
    pub fn console_approve(&self, approval: &Approval) -> Answer<()> {
        let malformed = || Problem::new(ProblemCode::Malformed, "Yêu cầu không đúng khuôn dạng.");
        let of = approval.statement().ok_or_else(malformed)?;
        let now = self.env.now();
        let done = self.store.write_with(&[], |tx| {
            let device = match self.officers_device(&*tx, of.device, "/v1/console/approve", now)? {
                Ok(device) => device,
                Err(why) => return Ok(Err(why)),
            };
            if !approval.verifies(&Base64(device.key.clone())) {
                return Ok(Err(bad_signature()));
            }
            let Some(request) = read(&*tx, of.request, now)?.filter(|request| request.approved.is_none())
            else {
                return Ok(Err(gone()));
            };
            if request.number != of.number || request.origin != of.origin {
                tx.drop_console(REQUEST, &of.request.to_string())?;
                return Ok(Err(gone()));
            }
            keep(tx, of.request, &Request { approved: Some((device.id, device.member)), ..request })?;
            Ok(Ok(()))
        });
        done.map_err(|error| problem(&error))?
    }

    /// The browser fetches its session, once; `None` while nobody has approved.
    ///
    /// # Errors
    /// `sign_in_gone`, also for another browser's secret; `signed_out` where the approval is worth nothing any more; the store's.
    pub fn console_fetch(&self, fetch: &Fetch) -> Answer<Option<Entered>> {
        let now = self.env.now();
        let secret = self.session_secret();
        let done = self.store.write_with(&[], |tx| {
            let request = read(&*tx, fetch.request, now)?;
            let Some(request) = request.filter(|of| of.secret_hash == sha256_hex(&fetch.secret.0)) else {
                return Ok(Err(gone()));
            };
            let Some((device, member)) = request.approved else { return Ok(Ok(None)) };
            tx.drop_console(REQUEST, &fetch.request.to_string())?;
            Ok(self.enter(tx, (member, Some(device)), &secret, now)?.map(Some))
        });
        done.map_err(|error| problem(&error))?
    }

    /// A known device whose member holds an office now.
    fn officers_device(
        &self,
        reader: &(impl Reader + ?Sized),
        device: Id,
        path: &str,
        now: Timestamp,
    ) -> Stored<Answer<Device>> {
        let Some(device) = reader.device(device)?.filter(|device| device.revoked_at.is_none()) else {
            return Ok(Err(unknown_device()));
        };
        let (standing, tree) = standing(reader, device.member)?;
        let may = allowed(device.caller(&standing), &tree, Action::Enter("post", path), now);
        Ok(may.map(|()| device.clone()).map_err(|_| no_office()))
    }
}

fn bad_signature() -> Problem {
    Problem::new(ProblemCode::BadSignature, "Chữ ký của thiết bị không đúng.")
}

fn read(reader: &(impl Reader + ?Sized), request: Id, now: Timestamp) -> Stored<Option<Request>> {
    let value = reader.console(REQUEST, &request.to_string(), now)?;
    Ok(value.and_then(|value| serde_json::from_str(&value).ok()))
}

fn keep(tx: &mut dyn Transaction, id: Id, request: &Request) -> Stored<()> {
    tx.put_console(
        REQUEST,
        &id.to_string(),
        &serde_json::to_string(request).unwrap_or_default(),
        request.until,
    )
}

/// Three different numbers of two digits, ascending.
fn three_numbers(server: &Server) -> [u8; 3] {
    let mut numbers = std::collections::BTreeSet::new();
    while numbers.len() < 3 {
        let mut drawn = [0];
        server.env.fill(&mut drawn);
        // 180 is twice 90: no number is likelier than another.
        if drawn[0] < 180 {
            numbers.insert(10 + drawn[0] % 90);
        }
    }
    let mut three = [0; 3];
    for (place, number) in three.iter_mut().zip(numbers) {
        *place = number;
    }
    three
}
