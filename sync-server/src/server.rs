//! The server: functions of a store and an [`Env`]. No thread, runtime or clock of its own.

use std::{collections::BTreeSet, fmt, sync::Arc};

use sotay_protocol::{
    command::Command,
    env::{Env, Timestamp},
    id::Id,
    limits,
    problem::{Problem, ProblemCode},
    scope::Scope,
};

use crate::{
    clock::{Behind, Clock},
    error::{ServerError, problem},
    exchange::{Exchange, PageCache},
    push::Stand,
    restore::{CaughtUp, Ledger, MemoryLedger},
    store::{ServerRecord, Store},
    token,
    trust::Receipts,
};

/// Packed pages kept in memory.
const PAGE_CACHE_BYTES: usize = 64 * 1024 * 1024;

/// Apps older than this are told to update; they go on reading.
const MIN_APP: u32 = 1;

/// Told which scopes a commit may have changed, and by which device's exchange.
pub type Listener = Arc<dyn Fn(&BTreeSet<Scope>, Option<Id>) + Send + Sync>;
/// Told where each scope stood at the end of an exchange of a device.
pub type Told = Arc<dyn Fn(Id, BTreeSet<Stand>) + Send + Sync>;
/// Says of a command whether the server shall fail at it; see [`Server::with_fault`].
pub type Fault = Arc<dyn Fn(&Command) -> bool + Send + Sync>;

/// Cheap to clone; all clones are one server.
#[derive(Clone)]
pub struct Server {
    pub(crate) store: Arc<dyn Store>,
    /// The same as `clock`: its time never goes back.
    pub(crate) env: Arc<dyn Env>,
    clock: Arc<Clock>,
    pub(crate) pages: Arc<PageCache>,
    pub(crate) fault: Option<Fault>,
    listener: Option<Listener>,
    pub(crate) told: Option<Told>,
    id: Id,
    pub(crate) min_app: u32,
    pub(crate) key: Arc<ring::hmac::Key>,
    pub(crate) receipts: Arc<Receipts>,
    pub(crate) ledger: Arc<dyn Ledger>,
    /// Of one member, with rights at a time.
    pub(crate) devices: usize,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("id", &self.id).field("store", &self.store).finish_non_exhaustive()
    }
}

impl Server {
    /// The server of this store, with a ledger that ends with it.
    ///
    /// # Errors
    /// The store's.
    pub fn new(store: Arc<dyn Store>, env: Arc<dyn Env>) -> Result<Self, ServerError> {
        Self::with_ledger(store, env, Arc::new(MemoryLedger::default())).map(|(server, _)| server)
    }

