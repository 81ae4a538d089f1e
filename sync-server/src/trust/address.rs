//! Where this server is to be found, in its own signed words: a row that phones follow before it goes, and an answer for
//! those that missed it.

use std::{collections::BTreeSet, time::Duration};

use sotay_protocol::{
    env::Timestamp,
    id::Id,
    row::RowRef,
    scope::Scope,
    trust::{ADDRESS, Address, FORMAT, ServerAnswer, Signed},
};

use super::kept::row;
use crate::{
    audit,
    error::ServerError,
    rows::put_if_changed,
    server::Server,
    store::{Reader, Result as Stored},
};

/// What came of an order to move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub url: String,
    /// Since when phones are told so; before now where it was said before.
    pub since: Timestamp,
    /// Where it said that it was until now.
    pub before: Option<String>,
}

impl Server {
    /// Says to all phones that this server is found at `url` from now on. They go on asking at the old address until it
    /// answers at the new one.
    ///
    /// # Errors
    /// A sentence where `url` is no address, or there is no organisation yet; or the store's.
    pub fn move_to(&self, url: &str) -> Result<Moved, ServerError> {
        let Some(url) = Address::url(url) else {
            return Err(ServerError::refused(format!(
                "địa chỉ “{}” chưa đúng, ví dụ https://sotay.xa.vn",
                url.trim()
            )));
        };
        let tops = self.store.read_with(|reader| tops(reader))?;
        if tops.is_empty() {
            return Err(ServerError::refused("chưa có tổ chức nào trên máy chủ"));
        }
        let (now, scopes) = (self.env.now(), tops.iter().map(|top| Scope::org(*top)));
        let scopes: BTreeSet<Scope> = scopes.collect();
        let locked: Vec<Scope> = scopes.iter().copied().collect();
        let moved = self.store.write_with(&locked, |tx| {
            let said = said(&*tx, self.id(), &tops)?;
            let before = said.as_ref().map(|(_, of)| of.url.clone());
            let (signed, since) = match said {
                // Again, for whoever stands at the top by now.
                Some((signed, of)) if of.url == url => (signed, of.at),
                last => {
                    // A clock that was set back must not make these words older than the last.
                    let after = last.map_or(now, |(_, of)| now.max(of.at + Duration::from_millis(1)));
                    let of = Address { format: FORMAT, server: self.id(), url: url.clone(), at: after };
                    (self.receipts.say(&of), after)
                }
            };
            for top in &tops {
                let at = address_at(*top, self.id());
                if put_if_changed(tx, &at, &row(&signed, self.id()), now)? {
                    audit::note(
                        tx,
                        *top,
                        audit::Deed { actor: self.id(), deed: audit::MOVE, at: now },
                        &[at.id],
                    )?;
                }
            }
            Ok(Moved { url: url.clone(), since, before: before.filter(|before| *before != url) })
        })?;
        self.tell(&scopes, None);
        Ok(moved)
    }

    /// For a phone that was told by hand of where this server is.
    ///
    /// # Errors
    /// The store's.
    pub fn answer(&self) -> Result<ServerAnswer, ServerError> {
        let said = self.store.read_with(|reader| said(reader, self.id(), &tops(reader)?))?;
        Ok(ServerAnswer { server: self.id(), address: said.map(|(signed, _)| signed) })
    }
}

fn address_at(top: Id, server: Id) -> RowRef {
    RowRef::new(Scope::org(top), ADDRESS, Id::derived("address", &[server]))
}

fn tops(reader: &(impl Reader + ?Sized)) -> Stored<Vec<Id>> {
    let all = reader.organisations()?;
    Ok(all.iter().filter(|of| of.organisation.parent.is_none()).map(|of| of.id).collect())
}

/// What this server said last.
fn said(reader: &(impl Reader + ?Sized), server: Id, tops: &[Id]) -> Stored<Option<(Signed, Address)>> {
    let mut last: Option<(Signed, Address)> = None;
    for top in tops {
        let Some(body) = reader.entry(&address_at(*top, server))?.and_then(|entry| entry.body) else {
            continue;
        };
        let read = |signed: Signed| Some((serde_json::from_str::<Address>(&signed.text).ok()?, signed));
        let Some((of, signed)) = serde_json::from_str(&body).ok().and_then(read) else { continue };
        if last.as_ref().is_none_or(|(_, known)| known.at < of.at) {
            last = Some((signed, of));
        }
    }
    Ok(last)
}
