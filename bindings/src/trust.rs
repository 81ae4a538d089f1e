//! Dự thảo chờ ký, and whom this device believes.

use std::sync::Arc;

use sotay_core::{drafts as core, screens::signing as screens, trust};

use crate::{
    Attachment, Block, Day, HandbookError, ListenerError, RowState, Watching,
    handbook::Held,
    kinds::{DirectiveType, DraftState, Office, Standing, Urgency},
    observe, runtime,
    values::{DraftId, OrganisationId, Timestamp},
};

/// What waits for this person's signature.
#[derive(Debug, uniffi::Object)]
pub struct Drafts(pub(crate) Arc<Held>);

/// One line of the list of drafts.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct DraftLine {
    /// Names it.
    pub id: DraftId,
    /// The organisation at whose desk it waits.
    pub desk: OrganisationId,
    /// Loại văn bản.
    pub directive_type: DirectiveType,
    /// `17-KH/ĐU`.
    pub number: String,
    /// Cơ quan ban hành.
    pub issuer_name: String,
    /// As it will be printed.
    pub date: Day,
    /// Trích yếu.
    pub summary: String,
    /// Độ khẩn.
    pub urgency: Urgency,
    /// It will go to those alone who hold this office; else to all in and below the issuer.
    pub only_for: Option<Office>,
    /// Not a new directive, but what is to become of one that stands: how, and why.
    pub ruling: Option<DraftRuling>,
    /// The other half of a replacement: of the new one what it replaces, of the ruling what takes its place.
    pub goes_with: Option<String>,
    /// How far it is.
    pub draft_state: DraftState,
    /// In the words of who returned it.
    pub reason: Option<String>,
    /// When it was last changed.
    pub at: Timestamp,
    /// What became of this person's own deed.
    pub sync: Option<RowState>,
}

/// What is to become of a directive that stands.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DraftRuling {
    /// How it will stand.
    pub standing: Standing,
    /// Why, where it is said.
    pub reason: Option<String>,
}

/// A draft to be read and signed.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct DraftView {
    /// Its head.
    pub line: DraftLine,
    /// The whole of what will be signed; empty where it is a ruling, or signed already.
    pub blocks: Vec<Block>,
    /// The file that it was read from.
    pub original: Option<Attachment>,
    /// Why this device cannot sign it, and what to do; none where it can.
    pub cannot_sign: Option<String>,
}

/// Whom this device believes.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Trust {
    /// None where nobody has told it of a root: then no signature can be checked.
    pub root: Option<TrustRoot>,
    /// What is to be said of the lists of revoked certificates.
    pub notes: Vec<String>,
    /// Certificates in force for this device's own key.
    pub certificates: u32,
}

/// The root that this device believes.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TrustRoot {
    /// As it calls itself.
    pub name: String,
    /// 64 hexadecimal digits.
    pub fingerprint: String,
    /// Compared with the invitation; else taken as the server first told it.
    pub compared: bool,
}

/// A request for a certificate, to be brought to who keeps the organisation's key.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CertificateRequest {
    /// What goes into the file.
    pub text: String,
    /// What both sides read to each other.
    pub spoken: String,
    /// In which one.
    pub organisation_name: String,
    /// For which office.
    pub office: Office,
}

/// One line of the list, as it is read.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct DraftRow {
    /// What it is of.
    pub line: DraftLine,
    /// `Kế hoạch 17-KH/ĐU`.
    pub title: String,
    /// `chờ ký, 3 ngày trước`.
    pub state: String,
    /// What became of this person's own deed, where that is still news.
    pub sync: Option<String>,
}

/// Called from the callbacks' thread, in order, with no lock held. One that throws is logged and detached.
#[uniffi::export(foreign)]
pub trait DraftsObserver: Send + Sync {
    /// The list as it is from now on.
    fn changed(&self, drafts: Vec<DraftRow>) -> Result<(), ListenerError>;
}

