//! Dữ liệu của tôi: listed, asked of the server, and written to files.

use std::path::{Path, PathBuf};

use sotay_protocol::{
    my_data::{MyData, MyDataRequest},
    problem::{Problem, ProblemCode},
    scope::Scope,
};

use super::{Handbook, HandbookError, SyncStop, on_workers, sync::JSON};
use crate::{
    my_data::{self, Exported, Here, KeptLine, page},
    shown::Page,
    store::StoreError,
    sync::device,
    words::{Lang, Words},
};

/// More than a person's life in a cell fills.
const MOST: usize = 64 * 1024 * 1024;

/// Names of the files of an export.
const PAGE: &str = "du-lieu-cua-toi.html";
const PHONE: &str = "tren-may.json";
const SERVER: &str = "may-chu.json";
const FILES: &str = "tep";

enum Asked {
    Told(Box<MyData>),
    /// The token is too old, or there is none: an exchange brings a new one.
    ExchangeFirst,
}

impl Handbook {
    /// What is kept of this person, by kind; `server` is what [`Self::my_data_at_server`] said, where it was asked.
    ///
    /// # Errors
    /// [`HandbookError::NotEnrolled`], the store's own fault.
    pub async fn my_data(&self, server: Option<MyData>) -> Result<Vec<KeptLine>, HandbookError> {
        let list =
            move |store: &rusqlite::Connection, words: &Words| my_data::list(store, words, server.as_ref());
        self.inner.read(list).await?.ok_or(HandbookError::NotEnrolled)
    }

    /// All that the server keeps of this person, also what it does not send to phones.
    ///
    /// # Errors
    /// [`HandbookError::Offline`], [`HandbookError::NotEnrolled`].
    pub async fn my_data_at_server(&self) -> Result<MyData, HandbookError> {
        if let Asked::Told(told) = self.ask_for_my_data().await? {
            return Ok(*told);
        }
        match self.sync(|_| ()).1.await?.stop {
            SyncStop::Done => {}
            SyncStop::Offline | SyncStop::Cut => return Err(HandbookError::Offline),
            SyncStop::EnrolAgain => return Err(HandbookError::NotEnrolled),
            _ => return Err(HandbookError::ServerFault),
        }
        match self.ask_for_my_data().await? {
            Asked::Told(told) => Ok(*told),
            Asked::ExchangeFirst => Err(HandbookError::ServerFault),
        }
    }

    async fn ask_for_my_data(&self) -> Result<Asked, HandbookError> {
        let asked = self.inner.read(|store, _| request(store)).await?;
        let (url, request) = asked.ok_or(HandbookError::NotEnrolled)?;
        let Some(request) = request else { return Ok(Asked::ExchangeFirst) };
        let body = serde_json::to_vec(&request).map_err(|_| HandbookError::Internal)?;
        let offline = |_| HandbookError::Offline;
        let answer =
            self.inner.transport.post(format!("{url}/v1/my-data"), JSON, body).await.map_err(offline)?;
        let status = answer.status;
        let body = answer.read(MOST).await.map_err(offline)?;
        if status == 200 {
            let told = serde_json::from_slice(&body).map_err(|_| HandbookError::ServerFault)?;
            return Ok(Asked::Told(told));
        }
        match serde_json::from_slice::<Problem>(&body).map(|problem| problem.code) {
            Ok(ProblemCode::TokenExpired | ProblemCode::TokenInvalid) => Ok(Asked::ExchangeFirst),
            _ => Err(HandbookError::ServerFault),
        }
    }

    /// Writes all of it into `folder`, which is made: a page to read, JSON for programs, and the files that are here. Without
    /// a network, what this phone has. Outside the store it is protected by nothing of ours.
    ///
    /// # Errors
    /// [`HandbookError::NotEnrolled`], [`HandbookError::NotWritable`], [`HandbookError::Full`].
    pub async fn export_my_data(&self, folder: PathBuf) -> Result<Exported, HandbookError> {
        let server = match self.my_data_at_server().await {
            Ok(told) => Some(told),
            Err(HandbookError::Offline | HandbookError::ServerFault | HandbookError::SyncRunning) => None,
            Err(error) => return Err(error),
        };
        let here = self.inner.read(|store, words| my_data::of_phone(store, words.now)).await?;
        let here = here.ok_or(HandbookError::NotEnrolled)?;
        let words = Words { lang: Lang::Vi, ..self.words() };
        let lines = {
            let server = server.clone();
            self.inner.read(move |store, _| my_data::list(store, &words, server.as_ref())).await?
        };
        let member = Scope::member(here.member);
        let mut done = Exported {
            here: here.records.len() as u64,
            at_server: server.as_ref().map(|server| (server.records.len() + server.mentions.len()) as u64),
            files: 0,
            files_missing: 0,
        };
        let target = folder.clone();
        let write = move || {
            written(
                &target,
                &here,
                server.as_ref(),
                &page(&here, server.as_ref(), &lines.unwrap_or_default(), &words),
            )
        };
        on_workers(self.inner.workers.as_ref(), write).await??;
        let attachments = self.attachments();
        for (nth, file) in attachments.list(Page::default()).await?.into_iter().enumerate() {
            if file.row.scope != member {
                continue;
            }
            let opened = match file.state.is_here() {
                true => attachments.open(file.row, file.hash).await?,
                false => None,
            };
            match opened {
                Some(opened) => {
                    opened
                        .save(folder.join(FILES).join(format!("{:03}-{}", nth + 1, plain(&file.name))))
                        .await?;
                    done.files += 1;
                }
                None => done.files_missing += 1,
            }
        }
        Ok(done)
    }
}

type Request = (String, Option<MyDataRequest>);

fn request(store: &rusqlite::Connection) -> Result<Option<Request>, StoreError> {
    let (Some(identity), Some(device)) = (device::identity(store)?, device::load(store)?) else {
        return Ok(None);
    };
    let token: Option<String> =
        store.prepare_cached("SELECT token FROM device")?.query_row([], |row| row.get(0))?;
    let asked = token.map(|token| MyDataRequest::seal(device.server, device.device, &token, &device.key));
    Ok(Some((identity.url, asked)))
}

fn written(folder: &Path, here: &Here, server: Option<&MyData>, page: &str) -> Result<(), HandbookError> {
    let told = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::StorageFull => HandbookError::Full,
        _ => HandbookError::NotWritable,
    };
    std::fs::create_dir_all(folder.join(FILES)).map_err(told)?;
    let laid_out = |of: serde_json::Result<serde_json::Value>| {
        of.and_then(|of| serde_json::to_vec_pretty(&of)).map_err(|_| HandbookError::Internal)
    };
    write(&folder.join(PAGE), page.as_bytes()).map_err(told)?;
    write(&folder.join(PHONE), &laid_out(serde_json::to_value(here))?).map_err(told)?;
    if let Some(server) = server {
        write(&folder.join(SERVER), &laid_out(serde_json::to_value(server))?).map_err(told)?;
    }
    Ok(())
}

/// For its owner alone, where the system knows such a thing.
fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(file)?, bytes)
}

/// A name that stays in its folder, whatever somebody called the file.
fn plain(name: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() || "._-".contains(letter) { letter } else { '_' };
    let name: String = name.chars().rev().take(80).map(plain).collect();
    name.chars().rev().collect::<String>().trim_start_matches('.').to_owned()
}
