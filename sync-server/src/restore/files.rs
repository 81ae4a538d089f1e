//! Backup and restore of a database file, as the command line does them.

use std::{
    fmt,
    fs::{hard_link, rename},
    path::{Path, PathBuf},
    sync::Arc,
};

use sotay_protocol::env::{Env, Timestamp};

use super::{
    FileLedger, Hold, Ledger, Note, beside,
    cut::{self, ASIDE},
    sync_folder,
};
use crate::{
    error::ServerError,
    server::Server,
    store::{
        Result as Stored,
        sqlite::{self, SqliteStore, Told},
    },
    vietnam,
};

/// Copies the store beside whoever uses it. The file has its name only when it is whole, synced and looked through;
/// one that stands there stays until then.
///
/// # Errors
/// A sentence; whatever stood under the name stands.
pub fn back_up(
    store: &SqliteStore,
    file: &Path,
    at: Timestamp,
    force: bool,
    told: &mut Told<'_>,
) -> Result<(), ServerError> {
    if file.exists() && !force {
        return Err(ServerError::refused(format!(
            "đã có tệp {}: chọn tên khác, hoặc thêm --force để ghi đè",
            file.display()
        )));
    }
    if store.file().is_some_and(|db| same(db, file)) {
        return Err(ServerError::refused("bản sao lưu phải là một tệp khác với tệp dữ liệu"));
    }
    let part = beside(file, ".part");
    store.back_up_into(&part, at, told)?;
    take_name(&part, file)?;
    Ok(())
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// When the backup was made, where it says so.
    pub backup_of: Option<Timestamp>,
    pub epoch: u64,
    /// Devices that were revoked after the backup, and stay so.
    pub revoked: usize,
    /// Rows and members that were purged after the backup, and are again.
    pub purged: u64,
    /// Where the database that stood here lies now.
    pub set_aside: Option<PathBuf>,
    pub ledger: PathBuf,
    /// Lines of the ledger that nobody can read.
    pub unreadable: usize,
}

/// Puts a backup in the place of the database `db`, which is set aside. All is done on a copy under another name; it
/// takes the name in one step, as a server of a new epoch that knows every revocation of the ledger. Cut short
/// anywhere, the old database stands or the new one does; what else lies there then, [`clear_up`](super::clear_up) clears
/// away.
///
/// # Errors
/// A sentence while anyone uses the database, or where the backup is none; nothing was changed then.
pub fn restore(
    db: &Path,
    from: &Path,
    env: &Arc<dyn Env>,
    told: &mut Told<'_>,
) -> Result<Restored, ServerError> {
    if !from.is_file() {
        return Err(ServerError::refused(format!("không có tệp {}", from.display())));
    }
    if same(db, from) {
        return Err(ServerError::refused("bản sao lưu phải là một tệp khác với tệp dữ liệu"));
    }
    let ledger = Arc::new(FileLedger::beside(db, Hold::alone(db)?));
    cut::clear_up_alone(db)?;
    let new = beside(db, cut::RESTORING);
    sqlite::copy_file(from, &new, told)?;
    let taken_over = last_words_into(&ledger, db, env.now()).and_then(|()| take_over(&new, &ledger, env));
    let TakenOver { backup_of, epoch, revoked, purged, unreadable } =
        taken_over.inspect_err(|_| sqlite::remove(&new))?;
    sqlite::seal(&new).inspect_err(|_| sqlite::remove(&new))?;
    let set_aside = db.exists().then(|| set_aside(db, env.now())).transpose()?;
    take_name(&new, db)?;
    Ok(Restored {
        backup_of,
        epoch,
        revoked,
        purged,
        set_aside,
        ledger: ledger.path().to_owned(),
        unreadable,
    })
}

/// The database that goes may know of revocations that its ledger lost, and has named an epoch. A damaged one says
/// nothing: it may be why somebody restores.
fn last_words_into(ledger: &Arc<FileLedger>, db: &Path, now: Timestamp) -> Result<(), ServerError> {
    if !db.exists() {
        return Ok(());
    }
    let (revoked, epoch) = match sqlite::last_words(db) {
        Ok(words) => words,
        Err(error) => {
            tracing::warn!(%error, "the database that is set aside cannot be read");
            return Ok(());
        }
    };
    let known = ledger.read().map_err(|error| super::no_ledger(&error, "đọc", ""))?;
    let missing = revoked.into_iter().filter(|of| !known.revoked.contains_key(&of.device)).map(Note::Revoked);
    let later = (epoch > known.epoch).then_some(Note::Epoch { epoch, at: now });
    for note in missing.chain(later) {
        ledger.note(&note).map_err(|error| super::no_ledger(&error, "ghi", ", chưa có gì thay đổi"))?;
    }
    Ok(())
}

struct TakenOver {
    backup_of: Option<Timestamp>,
    epoch: u64,
    revoked: usize,
    purged: u64,
    unreadable: usize,
}

fn take_over(new: &Path, ledger: &Arc<FileLedger>, env: &Arc<dyn Env>) -> Result<TakenOver, ServerError> {
    let store: Arc<dyn crate::store::Store> = Arc::new(SqliteStore::open(new)?);
    let backup_of = store.write_with(&[], |tx| {
        let marked = tx.backup_of()?;
        // A plain copy of a database is a backup too; it does not say of when.
        if marked.is_none() {
            tx.mark_backup(Some(Timestamp::MIN))?;
        }
        Ok(marked)
    })?;
    let (server, done) = Server::with_ledger(Arc::clone(&store), Arc::clone(env), Arc::clone(ledger) as _)?;
    // The copy has the backup's bytes, also those of what has just been purged.
    server.scrub()?;
    drop(server);
    let epoch = done.epoch.ok_or_else(|| ServerError::refused("the epoch did not begin"))?;
    let notes = ledger.read().map_err(|error| super::no_ledger(&error, "đọc", ""))?;
    Ok(TakenOver {
        backup_of,
        epoch,
        revoked: done.revoked,
        purged: done.purged,
        unreadable: notes.unreadable,
    })
}

