//! Tệp: the originals of directives, the photos of feedback; opening and keeping them.

use std::{path::PathBuf, sync::Arc};

pub(crate) use sotay_core::attachments::{FileState, PhotoError};
use sotay_core::{attachments as core, handbook as book};
use sotay_protocol::{directives::DIRECTIVE, feedback::THREAD, row::RowRef};

use crate::{
    HandbookError,
    handbook::Held,
    runtime,
    values::{DirectiveId, ThreadId},
};

/// Where a file is. `sent` and `have` are bytes: at the server, and on this phone.
#[uniffi::remote(Enum)]
pub enum FileState {
    /// On this phone, whole and verified.
    Here,
    /// Here, and still to be sent.
    ToSend {
        /// Bytes that are at the server.
        sent: u64,
    },
    /// To come with the next sync.
    OnTheWay {
        /// Bytes that are here.
        have: u64,
    },
    /// To come over an unmetered network.
    WaitsForUnmetered {
        /// Bytes that are here.
        have: u64,
    },
    /// At the server; it comes when somebody opens it.
    NotHere,
    /// There is no room for it among the files of this phone.
    NoRoom,
    /// What came was not what was promised; it is fetched anew.
    Damaged,
    /// The server has it no more.
    Gone,
}

/// Why a photo cannot go with a message.
#[uniffi::remote(Enum)]
pub enum PhotoError {
    /// More than one message takes.
    TooMany,
    /// Too many bytes.
    TooLarge,
    /// No bytes.
    Empty,
    /// In a form that others cannot open: to be made a JPEG first.
    Heic,
    /// A film, or pictures that move.
    Moving,
    /// Neither JPEG, PNG nor WebP.
    NotAPhoto,
    /// Not whole.
    Damaged,
}

/// A file of a row; given back to `Files` to name it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RowFile {
    /// Which row names it; for `Files` alone.
    pub row: String,
    /// SHA-256 of the bytes, in lower-case hex.
    pub hash: String,
    /// `ke-hoach-17.docx`.
    pub name: String,
    /// Media type: `application/pdf`.
    pub media: String,
    /// In bytes.
    pub size: u64,
    /// Where it is.
    pub state: FileState,
    /// The person marked it to have it.
    pub wanted: bool,
    /// Where it is, in words.
    pub words: String,
}

/// A photo as the person chose it. Place, time and device are taken out of it before anything is kept.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Photo {
    /// Of the file, as the phone has it.
    pub name: String,
    /// JPEG, PNG or WebP.
    pub bytes: Vec<u8>,
}

impl From<Photo> for sotay_core::attachments::Photo {
    fn from(of: Photo) -> Self {
        Self { name: of.name, bytes: of.bytes }
    }
}

/// What files take on this phone, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct FileUsage {
    /// What they may take.
    pub quota: u64,
    /// What nobody asked for comes over an unmetered network alone.
    pub unmetered_only: bool,
    /// How many are here.
    pub files: u64,
    /// What they take.
    pub bytes: u64,
    /// Of these, what waits to be sent or may have to be sent again: it stays.
    pub own_bytes: u64,
}

/// Tệp: the originals of directives, the photos of feedback.
#[derive(Debug, uniffi::Object)]
pub struct Files(pub(crate) Arc<Held>);

/// A file that is here. Close it, or it is not let go to make room for others as long as it is held.
#[derive(Debug, uniffi::Object)]
pub struct OpenFile(book::OpenFile);

fn row(of: &RowFile) -> Result<RowRef, book::HandbookError> {
    let mut parts = of.row.splitn(3, '/');
    let mut next = || parts.next().ok_or(book::HandbookError::NotFound);
    let (scope, kind, id) = (next()?, next()?, next()?);
    let scope = scope.parse().map_err(|_| book::HandbookError::NotFound)?;
    Ok(RowRef::new(scope, kind, id.parse().map_err(|_| book::HandbookError::NotFound)?))
}

