//! Sessions of the console: for eight hours at most, and half an hour without a call.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sotay_protocol::{
    env::Timestamp,
    id::Id,
    problem::{Problem, ProblemCode},
    rights::{Action, Caller, allowed},
    signature::sha256_hex,
};

use super::{Answer, gone, no_office};
use crate::{
    audit,
    error::{ServerError, problem},
    server::Server,
    standing::standing,
    store::{Reader, Result as Stored, Transaction},
};

/// However busy.
const LIFE: Duration = Duration::from_secs(8 * 60 * 60);
/// Without a call.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// That it was used is written down once in so long.
const TOUCH: Duration = Duration::from_secs(60);
const LINK_LIFE: Duration = Duration::from_secs(15 * 60);
const SESSION: &str = "session";
const LINK: &str = "link";
const SIGN_IN: &str = "console.sign_in";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    member: Id,
    /// The one that approved it; none, where the operator's link did.
    device: Option<Id>,
    ends: Timestamp,
    used: Timestamp,
}

/// A session that has just begun; what the cookie holds stands nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    pub cookie: String,
    pub officer: Officer,
}

/// Who is signed in, with what they are at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    pub member: Id,
    pub name: String,
    /// In which they hold an office now.
    pub organisations: Vec<Id>,
    pub until: Timestamp,
}

fn signed_out() -> Problem {
    Problem::new(ProblemCode::SignedOut, "Phiên làm việc đã kết thúc: hãy đăng nhập lại.")
}

impl Server {
    pub(super) fn session_secret(&self) -> String {
        let mut secret = [0; 32];
        self.env.fill(&mut secret);
        URL_SAFE_NO_PAD.encode(secret)
    }

    /// A link by which `member` signs in once, within 15 minutes, without a phone: for the first officer.
    ///
    /// # Errors
    /// A sentence where there is no such member, or they hold no office; or the store's.
    pub fn console_link(&self, member: Id) -> Result<String, ServerError> {
        let (now, link) = (self.env.now(), self.session_secret());
        let known = self.store.write_with(&[], |tx| {
            if self.officer(&*tx, member, now, now)?.is_none() {
                return Ok(false);
            }
            tx.drop_console_before(now)?;
            tx.put_console(LINK, &sha256_hex(link.as_bytes()), &member.to_string(), now + LINK_LIFE)?;
            let deed = audit::Deed { actor: self.id(), deed: "console.link", at: now };
            let home = audit::home(&*tx, member, self.id(), now)?;
            audit::note(tx, home, deed, &[member])?;
            Ok(true)
        })?;
        if known {
            Ok(link)
        } else {
            Err(ServerError::refused("đồng chí này không có trên máy chủ hoặc không giữ chức vụ nào"))
        }
    }

    /// The operator's link, once.
    ///
    /// # Errors
    /// `sign_in_gone`, `not_allowed`, the store's.
    pub fn console_by_link(&self, link: &str) -> Answer<Entered> {
        let (now, secret) = (self.env.now(), self.session_secret());
        let key = sha256_hex(link.as_bytes());
        let done = self.store.write_with(&[], |tx| {
            let member = tx.console(LINK, &key, now)?.and_then(|member| member.parse().ok());
            let Some(member) = member else { return Ok(Err(gone())) };
            tx.drop_console(LINK, &key)?;
            self.enter(tx, (member, None), &secret, now)
        });
        done.map_err(|error| problem(&error))?
    }

    pub(super) fn enter(
        &self,
        tx: &mut dyn Transaction,
        (member, device): (Id, Option<Id>),
        secret: &str,
        now: Timestamp,
    ) -> Stored<Answer<Entered>> {
        let ends = now + LIFE;
        if !device_stands(&*tx, device)? {
            return Ok(Err(signed_out()));
        }
        let Some(officer) = self.officer(&*tx, member, ends, now)? else { return Ok(Err(no_office())) };
        put(tx, &sha256_hex(secret.as_bytes()), &Kept { member, device, ends, used: now })?;
        let home = audit::home(&*tx, member, self.id(), now)?;
        let rows: Vec<Id> = device.into_iter().collect();
        audit::note(tx, home, audit::Deed { actor: member, deed: SIGN_IN, at: now }, &rows)?;
        Ok(Ok(Entered { cookie: secret.to_owned(), officer }))
    }

    /// Whose session it is, judged by what they hold now.
    ///
    /// # Errors
    /// `signed_out` where there is none, it ended, or its device was revoked; `not_allowed` without an office; the store's.
    pub fn console_session(&self, cookie: &str) -> Answer<Officer> {
        let (now, key) = (self.env.now(), sha256_hex(cookie.as_bytes()));
        let found = self.store.read_with(|reader| {
            let kept = reader.console(SESSION, &key, now)?;
            let Some(kept) = kept.and_then(|kept| serde_json::from_str::<Kept>(&kept).ok()) else {
                return Ok(Err(signed_out()));
            };
            if !device_stands(reader, kept.device)? {
                return Ok(Err(signed_out()));
            }
            let officer = self.officer(reader, kept.member, kept.ends, now)?;
            Ok(officer.map(|officer| (kept, officer)).ok_or_else(no_office))
        });
        let (kept, officer) = found.map_err(|error| problem(&error))??;
        if now >= kept.used + TOUCH {
            let touched = self.store.write_with(&[], |tx| {
                // Signed out meanwhile: that stands.
                if tx.console(SESSION, &key, now)?.is_none() {
                    return Ok(());
                }
                put(tx, &key, &Kept { used: now, ..kept.clone() })
            });
            touched.map_err(|error| problem(&error))?;
        }
        Ok(officer)
    }

    /// Ends a session; one that has ended stays so.
    ///
    /// # Errors
    /// The store's.
    pub fn console_leave(&self, cookie: &str) -> Answer<()> {
        let key = sha256_hex(cookie.as_bytes());
        self.store.write_with(&[], |tx| tx.drop_console(SESSION, &key)).map_err(|error| problem(&error))
    }

    fn officer(
        &self,
        reader: &(impl Reader + ?Sized),
        member: Id,
        until: Timestamp,
        now: Timestamp,
    ) -> Stored<Option<Officer>> {
        let Some(stored) = reader.member(member)? else { return Ok(None) };
        let (standing, tree) = standing(reader, member)?;
        let may = allowed(Caller::Session(&standing), &tree, Action::Enter("get", "/v1/console/me"), now);
        if may.is_err() {
            return Ok(None);
        }
        let held = standing.roles.iter().filter(|role| role.holds(now)).map(|role| role.organisation);
        let organisations = held.collect::<std::collections::BTreeSet<_>>().into_iter().collect();
        Ok(Some(Officer { member, name: stored.profile.name, organisations, until }))
    }
}

fn device_stands(reader: &(impl Reader + ?Sized), device: Option<Id>) -> Stored<bool> {
    let Some(device) = device else { return Ok(true) };
    Ok(reader.device(device)?.is_some_and(|device| device.revoked_at.is_none()))
}

fn put(tx: &mut dyn Transaction, key: &str, kept: &Kept) -> Stored<()> {
    let until = kept.ends.min(kept.used + IDLE);
    tx.put_console(SESSION, key, &serde_json::to_string(kept).unwrap_or_default(), until)
}