/// Gives the database a second name, under which it stays; its own is then free to be taken. One that could not be
/// closed keeps its journal beside it.
fn set_aside(db: &Path, now: Timestamp) -> Stored<PathBuf> {
    let day = vietnam::clock(now).format("%Y%m%d-%H%M%S");
    let mut aside = beside(db, &format!("{ASIDE}{day}"));
    let mut nth = 2;
    while aside.exists() {
        aside = beside(db, &format!("{ASIDE}{day}-{nth}"));
        nth += 1;
    }
    let of_file = |error: std::io::Error| sqlite::of_file(&error, &aside);
    // Some file systems know no second names.
    hard_link(db, &aside).or_else(|_| std::fs::copy(db, &aside).map(drop)).map_err(of_file)?;
    sqlite::sync(&aside)?;
    for ending in ["-wal", "-shm"] {
        let journal = beside(db, ending);
        if journal.exists() {
            rename(&journal, beside(&aside, ending)).map_err(of_file)?;
        }
    }
    sync_folder(db).map_err(of_file)?;
    Ok(aside)
}

fn take_name(whole: &Path, name: &Path) -> Stored<()> {
    let taken = rename(whole, name).and_then(|()| sync_folder(name));
    taken.map_err(|error| {
        sqlite::remove(whole);
        sqlite::of_file(&error, name)
    })
}

fn same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

impl fmt::Display for Restored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = self.backup_of.map(|at| vietnam::clock(at).format(" lúc %H:%M ngày %d/%m/%Y").to_string());
        writeln!(f, "Đã phục hồi bản sao lưu{}.", of.unwrap_or_default())?;
        if let Some(aside) = &self.set_aside {
            writeln!(f, "Tệp dữ liệu trước đó được giữ tại {}.", aside.display())?;
        }
        match self.revoked {
            0 => writeln!(f, "Không có thiết bị nào bị thu hồi sau bản sao lưu.")?,
            some => writeln!(f, "{some} thiết bị bị thu hồi sau bản sao lưu vẫn bị thu hồi.")?,
        }
        if self.purged > 0 {
            writeln!(f, "{} mục đã xóa theo thời hạn lưu sau bản sao lưu đã được xóa lại.", self.purged)?;
        }
        if self.unreadable > 0 {
            writeln!(
                f,
                "Chú ý: {} dòng trong {} không đọc được; hãy xem lại các thiết bị đã thu hồi (sotay-server device list).",
                self.unreadable,
                self.ledger.display()
            )?;
        }
        write!(
            f,
            "Khi máy chủ chạy lại (sotay-server serve), mỗi điện thoại tự đọc lại và gửi lại những gì đã gửi từ sau bản \
             sao lưu; không ai mất dữ liệu, không phải kích hoạt lại. Riêng thiết bị được kích hoạt sau bản sao lưu cần \
             mã mới (sotay-server code …), dữ liệu trên máy vẫn giữ nguyên.\n\
             Những gì nhập, ban hành, chuyển sinh hoạt hoặc kết thúc chức vụ tại máy chủ sau bản sao lưu phải làm lại."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The old database is of a newer version: nobody here can read it, so its journal goes with it. The process dies when
    /// all is set aside and nothing has taken the name.
    #[test]
    fn a_restore_cut_before_its_last_step_leaves_the_old_database_with_its_journal_and_one_name() {
        let folder = tempfile::tempdir().unwrap();
        let db = folder.path().join("xa.db");
        let of = |name: &str| folder.path().join(name);
        for (name, words) in [
            ("xa.db", "dữ liệu"),
            ("xa.db-wal", "nhật ký"),
            ("xa.db.restoring", "bản mới"),
            ("xa.db.restoring-wal", ""),
            ("xa.db.truoc-phuc-hoi-20250101-000000", "lần trước"),
            ("xa.db.truoc-phuc-hoi-20250101-000000-wal", "nhật ký lần trước"),
        ] {
            std::fs::write(of(name), words).unwrap();
        }
        let aside = set_aside(&db, Timestamp::from_millis(1_764_765_000_000)).unwrap();
        assert!(!of("xa.db-wal").exists() && beside(&aside, "-wal").exists());

        assert_eq!(cut::clear_up(&db).unwrap(), Some(cut::Cut::OldStands));
        assert_eq!(std::fs::read_to_string(of("xa.db-wal")).unwrap(), "nhật ký");
        let names = std::fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<String> =
            names.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        let earlier = "xa.db.truoc-phuc-hoi-20250101-000000";
        let expected = ["xa.db", "xa.db-wal", "xa.db.lock", earlier, &format!("{earlier}-wal")];
        assert_eq!(names, expected, "what an earlier restore set aside stays");
        assert_eq!(cut::clear_up(&db).unwrap(), None);
    }

    #[test]
    fn what_another_restore_does_at_this_moment_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let db = folder.path().join("xa.db");
        std::fs::write(&db, "dữ liệu").unwrap();
        std::fs::write(beside(&db, cut::RESTORING), "bản mới").unwrap();
        let restoring = Hold::alone(&db).unwrap();
        assert_eq!(cut::clear_up(&db).unwrap(), None);
        assert!(beside(&db, cut::RESTORING).exists());
        drop(restoring);
        std::fs::remove_file(&db).unwrap();
        assert_eq!(cut::clear_up(&db).unwrap(), Some(cut::Cut::NothingStands));
        assert!(beside(&db, cut::RESTORING).exists(), "it may be all that there is");
    }
}