fn all(of: Vec<core::FileView>, words: sotay_core::words::Words) -> Vec<RowFile> {
    let file = |of: core::FileView| RowFile {
        words: words.file_state(&of),
        row: format!("{}/{}/{}", of.row.scope, of.row.kind, of.row.id),
        hash: of.hash,
        name: of.name,
        media: of.media,
        size: of.size,
        state: of.state,
        wanted: of.wanted,
    };
    of.into_iter().map(file).collect()
}

#[uniffi::export(async_runtime = "tokio")]
impl Files {
    /// Those of a directive, by its id.
    pub async fn of_directive(&self, id: DirectiveId) -> Result<Vec<RowFile>, HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move { Ok(all(core.attachments().of(DIRECTIVE, id.into()).await?, core.words())) })
            .await
    }

    /// Those of a thread of this member, by its id.
    pub async fn of_thread(&self, id: ThreadId) -> Result<Vec<RowFile>, HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move { Ok(all(core.attachments().of(THREAD, id.into()).await?, core.words())) })
            .await
    }

    /// Opens a file. `None` where it is not here: it comes before all else with the next sync.
    pub async fn open(&self, file: RowFile) -> Result<Option<Arc<OpenFile>>, HandbookError> {
        let core = self.0.core()?.attachments();
        let opened = runtime::run(async move { core.open(row(&file)?, file.hash).await }).await?;
        Ok(opened.map(|of| Arc::new(OpenFile(of))))
    }

    /// Marks a file to be had on this phone, or takes the mark away.
    pub async fn want(&self, file: RowFile, wanted: bool) -> Result<(), HandbookError> {
        let core = self.0.core()?.attachments();
        runtime::run(async move {
            let row = row(&file)?;
            if wanted { core.want(row, file.hash).await } else { core.unwant(row, file.hash).await }
        })
        .await
    }

    /// What files take on this phone.
    pub async fn usage(&self) -> Result<FileUsage, HandbookError> {
        let core = self.0.core()?.attachments();
        runtime::run(async move { Ok(core.usage().await?.into()) }).await
    }

    /// Sets the quota; what is over a smaller one goes at once, where it can be fetched again. Throws `Quota` for less than
    /// 10 MB and more than 100 GB.
    pub async fn set_room(&self, quota: u64, unmetered_only: bool) -> Result<FileUsage, HandbookError> {
        let core = self.0.core()?.attachments();
        let to = core::Settings { quota, unmetered_only };
        runtime::run(async move { Ok(core.set(to).await?.into()) }).await
    }

    /// Lets go all that can be fetched again; gives the bytes.
    pub async fn clear(&self) -> Result<u64, HandbookError> {
        let core = self.0.core()?.attachments();
        runtime::run(async move { core.clear().await }).await
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl OpenFile {
    /// Bytes from `at` on, at most 256 KiB of them; none at the end.
    pub async fn piece(&self, at: u64) -> Result<Vec<u8>, HandbookError> {
        let core = self.0.clone();
        runtime::run(async move { core.piece(at).await }).await
    }

    /// Writes it to a path of the device, outside the store: there it is protected by nothing of ours. Throws
    /// `NotWritable`, `Full`.
    pub async fn save(&self, path: String) -> Result<(), HandbookError> {
        let core = self.0.clone();
        runtime::run(async move { core.save(PathBuf::from(path)).await }).await
    }
}

#[uniffi::export]
impl OpenFile {
    /// In bytes.
    pub fn size(&self) -> u64 {
        self.0.size()
    }
}

impl From<core::Usage> for FileUsage {
    fn from(of: core::Usage) -> Self {
        Self {
            quota: of.settings.quota,
            unmetered_only: of.settings.unmetered_only,
            files: of.files,
            bytes: of.bytes,
            own_bytes: of.own_bytes,
        }
    }
}
