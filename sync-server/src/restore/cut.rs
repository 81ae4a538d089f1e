//! A restore whose process was killed: what it left beside the database, and how that becomes one clear thing again.
//!
//! Until the last step, in which the new database takes the name, the old one stands under it, whole. Beside it may lie the
//! copy that was not finished; and once the old one has its second name, its journal may have been moved there already.
//! The second name is then taken away again and the journal brought back: a database used under two names would have two
//! journals, and be damaged by them.

use std::{
    fs::{read_dir, remove_file, rename},
    path::{Path, PathBuf},
};

use super::{Hold, beside, sync_folder};
use crate::store::{
    Result as Stored,
    sqlite::{self, of_file},
};

/// The copy that becomes the new database.
pub(super) const RESTORING: &str = ".restoring";
/// Behind the name of one that was set aside, before the time.
pub(super) const ASIDE: &str = ".truoc-phuc-hoi-";

/// What a restore that was killed had come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The old database stands as it was; what lay beside it is gone.
    OldStands,
    /// There was no database, and there is none now.
    NothingStands,
}

/// Looks for what a killed restore left beside `db`, and clears it away; `None` where there is nothing, or where a restore is
/// under way at this moment. Called before a database is opened.
///
/// # Errors
/// Where something cannot be cleared away.
pub fn clear_up(db: &Path) -> Stored<Option<Cut>> {
    if !beside(db, RESTORING).exists() && second_names(db).is_empty() {
        return Ok(None);
    }
    if !db.exists() {
        return Ok(Some(Cut::NothingStands));
    }
    // Whoever uses the database has cleared up before; a restore does it itself.
    let Ok(_alone) = Hold::alone(db) else { return Ok(None) };
    clear_up_alone(db)?;
    Ok(Some(Cut::OldStands))
}

/// The same for who holds the database alone.
pub(super) fn clear_up_alone(db: &Path) -> Stored<()> {
    for aside in second_names(db) {
        let (journal, own) = (beside(&aside, "-wal"), beside(db, "-wal"));
        let of_aside = |error: std::io::Error| of_file(&error, &aside);
        if journal.exists() && !own.exists() {
            rename(&journal, &own).map_err(of_aside)?;
        }
        // The journal's index is made anew from it.
        let _ = remove_file(beside(&aside, "-shm"));
        remove_file(&aside).map_err(of_aside)?;
    }
    sqlite::remove(&beside(db, RESTORING));
    sync_folder(db).map_err(|error| of_file(&error, db))
}

/// Names under which the database itself was to be set aside.
fn second_names(db: &Path) -> Vec<PathBuf> {
    let folder = db.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let start = beside(db, ASIDE);
    let start = start.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let files = read_dir(folder).into_iter().flatten().flatten();
    let aside = files.filter(|file| file.file_name().to_string_lossy().starts_with(&start));
    aside.map(|file| file.path()).filter(|path| is_one_file(path, db)).collect()
}

#[cfg(unix)]
fn is_one_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(one), Ok(other)) = (one.metadata(), other.metadata()) else { return false };
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// What cannot be told apart is left as it is.
#[cfg(not(unix))]
fn is_one_file(_: &Path, _: &Path) -> bool {
    false
}
