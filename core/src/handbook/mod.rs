//! The façade: one handbook of one member, for an app, the terminal client and the bindings.
//!
//! Every method is async and only awaits: blocking work runs on injected [`Workers`], the network on the
//! transport's own runtime. Dropping a future loses nothing that was accepted; [`SyncHandle::cancel`] ends a
//! sync where dropping is not to be had (Kotlin, Swift).

mod address;
mod attachments;
mod board;
mod conflicts;
mod console;
mod ending;
mod enrol;
mod error;
mod features;
mod files;
mod life;
mod live;
mod my_data;
mod older;
mod opened;
mod pin;
mod push;
mod screens;
mod sync;
#[cfg(test)]
mod tests;
mod watch;
mod window;
mod wire;
mod workers;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use futures_channel::oneshot;
use rusqlite::Connection;
use serde::Serialize;
use sotay_protocol::env::{Env, Timestamp};

pub use self::{
    attachments::{Attachments, OpenFile},
    board::StatusObservation,
    console::{ConsoleError, ConsoleRequest},
    enrol::EnrolOptions,
    error::HandbookError,
    features::{
        AttendanceBook, Commands, Devices, Directives, Drafts, FeedbackBook, Meetings, Members, Trust,
    },
    live::{LiveHandle, Signal},
    sync::{Progress, Stage, SyncEnd, SyncHandle, SyncStop},
    watch::{Screen, Watch},
    window::Window,
    workers::{Inline, Job, Threads, Workers},
};
use self::{board::Board, life::Life, live::Alive, watch::Watchers};
pub use crate::timer::{NoTimer, Timer};
use crate::{
    attachments::Readings,
    directives, outbox, search,
    store::{self, Changes, KeyProvider, Keys, Observation, Store, StoreError},
    sync::device,
    transport::Transport,
    trust, upgrade,
    words::{Lang, Words},
};

/// What a handbook stands on; all of it is handed in.
pub struct Setup {
    /// Where the store lies. Made if it is not there.
    pub folder: PathBuf,
    pub key: Arc<dyn KeyProvider>,
    pub workers: Arc<dyn Workers>,
    pub env: Arc<dyn Env>,
    pub transport: Arc<dyn Transport>,
    pub timer: Arc<dyn Timer>,
    pub lang: Lang,
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setup").field("lang", &self.lang).finish_non_exhaustive()
    }
}

/// Cheap to clone; all clones are one handbook.
#[derive(Clone)]
pub struct Handbook {
    inner: Arc<Inner>,
}

struct Inner {
    /// Closed while the handbook is paused; what is asked of it then is told so.
    store: Store,
    keys: Arc<Keys>,
    workers: Arc<dyn Workers>,
    env: Arc<dyn Env>,
    transport: Arc<dyn Transport>,
    timer: Arc<dyn Timer>,
    lang: Mutex<Lang>,
    life: Life,
    board: Board,
    watchers: Watchers,
    alive: Alive,
    opened: opened::Opened,
    /// Files that somebody is reading.
    readings: Readings,
}

impl std::fmt::Debug for Handbook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handbook").field("store", &self.inner.store).finish_non_exhaustive()
    }
}

/// Whose handbook this is and how things stand; the first thing a screen asks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    pub enrolled: Option<Enrolled>,
    #[serde(flatten)]
    pub counts: outbox::Counts,
    pub unread_directives: u64,
    /// Directives that are kept apart: what they bear is not to be believed.
    pub quarantined: u64,
    pub not_indexed: u64,
    /// Rows of a newer kind, which this version keeps and cannot show.
    pub not_understood: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Enrolled {
    pub server_url: String,
    pub device: sotay_protocol::id::Id,
    pub member: sotay_protocol::id::Id,
    pub member_name: String,
    pub last_sync: Option<Timestamp>,
    pub update_needed: bool,
    /// The server has taken this device off the handbook; what its person wrote is kept.
    pub taken_off: bool,
}

/// Runs `work` where it may block and awaits its end.
async fn on_workers<T: Send + 'static>(
    workers: &dyn Workers,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, HandbookError> {
    let (tell, told) = oneshot::channel();
    workers.run(Box::new(move || {
        // Nobody waits any more where the future was dropped; the work is done all the same.
        let _ = tell.send(work());
    }));
    told.await.map_err(|_| HandbookError::Internal)
}

impl Handbook {
    /// Opens the store in the folder, or makes it there. The first time after an update of the app this may read
    /// through all of it once.
    ///
    /// # Errors
    /// [`HandbookError::KeyLocked`], [`HandbookError::KeyLost`], [`HandbookError::Corrupt`],
    /// [`HandbookError::UpdateNeeded`], [`HandbookError::Folder`], [`HandbookError::Full`], [`HandbookError::InUse`].
    pub async fn open(setup: Setup) -> Result<Self, HandbookError> {
        let keys = Arc::new(Keys::new(Arc::clone(&setup.key), &setup.folder));
        Self::open_by(setup, keys).await
    }

