//! Tệp: files of rows on this phone, and photos that go with a message.

use std::{path::PathBuf, sync::Arc};

use sotay_protocol::{id::Id, row::RowRef};

use super::{FeedbackBook, HandbookError, Inner, on_workers};
use crate::{
    attachments::{
        self as files, FileView, Opened, Photo, Settings, Usage,
        photo::{self, Clean},
        room,
    },
    feedback,
    shown::Page,
    store::StoreError,
};

type Result<T> = std::result::Result<T, HandbookError>;

/// The files of rows. A row and the hash of one of its files name it. Errors are the store's own faults.
#[derive(Clone)]
pub struct Attachments(pub(super) Arc<Inner>);

impl std::fmt::Debug for Attachments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attachments")
    }
}

/// A file that is here, to be read in pieces. As long as it lasts the file is not let go to make room; cheap to clone.
#[derive(Clone)]
pub struct OpenFile {
    inner: Arc<Inner>,
    of: Arc<Opened>,
}

impl std::fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenFile").field("size", &self.of.size).finish_non_exhaustive()
    }
}

impl Attachments {
    /// The files that a row names, with where each is.
    pub async fn of_row(&self, row: RowRef) -> Result<Vec<FileView>> {
        self.0.read(move |store, _| files::of_row(store, &row)).await
    }

    /// The same by the row's kind and id, wherever it lives.
    pub async fn of(&self, kind: &'static str, id: Id) -> Result<Vec<FileView>> {
        self.0.read(move |store, _| files::of_id(store, kind, id)).await
    }

    /// Those of all rows, the newest first.
    pub async fn list(&self, page: Page) -> Result<Vec<FileView>> {
        self.0.read(move |store, _| files::list(store, page)).await
    }

    /// Opens a file. `None` where it is not here: it comes before all else with the next sync.
    ///
    /// # Errors
    /// [`HandbookError::NotBelieved`] where its directive is kept apart.
    pub async fn open(&self, row: RowRef, hash: String) -> Result<Option<OpenFile>> {
        let of = row.clone();
        if self.0.read(move |store, _| files::is_kept_apart(store, &of)).await? {
            return Err(HandbookError::NotBelieved);
        }
        let readings = self.0.readings.clone();
        let opened = self.0.write(move |store, env, _| files::open(store, env, &readings, &row, &hash));
        Ok(opened.await?.map(|of| OpenFile { inner: Arc::clone(&self.0), of: Arc::new(of) }))
    }

    /// Marks a file to be had on this phone.
    ///
    /// # Errors
    /// [`HandbookError::NotFound`] where the row does not name it.
    pub async fn want(&self, row: RowRef, hash: String) -> Result<()> {
        let wanted = self.0.write(move |store, env, _| files::want(store, env, &row, &hash)).await?;
        if wanted { Ok(()) } else { Err(HandbookError::NotFound) }
    }

    /// Takes the mark away; what is here stays until its room is needed.
    pub async fn unwant(&self, row: RowRef, hash: String) -> Result<()> {
        self.0.write(move |store, _, _| files::unwant(store, &row, &hash)).await
    }

    pub async fn usage(&self) -> Result<Usage> {
        self.0.read(|store, _| room::usage(store)).await
    }

    /// Sets the quota, and whether what nobody asked for waits for an unmetered network. What is over a smaller quota
    /// goes at once, where it can be fetched again.
    ///
    /// # Errors
    /// [`HandbookError::Quota`] outside of [`room::QUOTA`]; nothing is changed then.
    pub async fn set(&self, to: Settings) -> Result<Usage> {
        if !room::QUOTA.contains(&to.quota) {
            return Err(HandbookError::Quota);
        }
        let readings = self.0.readings.clone();
        self.0.write(move |store, _, _| room::set(store, to, &readings)).await?;
        self.give_back().await?;
        self.usage().await
    }

    /// Lets go all that can be fetched again; gives the bytes.
    pub async fn clear(&self) -> Result<u64> {
        let readings = self.0.readings.clone();
        let gone = self.0.write(move |store, _, _| room::clear(store, &readings)).await?;
        self.give_back().await?;
        Ok(gone)
    }

    async fn give_back(&self) -> Result<()> {
        let store = self.0.store.clone();
        Ok(on_workers(self.0.workers.as_ref(), move || room::give_back(&store)).await??)
    }
}

impl OpenFile {
    /// In bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.of.size
    }

    /// Bytes from `at` on, at most [`sotay_protocol::limits::PART`] of them; none at the end, and where the row has
    /// lost the file since.
    pub async fn piece(&self, at: u64) -> Result<Vec<u8>> {
        let of = Arc::clone(&self.of);
        self.inner.read(move |store, _| files::piece(store, &of, at)).await
    }

    /// Writes it to a path of the device, outside the store: there it is protected by nothing of ours.
    ///
    /// # Errors
    /// [`HandbookError::NotWritable`], [`HandbookError::Full`].
    pub async fn save(&self, path: PathBuf) -> Result<()> {
        let (store, of) = (self.inner.store.clone(), Arc::clone(&self.of));
        let save = move || files::save(&store, &of, &path);
        match on_workers(self.inner.workers.as_ref(), save).await? {
            Err(StoreError::Folder(_)) => Err(HandbookError::NotWritable),
            saved => Ok(saved?),
        }
    }
}

/// With photos: place, time and device are taken out of them before anything is kept.
impl FeedbackBook {
    /// # Errors
    /// [`HandbookError::Photo`] with nothing kept; else as without.
    pub async fn submit_with(
        &self,
        desk: Option<Id>,
        topic: String,
        words: String,
        photos: Vec<Photo>,
    ) -> Result<Id> {
        let photos = self.cleaned(photos).await?;
        let submit = move |store: &rusqlite::Connection, env: &dyn sotay_protocol::env::Env, _: &_| {
            feedback::submit_with(store, env, desk, &topic, &words, &photos)
        };
        self.0.write(submit).await
    }

    /// Seals words and photos so that only the desk's certified officers and this member can read them.
    ///
    /// # Errors
    /// [`HandbookError::Photo`] with nothing kept; [`HandbookError::Refused`] with `desk_without_officers`; else as
    /// without.
    pub async fn seal(
        &self,
        desk: Option<Id>,
        topic: String,
        words: String,
        photos: Vec<Photo>,
    ) -> Result<Id> {
        let photos = self.cleaned(photos).await?;
        let seal = move |store: &rusqlite::Connection, env: &dyn sotay_protocol::env::Env, _: &_| {
            feedback::sealed::seal(store, env, desk, (&topic, &words), &photos)
        };
        self.0.write(seal).await
    }

    /// # Errors
    /// [`HandbookError::Photo`] with nothing kept; else as without.
    pub async fn reply_with(&self, thread: Id, words: String, photos: Vec<Photo>) -> Result<()> {
        let photos = self.cleaned(photos).await?;
        self.0.write(move |store, env, _| feedback::reply_with(store, env, thread, &words, &photos)).await
    }

    /// For an officer, whose answer may show what was done.
    ///
    /// # Errors
    /// [`HandbookError::Photo`] with nothing kept; else as without.
    pub async fn answer_with(&self, case: Id, words: String, photos: Vec<Photo>) -> Result<()> {
        let photos = self.cleaned(photos).await?;
        self.0.write(move |store, env, _| feedback::answer_with(store, env, case, &words, &photos)).await
    }

    async fn cleaned(&self, photos: Vec<Photo>) -> Result<Vec<Clean>> {
        let clean = move || photo::clean_all(photos);
        on_workers(self.0.workers.as_ref(), clean).await?.map_err(HandbookError::Photo)
    }
}