#[uniffi::export]
impl Drafts {
    /// Calls the observer with the list as it is, then with each that differs from the one before.
    pub fn observe(&self, observer: Arc<dyn DraftsObserver>) -> Result<Arc<Watching>, HandbookError> {
        let tell = move |drafts: Vec<screens::DraftRow>| {
            observer.changed(drafts.into_iter().map(Into::into).collect())
        };
        observe::screen(&self.0, &self.0.core()?.draft_list(), tell)
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Drafts {
    /// The list as it is read: those that wait, the oldest first; then what was signed or returned.
    pub async fn rows(&self) -> Result<Vec<DraftRow>, HandbookError> {
        let screen = self.0.core()?.draft_list();
        runtime::run(async move { Ok(screen.now().await?.into_iter().map(Into::into).collect()) }).await
    }

    /// Those that wait, the oldest first; then what was signed or returned.
    pub async fn list(&self) -> Result<Vec<DraftLine>, HandbookError> {
        let core = self.0.core()?.drafts();
        runtime::run(async move { Ok(core.list().await?.into_iter().map(Into::into).collect()) }).await
    }

    /// One with its words. Throws `NotFound`.
    pub async fn open(&self, id: DraftId) -> Result<DraftView, HandbookError> {
        let core = self.0.core()?.drafts();
        let words = self.0.core()?.words();
        runtime::run(async move {
            let view = core.open(id.into()).await?;
            let cannot_sign = view.cannot_sign.map(|why| words.cannot_sign(why));
            Ok(DraftView { cannot_sign, ..view.into() })
        })
        .await
    }

    /// Signs it on this device, also without a network; it is published with the next sync. Throws `Refused` with
    /// `NotCertified`, `DraftChanged`, `NotAllowed`.
    pub async fn sign(&self, id: DraftId) -> Result<(), HandbookError> {
        let core = self.0.core()?.drafts();
        runtime::run(async move { core.sign(id.into()).await }).await
    }

    /// Gives it back to the office, with a reason. Throws `Refused` with `Empty`, `DraftChanged`, `NotAllowed`.
    pub async fn hand_back(&self, id: DraftId, reason: String) -> Result<(), HandbookError> {
        let core = self.0.core()?.drafts();
        runtime::run(async move { core.hand_back(id.into(), reason).await }).await
    }

    /// Whom this device believes, and what it is certified for.
    pub async fn trust(&self) -> Result<Trust, HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move {
            let (view, words) = (core.trust().view().await?, core.words());
            let in_force = view.own.iter().filter(|of| of.not_in_force.is_none()).count();
            Ok(Trust {
                root: view.root.map(Into::into),
                notes: words.list_notes(&view.lists),
                certificates: u32::try_from(in_force).unwrap_or(u32::MAX),
            })
        })
        .await
    }

    /// Goes on at `url`, where this device's own server says, signed, that it is there; nothing is sent there before. Throws
    /// `BadAddress`, `NotThisServer`, `Offline`.
    pub async fn ask_server_at(&self, url: String) -> Result<(), HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move { core.ask_server_at(&url).await }).await
    }

    /// A request for a certificate, for this member's office in the organisation. Throws `NotFound` where they hold none.
    pub async fn request_certificate(
        &self,
        organisation: OrganisationId,
    ) -> Result<CertificateRequest, HandbookError> {
        let core = self.0.core()?.trust();
        runtime::run(async move { Ok(core.request(organisation.into()).await?.into()) }).await
    }
}

impl From<core::DraftLine> for DraftLine {
    fn from(of: core::DraftLine) -> Self {
        Self {
            id: of.id.into(),
            desk: of.desk.into(),
            directive_type: of.directive_type,
            number: of.number,
            issuer_name: of.issuer_name,
            date: Day(of.date),
            summary: of.abstract_,
            urgency: of.urgency,
            only_for: match of.readers {
                core::Readers::All => None,
                core::Readers::Only(office) => Some(office),
            },
            ruling: of.ruling.map(|of| DraftRuling { standing: of.standing, reason: of.reason }),
            goes_with: of.goes_with,
            draft_state: of.draft_state,
            reason: of.reason,
            at: of.at,
            sync: of.sync.map(Into::into),
        }
    }
}

impl From<screens::DraftRow> for DraftRow {
    fn from(of: screens::DraftRow) -> Self {
        Self { line: of.line.into(), title: of.title, state: of.state, sync: of.sync }
    }
}

impl From<core::DraftView> for DraftView {
    fn from(of: core::DraftView) -> Self {
        Self {
            line: of.line.into(),
            blocks: of.document.blocks.into_iter().map(Into::into).collect(),
            original: of.original.map(Into::into),
            cannot_sign: None,
        }
    }
}

impl From<trust::RootView> for TrustRoot {
    fn from(of: trust::RootView) -> Self {
        Self { name: of.name, fingerprint: of.fingerprint, compared: of.compared }
    }
}

impl From<trust::Asked> for CertificateRequest {
    fn from(of: trust::Asked) -> Self {
        Self {
            text: of.file(),
            spoken: of.spoken,
            organisation_name: of.organisation_name,
            office: of.office,
        }
    }
}
