//! The façade: one handbook of one member.

use std::{path::PathBuf, sync::Arc};

use sotay_core::{
    enrolment::Enrolment,
    handbook::{self as core, EnrolOptions, Setup, Threads},
    transport::{HttpTransport, ServerTrust},
    words::Words,
};
use sotay_protocol::env::{Env, SystemEnv};

use crate::{
    Attendance, Day, Directives, Drafts, Feedback, Files, HandbookError, KeyStore, Meetings, Observer,
    Status, SyncListener, SyncRun, Watching,
    callbacks::Callbacks,
    ending::{self, Busy, Closing},
    keystore::Keys,
    kinds::Language,
    runtime,
};

/// Threads that read and write the store: one writer, and readers beside it.
const STORE_THREADS: usize = 3;

/// Opened once, off the thread that draws, and kept for as long as the app runs.
#[derive(Debug, uniffi::Object)]
pub struct Handbook(pub(crate) Arc<Held>);

/// What every object of one handbook holds.
#[derive(Debug)]
pub(crate) struct Held {
    /// Taken out only on the way to the end.
    core: Option<core::Handbook>,
    pub(crate) callbacks: Callbacks,
}

impl Held {
    pub(crate) fn of(core: core::Handbook, callbacks: Callbacks) -> Self {
        Self { core: Some(core), callbacks }
    }

    pub(crate) fn core(&self) -> Result<core::Handbook, HandbookError> {
        self.core.clone().ok_or(HandbookError::Internal)
    }
}

impl Drop for Held {
    /// Closing writes the store's log back, and the last to let go may be a thread that draws.
    fn drop(&mut self) {
        let core = self.core.take();
        if let Ok(runtime) = runtime::runtime() {
            let (busy, closing) = (Busy::begin(), Closing::begin());
            drop(runtime.spawn_blocking(move || {
                drop(core);
                drop((closing, busy));
            }));
        }
    }
}

pub(crate) fn open(
    folder: String,
    keys: Arc<dyn KeyStore>,
    lang: Language,
    trust: &ServerTrust,
) -> Result<(Setup, Callbacks), HandbookError> {
    ending::wait_for_closing();
    let callbacks = Callbacks::start()?;
    let workers = Threads::new(STORE_THREADS).map_err(|error| {
        tracing::error!(%error, "no threads for the store");
        HandbookError::Internal
    })?;
    let transport = HttpTransport::trusting(trust).map_err(|error| {
        tracing::error!(%error, "no transport");
        HandbookError::Internal
    })?;
    let transport = Arc::new(transport);
    let setup = Setup {
        folder: PathBuf::from(folder),
        key: Arc::new(Keys { store: keys, callbacks: callbacks.clone() }),
        workers: Arc::new(workers),
        env: Arc::new(SystemEnv),
        timer: Arc::clone(&transport) as _,
        transport,
        lang,
    };
    Ok((setup, callbacks))
}

/// Why there is nothing in the folder any more, in one sentence, where it was wiped by order; until somebody enrols there anew. To
/// be asked before `open`, and after a sync that ended with `Wiped`.
#[uniffi::export]
pub fn why_empty(folder: String, language: Language) -> Option<String> {
    let ending = core::Handbook::ending(&PathBuf::from(folder))?;
    Words::new(language, SystemEnv.now()).ending(&ending)
}

