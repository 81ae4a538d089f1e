//! Following a server that goes to another address: only by its own signed words, and the old address stays until the new
//! one has answered with them. Before that nothing of this phone's is sent there.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use sotay_protocol::{
    env::Timestamp,
    id::Id,
    signature::Base64,
    trust::{Address, NotFollowed, ServerAnswer, Signed},
};

use super::{ADDRESSES, keys};
use crate::{
    shown,
    store::{StoreError, table::id},
};

/// Where this phone finds its server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerPlace {
    pub server: Id,
    pub url: String,
    /// Where the server says that it will be; it has not answered there yet.
    pub next: Option<String>,
    #[serde(skip)]
    last: Option<Timestamp>,
}

/// `None` where this device is not enrolled.
///
/// # Errors
/// The store's own fault.
pub fn place(store: &Connection) -> Result<Option<ServerPlace>, StoreError> {
    let mut statement = store.prepare_cached("SELECT server, url, next_url, url_at FROM device")?;
    let found = statement.query_row([], |row| {
        let last = row.get::<_, Option<i64>>(3)?.map(Timestamp::from_millis);
        Ok(ServerPlace { server: id(row, 0)?, url: row.get(1)?, next: row.get(2)?, last })
    });
    Ok(found.optional()?)
}

/// What the server said of its key: kept where nothing was said of it before.
pub(crate) fn key_told(store: &Connection, key: Option<&Base64>) -> Result<(), StoreError> {
    if let Some(key) = key {
        let mut statement =
            store.prepare_cached("UPDATE device SET server_key = ?1 WHERE server_key IS NULL")?;
        statement.execute([&key.0])?;
    }
    Ok(())
}

/// Looks at where the server says that it is, as an exchange left it: what is newer is where the next exchange asks first.
pub(crate) fn heard(store: &Connection, now: Timestamp) -> Result<(), StoreError> {
    let said = shown::all::<Signed>(store, &ADDRESSES, "ORDER BY scope, id", [])?;
    let Some(at) = place(store)?.filter(|_| !said.is_empty()) else { return Ok(()) };
    let keys = speak_for(store, at.server, now)?;
    let all = said.iter().filter_map(|row| Address::of(&row.of, at.server, &keys, at.last).ok());
    let Some(newest) = all.max_by_key(|of| of.at).filter(|of| Some(of.at) != at.last) else { return Ok(()) };
    let next = (newest.url != at.url).then_some(&newest.url);
    store.execute("UPDATE device SET next_url = ?1, url_at = ?2", (next, newest.at.millis()))?;
    Ok(())
}

/// What somebody who calls himself this phone's server answered at `url`. It is asked there from now on where these are
/// its words, and name this very address.
///
/// # Errors
/// The store's own fault.
pub(crate) fn answered(
    store: &Connection,
    url: &str,
    answer: &ServerAnswer,
    now: Timestamp,
) -> Result<Result<(), NotFollowed>, StoreError> {
    let Some(at) = place(store)? else { return Ok(Err(NotFollowed::OtherServer)) };
    if answer.server != at.server {
        return Ok(Err(NotFollowed::OtherServer));
    }
    let Some(signed) = &answer.address else { return Ok(Err(NotFollowed::Malformed)) };
    let keys = speak_for(store, at.server, now)?;
    Ok(match Address::of(signed, at.server, &keys, at.last) {
        Ok(of) if of.url == url => {
            store
                .execute("UPDATE device SET url = ?1, next_url = NULL, url_at = ?2", (url, of.at.millis()))?;
            Ok(())
        }
        Ok(_) => Err(NotFollowed::Malformed),
        Err(why) => Err(why),
    })
}

/// The keys whose words are the server's: those certified for it, or, where none is, the one that it named itself.
fn speak_for(store: &Connection, server: Id, now: Timestamp) -> Result<BTreeSet<Base64>, StoreError> {
    if let Some(certified) = keys::ring(store)?.keys.keys_of_server(server, now) {
        return Ok(certified);
    }
    let mut statement = store.prepare_cached("SELECT server_key FROM device")?;
    let told: Option<Vec<u8>> = statement.query_row([], |row| row.get(0))?;
    Ok(told.map(Base64).into_iter().collect())
}