    /// The server of this store. On first use it gets its id, its epoch 1 and its key; where the store was brought
    /// back from a backup, it first does what [`crate::restore`] says.
    ///
    /// # Errors
    /// The store's, or the ledger's.
    pub fn with_ledger(
        store: Arc<dyn Store>,
        env: Arc<dyn Env>,
        ledger: Arc<dyn Ledger>,
    ) -> Result<(Self, CaughtUp), ServerError> {
        let made = ServerRecord { id: Id::random(&*env), epoch: 1, key: random_key(&*env) };
        let (known, latest) = store.read_with(|reader| Ok((reader.server()?, reader.latest()?)))?;
        let clock = Arc::new(Clock::new(env, latest.unwrap_or(Timestamp::MIN)));
        let env: Arc<dyn Env> = Arc::clone(&clock) as _;
        let record = match known {
            Some(record) => record,
            None => store.write_with(&[], |tx| match tx.server()? {
                Some(record) => Ok(record),
                None => tx.put_server(&made).map(|()| made.clone()),
            })?,
        };
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &record.key);
        let server = Self {
            store,
            env,
            clock,
            pages: Arc::new(PageCache::new(PAGE_CACHE_BYTES)),
            fault: None,
            listener: None,
            told: None,
            id: record.id,
            min_app: MIN_APP,
            receipts: Arc::new(Receipts::new(record.id, &key)),
            key: Arc::new(key),
            ledger,
            devices: limits::DEVICES,
        };
        let caught_up = server.catch_up()?;
        Ok((server, caught_up))
    }

    #[must_use]
    pub fn id(&self) -> Id {
        self.id
    }

    /// The time by which it judges.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.env.now()
    }

    /// Where the machine's clock is behind that by minutes or more: the operator is to be told.
    #[must_use]
    pub fn behind(&self) -> Option<Behind> {
        self.clock.behind()
    }

    /// Apps older than `min_app` are told to update. They go on reading, and what their people wrote is still taken.
    #[must_use]
    pub fn with_min_app(self, min_app: u32) -> Self {
        Self { min_app, ..self }
    }

    /// For tests of what a phone does when the server fails: at a command of which `fault` says true
    /// the server fails, each time it is sent.
    #[must_use]
    pub fn with_fault(self, fault: Fault) -> Self {
        Self { fault: Some(fault), ..self }
    }

    /// For tests and benches in which a few people have all the phones: so many devices of one member have rights.
    #[must_use]
    pub fn with_devices(self, most: usize) -> Self {
        Self { devices: most, ..self }
    }

    /// `listener` hears of each commit by this server and its later clones; a driver pokes devices so.
    #[must_use]
    pub fn with_listener(self, listener: Listener) -> Self {
        Self { listener: Some(listener), ..self }
    }

    /// `told` hears of each whole exchange by this server and its later clones; a driver knows by it whom to leave alone.
    #[must_use]
    pub fn with_told(self, told: Told) -> Self {
        Self { told: Some(told), ..self }
    }

    pub(crate) fn tell(&self, scopes: &BTreeSet<Scope>, by: Option<Id>) {
        if let Some(listener) = self.listener.as_ref().filter(|_| !scopes.is_empty()) {
            listener(scopes, by);
        }
    }

    /// Checks one packed request (signature, device, count) and counts it; nothing else is done yet.
    ///
    /// # Errors
    /// A typed problem for each kind of bad request, with nothing kept.
    pub fn exchange(&self, packed: &[u8]) -> Result<Exchange, Problem> {
        Exchange::begin(self, packed)
    }

    /// The device for which a token of an `end` frame was made, for reading files.
    ///
    /// # Errors
    /// `token_invalid`, also for a device that was revoked since, or `token_expired`.
    pub fn device_of_token(&self, token: &str) -> Result<Id, Problem> {
        Ok(self.shown_by_token(token, ("get", "/v1/attachments/{scope}/{kind}/{id}/{hash}"))?.0)
    }

    /// The same for any address, with what the device had seen then.
    ///
    /// # Errors
    /// `token_invalid`, also for a device that was revoked since, or `token_expired`.
    pub(crate) fn shown_by_token(
        &self,
        token: &str,
        (method, path): (&str, &str),
    ) -> Result<(Id, token::Seen), Problem> {
        let (device, seen) = token::check(&self.key, token, self.env.now())?;
        let known = self.store.read_with(|reader| reader.device(device)).map_err(|error| problem(&error))?;
        match known {
            Some(device) if device.may_enter(method, path) => Ok((device.id, seen)),
            _ => Err(Problem::new(ProblemCode::TokenInvalid, "Mã truy cập không hợp lệ.")),
        }
    }

    /// Every scope that a device follows now; none for one that is revoked or unknown.
    ///
    /// # Errors
    /// The store's.
    pub fn followed_by(&self, device: Id) -> Result<BTreeSet<Scope>, ServerError> {
        let now = self.env.now();
        Ok(self.store.read_with(|reader| match reader.device(device)? {
            Some(device) => crate::exchange::follows(reader, &device, now),
            None => Ok(BTreeSet::new()),
        })?)
    }

    /// Where each of `scopes` stands: what a driver compares to see that another process wrote.
    ///
    /// # Errors
    /// The store's.
    pub fn heads(&self, scopes: &BTreeSet<Scope>) -> Result<Vec<(Scope, u64, u64)>, ServerError> {
        Ok(self.store.read_with(|reader| {
            scopes
                .iter()
                .map(|scope| reader.head(*scope).map(|head| (*scope, head.epoch, head.head)))
                .collect()
        })?)
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// The store's.
    pub fn check(&self) -> Result<(), ServerError> {
        self.store.read_with(|reader| reader.server())?;
        Ok(())
    }
}

impl Server {
    /// Ids for as many lines as may turn out to be new. They are drawn before a plan is made, so that the
    /// plan that is carried out is the one that was looked at.
    pub(crate) fn new_ids(&self, lines: usize) -> Vec<Id> {
        (0..lines).map(|_| Id::random(&*self.env)).collect()
    }
}

fn random_key(env: &dyn Env) -> Vec<u8> {
    let mut key = vec![0; 32];
    env.fill(&mut key);
    key
}