impl Handbook {
    fn held(core: core::Handbook, callbacks: Callbacks) -> Self {
        let held = Arc::new(Held::of(core, callbacks));
        ending::shut_at_exit(&held);
        Self(held)
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Handbook {
    /// Opens the store in the folder, or makes it there. Throws `KeyLocked`, `KeyLost`, `Corrupt`,
    /// `UpdateNeeded`, `Folder`, `Full`, `InUse`.
    #[uniffi::constructor]
    pub async fn open(
        folder: String,
        key_store: Arc<dyn KeyStore>,
        language: Language,
    ) -> Result<Self, HandbookError> {
        let (setup, callbacks) =
            runtime::run_blocking(move || open(folder, key_store, language, &ServerTrust::default())).await?;
        let core = runtime::run(core::Handbook::open(setup)).await?;
        Ok(Self::held(core, callbacks))
    }

    /// As `open`, with the PIN that it asked for; waits first what is owed for wrong ones. Throws also `PinWrong`, `NoPin`.
    #[uniffi::constructor]
    pub async fn open_with_pin(
        folder: String,
        key_store: Arc<dyn KeyStore>,
        language: Language,
        pin: String,
    ) -> Result<Self, HandbookError> {
        let pin = zeroize::Zeroizing::new(pin);
        let (setup, callbacks) =
            runtime::run_blocking(move || open(folder, key_store, language, &ServerTrust::default())).await?;
        let core = runtime::run(core::Handbook::open_with_pin(setup, pin)).await?;
        Ok(Self::held(core, callbacks))
    }

    /// Enrols this device. After `Offline` call again with the same words: nothing is lost, and the code is not
    /// used up. Throws also `CodeWrong`, `CodeUsed`, `CodeExpired`, `TooManyTries`, `BadAddress`,
    /// `AlreadyEnrolled`, `AnotherMember`.
    pub async fn enrol(
        &self,
        url: String,
        code: String,
        birth: Day,
        device_name: String,
    ) -> Result<Status, HandbookError> {
        self.enrolled(Enrolment { url, code, birth: birth.0, device_name }, EnrolOptions::default()).await
    }

    /// The same for a device that the server does not know any more, or took off the handbook: it gets a new key, and what
    /// was not sent goes up with it. Throws what `enrol` throws, but `AlreadyEnrolled`.
    pub async fn enrol_again(
        &self,
        url: String,
        code: String,
        birth: Day,
        device_name: String,
    ) -> Result<Status, HandbookError> {
        let again = EnrolOptions { again: true, ..EnrolOptions::default() };
        self.enrolled(Enrolment { url, code, birth: birth.0, device_name }, again).await
    }

    /// Whose handbook this is and how things stand; the first thing a screen asks.
    pub async fn status(&self) -> Result<Status, HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move { Ok(core.status().await?.into()) }).await
    }
}

impl Handbook {
    async fn enrolled(&self, of: Enrolment, options: EnrolOptions) -> Result<Status, HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move {
            core.enrol(of, options).await?;
            Ok(core.status().await?.into())
        })
        .await
    }
}

#[uniffi::export]
impl Handbook {
    /// Begins a sync and gives the handle to wait for its end, or to end it.
    #[uniffi::method(default(listener = None))]
    pub fn sync(&self, listener: Option<Arc<dyn SyncListener>>) -> Result<Arc<SyncRun>, HandbookError> {
        SyncRun::begin(&self.0, listener)
    }

    /// Calls the observer after each change of the store, until the observation is cancelled.
    pub fn observe(&self, observer: Arc<dyn Observer>) -> Result<Arc<Watching>, HandbookError> {
        Watching::begin(&self.0, observer)
    }

    /// In which language to speak from now on.
    pub fn speak(&self, language: Language) -> Result<(), HandbookError> {
        self.0.core()?.speak(language);
        Ok(())
    }

    /// Văn bản.
    pub fn directives(&self) -> Arc<Directives> {
        Arc::new(Directives(Arc::clone(&self.0)))
    }

    /// Sinh hoạt.
    pub fn meetings(&self) -> Arc<Meetings> {
        Arc::new(Meetings(Arc::clone(&self.0)))
    }

    /// Điểm danh.
    pub fn attendance(&self) -> Arc<Attendance> {
        Arc::new(Attendance(Arc::clone(&self.0)))
    }

    /// Tệp.
    pub fn files(&self) -> Arc<Files> {
        Arc::new(Files(Arc::clone(&self.0)))
    }

    /// Dự thảo chờ ký.
    pub fn drafts(&self) -> Arc<Drafts> {
        Arc::new(Drafts(Arc::clone(&self.0)))
    }

    /// Phản ánh.
    pub fn feedback(&self) -> Arc<Feedback> {
        Arc::new(Feedback(Arc::clone(&self.0)))
    }
}
