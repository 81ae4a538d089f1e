//! Bảng điều khiển: an officer's phone lets a browser in; and whom a phone of a closed network believes.

use std::sync::Arc;

use sotay_core::{
    handbook::{ConsoleError, ConsoleRequest as Core, Handbook as CoreHandbook, HandbookError as CoreFault},
    transport::ServerTrust,
};
use sotay_protocol::console::Asking;

use crate::{
    Handbook, HandbookError, KeyStore, ending,
    handbook::{self, Held},
    kinds::Language,
    runtime,
    values::{ConsoleRequestId, Timestamp},
};

/// A browser that wants to be let in: all of it is to be shown before a number is asked for.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ConsoleRequest {
    /// Names it.
    pub request: ConsoleRequestId,
    /// As it names itself.
    pub browser: String,
    /// From where it asks.
    pub address: String,
    /// The site on which the browser stands.
    pub site: String,
    /// When it asked.
    pub at: Timestamp,
    /// Three; one of them stands on the screen of who asks.
    pub numbers: Vec<u8>,
    /// Where it is not, warn: the page may be a copy.
    pub own_site: bool,
}

/// Why nobody was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum ConsoleFailure {
    /// Not a code for signing in, or of a newer form.
    #[error("not a code for signing in")]
    NotACode,
    /// The code is of another server than this phone's.
    #[error("the code is of another server")]
    OtherServer,
    /// Run out, approved, ended, or the number was wrong.
    #[error("the request is gone")]
    Gone,
    /// This person holds no office.
    #[error("no office")]
    NoOffice,
    /// What any call may meet.
    #[error("{fault}")]
    Handbook {
        /// Which.
        fault: HandbookError,
    },
}

impl From<ConsoleError> for ConsoleFailure {
    fn from(error: ConsoleError) -> Self {
        match error {
            ConsoleError::NotACode(_) => Self::NotACode,
            ConsoleError::OtherServer => Self::OtherServer,
            ConsoleError::Gone => Self::Gone,
            ConsoleError::NoOffice => Self::NoOffice,
            ConsoleError::Handbook(fault) => Self::Handbook { fault: fault.into() },
        }
    }
}

impl From<HandbookError> for ConsoleFailure {
    fn from(fault: HandbookError) -> Self {
        Self::Handbook { fault }
    }
}

impl From<Core> for ConsoleRequest {
    fn from(Core { request, asking, own_site }: Core) -> Self {
        let Asking { browser, address, origin, at, numbers } = asking;
        Self {
            request: request.into(),
            browser,
            address,
            site: origin,
            at,
            numbers: numbers.to_vec(),
            own_site,
        }
    }
}

/// Runs `work` on the core's thread; what the console says of it comes through as it is.
async fn run<T: Send + 'static>(
    work: impl Future<Output = Result<T, ConsoleError>> + Send + 'static,
) -> Result<T, ConsoleFailure> {
    Ok(runtime::run(async move { Ok::<_, CoreFault>(work.await) }).await??)
}

#[uniffi::export(async_runtime = "tokio")]
impl Handbook {
    /// As `open`, in a network of its own: only what these root certificates (PEM) certify is believed, and of a server only
    /// the key with this SHA-256 (hex), where they are given. Throws also `BadAddress` where either cannot be read.
    #[uniffi::constructor]
    pub async fn open_in_closed_network(
        folder: String,
        key_store: Arc<dyn KeyStore>,
        language: Language,
        roots_pem: Option<String>,
        key_sha256: Option<String>,
    ) -> Result<Self, HandbookError> {
        let mut trust = ServerTrust::default();
        if let Some(pem) = roots_pem {
            trust = trust.with_roots(&pem).map_err(|_| HandbookError::BadAddress)?;
        }
        if let Some(hex) = key_sha256 {
            trust = trust.with_pin(&hex).map_err(|_| HandbookError::BadAddress)?;
        }
        let opening = move || handbook::open(folder, key_store, language, &trust);
        let (setup, callbacks) = runtime::run_blocking(opening).await?;
        let core = runtime::run(CoreHandbook::open(setup)).await?;
        let held = Arc::new(Held::of(core, callbacks));
        ending::shut_at_exit(&held);
        Ok(Self(held))
    }

    /// Who asks to be let in by the code that was scanned. Nothing is approved yet.
    pub async fn console_look(&self, scanned: String) -> Result<ConsoleRequest, ConsoleFailure> {
        let core = self.0.core()?;
        run(async move { core.console_look(&scanned).await }).await.map(Into::into)
    }

    /// Lets the browser in that shows this number. A wrong one ends the request.
    pub async fn console_approve(&self, request: ConsoleRequest, number: u8) -> Result<(), ConsoleFailure> {
        let core = self.0.core()?;
        let ConsoleRequest { request, browser, address, site, at, numbers, own_site } = request;
        let numbers = numbers.try_into().map_err(|_| ConsoleFailure::Gone)?;
        let asking = Asking { browser, address, origin: site, at, numbers };
        run(async move { core.console_approve(&Core { request: request.into(), asking, own_site }, number).await }).await
    }
}

#[uniffi::export]
impl Handbook {
    /// Why the last request reached somebody whose certificate is not believed, and what to do; none where that is not so.
    pub fn server_not_believed(&self) -> Result<Option<String>, HandbookError> {
        let core = self.0.core()?;
        Ok(core.distrust().map(|why| core.words_of(why)))
    }
}
