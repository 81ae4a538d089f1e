//! Who this store belongs to: the server, the device and its key, the member.

use rusqlite::{Connection, OptionalExtension};
use sotay_protocol::{
    enrol::EnrolAnswer, env::Timestamp, exchange::PushAddress, id::Id, signature::SigningKey,
};

use crate::{
    release,
    store::{
        StoreError,
        table::{id, parsed},
    },
};

/// What a screen may know of the enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub url: String,
    pub server: Id,
    pub device: Id,
    pub member: Id,
    pub member_name: String,
    pub last_sync: Option<Timestamp>,
    /// The server asks for a newer app; reading goes on.
    pub needs_update: bool,
    /// A whole exchange went by and left no scope to follow: the server has taken this device off the handbook.
    /// What its person wrote stays.
    pub taken_off: bool,
}

/// What the engine, and the transfer of files, need of it.
#[derive(Debug)]
pub(crate) struct Device {
    pub server: Id,
    pub device: Id,
    pub member: Id,
    pub key: SigningKey,
    pub count: u64,
    pub next_number: u64,
    pub epoch: u64,
    pub batch: usize,
    /// Went alone and got no outcome; the next exchange goes without commands, to learn who is at fault.
    pub suspect: Option<u64>,
}

/// # Errors
/// The store's own fault.
pub fn identity(store: &Connection) -> Result<Option<Identity>, StoreError> {
    let mut statement = store.prepare_cached(
        "SELECT url, server, device, member, member_name, last_sync, min_app,
               last_sync IS NOT NULL AND NOT EXISTS (SELECT 1 FROM scope)
             FROM device",
    )?;
    let found = statement
        .query_row([], |row| {
            Ok(Identity {
                url: row.get(0)?,
                server: id(row, 1)?,
                device: id(row, 2)?,
                member: id(row, 3)?,
                member_name: row.get(4)?,
                last_sync: row.get::<_, Option<i64>>(5)?.map(Timestamp::from_millis),
                needs_update: row.get::<_, u32>(6)? > release::app(),
                taken_off: row.get(7)?,
            })
        })
        .optional()?;
    Ok(found)
}

/// The server's clock less this one, in milliseconds, as they last met; `None` where they never did, or the server is not
/// sure of its own.
///
/// # Errors
/// The store's own fault.
pub(crate) fn server_ahead(store: &Connection) -> Result<Option<i64>, StoreError> {
    let mut statement = store.prepare_cached("SELECT clock_off FROM device WHERE NOT clock_unsure")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?.flatten())
}

/// Where the server may poke this device while it holds no connection; said with each exchange from now on.
///
/// # Errors
/// The store's own fault.
pub fn set_push(store: &Connection, address: Option<&PushAddress>) -> Result<(), StoreError> {
    let address = address.map(serde_json::to_string).transpose();
    let address = address.map_err(|_| StoreError::Row("an address cannot be written"))?;
    store.execute("UPDATE device SET push = ?1 WHERE push IS NOT ?1", [address])?;
    Ok(())
}

pub(super) fn push(store: &Connection) -> Result<Option<PushAddress>, StoreError> {
    let mut statement = store.prepare_cached("SELECT push FROM device")?;
    let address = statement.query_row([], |row| row.get::<_, Option<String>>(0)).optional()?.flatten();
    Ok(address.and_then(|json| serde_json::from_str(&json).ok()))
}

/// Keeps what enrolment brought. A store that was enrolled before keeps its rows and what is pending: the
/// pending commands are signed anew with the next exchange's key. Where the server began another epoch since, it was
/// restored and has never heard of the old device: what was applied under that name waits again too.
///
/// # Errors
/// The store's own fault.
pub fn enrolled(
    store: &Connection,
    url: &str,
    answer: &EnrolAnswer,
    key: &SigningKey,
) -> Result<(), StoreError> {
    let before = load(store)?;
    // Under no fingerprint: what is believed already stays.
    crate::trust::told(store, answer.root.as_ref(), None)?;
    store.execute(
        "INSERT INTO device (one, url, server, device, member, member_name, key_seed, epoch, server_key)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (one) DO UPDATE SET url = excluded.url, server = excluded.server, device = excluded.device,
           member = excluded.member, member_name = excluded.member_name, key_seed = excluded.key_seed,
           epoch = excluded.epoch, server_key = excluded.server_key, next_url = NULL, url_at = NULL, fork_seed = NULL, count = 0, next_number = 1, batch = 500, suspect = NULL,
           last_sync = CASE WHEN EXISTS (SELECT 1 FROM scope) THEN last_sync END",
        (
            url,
            answer.server.to_string(),
            answer.device.to_string(),
            answer.member.to_string(),
            &answer.member_name,
            key.seed(),
            answer.epoch,
            answer.server_key.as_ref().map(|key| &key.0),
        ),
    )?;
    let same = |old: &Device| old.server == answer.server && old.member == answer.member;
    if before.filter(same).is_some_and(|old| old.epoch != answer.epoch) {
        super::again::under_another_name(store, answer.member)?;
    }
    super::delivery::renumber(store, answer.device, key)
}

pub(crate) fn load(store: &Connection) -> Result<Option<Device>, StoreError> {
    let mut statement = store.prepare_cached(
        "SELECT server, device, member, key_seed, count, next_number, epoch, batch, suspect FROM device",
    )?;
    let found = statement
        .query_row([], |row| {
            Ok(Device {
                server: id(row, 0)?,
                device: id(row, 1)?,
                member: id(row, 2)?,
                key: SigningKey::from_seed(row.get(3)?),
                count: row.get(4)?,
                next_number: row.get(5)?,
                epoch: row.get(6)?,
                batch: usize::try_from(row.get::<_, i64>(7)?).unwrap_or(1).max(1),
                suspect: row.get(8)?,
            })
        })
        .optional()?;
    Ok(found)
}

/// The X25519 key of this device, if it has made one.
pub(crate) fn seal_secret(store: &Connection) -> Result<Option<[u8; 32]>, StoreError> {
    let mut statement = store.prepare_cached("SELECT seal_secret FROM device")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?.flatten())
}

pub(crate) fn keep_seal_secret(store: &Connection, secret: &[u8; 32]) -> Result<(), StoreError> {
    store.execute("UPDATE device SET seal_secret = ?1 WHERE seal_secret IS NULL", [secret])?;
    Ok(())
}

/// The scope's epoch, cursor and generation, if it is followed.
pub(crate) fn cursor(store: &Connection, scope: &str) -> Result<Option<Followed>, StoreError> {
    let mut statement = store.prepare_cached(
        "SELECT scope, epoch, seq, generation, resetting, begun FROM scope WHERE scope = ?1",
    )?;
    Ok(statement.query_row([scope], Followed::from_sql).optional()?)
}

pub(super) fn cursors(store: &Connection) -> Result<Vec<Followed>, StoreError> {
    let mut statement = store
        .prepare_cached("SELECT scope, epoch, seq, generation, resetting, begun FROM scope ORDER BY scope")?;
    let rows = statement.query_map([], Followed::from_sql)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Followed {
    pub scope: sotay_protocol::scope::Scope,
    pub epoch: u64,
    pub seq: u64,
    pub generation: u64,
    pub resetting: bool,
    /// What the pages of the reading that goes on said; see [`sotay_protocol::exchange::ChangesHead::begun`].
    pub begun: u64,
}

impl Followed {
    fn from_sql(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            scope: parsed(row, 0)?,
            epoch: row.get(1)?,
            seq: row.get(2)?,
            generation: row.get(3)?,
            resetting: row.get(4)?,
            begun: row.get(5)?,
        })
    }
}