    async fn open_by(setup: Setup, keys: Arc<Keys>) -> Result<Self, HandbookError> {
        let key = Arc::clone(&keys);
        let open = move || -> Result<Store, StoreError> {
            // An end that was cut off comes first.
            store::finish(&key)?;
            let store = Store::open(key.folder(), &key.key()?)?;
            upgrade::run(&store)?;
            Ok(store)
        };
        let store = on_workers(setup.workers.as_ref(), open).await??;
        let inner = Inner {
            store,
            keys,
            workers: setup.workers,
            env: setup.env,
            transport: setup.transport,
            timer: setup.timer,
            lang: Mutex::new(setup.lang),
            life: Life::default(),
            board: Board::default(),
            watchers: Watchers::default(),
            alive: Alive::default(),
            opened: opened::Opened::default(),
            readings: Readings::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    #[must_use]
    pub fn directives(&self) -> Directives {
        Directives(Arc::clone(&self.inner))
    }

    #[must_use]
    pub fn meetings(&self) -> Meetings {
        Meetings(Arc::clone(&self.inner))
    }

    #[must_use]
    pub fn attendance(&self) -> AttendanceBook {
        AttendanceBook(Arc::clone(&self.inner))
    }

    #[must_use]
    pub fn feedback(&self) -> FeedbackBook {
        FeedbackBook(Arc::clone(&self.inner))
    }

    #[must_use]
    pub fn members(&self) -> Members {
        Members(Arc::clone(&self.inner))
    }

    /// The member's devices.
    #[must_use]
    pub fn devices(&self) -> Devices {
        Devices(Arc::clone(&self.inner))
    }

    /// What waits for this person's signature.
    #[must_use]
    pub fn drafts(&self) -> Drafts {
        Drafts(Arc::clone(&self.inner))
    }

    /// Whom this phone believes, and what it is certified for.
    #[must_use]
    pub fn trust(&self) -> Trust {
        Trust(Arc::clone(&self.inner))
    }

    /// Files of rows.
    #[must_use]
    pub fn attachments(&self) -> Attachments {
        Attachments(Arc::clone(&self.inner))
    }

    /// What waits, and what needs the person.
    #[must_use]
    pub fn commands(&self) -> Commands {
        Commands(Arc::clone(&self.inner))
    }

    /// # Errors
    /// The store's own fault.
    pub async fn status(&self) -> Result<Status, HandbookError> {
        self.inner.read(|store, _| status(store)).await
    }

    /// Calls `tell` with the tables that changed, once per transaction, until the observation is dropped.
    #[must_use]
    pub fn observe(&self, tell: impl Fn(&Changes) + Send + Sync + 'static) -> Observation {
        self.inner.store.observe(tell)
    }

    /// In which language to speak from now on.
    pub fn speak(&self, lang: Lang) {
        *self.inner.lang.lock().unwrap_or_else(PoisonError::into_inner) = lang;
        self.inner.look_again();
    }

    #[must_use]
    pub fn words(&self) -> Words {
        self.inner.words()
    }
}

impl Inner {
    fn words(&self) -> Words {
        let lang = *self.lang.lock().unwrap_or_else(PoisonError::into_inner);
        Words { in_transit: self.life.is_syncing(), ..Words::new(lang, self.env.now()) }
    }

    async fn read<T, E>(
        &self,
        read: impl FnOnce(&Connection, &Words) -> Result<T, E> + Send + 'static,
    ) -> Result<T, HandbookError>
    where
        T: Send + 'static,
        E: From<StoreError> + Into<HandbookError> + Send + 'static,
    {
        let (pass, words) = (self.enter().await?, self.words());
        let work = move || pass.read(|connection| read(connection, &words));
        on_workers(self.workers.as_ref(), work).await?.map_err(Into::into)
    }

    async fn write<T, E>(
        &self,
        write: impl FnOnce(&Connection, &dyn Env, &Words) -> Result<T, E> + Send + 'static,
    ) -> Result<T, HandbookError>
    where
        T: Send + 'static,
        E: From<StoreError> + Into<HandbookError> + Send + 'static,
    {
        let (pass, env, words) = (self.enter().await?, Arc::clone(&self.env), self.words());
        let work = move || pass.write(|transaction| write(transaction, env.as_ref(), &words));
        on_workers(self.workers.as_ref(), work).await?.map_err(Into::into)
    }
}

fn status(store: &Connection) -> Result<Status, StoreError> {
    let enrolled = device::identity(store)?.map(|of| Enrolled {
        server_url: of.url,
        device: of.device,
        member: of.member,
        member_name: of.member_name,
        last_sync: of.last_sync,
        update_needed: of.needs_update,
        taken_off: of.taken_off,
    });
    let not_understood =
        store.prepare_cached("SELECT count(*) FROM unread")?.query_row([], |row| row.get(0))?;
    Ok(Status {
        enrolled,
        counts: outbox::counts(store)?,
        unread_directives: directives::count_unread(store)?,
        quarantined: trust::count_quarantined(store)?,
        not_indexed: search::waiting(store)?,
        not_understood,
    })
}
