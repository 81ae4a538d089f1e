//! Dữ liệu của tôi: what is kept of this person, and all of it as files to take along.

use std::path::PathBuf;

use sotay_core::{handbook::HandbookError as Core, my_data as core};

use crate::{Handbook, HandbookError, runtime};

/// One kind of thing that is kept, in words.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct KeptLine {
    /// Stays the same whatever the words are.
    pub key: String,
    /// What it is.
    pub what: String,
    /// What it is kept for.
    pub why: String,
    /// Who sees it.
    pub who: String,
    /// What ends it, and after how long where the server has said so.
    pub until: String,
    /// How many on this phone.
    pub here: u64,
    /// How many at the server. Nothing where the server could not be asked.
    pub at_server: Option<u64>,
}

/// What came of an export.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MyDataExport {
    /// Things of this phone.
    pub here: u64,
    /// Things at the server, where it could be asked.
    pub at_server: Option<u64>,
    /// Files written.
    pub files: u64,
    /// Files that are not on this phone.
    pub files_missing: u64,
}

#[uniffi::export(async_runtime = "tokio")]
impl Handbook {
    /// All kinds of things that are kept of this person; the server is asked for its part, where it can be. Throws
    /// `NotEnrolled`.
    pub async fn my_data(&self) -> Result<Vec<KeptLine>, HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move {
            let server = match core.my_data_at_server().await {
                Ok(told) => Some(told),
                Err(Core::Offline | Core::ServerFault | Core::SyncRunning) => None,
                Err(error) => return Err(error),
            };
            Ok(core.my_data(server).await?.into_iter().map(Into::into).collect())
        })
        .await
    }

    /// Writes all of it into a folder, which is made: a page to read, JSON, and the files. Nothing protects it there: say so.
    /// Throws `NotEnrolled`, `NotWritable`, `Full`.
    pub async fn export_my_data(&self, folder: String) -> Result<MyDataExport, HandbookError> {
        let core = self.0.core()?;
        runtime::run(async move { Ok(core.export_my_data(PathBuf::from(folder)).await?.into()) }).await
    }
}

impl From<core::KeptLine> for KeptLine {
    fn from(of: core::KeptLine) -> Self {
        Self {
            key: of.key,
            what: of.what,
            why: of.why,
            who: of.who,
            until: of.until,
            here: of.here,
            at_server: of.at_server,
        }
    }
}

impl From<core::Exported> for MyDataExport {
    fn from(of: core::Exported) -> Self {
        Self { here: of.here, at_server: of.at_server, files: of.files, files_missing: of.files_missing }
    }
}
